//! `kubectl drain`: cordons nodes and evicts their pods, honouring disruption budgets.
//!
//! Follows kubectl's `drain` package: filters decide what may go, evictions are posted, and the pods are
//! polled until they are gone or replaced.

use drydock_machinery::sort::Arrange;
mod filters;

use super::Failure;
use super::builder::{Info, items_of};
use super::client::{ANY, Client, PROTO, content};
use super::common::{self, DryRun};
use super::failure::aggregate;
use super::node;
use super::output::Output;
use crate::cli::{Command, Flag, Flow, Invocation, Kind, Outcome};
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys, Wait};
use drydock_machinery::{Value, quote, value};
use drydock_network::http::{Method, Request};
use std::collections::VecDeque;

pub const COMMAND: Command = Command {
    name: "drain",
    usage: "drain NODE",
    short: "Drain node in preparation for maintenance",
    long: "Drain node in preparation for maintenance.\n\n The given node will be marked unschedulable to prevent new pods from arriving. 'drain' evicts the pods if the API server supports disruptions. Otherwise, it will use normal DELETE to delete the pods. The 'drain' evicts or deletes all pods except mirror pods (which cannot be deleted through the API server).  If there are daemon set-managed pods, drain will not proceed without --ignore-daemonsets, and regardless it will not delete any daemon set-managed pods, because those pods would be immediately replaced by the daemon set controller, which ignores unschedulable markings.  If there are any pods that are neither mirror pods nor managed by a replication controller, replica set, daemon set, stateful set, or job, then drain will not delete any pods unless you use --force.\n\n 'drain' waits for graceful termination. When you are ready to put the node back into service, use kubectl uncordon, which will make the node schedulable again.",
    examples: "# Drain node \"foo\", even if there are pods not managed by a replication controller, replica set, job, daemon set, or stateful set on it\nkubectl drain foo --force\n\n# As above, but abort if there are pods not managed by a replication controller, replica set, job, daemon set, or stateful set, and use a grace period of 15 minutes\nkubectl drain foo --grace-period=900",
    flags: &[common::SELECTOR, common::DRY_RUN, common::CHUNK, FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool(
        "delete-emptydir-data",
        '\0',
        false,
        "Continue even if there are pods using emptyDir (local data that will be deleted when the node is drained).",
    ),
    Flag::bool("delete-local-data", '\0', false, "Continue even if there are pods using emptyDir.").hidden(),
    Flag::bool(
        "disable-eviction",
        '\0',
        false,
        "Force drain to use delete, even if eviction is supported. This will bypass checking PodDisruptionBudgets, use with caution.",
    ),
    Flag::bool("force", '\0', false, "Continue even if there are pods that do not declare a controller."),
    Flag::new(
        Kind::Int,
        "grace-period",
        '\0',
        "-1",
        "Period of time in seconds given to each pod to terminate gracefully. If negative, the default value specified in the pod will be used.",
    ),
    Flag::bool("ignore-daemonsets", '\0', false, "Ignore DaemonSet-managed pods."),
    Flag::string("pod-selector", '\0', "", "Label selector to filter pods on the node"),
    Flag::new(
        Kind::Int,
        "skip-wait-for-delete-timeout",
        '\0',
        "0",
        "If pod DeletionTimestamp older than N seconds, skip waiting for the pod.  Seconds must be greater than 0 to skip.",
    ),
    Flag::duration("timeout", "0s", "The length of time to wait before giving up, zero means infinite"),
];

/// A refused eviction is tried again after this, a pod is looked at again after that.
const RETRY_MS: u64 = 5000;
const POLL_MS: u64 = 1000;

/// How to drain.
#[derive(Clone, Debug, PartialEq, Hash)]
struct Options {
    force: bool,
    ignore_daemon_sets: bool,
    delete_empty_dir: bool,
    disable_eviction: bool,
    grace: i64,
    pod_selector: String,
    dry_run: DryRun,
    timeout: u64,
    skip_terminating: i64,
}

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let options = Options {
        force: invocation.bool("force"),
        ignore_daemon_sets: invocation.bool("ignore-daemonsets"),
        delete_empty_dir: invocation.bool("delete-emptydir-data") || invocation.bool("delete-local-data"),
        disable_eviction: invocation.bool("disable-eviction"),
        grace: invocation.int("grace-period"),
        pod_selector: invocation.str("pod-selector").into(),
        dry_run: common::dry_run(invocation)?,
        timeout: u64::try_from(invocation.duration("timeout")).unwrap_or(0),
        skip_terminating: invocation.int("skip-wait-for-delete-timeout"),
    };
    let mut client = Client::new(invocation)?;
    let (nodes, failures) = node::nodes(invocation, &mut client)?;
    if !failures.is_empty() {
        return Err(aggregate(&failures));
    }
    for info in &nodes {
        node::cordon(invocation, &client, info, true, options.dry_run)?;
    }
    Ok(Flow::Continue(Box::new(Drain {
        client,
        options,
        nodes: nodes.into(),
        job: None,
        failed: Vec::new(),
    })))
}

