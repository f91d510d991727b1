//! `kubectl create -f`: every document of the files is validated, mapped and posted in its turn.

use crate::cli::{Error, Flag, Flow, Invocation, Outcome};
use crate::kubectl::Failure;
use crate::kubectl::builder::Info;
use crate::kubectl::client::{Client, content};
use crate::kubectl::common::{DRY_RUN, DryRun, FILES, SELECTOR, VALIDATE};
use crate::kubectl::failure::aggregate;
use crate::kubectl::manifests;
use crate::kubectl::output::{LAST_APPLIED, Output, SAVE_CONFIG};
use crate::kubectl::record;
use crate::kubectl::validation::Validator;
use crate::kubectl::writing::{self, add_source, with_dry_run};
use crate::printers;
use drydock_machinery::selector::LabelSelector;
use drydock_network::http::Method;

pub const FLAGS: &[&[Flag]] = &[
    OWN,
    FILES,
    SELECTOR,
    printers::FLAGS,
    DRY_RUN,
    VALIDATE,
    SAVE_CONFIG,
    super::FIELD_MANAGER,
    record::RECORD,
];

const OWN: &[Flag] = &[
    Flag::bool("edit", '\0', false, "Edit the API resource before creating"),
    Flag::string(
        "raw",
        '\0',
        "",
        "Raw URI to POST to the server.  Uses the transport specified by the kubeconfig file.",
    ),
    Flag::bool(
        "windows-line-endings",
        '\0',
        false,
        "Only relevant if --edit=true. Defaults to the line ending native to your platform.",
    ),
];

pub fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    if !invocation.args.is_empty() {
        let args = invocation.args.join(" ");
        return Err(invocation.usage_error(format_args!("Unexpected args: [{args}]")));
    }
    writing::require_filename(invocation)?;
    let mut output = Output::from_flags(invocation)?;
    if !invocation.str("raw").is_empty() {
        return writing::raw(invocation, Method::Post);
    }
    let mut client = Client::new(invocation)?;
    let mut validator = Validator::new(invocation)?;
    let files = validator.files(invocation);
    let selector = LabelSelector::parse(invocation.str("selector")).map_err(Error::new)?;
    let (documents, mut failures) = manifests::read(invocation, &files);
    let mut created = 0;
    for document in documents {
        if let Err(failure) = validator.check(invocation.sys, &client, &document) {
            failures.push(failure);
            continue;
        }
        let (infos, unmapped) = manifests::map(invocation, &mut client, vec![document]);
        failures.extend(unmapped);
        for info in infos.into_iter().filter(|i| selector.matches(&i.object["metadata"]["labels"])) {
            created += 1;
            match create(invocation, &client, &validator, &info, &output) {
                Ok(object) => output.print(invocation.sys, &object, "created")?,
                Err(failure) => failures.push(failure),
            }
        }
    }
    if !failures.is_empty() {
        return Err(aggregate(&failures));
    }
    if created == 0 {
        return Err(Error::new("no objects passed to create"));
    }
    Ok(Flow::Done(0))
}

fn create(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    validator: &Validator,
    info: &Info,
    output: &Output,
) -> Result<drydock_machinery::Value, Failure> {
    let save = invocation.bool("save-config");
    let has_it = !info.object["metadata"]["annotations"][LAST_APPLIED].is_null();
    let object = if save || has_it { writing::with_last_applied(&info.object) } else { info.object.clone() };
    let object = record::recorded(invocation, object);
    if output.dry_run == DryRun::Client {
        return Ok(object);
    }
    let path = info.resource.path(&info.namespace);
    // A version from elsewhere says nothing about an object to be made.
    let object = object.without_at(&["metadata", "resourceVersion"]);
    let request = Client::write(Method::Post, &path, content::JSON, object)
        .query("fieldManager", invocation.str("field-manager"))
        .query("fieldValidation", validator.mode);
    let request = with_dry_run(request, output.dry_run);
    client.call(invocation.sys, request).map_err(|failure| add_source(failure, "creating", &info.source))
}
