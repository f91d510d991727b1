//! `kubectl apply`: creates what is not there and patches what differs, remembering the manifest in an
//! annotation; or leaves all of it to the server with `--server-side`.
//!
//! Follows kubectl's `apply` package: three-way patches (strategic for built-in kinds, merge for custom
//! ones), retries on conflicts, `--prune` by label.

mod last_applied;
mod patcher;
mod prune;
mod server_side;
mod upgrade;

use super::Failure;
use super::builder::Info;
use super::client::{Client, JSON, content};
use super::common::{self, DryRun};
use super::failure::aggregate;
use super::manifests;
use super::output::Output;
use super::record::recorded;
use super::validation::Validator;
use super::writing::{self, add_source, with_dry_run, with_last_applied};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Kind, Outcome};
use crate::printers;
use drydock_machinery::Value;
use drydock_machinery::selector::LabelSelector;
use drydock_network::http::Method;

pub const COMMAND: Command = Command {
    name: "apply",
    usage: "apply (-f FILENAME | -k DIRECTORY)",
    short: "Apply a configuration to a resource by file name or stdin",
    long: "Apply a configuration to a resource by file name or stdin. The resource name must be specified. This resource will be created if it doesn't exist yet. To use 'apply', always create the resource initially with either 'apply' or 'create --save-config'.\n\n JSON and YAML formats are accepted.",
    examples: "# Apply the configuration in pod.json to a pod\nkubectl apply -f ./pod.json\n\n# Apply resources from a directory containing kustomization.yaml\nkubectl apply -k dir/\n\n# Apply the JSON passed into stdin to a pod\ncat pod.json | kubectl apply -f -",
    flags: &[
        common::FILES,
        common::SELECTOR,
        common::ALL,
        common::DRY_RUN,
        common::VALIDATE,
        printers::FLAGS,
        FLAGS,
        super::record::RECORD,
    ],
    subcommands: &[&last_applied::EDIT, &last_applied::SET, &last_applied::VIEW],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("cascade", '\0', "background", "Must be \"background\", \"orphan\", or \"foreground\".")
        .alone("background"),
    Flag::string(
        "field-manager",
        '\0',
        "kubectl-client-side-apply",
        "Name of the manager used to track field ownership.",
    ),
    Flag::bool(
        "force",
        '\0',
        false,
        "If true, immediately remove resources from API and bypass graceful deletion. Note that immediate deletion of some resources may result in inconsistency or data loss and requires confirmation.",
    ),
    Flag::bool(
        "force-conflicts",
        '\0',
        false,
        "If true, server-side apply will force the changes against conflicts.",
    ),
    Flag::new(
        Kind::Int,
        "grace-period",
        '\0',
        "-1",
        "Period of time in seconds given to the resource to terminate gracefully. Ignored if negative. Set to 1 for immediate shutdown. Can only be set to 0 when --force is true (force deletion).",
    ),
    Flag::bool(
        "openapi-patch",
        '\0',
        true,
        "If true, use openapi to calculate diff when the openapi presents and the resource can be found in the openapi spec. Otherwise, fall back to use baked-in types.",
    ),
    Flag::bool(
        "overwrite",
        '\0',
        true,
        "Automatically resolve conflicts between the modified and live configuration by using values from the modified configuration",
    ),
    Flag::bool(
        "prune",
        '\0',
        false,
        "Automatically delete resource objects, that do not appear in the configs and are created by either apply or create --save-config. Should be used with either -l or --all.",
    ),
    Flag::array(
        "prune-allowlist",
        '\0',
        "Overwrite the default allowlist with <group/version/kind> for --prune",
    ),
    Flag::bool("server-side", '\0', false, "If true, apply runs in the server instead of the client."),
    Flag::string(
        "subresource",
        '\0',
        "",
        "If specified, apply will operate on the subresource of the requested object.  Only allowed when using --server-side.",
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
];

/// What one application works with.
struct Apply {
    client: Client,
    validator: Validator,
    output: Output,
    server_side: bool,
    force_conflicts: bool,
    field_manager: String,
}

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    if !invocation.args.is_empty() {
        let args = invocation.args.join(" ");
        return Err(invocation.usage_error(format_args!("Unexpected args: [{args}]")));
    }
    let (prune, server_side) = (invocation.bool("prune"), invocation.bool("server-side"));
    let force_conflicts = invocation.bool("force-conflicts");
    if force_conflicts && !server_side {
        return Err(Error::new("--force-conflicts only works with --server-side"));
    }
    let output = Output::from_flags(invocation)?;
    if server_side && output.dry_run == DryRun::Client {
        return Err(Error::new(
            "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
        ));
    }
    if server_side && invocation.bool("force") {
        return Err(Error::new("--force cannot be used with --server-side"));
    }
    writing::require_filename(invocation)?;
    if prune && !invocation.bool("all") && invocation.str("selector").is_empty() {
        return Err(Error::new(
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
        ));
    }
    let mut field_manager = invocation.str("field-manager").to_string();
    if server_side && !invocation.changed("field-manager") {
        field_manager = "kubectl".into();
    }
    let mut apply = Apply {
        client: Client::new(invocation)?,
        validator: Validator::new(invocation)?,
        output,
        server_side,
        force_conflicts,
        field_manager,
    };
    let (infos, mut failures) = apply.objects(invocation)?;
    if infos.is_empty() && failures.is_empty() {
        return Err(Error::new("no objects passed to apply"));
    }
    let mut visited = prune::Visited::default();
    let mut applied: Vec<Value> = Vec::new();
    let as_list = infos.len() > 1 && !apply.output.is_message() && !apply.output.is_name();
    for info in &infos {
        match apply.one(invocation, info) {
            Ok((object, operation)) => {
                visited.note(info, &object);
                if as_list {
                    applied.push(object);
                } else {
                    apply.output.print(invocation.sys, &object, operation)?;
                }
            }
            Err(failure) => failures.push(failure),
        }
    }
    if as_list && !applied.is_empty() {
        let list = super::discovery::list_of(applied).with("metadata", Value::empty_map());
        apply.output.print(invocation.sys, &list, "")?;
    }
    if !failures.is_empty() {
        return Err(aggregate(&failures));
    }
    if prune {
        prune::run(invocation, &mut apply.client, &mut apply.output, &visited)?;
    }
    Ok(Flow::Done(0))
}

