//! `kubectl describe`: one kind a file, everything else by the generic describer. Follows
//! `k8s.io/kubectl/pkg/describe` and `pkg/cmd/describe`.

mod ask;
mod autoscaler;
mod certificate;
mod config;
mod containers;
mod deployment;
mod events;
mod generic;
mod ingress;
mod job;
mod namespace;
mod network_policy;
mod node;
mod page;
mod pod;
mod policy;
mod rbac;
mod service;
mod storage;
mod template;
mod volumes;
mod workloads;

pub use ask::Ask;
pub use deployment::split as split_replica_sets;
pub use events::interval;
pub use page::{Page, since};

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::kubectl::builder::{Builder, Info};
use crate::kubectl::{Client, Failure, client, common, failure};
use drydock_machinery::Value;

/// A pod template alone, its tabs not laid out.
#[must_use]
pub fn pod_template(template: &Value) -> String {
    let mut page = Page::raw(0);
    template::write(&mut page, template);
    page.finish()
}

/// Writes the page of one object.
pub type Describe = fn(&mut Ask<'_, '_, '_>, &Value) -> Result<String, Failure>;

/// (group, kind, function)
const DESCRIBERS: &[(&str, &str, Describe)] = &[
    ("", "Pod", pod::describe),
    ("", "Service", service::describe),
    ("", "Endpoints", service::endpoints_object),
    ("", "Node", node::describe),
    ("", "Namespace", namespace::describe),
    ("", "ResourceQuota", namespace::quota),
    ("", "LimitRange", namespace::limit_range),
    ("", "ConfigMap", config::config_map),
    ("", "Secret", config::secret),
    ("", "ServiceAccount", config::service_account),
    ("", "PersistentVolume", storage::volume),
    ("", "PersistentVolumeClaim", storage::claim),
    ("", "ReplicationController", workloads::replication_controller),
    ("apps", "Deployment", deployment::describe),
    ("apps", "ReplicaSet", workloads::replica_set),
    ("apps", "DaemonSet", workloads::daemon_set),
    ("apps", "StatefulSet", workloads::stateful_set),
    ("autoscaling", "HorizontalPodAutoscaler", autoscaler::describe),
    ("batch", "Job", job::job),
    ("batch", "CronJob", job::cron_job),
    ("certificates.k8s.io", "CertificateSigningRequest", certificate::describe),
    ("discovery.k8s.io", "EndpointSlice", service::slice),
    ("networking.k8s.io", "Ingress", ingress::describe),
    ("networking.k8s.io", "IngressClass", ingress::class),
    ("networking.k8s.io", "NetworkPolicy", network_policy::describe),
    ("policy", "PodDisruptionBudget", policy::budget),
    ("rbac.authorization.k8s.io", "Role", rbac::role),
    ("rbac.authorization.k8s.io", "ClusterRole", rbac::role),
    ("rbac.authorization.k8s.io", "RoleBinding", rbac::binding),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding", rbac::binding),
    ("scheduling.k8s.io", "PriorityClass", policy::priority_class),
    ("storage.k8s.io", "StorageClass", storage::class),
];

pub const COMMAND: Command = Command {
    name: "describe",
    usage: "describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME)",
    short: "Show details of a specific resource or group of resources",
    long: "Show details of a specific resource or group of resources.\n\n Prints what is known of the chosen objects in detail, with related objects and events. NAME_PREFIX chooses all objects whose name begins with it when none is called exactly so.\n\nUse \"kubectl api-resources\" for a complete list of supported resources.",
    examples: "# A node\nkubectl describe nodes node-1\n\n# A pod\nkubectl describe pods/nginx\n\n# All pods with a label\nkubectl describe pods -l name=myLabel",
    flags: &[common::FILES, common::SELECTOR, common::ALL_NAMESPACES, common::CHUNK, FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] =
    &[Flag::bool("show-events", '\0', true, "If true, display events related to the described object.")];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let mut client = Client::new(invocation)?;
    let mut builder = Builder::new(invocation);
    builder.limit = invocation.int("chunk-size");
    if invocation.args.is_empty() && builder.files.is_empty() {
        return Err(Error::new(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.",
        ));
    }
    let from_files = !builder.files.is_empty();
    let plan = builder.clone().plan_or_all(invocation, &mut client)?;
    let items = plan.items.clone();
    let (infos, mut failures) = if from_files {
        let infos: Vec<Info> = plan
            .items
            .into_iter()
            .filter_map(|i| if let crate::kubectl::Item::Named(info) = i { Some(info) } else { None })
            .collect();
        (infos, plan.failures)
    } else {
        builder.fetch_plan(invocation, &mut client, plan)
    };
    if let [missing] = failures.as_slice()
        && missing.is_not_found()
        && infos.is_empty()
        && invocation.args.len() == 2
    {
        return by_prefix(invocation, &client, &items, missing.clone());
    }
    let mut first = true;
    for info in &infos {
        match describe(invocation, &client, info) {
            Ok(text) => {
                let between = if std::mem::take(&mut first) { "" } else { "\n\n" };
                invocation.print(&format!("{between}{text}"));
            }
            Err(failure) => failures.push(failure),
        }
    }
    if infos.is_empty() && failures.is_empty() {
        let text = if invocation.bool("all-namespaces") {
            "No resources found\n".to_string()
        } else {
            format!("No resources found in {} namespace.\n", client.namespace())
        };
        invocation.eprint(&text);
    }
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(failure::aggregate(&failures)) }
}

/// The page of one object, read anew in the form its describer wants.
fn describe(invocation: &mut Invocation<'_, '_>, client: &Client, info: &Info) -> Result<String, Failure> {
    let resource = &info.resource;
    let own = DESCRIBERS.iter().find(|d| d.0 == resource.group && d.1 == resource.kind).map(|d| d.2);
    let accept = if own.is_some() { client::PROTO } else { client::JSON };
    let object = client.get(invocation.sys, &info.path(), accept)?;
    let events = invocation.bool("show-events");
    let mut ask = Ask { invocation, client, resource, namespace: &info.namespace, name: &info.name, events };
    (own.unwrap_or(generic::describe))(&mut ask, &object)
}

/// All objects whose name begins as the argument does.
fn by_prefix(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    items: &[crate::kubectl::Item],
    missing: Failure,
) -> Outcome {
    let Some(crate::kubectl::Item::Named(wanted)) = items.first() else { return Err(missing.into()) };
    let request = drydock_network::http::Request::get(wanted.resource.path(&wanted.namespace))
        .query("limit", invocation.int("chunk-size").to_string())
        .header("Accept", client::JSON);
    let list = client.call(invocation.sys, request)?;
    let mut found = false;
    for object in crate::kubectl::builder::items_of(&list) {
        let name = object["metadata"]["name"].text().to_string();
        if !name.starts_with(&wanted.name) {
            continue;
        }
        found = true;
        let namespace = object["metadata"]["namespace"].text().to_string();
        let info = Info { name, namespace, ..wanted.clone() };
        let text = describe(invocation, client, &info)?;
        invocation.print(&format!("{text}\n"));
    }
    if found { Ok(Flow::Done(0)) } else { Err(missing.into()) }
}
