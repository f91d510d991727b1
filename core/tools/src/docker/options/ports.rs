//! `-p`, `--expose`: port specifications. Follows `docker/go-connections` `nat`.

use std::collections::BTreeMap;

/// Container port (`80/tcp`) to its bindings (address, host port).
pub type Bindings = BTreeMap<String, Vec<(String, String)>>;

/// Reads one `-p` value into exposed ports and bindings.
///
/// # Errors
/// `invalid hostPort: 80x` and its like.
pub fn publish(text: &str, bindings: &mut Bindings) -> Result<(), String> {
    let spec = if text.contains('=') { long_form(text)? } else { text.to_string() };
    let parts: Vec<&str> = spec.split(':').collect();
    let (ip, host, container) = match parts.as_slice() {
        [container] => (String::new(), "", *container),
        [host, container] => (String::new(), *host, *container),
        [ip, host, container] => ((*ip).to_string(), *host, *container),
        [ip @ .., host, container] => (ip.join(":"), *host, *container),
        [] => (String::new(), "", ""),
    };
    let ip = ip.strip_prefix('[').and_then(|i| i.strip_suffix(']')).unwrap_or(&ip).to_string();
    let (container, protocol) = with_protocol(container)?;
    if !ip.is_empty() && ip.parse::<std::net::IpAddr>().is_err() {
        return Err(format!("invalid IP address: {ip}"));
    }
    if container.is_empty() {
        return Err(format!("no port specified: {spec}<empty>"));
    }
    let (from, to) = range(container).map_err(|_| format!("invalid containerPort: {container}"))?;
    let outside = if host.is_empty() {
        None
    } else {
        Some(range(host).map_err(|_| format!("invalid hostPort: {host}"))?)
    };
    if let Some((start, end)) = outside
        && end - start != to - from
        && to != from
    {
        return Err(format!("invalid ranges specified for container and host Ports: {container} and {host}"));
    }
    for step in 0..=(to - from) {
        let inside = format!("{}/{protocol}", from + step);
        let host = match outside {
            None => String::new(),
            // One port inside takes any of a range outside.
            Some((start, end)) if to == from && start != end => format!("{start}-{end}"),
            Some((start, _)) => (start + step).to_string(),
        };
        bindings.entry(inside).or_default().push((ip.clone(), host));
    }
    Ok(())
}

/// `target=80,published=8080,protocol=udp`.
fn long_form(text: &str) -> Result<String, String> {
    let (mut target, mut published, mut protocol) = ("", "", "tcp");
    for field in text.split(',') {
        match field.split_once('=') {
            Some(("target", value)) => target = value,
            Some(("published", value)) => published = value,
            Some(("protocol", value)) => protocol = value,
            Some((key, _)) if !key.is_empty() => {}
            _ => {
                return Err(format!("invalid publish opts format (should be name=value but got '{field}')"));
            }
        }
    }
    Ok(format!("{published}:{target}/{protocol}"))
}

fn with_protocol(text: &str) -> Result<(&str, String), String> {
    let mut parts = text.split('/');
    let (port, protocol) = (parts.next().unwrap_or(""), parts.next().unwrap_or("tcp"));
    if port.is_empty() {
        return Ok(("", String::new()));
    }
    let protocol = if protocol.is_empty() { "tcp".into() } else { protocol.to_lowercase() };
    if !["tcp", "udp", "sctp"].contains(&protocol.as_str()) {
        return Err(format!("invalid proto: {protocol}"));
    }
    Ok((port, protocol))
}

/// `80` or `7000-7002`; the error is Go's.
fn range(text: &str) -> Result<(u32, u32), String> {
    let number = |t: &str| -> Result<u32, String> {
        match t.parse::<u16>() {
            Ok(port) if t.bytes().all(|b| b.is_ascii_digit()) => Ok(port.into()),
            _ => {
                let digits = !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
                let why = if digits { "value out of range" } else { "invalid syntax" };
                Err(format!("strconv.ParseUint: parsing \"{t}\": {why}"))
            }
        }
    };
    let (from, to) = match text.split_once('-') {
        Some((from, to)) => (number(from)?, number(to)?),
        None => {
            let port = number(text)?;
            (port, port)
        }
    };
    if to < from {
        return Err(format!("invalid range specified for port: {text}"));
    }
    Ok((from, to))
}

/// The ports of one `--expose` value.
///
/// # Errors
/// `invalid range format for --expose: x, error: …`.
pub fn expose(text: &str) -> Result<Vec<String>, String> {
    if text.contains(':') {
        return Err(format!("invalid port format for --expose: {text}"));
    }
    let (port, protocol) = with_protocol(text)?;
    let (from, to) =
        range(port).map_err(|error| format!("invalid range format for --expose: {text}, error: {error}"))?;
    Ok((from..=to).map(|port| format!("{port}/{protocol}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<Bindings, String> {
        let mut bindings = Bindings::new();
        publish(text, &mut bindings).map(|()| bindings)
    }
    #[test]
    fn ports_as_typed() {
        assert_eq!(one("8888:80").unwrap()["80/tcp"], [(String::new(), "8888".to_string())]);
        assert_eq!(one("127.0.0.1::53/udp").unwrap()["53/udp"], [("127.0.0.1".into(), String::new())]);
        assert_eq!(one("7000-7002:7000-7002").unwrap().len(), 3);
        assert_eq!(one("[::1]:80:80").unwrap()["80/tcp"], [("::1".into(), "80".into())]);
        assert_eq!(one("8000-8010:80").unwrap()["80/tcp"], [(String::new(), "8000-8010".into())]);
        for (text, error) in [
            ("80x:80", "invalid hostPort: 80x"),
            ("99999:80", "invalid hostPort: 99999"),
            ("80:x", "invalid containerPort: x"),
            ("", "no port specified: <empty>"),
            (":", "no port specified: :<empty>"),
            ("80/foo", "invalid proto: foo"),
            ("1.2.3:80:80", "invalid IP address: 1.2.3"),
            ("a:b:c:d", "invalid IP address: a:b"),
            ("1-2:3-5", "invalid ranges specified for container and host Ports: 3-5 and 1-2"),
        ] {
            assert_eq!(one(text), Err(error.into()), "{text}");
        }
        assert_eq!(expose("100-101/udp").unwrap(), ["100/udp", "101/udp"]);
    }
}
