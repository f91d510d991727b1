//! Query parameters of lists and watches, read as the real server reads them.

use crate::cluster::Cluster;
use crate::kinds::{self, Kind};
use crate::object::Object;
use crate::status::Status;
use drydock_machinery::selector::{FieldSelector, LabelSelector};
use drydock_network::http::Request;

/// Which objects a list, a watch or a collection's deletion is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selection {
    labels: Option<LabelSelector>,
    fields: Option<FieldSelector>,
}

impl Selection {
    pub(crate) fn parse(kind: &Kind, request: &Request) -> Result<Selection, Status> {
        let unable = |why: String| Status::bad_request(format!("unable to parse requirement: {why}"));
        let labels = match request.param("labelSelector") {
            None | Some("") => None,
            Some(text) => Some(LabelSelector::parse(text).map_err(Status::bad_request)?),
        };
        let fields = match request.param("fieldSelector") {
            None | Some("") => None,
            Some(text) => {
                let fields = FieldSelector::parse(text).map_err(unable)?;
                let mut unknown = None;
                // Asks for every path the selector names.
                fields.matches(|path| {
                    let common = matches!(path, "metadata.name" | "metadata.namespace");
                    if !common && !kind.selectable_fields.contains(&path) {
                        unknown.get_or_insert_with(|| path.to_string());
                    }
                    ""
                });
                for term in text.split(',') {
                    let path = term.split(['=', '!']).next().unwrap_or(term);
                    let common = matches!(path, "metadata.name" | "metadata.namespace");
                    if !common && !kind.selectable_fields.contains(&path) {
                        unknown.get_or_insert_with(|| path.to_string());
                    }
                }
                if let Some(path) = unknown {
                    let custom = kinds::find(&kind.api_version(), kind.kind).is_none();
                    let message = match kind.selectable_fields {
                        [] if !custom => format!(
                            "\"{path}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                        ),
                        _ => format!("field label not supported: {path}"),
                    };
                    return Err(Status::bad_request(message));
                }
                Some(fields)
            }
        };
        Ok(Selection { labels, fields })
    }
    pub(crate) fn matches(&self, kind: &Kind, object: &Object) -> bool {
        if let Some(labels) = &self.labels
            && !labels.matches(object.labels())
        {
            return false;
        }
        let Some(fields) = &self.fields else { return true };
        // The values must outlive the question.
        let texts: Vec<(&str, String)> = kind
            .selectable_fields
            .iter()
            .map(|path| (*path, (kind.selectable)(object, path).unwrap_or_default()))
            .collect();
        fields.matches(|path| match path {
            "metadata.name" => &object.name,
            "metadata.namespace" => &object.namespace,
            other => texts.iter().find(|t| t.0 == other).map_or("", |t| &t.1),
        })
    }
    pub(crate) fn is_all(&self) -> bool {
        self.labels.is_none() && self.fields.is_none()
    }
}

/// A number in the query: 0 for none.
pub(super) fn number(request: &Request, name: &str) -> Result<i64, Status> {
    match request.param(name) {
        None | Some("") => Ok(0),
        Some(text) => text.parse().map_err(|_| {
            let quoted = drydock_machinery::quote::go(text);
            Status::bad_request(format!("strconv.ParseInt: parsing {quoted}: invalid syntax"))
        }),
    }
}

/// `resourceVersion` of a read: 0 for "anything".
pub(super) fn revision(cluster: &Cluster, request: &Request) -> Result<u64, Status> {
    let text = request.param("resourceVersion").unwrap_or("");
    if text.is_empty() {
        return Ok(0);
    }
    let wanted: u64 = text.parse().map_err(|_| {
        let quoted = drydock_machinery::quote::go(text);
        let why = format!("strconv.ParseUint: parsing {quoted}: invalid syntax");
        Status::new(500, "", format!("resourceVersion: Invalid value: {quoted}: {why}"))
    })?;
    if wanted > cluster.store.revision {
        let message = format!("Too large resource version: {wanted}, current: {}", cluster.store.revision);
        let details = drydock_machinery::value!({
            "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
            "retryAfterSeconds": 1,
        });
        return Err(Status::new(504, "Timeout", format!("Timeout: {message}")).with_details(details));
    }
    Ok(wanted)
}
