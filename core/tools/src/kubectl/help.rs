//! `kubectl help`, `options` and `plugin`.

use crate::cli::{self, Command, Error, Flag, Flow};

pub const OPTIONS: Command = Command {
    name: "options",
    short: "Print the list of flags inherited by all commands",
    long: "Print the list of flags inherited by all commands",
    hidden: true,
    run: |invocation| {
        let mut text = String::from("The following options can be passed to any command:\n\n");
        for flag in invocation.style.global {
            cli::describe_flag(&mut text, flag);
        }
        invocation.print(&text);
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

pub const HELP: Command = Command {
    name: "help",
    usage: "help [command]",
    short: "Help about any command",
    long: "Help provides help for any command in the application. Simply type kubectl help [path to command] for full details.",
    hidden: true,
    run: |invocation| {
        let chosen = cli::choose(invocation.style, &invocation.args);
        let is_root = std::ptr::eq(chosen.command, invocation.style.root);
        if is_root && !invocation.args.is_empty() {
            let topics: Vec<String> = invocation.args.iter().map(|a| format!("`{a}`")).collect();
            let text =
                format!("Unknown help topic [{}]\n\n\n{}", topics.join(" "), super::root::root_usage());
            invocation.eprint(&text);
            return Ok(Flow::Done(0));
        }
        let text = (invocation.style.help)(invocation.style, chosen.command, &chosen.path);
        invocation.print(&text);
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

pub const ALPHA: Command = Command {
    name: "alpha",
    short: "Commands for features in alpha",
    hidden: true,
    run: |invocation| {
        invocation.eprint("No alpha commands are available in this version of kubectl\n");
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

pub const PLUGIN: Command = Command {
    name: "plugin",
    usage: "plugin [flags]",
    short: "Provides utilities for interacting with plugins",
    long: "Provides utilities for interacting with plugins.\n\n Plugins provide extended functionality that is not part of the major command-line distribution: executables on the PATH whose names begin with kubectl-.",
    examples: "# List all available plugins\nkubectl plugin list",
    subcommands: &[&PLUGIN_LIST],
    run: super::root::group,
    ..Command::BASE
};

const PLUGIN_LIST: Command = Command {
    name: "list",
    usage: "list [flags]",
    short: "List all visible plugin executables on a user's PATH",
    flags: &[&[Flag::bool(
        "name-only",
        '\0',
        false,
        "If true, display only the binary name of each plugin, rather than its full path",
    )]],
    run: |invocation| {
        let path = invocation.sys.env("PATH").unwrap_or_default();
        let mut found = Vec::new();
        for directory in path.split(':').filter(|d| !d.is_empty()) {
            let names = super::manifests::list(invocation.sys, directory).ok().flatten().unwrap_or_default();
            let plugins = names.into_iter().filter(|n| n.starts_with("kubectl-"));
            found.extend(plugins.map(|name| match invocation.bool("name-only") {
                true => name,
                false => format!("{directory}/{name}"),
            }));
        }
        if found.is_empty() {
            return Err(Error::new("unable to find any kubectl plugins in your PATH"));
        }
        let text = format!("The following compatible plugins are available:\n\n{}\n", found.join("\n"));
        invocation.print(&text);
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};
