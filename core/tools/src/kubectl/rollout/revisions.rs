//! The revisions a rollout can go back to: a Deployment's ReplicaSets, the ControllerRevisions of a
//! DaemonSet or StatefulSet.

use crate::kubectl::builder::items_of;
use crate::kubectl::client::{Client, PROTO};
use crate::kubectl::{Failure, Info};
use drydock_container::Sys;
use drydock_machinery::Value;
use drydock_machinery::selector::LabelSelector;
use drydock_machinery::sort::Arrange;
use drydock_network::http::Request;

pub const REVISION: &str = "deployment.kubernetes.io/revision";
const CAUSE: &str = "kubernetes.io/change-cause";

/// One revision, by number.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    pub number: i64,
    /// The ReplicaSet or ControllerRevision.
    pub object: Value,
}

impl Revision {
    /// Why it came about, as the annotation says.
    #[must_use]
    pub fn cause(&self) -> &str {
        self.object["metadata"]["annotations"][CAUSE].text()
    }
    /// The pod template it stands for; `owner` is the workload as it is now.
    #[must_use]
    pub fn template(&self, owner: &Value) -> Value {
        if self.object["kind"] == "ControllerRevision" {
            let data = &self.object["data"]["spec"]["template"];
            // The stored patch replaces the template whole.
            return data.without("$patch");
        }
        let _ = owner;
        self.object["spec"]["template"].clone()
    }
}

/// The revision an object's annotation names; 0 for none.
#[must_use]
pub fn revision_of(object: &Value) -> i64 {
    object["metadata"]["annotations"][REVISION].text().parse().unwrap_or(0)
}

/// The workload as a typed client reads it, and its revisions, oldest first.
///
/// # Errors
/// The server's, or a kind without revisions.
pub fn read(
    sys: &mut Sys<'_>,
    client: &Client,
    info: &Info,
    what: &str,
) -> Result<(Value, Vec<Revision>), Failure> {
    let list = match info.resource.kind.as_str() {
        "Deployment" => "replicasets",
        "DaemonSet" | "StatefulSet" => "controllerrevisions",
        kind => {
            let group = info.resource.group.as_str();
            let whole = if group.is_empty() { kind.to_string() } else { format!("{kind}.{group}") };
            let whole = drydock_machinery::quote::go(&whole);
            let known = ["Job", "Pod", "ReplicaSet", "ReplicationController", "CronJob"].contains(&kind);
            return Err(match known {
                true => format!("no {what} has been implemented for {whole}"),
                // As the visitor prints its element.
                false => format!(
                    "error retrieving {} for {whole}, no visitor method exists for {{{group} {kind}}}",
                    what.split(' ').next().unwrap_or(what)
                ),
            }
            .into());
        }
    };
    let owner = client.get(sys, &info.path(), PROTO)?;
    let selector = LabelSelector::from_value(&owner["spec"]["selector"])
        .map_err(|why| Failure::Message(format!("invalid label selector: {why}")))?;
    let path = format!("/apis/apps/v1/namespaces/{}/{list}", info.namespace);
    let request = Request::get(path).header("Accept", PROTO).query("labelSelector", selector.to_string());
    let found = client.call(sys, request)?;
    let uid = owner["metadata"]["uid"].clone();
    let owned = |object: &Value| {
        object["metadata"]["ownerReferences"]
            .items()
            .iter()
            .any(|r| r["controller"].bool() && r["uid"] == uid)
    };
    let mut revisions: Vec<Revision> = items_of(&found)
        .into_iter()
        .filter(owned)
        .map(|object| Revision {
            number: if list == "replicasets" { revision_of(&object) } else { object["revision"].int() },
            object,
        })
        .collect();
    revisions.arrange_by_key(|r| r.number);
    Ok((owner, revisions))
}
