//! How checks are written: one predicate a map, a few of them with a second key beside it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a task wants to be true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Raw", into = "Raw")]
pub enum Check {
    All(Vec<Check>),
    Any(Vec<Check>),
    Not(Box<Check>),
    Resource(Resource),
    Pods(Pods),
    Rollout(Rollout),
    Endpoints(Endpoints),
    Probe {
        probe: Probe,
        expect: Expect,
    },
    /// An experiment on a copy of the world.
    WhatIf {
        moves: Vec<Move>,
        then: Box<Check>,
    },
    Command(Command),
    Ui {
        opened: String,
    },
    File(FileCheck),
    Printed {
        contains: String,
    },
    Answer {
        quiz: String,
    },
    Event {
        about: Option<String>,
        reason: String,
    },
    Log {
        pods: String,
        contains: String,
    },
}

/// A number or bounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Range {
    Exactly(f64),
    Between {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gte: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lte: Option<f64>,
    },
}

impl Range {
    #[must_use]
    pub fn holds(self, n: f64) -> bool {
        match self {
            Range::Exactly(wanted) => (n - wanted).abs() < 1e-9,
            Range::Between { gte, lte } => {
                gte.is_none_or(|g| n >= g - 1e-9) && lte.is_none_or(|l| n <= l + 1e-9)
            }
        }
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Range::Exactly(n) => write!(f, "{n}"),
            Range::Between { gte: Some(g), lte: Some(l) } => write!(f, "{g}–{l}"),
            Range::Between { gte: Some(g), lte: None } => write!(f, "≥ {g}"),
            Range::Between { gte: None, lte: Some(l) } => write!(f, "≤ {l}"),
            Range::Between { gte: None, lte: None } => f.write_str("*"),
        }
    }
}

/// A condition on one field: a plain value means equality.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Op {
    Compare(Compare),
    Equals(serde_json::Value),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Compare {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eq: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ne: Option<serde_json::Value>,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub one_of: Option<Vec<serde_json::Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gte: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lte: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
}

/// Objects of a kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resource {
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// Dotted paths; lists are searched: any item may match.
    #[serde(rename = "where", skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<String, Op>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Range>,
    /// `uid`: the object is the one from the step's beginning; `generation`: its spec was not touched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same: Option<String>,
    /// The opposite of `same`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<String>,
}

/// Pods by their state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pods {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// Of a waiting or ended container: CrashLoopBackOff, ImagePullBackOff, Error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restarts: Option<Range>,
    /// How many; at least one if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Range>,
    /// How many of the step's beginning are gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<Range>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rollout {
    pub deployment: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replicas: Option<Range>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Endpoints {
    pub service: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    pub ready: Range,
    /// `Deployment/web`: only pods of this owner count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backed_by: Option<String>,
}

/// Requests sent in a copy of the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// `laptop`, `node`, or `pod` for any ready pod of the namespace.
    #[serde(default = "laptop")]
    pub from: String,
    pub url: String,
    #[serde(default = "one")]
    pub n: u32,
}

fn laptop() -> String {
    "laptop".into()
}
fn one() -> u32 {
    1
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Expect {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_contains: Option<String>,
    /// The part of the requests that must come out so; all if not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Range>,
    /// Different bodies seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distinct: Option<Range>,
}

/// A move of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub enum Move {
    DeletePods {
        selector: String,
        #[serde(default = "one")]
        count: u32,
    },
    /// A Go duration.
    Advance(String),
    StopNode(String),
    Sh(String),
}

/// A command that was run, after aliases and short names are resolved.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Command {
    pub tool: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verb: Vec<String>,
    /// Plural names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kind: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it must have succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ok: Option<bool>,
    /// A word that must be among the arguments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileCheck {
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
}

macro_rules! raw {
    ($($field:ident $(as $name:literal)? : $type:ty,)*) => {
        #[derive(Clone, Debug, Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        struct Raw {
            $($(#[serde(rename = $name)])? #[serde(skip_serializing_if = "Option::is_none")] $field: Option<$type>,)*
        }
        impl Raw {
            fn keys(&self) -> Vec<&'static str> {
                let mut keys = Vec::new();
                $(if self.$field.is_some() { keys.push(stringify!($field)); })*
                keys
            }
        }
    };
}

