//! Checks: what a task wants to be true, decided by looking at the world. Three-valued in spirit: a
//! check that cannot tell fails with the reason why, it never passes.

mod command;
mod experiment;
mod format;
mod network;
mod resource;

pub use format::{
    Check, Command, Endpoints, Expect, FileCheck, Move, Op, Pods, Probe, Range, Resource, Rollout,
};

use drydock_sandbox::World;
use serde::{Deserialize, Serialize};

/// Why a check does not hold: what was wanted and what was seen, for a sentence in either language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// `missing`, `differs`, `count`, `notReady`, `noAnswer`, `notYet`, `present`, `unknown`.
    pub code: String,
    /// What it is about: `Service/web`, `~/pod.yaml`.
    pub about: String,
    /// The part that differs: `spec.selector.app`.
    pub path: String,
    pub expected: String,
    pub actual: String,
}

impl Reason {
    pub(crate) fn new(code: &str, about: impl Into<String>) -> Reason {
        Reason {
            code: code.into(),
            about: about.into(),
            path: String::new(),
            expected: String::new(),
            actual: String::new(),
        }
    }
    pub(crate) fn path(mut self, path: impl Into<String>) -> Reason {
        self.path = path.into();
        self
    }
    pub(crate) fn wanted(mut self, expected: impl Into<String>, actual: impl Into<String>) -> Reason {
        self.expected = expected.into();
        self.actual = actual.into();
        self
    }
    /// A sentence in a language: what is seen now, without blame.
    #[must_use]
    pub fn sentence(&self, language: &str) -> String {
        let Reason { about, path, expected, actual, .. } = self;
        let ko = language == "ko";
        match (self.code.as_str(), ko) {
            ("missing", true) => format!("{about} 이(가) 아직 없어요."),
            ("missing", false) => format!("{about} is not there yet."),
            ("present", true) => format!("{about} 이(가) 아직 남아 있어요."),
            ("present", false) => format!("{about} is still there."),
            ("differs", true) => {
                format!("{about}의 {path} 값이 {actual} 이에요. 필요한 값은 {expected} 이에요.")
            }
            ("differs", false) => format!("{path} of {about} is {actual}; it should be {expected}."),
            ("count", true) => format!("{about}: 지금 {actual}, 필요한 수는 {expected} 이에요."),
            ("count", false) => format!("{about}: {actual} now, {expected} wanted."),
            ("notReady", true) => format!("{about} 이(가) 아직 준비되지 않았어요({actual})."),
            ("notReady", false) => format!("{about} is not ready yet ({actual})."),
            ("noAnswer", true) => format!("{about} 요청의 결과: {actual}. 필요한 결과: {expected}."),
            ("noAnswer", false) => format!("Requests to {about} gave: {actual}. Wanted: {expected}."),
            ("notYet", true) => format!("아직 하지 않았어요: {about}"),
            ("notYet", false) => format!("Not done yet: {about}"),
            (_, true) => format!("확인할 수 없어요: {about} {actual}"),
            (_, false) => format!("This could not be checked: {about} {actual}"),
        }
    }
}

/// What a check came to.
pub type Verdict = Result<(), Reason>;

/// What checks look at.
pub struct Context<'a> {
    pub world: &'a World,
    /// The world when the step began: for "since" and "replaced".
    pub before: &'a World,
    /// The lesson's namespace for names without one.
    pub namespace: &'a str,
    /// Right answers by question.
    pub answers: &'a dyn Fn(&str) -> Option<String>,
    /// How deep experiments are nested.
    pub depth: usize,
}

/// Decides a check.
///
/// # Errors
/// The first thing that is not as it should be.
pub fn evaluate(check: &Check, context: &Context<'_>) -> Verdict {
    match check {
        Check::All(checks) => checks.iter().try_for_each(|c| evaluate(c, context)),
        Check::Any(checks) => {
            let mut first = None;
            for check in checks {
                match evaluate(check, context) {
                    Ok(()) => return Ok(()),
                    Err(reason) => _ = first.get_or_insert(reason),
                }
            }
            Err(first.unwrap_or_else(|| Reason::new("unknown", "any: []")))
        }
        Check::Not(check) => match evaluate(check, context) {
            Ok(()) => Err(Reason::new("present", describe(check))),
            Err(reason) if reason.code == "unknown" => Err(reason),
            Err(_) => Ok(()),
        },
        Check::Resource(check) => resource::resource(check, context),
        Check::Pods(check) => resource::pods(check, context),
        Check::Rollout(check) => resource::rollout(check, context),
        Check::Endpoints(check) => network::endpoints(check, context),
        Check::Probe { probe, expect } => network::probe(probe, expect, context),
        Check::WhatIf { moves, then } => experiment::what_if(moves, then, context),
        Check::Command(check) => command::command(check, context),
        Check::Ui { opened } => {
            let skip = context.before.opened.len();
            let seen = context.world.opened.iter().skip(skip).any(|o| same_object(o, opened));
            if seen { Ok(()) } else { Err(Reason::new("notYet", opened.clone())) }
        }
        Check::File(check) => command::file(check, context),
        Check::Printed { contains } => command::printed(contains, context),
        Check::Answer { quiz } => {
            let given = context.world.answers.get(quiz.as_str()).map(|a| a.to_string());
            match (given, (context.answers)(quiz)) {
                (Some(given), Some(right)) if given == right => Ok(()),
                (Some(given), _) => Err(Reason::new("differs", quiz.clone()).wanted("?", given)),
                (None, _) => Err(Reason::new("notYet", quiz.clone())),
            }
        }
        Check::Event { about, reason } => resource::event(about.as_deref(), reason, context),
        Check::Log { pods, contains } => resource::log(pods, contains, context),
    }
}

/// `Service/web` is opened by `Service/default/web`, too.
fn same_object(opened: &str, wanted: &str) -> bool {
    let ends = |s: &str| {
        let mut parts = s.split('/');
        (parts.next().map(str::to_string), parts.next_back().map(str::to_string))
    };
    let (o, w) = (ends(opened), ends(wanted));
    o.0 == w.0 && (w.1 == o.1 || w.1.as_deref() == Some("*"))
}

fn describe(check: &Check) -> String {
    match check {
        Check::Resource(r) => crate::course::focus(r),
        Check::Pods(p) => format!("Pod {}", p.selector.as_deref().unwrap_or("*")),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}
