//! `kubectl rollout status`: prints how far a rollout is at every change until it is done.
//!
//! Messages follow kubectl's `polymorphichelpers/rollout_status.go`.

use super::super::client::Client;
use super::super::watching::{Event, Next, Watching};
use super::{COMMON, targets};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Kind, Outcome};
use crate::kubectl::{Failure, Info};
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys, Wait};
use drydock_machinery::{Value, quote};
use std::collections::VecDeque;

pub const COMMAND: Command = Command {
    name: "status",
    usage: "status (TYPE NAME | TYPE/NAME) [flags]",
    short: "Show the status of the rollout",
    long: "Show the status of the rollout.\n\n By default 'rollout status' will watch the status of the latest rollout until it's done. If you don't want to wait for the rollout to finish then you can use --watch=false. If you want to pin to a specific revision and abort if it is rolled over by another revision, use --revision=N.",
    examples: "# Watch the rollout status of a deployment\nkubectl rollout status deployment/nginx",
    flags: &[COMMON, crate::kubectl::common::SELECTOR, FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("watch", 'w', true, "Watch the status of the rollout until it's done."),
    Flag::new(
        Kind::Int64,
        "revision",
        '\0',
        "0",
        "Pin to a specific revision for showing its status. Defaults to 0 (last revision).",
    ),
    Flag::duration(
        "timeout",
        "0s",
        "The length of time to wait before ending watch, zero means never. Any other values should contain a corresponding time unit (e.g. 1s, 2m, 3h).",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    if invocation.int("revision") < 0 {
        return Err(Error::new("revision must be a positive integer: "));
    }
    let mut client = Client::new(invocation)?;
    let (infos, failures) = targets(invocation, &mut client)?;
    if let Some(failure) = failures.into_iter().next() {
        return Err(failure.into());
    }
    if infos.is_empty() {
        return Err(Error::new("no resources found"));
    }
    let timeout = u64::try_from(invocation.duration("timeout")).unwrap_or(0);
    Ok(Flow::Continue(Box::new(Status {
        client,
        queue: infos.into(),
        current: None,
        watch: invocation.bool("watch"),
        revision: invocation.int("revision"),
        timeout,
        deadline: u64::MAX,
    })))
}

#[derive(Clone, Hash)]
struct Status {
    client: Client,
    queue: VecDeque<Info>,
    current: Option<Watching>,
    watch: bool,
    revision: i64,
    timeout: u64,
    deadline: u64,
}

impl Status {
    /// Looks at one object; true when it is finished with.
    fn look(&mut self, sys: &mut Sys<'_>) -> Result<Option<Step>, Failure> {
        let Some(watching) = &mut self.current else { return Ok(None) };
        loop {
            match watching.next(sys)? {
                Next::Event(Event::Seen(object)) => {
                    let (text, done) = status(&object, self.revision)?;
                    sys.print(&text);
                    if done || !self.watch {
                        watching.close(sys);
                        self.current = None;
                        return Ok(None);
                    }
                }
                Next::Event(Event::Deleted(_)) => return Err("object has been deleted".into()),
                Next::Event(Event::Absent) => {}
                Next::Wait(on) => {
                    if sys.now() >= self.deadline {
                        return Err("timed out waiting for the condition".into());
                    }
                    let mut wait = vec![on];
                    if self.deadline != u64::MAX {
                        wait.push(Wait::Until(self.deadline));
                    }
                    return Ok(Some(Step::Wait(wait)));
                }
            }
        }
    }
}

impl Behave for Status {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        loop {
            if self.current.is_none() {
                let Some(info) = self.queue.pop_front() else { return Step::Exit(0) };
                if !["Deployment", "DaemonSet", "StatefulSet"].contains(&info.resource.kind.as_str()) {
                    let kind = info.resource.kind_group();
                    sys.eprint(&format!("error: no status viewer has been implemented for {kind}\n"));
                    return Step::Exit(1);
                }
                self.current = Some(Watching::new(&self.client, &info));
                self.deadline = if self.timeout == 0 { u64::MAX } else { sys.now() + self.timeout };
            }
            match self.look(sys) {
                Ok(Some(step)) => return step,
                Ok(None) => {}
                Err(failure) => {
                    if let Some(watching) = &mut self.current {
                        watching.close(sys);
                    }
                    sys.eprint(&format!("{}\n", failure.describe()));
                    return Step::Exit(1);
                }
            }
        }
    }
}

/// The message for an object's state, and whether its rollout is done.
///
/// # Errors
/// Rollouts that failed or cannot be watched.
pub fn status(object: &Value, revision: i64) -> Result<(String, bool), Failure> {
    match object["kind"].text() {
        "Deployment" => deployment(object, revision),
        "DaemonSet" => daemon_set(object),
        _ => stateful_set(object),
    }
}

fn deployment(object: &Value, revision: i64) -> Result<(String, bool), Failure> {
    let name = quote::go(object["metadata"]["name"].text());
    let (spec, status) = (&object["spec"], &object["status"]);
    if revision > 0 {
        let running = super::revisions::revision_of(object);
        if running != revision {
            return Err(format!(
                "desired revision ({revision}) is different from the running revision ({running})"
            )
            .into());
        }
    }
    if object["metadata"]["generation"].int() > status["observedGeneration"].int() {
        return Ok(("Waiting for deployment spec update to be observed...\n".into(), false));
    }
    let too_late = |c: &Value| c["type"] == "Progressing" && c["reason"] == "ProgressDeadlineExceeded";
    if status["conditions"].items().iter().any(too_late) {
        return Err(format!("deployment {name} exceeded its progress deadline").into());
    }
    let waiting =
        |what: String| Ok((format!("Waiting for deployment {name} rollout to finish: {what}...\n"), false));
    let (updated, total) = (status["updatedReplicas"].int(), status["replicas"].int());
    let available = status["availableReplicas"].int();
    if let Some(wanted) = spec["replicas"].as_int().filter(|wanted| updated < *wanted) {
        return waiting(format!("{updated} out of {wanted} new replicas have been updated"));
    }
    if total > updated {
        return waiting(format!("{} old replicas are pending termination", total - updated));
    }
    if available < updated {
        return waiting(format!("{available} of {updated} updated replicas are available"));
    }
    Ok((format!("deployment {name} successfully rolled out\n"), true))
}

fn daemon_set(object: &Value) -> Result<(String, bool), Failure> {
    let name = quote::go(object["metadata"]["name"].text());
    let status = &object["status"];
    rolling(&object["spec"])?;
    if object["metadata"]["generation"].int() > status["observedGeneration"].int() {
        return Ok(("Waiting for daemon set spec update to be observed...\n".into(), false));
    }
    let waiting =
        |what: String| Ok((format!("Waiting for daemon set {name} rollout to finish: {what}...\n"), false));
    let desired = status["desiredNumberScheduled"].int();
    let (updated, available) = (status["updatedNumberScheduled"].int(), status["numberAvailable"].int());
    if updated < desired {
        return waiting(format!("{updated} out of {desired} new pods have been updated"));
    }
    if available < desired {
        return waiting(format!("{available} of {desired} updated pods are available"));
    }
    Ok((format!("daemon set {name} successfully rolled out\n"), true))
}

fn stateful_set(object: &Value) -> Result<(String, bool), Failure> {
    let (spec, status) = (&object["spec"], &object["status"]);
    rolling(spec)?;
    let observed = status["observedGeneration"].int();
    if observed == 0 || object["metadata"]["generation"].int() > observed {
        return Ok(("Waiting for statefulset spec update to be observed...\n".into(), false));
    }
    let wanted = spec["replicas"].as_int();
    let ready = status["readyReplicas"].int();
    if let Some(wanted) = wanted.filter(|wanted| ready < *wanted) {
        return Ok((format!("Waiting for {} pods to be ready...\n", wanted - ready), false));
    }
    let updated = status["updatedReplicas"].int();
    let rolling_update = &spec["updateStrategy"]["rollingUpdate"];
    if spec["updateStrategy"]["type"] == "RollingUpdate" && !rolling_update.is_null() {
        if let (Some(wanted), Some(partition)) = (wanted, rolling_update["partition"].as_int())
            && updated < wanted - partition
        {
            return Ok((
                format!(
                    "Waiting for partitioned roll out to finish: {updated} out of {} new pods have been updated...\n",
                    wanted - partition
                ),
                false,
            ));
        }
        return Ok((
            format!("partitioned roll out complete: {updated} new pods have been updated...\n"),
            true,
        ));
    }
    let (update, current) = (status["updateRevision"].text(), status["currentRevision"].text());
    if update != current {
        return Ok((
            format!(
                "waiting for statefulset rolling update to complete {updated} pods at revision {update}...\n"
            ),
            false,
        ));
    }
    let count = status["currentReplicas"].int();
    Ok((format!("statefulset rolling update complete {count} pods at revision {current}...\n"), true))
}

fn rolling(spec: &Value) -> Result<(), Failure> {
    if spec["updateStrategy"]["type"] == "RollingUpdate" {
        return Ok(());
    }
    Err("rollout status is only available for RollingUpdate strategy type".into())
}
