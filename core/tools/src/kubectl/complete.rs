//! What may come next on a command line: verbs, flags, resource types, names, namespaces, contexts,
//! containers. For the terminal's Tab key and `kubectl __complete`. Follows
//! `k8s.io/kubectl/pkg/util/completion`.

use super::builder::items_of;
use super::{Client, Kubeconfig, client};
use crate::cli::{self, Command, Flag, Flow, Invocation, Outcome};
use drydock_container::Sys;
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;
use drydock_network::http::Request;

/// Verbs whose first argument is a pod.
const POD_VERBS: &[&str] = &["logs", "exec", "attach", "port-forward", "debug", "cp"];
/// Verbs whose first argument is a resource type.
const TYPE_VERBS: &[&str] = &[
    "get",
    "describe",
    "delete",
    "edit",
    "label",
    "annotate",
    "patch",
    "expose",
    "scale",
    "autoscale",
    "wait",
    "status",
    "history",
    "undo",
    "restart",
    "pause",
    "resume",
    "image",
    "env",
    "resources",
    "selector",
    "explain",
];
/// Verbs whose arguments are nodes.
const NODE_VERBS: &[&str] = &["cordon", "uncordon", "drain", "node"];

/// The candidates for the last word (which may be empty); `words` begins after `kubectl`.
pub fn complete(sys: &mut Sys<'_>, words: &[String]) -> Vec<String> {
    let Some((typed, before)) = words.split_last() else { return Vec::new() };
    let style = &super::STYLE;
    let chosen = cli::choose(style, before);
    let flags: Vec<&Flag> = chosen.command.own_flags().chain(style.global.iter()).collect();
    let mut found = if let Some(name) = before.last().and_then(|w| waiting_flag(&flags, w)) {
        values(sys, before, chosen.command, &name)
    } else if let Some((flag, start)) = typed.strip_prefix("--").and_then(|t| t.split_once('=')) {
        let head = format!("--{flag}=");
        let all = values(sys, before, chosen.command, flag);
        return all.into_iter().filter(|v| v.starts_with(start)).map(|v| format!("{head}{v}")).collect();
    } else if typed.starts_with('-') {
        flags.iter().filter(|f| !f.hidden).map(|f| format!("--{}", f.name)).collect()
    } else if !chosen.command.subcommands.is_empty() && positional(&flags, &chosen.words).is_empty() {
        chosen.command.subcommands.iter().filter(|c| !c.hidden).map(|c| c.name.to_string()).collect()
    } else {
        arguments(sys, before, chosen.command, &positional(&flags, &chosen.words), typed)
    };
    found.retain(|candidate| candidate.starts_with(typed.as_str()));
    found.arrange();
    found.dedup();
    found
}

/// The flag that waits for its value in the word after it.
fn waiting_flag(flags: &[&Flag], word: &str) -> Option<String> {
    let flag = match word.strip_prefix("--") {
        Some(long) => flags.iter().find(|f| f.name == long),
        None => {
            let letter = word.strip_prefix('-')?.chars().last()?;
            flags.iter().find(|f| f.short == letter)
        }
    }?;
    flag.alone.is_empty().then(|| flag.name.to_string())
}

/// The arguments among words, flags and their values left out.
fn positional(flags: &[&Flag], words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut skip = false;
    for word in words {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') {
            skip = !word.contains('=') && waiting_flag(flags, word).is_some();
        } else {
            found.push(word.clone());
        }
    }
    found
}

/// A client as the words before the cursor set it up; none where the kubeconfig is broken.
fn client_for(sys: &mut Sys<'_>, before: &[String]) -> Option<Client> {
    let mut client = Client::from_flags(sys, &cli::Flags::default()).ok()?;
    let mut rest = before.iter();
    while let Some(word) = rest.next() {
        let namespace = match word.as_str() {
            "-n" | "--namespace" => rest.next().map(String::as_str),
            other => other.strip_prefix("--namespace=").or_else(|| other.strip_prefix("-n=")),
        };
        if let Some(namespace) = namespace {
            client.target.namespace = namespace.into();
        }
    }
    Some(client)
}

fn names(sys: &mut Sys<'_>, before: &[String], word: &str) -> Vec<String> {
    let Some(mut client) = client_for(sys, before) else { return Vec::new() };
    let Ok(resource) = client.resource(sys, word) else { return Vec::new() };
    let request = Request::get(resource.path(&client.target.namespace))
        .header("Accept", client::JSON)
        .query("limit", "500");
    let list = client.call(sys, request).unwrap_or_default();
    items_of(&list).iter().map(|o| o["metadata"]["name"].text().to_string()).collect()
}

fn types(sys: &mut Sys<'_>, before: &[String]) -> Vec<String> {
    let Some(mut client) = client_for(sys, before) else { return Vec::new() };
    let Ok(discovery) = client.discover(sys) else { return Vec::new() };
    let listed = discovery.resources.iter().filter(|r| r.verbs.iter().any(|v| v == "list"));
    listed.map(|r| r.qualified()).collect()
}