raw! {
    all: Vec<Check>,
    any: Vec<Check>,
    not: Box<Check>,
    resource: Resource,
    conditions as "where": BTreeMap<String, Op>,
    absent: bool,
    count: Range,
    same: String,
    changed: String,
    pods: Pods,
    rollout: Rollout,
    endpoints: Endpoints,
    probe: Probe,
    expect: Expect,
    moves as "whatIf": Vec<Move>,
    then: Box<Check>,
    command: Command,
    ui: Ui,
    file: FileCheck,
    printed: Contains,
    answer: Answer,
    event: Event,
    log: Log,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ui {
    opened: String,
}
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contains {
    contains: String,
}
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    quiz: String,
}
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    reason: String,
}
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Log {
    pods: String,
    contains: String,
}

impl TryFrom<Raw> for Check {
    type Error = String;
    fn try_from(raw: Raw) -> Result<Check, String> {
        let keys = raw.keys();
        let beside = |allowed: &[&str]| {
            let extra: Vec<&str> = keys.iter().filter(|k| !allowed.contains(k)).copied().collect();
            if extra.is_empty() {
                Ok(())
            } else {
                Err(format!("a check cannot have {} here", extra.join(", ")))
            }
        };
        macro_rules! single {
            ($($field:ident => $made:expr;)*) => {
                $(if let Some($field) = raw.$field {
                    beside(&[stringify!($field)])?;
                    return Ok($made);
                })*
            };
        }
        if let Some(mut resource) = raw.resource {
            beside(&["resource", "conditions", "absent", "count", "same", "changed"])?;
            resource.conditions.extend(raw.conditions.unwrap_or_default());
            resource.absent |= raw.absent.unwrap_or(false);
            resource.count = raw.count.or(resource.count);
            resource.same = raw.same.or(resource.same);
            resource.changed = raw.changed.or(resource.changed);
            return Ok(Check::Resource(resource));
        }
        if let Some(probe) = raw.probe {
            beside(&["probe", "expect"])?;
            return Ok(Check::Probe { probe, expect: raw.expect.ok_or("probe needs expect")? });
        }
        if let Some(moves) = raw.moves {
            beside(&["moves", "then"])?;
            return Ok(Check::WhatIf { moves, then: raw.then.ok_or("whatIf needs then")? });
        }
        single! {
            all => Check::All(all);
            any => Check::Any(any);
            not => Check::Not(not);
            pods => Check::Pods(pods);
            rollout => Check::Rollout(rollout);
            endpoints => Check::Endpoints(endpoints);
            command => Check::Command(command);
            ui => Check::Ui { opened: ui.opened };
            file => Check::File(file);
            printed => Check::Printed { contains: printed.contains };
            answer => Check::Answer { quiz: answer.quiz };
            event => Check::Event { about: event.about, reason: event.reason };
            log => Check::Log { pods: log.pods, contains: log.contains };
        }
        Err("a check needs one predicate: all, any, not, resource, pods, rollout, endpoints, probe, whatIf, command, ui, file, printed, answer, event or log".into())
    }
}

impl From<Check> for Raw {
    fn from(check: Check) -> Raw {
        let raw = Raw::default();
        match check {
            Check::All(all) => Raw { all: Some(all), ..raw },
            Check::Any(any) => Raw { any: Some(any), ..raw },
            Check::Not(not) => Raw { not: Some(not), ..raw },
            Check::Resource(resource) => Raw { resource: Some(resource), ..raw },
            Check::Pods(pods) => Raw { pods: Some(pods), ..raw },
            Check::Rollout(rollout) => Raw { rollout: Some(rollout), ..raw },
            Check::Endpoints(endpoints) => Raw { endpoints: Some(endpoints), ..raw },
            Check::Probe { probe, expect } => Raw { probe: Some(probe), expect: Some(expect), ..raw },
            Check::WhatIf { moves, then } => Raw { moves: Some(moves), then: Some(then), ..raw },
            Check::Command(command) => Raw { command: Some(command), ..raw },
            Check::Ui { opened } => Raw { ui: Some(Ui { opened }), ..raw },
            Check::File(file) => Raw { file: Some(file), ..raw },
            Check::Printed { contains } => Raw { printed: Some(Contains { contains }), ..raw },
            Check::Answer { quiz } => Raw { answer: Some(Answer { quiz }), ..raw },
            Check::Event { about, reason } => Raw { event: Some(Event { about, reason }), ..raw },
            Check::Log { pods, contains } => Raw { log: Some(Log { pods, contains }), ..raw },
        }
    }
}
