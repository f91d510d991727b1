//! `kubectl replace`: PUTs manifests over what is there; with `--force` deletes and creates anew.

use super::Failure;
use super::builder::Info;
use super::client::{Client, JSON, content};
use super::common::{self, DryRun, field_manager};
use super::failure::aggregate;
use super::manifests;
use super::output::{LAST_APPLIED, Output, SAVE_CONFIG};
use super::record;
use super::validation::Validator;
use super::writing::{self, add_source, quoted_title, with_dry_run, with_last_applied};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Kind, Outcome};
use crate::printers;
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys, Wait};
use drydock_machinery::{Value, value};
use drydock_network::http::Method;
use std::collections::VecDeque;

pub const COMMAND: Command = Command {
    name: "replace",
    usage: "replace -f FILENAME",
    short: "Replace a resource by file name or stdin",
    long: "Replace a resource by file name or stdin.\n\n JSON and YAML formats are accepted. If replacing an existing resource, the complete resource spec must be provided. This can be obtained by\n\n  $ kubectl get TYPE NAME -o yaml",
    examples: "# Replace a pod using the data in pod.json\nkubectl replace -f ./pod.json\n\n# Force replace, delete and then re-create the resource\nkubectl replace --force -f ./pod.json",
    flags: &[
        common::FILES,
        common::DRY_RUN,
        common::VALIDATE,
        printers::FLAGS,
        SAVE_CONFIG,
        FLAGS,
        &[field_manager("kubectl-replace")],
        record::RECORD,
    ],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("cascade", '\0', "background", "Must be \"background\", \"orphan\", or \"foreground\".")
        .alone("background"),
    Flag::bool(
        "force",
        '\0',
        false,
        "If true, immediately remove resources from API and bypass graceful deletion. Note that immediate deletion of some resources may result in inconsistency or data loss and requires confirmation.",
    ),
    Flag::new(
        Kind::Int,
        "grace-period",
        '\0',
        "-1",
        "Period of time in seconds given to the resource to terminate gracefully. Ignored if negative. Set to 1 for immediate shutdown. Can only be set to 0 when --force is true (force deletion).",
    ),
    Flag::duration(
        "timeout",
        "0s",
        "The length of time to wait before giving up on a delete, zero means determine a timeout from the size of the object",
    ),
    Flag::bool(
        "wait",
        '\0',
        false,
        "If true, wait for resources to be gone before returning. This waits for finalizers.",
    ),
    Flag::string(
        "raw",
        '\0',
        "",
        "Raw URI to PUT to the server.  Uses the transport specified by the kubeconfig file.",
    ),
    Flag::string(
        "subresource",
        '\0',
        "",
        "If specified, replace will operate on the subresource of the requested object.",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let mut output = Output::from_flags(invocation)?;
    let force = invocation.bool("force");
    if invocation.int("grace-period") >= 0 && !force {
        return Err(Error::new("--grace-period must have --force specified"));
    }
    if invocation.duration("timeout") != 0 && !force {
        return Err(Error::new("--timeout must have --force specified"));
    }
    if invocation.list("filename").is_empty() && invocation.str("kustomize").is_empty() {
        return Err(Error::new("must specify one of -f and -k"));
    }
    if !invocation.str("raw").is_empty() {
        return writing::raw(invocation, Method::Put);
    }
    writing::require_filename(invocation)?;
    let mut client = Client::new(invocation)?;
    let mut validator = Validator::new(invocation)?;
    let (documents, mut failures) = manifests::read(invocation, &validator.files(invocation));
    let mut infos = VecDeque::new();
    for document in documents {
        if let Err(failure) = validator.check(invocation.sys, &client, &document) {
            failures.push(failure);
            continue;
        }
        let (mapped, unmapped) = manifests::map(invocation, &mut client, vec![document]);
        failures.extend(unmapped);
        for info in mapped {
            if force {
                infos.push_back(info);
                continue;
            }
            match replace(invocation, &client, &validator, &info, output.dry_run) {
                Ok(object) => output.print(invocation.sys, &object, "replaced")?,
                Err(failure) => failures.push(failure),
            }
        }
    }
    if !failures.is_empty() {
        return Err(aggregate(&failures));
    }
    if force {
        return recreate(invocation, client, validator.mode, output, infos);
    }
    Ok(Flow::Done(0))
}

fn replace(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    validator: &Validator,
    info: &Info,
    dry_run: DryRun,
) -> Result<Value, Failure> {
    let annotated = !info.object["metadata"]["annotations"][LAST_APPLIED].is_null();
    let mut object = if annotated || invocation.bool("save-config") {
        with_last_applied(&info.object)
    } else {
        info.object.clone()
    };
    object = record::recorded(invocation, object);
    if dry_run == DryRun::Client {
        return Ok(object);
    }
    let mut path = info.path();
    if !invocation.str("subresource").is_empty() {
        path = format!("{path}/{}", invocation.str("subresource"));
    }
    if object["metadata"]["resourceVersion"].is_empty() {
        // Without a version in the file whatever is there now is overwritten.
        match client.get(invocation.sys, &path, JSON) {
            Ok(now) => {
                object =
                    object.with_at(&["metadata", "resourceVersion"], &now["metadata"]["resourceVersion"]);
            }
            Err(failure) if failure.is_not_found() => {}
            Err(failure) => return Err(add_source(failure, "replacing", &info.source)),
        }
    }
    let request = Client::write(Method::Put, &path, content::JSON, object)
        .query("fieldManager", invocation.str("field-manager"))
        .query("fieldValidation", validator.mode);
    client
        .call(invocation.sys, with_dry_run(request, dry_run))
        .map_err(|failure| add_source(failure, "replacing", &info.source))
}

/// Milliseconds between looks at what is being deleted, and how long that goes on.
const POLL_MS: u64 = 1_000;
const TIMEOUT_MS: u64 = 300_000;

/// `--force`: deletes all, waits, creates all.
fn recreate(
    invocation: &mut Invocation<'_, '_>,
    client: Client,
    mode: &'static str,
    output: Output,
    infos: VecDeque<Info>,
) -> Outcome {
    let grace = invocation.int("grace-period");
    let mut doomed = VecDeque::new();
    for info in &infos {
        // Zero becomes one, so that the object is waited for.
        let body = match grace {
            ..0 => value!({"propagationPolicy": "Background"}),
            grace => value!({"gracePeriodSeconds": (grace.max(1)), "propagationPolicy": "Background"}),
        };
        let request = Client::write(Method::Delete, &info.path(), content::JSON, body);
        match client.call(invocation.sys, request) {
            Ok(_) => {
                invocation.print(&format!("{} deleted\n", quoted_title(&info.resource, &info.name)));
                doomed.push_back(info.clone());
            }
            Err(failure) if failure.is_not_found() => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    let timeout =
        u64::try_from(invocation.duration("timeout")).ok().filter(|ms| *ms > 0).unwrap_or(TIMEOUT_MS);
    let deadline = invocation.sys.now().saturating_add(timeout);
    let manager = invocation.str("field-manager").to_string();
    Ok(Flow::Continue(Box::new(Recreating { client, mode, output, infos, doomed, deadline, manager })))
}

#[derive(Clone, Hash)]
struct Recreating {
    client: Client,
    mode: &'static str,
    output: Output,
    infos: VecDeque<Info>,
    /// Those not known to be gone yet, and until when they are waited for.
    doomed: VecDeque<Info>,
    deadline: u64,
    manager: String,
}

impl Recreating {
    fn create(&mut self, sys: &mut Sys<'_>) -> Result<(), Error> {
        while let Some(info) = self.infos.pop_front() {
            let object = info.object.without_at(&["metadata", "resourceVersion"]);
            let path = info.resource.path(&info.namespace);
            let request = Client::write(Method::Post, &path, content::JSON, object)
                .query("fieldManager", self.manager.as_str())
                .query("fieldValidation", self.mode);
            let made = self.client.call(sys, request).map_err(|f| add_source(f, "creating", &info.source))?;
            self.output.print(sys, &made, "replaced")?;
        }
        Ok(())
    }
}

impl Behave for Recreating {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        // The real one asks once a second.
        while let Some(info) = self.doomed.front() {
            match self.client.get(sys, &info.path(), JSON) {
                Err(failure) if failure.is_not_found() => _ = self.doomed.pop_front(),
                _ if sys.now() >= self.deadline => {
                    sys.eprint("error: timed out waiting for the condition\n");
                    return Step::Exit(1);
                }
                _ => return Step::wait(Wait::Until((sys.now() + POLL_MS).min(self.deadline))),
            }
        }
        match self.create(sys) {
            Ok(()) => Step::Exit(0),
            Err(error) => {
                sys.eprint(&error.text);
                Step::Exit(error.code)
            }
        }
    }
}
