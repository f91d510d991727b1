//! The root command: groups of verbs as `kubectl` lists them, global flags, and the words for lines
//! that cannot be understood.

use crate::cli::{self, Command, Error, Flag, Flow, Kind, Style};

/// The verbs in kubectl's own order, which is also the order of "Did you mean this?".
#[rustfmt::skip]
pub const GROUPS: &[(&str, &[&Command])] = &[
    ("Basic Commands (Beginner):", &[
        &super::create::COMMAND,
        &super::expose::COMMAND,
        &super::run::COMMAND,
        &super::set::COMMAND,
    ]),
    ("Basic Commands (Intermediate):", &[
        &super::explain::COMMAND,
        &super::get::COMMAND,
        &super::edit::COMMAND,
        &super::delete::COMMAND,
    ]),
    ("Deploy Commands:", &[
        &super::rollout::COMMAND,
        &super::scale::COMMAND,
        &super::autoscale::COMMAND,
    ]),
    ("Cluster Management Commands:", &[
        &super::certificate::COMMAND,
        &super::cluster_info::COMMAND,
        &super::top::COMMAND,
        &super::node::CORDON,
        &super::node::UNCORDON,
        &super::drain::COMMAND,
        &super::taint::COMMAND,
    ]),
    ("Troubleshooting and Debugging Commands:", &[
        &crate::describe::COMMAND,
        &super::logs::COMMAND,
        &super::attach::COMMAND,
        &super::exec::COMMAND,
        &super::port_forward::COMMAND,
        &super::proxy::COMMAND,
        &super::cp::COMMAND,
        &super::auth::COMMAND,
        &super::debug::COMMAND,
        &super::events::COMMAND,
    ]),
    ("Advanced Commands:", &[
        &super::diff::COMMAND,
        &super::apply::COMMAND,
        &super::patch::COMMAND,
        &super::replace::COMMAND,
        &super::wait::COMMAND,
        &super::kustomize::COMMAND,
    ]),
    ("Settings Commands:", &[
        &super::label::COMMAND,
        &super::annotate::COMMAND,
        &super::complete::COMMAND,
    ]),
    ("Other Commands:", &[
        &super::api_resources::COMMAND,
        &super::api_resources::API_VERSIONS,
        &super::config::COMMAND,
        &super::help::PLUGIN,
        &super::version::COMMAND,
        &super::help::HELP,
        &super::help::OPTIONS,
        &super::help::ALPHA,
        &super::complete::HIDDEN,
    ]),
];

/// All verbs in one list, made of [`GROUPS`] at compile time.
const VERBS: [&Command; cli::count(GROUPS)] = cli::flatten(GROUPS, &super::get::COMMAND);

