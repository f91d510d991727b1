//! `kubectl wait`: until objects fulfil a condition, match a JSONPath, exist or are gone.
//!
//! Follows kubectl's `wait` package: every object is read once by the builder, then listed and watched
//! by name until its deadline; `--for=create` polls.

use super::builder::{Builder, Info, Item};
use super::client::{Client, JSON};
use super::deleting::{Deleting, Doomed, Progress};
use super::failure::aggregate;
use super::watching::{Event, Next, Watching};
use super::{Failure, common};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys, Wait};
use drydock_machinery::{Value, json, jsonpath, quote};
use std::collections::VecDeque;

pub const COMMAND: Command = Command {
    name: "wait",
    usage: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
    short: "Experimental: Wait for a specific condition on one or many resources",
    long: "Wait for a specific condition on one or many resources.\n\n The command takes multiple resources and waits until the specified condition is seen in the Status field of every given resource, or until a JSONPath of them has a value, or until they are created or deleted.",
    examples: "# Wait for the pod \"busybox1\" to contain the status condition of type \"Ready\"\nkubectl wait --for=condition=Ready pod/busybox1\n\n# Wait for the pod \"busybox1\" to contain the status phase to be \"Running\"\nkubectl wait --for=jsonpath='{.status.phase}'=Running pod/busybox1\n\n# Wait for the pod \"busybox1\" to be deleted, with a timeout of 60s\nkubectl wait --for=delete pod/busybox1 --timeout=60s",
    flags: &[
        common::FILES,
        common::SELECTOR,
        common::FIELD_SELECTOR,
        common::ALL_NAMESPACES,
        common::ALL,
        common::LOCAL,
        OUTPUT,
        FLAGS,
    ],
    run,
    ..Command::BASE
};

const OUTPUT: &[Flag] = crate::printers::FLAGS;
const FLAGS: &[Flag] = &[
    Flag::string(
        "for",
        '\0',
        "",
        "The condition to wait on: [create|delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath expression}'=[JSONPath value]]. The default condition-value is true.",
    ),
    Flag::duration(
        "timeout",
        "30s",
        "The length of time to wait before giving up.  Zero means check once and don't wait, negative means wait for a week.",
    ),
];

/// What to wait for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Goal {
    Create,
    Delete,
    Condition {
        name: String,
        status: String,
    },
    /// Without a value the path must only lead somewhere.
    JsonPath {
        path: String,
        value: Option<String>,
    },
}

fn parse_goal(text: &str) -> Result<Goal, Error> {
    let lower = text.to_lowercase();
    match lower.as_str() {
        "delete" => return Ok(Goal::Delete),
        "create" => return Ok(Goal::Create),
        _ => {}
    }
    if let Some(condition) = text.strip_prefix("condition=") {
        let (name, status) = condition.split_once('=').unwrap_or((condition, "true"));
        return Ok(Goal::Condition { name: name.into(), status: status.into() });
    }
    if let Some(rest) = text.strip_prefix("jsonpath=") {
        return json_path_goal(rest);
    }
    Err(Error::new(format_args!("unrecognized condition: {}", quote::go(text))))
}

fn json_path_goal(text: &str) -> Result<Goal, Error> {
    let text = text.trim_matches(['\'', '"']);
    let (path, value) = match text.rfind('}') {
        Some(end) => {
            let (path, rest) = text.split_at_checked(end + 1).unwrap_or((text, ""));
            match rest.trim_start_matches(['\'', '"']) {
                "" => (path, None),
                rest => match rest.strip_prefix('=') {
                    Some(value) => (path, Some(value.trim_matches(['\'', '"']))),
                    None => (text, None),
                },
            }
        }
        None => match text.split_once('=') {
            Some((path, value)) => (path, Some(value.trim_matches(['\'', '"']))),
            None => (text, None),
        },
    };
    if value == Some("") {
        return Err(Error::new(
            "jsonpath wait has to have a value after equal sign, like --for=jsonpath='{.status.readyReplicas}'=3",
        ));
    }
    let relaxed = jsonpath::relaxed(path).map_err(Error::new)?;
    jsonpath::Template::parse(&relaxed).map_err(Error::new)?;
    Ok(Goal::JsonPath { path: relaxed, value: value.map(Into::into) })
}

impl Goal {
    /// Whether an object is there already.
    fn met(&self, object: &Value) -> Result<bool, Failure> {
        match self {
            Goal::Create => Ok(true),
            Goal::Delete => Ok(false),
            Goal::Condition { name, status } => Ok(condition_met(object, name, status)),
            Goal::JsonPath { path, value } => json_path_met(object, path, value.as_deref()),
        }
    }
}

