//! `kubectl kustomize` and `-k`: objects built from a `kustomization.yaml`: resources, bases, name
//! prefixes and suffixes, namespace, labels, annotations, images, replicas, patches, generators.
//!
//! Follows kustomize v5 as kubectl 1.33 holds it. Left out: components' ordering subtleties, helm
//! charts, plugins, remote bases, replacements and vars (all listed in the coverage register).

mod build;
mod generate;
mod patches;
mod references;
mod transform;

use super::Failure;
use crate::cli::{Command, Flag, Flow, Invocation, Outcome};
use drydock_machinery::{Value, yaml};

pub const COMMAND: Command = Command {
    name: "kustomize",
    usage: "kustomize DIR",
    short: "Build a kustomization target from a directory or URL",
    long: "Build a set of KRM resources using a 'kustomization.yaml' file. The DIR argument must be a path to a directory containing 'kustomization.yaml'. If DIR is omitted, '.' is assumed.",
    examples: "# Build the current working directory\nkubectl kustomize\n\n# Build some shared configuration directory\nkubectl kustomize /home/config/production",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("output", 'o', "", "If specified, write output to this path."),
    Flag::string(
        "load-restrictor",
        '\0',
        "LoadRestrictionsRootOnly",
        "if set to 'LoadRestrictionsNone', local kustomizations may load files from outside their root.",
    ),
    Flag::bool("enable-helm", '\0', false, "Enable use of the Helm chart inflator generator."),
    Flag::bool("enable-alpha-plugins", '\0', false, "enable kustomize plugins"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    if invocation.args.len() > 1 {
        return Err(crate::cli::Error::new("specify one path to kustomization.yaml"));
    }
    let directory = invocation.arg(0).unwrap_or(".").to_string();
    let objects = build(invocation, &directory)?;
    let documents: Vec<String> = objects.iter().map(yaml::emit).collect();
    let text = documents.join("---\n");
    let path = invocation.str("output").to_string();
    if path.is_empty() {
        invocation.print(&text);
    } else {
        let written = invocation.sys.write_file(&path, text.as_bytes(), false);
        written.map_err(|e| Failure::Message(format!("open {path}: {}", e.text().to_lowercase())))?;
    }
    Ok(Flow::Done(0))
}

/// The objects a kustomization directory builds, in the order they are to be created.
///
/// # Errors
/// In kustomize's words.
pub fn build(invocation: &mut Invocation<'_, '_>, directory: &str) -> Result<Vec<Value>, Failure> {
    let mut warnings = Vec::new();
    let built = build::directory(invocation, directory, 0, &mut warnings);
    for warning in warnings {
        invocation.eprint(&warning);
    }
    let objects = references::hash_names(built?);
    Ok(build::sorted(objects))
}
