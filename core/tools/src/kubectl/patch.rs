//! `kubectl patch`: sends a strategic, merge or JSON patch; applies it itself with `--local` or in a
//! client dry run.

use super::Failure;
use super::client::content;
use super::common::{self, DryRun, field_manager};
use super::failure::aggregate;
use super::local::{self, Targets};
use super::output::Output;
use super::writing::{merge_patch, patch_request, type_of};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::printers;
use drydock_machinery::{Value, json, patch, quote, schema, yaml};
use drydock_network::http::Body;

pub const COMMAND: Command = Command {
    name: "patch",
    usage: "patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]",
    short: "Update fields of a resource",
    long: "Update fields of a resource using strategic merge patch, a JSON merge patch, or a JSON patch.\n\n JSON and YAML formats are accepted.\n\n Note: Strategic merge patch is not supported for custom resources.",
    examples: "# Partially update a node using a strategic merge patch, specifying the patch as JSON\nkubectl patch node k8s-node-1 -p '{\"spec\":{\"unschedulable\":true}}'\n\n# Update a container's image using a JSON patch with positional arrays\nkubectl patch pod valid-pod --type='json' -p='[{\"op\": \"replace\", \"path\": \"/spec/containers/0/image\", \"value\":\"new image\"}]'\n\n# Update a deployment's replicas through the 'scale' subresource using a merge patch\nkubectl patch deployment nginx-deployment --subresource='scale' --type='merge' -p '{\"spec\":{\"replicas\":2}}'",
    flags: &[
        common::FILES,
        common::LOCAL,
        common::DRY_RUN,
        printers::FLAGS,
        FLAGS,
        &[field_manager("kubectl-patch")],
        super::record::RECORD,
    ],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("patch", 'p', "", "The patch to be applied to the resource JSON file."),
    Flag::string("patch-file", '\0', "", "A file containing a patch to be applied to the resource."),
    Flag::string(
        "type",
        '\0',
        "strategic",
        "The type of patch being provided; one of [json merge strategic]",
    ),
    Flag::string(
        "subresource",
        '\0',
        "",
        "If specified, patch will operate on the subresource of the requested object.",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let mut output = Output::from_flags(invocation)?;
    let kind = invocation.str("type").to_lowercase();
    let content_type = match kind.as_str() {
        "strategic" => content::STRATEGIC,
        "merge" => content::MERGE,
        "json" => content::JSON_PATCH,
        _ => {
            let kind = quote::go(invocation.str("type"));
            return Err(Error::new(format_args!("--type must be one of [json merge strategic], not {kind}")));
        }
    };
    let (change, broken) = read_patch(invocation)?;
    let resources = invocation.args.clone();
    let Targets { client, infos, mut failures, local } = local::targets(invocation, &resources)?;
    if infos.is_empty() && failures.is_empty() {
        return Err(Error::new("no objects passed to patch"));
    }
    for info in infos {
        let result = if local || output.dry_run == DryRun::Client {
            apply(&info.object, &change, &kind)
        } else {
            let mut path = info.path();
            if !invocation.str("subresource").is_empty() {
                path = format!("{path}/{}", invocation.str("subresource"));
            }
            let manager = invocation.str("field-manager");
            let mut request = patch_request(&path, content_type, change.clone(), output.dry_run, manager);
            if let Some(text) = &broken {
                request.body = Body::text(text);
            }
            client.call(invocation.sys, request).and_then(|object| {
                // The cause goes in in a patch of its own.
                let noted = super::record::recorded(invocation, object.clone());
                if noted == object || output.dry_run != DryRun::None {
                    return Ok(object);
                }
                let note = merge_patch(&object, &noted);
                let request = patch_request(&info.path(), content::MERGE, note, output.dry_run, "");
                client.call(invocation.sys, request)
            })
        };
        match result {
            Ok(object) => {
                let operation = if object == info.object { "patched (no change)" } else { "patched" };
                output.print(invocation.sys, &object, operation)?;
            }
            Err(Failure::Status(status)) if status["reason"] == "UnsupportedMediaType" => {
                failures.push(Failure::Message(format!(
                    "{content_type} is not supported by {}, Kind={}: {}",
                    info.object["apiVersion"].text(),
                    info.object["kind"].text(),
                    status["message"].text()
                )));
            }
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(aggregate(&failures)) }
}

/// The patch; and its text where that begins like JSON and is none, which is left to the server to say.
fn read_patch(invocation: &mut Invocation<'_, '_>) -> Result<(Value, Option<String>), Error> {
    let (text, file) = (invocation.str("patch").to_string(), invocation.str("patch-file").to_string());
    let text = match (text.is_empty(), file.is_empty()) {
        (false, true) => text,
        (true, false) => {
            let bytes = invocation.sys.read_file(&file).map_err(|errno| {
                let why = errno.text().to_lowercase();
                Error::new(format_args!("unable to read patch file: open {file}: {why}"))
            })?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        (false, false) => return Err(Error::new("cannot specify --patch and --patch-file together")),
        (true, true) => {
            return Err(Error::new(
                "must specify --patch or --patch-file containing the contents of the patch",
            ));
        }
    };
    if text.trim_start().starts_with('{') {
        return Ok(match json::parse(text.as_bytes()) {
            Ok(change) => (change, None),
            Err(_) => (Value::Null, Some(text)),
        });
    }
    let documents = yaml::load(&text)
        .map_err(|e| Error::new(format_args!("unable to parse {}: {e}", quote::go(&text))))?;
    Ok((documents.into_iter().next().map(|d| d.value).unwrap_or_default(), None))
}

fn apply(object: &Value, change: &Value, kind: &str) -> Result<Value, Failure> {
    match kind {
        "json" => Ok(patch::json_patch(object, change)?),
        "merge" => Ok(patch::merge(object, change)),
        _ => match type_of(object) {
            Some(ty) => Ok(patch::strategic(object, change, schema::builtin(), ty)?),
            None => Err(Failure::Message(format!(
                "strategic merge patch is not supported for {}, Kind={} locally, try --type merge",
                object["apiVersion"].text(),
                object["kind"].text()
            ))),
        },
    }
}
