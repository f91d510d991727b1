//! `docker buildx` and `docker builder`: the same builder by other names. One builder, the engine's own;
//! what needs another one is refused as buildx refuses it for the docker driver.

use super::prune;
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::usage;

pub const BUILDX: Command = Command {
    name: "buildx",
    usage: "COMMAND",
    short: "Docker Buildx",
    subcommands: &[
        &BUILD,
        &CREATE,
        &prune::DU,
        &INSPECT,
        &LS,
        &prune::COMMAND,
        &RM,
        &STOP,
        &USE,
        &VERSION,
        &BAKE,
        &IMAGETOOLS,
    ],
    run: usage::group,
    ..Command::BASE
};

pub const BUILDER: Command = Command {
    name: "builder",
    usage: "COMMAND",
    short: "Manage builds",
    subcommands: &[&super::COMMAND, &prune::COMMAND],
    run: usage::group,
    ..Command::BASE
};

const BUILD: Command = Command { aliases: &["b"], ..super::COMMAND };

const LS: Command = Command {
    name: "ls",
    usage: "",
    short: "List builder instances",
    run: |invocation| {
        Engine::connect(invocation)?;
        invocation.print(
            "NAME/NODE     DRIVER/ENDPOINT   STATUS    BUILDKIT         PLATFORMS\ndefault*      docker                                       \n \\_ default    \\_ default       running   v0.0.0+unknown   linux/amd64, linux/amd64/v2, linux/amd64/v3, linux/amd64/v4, linux/386\n",
        );
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

const INSPECT: Command = Command {
    name: "inspect",
    usage: "[NAME]",
    short: "Inspect current builder instance",
    flags: &[&[Flag::bool("bootstrap", '\0', false, "Start the builder first")]],
    run: |invocation| {
        Engine::connect(invocation)?;
        if let Some(name) = invocation.arg(0).filter(|n| *n != "default") {
            return Err(Error::raw(format!("ERROR: no builder \"{name}\" found\n")));
        }
        invocation.print(
            "Name:   default\nDriver: docker\n\nNodes:\nName:             default\nEndpoint:         default\nStatus:           running\nBuildkit version: v0.0.0+unknown\nPlatforms:        linux/amd64, linux/amd64/v2, linux/amd64/v3, linux/amd64/v4, linux/386\n",
        );
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

const VERSION: Command = Command {
    name: "version",
    usage: "",
    short: "Show buildx version information",
    run: |invocation| {
        invocation.print("github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3\n");
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

const USE: Command = Command {
    name: "use",
    usage: "NAME",
    short: "Set the current builder instance",
    flags: &[&[
        Flag::bool("default", '\0', false, "For this context"),
        Flag::bool("global", '\0', false, "For all contexts"),
    ]],
    run: |invocation| {
        usage::exactly(invocation, 1)?;
        match invocation.arg(0) {
            Some("default") => Ok(Flow::Done(0)),
            name => Err(Error::raw(format!("ERROR: no builder \"{}\" found\n", name.unwrap_or("")))),
        }
    },
    ..Command::BASE
};

const CREATE: Command = Command {
    name: "create",
    usage: "[OPTIONS] [CONTEXT|ENDPOINT]",
    short: "Create a new builder instance",
    flags: &[&[
        Flag::bool("bootstrap", '\0', false, "Start it right away"),
        Flag::string("driver", '\0', "", "Kind of builder"),
        Flag::string("name", '\0', "", "Name of the builder"),
        Flag::bool("use", '\0', false, "Make it the current one"),
    ]],
    run: |invocation| {
        refused(
            invocation,
            "a builder of its own needs the image moby/buildkit, which the sandbox does not run",
        )
    },
    ..Command::BASE
};

const RM: Command = Command {
    name: "rm",
    usage: "[NAME]",
    short: "Remove a builder instance",
    run: |_| {
        Err(Error::raw(
            "ERROR: context builder cannot be removed, run `docker context rm default` to remove this context\n",
        ))
    },
    ..Command::BASE
};

const STOP: Command =
    Command { name: "stop", usage: "[NAME]", short: "Stop builder instance", ..Command::BASE };

const BAKE: Command = Command {
    name: "bake",
    usage: "[OPTIONS] [TARGET...]",
    short: "Build from a file",
    raw: true,
    run: |invocation| refused(invocation, "bake is not simulated; use docker build or docker compose build"),
    ..Command::BASE
};

const IMAGETOOLS: Command = Command {
    name: "imagetools",
    usage: "COMMAND",
    short: "Commands to work on images in registry",
    raw: true,
    run: |invocation| refused(invocation, "imagetools is not simulated; use docker manifest inspect"),
    ..Command::BASE
};

fn refused(invocation: &mut Invocation<'_, '_>, why: &str) -> Outcome {
    Err(Error::raw(format!("ERROR: {}: {why}\n", invocation.path)))
}
