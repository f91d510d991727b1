//! `docker context show`.

use crate::cli::{Command, Flow};
use crate::docker::settings::Settings;
use crate::docker::usage;

pub const COMMAND: Command = Command {
    name: "show",
    short: "Show which context is in use",
    run: |invocation| {
        usage::exactly(invocation, 0)?;
        let settings = Settings::load(invocation.sys);
        let name = settings.context(invocation.sys);
        invocation.print(&format!("{name}\n"));
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};