fn condition_met(object: &Value, name: &str, wanted: &str) -> bool {
    let conditions = object["status"]["conditions"].items();
    let Some(condition) = conditions.iter().find(|c| c["type"].text().eq_ignore_ascii_case(name)) else {
        return false;
    };
    let observed =
        condition["observedGeneration"].as_int().or(object["status"]["observedGeneration"].as_int());
    match (object["metadata"]["generation"].as_int(), observed) {
        (Some(generation), Some(observed)) if observed < generation => false,
        _ => condition["status"].text().eq_ignore_ascii_case(wanted),
    }
}

fn json_path_met(object: &Value, path: &str, wanted: Option<&str>) -> Result<bool, Failure> {
    let template = jsonpath::Template::parse(path).map_err(|e| Failure::Message(e.to_string()))?;
    // A path that leads nowhere yet is nothing to complain of.
    let Ok(found) = template.find(object) else { return Ok(false) };
    let Some(wanted) = wanted else { return Ok(!found.is_empty()) };
    match found.as_slice() {
        [] => Ok(false),
        [one] => match one {
            Value::Map(_) | Value::List(_) => {
                Err("jsonpath leads to a nested object or list which is not supported".into())
            }
            Value::Null => Ok(wanted == "<nil>" || wanted == "null"),
            one => Ok(one.as_str().map_or_else(|| json::to_string(one), Into::into) == wanted),
        },
        _ => Err("given jsonpath expression matches more than one value".into()),
    }
}

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let goal = parse_goal(invocation.str("for"))?;
    let printer = crate::printers::Printer::from_flags(invocation)?;
    let silent_name = printer.is_some();
    let mut client = Client::new(invocation)?;
    let mut builder = Builder::new(invocation);
    builder.limit = 0;
    let timeout = match invocation.duration("timeout") {
        ..0 => 7 * 24 * 3_600_000,
        given => given,
    };
    let deadline = invocation.sys.now() + u64::try_from(timeout).unwrap_or(0);
    let mut waits = Waits {
        client: client.clone(),
        goal: goal.clone(),
        deadline,
        name_only: silent_name,
        polled: VecDeque::new(),
        queue: VecDeque::new(),
        current: None,
        failures: Vec::new(),
    };
    if goal == Goal::Create {
        let plan = builder.plan(invocation, &mut client)?;
        waits.client = client;
        for item in plan.items {
            match item {
                Item::Named(info) => waits.polled.push_back(info),
                Item::List { .. } => {
                    return Err(Error::new("resource name must be provided"));
                }
            }
        }
        return Ok(Flow::Continue(Box::new(waits)));
    }
    let (infos, mut failures) = builder.fetch(invocation, &mut client)?;
    waits.client = client;
    if goal == Goal::Delete {
        // What is not there needs no waiting for.
        failures.retain(|f| !f.is_not_found());
    }
    if infos.is_empty() && failures.is_empty() && goal != Goal::Delete {
        return Err(Error::new("no matching resources found"));
    }
    waits.failures = failures.iter().map(Failure::describe).collect();
    waits.queue = infos.into();
    Ok(Flow::Continue(Box::new(waits)))
}

/// The objects still to wait for, one after the other against one deadline.
#[derive(Clone, Hash)]
struct Waits {
    client: Client,
    goal: Goal,
    deadline: u64,
    name_only: bool,
    /// Objects that are polled for (`--for=create`).
    polled: VecDeque<Info>,
    queue: VecDeque<Info>,
    current: Option<Current>,
    /// Lines for stderr.
    failures: Vec<String>,
}

#[derive(Clone, Hash)]
enum Current {
    Deleting(Info, Box<Deleting>),
    Watching(Info, Box<Watching>),
}

