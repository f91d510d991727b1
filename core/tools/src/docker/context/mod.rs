//! `docker context`: which daemon is meant. Contexts live in `~/.docker/contexts`.
//!
//! Left out: TLS material, `export` and `import`.

use drydock_machinery::sort::Arrange;
pub mod create;
pub mod inspect;
pub mod list;
pub mod rm;
pub mod show;
pub mod use_;

use super::api::SOCKET;
use super::settings::Settings;
use super::usage;
use crate::cli::{Command, Error};
use drydock_container::Sys;
use drydock_machinery::{Value, json};

pub const COMMAND: Command = Command {
    name: "context",
    usage: "COMMAND",
    short: "Manage contexts",
    subcommands: &[
        &create::COMMAND,
        &inspect::COMMAND,
        &list::COMMAND,
        &rm::COMMAND,
        &show::COMMAND,
        &use_::COMMAND,
    ],
    run: usage::group,
    ..Command::BASE
};

/// One context: its name, what it is for, where its daemon listens.
pub struct Context {
    pub name: String,
    pub description: String,
    pub host: String,
}

/// All contexts, `default` first, the others by name.
pub fn all(sys: &mut Sys<'_>, settings: &Settings) -> Vec<Context> {
    let host = sys.env("DOCKER_HOST").map(|h| h.to_string()).filter(|h| !h.is_empty());
    let mut out = vec![Context {
        name: "default".into(),
        description: "Current DOCKER_HOST based configuration".into(),
        host: host.unwrap_or_else(|| SOCKET.into()),
    }];
    let folder = format!("{}/contexts/meta", settings.folder);
    let mut others: Vec<Context> = Vec::new();
    for entry in sys.list(&folder).unwrap_or_default() {
        let Some(meta) = read(sys, &format!("{folder}/{entry}/meta.json")) else { continue };
        others.push(Context {
            name: meta["Name"].text().into(),
            description: meta["Metadata"]["Description"].text().into(),
            host: meta["Endpoints"]["docker"]["Host"].text().into(),
        });
    }
    others.arrange_by(|a, b| a.name.cmp(&b.name));
    out.extend(others);
    out
}

fn read(sys: &mut Sys<'_>, path: &str) -> Option<Value> {
    sys.read_file(path).ok().and_then(|bytes| json::parse(&bytes).ok())
}

/// Names start with a letter or digit and go on with those, `_`, `.`, `+` and `-`.
///
/// # Errors
/// `context name "x" is invalid, …`.
pub fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty() {
        return Err(Error::raw("context name cannot be empty\n"));
    }
    let fine = |c: char| c.is_ascii_alphanumeric() || "_.+-".contains(c);
    if name.len() > 1 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(fine) {
        return Ok(());
    }
    Err(Error::raw(format!(
        "context name \"{name}\" is invalid, names are validated against regexp \"^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$\"\n"
    )))
}

/// That there is no such context.
#[must_use]
pub fn not_found(settings: &Settings, name: &str) -> Error {
    Error::raw(format!(
        "context \"{name}\": context not found: open {}: no such file or directory\n",
        settings.context_file(name)
    ))
}
