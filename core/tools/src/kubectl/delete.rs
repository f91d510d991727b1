//! `kubectl delete`: one DELETE per object, then (unless told otherwise) waiting until all are gone.

use super::builder::{self, Builder, Info, Item};
use super::client::{Client, JSON, content};
use super::common::{self, DryRun, FILES};
use super::deleting::{Deleting, Doomed, Progress};
use super::failure::aggregate;
use super::writing::{quoted_title, with_dry_run};
use super::{Failure, Resource};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Kind, Outcome};
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys};
use drydock_machinery::{Value, value};
use drydock_network::http::Method;

pub const COMMAND: Command = Command {
    name: "delete",
    usage: "delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)])",
    short: "Delete resources by file names, stdin, resources and names, or by resources and label selector",
    long: "Delete resources by file names, stdin, resources and names, or by resources and label selector.\n\n Some resources, such as pods, support graceful deletion: they get a period before they are killed, which --grace-period overrides and --now shortens to a second. With --force they are taken off the API at once, whether their processes have ended or not.",
    examples: "# Delete a pod using the type and name specified in pod.json\nkubectl delete -f ./pod.json\n\n# Delete pods and services with same names \"baz\" and \"foo\"\nkubectl delete pod,service baz foo\n\n# Delete pods and services with label name=myLabel\nkubectl delete pods,services -l name=myLabel\n\n# Delete all pods\nkubectl delete pods --all",
    flags: &[
        FILES,
        common::SELECTOR,
        common::FIELD_SELECTOR,
        common::ALL_NAMESPACES,
        common::ALL,
        common::DRY_RUN,
        FLAGS,
    ],
    run,
    ..Command::BASE
};

/// Shared with `replace`.
pub const FLAGS: &[Flag] = &[
    Flag::string("cascade", '\0', "background", "Must be \"background\", \"orphan\", or \"foreground\". Selects the deletion cascading strategy for the dependents (e.g. Pods created by a ReplicationController).").alone("background"),
    Flag::bool("force", '\0', false, "If true, immediately remove resources from API and bypass graceful deletion. Note that immediate deletion of some resources may result in inconsistency or data loss and requires confirmation."),
    Flag::new(Kind::Int, "grace-period", '\0', "-1", "Period of time in seconds given to the resource to terminate gracefully. Ignored if negative. Set to 1 for immediate shutdown. Can only be set to 0 when --force is true (force deletion)."),
    Flag::bool("ignore-not-found", '\0', false, "Treat \"resource not found\" as a successful delete. Defaults to \"true\" when --all is specified."),
    Flag::bool("interactive", 'i', false, "If true, delete resource only when user confirms."),
    Flag::bool("now", '\0', false, "If true, resources are signaled for immediate shutdown (same as --grace-period=1)."),
    Flag::string("output", 'o', "", "Output mode. Use \"-o name\" for shorter output (resource/name)."),
    Flag::string("raw", '\0', "", "Raw URI to DELETE to the server.  Uses the transport specified by the kubeconfig file."),
    Flag::duration("timeout", "0s", "The length of time to wait before giving up on a delete, zero means determine a timeout from the size of the object"),
    Flag::bool("wait", '\0', true, "If true, wait for resources to be gone before returning. This waits for finalizers."),
];

const FORCE_WARNING: &str = "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n";

/// How to delete.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Options {
    /// Seconds; below zero for the object's own.
    pub grace: i64,
    pub propagation: &'static str,
    pub dry_run: DryRun,
    pub force: bool,
    pub name_only: bool,
}

impl Options {
    fn from_flags(invocation: &mut Invocation<'_, '_>) -> Result<Options, Error> {
        let mut grace = invocation.int("grace-period");
        if invocation.bool("now") {
            if grace != -1 {
                return Err(Error::new("--now and --grace-period cannot be specified together"));
            }
            grace = 1;
        }
        let force = invocation.bool("force");
        match (grace, force) {
            // Without --force nothing may be lost at once.
            (0, false) => grace = 1,
            (..0, true) => grace = 0,
            _ => {}
        }
        let output = invocation.str("output");
        if !["", "name"].contains(&output) {
            return Err(Error::new(format_args!(
                "unexpected -o output mode: {output}. We only support '-o name'"
            )));
        }
        let all = invocation.bool("all");
        if all && !(invocation.str("selector").is_empty() && invocation.str("field-selector").is_empty()) {
            return Err(Error::new("setting 'all' parameter but found a non empty selector. "));
        }
        if grace > 0 && force {
            return Err(Error::new("--force and --grace-period greater than 0 cannot be specified together"));
        }
        let name_only = output == "name";
        Ok(Options {
            grace,
            propagation: cascade(invocation)?,
            dry_run: common::dry_run(invocation)?,
            force,
            name_only,
        })
    }
    fn body(&self) -> Value {
        let mut body = value!({"propagationPolicy": self.propagation});
        if self.grace >= 0 {
            body = body.with("gracePeriodSeconds", self.grace);
        }
        if self.dry_run == DryRun::Server { body.with("dryRun", value!(["All"])) } else { body }
    }
}