pub const ROOT: Command = Command {
    name: "kubectl",
    usage: "kubectl [flags]",
    short: "kubectl controls the Kubernetes cluster manager",
    long: "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/",
    subcommands: &VERBS,
    run: |invocation| {
        let help = invocation.help();
        invocation.print(&help);
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

/// Flags every verb takes.
pub const GLOBAL: &[Flag] = &[
    Flag::string(
        "as",
        '\0',
        "",
        "Username to impersonate for the operation. User could be a regular user or a service account in a namespace.",
    ),
    Flag::array(
        "as-group",
        '\0',
        "Group to impersonate for the operation, this flag can be repeated to specify multiple groups.",
    ),
    Flag::string("as-uid", '\0', "", "UID to impersonate for the operation."),
    Flag::string("cache-dir", '\0', "/home/learner/.kube/cache", "Default cache directory"),
    Flag::string("certificate-authority", '\0', "", "Path to a cert file for the certificate authority"),
    Flag::string("client-certificate", '\0', "", "Path to a client certificate file for TLS"),
    Flag::string("client-key", '\0', "", "Path to a client key file for TLS"),
    Flag::string("cluster", '\0', "", "The name of the kubeconfig cluster to use"),
    Flag::string("context", '\0', "", "The name of the kubeconfig context to use"),
    Flag::bool(
        "disable-compression",
        '\0',
        false,
        "If true, opt-out of response compression for all requests to the server",
    ),
    Flag::bool(
        "insecure-skip-tls-verify",
        '\0',
        false,
        "If true, the server's certificate will not be checked for validity. This will make your HTTPS connections insecure",
    ),
    Flag::string("kubeconfig", '\0', "", "Path to the kubeconfig file to use for CLI requests."),
    Flag::duration("log-flush-frequency", "5s", "Maximum number of seconds between log flushes"),
    Flag::bool("match-server-version", '\0', false, "Require server version to match client version"),
    Flag::string("namespace", 'n', "", "If present, the namespace scope for this CLI request"),
    Flag::string("password", '\0', "", "Password for basic authentication to the API server"),
    Flag::string(
        "profile",
        '\0',
        "none",
        "Name of profile to capture. One of (none|cpu|heap|goroutine|threadcreate|block|mutex)",
    ),
    Flag::string("profile-output", '\0', "profile.pprof", "Name of the file to write the profile to"),
    Flag::string(
        "request-timeout",
        '\0',
        "0",
        "The length of time to wait before giving up on a single server request. Non-zero values should contain a corresponding time unit (e.g. 1s, 2m, 3h). A value of zero means don't timeout requests.",
    ),
    Flag::string("server", 's', "", "The address and port of the Kubernetes API server"),
    Flag::string(
        "tls-server-name",
        '\0',
        "",
        "Server name to use for server certificate validation. If it is not provided, the hostname used to contact the server is used",
    ),
    Flag::string("token", '\0', "", "Bearer token for authentication to the API server"),
    Flag::string("user", '\0', "", "The name of the kubeconfig user to use"),
    Flag::string("username", '\0', "", "Username for basic authentication to the API server"),
    Flag::new(Kind::Int, "v", 'v', "0", "number for the log level verbosity"),
    Flag::string(
        "vmodule",
        '\0',
        "",
        "comma-separated list of pattern=N settings for file-filtered logging (only works for the default text log format)",
    )
    .called("moduleSpec"),
    Flag::bool(
        "warnings-as-errors",
        '\0',
        false,
        "Treat warnings received from the server as errors and exit with a non-zero exit code",
    ),
];

pub static STYLE: Style = Style {
    root: &ROOT,
    global: GLOBAL,
    root_flags_first: false,
    flag_error: |_, path, message| {
        let code = if path.ends_with(" diff") { 2 } else { 1 };
        Error::new(format_args!("{message}\nSee '{path} --help' for usage.")).with_code(code)
    },
    unknown: |word, suggestions| {
        let mut text = format!("error: unknown command \"{word}\" for \"kubectl\"\n");
        if !suggestions.is_empty() {
            text.push_str("\nDid you mean this?\n");
            for name in suggestions {
                text.push_str(&format!("\t{name}\n"));
            }
        }
        Error::raw(text)
    },
    help: |style, command, path| {
        if command.name == ROOT.name { root_help() } else { cli::help(style, command, path) }
    },
};

/// `kubectl` alone: the verbs by group.
fn root_help() -> String {
    let mut out = format!("{}\n\n{}", ROOT.long, "");
    out.push_str(&groups());
    out.push_str(&tail());
    out
}

/// What `kubectl help bogus` prints of the root command.
#[must_use]
pub(super) fn root_usage() -> String {
    groups() + &tail()
}

fn groups() -> String {
    let mut out = String::new();
    for (title, verbs) in GROUPS {
        if *title == "Other Commands:" {
            out.push_str("Subcommands provided by plugins:\n\n");
        }
        out.push_str(&format!("{title}\n{}\n", cli::list(verbs, ROOT.subcommands)));
    }
    out
}

fn tail() -> String {
    "Usage:\n  kubectl [flags] [options]\n\nUse \"kubectl <command> --help\" for more information about a given command.\nUse \"kubectl options\" for a list of global command-line options (applies to all commands).\n".into()
}

/// A group of commands run without one: its help on stderr and exit code 1; with an argument, that
/// there is no such command.
pub fn group(invocation: &mut cli::Invocation<'_, '_>) -> cli::Outcome {
    if !invocation.args.is_empty() {
        return Err(unknown_subcommand(invocation, &invocation.args.join(" ")));
    }
    Err(Error::raw(invocation.help()))
}

/// `unknown command "x"` below a group.
#[must_use]
pub fn unknown_subcommand(invocation: &cli::Invocation<'_, '_>, word: &str) -> Error {
    Error::new(format_args!("unknown command \"{word}\"\nSee '{} -h' for help and examples", invocation.path))
}