impl Waits {
    fn succeed(&mut self, sys: &mut Sys<'_>, info: &Info) {
        let condition = if self.name_only { "" } else { " condition met" };
        sys.print(&format!("{}{condition}\n", info.title()));
    }
    fn fail(&mut self, failure: &Failure) {
        self.failures.push(failure.describe());
    }
    fn timed_out(info: &Info) -> Failure {
        Failure::Message(format!(
            "timed out waiting for the condition on {}/{}",
            info.resource.plural, info.name
        ))
    }
    /// `--for=create`: asks every half second.
    fn poll_created(&mut self, sys: &mut Sys<'_>) -> Option<Step> {
        while let Some(info) = self.polled.front().cloned() {
            match self.client.get(sys, &info.path(), JSON) {
                Ok(object) => {
                    self.polled.pop_front();
                    self.queue.push_back(Info { object, ..info });
                }
                Err(failure) if failure.is_not_found() => {
                    if sys.now() >= self.deadline {
                        self.polled.pop_front();
                        self.fail(&Failure::message("timed out waiting for the condition"));
                        continue;
                    }
                    return Some(Step::wait(Wait::Until((sys.now() + 500).min(self.deadline))));
                }
                Err(failure) => {
                    self.polled.pop_front();
                    self.fail(&failure);
                }
            }
        }
        None
    }
    fn start(&mut self, sys: &mut Sys<'_>, info: Info) {
        let remaining = i64::try_from(self.deadline.saturating_sub(sys.now())).unwrap_or(i64::MAX).max(1);
        self.current = Some(match self.goal {
            Goal::Delete => {
                let uid = info.object["metadata"]["uid"].text().to_string();
                let doomed = vec![Doomed { info: info.clone(), uid }];
                Current::Deleting(info, Box::new(Deleting::new(&self.client, doomed, sys.now(), remaining)))
            }
            _ => Current::Watching(info.clone(), Box::new(Watching::new(&self.client, &info))),
        });
    }
    /// Looks at the current object; a step when it must wait.
    fn look(&mut self, sys: &mut Sys<'_>) -> Option<Step> {
        match self.current.take()? {
            Current::Deleting(info, mut deleting) => match deleting.poll(sys) {
                Ok(Progress::Done) => self.succeed(sys, &info),
                Err(failure) => self.fail(&failure),
                Ok(Progress::Wait(on)) => {
                    self.current = Some(Current::Deleting(info, deleting));
                    return Some(Step::Wait(on));
                }
            },
            Current::Watching(info, mut watching) => loop {
                match watching.next(sys) {
                    Err(failure) => {
                        self.fail(&failure);
                        break;
                    }
                    Ok(Next::Event(Event::Seen(object))) => match self.goal.met(&object) {
                        Ok(false) => {}
                        Ok(true) => {
                            watching.close(sys);
                            self.succeed(sys, &info);
                            break;
                        }
                        Err(failure) => {
                            watching.close(sys);
                            self.fail(&failure);
                            break;
                        }
                    },
                    Ok(Next::Event(_)) => {}
                    Ok(Next::Wait(on)) => {
                        if sys.now() >= self.deadline {
                            watching.close(sys);
                            self.fail(&Waits::timed_out(&info));
                            break;
                        }
                        self.current = Some(Current::Watching(info, watching));
                        return Some(Step::Wait(vec![on, Wait::Until(self.deadline)]));
                    }
                }
            },
        }
        None
    }
}

impl Behave for Waits {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(step) = self.poll_created(sys) {
            return step;
        }
        loop {
            if self.current.is_some() {
                if let Some(step) = self.look(sys) {
                    return step;
                }
                continue;
            }
            let Some(info) = self.queue.pop_front() else { break };
            if self.goal == Goal::Create {
                self.succeed(sys, &info);
            } else {
                self.start(sys, info);
            }
        }
        if self.failures.is_empty() {
            return Step::Exit(0);
        }
        let failures: Vec<Failure> =
            self.failures.iter().map(|f| Failure::Error(Error::raw(f.clone()))).collect();
        sys.eprint(&aggregate(&failures).text);
        Step::Exit(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    #[test]
    fn goals_are_read() {
        assert_eq!(parse_goal("delete").ok(), Some(Goal::Delete));
        let condition =
            |name: &str, status: &str| Some(Goal::Condition { name: name.into(), status: status.into() });
        assert_eq!(parse_goal("condition=Ready").ok(), condition("Ready", "true"));
        assert_eq!(parse_goal("condition=Ready=False").ok(), condition("Ready", "False"));
        assert_eq!(
            parse_goal("jsonpath='{.status.phase}'=Running").ok(),
            Some(Goal::JsonPath { path: "{.status.phase}".into(), value: Some("Running".into()) })
        );
        assert_eq!(parse_goal("nope").err(), Some(Error::new("unrecognized condition: \"nope\"")));
    }

    #[test]
    fn a_condition_of_an_older_generation_does_not_count() {
        let object = |observed: i64| {
            value!({
                "metadata": {"generation": 2},
                "status": {"observedGeneration": observed, "conditions": [{"type": "Available", "status": "True"}]}
            })
        };
        assert!(!condition_met(&object(1), "available", "true"));
        assert!(condition_met(&object(2), "available", "true"));
    }
}