fn cascade(invocation: &mut Invocation<'_, '_>) -> Result<&'static str, Error> {
    let text = invocation.str("cascade").to_string();
    let mut old = |new: &str, policy| {
        let head = super::client::klog_line(invocation.sys, 'W', "helpers.go:662");
        invocation.eprint(&format!(
            "{head}--cascade={text} is deprecated (boolean value) and can be replaced with --cascade={new}.\n"
        ));
        Ok(policy)
    };
    match text.as_str() {
        "" | "background" => Ok("Background"),
        "orphan" => Ok("Orphan"),
        "foreground" => Ok("Foreground"),
        "true" => old("background", "Background"),
        "false" => old("orphan", "Orphan"),
        other => Err(Error::new(format_args!(
            "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\""
        ))),
    }
}

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let options = Options::from_flags(invocation)?;
    let mut client = Client::new(invocation)?;
    if !invocation.str("raw").is_empty() {
        return raw(invocation, &client);
    }
    let selects = ["selector", "field-selector"].iter().any(|flag| !invocation.str(flag).is_empty());
    let files = !invocation.list("filename").is_empty() || !invocation.str("kustomize").is_empty();
    if invocation.args.is_empty() && !files && (selects || invocation.bool("all")) {
        return Err(Error::new("at least one resource must be specified to use a selector"));
    }
    let mut builder = Builder::new(invocation);
    builder.limit = 0;
    let plan = builder.plan(invocation, &mut client)?;
    if options.force && options.grace == 0 {
        invocation.eprint(FORCE_WARNING);
    } else if options.force {
        invocation.eprint("Warning: --force is ignored because --grace-period is not 0.\n");
    }
    let ignore = invocation.bool("ignore-not-found")
        || (invocation.bool("all") && !invocation.changed("ignore-not-found"));
    let (mut doomed, mut failures) = (Vec::new(), plan.failures);
    let mut infos = Vec::new();
    for item in plan.items {
        let listed = matches!(item, Item::List { .. });
        let batch = match expand(invocation, &client, &builder, item) {
            Ok(batch) => batch,
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        if invocation.bool("interactive") {
            infos.extend(batch);
            continue;
        }
        for info in batch {
            delete_one(invocation.sys, &client, &options, info, ignore || listed, &mut doomed, &mut failures);
        }
    }
    let wait = invocation.bool("wait") && options.dry_run == DryRun::None;
    let timeout = invocation.duration("timeout");
    let state = Deletes { client, options, ignore, wait, timeout, doomed, asked: infos, waiting: None };
    if invocation.bool("interactive") && !state.asked.is_empty() {
        state.ask(invocation.sys);
        return Ok(Flow::Continue(Box::new(state)));
    }
    if !failures.is_empty() {
        return Err(aggregate(&failures));
    }
    if state.doomed.is_empty() {
        invocation.print("No resources found\n");
        return Ok(Flow::Done(0));
    }
    if !wait {
        return Ok(Flow::Done(0));
    }
    Ok(Flow::Continue(Box::new(state)))
}

/// The objects an item stands for: itself, or what a LIST gives.
fn expand(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    builder: &Builder,
    item: Item,
) -> Result<Vec<Info>, Failure> {
    let request = builder.request(&item, JSON);
    let resource = match item {
        Item::Named(info) => return Ok(vec![info]),
        Item::List { resource, .. } => resource,
    };
    let list = builder::pages(invocation, client, request)?;
    Ok(builder::items_of(&list)
        .into_iter()
        .map(|object| Info {
            resource: resource.clone(),
            namespace: object["metadata"]["namespace"].text().into(),
            name: object["metadata"]["name"].text().into(),
            object,
            source: String::new(),
        })
        .collect())
}

