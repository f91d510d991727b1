//! What kubectl asks of OpenAPI before it sends a manifest. Since 1.27 the server validates fields; the
//! client only makes sure that it can, and that the document has a kind.
//!
//! Follows cli-runtime's `QueryParamVerifierV3` with its fall-back to the v2 document.

use super::client::{ANY, Client, JSON};
use super::manifests::{self, Document, Files};
use super::{Failure, output};
use crate::cli::{Error, Invocation};
use drydock_container::Sys;
use drydock_machinery::{Value, schema};
use drydock_network::http::Request;
use std::collections::BTreeSet;

const V2: &str = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

/// What has been asked so far; one per command, as the real client caches.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Validator {
    /// `Strict`, `Warn` or `Ignore`: the query parameter of writes.
    pub mode: &'static str,
    root: Option<Value>,
    fetched: BTreeSet<String>,
    custom: Option<Value>,
}

impl Validator {
    /// # Errors
    /// A bad `--validate`.
    pub fn new(invocation: &Invocation<'_, '_>) -> Result<Validator, Error> {
        let mode = output::field_validation(invocation)?;
        Ok(Validator { mode, ..Validator::default() })
    }
    /// One that never refuses.
    #[must_use]
    pub fn off() -> Validator {
        Validator { mode: "Ignore", ..Validator::default() }
    }
    /// The files of the flags, read as strictly as this validator is.
    #[must_use]
    pub fn files(&self, invocation: &Invocation<'_, '_>) -> Files {
        Files { validate: self.mode != "Ignore", ..Files::from_flags(invocation) }
    }
    /// Looks a document over before it is mapped.
    ///
    /// # Errors
    /// `error validating "x.yaml": error validating data: …`.
    pub fn check(&mut self, sys: &mut Sys<'_>, client: &Client, document: &Document) -> Result<(), Failure> {
        if self.mode == "Ignore" {
            return Ok(());
        }
        let value = &document.value;
        let refuse = |why: &str| manifests::not_valid(&document.source, why);
        match (value["kind"].text(), value["apiVersion"].text()) {
            ("", "") => Err(refuse("[apiVersion not set, kind not set]")),
            ("", _) => Err(refuse("kind not set")),
            (_, "") => Err(refuse("apiVersion not set")),
            (kind, api_version) => {
                self.support(sys, client, api_version, kind).map_err(|failure| match failure {
                    Failure::Message(why) => refuse(&why),
                    other => other,
                })
            }
        }
    }
    /// Whether the server validates this kind itself; any answer will do.
    fn support(
        &mut self,
        sys: &mut Sys<'_>,
        client: &Client,
        api_version: &str,
        kind: &str,
    ) -> Result<(), Failure> {
        if self.root(sys, client) && self.supports_v3(sys, client, api_version, kind) {
            return Ok(());
        }
        self.fetch_v2(sys, client)
    }
    fn root(&mut self, sys: &mut Sys<'_>, client: &Client) -> bool {
        if self.root.is_none() {
            let request = Request::get("/openapi/v3").query("timeout", "32s").header("Accept", ANY);
            self.root = Some(client.call(sys, request).unwrap_or_default());
        }
        self.root.as_ref().is_some_and(|root| !root.is_null())
    }
    fn supports_v3(&mut self, sys: &mut Sys<'_>, client: &Client, api_version: &str, kind: &str) -> bool {
        // Groups of custom kinds go the way of their definitions even where they have a document.
        let known = self.has_document(api_version) && is_builtin(api_version);
        if !known && !self.is_custom(sys, client, api_version, kind) {
            return false;
        }
        // A custom kind is as well supported as any: namespaces stand for it.
        let asked = if known { api_version } else { "v1" };
        self.fetch_v3(sys, client, asked) && (!known || schema::builtin().kind(api_version, kind).is_some())
    }
    fn key(api_version: &str) -> String {
        if api_version.contains('/') { format!("apis/{api_version}") } else { format!("api/{api_version}") }
    }
    fn has_document(&self, api_version: &str) -> bool {
        let paths = self.root.as_ref().map(|root| root["paths"].clone()).unwrap_or_default();
        paths.find(&Self::key(api_version)).is_some()
    }
    fn fetch_v3(&mut self, sys: &mut Sys<'_>, client: &Client, api_version: &str) -> bool {
        if !self.fetched.insert(api_version.into()) {
            return true;
        }
        let root = self.root.clone().unwrap_or_default();
        let url = root["paths"].get(&Self::key(api_version)).get("serverRelativeURL").text().to_string();
        let (path, query) = url.split_once('?').unwrap_or((&url, ""));
        let mut request = Request::get(path).header("Accept", JSON).query("timeout", "32s");
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            request = request.query(name, value);
        }
        client.send(sys, request).is_ok_and(|response| response.is_success())
    }
    fn is_custom(&mut self, sys: &mut Sys<'_>, client: &Client, api_version: &str, kind: &str) -> bool {
        let group = api_version.split_once('/').map_or("", |v| v.0);
        if self.custom.is_none() {
            let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
            self.custom = Some(client.get(sys, path, JSON).unwrap_or_default());
        }
        let definitions = self.custom.clone().unwrap_or_default();
        definitions["items"]
            .items()
            .iter()
            .any(|d| d["spec"]["group"] == group && d["spec"]["names"]["kind"] == kind)
    }
    /// The fall-back, and what apply reads merge keys from.
    ///
    /// # Errors
    /// `failed to download openapi: …`.
    pub fn fetch_v2(&mut self, sys: &mut Sys<'_>, client: &Client) -> Result<(), Failure> {
        if !self.fetched.insert("openapi/v2".into()) {
            return Ok(());
        }
        let request = Request::get("/openapi/v2").query("timeout", "32s").header("Accept", V2);
        let why = match client.send(sys, request) {
            Ok(response) if response.is_success() => return Ok(()),
            Ok(_) => "the server could not find the requested resource".into(),
            Err(Failure::Refused(_)) => super::refused(client, "Get", "/openapi/v2?timeout=32s"),
            Err(other) => other.text(),
        };
        Err(Failure::Message(format!("failed to download openapi: {why}")))
    }
    /// All that a strategic patch wants to know: the kind's v3 document and v2.
    pub fn fetch_for_patch(&mut self, sys: &mut Sys<'_>, client: &Client, api_version: &str) {
        if self.root(sys, client) && self.has_document(api_version) {
            self.fetch_v3(sys, client, api_version);
        }
        let _ = self.fetch_v2(sys, client);
    }
}

fn is_builtin(api_version: &str) -> bool {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    schema::builtin().types().any(|t| t.gvk.is_some_and(|gvk| gvk.0 == group && gvk.1 == version))
}
