//! The whole body of `POST /containers/create`.

use super::{host, mounts, networks, ports, variables};
use crate::cli::Flags;
use drydock_container::Sys;
use drydock_machinery::time::parse_go_nanos;
use drydock_machinery::{Value, value};

/// The document for `image` and the words after it. Both `run` and `create` attach as asked; `run -d`
/// attaches nothing.
///
/// # Errors
/// Whatever the client refuses before it asks the daemon; exit code 125.
pub fn create_body(sys: &mut Sys<'_>, flags: &Flags, image: &str, words: &[String]) -> Result<Value, String> {
    let wanted: Vec<String> = flags.list("attach").iter().map(|a| a.to_lowercase()).collect();
    let interactive = flags.bool("interactive");
    let attached = |stream: &str| {
        if wanted.is_empty() { stream != "stdin" || interactive } else { wanted.iter().any(|w| w == stream) }
    };
    if flags.changed("mac-address") && !is_mac(flags.str("mac-address")) {
        return Err(format!("{} is not a valid mac address", flags.str("mac-address")));
    }
    let mut bindings = ports::Bindings::new();
    for spec in flags.list("publish") {
        ports::publish(&spec, &mut bindings)?;
    }
    let mut exposed: Vec<String> = bindings.keys().cloned().collect();
    for spec in flags.list("expose") {
        exposed.extend(ports::expose(&spec)?);
    }
    let exposed: Value = exposed.iter().map(|p| (p.as_str(), Value::empty_map())).collect();
    let (mode, endpoints) = networks::endpoints(flags)?;
    let (_, volumes) = mounts::volumes(sys, &flags.list("volume"))?;
    let environment = variables::environment(sys, &flags.list("env-file"), &flags.list("env"))?;
    let labels = variables::labels(sys, &flags.list("label-file"), &flags.list("label"))?;
    let host = host::host_config(sys, flags, &bindings, &mode)?;
    let detached = flags.has("detach") && flags.bool("detach");
    let texts = |items: &[String]| -> Value {
        if items.is_empty() { Value::Null } else { items.iter().map(Value::from).collect() }
    };
    let entrypoint =
        if flags.changed("entrypoint") { value!([(flags.str("entrypoint"))]) } else { Value::Null };
    let mut body = value!({
        "Hostname": (flags.str("hostname")), "Domainname": (flags.str("domainname")), "User": (flags.str("user")),
        "AttachStdin": (attached("stdin") && !detached), "AttachStdout": (attached("stdout") && !detached),
        "AttachStderr": (attached("stderr") && !detached), "Tty": (flags.bool("tty")), "OpenStdin": interactive,
        "StdinOnce": (interactive && attached("stdin") && !detached), "Env": (texts(&environment)),
        "Cmd": (texts(words)), "Image": image, "Volumes": (volumes), "WorkingDir": (flags.str("workdir")),
        "Entrypoint": (entrypoint), "OnBuild": null, "Labels": (labels), "HostConfig": (host),
        "NetworkingConfig": {"EndpointsConfig": (endpoints)}
    });
    if !exposed.is_empty() {
        body = body.with("ExposedPorts", exposed);
    }
    if let Some(check) = health_check(flags)? {
        body = body.with("Healthcheck", check);
    }
    if flags.changed("stop-signal") {
        body = body.with("StopSignal", flags.str("stop-signal"));
    }
    if flags.changed("stop-timeout") {
        body = body.with("StopTimeout", flags.int("stop-timeout"));
    }
    Ok(body)
}

fn health_check(flags: &Flags) -> Result<Option<Value>, String> {
    const TIMES: [(&str, &str); 4] = [
        ("health-interval", "Interval"),
        ("health-timeout", "Timeout"),
        ("health-start-period", "StartPeriod"),
        ("health-start-interval", "StartInterval"),
    ];
    let command = flags.str("health-cmd");
    let given = !command.is_empty()
        || flags.int("health-retries") != 0
        || TIMES.iter().any(|(flag, _)| parse_go_nanos(flags.str(flag)).unwrap_or(0) != 0);
    if flags.bool("no-healthcheck") {
        if given {
            return Err("--no-healthcheck conflicts with --health-* options".into());
        }
        return Ok(Some(value!({"Test": ["NONE"]})));
    }
    if !given {
        return Ok(None);
    }
    let mut check = Value::empty_map();
    if !command.is_empty() {
        check = check.with("Test", value!(["CMD-SHELL", command]));
    }
    for (flag, field) in TIMES {
        let nanos = parse_go_nanos(flags.str(flag)).unwrap_or(0);
        if nanos < 0 {
            return Err(format!("--{flag} cannot be negative"));
        }
        if nanos != 0 {
            check = check.with(field, nanos);
        }
    }
    if flags.int("health-retries") < 0 {
        return Err("--health-retries cannot be negative".into());
    }
    if flags.int("health-retries") > 0 {
        check = check.with("Retries", flags.int("health-retries"));
    }
    Ok(Some(check))
}

fn is_mac(text: &str) -> bool {
    let parts: Vec<&str> = text.split([':', '-']).collect();
    parts.len() == 6 && parts.iter().all(|p| p.len() == 2 && p.bytes().all(|b| b.is_ascii_hexdigit()))
}
