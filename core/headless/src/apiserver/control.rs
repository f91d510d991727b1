//! `--control`: a hand on simulated time, for tests that compare clients at equal moments. One command a
//! line over TCP on the loopback interface, one JSON line as the answer:
//!
//! `advance 2s` lets time pass, not beyond what is allowed; `until MS` goes to a moment; `allow MS` lets time
//! pass up to a moment while clients wait for something; `look` only answers.

use super::driver::{Driver, Hand};
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Longest line that is read.
const LINE_BYTES: usize = 256;

/// Serves the lines; gives the address.
pub async fn serve(listen: SocketAddr, driver: Driver) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let driver = driver.clone();
            // A hand that lets go ends its connection; nothing else depends on it.
            tokio::spawn(async move { _ = talk(socket, driver).await });
        }
    });
    Ok(address)
}

async fn talk(socket: TcpStream, driver: Driver) -> std::io::Result<()> {
    let (input, mut output) = socket.into_split();
    let mut lines = BufReader::new(input).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = match parse(&line) {
            Ok(hand) => match driver.hand(hand).await {
                Some(sight) => serde_json::json!({
                    "now": sight.now, "requests": sight.requests,
                    "streams": sight.streams, "quiet_ms": sight.quiet_ms,
                }),
                None => return Ok(()),
            },
            Err(why) => serde_json::json!({"error": why}),
        };
        output.write_all(format!("{answer}\n").as_bytes()).await?;
    }
    Ok(())
}

fn parse(line: &str) -> Result<Hand, String> {
    if line.len() > LINE_BYTES {
        return Err("line too long".into());
    }
    let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
    let moment = || rest.trim().parse::<u64>().map_err(|e| format!("{rest}: {e}"));
    match word {
        "advance" => duration(rest.trim()).map(Hand::Advance),
        "until" => moment().map(Hand::Until),
        "allow" => moment().map(Hand::Allow),
        "look" => Ok(Hand::Look),
        _ => Err(format!("{word}: not one of advance, until, allow, look")),
    }
}

/// `2s`, `1m30s`, or as sleep(1) takes it: `2`, `0.5`.
fn duration(text: &str) -> Result<u64, String> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Ok((seconds.max(0.0) * 1000.0) as u64);
    }
    let ms = drydock_machinery::time::parse_go_duration(text).map_err(|e| format!("{text}: {e}"))?;
    Ok(ms.max(0) as u64)
}
