//! `docker volume create`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Kind, Outcome};
use crate::docker::api::Engine;
use crate::docker::options::{checks, variables};
use crate::docker::usage;
use drydock_machinery::value;

pub const COMMAND: Command = Command {
    name: "create",
    usage: "[OPTIONS] [VOLUME]",
    short: "Make a volume",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("driver", 'd', "local", "Driver of the volume"),
    Flag::array("label", '\0', "Label of the volume").checked("list", checks::label),
    Flag::string("name", '\0', "", "Name of the volume").hidden(),
    Flag::new(Kind::Array, "opt", 'o', "[]", "Option of the driver").called("map"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_most(invocation, 1)?;
    let mut name = invocation.str("name").to_string();
    if let Some(given) = invocation.arg(0) {
        if !name.is_empty() {
            return Err(Error::raw(
                "conflicting options: cannot specify a volume-name through both --name and as a positional arg\n",
            ));
        }
        name = given.to_string();
    }
    let mut body = value!({"Driver": (invocation.str("driver"))});
    let (labels, options) =
        (variables::pairs(&invocation.list("label")), variables::pairs(&invocation.list("opt")));
    for (key, given) in [("Labels", labels), ("DriverOpts", options)] {
        if !given.is_empty() {
            body = body.with(key, given);
        }
    }
    if !name.is_empty() {
        body = body.with("Name", name);
    }
    let engine = Engine::connect(invocation)?;
    let volume = engine.post(invocation.sys, "/volumes/create", body)?;
    invocation.print(&format!("{}\n", volume["Name"].text()));
    Ok(Flow::Done(0))
}
