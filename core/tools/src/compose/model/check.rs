//! Whether the parts of a project fit together. Follows compose-go's `loader/validate.go`.

use super::{Project, Wrong};
use drydock_machinery::Value;
use std::collections::BTreeSet;

/// Checks references between services, networks, volumes.
///
/// # Errors
/// `service "web" refers to undefined network x: invalid compose project`, and its like.
pub fn check(project: &Project) -> Result<(), Wrong> {
    let invalid = |text: String| Err(Wrong::model(format!("{text}: invalid compose project")));
    for (name, service) in &project.services {
        if service.find("build").is_none() && service.find("image").is_none() {
            return invalid(format!("service \"{name}\" has neither an image nor a build context specified"));
        }
        if service["build"].find("dockerfile_inline").is_some()
            && service["build"].find("dockerfile").is_some()
        {
            return invalid(format!(
                "service \"{name}\" declares mutualy exclusive dockerfile and dockerfile_inline"
            ));
        }
        if service.find("network_mode").is_some() && !service["networks"].is_empty() {
            return invalid(format!(
                "service {name} declares mutually exclusive `network_mode` and `networks`"
            ));
        }
        for (network, _) in service["networks"].entries() {
            if !project.networks.contains_key(network.text()) {
                return invalid(format!("service \"{name}\" refers to undefined network {}", network.text()));
            }
        }
        for (needed, _, required) in project.dependencies(name) {
            if !project.services.contains_key(&needed) && required {
                return invalid(format!("service \"{name}\" depends on undefined service \"{needed}\""));
            }
        }
        for volume in service["volumes"].items() {
            let source = volume["source"].text();
            if volume["type"].text() == "volume"
                && !source.is_empty()
                && !project.volumes.contains_key(source)
            {
                return invalid(format!("service \"{name}\" refers to undefined volume {source}"));
            }
        }
        for (key, word, known) in
            [("secrets", "secret", &project.secrets), ("configs", "config", &project.configs)]
        {
            for item in service[key].items() {
                let source = item["source"].text();
                if !known.contains_key(source) {
                    return invalid(format!("service \"{name}\" refers to undefined {word} {source}"));
                }
            }
        }
        if project.scale(name) > 1 && service.find("container_name").is_some() {
            return invalid(format!("services.{name}: can't set container_name and scale"));
        }
    }
    for (what, items) in [("network", &project.networks), ("volume", &project.volumes)] {
        for (name, item) in items {
            if item["external"].bool() && item.find("driver").is_some() {
                return invalid(format!(
                    "{what} {name}: conflicting parameters \"external\" and \"driver\" specified"
                ));
            }
        }
    }
    cycle(project)
}

fn cycle(project: &Project) -> Result<(), Wrong> {
    fn visit(
        project: &Project,
        name: &str,
        path: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(at) = path.iter().position(|p| p == name) {
            let mut round: Vec<String> = path.iter().skip(at).cloned().collect();
            round.push(name.to_string());
            return Some(round);
        }
        if path.len() > drydock_machinery::limits::DEPTH || !done.insert(name.to_string()) {
            return None;
        }
        path.push(name.to_string());
        let found =
            project.dependencies(name).into_iter().find_map(|(next, ..)| visit(project, &next, path, done));
        path.pop();
        found
    }
    let mut done = BTreeSet::new();
    for name in project.services.keys() {
        if let Some(round) = visit(project, name, &mut Vec::new(), &mut done) {
            return Err(Wrong::model(format!("dependency cycle detected: {}", round.join(" -> "))));
        }
    }
    Ok(())
}

/// Whether a network or volume is somebody else's.
#[must_use]
pub fn is_external(value: &Value) -> bool {
    value["external"].bool() || value["external"].is_map()
}
