//! `docker update`: other limits or another restart policy for containers that exist.

use crate::cli::{Command, Error, Invocation, Outcome};
use crate::docker::api::{Engine, post};
use crate::docker::each::{Report, each};
use crate::docker::options::{RUNNING, host};
use crate::docker::usage;
use drydock_machinery::{Value, value};

pub const COMMAND: Command = Command {
    name: "update",
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Change limits and restart policies of containers",
    long: "docker container update, docker update",
    flags: &[RUNNING],
    run,
    ..Command::BASE
};

/// What the real client's document has too, always empty.
const NOT_CHANGED: &[&str] = &[
    "BlkioDeviceReadBps",
    "BlkioDeviceReadIOps",
    "BlkioDeviceWriteBps",
    "BlkioDeviceWriteIOps",
    "BlkioWeightDevice",
    "DeviceCgroupRules",
    "DeviceRequests",
    "Devices",
    "MemorySwappiness",
    "OomKillDisable",
    "Ulimits",
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    if !invocation.command.own_flags().any(|flag| invocation.changed(flag.name)) {
        return Err(Error::raw("you must provide one or more flags when using this command\n"));
    }
    let restart = if invocation.changed("restart") {
        host::restart_policy(invocation.str("restart")).map_err(|t| Error::raw(t + "\n"))?
    } else {
        value!({"Name": "", "MaximumRetryCount": 0})
    };
    let pids = if invocation.changed("pids-limit") {
        Value::from(invocation.int("pids-limit"))
    } else {
        Value::Null
    };
    let mut body = host::resources(&invocation.flags).with("RestartPolicy", restart).with("PidsLimit", pids);
    for key in NOT_CHANGED {
        body = body.with(*key, Value::Null);
    }
    let engine = Engine::connect(invocation)?;
    let names = invocation.args.clone();
    let report = Report {
        last: |_, reply| {
            let answer = reply.json();
            answer["Warnings"].items().iter().map(|w| format!("{}\n", w.text())).collect()
        },
        ..Report::NAME
    };
    each(
        invocation.sys,
        &engine,
        &names,
        |name| post(format!("/containers/{name}/update"), body.clone()),
        report,
    )
}