/// A pod to be gone.
#[derive(Clone, Debug, PartialEq, Hash)]
struct Leaving {
    pod: Value,
    /// Its eviction was accepted.
    evicted: bool,
    /// Not before this moment.
    next: u64,
}

impl Leaving {
    fn path(&self) -> String {
        super::podpick::pod_path(&self.pod, "").trim_end_matches('/').into()
    }
    fn title(&self) -> String {
        let metadata = &self.pod["metadata"];
        format!("{}/{}", metadata["namespace"].text(), metadata["name"].text())
    }
}

/// One node at work.
#[derive(Clone, Debug, PartialEq, Hash)]
struct Job {
    node: Info,
    pods: Vec<Leaving>,
    evict: bool,
    deadline: u64,
}

impl Job {
    /// What each pod still there is told of when the time is over.
    fn overdue(&self, why: &str) -> Vec<String> {
        if !self.evict {
            return vec![why.to_string()];
        }
        let one = |leaving: &Leaving| {
            let metadata = &leaving.pod["metadata"];
            let (name, namespace) =
                (quote::go(metadata["name"].text()), quote::go(metadata["namespace"].text()));
            if leaving.evicted {
                format!("error when waiting for pod {name} in namespace {namespace} to terminate: {why}")
            } else {
                format!("error when evicting pods/{name} -n {namespace}: {why}")
            }
        };
        self.pods.iter().map(one).collect()
    }
}

/// As Go shows an error made of several.
fn aggregated(why: &[String]) -> String {
    match why {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    }
}

#[derive(Clone, Hash)]
struct Drain {
    client: Client,
    options: Options,
    nodes: VecDeque<Info>,
    job: Option<Job>,
    /// Nodes that could not be drained, and why.
    failed: Vec<(String, String)>,
}

