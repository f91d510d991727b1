//! `drydock apiserver`: the API server's door over HTTP, so that real clients can be pointed at it.
//! Plain HTTP on the loopback interface; simulated time follows the wall clock.

mod control;
mod docker;
mod driver;
mod http;
mod message;
mod portforward;
mod spdy;

use drydock_sandbox::{Config, Sandbox};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(clap::Args)]
pub struct Args {
    /// Address to serve on; loopback only.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where to write a kubeconfig for clients.
    #[arg(long, value_name = "PATH")]
    kubeconfig: PathBuf,
    /// A script to run in the world first, as `drydock run` does.
    #[arg(long, value_name = "FILE")]
    script: Option<String>,
    /// Simulated seconds per second, or `max`.
    #[arg(long, default_value = "1")]
    speed: String,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Address to serve the laptop's container engine on; loopback only. For `DOCKER_HOST=tcp://…`.
    #[arg(long, value_name = "ADDRESS")]
    docker_listen: Option<SocketAddr>,
    /// Serve a hand on simulated time on this loopback address; time then stands still otherwise.
    #[arg(long, value_name = "ADDRESS")]
    control: Option<SocketAddr>,
}

pub fn main(args: &Args) -> Result<ExitCode, String> {
    for address in std::iter::once(&args.listen).chain(&args.control).chain(&args.docker_listen) {
        if !address.ip().is_loopback() {
            return Err(format!("{address}: only loopback addresses are served"));
        }
    }
    let speed = match args.speed.as_str() {
        _ if args.control.is_some() => driver::Speed::Held,
        "max" => driver::Speed::Max,
        n => driver::Speed::Times(
            n.parse()
                .ok()
                .filter(|n: &f64| n.is_finite() && *n >= 0.0)
                .ok_or(format!("--speed {n}: not a number"))?,
        ),
    };
    let script = args.script.as_deref().map(super::read_text).transpose()?.unwrap_or_default();
    let sandbox = prepared(args, &script)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| format!("runtime: {e}"))?;
    runtime.block_on(serve(args, sandbox.experiment(), speed))
}

/// The world after its script. Clients compare its times with their own clock, so that its present is theirs;
/// one whose time is moved by hand begins when every world does.
fn prepared(args: &Args, script: &str) -> Result<Sandbox, String> {
    let mut config = Config { seed: args.seed, ..Config::default() };
    let play = |config: &Config| {
        let mut sandbox = Sandbox::with(config.clone());
        super::run::play(&mut sandbox, script, 1_000, |_, _| Ok(())).map(|()| sandbox)
    };
    let sandbox = play(&config)?;
    if args.control.is_some() {
        return Ok(sandbox);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|e| e.to_string())?.as_secs();
    config.epoch = i64::try_from(now).map_err(|e| e.to_string())? - (sandbox.unix() - config.epoch);
    play(&config)
}

async fn serve(args: &Args, world: drydock_sandbox::World, speed: driver::Speed) -> Result<ExitCode, String> {
    let listener =
        tokio::net::TcpListener::bind(args.listen).await.map_err(|e| format!("{}: {e}", args.listen))?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let server = format!("http://{address}");
    let config = drydock_tools::kubeconfig_for(&server);
    std::fs::write(&args.kubeconfig, config).map_err(|e| format!("{}: {e}", args.kubeconfig.display()))?;
    let driver = driver::start(world, speed);
    let mut ready =
        serde_json::json!({"apiserver": server, "kubeconfig": args.kubeconfig.display().to_string()});
    if let (Some(listen), Some(ready)) = (args.control, ready.as_object_mut()) {
        let address = control::serve(listen, driver.clone()).await.map_err(|e| format!("{listen}: {e}"))?;
        ready.insert("control".into(), address.to_string().into());
    }
    if let (Some(address), Some(ready)) = (args.docker_listen, ready.as_object_mut()) {
        let listener = tokio::net::TcpListener::bind(address).await.map_err(|e| format!("{address}: {e}"))?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        ready.insert("docker".into(), format!("tcp://{address}").into());
        let app = axum::Router::new().fallback(docker::answer).with_state(driver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
    }
    println!("{ready}");
    let stop = async {
        let Ok(mut term) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
            return;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    let app = axum::Router::new().fallback(http::answer).with_state(driver);
    tokio::select! {
        result = axum::serve(listener, app).into_future() => result.map_err(|e| e.to_string())?,
        () = stop => {}
    }
    Ok(ExitCode::SUCCESS)
}
