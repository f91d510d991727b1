//! Objects a verb changes: read from the server, or from files alone with `--local`.

use super::builder::{Builder, Info};
use super::client::Client;
use super::manifests::{self, Files};
use super::{Failure, Resource};
use crate::cli::{Error, Invocation};
use std::sync::Arc;

/// The objects to change and what could not be read.
pub struct Targets {
    pub client: Client,
    pub infos: Vec<Info>,
    pub failures: Vec<Failure>,
    /// `--local`: nothing may be sent.
    pub local: bool,
}

/// `--local` reads files only: an argument names what only the server knows.
///
/// # Errors
/// When there is one.
pub fn refuse_arguments(invocation: &Invocation<'_, '_>, resources: &[String]) -> Result<(), Error> {
    if !invocation.bool("local") || resources.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        "you must specify resources by --filename when --local is set.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'",
    ))
}

/// Reads what `resources` (arguments) or the files select.
///
/// # Errors
/// A plan that cannot be made.
pub fn targets(invocation: &mut Invocation<'_, '_>, resources: &[String]) -> Result<Targets, Error> {
    targets_with(invocation, resources, None)
}

/// As [`targets`] with a client that has asked the server things already.
///
/// # Errors
/// A plan that cannot be made.
pub fn targets_with(
    invocation: &mut Invocation<'_, '_>,
    resources: &[String],
    client: Option<Client>,
) -> Result<Targets, Error> {
    let mut builder = Builder::new(invocation).args(resources);
    builder.limit = 0;
    let local = invocation.bool("local");
    if local {
        let (documents, failures) = manifests::read(invocation, &Files::from_flags(invocation));
        let infos = documents.into_iter().map(|d| unmapped(d.source, d.value)).collect();
        return Ok(Targets { client: Client::default(), infos, failures, local });
    }
    let mut client = match client {
        Some(client) => client,
        None => Client::new(invocation)?,
    };
    // A type alone means all of it only with --all or a selector.
    let plan = builder.plan(invocation, &mut client)?;
    let (infos, failures) = builder.fetch_plan(invocation, &mut client, plan);
    Ok(Targets { client, infos, failures, local })
}

/// An object no server was asked about.
fn unmapped(source: String, object: drydock_machinery::Value) -> Info {
    let api_version = object["apiVersion"].text();
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let resource = Resource {
        group: group.into(),
        version: version.into(),
        kind: object["kind"].text().into(),
        ..Resource::default()
    };
    Info {
        resource: Arc::new(resource),
        namespace: object["metadata"]["namespace"].text().into(),
        name: object["metadata"]["name"].text().into(),
        object,
        source,
    }
}
