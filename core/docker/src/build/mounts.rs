//! `RUN --mount=type=…`: what a step sees beside its root. Follows moby/buildkit
//! `instructions/commands_runmount.go`.

use drydock_machinery::quote;

/// Kinds of mounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    #[default]
    Bind,
    Cache,
    Tmpfs,
    Secret,
    Ssh,
}

/// One mount of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mount {
    pub kind: Kind,
    pub from: String,
    pub source: String,
    pub target: String,
    pub read_only: bool,
    pub id: String,
    pub required: bool,
    /// A secret as an environment variable.
    pub env: String,
    pub mode: Option<u16>,
    pub uid: u32,
    pub gid: u32,
}

/// Reads the value of one `--mount`.
///
/// # Errors
/// BuildKit's texts.
pub fn parse(text: &str) -> Result<Mount, String> {
    let mut mount = Mount { read_only: true, ..Mount::default() };
    for field in text.split(',') {
        let (key, value) = field.split_once('=').map_or((field, None), |(k, v)| (k, Some(v)));
        let key = key.to_ascii_lowercase();
        let Some(value) = value else {
            match &*key {
                "readonly" | "ro" => mount.read_only = true,
                "readwrite" | "rw" => mount.read_only = false,
                "required" => mount.required = true,
                _ => return Err(format!("invalid field '{field}' must be a key=value pair")),
            }
            continue;
        };
        let flag = || match &*value.to_ascii_lowercase() {
            "true" | "1" | "t" => Ok(true),
            "false" | "0" | "f" => Ok(false),
            _ => Err(format!("invalid value for {key}: {value}")),
        };
        let number = || value.parse().map_err(|_| format!("invalid value {value} for {key}"));
        match &*key {
            "type" => {
                mount.kind = match &*value.to_ascii_lowercase() {
                    "bind" => Kind::Bind,
                    "cache" => Kind::Cache,
                    "tmpfs" => Kind::Tmpfs,
                    "secret" => Kind::Secret,
                    "ssh" => Kind::Ssh,
                    _ => return Err(format!("unsupported mount type {}", quote::go(value))),
                };
                if matches!(mount.kind, Kind::Cache | Kind::Tmpfs) {
                    mount.read_only = false;
                }
            }
            "from" => mount.from = value.into(),
            "source" | "src" => mount.source = value.into(),
            "target" | "dst" | "destination" => mount.target = value.into(),
            "readonly" | "ro" => mount.read_only = flag()?,
            "readwrite" | "rw" => mount.read_only = !flag()?,
            "required" => mount.required = flag()?,
            "id" => mount.id = value.into(),
            "env" => mount.env = value.into(),
            "mode" => {
                let mode =
                    u16::from_str_radix(value, 8).map_err(|_| format!("invalid value {value} for mode"))?;
                mount.mode = Some(mode);
            }
            "uid" => mount.uid = number()?,
            "gid" => mount.gid = number()?,
            "sharing" if matches!(value, "shared" | "private" | "locked") => {}
            "sharing" => return Err(format!("unsupported sharing value {}", quote::go(value))),
            "size" => {}
            _ => return Err(format!("unexpected key '{key}' in '{field}'")),
        }
    }
    if mount.target.is_empty() {
        match mount.kind {
            Kind::Secret if !mount.id.is_empty() || !mount.env.is_empty() => {
                mount.target = format!("/run/secrets/{}", mount.id);
            }
            Kind::Secret => return Err("secret mount must have either id or env".into()),
            Kind::Ssh => mount.target = "/run/buildkit/ssh_agent.0".into(),
            _ => return Err("target for mount is required".into()),
        }
    }
    Ok(mount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_mounts_and_refuses_nonsense() {
        let cache = parse("type=cache,target=/c,id=x").unwrap();
        assert_eq!((cache.kind, cache.read_only, &*cache.target), (Kind::Cache, false, "/c"));
        assert!(parse("type=bind,source=a,target=/b,rw").is_ok_and(|m| !m.read_only));
        assert_eq!(parse("type=x,target=/").unwrap_err(), "unsupported mount type \"x\"");
        assert_eq!(parse("type=cache").unwrap_err(), "target for mount is required");
        assert_eq!(parse("type=secret,id=k").unwrap().target, "/run/secrets/k");
    }
}