fn delete_one(
    sys: &mut Sys<'_>,
    client: &Client,
    options: &Options,
    info: Info,
    ignore: bool,
    doomed: &mut Vec<Doomed>,
    failures: &mut Vec<Failure>,
) {
    let mut uid = String::new();
    let mut told = true;
    if options.dry_run != DryRun::Client {
        match send(sys, client, options, &info) {
            Ok(answer) => uid = uid_of(&answer),
            Err(failure) if failure.is_not_found() && ignore => told = false,
            Err(failure) => {
                return failures.push(super::writing::add_source(failure, "deleting", &info.source));
            }
        }
    }
    if told {
        sys.print(&message(&info.resource, &info.name, options));
    }
    doomed.push(Doomed { info, uid });
}

/// Sends the DELETE.
///
/// # Errors
/// The server's.
pub fn send(sys: &mut Sys<'_>, client: &Client, options: &Options, info: &Info) -> Result<Value, Failure> {
    client.call(sys, Client::write(Method::Delete, &info.path(), content::JSON, options.body()))
}

/// The uid in the answer to a DELETE, a Status or the object itself.
#[must_use]
pub fn uid_of(answer: &Value) -> String {
    let in_status = &answer["details"]["uid"];
    if answer["kind"] == "Status" { in_status.text().into() } else { answer["metadata"]["uid"].text().into() }
}

fn message(resource: &Resource, name: &str, options: &Options) -> String {
    if options.name_only {
        return format!("{}/{name}\n", resource.kind_group());
    }
    let force = if options.force && options.grace == 0 { "force " } else { "" };
    format!("{} {force}deleted{}\n", quoted_title(resource, name), options.dry_run.suffix())
}

fn raw(invocation: &mut Invocation<'_, '_>, client: &Client) -> Outcome {
    let path = invocation.str("raw").to_string();
    let request = with_dry_run(drydock_network::http::Request::new(Method::Delete, path), DryRun::None);
    let answer = client.call(invocation.sys, request.header("Accept", JSON))?;
    invocation.print(&drydock_machinery::json::to_string(&answer));
    Ok(Flow::Done(0))
}

/// The process once the requests are sent: asks with `-i`, and waits.
#[derive(Clone, Hash)]
struct Deletes {
    client: Client,
    options: Options,
    ignore: bool,
    wait: bool,
    timeout: i64,
    doomed: Vec<Doomed>,
    /// Objects that await the learner's yes.
    asked: Vec<Info>,
    waiting: Option<Deleting>,
}

impl Deletes {
    fn ask(&self, sys: &mut Sys<'_>) {
        sys.print(&format!("You are about to delete the following {} resource(s):\n", self.asked.len()));
        for info in &self.asked {
            sys.print(&format!("{}\n", info.title()));
        }
        sys.print("Do you want to continue? (y/N): ");
    }
    fn answered(&mut self, sys: &mut Sys<'_>) -> Option<Step> {
        use drydock_container::fd::{Read, STDIN};
        let yes = match sys.read_line(STDIN) {
            Read::Block => return Some(Step::wait(drydock_container::Wait::Readable(STDIN))),
            Read::Data(line) => {
                let line = String::from_utf8_lossy(&line).trim().to_lowercase();
                line == "y" || line == "yes"
            }
            Read::End | Read::Failed(_) => false,
        };
        let asked = std::mem::take(&mut self.asked);
        if !yes {
            sys.print("deletion is cancelled\n");
            return Some(Step::Exit(0));
        }
        let mut failures = Vec::new();
        for info in asked {
            delete_one(sys, &self.client, &self.options, info, self.ignore, &mut self.doomed, &mut failures);
        }
        if !failures.is_empty() {
            sys.eprint(&aggregate(&failures).text);
            return Some(Step::Exit(1));
        }
        (!self.wait).then_some(Step::Exit(0))
    }
}

impl Behave for Deletes {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if !self.asked.is_empty()
            && let Some(step) = self.answered(sys)
        {
            return step;
        }
        let (client, now) = (&self.client, sys.now());
        let doomed = &mut self.doomed;
        let timeout = self.timeout;
        let waiting =
            self.waiting.get_or_insert_with(|| Deleting::new(client, std::mem::take(doomed), now, timeout));
        match waiting.poll(sys) {
            Ok(Progress::Done) => Step::Exit(0),
            Ok(Progress::Wait(on)) => Step::Wait(on),
            Err(failure) => {
                sys.eprint(&format!("{}\n", failure.describe()));
                Step::Exit(1)
            }
        }
    }
}
