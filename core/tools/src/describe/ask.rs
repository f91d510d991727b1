//! What a describer may ask the server while it writes: the object again, lists of others, events.

use super::page::Page;
use crate::cli::Invocation;
use crate::kubectl::builder::{items_of, pages};
use crate::kubectl::{Client, Failure, Resource, client};
use drydock_machinery::Value;
use drydock_network::http::Request;

/// The surroundings of one description.
pub struct Ask<'x, 'a, 'b> {
    pub invocation: &'x mut Invocation<'a, 'b>,
    pub client: &'x Client,
    pub resource: &'x Resource,
    pub namespace: &'x str,
    pub name: &'x str,
    /// `--show-events`.
    pub events: bool,
}

impl Ask<'_, '_, '_> {
    /// An empty page at the present moment.
    #[must_use]
    pub fn page(&self) -> Page {
        Page::new(self.invocation.sys.unix())
    }
    /// A typed GET.
    ///
    /// # Errors
    /// As the server answers.
    pub fn get(&mut self, path: &str) -> Result<Value, Failure> {
        self.client.get(self.invocation.sys, path, client::PROTO)
    }
    /// The items of a typed list. `paged` lists carry the page size.
    ///
    /// # Errors
    /// As the server answers.
    pub fn list(
        &mut self,
        path: &str,
        labels: &str,
        fields: &str,
        paged: bool,
    ) -> Result<Vec<Value>, Failure> {
        let mut request = Request::get(path).header("Accept", client::PROTO);
        if !labels.is_empty() {
            request = request.query("labelSelector", labels);
        }
        if !fields.is_empty() {
            request = request.query("fieldSelector", fields);
        }
        if paged {
            request = request.query("limit", self.invocation.int("chunk-size").to_string());
        }
        Ok(items_of(&pages(self.invocation, self.client, request)?))
    }
    /// The pods of the namespace that a selector chooses.
    ///
    /// # Errors
    /// As the server answers.
    pub fn pods(&mut self, labels: &str) -> Result<Vec<Value>, Failure> {
        let path = format!("/api/v1/namespaces/{}/pods", self.namespace);
        self.list(&path, labels, "", true)
    }
    /// The events about an object; none when they are not wanted or cannot be had.
    pub fn events_of(&mut self, object: &Value) -> Option<Vec<Value>> {
        let kind = self.resource.kind.clone();
        let uid = object["metadata"]["uid"].text().to_string();
        self.events_about(Some(&kind), &uid)
    }
    /// As [`Ask::events_of`], by kind and uid.
    pub fn events_about(&mut self, kind: Option<&str>, uid: &str) -> Option<Vec<Value>> {
        if !self.events {
            return None;
        }
        let namespace = if self.resource.namespaced { self.namespace } else { "" };
        let mut terms = vec![
            format!("involvedObject.name={}", self.name),
            format!("involvedObject.namespace={namespace}"),
        ];
        if let Some(kind) = kind {
            terms.push(format!("involvedObject.kind={kind}"));
        }
        if !uid.is_empty() {
            terms.push(format!("involvedObject.uid={uid}"));
        }
        let path = match namespace {
            "" => "/api/v1/events".to_string(),
            namespace => format!("/api/v1/namespaces/{namespace}/events"),
        };
        self.list(&path, "", &terms.join(","), true).ok()
    }
}
