//! Help and usage texts in the layout of kubectl's templates (`k8s.io/kubectl/pkg/util/templates`).

use super::{Command, Flag, Kind, Style};
use drydock_machinery::sort::Arrange;
use std::fmt::Write;

/// Long text, then [`usage`].
#[must_use]
pub fn help(style: &Style, command: &Command, path: &str) -> String {
    let long = if command.long.is_empty() { command.short } else { command.long };
    format!("{}\n\n{}", long.trim(), usage(style, command, path))
}

/// Everything below the description.
#[must_use]
pub fn usage(style: &Style, command: &Command, path: &str) -> String {
    let mut out = String::new();
    if !command.aliases.is_empty() {
        let names: Vec<&str> = [command.name].into_iter().chain(command.aliases.iter().copied()).collect();
        let _ = write!(out, "Aliases:\n{}\n\n", names.join(", "));
    }
    if !command.examples.is_empty() {
        let _ = write!(out, "Examples:\n{}\n\n", indent(command.examples));
    }
    if !command.subcommands.is_empty() {
        let _ = write!(out, "Available Commands:\n{}\n", list(command.subcommands, command.subcommands));
    }
    let mut flags: Vec<&Flag> = command.own_flags().filter(|f| !f.hidden).collect();
    if !flags.is_empty() {
        flags.arrange_by_key(|f| f.name);
        out.push_str("Options:\n");
        for flag in flags {
            describe_flag(&mut out, flag);
        }
    }
    let parent = path.rsplit_once(' ').map_or("", |p| p.0);
    let line = format!("{parent} {}", if command.usage.is_empty() { command.name } else { command.usage });
    let options = if line.contains("[options]") { "" } else { " [options]" };
    let _ = write!(out, "Usage:\n  {}{options}\n\n", line.trim());
    if !command.subcommands.is_empty() {
        let _ = writeln!(out, "Use \"{path} <command> --help\" for more information about a given command.");
    }
    let _ = writeln!(
        out,
        "Use \"{} options\" for a list of global command-line options (applies to all commands).",
        style.root.name
    );
    out
}

/// The lines of a list of commands, padded to the longest name among `siblings`.
#[must_use]
pub fn list(commands: &[&Command], siblings: &[&Command]) -> String {
    let width = siblings.iter().map(|c| c.name.len()).max().unwrap_or(0).max(11) + 3;
    let mut out = String::new();
    for command in commands.iter().filter(|c| !c.hidden) {
        let _ = writeln!(out, "  {}{}", rpad(command.name, width), command.short);
    }
    out
}

/// Pads on the right with blanks.
#[must_use]
pub fn rpad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(missing))
}

fn indent(text: &str) -> String {
    let lines: Vec<String> = text.trim().lines().map(|l| format!("  {}", l.trim())).collect();
    lines.join("\n")
}

/// One flag as `    -o, --output='':` with its description below.
pub fn describe_flag(out: &mut String, flag: &Flag) {
    let default = match flag.kind {
        // Texts of a type of their own stand without quotes.
        Kind::Str if flag.value.is_empty() => format!("'{}'", flag.default),
        _ => flag.default.to_string(),
    };
    if flag.short == '\0' {
        let _ = writeln!(out, "    --{}={default}:", flag.name);
    } else {
        let _ = writeln!(out, "    -{}, --{}={default}:", flag.short, flag.name);
    }
    let _ = writeln!(out, "\t{}\n", flag.about);
}
