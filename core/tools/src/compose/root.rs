//! The root of compose: its commands, the flags in front of them, and the project they mean.

use super::commands::{build, config, down, exec, lifecycle, list, logs, run, up};
use super::model::load::{Wanted, load};
use super::model::{Project, Wrong};
use super::progress::{Progress, warn};
use crate::cli::{Command, Error, Flag, Flags, Flow, Invocation, Style, parse_words};
use crate::docker::{self, Engine};
use drydock_container::Sys;

pub const ROOT: Command = Command {
    name: "docker compose",
    usage: "[OPTIONS] COMMAND",
    short: "Define and run multi-container applications with Docker",
    flags: &[FLAGS],
    subcommands: &[
        &build::BUILD,
        &config::COMMAND,
        &lifecycle::CP,
        &up::CREATE,
        &down::COMMAND,
        &list::EVENTS,
        &exec::COMMAND,
        &list::IMAGES,
        &lifecycle::KILL,
        &logs::COMMAND,
        &list::LS,
        &lifecycle::PAUSE,
        &list::PORT,
        &list::PS,
        &build::PULL,
        &build::PUSH,
        &lifecycle::RESTART,
        &lifecycle::RM,
        &run::COMMAND,
        &up::SCALE,
        &lifecycle::START,
        &lifecycle::STOP,
        &list::TOP,
        &lifecycle::UNPAUSE,
        &up::COMMAND,
        &config::VERSION,
        &lifecycle::WAIT,
    ],
    interspersed: false,
    run: |invocation| {
        if invocation.bool("version") {
            invocation.print("Docker Compose version 2.26.1\n");
            return Ok(Flow::Done(0));
        }
        let help = invocation.help();
        invocation.print(&help);
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

#[rustfmt::skip]
const FLAGS: &[Flag] = &[
    Flag::bool("all-resources", '\0', false, "Include what no service uses"),
    Flag::string("ansi", '\0', "auto", "When to draw (\"never\", \"always\", \"auto\")"),
    Flag::bool("compatibility", '\0', false, "Names as compose 1 made them"),
    Flag::bool("dry-run", '\0', false, "Only say what would be done"),
    Flag::array("env-file", '\0', "A file of variables instead of .env").called("stringArray"),
    Flag::array("file", 'f', "Compose files").called("stringArray"),
    Flag::int("parallel", '\0', "-1", "How much may be done at once"),
    Flag::array("profile", '\0', "Profiles to activate").called("stringArray"),
    Flag::string("progress", '\0', "auto", "How to show what goes on (auto, tty, plain, quiet)"),
    Flag::string("project-directory", '\0', "", "Where relative paths begin"),
    Flag::string("project-name", 'p', "", "Name of the project"),
    Flag::bool("version", 'v', false, "Show the version and leave"),
];

pub static STYLE: Style = Style {
    root: &ROOT,
    global: &[],
    root_flags_first: true,
    flag_error: |_, _, message| Error::raw(format!("{message}\n")).with_code(16),
    unknown: |word, _| Error::raw(format!("unknown docker command: \"compose {word}\"\n")).with_code(16),
    help: |_, command, path| docker::help::help(&docker::STYLE, command, path),
};

impl From<Wrong> for Error {
    fn from(wrong: Wrong) -> Error {
        Error::raw(wrong.text + "\n").with_code(wrong.code)
    }
}

/// The flags in front of the command.
#[must_use]
pub fn flags(sys: &Sys<'_>) -> Flags {
    let args: Vec<String> = sys.args().iter().map(|a| a.to_string()).collect();
    let own = args.first().is_some_and(|a| a.ends_with("docker-compose"));
    let at = if own { 1 } else { args.iter().position(|a| a == "compose").map_or(args.len(), |at| at + 1) };
    let words = args.get(at..).unwrap_or(&[]);
    parse_words(&ROOT, &[], words).map(|p| p.flags).unwrap_or_default()
}

fn wanted(sys: &Sys<'_>, targets: &[String]) -> Wanted {
    let flags = flags(sys);
    Wanted {
        files: flags.list("file"),
        name: flags.str("project-name").into(),
        folder: flags.str("project-directory").into(),
        profiles: flags.list("profile"),
        env_files: flags.list("env-file"),
        targets: targets.to_vec(),
    }
}

/// The project the command line means.
///
/// # Errors
/// What is wrong with its files.
pub fn project(invocation: &mut Invocation<'_, '_>, targets: &[String]) -> Result<Project, Error> {
    let wanted = wanted(invocation.sys, targets);
    let project = load(invocation.sys, &wanted)?;
    for text in &project.warnings {
        warn(invocation.sys, text);
    }
    Ok(project)
}

/// As [`project`], for commands that can do with just a name.
///
/// # Errors
/// As [`project`].
pub fn project_or_name(invocation: &mut Invocation<'_, '_>) -> Result<Project, Error> {
    let wanted = wanted(invocation.sys, &[]);
    match project(invocation, &[]) {
        Err(error) if error.code == 14 && !wanted.name.is_empty() => {
            Ok(Project { name: wanted.name, ..Project::default() })
        }
        other => other,
    }
}

/// The engine behind it all.
///
/// # Errors
/// Nobody answers.
pub fn engine(invocation: &mut Invocation<'_, '_>) -> Result<Engine, Error> {
    Engine::connect(invocation)
}

/// What tells of the work.
#[must_use]
pub fn progress(sys: &Sys<'_>, title: &str) -> Progress {
    let flags = flags(sys);
    let mode = flags.str("progress");
    Progress::new(title, mode == "quiet", mode == "plain" || flags.str("ansi") == "never")
}
