//! The root command: groups of commands in the order in which help shows them, and the flags before
//! the command.

use super::{
    build, container, context, help, image, inspect, login, logout, manifest, network, refused, system,
    volume,
};
use crate::cli::{self, Command, Error, Flag, Flow, Invocation, Outcome, Style};

/// Commands by the headings of `docker --help`.
#[rustfmt::skip]
pub const GROUPS: &[(&str, &[&Command])] = &[
    ("Common Commands:", &[
        &container::run::COMMAND,
        &container::exec::COMMAND,
        &container::ps::COMMAND,
        &build::COMMAND,
        &image::pull::COMMAND,
        &image::push::COMMAND,
        &image::list::COMMAND,
        &login::COMMAND,
        &logout::COMMAND,
        &image::search::COMMAND,
        &system::version::COMMAND,
        &system::info::COMMAND,
    ]),
    ("Management Commands:", &[
        &build::buildx::BUILDER,
        &build::buildx::BUILDX,
        &crate::compose::COMMAND,
        &refused::CHECKPOINT,
        &container::COMMAND,
        &context::COMMAND,
        &image::COMMAND,
        &manifest::COMMAND,
        &network::COMMAND,
        &refused::PLUGIN,
        &system::COMMAND,
        &refused::TRUST,
        &volume::COMMAND,
    ]),
    ("Swarm Commands:", &[
        &refused::CONFIG,
        &refused::NODE,
        &refused::SECRET,
        &refused::SERVICE,
        &refused::STACK,
        &refused::SWARM,
    ]),
    ("Commands:", &[
        &container::attach::COMMAND,
        &container::commit::COMMAND,
        &container::cp::COMMAND,
        &container::create::COMMAND,
        &container::diff::COMMAND,
        &system::events::COMMAND,
        &container::export::COMMAND,
        &image::history::COMMAND,
        &image::import::COMMAND,
        &inspect::COMMAND,
        &container::kill::COMMAND,
        &image::load::COMMAND,
        &container::logs::COMMAND,
        &container::pause::COMMAND,
        &container::port::COMMAND,
        &container::rename::COMMAND,
        &container::restart::COMMAND,
        &container::rm::COMMAND,
        &image::rm::COMMAND,
        &image::save::COMMAND,
        &container::start::COMMAND,
        &container::stats::COMMAND,
        &container::stop::COMMAND,
        &image::tag::COMMAND,
        &container::top::COMMAND,
        &container::pause::UNPAUSE,
        &container::update::COMMAND,
        &container::wait::COMMAND,
    ]),
    ("Help:", &[&HELP]),
];

/// All commands in one list, made of [`GROUPS`] at compile time.
const COMMANDS: [&Command; cli::count(GROUPS)] = cli::flatten(GROUPS, &inspect::COMMAND);

pub const ROOT: Command = Command {
    name: "docker",
    usage: "[OPTIONS] COMMAND [ARG...]",
    short: "Runs containers, and everything they need",
    flags: &[ROOT_FLAGS],
    subcommands: &COMMANDS,
    interspersed: false,
    run: |invocation| {
        if invocation.bool("version") {
            invocation.print(&system::version::short());
            return Ok(Flow::Done(0));
        }
        let help = invocation.help();
        invocation.eprint(&help);
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

/// Flags that stand before the command.
pub const ROOT_FLAGS: &[Flag] = &[
    Flag::string("config", '\0', "", "Folder of the client's settings"),
    Flag::string("context", 'c', "", "Context to use, whatever DOCKER_HOST and 'docker context use' say"),
    Flag::bool("debug", 'D', false, "Debug mode"),
    Flag::array("host", 'H', "Socket of the daemon").called("list"),
    Flag::string(
        "log-level",
        'l',
        "info",
        "Logging level (\"debug\", \"info\", \"warn\", \"error\", \"fatal\")",
    ),
    Flag::bool("tls", '\0', false, "Use TLS"),
    Flag::string("tlscacert", '\0', "", "Certificate authority to trust"),
    Flag::string("tlscert", '\0', "", "Certificate to show"),
    Flag::string("tlskey", '\0', "", "Key of that certificate"),
    Flag::bool("tlsverify", '\0', false, "Use TLS and verify the daemon"),
    Flag::bool("version", 'v', false, "Show the version and leave"),
];

/// `docker help [COMMAND]`.
const HELP: Command = Command {
    name: "help",
    usage: "[COMMAND]",
    short: "Help about a command",
    hidden: true,
    run: show_help,
    ..Command::BASE
};

fn show_help(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (mut command, mut path) = (&ROOT, ROOT.name.to_string());
    for word in &invocation.args {
        let Some(next) = command.subcommand(word) else {
            return Err(Error::raw(format!("unknown help topic: {}\n", invocation.args.join(" "))));
        };
        command = next;
        path = format!("{path} {}", next.name);
    }
    let text = help::help(&STYLE, command, &path);
    invocation.print(&text);
    Ok(Flow::Done(0))
}

pub static STYLE: Style = Style {
    root: &ROOT,
    global: &[],
    root_flags_first: true,
    flag_error: help::flag_error,
    unknown: help::unknown,
    help: help::help,
};
