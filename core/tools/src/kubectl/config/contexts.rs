//! Looking at contexts, clusters and users, choosing, renaming and deleting them.

use super::{entry, file_of, load, unexpected, with_entry, write};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::kubectl::{Failure, failure};
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;
use drydock_machinery::tabwriter::TabWriter;

pub(super) const CURRENT_CONTEXT: Command = Command {
    name: "current-context",
    usage: "current-context [flags]",
    short: "Display the current-context",
    long: "Display the current-context.",
    run: |invocation| {
        let merged = load(invocation)?.merged();
        match merged["current-context"].text() {
            "" => Err(Error::new("current-context is not set")),
            name => {
                invocation.print(&format!("{name}\n"));
                Ok(Flow::Done(0))
            }
        }
    },
    ..Command::BASE
};

pub(super) fn delete(invocation: &mut Invocation<'_, '_>, section: &'static str, what: &str) -> Outcome {
    let [name] = invocation.args.as_slice() else { return Err(unexpected(invocation)) };
    let name = name.clone();
    let config = load(invocation)?;
    let path = file_of(&config, |v| entry(v, section, &name).is_some());
    if entry(&config.merged(), section, &name).is_none() {
        return Err(Error::new(format_args!("cannot delete {what} {name}, not in {path}")));
    }
    if section == "contexts" && config.merged()["current-context"] == name.as_str() {
        invocation.eprint("warning: this removed your active context, use \"kubectl config use-context\" to select a different one\n");
    }
    write(invocation, &config, &path, |v| with_entry(v, section, &name, &Value::Null))?;
    invocation.print(&format!("deleted {what} {name} from {path}\n"));
    Ok(Flow::Done(0))
}

pub(super) const DELETE_CLUSTER: Command = Command {
    name: "delete-cluster",
    usage: "delete-cluster NAME",
    short: "Delete the specified cluster from the kubeconfig",
    run: |invocation| delete(invocation, "clusters", "cluster"),
    ..Command::BASE
};
pub(super) const DELETE_CONTEXT: Command = Command {
    name: "delete-context",
    usage: "delete-context NAME",
    short: "Delete the specified context from the kubeconfig",
    run: |invocation| delete(invocation, "contexts", "context"),
    ..Command::BASE
};
pub(super) const DELETE_USER: Command = Command {
    name: "delete-user",
    usage: "delete-user NAME",
    short: "Delete the specified user from the kubeconfig",
    run: |invocation| delete(invocation, "users", "user"),
    ..Command::BASE
};

pub(super) fn names(invocation: &mut Invocation<'_, '_>, section: &str) -> Outcome {
    let merged = load(invocation)?.merged();
    let lines: String = merged[section].items().iter().map(|e| format!("{}\n", e["name"].text())).collect();
    invocation.print(&format!("NAME\n{lines}"));
    Ok(Flow::Done(0))
}

pub(super) const GET_CLUSTERS: Command = Command {
    name: "get-clusters",
    usage: "get-clusters [flags]",
    short: "Display clusters defined in the kubeconfig",
    run: |invocation| names(invocation, "clusters"),
    ..Command::BASE
};
pub(super) const GET_USERS: Command = Command {
    name: "get-users",
    usage: "get-users [flags]",
    short: "Display users defined in the kubeconfig",
    run: |invocation| names(invocation, "users"),
    ..Command::BASE
};

pub(super) const GET_CONTEXTS: Command = Command {
    name: "get-contexts",
    usage: "get-contexts [(-o|--output=)name)]",
    short: "Describe one or many contexts",
    long: "Display one or many contexts from the kubeconfig file.",
    flags: &[&[
        Flag::bool(
            "no-headers",
            '\0',
            false,
            "When using the default or custom-column output format, don't print headers (default print headers).",
        ),
        Flag::string("output", 'o', "", "Output format. One of: (name)."),
    ]],
    run: get_contexts,
    ..Command::BASE
};

pub(super) fn get_contexts(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let output = invocation.str("output").to_string();
    if !matches!(output.as_str(), "" | "name") {
        return Err(Error::new(format_args!(
            "--output {output} is not available in kubectl config get-contexts; resetting to default output format"
        )));
    }
    let merged = load(invocation)?.merged();
    let mut wanted: Vec<String> = invocation.args.clone();
    if wanted.is_empty() {
        wanted = merged["contexts"].items().iter().map(|c| c["name"].text().to_string()).collect();
    }
    wanted.arrange();
    let mut missing = Vec::new();
    let mut out = TabWriter::kubectl();
    if output.is_empty() && !invocation.bool("no-headers") {
        out.write("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n");
    }
    for name in &wanted {
        let Some(context) = entry(&merged, "contexts", name) else {
            missing.push(Failure::Message(format!("context {name} not found")));
            continue;
        };
        if output == "name" {
            out.write(&format!("{name}\n"));
            continue;
        }
        let mark = if merged["current-context"] == name.as_str() { "*" } else { "" };
        let part = |key: &str| context[key].text().to_string();
        out.write(&format!("{mark}\t{name}\t{}\t{}\t{}\n", part("cluster"), part("user"), part("namespace")));
    }
    let text = out.flush();
    invocation.print(&text);
    if missing.is_empty() { Ok(Flow::Done(0)) } else { Err(failure::aggregate(&missing)) }
}

pub(super) const RENAME_CONTEXT: Command = Command {
    name: "rename-context",
    usage: "rename-context CONTEXT_NAME NEW_NAME",
    short: "Rename a context from the kubeconfig file",
    long: "Renames a context from the kubeconfig file.\n\n CONTEXT_NAME is the context name that you want to change.\n\n NEW_NAME is the new name you want to set.",
    run: |invocation| {
        let [old, new] = invocation.args.as_slice() else { return Err(unexpected(invocation)) };
        let (old, new) = (old.clone(), new.clone());
        let config = load(invocation)?;
        let merged = config.merged();
        let path = file_of(&config, |v| entry(v, "contexts", &old).is_some());
        let Some(body) = entry(&merged, "contexts", &old) else {
            return Err(Error::new(format_args!("cannot rename the context \"{old}\", it's not in {path}")));
        };
        if entry(&merged, "contexts", &new).is_some() {
            return Err(Error::new(format_args!(
                "cannot rename the context \"{old}\", the context \"{new}\" already exists in {path}"
            )));
        }
        write(invocation, &config, &path, |v| {
            let v = with_entry(&with_entry(v, "contexts", &old, &Value::Null), "contexts", &new, &body);
            if v["current-context"] == old.as_str() { v.with("current-context", new.as_str()) } else { v }
        })?;
        invocation.print(&format!("Context \"{old}\" renamed to \"{new}\".\n"));
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

pub(super) const USE_CONTEXT: Command = Command {
    name: "use-context",
    aliases: &["use"],
    usage: "use-context CONTEXT_NAME",
    short: "Set the current-context in a kubeconfig file",
    long: "Set the current-context in a kubeconfig file.",
    examples: "# Use the context for the minikube cluster\nkubectl config use-context minikube",
    run: |invocation| {
        let [name] = invocation.args.as_slice() else { return Err(unexpected(invocation)) };
        let name = name.clone();
        let config = load(invocation)?;
        if entry(&config.merged(), "contexts", &name).is_none() {
            return Err(Error::new(format_args!("no context exists with the name: \"{name}\"")));
        }
        let path = file_of(&config, |v| !v["current-context"].is_empty());
        write(invocation, &config, &path, |v| v.with("current-context", name.as_str()))?;
        invocation.print(&format!("Switched to context \"{name}\".\n"));
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};
