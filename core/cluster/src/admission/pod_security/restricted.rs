//! Level restricted: what is held to be good practice for pods nobody has to trust.

use super::{Violation, containers, named};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, quote};

const VOLUMES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// In the order of the checks' names. Windows pods are let off what their system does not know.
pub(super) fn check(spec: &Value, minor: u32, found: &mut Vec<Violation>) {
    let windows = minor >= 25 && spec["os"]["name"] == "windows";
    let security = |c: &Value| c["securityContext"].clone();
    if minor >= 8 && !windows {
        let names = containers(spec, |c| security(c)["allowPrivilegeEscalation"].as_bool() != Some(false));
        if !names.is_empty() {
            let detail = format!(
                "{} must set securityContext.allowPrivilegeEscalation=false",
                named("container", &names)
            );
            found.push(Violation::new("allowPrivilegeEscalation != false", detail));
        }
    }
    if minor >= 22 && !windows {
        capabilities(spec, found);
    }
    volumes(spec, found);
    run_as_non_root(spec, found);
    if minor >= 23 {
        run_as_user(spec, found);
    }
    if minor >= 19 && !windows {
        seccomp(spec, found);
    }
}

fn capabilities(spec: &Value, found: &mut Vec<Violation>) {
    let list = |c: &Value, field: &str| -> Vec<String> {
        let items = c["securityContext"]["capabilities"][field].items().iter();
        items.map(|i| i.text().to_string()).collect()
    };
    let odd = |c: &Value| -> Vec<String> {
        list(c, "add").into_iter().filter(|a| a != "NET_BIND_SERVICE").collect()
    };
    let keeping = containers(spec, |c| !list(c, "drop").iter().any(|d| d == "ALL"));
    let adding = containers(spec, |c| !odd(c).is_empty());
    let mut parts = Vec::new();
    if !keeping.is_empty() {
        parts.push(format!(
            "{} must set securityContext.capabilities.drop=[\"ALL\"]",
            named("container", &keeping)
        ));
    }
    if !adding.is_empty() {
        let lists = ["initContainers", "containers", "ephemeralContainers"];
        let mut all: Vec<String> = lists.iter().flat_map(|l| spec[*l].items()).flat_map(odd).collect();
        all.arrange();
        all.dedup();
        let all: Vec<String> = all.iter().map(|c| quote::go(c)).collect();
        parts.push(format!(
            "{} must not include {} in securityContext.capabilities.add",
            named("container", &adding),
            all.join(", ")
        ));
    }
    if !parts.is_empty() {
        found.push(Violation::new("unrestricted capabilities", parts.join("; ")));
    }
}

fn volumes(spec: &Value, found: &mut Vec<Violation>) {
    let kind_of = |volume: &Value| -> Option<String> {
        let mut kinds = volume.entries().iter().map(|(key, _)| key.text()).filter(|key| *key != "name");
        let kind = kinds.next_back()?;
        (!VOLUMES.contains(&kind)).then(|| kind.to_string())
    };
    let bad = spec["volumes"].items().iter().filter_map(|v| Some((v["name"].text(), kind_of(v)?)));
    let (names, mut kinds): (Vec<&str>, Vec<String>) = bad.unzip();
    if names.is_empty() {
        return;
    }
    kinds.arrange();
    kinds.dedup();
    let quoted: Vec<String> = kinds.iter().map(|k| quote::go(k)).collect();
    let (uses, plural) =
        (if names.len() == 1 { "uses" } else { "use" }, if kinds.len() == 1 { "" } else { "s" });
    let detail =
        format!("{} {uses} restricted volume type{plural} {}", named("volume", &names), quoted.join(", "));
    found.push(Violation::new("restricted volume types", detail));
}

fn run_as_non_root(spec: &Value, found: &mut Vec<Violation>) {
    let said = |v: &Value| v["securityContext"]["runAsNonRoot"].as_bool();
    let pod = said(spec);
    let explicit = containers(spec, |c| said(c) == Some(false));
    let implicit = containers(spec, |c| said(c).is_none() && pod != Some(true));
    let mut setters = Vec::new();
    if pod == Some(false) {
        setters.push("pod".to_string());
    }
    if !explicit.is_empty() {
        setters.push(named("container", &explicit));
    }
    let detail = if !setters.is_empty() {
        format!("{} must not set securityContext.runAsNonRoot=false", setters.join(" and "))
    } else if !implicit.is_empty() {
        format!("pod or {} must set securityContext.runAsNonRoot=true", named("container", &implicit))
    } else {
        return;
    };
    found.push(Violation::new("runAsNonRoot != true", detail));
}

fn run_as_user(spec: &Value, found: &mut Vec<Violation>) {
    let root = |v: &Value| v["securityContext"]["runAsUser"].as_int() == Some(0);
    let mut setters = Vec::new();
    if root(spec) {
        setters.push("pod".to_string());
    }
    let names = containers(spec, root);
    if !names.is_empty() {
        setters.push(named("container", &names));
    }
    if !setters.is_empty() {
        let detail = format!("{} must not set runAsUser=0", setters.join(" and "));
        found.push(Violation::new("runAsUser=0", detail));
    }
}

fn seccomp(spec: &Value, found: &mut Vec<Violation>) {
    let kind = |v: &Value| v["securityContext"]["seccompProfile"]["type"].text().to_string();
    let good = |text: &str| matches!(text, "RuntimeDefault" | "Localhost");
    let pod = kind(spec);
    let explicit = containers(spec, |c| !kind(c).is_empty() && !good(&kind(c)));
    let implicit = containers(spec, |c| kind(c).is_empty() && !good(&pod));
    let mut setters = Vec::new();
    if !pod.is_empty() && !good(&pod) {
        setters.push("pod".to_string());
    }
    if !explicit.is_empty() {
        setters.push(named("container", &explicit));
    }
    let detail = if !setters.is_empty() {
        format!(
            "{} must not set securityContext.seccompProfile.type to {}",
            setters.join(" and "),
            quote::go("Unconfined")
        )
    } else if !implicit.is_empty() {
        format!(
            "pod or {} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"",
            named("container", &implicit)
        )
    } else {
        return;
    };
    found.push(Violation::new("seccompProfile", detail));
}
