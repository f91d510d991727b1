//! `kubectl auth can-i`: one question, or all that is allowed.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::kubectl::client::content;
use crate::kubectl::{Client, Failure, client, common};
use drydock_cluster::rbac::rule;
use drydock_machinery::sort::Arrange;
use drydock_machinery::tabwriter::TabWriter;
use drydock_machinery::{Value, value};
use drydock_network::http::Method;

pub const COMMAND: Command = Command {
    name: "can-i",
    usage: "can-i VERB [TYPE | TYPE/NAME | NONRESOURCEURL]",
    short: "Check whether an action is allowed",
    long: "Check whether an action is allowed.\n\n VERB is a logical Kubernetes API verb like 'get', 'list', 'watch', 'delete', etc. TYPE is a Kubernetes resource. Shortcuts and groups will be resolved. NONRESOURCEURL is a partial URL that starts with \"/\". NAME is the name of a particular Kubernetes resource.",
    examples: "# May I create pods anywhere?\nkubectl auth can-i create pods --all-namespaces\n\n# May I do everything in this namespace?\nkubectl auth can-i '*' '*'\n\n# All I may do\nkubectl auth can-i --list",
    flags: &[
        common::ALL_NAMESPACES,
        &[
            Flag::bool("list", '\0', false, "If true, prints all allowed actions."),
            Flag::bool("no-headers", '\0', false, "If true, prints allowed actions without headers"),
            Flag::bool("quiet", 'q', false, "If true, suppress output and just return the exit code."),
            Flag::string("subresource", '\0', "", "SubResource such as pod/log or deployment/scale"),
        ],
    ],
    run: can_i,
    ..Command::BASE
};

fn can_i(invocation: &mut Invocation<'_, '_>) -> Outcome {
    if invocation.bool("list") {
        if !invocation.args.is_empty() {
            return Err(Error::new("list option must be specified with no arguments"));
        }
        return list(invocation);
    }
    let arguments =
        |text: &str| Error::new(format_args!("{text}\nSee 'kubectl auth can-i -h' for help and examples."));
    let (verb, target) = match invocation.args.as_slice() {
        [verb, target] => (verb.clone(), target.clone()),
        [_, ..] if invocation.args.len() > 2 => {
            return Err(arguments(
                "you must specify two arguments: verb resource or verb resource/resourceName.",
            ));
        }
        _ => {
            return Err(arguments(
                "you must specify two arguments: verb resource or verb resource/resourceName.",
            ));
        }
    };
    let mut client = Client::new(invocation)?;
    let namespace =
        if invocation.bool("all-namespaces") { String::new() } else { client.namespace().to_string() };
    let verb_word = verb.clone();
    let mut attributes = value!({"namespace": namespace, "verb": (verb.as_str())});
    let spec = if target.starts_with('/') {
        value!({"nonResourceAttributes": {"path": target, "verb": verb}})
    } else {
        let (kind, name) = target.split_once('/').map_or((target.as_str(), ""), |t| t);
        let (group, plural) = resolve(invocation, &mut client, kind)?;
        if !group.is_empty() {
            attributes = attributes.with("group", group);
        }
        attributes = attributes.with("resource", plural);
        for (field, text) in [("name", name), ("subresource", invocation.str("subresource"))] {
            if !text.is_empty() {
                attributes = attributes.with(field, text);
            }
        }
        value!({"resourceAttributes": attributes})
    };
    if !VERBS.contains(&verb_word.as_str()) {
        invocation.eprint(&format!("Warning: verb '{verb_word}' is not a known verb\n\n"));
    }
    let body = value!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "metadata": {}, "spec": spec, "status": {"allowed": false}});
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let answer = client.call(invocation.sys, Client::write(Method::Post, path, content::PROTO, body))?;
    let status = &answer["status"];
    let allowed = status["allowed"].bool();
    if !invocation.bool("quiet") {
        let mut text = String::from(if allowed { "yes" } else { "no" });
        if !allowed && !status["reason"].is_empty() {
            text += &format!(" - {}", status["reason"].text());
        }
        if !allowed && !status["evaluationError"].is_empty() {
            text += &format!(" - {}", status["evaluationError"].text());
        }
        invocation.print(&(text + "\n"));
    }
    Ok(Flow::Done(i32::from(!allowed)))
}

/// Verbs a review is asked about without a warning.
const VERBS: &[&str] = &[
    "*",
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "escalate",
    "approve",
    "sign",
    "attest",
];

/// Group and plural name of a resource; the legacy list of its version is read as the real one does.
fn resolve(
    invocation: &mut Invocation<'_, '_>,
    client: &mut Client,
    kind: &str,
) -> Result<(String, String), Failure> {
    if kind == "*" {
        return Ok((String::new(), "*".into()));
    }
    let discovery = client.discover(invocation.sys)?;
    let Some(resource) = discovery.resolve(kind) else {
        let text = format!("Warning: the server doesn't have a resource type '{kind}'\n\n");
        invocation.eprint(&text);
        let (plural, group) = kind.split_once('.').unwrap_or((kind, ""));
        return Ok((group.into(), plural.into()));
    };
    let list = if resource.group.is_empty() {
        "/api/v1".to_string()
    } else {
        format!("/apis/{}", resource.api_version())
    };
    client.get(invocation.sys, &list, client::ANY)?;
    if !resource.namespaced && !invocation.bool("all-namespaces") {
        let text = match resource.group.as_str() {
            "" => format!("Warning: resource '{}' is not namespace scoped\n\n", resource.plural),
            group => format!(
                "Warning: resource '{}' is not namespace scoped in group '{group}'\n\n",
                resource.plural
            ),
        };
        invocation.eprint(&text);
    }
    Ok((resource.group.clone(), resource.plural.clone()))
}

fn list(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let client = Client::new(invocation)?;
    let body = value!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "metadata": {}, "spec": {"namespace": (client.namespace())}, "status": {}});
    let path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    let answer = client.call(invocation.sys, Client::write(Method::Post, path, content::PROTO, body))?;
    let status = &answer["status"];
    if status["incomplete"].bool() {
        let why = status["evaluationError"].text();
        invocation.eprint(&format!("warning: the list may be incomplete: {why}\n"));
    }
    let rules = status["resourceRules"].items().iter().chain(status["nonResourceRules"].items());
    let parts: Vec<Value> = rules.flat_map(rule::by_resource).collect();
    let mut rules = rule::compact(&parts);
    rules.arrange_by_key(rule::go_string);
    let mut out = TabWriter::kubectl();
    if !invocation.bool("no-headers") {
        out.write("Resources\tNon-Resource URLs\tResource Names\tVerbs\n");
    }
    for rule in rules {
        let list = |field: &str| {
            let parts: Vec<&str> = rule[field].items().iter().map(Value::text).collect();
            format!("[{}]", parts.join(" "))
        };
        let (resource, group) = (rule["resources"][0].text(), rule["apiGroups"][0].text());
        let dot = if group.is_empty() { "" } else { "." };
        let name = match resource.split_once('/') {
            Some((plural, sub)) => format!("{plural}{dot}{group}/{sub}"),
            None => format!("{resource}{dot}{group}"),
        };
        let (urls, names) = (list("nonResourceURLs"), list("resourceNames"));
        out.write(&format!("{name}\t{urls}\t{names}\t{}\n", list("verbs")));
    }
    let text = out.flush();
    invocation.print(&text);
    Ok(Flow::Done(0))
}