impl Apply {
    /// Every document, validated and mapped.
    fn objects(&mut self, invocation: &mut Invocation<'_, '_>) -> Result<(Vec<Info>, Vec<Failure>), Error> {
        let selector = LabelSelector::parse(invocation.str("selector")).map_err(Error::new)?;
        let (documents, mut failures) = manifests::read(invocation, &self.validator.files(invocation));
        let mut infos = Vec::new();
        for document in documents {
            if let Err(failure) = self.validator.check(invocation.sys, &self.client, &document) {
                failures.push(failure);
                continue;
            }
            let (mapped, unmapped) = manifests::map(invocation, &mut self.client, vec![document]);
            failures.extend(unmapped);
            infos.extend(mapped.into_iter().filter(|i| selector.matches(&i.object["metadata"]["labels"])));
        }
        Ok((infos, failures))
    }
    fn one(
        &mut self,
        invocation: &mut Invocation<'_, '_>,
        info: &Info,
    ) -> Result<(Value, &'static str), Failure> {
        if info.name.is_empty() {
            let generate = info.object["metadata"]["generateName"].text();
            if !generate.is_empty() {
                return Err(format!("from {generate}: cannot use generate name with apply").into());
            }
            return Err(add_source(
                "resource name may not be empty".into(),
                "retrieving current configuration of:",
                &info.source,
            ));
        }
        if self.server_side {
            return server_side::apply(self, invocation, info).map(|object| (object, "serverside-applied"));
        }
        let modified = with_last_applied(&recorded(invocation, info.object.clone()));
        let current = match self.client.get(invocation.sys, &info.path(), JSON) {
            Ok(current) => current,
            Err(failure) if failure.is_not_found() => return self.create(invocation, info, modified),
            Err(failure) => return Err(retrieving(info, failure)),
        };
        if self.output.dry_run == DryRun::Client {
            return Ok((current, "configured"));
        }
        patcher::patch(self, invocation, info, &modified, current)
    }
    fn create(
        &mut self,
        invocation: &mut Invocation<'_, '_>,
        info: &Info,
        modified: Value,
    ) -> Result<(Value, &'static str), Failure> {
        if self.output.dry_run == DryRun::Client {
            return Ok((modified, "created"));
        }
        let path = info.resource.path(&info.namespace);
        let modified = modified.without_at(&["metadata", "resourceVersion"]);
        let request = Client::write(Method::Post, &path, content::JSON, modified)
            .query("fieldManager", self.field_manager.as_str())
            .query("fieldValidation", self.validator.mode);
        let request = with_dry_run(request, self.output.dry_run);
        let made = self.client.call(invocation.sys, request);
        made.map(|object| (object, "created"))
            .map_err(|failure| add_source(failure, "creating", &info.source))
    }
}

/// `Resource: "apps/v1, Resource=deployments", …`: an object as apply's errors describe it.
fn describe(info: &Info) -> String {
    let resource = &info.resource;
    let version =
        if resource.group.is_empty() { format!("/{}", resource.version) } else { resource.api_version() };
    format!(
        "Resource: \"{version}, Resource={}\", GroupVersionKind: \"{version}, Kind={}\"\nName: \"{}\", Namespace: \"{}\"",
        resource.plural, resource.kind, info.name, info.namespace
    )
}

fn retrieving(info: &Info, failure: Failure) -> Failure {
    let doing = format!("retrieving current configuration of:\n{}\nfrom server for:", describe(info));
    add_source(failure, &doing, &info.source)
}
