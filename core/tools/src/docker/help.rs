//! Help and usage in docker's layout: `Usage:  docker ps [OPTIONS]`, what the command is for, its other
//! names, flags in columns. Follows the templates of `docker/cli` 28 and pflag's `FlagUsagesWrapped`.

use super::root::{GROUPS, ROOT, ROOT_FLAGS};
use crate::cli::{Command, Error, Flag, Kind, Style};
use drydock_machinery::sort::Arrange;
use std::fmt::Write;

/// Width of a help text.
const WIDTH: usize = 79;

/// The whole help of a command.
#[must_use]
pub fn help(_: &Style, command: &Command, path: &str) -> String {
    if path == ROOT.name {
        return root_help();
    }
    let mut out = format!("{}\n\n{}\n", usage_line(command, path), command.short);
    if !command.long.is_empty() {
        let _ = write!(out, "\nAliases:\n  {}\n", command.long);
    }
    let flags: Vec<&Flag> = command.own_flags().filter(|f| !f.hidden).collect();
    if !flags.is_empty() {
        let _ = write!(out, "\nOptions:\n{}", flag_lines(&flags));
    }
    if !command.subcommands.is_empty() {
        out.push_str("\nCommands:\n");
        out.push_str(&names(command.subcommands));
        let _ = write!(out, "\nRun '{path} COMMAND --help' for more information on a command.\n");
    }
    out
}

/// `Usage:  docker rm [OPTIONS] CONTAINER [CONTAINER...]`; a second form stands on a line of its own.
#[must_use]
pub fn usage_line(command: &Command, path: &str) -> String {
    if path == ROOT.name {
        return "Usage:  docker [OPTIONS] COMMAND [ARG...]".into();
    }
    let blank = if command.usage.is_empty() { "" } else { " " };
    format!("Usage:  {path}{blank}{}", command.usage)
}

/// A flag that cannot be understood: exit code 125, without docker's name in front.
#[must_use]
pub fn flag_error(command: &Command, path: &str, message: &str) -> Error {
    let usage = usage_line(command, path);
    Error::raw(format!("{message}\n\n{usage}\n\nRun '{path} --help' for more information\n")).with_code(125)
}

/// `docker: unknown command: docker foo`.
#[must_use]
pub fn unknown(word: &str, _: &[&str]) -> Error {
    Error::raw(format!(
        "docker: unknown command: docker {word}\n\nRun 'docker --help' for more information\n"
    ))
}

fn root_help() -> String {
    let mut out =
        "Usage:  docker [OPTIONS] COMMAND\n\nRuns containers, and everything they need\n".to_string();
    for (title, commands) in GROUPS {
        let list = padded(commands.iter().copied(), 11);
        if !list.is_empty() {
            let _ = write!(out, "\n{title}\n{list}");
        }
    }
    let flags: Vec<&Flag> = ROOT_FLAGS.iter().collect();
    let _ = write!(out, "\nGlobal Options:\n{}", flag_lines(&flags));
    out.push_str("\nRun 'docker COMMAND --help' for more information on a command.\n");
    out.push_str("\nFor more help on how to use Docker, head to https://docs.docker.com/go/guides/\n");
    out
}

fn names(commands: &[&Command]) -> String {
    padded(commands.iter().copied(), 11)
}

fn padded<'a>(commands: impl Iterator<Item = &'a Command>, least: usize) -> String {
    let mut list: Vec<&Command> = commands.filter(|c| !c.hidden).collect();
    if list.iter().any(|c| c.name != "run") {
        // Only the common commands keep the order people need them in.
        let common = list.first().is_some_and(|c| c.name == "run") && list.len() < 20;
        if !common {
            list.arrange_by_key(|c| c.name);
        }
    }
    let width = list.iter().map(|c| c.name.len()).max().unwrap_or(0).max(least);
    list.iter().map(|c| format!("  {:width$} {}\n", c.name, c.short)).collect()
}

/// Flags in two columns, the second wrapped.
#[must_use]
pub fn flag_lines(flags: &[&Flag]) -> String {
    let mut sorted: Vec<&Flag> = flags.to_vec();
    sorted.arrange_by_key(|f| f.name);
    let left: Vec<String> = sorted.iter().map(|f| left_column(f)).collect();
    let width = left.iter().map(String::len).max().unwrap_or(0) + 3;
    let mut out = String::new();
    for (flag, left) in sorted.iter().zip(&left) {
        let text = format!("{}{}", flag.about, default_note(flag));
        for (at, line) in wrapped(&text, WIDTH.saturating_sub(width).max(24)).iter().enumerate() {
            let head = if at == 0 { left.as_str() } else { "" };
            let _ = writeln!(out, "{head:width$}{line}");
        }
    }
    out
}

fn left_column(flag: &Flag) -> String {
    let short = if flag.short == '\0' { "    ".to_string() } else { format!("-{}, ", flag.short) };
    let value = value_name(flag);
    let blank = if value.is_empty() { "" } else { " " };
    format!("  {short}--{}{blank}{value}", flag.name)
}

fn value_name(flag: &Flag) -> &'static str {
    match flag.kind {
        _ if !flag.value.is_empty() => flag.value,
        Kind::Bool => "",
        Kind::Str => "string",
        Kind::Int | Kind::Int32 | Kind::Int64 => "int",
        Kind::Uint => "uint",
        Kind::Float => "float",
        Kind::Duration => "duration",
        Kind::Slice => "strings",
        Kind::Array => "list",
        Kind::Pairs => "map",
    }
}

/// ` (default "missing")` for values that are not their kind's zero.
fn default_note(flag: &Flag) -> String {
    match (flag.kind, flag.default) {
        (Kind::Bool, "false") | (_, "" | "0" | "[]") => String::new(),
        (Kind::Str, text) => format!(" (default \"{text}\")"),
        (_, text) => format!(" (default {text})"),
    }
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}
