//! `kubectl api-resources` and `api-versions`.

use super::Client;
use super::discovery::Resource;
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_machinery::sort::Arrange;

pub const API_VERSIONS: Command = Command {
    name: "api-versions",
    short: "Print the supported API versions on the server, in the form of \"group/version\"",
    long: "Print the supported API versions on the server, in the form of \"group/version\".",
    examples: "# The supported API versions\nkubectl api-versions",
    run: |invocation| {
        if !invocation.args.is_empty() {
            return Err(
                invocation.usage_error(format_args!("unexpected arguments: [{}]", invocation.args.join(" ")))
            );
        }
        let mut client = Client::new(invocation)?;
        let discovery = client.discover(invocation.sys)?;
        let mut versions = discovery.versions.clone();
        versions.arrange();
        versions.dedup();
        invocation.print(&versions.iter().map(|v| format!("{v}\n")).collect::<String>());
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};

pub const COMMAND: Command = Command {
    name: "api-resources",
    usage: "api-resources [flags]",
    short: "Print the supported API resources on the server",
    long: "Print the supported API resources on the server.",
    examples: "# All of them\nkubectl api-resources\n\n# With verbs and categories\nkubectl api-resources -o wide\n\n# Those in namespaces\nkubectl api-resources --namespaced=true\n\n# Those of a group\nkubectl api-resources --api-group=rbac.authorization.k8s.io",
    flags: &[&[
        Flag::string("api-group", '\0', "", "Limit to resources in the specified API group."),
        Flag::bool("cached", '\0', false, "Use the cached list of resources if available."),
        Flag::slice("categories", '\0', "Limit to resources that belong to the specified categories."),
        Flag::bool(
            "namespaced",
            '\0',
            true,
            "If false, non-namespaced resources will be returned, otherwise returning namespaced resources by default.",
        ),
        Flag::bool(
            "no-headers",
            '\0',
            false,
            "When using the default or custom-column output format, don't print headers (default print headers).",
        ),
        Flag::string("output", 'o', "", "Output format. One of: (wide, name)."),
        Flag::string(
            "sort-by",
            '\0',
            "",
            "If non-empty, sort list of resources using specified field. The field can be either 'name' or 'kind'.",
        ),
        Flag::slice("verbs", '\0', "Limit to resources that support the specified verbs."),
    ]],
    run: api_resources,
    ..Command::BASE
};

fn api_resources(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let output = invocation.str("output").to_string();
    if !matches!(output.as_str(), "" | "wide" | "name") {
        return Err(Error::new(format_args!("--output {output} is not available")));
    }
    if !matches!(invocation.str("sort-by"), "" | "name" | "kind") {
        return Err(Error::new("--sort-by accepts only name or kind"));
    }
    if !invocation.args.is_empty() {
        return Err(
            invocation.usage_error(format_args!("unexpected arguments: [{}]", invocation.args.join(" ")))
        );
    }
    let mut client = Client::new(invocation)?;
    let discovery = client.discover(invocation.sys)?;
    let (group, verbs, categories) =
        (invocation.str("api-group"), invocation.list("verbs"), invocation.list("categories"));
    let chosen = |r: &&std::sync::Arc<Resource>| {
        discovery.is_preferred(r)
            && (!invocation.changed("api-group") || r.group == group)
            && (!invocation.changed("namespaced") || r.namespaced == invocation.bool("namespaced"))
            && verbs.iter().all(|v| r.verbs.contains(v))
            && categories.iter().all(|c| r.categories.contains(c))
            && !r.verbs.is_empty()
    };
    let mut found: Vec<&Resource> = discovery.resources.iter().filter(chosen).map(|r| &**r).collect();
    match invocation.str("sort-by") {
        "name" => found.arrange_by(|a, b| a.plural.cmp(&b.plural)),
        "kind" => found.arrange_by(|a, b| a.kind.cmp(&b.kind)),
        _ => found.arrange_by(|a, b| (&a.group, &a.plural).cmp(&(&b.group, &b.plural))),
    }
    let text = match output.as_str() {
        "name" => found.iter().map(|r| r.qualified() + "\n").collect(),
        _ => table(&found, output == "wide", invocation.bool("no-headers")),
    };
    invocation.print(&text);
    match discovery.failed.is_empty() {
        true => Ok(Flow::Done(0)),
        false => Err(Error::new(format_args!(
            "unable to retrieve the complete list of server APIs: {}",
            discovery.failed.join(", ")
        ))),
    }
}

fn table(found: &[&Resource], wide: bool, no_headers: bool) -> String {
    let mut out = drydock_machinery::tabwriter::TabWriter::kubectl();
    if !no_headers {
        let more = if wide { "\tVERBS\tCATEGORIES" } else { "" };
        out.write(&format!("NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND{more}\n"));
    }
    for r in found {
        let mut line =
            format!("{}\t{}\t{}\t{}\t{}", r.plural, r.short.join(","), r.api_version(), r.namespaced, r.kind);
        if wide {
            line += &format!("\t{}\t{}", r.verbs.join(","), r.categories.join(","));
        }
        out.write(&(line + "\n"));
    }
    out.flush()
}
