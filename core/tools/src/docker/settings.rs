//! `~/.docker/config.json`, contexts, and the flags that stand before the command: which daemon is
//! meant, who is logged in where, how lists are printed.
//!
//! Follows `docker/cli` 28's `cli/config` and `cli/context/store`. Left out: credential helpers, TLS.

use super::api::{Failure, SOCKET};
use super::root::{ROOT, STYLE};
use crate::cli::{Flags, parse_words};
use drydock_container::Sys;
use drydock_machinery::{Value, hash, json};

/// What the config file and the flags say.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Settings {
    /// `/home/learner/.docker`.
    pub folder: String,
    /// The config file; an empty map without one.
    pub config: Value,
    pub globals: Flags,
}

impl Settings {
    /// Reads the config file; complains of a broken one on stderr as docker does.
    pub fn load(sys: &mut Sys<'_>) -> Settings {
        let words: Vec<String> = sys.args().iter().skip(1).map(|a| a.to_string()).collect();
        let globals = parse_words(&ROOT, STYLE.global, &words).map(|p| p.flags).unwrap_or_default();
        let home = sys.env("HOME").map_or_else(|| "/root".to_string(), |h| h.to_string());
        let folder = match (globals.str("config"), sys.env("DOCKER_CONFIG")) {
            (given, _) if !given.is_empty() => given.to_string(),
            (_, Some(folder)) if !folder.is_empty() => folder.to_string(),
            _ => format!("{home}/.docker"),
        };
        let path = format!("{folder}/config.json");
        let config = match sys.read_file(&path) {
            Err(_) => Value::empty_map(),
            Ok(bytes) => match json::parse(&bytes) {
                Ok(value) if value.is_map() => value,
                Ok(_) => Value::empty_map(),
                Err(error) => {
                    sys.eprint(&format!("WARNING: Error parsing config file ({path}): {error}\n"));
                    Value::empty_map()
                }
            },
        };
        Settings { folder, config, globals }
    }
    /// Writes the config file, its folder with it.
    ///
    /// # Errors
    /// As mkdir(2) and open(2).
    pub fn save(&self, sys: &mut Sys<'_>) -> Result<(), Failure> {
        let path = format!("{}/config.json", self.folder);
        let failed = |e: drydock_container::Errno| {
            Failure::new(format!("Error saving credentials: open {path}: {}", e.text().to_lowercase()))
        };
        if sys.stat(&self.folder).is_err() {
            sys.mkdir(&self.folder, 0o700).map_err(failed)?;
        }
        let text = tabbed(&self.config);
        sys.write_file(&path, text.as_bytes(), false).map_err(failed)?;
        sys.chmod(&path, 0o600).map_err(failed)
    }
    /// A format set in the config file: `psFormat`, `imagesFormat`.
    #[must_use]
    pub fn format(&self, key: &str) -> &str {
        self.config[key].text()
    }
    /// The name of the context in use.
    #[must_use]
    pub fn context(&self, sys: &Sys<'_>) -> String {
        if !self.globals.str("context").is_empty() {
            return self.globals.str("context").into();
        }
        let set = |name: &str| sys.env(name).is_some_and(|v| !v.is_empty());
        if !self.globals.list("host").is_empty() || set("DOCKER_HOST") {
            return "default".into();
        }
        if let Some(context) = sys.env("DOCKER_CONTEXT").filter(|c| !c.is_empty()) {
            return context.to_string();
        }
        match self.config["currentContext"].text() {
            "" => "default".into(),
            name => name.into(),
        }
    }
    /// Where the daemon of the context in use listens.
    ///
    /// # Errors
    /// The context does not exist.
    pub fn host(&self, sys: &mut Sys<'_>) -> Result<String, Failure> {
        if let Some(host) = self.globals.list("host").last() {
            return Ok(with_scheme(host));
        }
        let context = self.context(sys);
        if context == "default" {
            let host = sys.env("DOCKER_HOST").map(|h| h.to_string()).filter(|h| !h.is_empty());
            return Ok(host.map_or_else(|| SOCKET.into(), |h| with_scheme(&h)));
        }
        let path = self.context_file(&context);
        let meta = sys.read_file(&path).ok().and_then(|b| json::parse(&b).ok()).ok_or_else(|| {
            Failure::new(format!(
                "Failed to initialize: unable to resolve docker endpoint: context \"{context}\": context not found: open {path}: no such file or directory"
            ))
        })?;
        Ok(meta["Endpoints"]["docker"]["Host"].text().to_string())
    }
    /// Where a context's description is kept.
    #[must_use]
    pub fn context_file(&self, name: &str) -> String {
        format!("{}/contexts/meta/{}/meta.json", self.folder, hash::sha256_hex(name.as_bytes()))
    }
    /// `X-Registry-Auth` for a registry: base64 of what `docker login` stored, `{}` otherwise.
    #[must_use]
    pub fn auth_header(&self, domain: &str) -> String {
        hash::base64_encode(json::to_string(&self.auth(domain)).as_bytes())
            .replace('+', "-")
            .replace('/', "_")
    }
    /// User name, password and address for a registry; an empty map for a stranger.
    #[must_use]
    pub fn auth(&self, domain: &str) -> Value {
        let key = auth_key(domain);
        let stored = self.config["auths"][key.as_str()]["auth"].text();
        let decoded = hash::base64_decode(stored).unwrap_or_default();
        let text = String::from_utf8_lossy(&decoded).into_owned();
        match text.split_once(':') {
            Some((user, password)) => drydock_machinery::value!({
                "username": user,
                "password": (password.trim_end_matches('\0')),
                "serveraddress": (key.as_str())
            }),
            None => Value::empty_map(),
        }
    }
}

/// Under which name a registry's login is stored.
#[must_use]
pub fn auth_key(domain: &str) -> String {
    match domain {
        "" | "docker.io" | "https://index.docker.io/v1/" | "index.docker.io" | "registry-1.docker.io" => {
            "https://index.docker.io/v1/".into()
        }
        other => other.into(),
    }
}

fn with_scheme(host: &str) -> String {
    if host.contains("://") {
        return host.into();
    }
    if host.contains(':') { format!("tcp://{host}") } else { format!("tcp://{host}:2375") }
}

/// JSON indented by tabs, as docker writes its own files.
#[must_use]
pub fn tabbed(value: &Value) -> String {
    let text = json::to_pretty(value);
    let line = |l: &str| {
        let blanks = l.len() - l.trim_start_matches(' ').len();
        // `to_pretty` may indent by two or four; the first indented line tells.
        (blanks, l.trim_start_matches(' ').to_string())
    };
    let lines: Vec<(usize, String)> = text.lines().map(line).collect();
    let unit = lines.iter().map(|l| l.0).filter(|n| *n > 0).min().unwrap_or(1);
    lines.iter().map(|(n, l)| "\t".repeat(n / unit) + l).collect::<Vec<_>>().join("\n")
}
