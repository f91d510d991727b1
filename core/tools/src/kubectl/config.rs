//! `kubectl config`: looking at and changing kubeconfig files. Follows `k8s.io/kubectl/pkg/cmd/config`.

use drydock_machinery::sort::Arrange;
mod change;
mod contexts;
mod users;
mod view;

use super::kubeconfig::{Kubeconfig, SECTIONS};
use super::{Failure, root};
use crate::cli::{Command, Error, Invocation};
use drydock_machinery::{Value, value, yaml};

pub const COMMAND: Command = Command {
    name: "config",
    usage: "config SUBCOMMAND",
    short: "Modify kubeconfig files",
    long: "Modify kubeconfig files using subcommands like \"kubectl config set current-context my-context\".\n\n The loading order follows these rules:\n\n  1.  If the --kubeconfig flag is set, then only that file is loaded. The flag may only be set once and no merging takes place.\n  2.  If $KUBECONFIG environment variable is set, then it is used as a list of paths (normal path delimiting rules for your system). These paths are merged. When a value is modified, it is modified in the file that defines the stanza. When a value is created, it is created in the first file that exists. If no files in the chain exist, then it creates the last file in the list.\n  3.  Otherwise, ${HOME}/.kube/config is used and no merging takes place.",
    subcommands: &[
        &contexts::CURRENT_CONTEXT,
        &contexts::DELETE_CLUSTER,
        &contexts::DELETE_CONTEXT,
        &contexts::DELETE_USER,
        &contexts::GET_CLUSTERS,
        &contexts::GET_CONTEXTS,
        &contexts::GET_USERS,
        &contexts::RENAME_CONTEXT,
        &change::SET,
        &change::SET_CLUSTER,
        &change::SET_CONTEXT,
        &change::SET_CREDENTIALS,
        &change::UNSET,
        &contexts::USE_CONTEXT,
        &view::VIEW,
    ],
    run: root::group,
    ..Command::BASE
};

fn load(invocation: &mut Invocation<'_, '_>) -> Result<Kubeconfig, Failure> {
    Kubeconfig::load_to_change(invocation.sys, &invocation.flags)
}

/// Help on stdout and a complaint about the arguments, as these commands do.
fn unexpected(invocation: &mut Invocation<'_, '_>) -> Error {
    let help = invocation.help();
    invocation.print(&help);
    Error::new(format_args!("Unexpected args: [{}]", invocation.args.join(" ")))
}

/// An entry of a section, empty when there is none.
fn entry(config: &Value, section: &str, name: &str) -> Option<Value> {
    Kubeconfig::entry(config, section, name)
}

/// A copy with an entry's body set (or, for null, the entry removed); sorted by name.
fn with_entry(config: &Value, section: &str, name: &str, body: &Value) -> Value {
    let key = SECTIONS.iter().find(|s| s.0 == section).map_or("", |s| s.1);
    let mut entries: Vec<Value> =
        config[section].items().iter().filter(|e| e["name"] != name).cloned().collect();
    if !body.is_null() {
        entries.push(Value::from_entries(vec![("name".into(), name.into()), (key.into(), body.clone())]));
    }
    entries.arrange_by(|a, b| a["name"].text().cmp(b["name"].text()));
    config.with(section, entries)
}

/// The kubeconfig that holds an entry (or the current context), else the one for new things.
fn file_of(config: &Kubeconfig, holds: impl Fn(&Value) -> bool) -> String {
    let found = config.files.iter().find(|f| f.value.as_ref().is_some_and(&holds));
    found.map_or_else(|| config.default_file(), |f| f.path.clone())
}

/// Changes one file and writes it as client-go does.
fn write(
    invocation: &mut Invocation<'_, '_>,
    config: &Kubeconfig,
    path: &str,
    change: impl Fn(&Value) -> Value,
) -> Result<(), Failure> {
    let old = config.files.iter().find(|f| f.path == path).and_then(|f| f.value.clone());
    let changed = normal(&change(&old.unwrap_or_default()));
    if let Some((directory, _)) = path.rsplit_once('/')
        && !directory.is_empty()
    {
        // There it is or there it will be; a failure shows when the file is written.
        let _ = invocation.sys.mkdir(directory, 0o755);
    }
    invocation
        .sys
        .write_file(path, yaml::emit(&changed).as_bytes(), false)
        .map_err(|errno| Failure::Message(format!("open {path}: {errno}")))
}

/// The fields a kubeconfig always has.
fn normal(config: &Value) -> Value {
    let mut out = config.with("apiVersion", "v1").with("kind", "Config");
    for (section, _) in SECTIONS {
        if !out[section].is_list() || out[section].items().is_empty() {
            out = out.with(section, Value::Null);
        }
    }
    if out["current-context"].is_null() {
        out = out.with("current-context", "");
    }
    if out["preferences"].is_null() {
        out = out.with("preferences", Value::empty_map());
    }
    out
}

/// A kubeconfig with one cluster, user and context, as a laptop's first one.
#[must_use]
pub fn first(server: &str, user: &str, name: &str) -> Value {
    value!({
        "apiVersion": "v1", "kind": "Config", "preferences": {},
        "clusters": [{"name": name, "cluster": {"server": server}}],
        "users": [{"name": user, "user": {}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
        "current-context": name,
    })
}
