//! What the generators share: metadata, container names taken from images, ports, key=value pairs.

use drydock_machinery::{Value, names, value};

/// `metadata` of a generated object. The namespace is written only when one was asked for.
#[must_use]
pub fn metadata(name: &str, namespace: Option<&str>) -> Value {
    let base = value!({"creationTimestamp": null, "name": name});
    match namespace {
        Some(namespace) => base.with("namespace", namespace),
        None => base,
    }
}

/// A container's name from its image: the last path segment without tag and digest. `random` gives the
/// suffix that makes a name unique once characters had to be replaced.
pub fn container_name(image: &str, random: impl FnOnce() -> String) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    let name = last.split([':', '@']).next().unwrap_or(last);
    if name.contains(['_', '.']) {
        return format!("{}-{}", name.replace(['_', '.'], "-"), random());
    }
    name.into()
}

/// `strconv.ParseUint` on 16 bits, as ports are read.
///
/// # Errors
/// strconv's texts.
pub fn port_number(text: &str) -> Result<i64, String> {
    let quoted = drydock_machinery::quote::go(text);
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("strconv.ParseUint: parsing {quoted}: invalid syntax"));
    }
    match text.parse::<u16>() {
        Ok(port) => Ok(port.into()),
        Err(_) => Err(format!("strconv.ParseUint: parsing {quoted}: value out of range")),
    }
}

/// `80`, `80:8080` or `80:http` as a service port.
///
/// # Errors
/// kubectl's texts for a bad number or name.
pub fn service_port(text: &str) -> Result<Value, String> {
    let mut parts = text.split(':');
    let port = port_number(parts.next().unwrap_or_default())?;
    let target: Value = match parts.next() {
        None => port.into(),
        Some(target) => match target.parse::<i64>() {
            Ok(number) => {
                let faults = names::is_port_number(number);
                if !faults.is_empty() {
                    return Err(faults.join(","));
                }
                number.into()
            }
            Err(_) => {
                let faults = names::is_port_name(target);
                if !faults.is_empty() {
                    return Err(faults.join(","));
                }
                target.into()
            }
        },
    };
    let name = text.replacen(':', "-", usize::MAX);
    Ok(value!({"name": name, "port": port, "protocol": "TCP", "targetPort": target}))
}

/// Labels of `--labels=a=b,c=d` or of a selector written that way.
///
/// # Errors
/// `unexpected label spec: x`.
pub fn parse_labels(text: &str) -> Result<Value, String> {
    let mut labels = Value::empty_map();
    for pair in text.split(',').filter(|_| !text.is_empty()) {
        match pair.split_once('=') {
            Some((key, value)) if !key.is_empty() && !value.contains('=') => {
                let key_faults = names::is_qualified_name(key);
                if !key_faults.is_empty() {
                    return Err(format!("invalid label key {}: {}", quoted(key), key_faults.join("; ")));
                }
                let value_faults = names::is_label_value(value);
                if !value_faults.is_empty() {
                    return Err(format!(
                        "invalid label value: {}: {}",
                        quoted(value),
                        value_faults.join("; ")
                    ));
                }
                labels = labels.with(key, value);
            }
            _ => return Err(format!("unexpected label spec: {pair}")),
        }
    }
    Ok(labels)
}

fn quoted(text: &str) -> String {
    drydock_machinery::quote::go(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_are_named_after_images() {
        let name = |image| container_name(image, || "x1y2z".into());
        assert_eq!(name("nginx"), "nginx");
        assert_eq!(name("registry:5000/team/web:1.2@sha256:0"), "web");
        assert_eq!(name("team/my_app.v2:1"), "my-app-v2-x1y2z");
    }

    #[test]
    fn ports_as_strconv_reads_them() {
        assert_eq!(service_port("80:http").map(|p| p["targetPort"].clone()), Ok("http".into()));
        assert_eq!(service_port("abc"), Err("strconv.ParseUint: parsing \"abc\": invalid syntax".into()));
        assert_eq!(
            service_port("70000"),
            Err("strconv.ParseUint: parsing \"70000\": value out of range".into())
        );
    }
}
