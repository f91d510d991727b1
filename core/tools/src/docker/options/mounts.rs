//! `--mount`, `-v`, `--tmpfs`: what gets mounted where.

use crate::docker::units;
use drydock_container::Sys;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, value};

/// Reads one `--mount` value into a `Mount` document.
///
/// # Errors
/// `target is required`, `unexpected key 'zz' in 'zz=1'`, …
pub fn parse(text: &str) -> Result<Value, String> {
    let (mut kind, mut source, mut target) = ("volume".to_string(), String::new(), String::new());
    let (mut read_only, mut consistency) = (false, String::new());
    let (mut bind, mut volume, mut tmpfs) = (Value::empty_map(), Value::empty_map(), Value::empty_map());
    for field in csv(text) {
        let (key, value) = match field.split_once('=') {
            Some((key, value)) => (key.to_lowercase(), Some(value)),
            None => (field.to_lowercase(), None),
        };
        match (key.as_str(), value) {
            ("readonly" | "ro", None) => read_only = true,
            ("volume-nocopy", None) => volume = volume.with("NoCopy", true),
            ("bind-nonrecursive", None) => bind = bind.with("NonRecursive", true),
            (_, None) => return Err(format!("invalid field '{field}' must be a key=value pair")),
            ("type", Some(value)) => kind = value.to_lowercase(),
            ("source" | "src", Some(value)) => source = value.into(),
            ("target" | "destination" | "dst", Some(value)) => target = value.into(),
            ("readonly" | "ro", Some(value)) => read_only = truth("readonly", value)?,
            ("consistency", Some(value)) => consistency = value.to_lowercase(),
            ("bind-propagation", Some(value)) => bind = bind.with("Propagation", value.to_lowercase()),
            ("bind-nonrecursive", Some(value)) => {
                bind = bind.with("NonRecursive", truth("bind-nonrecursive", value)?);
            }
            ("bind-recursive", Some(_)) => {}
            ("volume-subpath", Some(value)) => volume = volume.with("Subpath", value),
            ("volume-nocopy", Some(value)) => volume = volume.with("NoCopy", truth("volume-nocopy", value)?),
            ("volume-label", Some(value)) => {
                let (k, v) = value.split_once('=').unwrap_or((value, ""));
                volume = volume.with("Labels", volume["Labels"].with(k, v));
            }
            ("volume-driver", Some(value)) => {
                volume = volume.with("DriverConfig", volume["DriverConfig"].with("Name", value));
            }
            ("volume-opt", Some(value)) => {
                let (k, v) = value.split_once('=').unwrap_or((value, ""));
                let options = volume["DriverConfig"]["Options"].with(k, v);
                volume = volume.with("DriverConfig", volume["DriverConfig"].with("Options", options));
            }
            ("image-subpath", Some(_)) => {}
            ("tmpfs-size", Some(value)) => {
                let bytes = units::parse_memory(value)
                    .map_err(|_| format!("invalid value for tmpfs-size: {value}"))?;
                tmpfs = tmpfs.with("SizeBytes", bytes);
            }
            ("tmpfs-mode", Some(value)) => {
                let mode = i64::from_str_radix(value, 8)
                    .map_err(|_| format!("invalid value for tmpfs-mode: {value}"))?;
                tmpfs = tmpfs.with("Mode", mode);
            }
            (key, Some(_)) => return Err(format!("unexpected key '{key}' in '{field}'")),
        }
    }
    if kind.is_empty() {
        return Err("type is required".into());
    }
    if target.is_empty() {
        return Err("target is required".into());
    }
    for (options, owner) in [(&bind, "bind"), (&volume, "volume"), (&tmpfs, "tmpfs")] {
        if !options.is_empty() && kind != owner {
            return Err(format!("cannot mix '{owner}-*' options with mount type '{kind}'"));
        }
    }
    let mut mount = value!({"Type": (kind), "Target": (target)});
    let options = [("BindOptions", bind), ("VolumeOptions", volume), ("TmpfsOptions", tmpfs)];
    for (key, value) in
        [("Source", source), ("Consistency", consistency)].into_iter().filter(|(_, v)| !v.is_empty())
    {
        mount = mount.with(key, value);
    }
    for (key, value) in options.into_iter().filter(|(_, v)| !v.is_empty()) {
        mount = mount.with(key, value);
    }
    Ok(if read_only { mount.with("ReadOnly", true) } else { mount })
}

fn truth(key: &str, value: &str) -> Result<bool, String> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(format!("invalid value for {key}: {value}")),
    }
}

fn csv(text: &str) -> Vec<String> {
    let (mut out, mut item, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(std::mem::take(&mut item)),
            c => item.push(c),
        }
    }
    out.push(item);
    out
}

/// A bind mount's relative source (`.`, `./x`) becomes absolute.
#[must_use]
pub fn absolute(sys: &Sys<'_>, mount: &Value) -> Value {
    let source = mount["Source"].text();
    if mount["Type"] != "bind" || !source.starts_with('.') {
        return mount.clone();
    }
    mount.with("Source", from_here(sys, source))
}

/// The `-v` values: those with a source are binds, the others anonymous volumes.
///
/// # Errors
/// `invalid empty volume spec`, `invalid spec: :/a: empty section between colons`.
pub fn volumes(sys: &Sys<'_>, given: &[String]) -> Result<(Vec<String>, Value), String> {
    let (mut binds, mut anonymous) = (Vec::new(), Value::empty_map());
    for spec in given {
        if spec.is_empty() {
            return Err("invalid empty volume spec".into());
        }
        if spec.chars().count() <= 2 {
            anonymous = anonymous.with(spec.as_str(), Value::empty_map());
            continue;
        }
        let Some((source, rest)) = spec.split_once(':') else {
            anonymous = anonymous.with(spec.as_str(), Value::empty_map());
            continue;
        };
        if source.is_empty() {
            return Err(format!("invalid spec: {spec}: empty section between colons"));
        }
        binds.push(if source.starts_with('.') {
            format!("{}:{rest}", from_here(sys, source))
        } else {
            spec.clone()
        });
    }
    binds.arrange();
    Ok((binds, anonymous))
}

/// An absolute, clean path.
fn from_here(sys: &Sys<'_>, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_string() } else { format!("{}/{path}", sys.cwd()) };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_as_the_real_client_sends_them() {
        let sent = |t: &str| parse(t).map(|v| drydock_machinery::json::to_string(&v));
        assert_eq!(
            sent("type=volume,src=vv,dst=/v,readonly").unwrap(),
            r#"{"ReadOnly":true,"Source":"vv","Target":"/v","Type":"volume"}"#
        );
        assert_eq!(
            sent("type=tmpfs,dst=/t,tmpfs-size=64m,tmpfs-mode=1777").unwrap(),
            r#"{"Target":"/t","TmpfsOptions":{"Mode":1023,"SizeBytes":67108864},"Type":"tmpfs"}"#
        );
        assert_eq!(sent("type=bind"), Err("target is required".into()));
        assert_eq!(sent("foo"), Err("invalid field 'foo' must be a key=value pair".into()));
        assert_eq!(
            sent("type=bind,src=/a,dst=/x,volume-nocopy"),
            Err("cannot mix 'volume-*' options with mount type 'bind'".into())
        );
    }
}
