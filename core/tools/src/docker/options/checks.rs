//! What values of flags are refused as they are read, in the client's words.

/// `-e`.
///
/// # Errors
/// `invalid environment variable: =x`.
pub fn variable(text: &str) -> Result<(), String> {
    if text.is_empty() || text.starts_with('=') {
        return Err(format!("invalid environment variable: {text}"));
    }
    Ok(())
}

/// `--label`.
///
/// # Errors
/// `invalid label '=x': empty name`.
pub fn label(text: &str) -> Result<(), String> {
    let key = text.split('=').next().unwrap_or("");
    if key.is_empty() {
        return Err(format!("invalid label '{text}': empty name"));
    }
    if key.contains(char::is_whitespace) {
        return Err(format!("label '{key}' contains whitespaces"));
    }
    Ok(())
}

/// `--filter`.
///
/// # Errors
/// `bad format of filter (expected name=value)`.
pub fn filter(text: &str) -> Result<(), String> {
    if text.is_empty() || text.contains('=') {
        return Ok(());
    }
    Err("bad format of filter (expected name=value)".into())
}

/// `--attach`.
///
/// # Errors
/// Anything but the three streams.
pub fn attach(text: &str) -> Result<(), String> {
    match text.to_lowercase().as_str() {
        "stdin" | "stdout" | "stderr" => Ok(()),
        _ => Err("valid streams are STDIN, STDOUT and STDERR".into()),
    }
}

/// `--add-host`.
///
/// # Errors
/// `bad format for add-host: "x"`.
pub fn host(text: &str) -> Result<(), String> {
    let Some((name, address)) = split_host(text) else {
        return Err(format!("bad format for add-host: \"{text}\""));
    };
    let _ = name;
    if address == "host-gateway" || address.parse::<std::net::IpAddr>().is_ok() {
        return Ok(());
    }
    Err(format!("invalid IP address in add-host: \"{address}\""))
}

/// Name and address of an `--add-host`.
#[must_use]
pub fn split_host(text: &str) -> Option<(&str, &str)> {
    let (name, address) = text.split_once('=').or_else(|| text.split_once(':'))?;
    let address = address.strip_prefix('[').and_then(|a| a.strip_suffix(']')).unwrap_or(address);
    if name.is_empty() { None } else { Some((name, address)) }
}

/// `--link`.
///
/// # Errors
/// `bad format for links: a:b:c`.
pub fn link(text: &str) -> Result<(), String> {
    let parts = text.split(':').count();
    if text.is_empty() || parts > 2 {
        return Err(format!("bad format for links: {text}"));
    }
    Ok(())
}

/// `--dns`.
///
/// # Errors
/// `IP address is not correctly formatted: x`.
pub fn address(text: &str) -> Result<(), String> {
    match text.trim().parse::<std::net::IpAddr>() {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("IP address is not correctly formatted: {text}")),
    }
}

/// `--dns-search`.
///
/// # Errors
/// `a b is not a valid domain`.
pub fn domain(text: &str) -> Result<(), String> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if text == "." || (!text.is_empty() && text.chars().all(fine) && text.contains(char::is_alphabetic)) {
        return Ok(());
    }
    Err(format!("{text} is not a valid domain"))
}

/// `--sysctl`.
///
/// # Errors
/// `sysctl 'a.b=1' is not allowed`.
pub fn sysctl(text: &str) -> Result<(), String> {
    const ALLOWED: &[&str] = &[
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.sem",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
    ];
    let Some((key, _)) = text.split_once('=') else {
        return Err(format!("sysctl '{text}' is not allowed"));
    };
    if ALLOWED.contains(&key) || key.starts_with("net.") || key.starts_with("fs.mqueue.") {
        return Ok(());
    }
    Err(format!("sysctl '{text}' is not allowed"))
}

/// `--ulimit`.
///
/// # Errors
/// `invalid ulimit argument: x`, `invalid ulimit type: foo`.
pub fn ulimit(text: &str) -> Result<(), String> {
    parse_ulimit(text).map(|_| ())
}

/// Name, soft and hard limit.
///
/// # Errors
/// As [`ulimit`].
pub fn parse_ulimit(text: &str) -> Result<(String, i64, i64), String> {
    const NAMES: &[&str] = &[
        "core",
        "cpu",
        "data",
        "fsize",
        "locks",
        "memlock",
        "msgqueue",
        "nice",
        "nofile",
        "nproc",
        "rss",
        "rtprio",
        "rttime",
        "sigpending",
        "stack",
    ];
    let Some((name, limits)) = text.split_once('=') else {
        return Err(format!("invalid ulimit argument: {text}"));
    };
    if !NAMES.contains(&name) {
        return Err(format!("invalid ulimit type: {name}"));
    }
    let parts: Vec<&str> = limits.split(':').collect();
    let number =
        |t: &str| t.parse::<i64>().map_err(|_| format!("strconv.ParseInt: parsing \"{t}\": invalid syntax"));
    let (soft, hard) = match parts.as_slice() {
        [both] => (number(both)?, number(both)?),
        [soft, hard] => (number(soft)?, number(hard)?),
        _ => {
            return Err(format!(
                "too many limit value arguments - {limits}, can only have up to two, `soft[:hard]`"
            ));
        }
    };
    if hard != -1 && soft > hard {
        return Err(format!("ulimit soft limit must be less than or equal to hard limit: {soft} > {hard}"));
    }
    Ok((name.into(), soft, hard))
}

/// `--cpus`.
///
/// # Errors
/// `failed to parse x as a rational number`.
pub fn cpus(text: &str) -> Result<(), String> {
    crate::docker::units::parse_cpus(text).map(|_| ())
}

/// `--blkio-weight`: a `uint16`.
///
/// # Errors
/// Go's.
pub fn uint16(text: &str) -> Result<(), String> {
    match text.parse::<u16>() {
        Ok(_) => Ok(()),
        Err(_) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            Err(format!("strconv.ParseUint: parsing \"{text}\": value out of range"))
        }
        Err(_) => Err(format!("strconv.ParseUint: parsing \"{text}\": invalid syntax")),
    }
}

/// `--gpus`.
///
/// # Errors
/// `unexpected key 'x' in 'x=y'`.
pub fn gpus(text: &str) -> Result<(), String> {
    for field in text.split(',') {
        match field.split_once('=') {
            None if field == "all" || field.parse::<i64>().is_ok() => {}
            None => {
                return Err(format!(
                    "invalid count ({field}): value must be either \"all\" or an integer: strconv.Atoi: parsing \"{field}\": invalid syntax"
                ));
            }
            Some(("driver" | "count" | "device" | "capabilities" | "options", _)) => {}
            Some((key, _)) => return Err(format!("unexpected key '{key}' in '{field}'")),
        }
    }
    Ok(())
}

/// `--network`.
///
/// # Errors
/// `invalid field key a:b`.
pub fn network(text: &str) -> Result<(), String> {
    super::networks::parse(text).map(|_| ())
}

/// `--mount`.
///
/// # Errors
/// `target is required` and its like.
pub fn mount(text: &str) -> Result<(), String> {
    super::mounts::parse(text).map(|_| ())
}