/// Values of a flag.
fn values(sys: &mut Sys<'_>, before: &[String], command: &Command, flag: &str) -> Vec<String> {
    let texts = |list: &[&str]| list.iter().map(|t| (*t).to_string()).collect();
    match flag {
        "namespace" => names(sys, before, "namespaces"),
        "context" | "cluster" | "user" => {
            let Ok(config) = Kubeconfig::load(sys, &cli::Flags::default()) else { return Vec::new() };
            let merged = config.merged();
            let section = format!("{flag}s");
            merged[section.as_str()].items().iter().map(|e| e["name"].text().to_string()).collect()
        }
        "output" if command.name == "get" => {
            texts(&["json", "yaml", "name", "wide", "jsonpath=", "custom-columns=", "go-template="])
        }
        "output" => texts(&["json", "yaml", "name"]),
        "dry-run" => texts(&["none", "client", "server"]),
        "cascade" => texts(&["background", "foreground", "orphan"]),
        "container" => {
            let chosen = cli::choose(&super::STYLE, before);
            let flags: Vec<&Flag> = chosen.command.own_flags().chain(super::GLOBAL.iter()).collect();
            let pod = positional(&flags, &chosen.words).into_iter().next().unwrap_or_default();
            containers(sys, before, pod.trim_start_matches("pod/"))
        }
        _ => Vec::new(),
    }
}

fn containers(sys: &mut Sys<'_>, before: &[String], pod: &str) -> Vec<String> {
    let Some(client) = client_for(sys, before) else { return Vec::new() };
    let path = format!("/api/v1/namespaces/{}/pods/{pod}", client.namespace());
    let pod = client.get(sys, &path, client::JSON).unwrap_or_default();
    let all = |field: &str| -> Vec<Value> { pod["spec"][field].items().to_vec() };
    let both = all("initContainers").into_iter().chain(all("containers"));
    both.map(|c| c["name"].text().to_string()).collect()
}

/// Arguments of a verb.
fn arguments(
    sys: &mut Sys<'_>,
    before: &[String],
    command: &Command,
    given: &[String],
    typed: &str,
) -> Vec<String> {
    let slashed = |sys: &mut Sys<'_>| -> Vec<String> {
        let Some((kind, _)) = typed.split_once('/') else { return Vec::new() };
        names(sys, before, kind).into_iter().map(|n| format!("{kind}/{n}")).collect()
    };
    let name = command.name;
    if NODE_VERBS.contains(&name) {
        return names(sys, before, "nodes");
    }
    if POD_VERBS.contains(&name) {
        return match given.len() {
            0 if typed.contains('/') => slashed(sys),
            0 => names(sys, before, "pods"),
            1 if name == "logs" => {
                let pod = given.first().map_or("", String::as_str);
                containers(sys, before, pod.trim_start_matches("pod/"))
            }
            _ => Vec::new(),
        };
    }
    if matches!(name, "use-context" | "delete-context" | "rename-context" | "set-context" | "get-contexts") {
        return values(sys, before, command, "context");
    }
    if TYPE_VERBS.contains(&name) {
        return match given.first() {
            None if typed.contains('/') => slashed(sys),
            None => types(sys, before),
            Some(kind) if kind.contains('/') => slashed(sys),
            Some(kind) => names(sys, before, kind).into_iter().filter(|n| !given.contains(n)).collect(),
        };
    }
    Vec::new()
}

/// What shell scripts ask: candidates a line, then cobra's directive (4: no file names).
pub const HIDDEN: Command = Command {
    name: "__complete",
    hidden: true,
    raw: true,
    run: |invocation| {
        let words = invocation.args.clone();
        let lines: String = complete(invocation.sys, &words).iter().map(|c| format!("{c}\n")).collect();
        invocation.print(&format!("{lines}:4\n"));
        invocation.eprint("Completion ended with directive: ShellCompDirectiveNoFileComp\n");
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

pub const COMMAND: Command = Command {
    name: "completion",
    usage: "completion SHELL",
    short: "Output shell completion code for the specified shell (bash, zsh, fish, or powershell)",
    long: "Output shell completion code for the specified shell (bash, zsh, fish, or powershell). The shell code must be evaluated to provide interactive completion of kubectl commands.\n\n In this laptop's terminal the Tab key completes kubectl without it.",
    examples: "# Completion in the current shell\nsource <(kubectl completion bash)",
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let shell = match invocation.args.as_slice() {
        [] => return Err(invocation.usage_error("Shell not specified.")),
        [shell] => shell.clone(),
        _ => return Err(invocation.usage_error("Too many arguments. Expected only the shell type.")),
    };
    let script = match shell.as_str() {
        "bash" => {
            "\n# kubectl completion for bash\n__start_kubectl()\n{\n    COMPREPLY=($(kubectl __complete \"${COMP_WORDS[@]:1:$COMP_CWORD}\" 2>/dev/null | grep -v '^:'))\n}\ncomplete -o default -F __start_kubectl kubectl\n"
        }
        "zsh" => {
            "#compdef kubectl\n# kubectl completion for zsh\n_kubectl()\n{\n    compadd -- $(kubectl __complete \"${words[@]:1}\" 2>/dev/null | grep -v '^:')\n}\ncompdef _kubectl kubectl\n"
        }
        "fish" => {
            "\n# kubectl completion for fish\ncomplete -c kubectl -f -a '(kubectl __complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null | grep -v \"^:\")'\n"
        }
        "powershell" => {
            "# kubectl completion for powershell\nRegister-ArgumentCompleter -CommandName 'kubectl' -ScriptBlock { param($w, $c) kubectl __complete $c.ToString().Split(' ')[1..99] }\n"
        }
        other => {
            return Err(invocation.usage_error(format_args!(
                "Unsupported shell type {}.",
                drydock_machinery::quote::go(other)
            )));
        }
    };
    invocation.print(script);
    Ok(Flow::Done(0))
}
