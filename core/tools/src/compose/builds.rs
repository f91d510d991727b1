//! What `docker build` is told for a service of a compose file.

use super::model::Project;
use super::model::canonical::{is_true, text_of};
use crate::docker::build::Plan;
use drydock_container::Sys;

/// The build of a service; `asked` holds what the command line adds.
#[must_use]
pub fn plan(sys: &Sys<'_>, project: &Project, service: &str, asked: &Plan) -> Plan {
    _ = sys;
    let given = project.services.get(service).map(|s| s["build"].clone()).unwrap_or_default();
    let context = text_of(&given["context"]);
    let mut tags = vec![project.image(service)];
    tags.extend(given["tags"].items().iter().map(text_of));
    let mut args: Vec<(String, Option<String>)> = given["args"]
        .entries()
        .iter()
        .map(|(k, v)| (k.text().to_string(), (!v.is_null()).then(|| text_of(v))))
        .collect();
    for (name, value) in &asked.given {
        args.retain(|a| a.0 != *name);
        args.push((name.clone(), value.clone()));
    }
    let dockerfile = text_of(&given["dockerfile"]);
    let file = if dockerfile.is_empty() {
        String::new()
    } else {
        drydock_container::filesystem::normalise(&context, &dockerfile)
    };
    let mut labels = vec![
        format!("com.docker.compose.project={}", project.name),
        format!("com.docker.compose.service={service}"),
        "com.docker.compose.version=2.26.1".to_string(),
    ];
    labels.extend(given["labels"].entries().iter().map(|(k, v)| format!("{}={}", k.text(), text_of(v))));
    Plan {
        context,
        file,
        inline: given.find("dockerfile_inline").map(text_of),
        tags,
        target: text_of(&given["target"]),
        given: args,
        labels,
        no_cache: asked.no_cache || is_true(&given["no_cache"]),
        pull: asked.pull || is_true(&given["pull"]),
        quiet: asked.quiet,
        buildkit: true,
        ..Plan::default()
    }
}

/// Secrets of a service's build.
pub fn secrets(sys: &mut Sys<'_>, project: &Project, service: &str) -> Vec<(String, Vec<u8>)> {
    let given = project.services.get(service).map(|s| s["build"]["secrets"].clone()).unwrap_or_default();
    let mut out = Vec::new();
    for item in given.items() {
        let source = if item.is_map() { text_of(&item["source"]) } else { text_of(item) };
        let Some(secret) = project.secrets.get(&source) else { continue };
        let bytes = match (secret.find("file"), secret.find("environment")) {
            (Some(file), _) => sys.read_file(file.text()).map(|b| b.to_vec()).unwrap_or_default(),
            (None, Some(name)) => {
                project.environment.get(name.text()).cloned().unwrap_or_default().into_bytes()
            }
            _ => Vec::new(),
        };
        out.push((source, bytes));
    }
    out
}
