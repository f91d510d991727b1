//! `kubectl create clusterrole`: rules for resources or URLs, or a sum of other ClusterRoles.

use super::{Generator, Place, generator_flags, name_and_rest, rbac, role};
use crate::cli::{Command, Error, Flag, Invocation, Kind, Outcome};
use drydock_machinery::Value;

pub const COMMAND: Command = Command {
    name: "clusterrole",
    usage: "clusterrole NAME --verb=verb --resource=resource.group [--resource-name=resourcename] [--dry-run=server|client|none]",
    short: "Create a cluster role",
    long: "Create a cluster role.",
    examples: "# Create a cluster role named \"pod-reader\" that allows user to perform \"get\", \"watch\" and \"list\" on pods\nkubectl create clusterrole pod-reader --verb=get,list,watch --resource=pods\n\n# Create a cluster role name \"monitoring\" with AggregationRule specified\nkubectl create clusterrole monitoring --aggregation-rule=\"rbac.example.com/aggregate-to-monitoring=true\"",
    flags: generator_flags!(role::FLAGS, FLAGS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::slice("non-resource-url", '\0', "A partial url that user should have access to."),
    Flag::new(
        Kind::Pairs,
        "aggregation-rule",
        '\0',
        "",
        "An aggregation label selector for combining ClusterRoles.",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let mut generator = Generator::new(invocation)?;
    let place = Place {
        prefix: "/apis/rbac.authorization.k8s.io/v1",
        plural: "clusterroles",
        namespaced: false,
        failure: "",
    };
    let (verbs, wanted) = (role::verbs(invocation), role::resources(invocation));
    let urls = invocation.list("non-resource-url");
    let labels: Value = invocation
        .list("aggregation-rule")
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, text)| (key, Value::from(text)))
        .collect();
    if !labels.is_empty() {
        if !(verbs.is_empty()
            && wanted.is_empty()
            && urls.is_empty()
            && invocation.list("resource-name").is_empty())
        {
            return Err(Error::new(
                "aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames",
            ));
        }
        return generator.finish(invocation, rbac::aggregated(&name, &labels), place);
    }
    if verbs.is_empty() {
        return Err(Error::new("at least one verb must be specified"));
    }
    if wanted.is_empty() && urls.is_empty() {
        return Err(Error::new("one of resource or nonResourceURL must be specified"));
    }
    if !wanted.is_empty() {
        role::warn(invocation, &verbs);
    }
    for verb in verbs.iter().filter(|_| !urls.is_empty()) {
        if !["*", "get", "post", "put", "delete", "head", "options", "patch"].contains(&verb.as_str()) {
            return Err(Error::new(format_args!("invalid verb: '{verb}' for nonResourceURL")));
        }
    }
    if let Some(url) = urls.iter().find(|u| *u != "*" && !u.starts_with('/')) {
        return Err(Error::new(format_args!("nonResourceURL should start with /: {url}")));
    }
    let found = role::resolve(invocation, &mut generator, &wanted)?;
    let names = invocation.list("resource-name");
    let object = rbac::role("ClusterRole", &name, None, rbac::rules(&verbs, &found, &names, &urls));
    generator.finish(invocation, object, place)
}