impl Drain {
    /// Decides which pods go and says so.
    fn begin(&mut self, sys: &mut Sys<'_>, node: Info) -> Result<Job, Vec<String>> {
        let whole = |failure: Failure| vec![failure.text()];
        let mut request = Request::get("/api/v1/pods")
            .header("Accept", PROTO)
            .query("fieldSelector", format!("spec.nodeName={}", node.name))
            .query("limit", "500");
        if !self.options.pod_selector.is_empty() {
            request = request.query("labelSelector", self.options.pod_selector.as_str());
        }
        let list = self.client.call(sys, request).map_err(whole)?;
        let (pods, warnings) = filters::choose(sys, &self.client, &self.options, items_of(&list))?;
        if !warnings.is_empty() {
            sys.eprint(&format!("Warning: {warnings}\n"));
        }
        let evict =
            !self.options.disable_eviction && (self.options.dry_run == DryRun::Client || self.can_evict(sys));
        let verb = if evict { "evicting" } else { "deleting" };
        let pods: Vec<Leaving> =
            pods.into_iter().map(|pod| Leaving { pod, evicted: false, next: 0 }).collect();
        for pod in &pods {
            sys.print(&format!("{verb} pod {}{}\n", pod.title(), self.options.dry_run.suffix()));
        }
        let pods = if self.options.dry_run == DryRun::Client { Vec::new() } else { pods };
        let deadline = if self.options.timeout == 0 { u64::MAX } else { sys.now() + self.options.timeout };
        Ok(Job { node, pods, evict, deadline })
    }
    /// Whether the server has `pods/eviction`, by its plain resource list.
    fn can_evict(&self, sys: &mut Sys<'_>) -> bool {
        let Ok(list) = self.client.get(sys, "/api/v1", ANY) else { return false };
        list["resources"].items().iter().any(|r| r["name"] == "pods/eviction" && r["kind"] == "Eviction")
    }
    fn remove(&self, sys: &mut Sys<'_>, pod: &Leaving, evict: bool) -> Result<(), Failure> {
        let mut options = Value::empty_map();
        if self.options.grace >= 0 {
            options = options.with("gracePeriodSeconds", self.options.grace);
        }
        if self.options.dry_run == DryRun::Server {
            options = options.with("dryRun", value!(["All"]));
        }
        let metadata = &pod.pod["metadata"];
        let request = if evict {
            let body = value!({
                "apiVersion": "policy/v1",
                "kind": "Eviction",
                "metadata": {
                    "creationTimestamp": null,
                    "name": (metadata["name"].clone()),
                    "namespace": (metadata["namespace"].clone())
                },
                "deleteOptions": options
            });
            Client::write(Method::Post, &format!("{}/eviction", pod.path()), content::JSON, body)
        } else {
            Client::write(Method::Delete, &pod.path(), content::JSON, options)
        };
        self.client.call(sys, request).map(|_| ())
    }
    /// Moves every pod on; true when none is left.
    fn work(&self, sys: &mut Sys<'_>, job: &mut Job) -> Result<bool, Failure> {
        let now = sys.now();
        let verb = if job.evict { "evicted" } else { "deleted" };
        let mut at = 0;
        // All evictions are posted before any pod is looked at.
        for leaving in job.pods.iter_mut().filter(|l| !l.evicted && l.next <= now) {
            match self.remove(sys, leaving, job.evict) {
                Ok(()) => {
                    leaving.evicted = true;
                    leaving.next = now;
                }
                Err(failure) if failure.is_not_found() => leaving.evicted = true,
                Err(failure) if failure.reason() == "TooManyRequests" => {
                    sys.eprint(&format!(
                        "error when evicting pods/{} -n {} (will retry after 5s): {}\n",
                        quote::go(leaving.pod["metadata"]["name"].text()),
                        quote::go(leaving.pod["metadata"]["namespace"].text()),
                        failure.text()
                    ));
                    leaving.next = now + RETRY_MS;
                }
                Err(failure) => {
                    let (name, namespace) =
                        (&leaving.pod["metadata"]["name"], &leaving.pod["metadata"]["namespace"]);
                    let doing = if job.evict { "evicting" } else { "deleting" };
                    return Err(Failure::Message(format!(
                        "error when {doing} pods/{} -n {}: {}",
                        quote::go(name.text()),
                        quote::go(namespace.text()),
                        failure.text()
                    )));
                }
            }
        }
        while let Some(leaving) = job.pods.get_mut(at) {
            if !leaving.evicted || leaving.next > now {
                at += 1;
                continue;
            }
            let gone = self.options.dry_run == DryRun::Server
                || match self.client.get(sys, &leaving.path(), PROTO) {
                    Err(failure) if failure.is_not_found() => true,
                    Err(failure) => return Err(failure),
                    Ok(now) => {
                        now["metadata"]["uid"] != leaving.pod["metadata"]["uid"] || self.skips(sys, &now)
                    }
                };
            if gone {
                let title = format!(
                    "pod/{} {verb}{}\n",
                    leaving.pod["metadata"]["name"].text(),
                    self.options.dry_run.suffix()
                );
                sys.print(&title);
                job.pods.remove(at);
            } else {
                leaving.next = now + POLL_MS;
                at += 1;
            }
        }
        Ok(job.pods.is_empty())
    }
    fn skips(&self, sys: &Sys<'_>, pod: &Value) -> bool {
        let since = drydock_machinery::Timestamp::parse(pod["metadata"]["deletionTimestamp"].text());
        self.options.skip_terminating > 0
            && since.is_some_and(|t| sys.unix() - t.0 > self.options.skip_terminating)
    }
    /// Tells which pods are still there when something went wrong.
    fn pending(&self, sys: &mut Sys<'_>, job: &Job, why: &[String]) {
        if job.pods.is_empty() {
            return;
        }
        let node = quote::go(&job.node.name);
        sys.eprint(&format!(
            "There are pending pods in node {node} when an error occurred: {}\n",
            aggregated(why)
        ));
        let mut names: Vec<(&str, &str)> = job
            .pods
            .iter()
            .map(|p| (p.pod["metadata"]["namespace"].text(), p.pod["metadata"]["name"].text()))
            .collect();
        names.arrange();
        for (_, name) in names {
            sys.eprint(&format!("pod/{name}\n"));
        }
    }
    fn fail(&mut self, sys: &mut Sys<'_>, node: &str, why: &[String]) {
        let all = aggregated(why);
        sys.eprint(&format!(
            "error: unable to drain node {} due to error: {all}, continuing command...\n",
            quote::go(node)
        ));
        self.failed.push((node.into(), why.join("\n")));
    }
    fn finish(&self, sys: &mut Sys<'_>) -> Step {
        if self.failed.is_empty() {
            return Step::Exit(0);
        }
        sys.eprint("There are pending nodes to be drained:\n");
        for (node, _) in &self.failed {
            sys.eprint(&format!(" {node}\n"));
        }
        for (_, why) in &self.failed {
            sys.eprint(&format!("{why}\n"));
        }
        Step::Exit(1)
    }
}

impl Behave for Drain {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        loop {
            let Some(mut job) = self.job.take() else {
                let Some(node) = self.nodes.pop_front() else { return self.finish(sys) };
                let name = node.name.clone();
                match self.begin(sys, node) {
                    Ok(job) => self.job = Some(job),
                    Err(why) => self.fail(sys, &name, &why),
                }
                continue;
            };
            match self.work(sys, &mut job) {
                Ok(true) => {
                    let mut output = Output { printer: None, dry_run: self.options.dry_run };
                    let _ = output.print(sys, &job.node.object, "drained");
                }
                Ok(false) if sys.now() >= job.deadline => {
                    let timeout = drydock_machinery::time::go_duration_string(
                        i64::try_from(self.options.timeout).unwrap_or(0),
                    );
                    let why = job.overdue(&format!("global timeout reached: {timeout}"));
                    self.pending(sys, &job, &why);
                    self.fail(sys, &job.node.name, &why);
                }
                Ok(false) => {
                    let next = job.pods.iter().map(|p| p.next).min().unwrap_or(0);
                    let wake = next.max(sys.now() + 1).min(job.deadline);
                    self.job = Some(job);
                    return Step::wait(Wait::Until(wake));
                }
                Err(failure) => {
                    let why = [failure.text()];
                    self.pending(sys, &job, &why);
                    self.fail(sys, &job.node.name, &why);
                }
            }
        }
    }
}
