//! `kubectl create`: objects from files, and one generator per kind. A generated object is typed: it is
//! sent as the typed client sends it and printed in the order of its Go struct.

pub mod clusterrole;
pub mod clusterrolebinding;
pub mod configmap;
pub mod cronjob;
pub mod deployment;
mod from_file;
pub mod ingress;
pub mod job;
pub mod names;
pub mod namespace;
pub mod poddisruptionbudget;
mod policy;
pub mod priorityclass;
pub mod quota;
mod rbac;
pub mod role;
pub mod rolebinding;
pub mod secret;
pub mod service;
pub mod serviceaccount;
pub(crate) mod sources;
pub mod token;

use super::client::{Client, content};
use super::common::{DryRun, field_manager};
use super::output::{self, LAST_APPLIED, Output};
use super::{Failure, typed};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_machinery::Value;
use drydock_network::http::Method;

pub const COMMAND: Command = Command {
    name: "create",
    usage: "create -f FILENAME",
    short: "Create a resource from a file or from stdin",
    long: "Create a resource from a file or from stdin.\n\n JSON and YAML formats are accepted.",
    examples: "# Create a pod using the data in pod.json\nkubectl create -f ./pod.json\n\n# Create a pod based on the JSON passed into stdin\ncat pod.json | kubectl create -f -",
    flags: from_file::FLAGS,
    subcommands: &[
        &clusterrole::COMMAND,
        &clusterrolebinding::COMMAND,
        &configmap::COMMAND,
        &cronjob::COMMAND,
        &deployment::COMMAND,
        &ingress::COMMAND,
        &job::COMMAND,
        &namespace::COMMAND,
        &poddisruptionbudget::COMMAND,
        &priorityclass::COMMAND,
        &quota::COMMAND,
        &role::COMMAND,
        &rolebinding::COMMAND,
        &secret::COMMAND,
        &service::COMMAND,
        &serviceaccount::COMMAND,
        &token::COMMAND,
    ],
    run: from_file::run,
    ..Command::BASE
};

/// `--field-manager` of the create family.
pub const FIELD_MANAGER: &[Flag] = &[field_manager("kubectl-create")];

/// The flags every generator has beside its own.
macro_rules! generator_flags {
    ($($own:expr),+) => {
        &[
            $($own,)+
            $crate::printers::FLAGS,
            $crate::kubectl::common::DRY_RUN,
            $crate::kubectl::common::VALIDATE,
            $crate::kubectl::output::SAVE_CONFIG,
            $crate::kubectl::create::FIELD_MANAGER,
        ]
    };
}
pub(crate) use generator_flags;

/// The one NAME a generator takes, and the words after `--`.
///
/// # Errors
/// kubectl's usage error for none or several names.
pub fn name_and_rest(invocation: &Invocation<'_, '_>) -> Result<(String, Vec<String>), Error> {
    let count = invocation.dash.unwrap_or(invocation.args.len());
    match invocation.args.split_first() {
        Some((name, rest)) if count == 1 => Ok((name.clone(), rest.to_vec())),
        _ => Err(invocation.usage_error(format_args!("exactly one NAME is required, got {count}"))),
    }
}

/// Where a generated object goes.
#[derive(Clone, Copy)]
pub struct Place {
    /// `/apis/apps/v1`.
    pub prefix: &'static str,
    pub plural: &'static str,
    pub namespaced: bool,
    /// What stands before the server's message: `failed to create deployment: `.
    pub failure: &'static str,
}

/// What a generator works with.
pub struct Generator {
    pub client: Client,
    pub output: Output,
}

impl Generator {
    /// # Errors
    /// A bad `-o`, `--dry-run` or kubeconfig.
    pub fn new(invocation: &mut Invocation<'_, '_>) -> Result<Generator, Error> {
        let output = Output::from_flags(invocation)?;
        let client = Client::new(invocation)?;
        Ok(Generator { client, output })
    }
    /// The namespace to write into the object: only one that was asked for.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.client.target.namespace_given.then_some(self.client.namespace())
    }
    /// Sends the object unless this is a client dry run, and prints it.
    ///
    /// # Errors
    /// The server's refusal, with the place's words before it.
    pub fn finish(mut self, invocation: &mut Invocation<'_, '_>, object: Value, place: Place) -> Outcome {
        let mut object = object;
        if invocation.bool("save-config") {
            object = with_last_applied_typed(&object);
        }
        if self.output.dry_run != DryRun::Client {
            object = self.post(invocation, &object, place)?;
        }
        self.output.print_typed(invocation.sys, &object, "created")?;
        Ok(Flow::Done(0))
    }
    fn post(
        &self,
        invocation: &mut Invocation<'_, '_>,
        object: &Value,
        place: Place,
    ) -> Result<Value, Error> {
        let namespace = if place.namespaced { self.client.namespace() } else { "" };
        let path = if namespace.is_empty() {
            format!("{}/{}", place.prefix, place.plural)
        } else {
            format!("{}/namespaces/{namespace}/{}", place.prefix, place.plural)
        };
        let mut request = Client::write(Method::Post, &path, content::PROTO, object.clone())
            .query("fieldManager", invocation.str("field-manager"))
            .query("fieldValidation", output::field_validation(invocation)?);
        if self.output.dry_run == DryRun::Server {
            request = request.query("dryRun", "All");
        }
        self.client.call(invocation.sys, request).map_err(|failure| wrap(failure, place.failure))
    }
}

/// Puts words before a failure's message, as Go's `fmt.Errorf("…: %v", err)` does.
#[must_use]
pub fn wrap(failure: Failure, words: &str) -> Error {
    match failure {
        failure if words.is_empty() => failure.into(),
        Failure::Error(error) => error,
        other => Error::new(format_args!("{words}{}", other.text())),
    }
}

/// The object with its own JSON as the last applied configuration.
#[must_use]
pub fn with_last_applied_typed(object: &Value) -> Value {
    let text = typed::to_json(&typed::round_trip(object)) + "\n";
    object.with_at(&["metadata", "annotations", LAST_APPLIED], text)
}
