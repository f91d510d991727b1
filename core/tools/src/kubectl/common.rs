//! Flags and small words that many verbs share.

use crate::cli::{Flag, Invocation};
use crate::kubectl::Failure;
use drydock_container::Sys;

/// `-f`, `-k`, `-R`.
pub const FILES: &[Flag] = &[
    Flag::slice("filename", 'f', "Filename, directory, or URL to files identifying the resource."),
    Flag::string(
        "kustomize",
        'k',
        "",
        "Process the kustomization directory. This flag can't be used together with -f or -R.",
    ),
    Flag::bool(
        "recursive",
        'R',
        false,
        "Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.",
    ),
];
pub const SELECTOR: &[Flag] = &[Flag::string(
    "selector",
    'l',
    "",
    "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.(e.g. -l key1=value1,key2=value2,key3 in (value3)). Matching objects must satisfy all of the specified label constraints.",
)];
pub const FIELD_SELECTOR: &[Flag] = &[Flag::string(
    "field-selector",
    '\0',
    "",
    "Selector (field query) to filter on, supports '=', '==', and '!='.(e.g. --field-selector key1=value1,key2=value2). The server only supports a limited number of field queries per type.",
)];
pub const ALL_NAMESPACES: &[Flag] = &[Flag::bool(
    "all-namespaces",
    'A',
    false,
    "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.",
)];
pub const ALL: &[Flag] = &[Flag::bool(
    "all",
    '\0',
    false,
    "Select all resources in the namespace of the specified resource types.",
)];
pub const DRY_RUN: &[Flag] = &[Flag::string(
    "dry-run",
    '\0',
    "none",
    "Must be \"none\", \"server\", or \"client\". If client strategy, only print the object that would be sent, without sending it. If server strategy, submit server-side request without persisting the resource.",
)
.alone("unchanged")];
pub const VALIDATE: &[Flag] = &[Flag::string(
    "validate",
    '\0',
    "strict",
    "Must be one of: strict (or true), warn, ignore (or false). What the server is asked to do with unknown or duplicate fields.",
)
.alone("strict")];
pub const LOCAL: &[Flag] = &[Flag::bool(
    "local",
    '\0',
    false,
    "If true, the command will NOT contact the api-server but run locally.",
)];
pub const CHUNK: &[Flag] = &[Flag::new(
    crate::cli::Kind::Int64,
    "chunk-size",
    '\0',
    "500",
    "Return large lists in chunks rather than all at once. Pass 0 to disable.",
)];
/// `--field-manager` with the verb's own default.
#[must_use]
pub const fn field_manager(default: &'static str) -> Flag {
    Flag::string("field-manager", '\0', default, "Name of the manager used to track field ownership.")
}

/// What `--dry-run` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DryRun {
    None,
    Client,
    Server,
}

impl DryRun {
    /// What is added after `created`, `configured` …
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            DryRun::None => "",
            DryRun::Client => " (dry run)",
            DryRun::Server => " (server dry run)",
        }
    }
}

/// Reads `--dry-run`.
///
/// # Errors
/// A value that is none of the strategies.
pub fn dry_run(invocation: &mut Invocation<'_, '_>) -> Result<DryRun, Failure> {
    let given = invocation.str("dry-run").to_string();
    match given.as_str() {
        "" | "none" | "false" => {
            if given == "false" {
                let line = old_dry_run(invocation, "none", "false");
                invocation.eprint(&line);
            }
            Ok(DryRun::None)
        }
        "client" => Ok(DryRun::Client),
        "server" => Ok(DryRun::Server),
        "unchanged" => {
            invocation.eprint(&klog_warning(
                invocation,
                "--dry-run is deprecated and can be replaced with --dry-run=client.",
            ));
            Ok(DryRun::Client)
        }
        "true" => {
            let line = old_dry_run(invocation, "client", "true");
            invocation.eprint(&line);
            Ok(DryRun::Client)
        }
        _ => {
            Err(format!("Invalid dry-run value ({given}). Must be \"none\", \"server\", or \"client\".")
                .into())
        }
    }
}

fn old_dry_run(invocation: &Invocation<'_, '_>, new: &str, old: &str) -> String {
    let text =
        format!("--dry-run={old} is deprecated (boolean value) and can be replaced with --dry-run={new}.");
    klog_warning(invocation, &text)
}

fn klog_warning(invocation: &Invocation<'_, '_>, text: &str) -> String {
    format!("{}{text}\n", super::client::klog_line(invocation.sys, 'W', "helpers.go:717"))
}

/// Five letters for a name that this side makes up. Drawn apart from the world's own chance, so that the
/// world goes on the same whichever client is used.
pub fn suffix(sys: &Sys<'_>) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let about = (u64::from(sys.pid) << 32) ^ sys.now();
    let letter = |place: u64| {
        let at = sys.machines.clock.chance(about ^ (place << 56), LETTERS.len() as u64);
        LETTERS.get(usize::try_from(at).unwrap_or(0)).copied().map_or('x', char::from)
    };
    (1..=5).map(letter).collect()
}
