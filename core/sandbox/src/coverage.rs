//! The coverage register: everything a learner may type or write is simulated, refused as the real tool
//! refuses it, or stands here as accepted and not simulated. Simulated things are read off the registries
//! themselves; only the gaps are written by hand, beside the code that has them.

use crate::boot::PROGRAMS;
use drydock_machinery::sort::Arrange;

/// What happens to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Simulated,
    Refused,
    AcceptedNotSimulated,
}

impl State {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::Simulated => "simulated",
            State::Refused => "refused",
            State::AcceptedNotSimulated => "accepted-not-simulated",
        }
    }
}

/// One line of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub area: String,
    pub thing: String,
    pub state: State,
    pub note: String,
}

/// Parts of the road that are still ahead.
const NOT_SIMULATED: &[(&str, &str, &str)] = &[
    ("tools", "istioctl, helm", "not on the laptop yet"),
    ("headless", "drydock traffic", "needs the mesh"),
];

/// The whole register, by area.
#[must_use]
pub fn register() -> Vec<Row> {
    let row = |area: &str, thing: String, state, note: &str| Row {
        area: area.into(),
        thing,
        state,
        note: note.into(),
    };
    let mut rows: Vec<Row> = Vec::new();
    for program in PROGRAMS.iter().flat_map(|list| list.iter()) {
        rows.push(row("programs", program.name.into(), State::Simulated, program.about));
    }
    for verb in drydock_tools::kubectl::ROOT.subcommands {
        rows.push(row("kubectl", verb.name.into(), State::Simulated, verb.short));
    }
    for kind in drydock_cluster::kinds::BUILTIN {
        let name = if kind.group.is_empty() {
            kind.plural.to_string()
        } else {
            format!("{}.{}", kind.plural, kind.group)
        };
        rows.push(row("api", name, State::Simulated, "stored and served"));
    }
    for controller in drydock_cluster::controllers::CONTROLLERS {
        rows.push(row("controllers", controller.name.into(), State::Simulated, ""));
    }
    let gaps = [
        drydock_machinery::coverage::NOT_SIMULATED,
        drydock_container::coverage::NOT_SIMULATED,
        drydock_container::shell::coverage::NOT_SIMULATED,
        drydock_container::utilities::coverage::NOT_SIMULATED,
        drydock_docker::coverage::NOT_SIMULATED,
        drydock_cluster::coverage::NOT_SIMULATED,
        drydock_tools::coverage::NOT_SIMULATED,
        NOT_SIMULATED,
    ];
    for (area, thing, why) in gaps.into_iter().flatten() {
        rows.push(row(area, (*thing).into(), State::AcceptedNotSimulated, why));
    }
    rows.arrange_by(|a, b| (&a.area, a.state, &a.thing).cmp(&(&b.area, b.state, &b.thing)));
    rows
}
