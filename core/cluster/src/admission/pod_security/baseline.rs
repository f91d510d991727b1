//! Level baseline: nothing that is known to lead out of a container (`policy/check_*.go`).

use super::{Violation, containers, named};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, quote};

const CAPABILITIES: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];
const SYSCTLS: &[&str] = &[
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
];
const SELINUX: &[&str] = &["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];
const APPARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// In the order of the checks' names; those that level restricted replaces are left out for it.
pub(super) fn check(metadata: &Value, spec: &Value, replaced: bool, found: &mut Vec<Violation>) {
    app_armor(metadata, spec, found);
    if !replaced {
        capabilities(spec, found);
    }
    host_namespaces(spec, found);
    if !replaced {
        host_paths(spec, found);
    }
    host_ports(spec, found);
    let privileged = containers(spec, |c| c["securityContext"]["privileged"].bool());
    if !privileged.is_empty() {
        let detail =
            format!("{} must not set securityContext.privileged=true", named("container", &privileged));
        found.push(Violation::new("privileged", detail));
    }
    proc_mount(spec, found);
    se_linux(spec, found);
    if !replaced {
        seccomp(spec, found);
    }
    sysctls(spec, found);
    host_process(spec, found);
}

fn app_armor(metadata: &Value, spec: &Value, found: &mut Vec<Violation>) {
    let bad = |v: &Value| v["securityContext"]["appArmorProfile"]["type"] == "Unconfined";
    let mut parts = Vec::new();
    let mut forbidden: Vec<String> = Vec::new();
    if bad(spec) {
        parts.push("pod".to_string());
        forbidden.push("Unconfined".into());
    }
    let names = containers(spec, bad);
    if !names.is_empty() {
        parts.push(named("container", &names));
        forbidden.push("Unconfined".into());
    }
    for (key, text) in metadata["annotations"].entries().iter().filter(|e| e.0.text().starts_with(APPARMOR)) {
        let text = text.text();
        if !(text.is_empty() || text == "runtime/default" || text.starts_with("localhost/")) {
            forbidden.push(format!("{}={}", quote::go(key.text()), quote::go(text)));
        }
    }
    if forbidden.is_empty() {
        return;
    }
    let reason =
        if forbidden.len() == 1 { "forbidden AppArmor profile" } else { "forbidden AppArmor profiles" };
    let detail = match parts.as_slice() {
        [] => forbidden.join(", "),
        parts => format!("{} must not set AppArmor profile type to \"Unconfined\"", parts.join(" and ")),
    };
    found.push(Violation::new(reason, detail));
}

fn capabilities(spec: &Value, found: &mut Vec<Violation>) {
    let odd = |c: &Value| -> Vec<String> {
        let added = c["securityContext"]["capabilities"]["add"].items().iter();
        added.map(|a| a.text().to_string()).filter(|a| !CAPABILITIES.contains(&a.as_str())).collect()
    };
    let names = containers(spec, |c| !odd(c).is_empty());
    if names.is_empty() {
        return;
    }
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    let mut all: Vec<String> = lists.iter().flat_map(|l| spec[*l].items()).flat_map(odd).collect();
    all.arrange();
    all.dedup();
    let all: Vec<String> = all.iter().map(|c| quote::go(c)).collect();
    let detail = format!(
        "{} must not include {} in securityContext.capabilities.add",
        named("container", &names),
        all.join(", ")
    );
    found.push(Violation::new("non-default capabilities", detail));
}

fn host_namespaces(spec: &Value, found: &mut Vec<Violation>) {
    let fields = ["hostNetwork", "hostPID", "hostIPC"];
    let set: Vec<String> = fields.iter().filter(|f| spec[**f].bool()).map(|f| format!("{f}=true")).collect();
    if !set.is_empty() {
        found.push(Violation::new("host namespaces", set.join(", ")));
    }
}

fn host_paths(spec: &Value, found: &mut Vec<Violation>) {
    let volumes = spec["volumes"].items().iter().filter(|v| !v["hostPath"].is_null());
    let names: Vec<&str> = volumes.map(|v| v["name"].text()).collect();
    if !names.is_empty() {
        found.push(Violation::new("hostPath volumes", named("volume", &names)));
    }
}

fn host_ports(spec: &Value, found: &mut Vec<Violation>) {
    let ports = |c: &Value| -> Vec<i64> {
        c["ports"].items().iter().map(|p| p["hostPort"].int()).filter(|p| *p != 0).collect()
    };
    let names = containers(spec, |c| !ports(c).is_empty());
    if names.is_empty() {
        return;
    }
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    let mut all: Vec<String> =
        lists.iter().flat_map(|l| spec[*l].items()).flat_map(ports).map(|p| p.to_string()).collect();
    all.arrange();
    all.dedup();
    let plural = if all.len() == 1 { "" } else { "s" };
    let uses = if names.len() == 1 { "uses" } else { "use" };
    let detail = format!("{} {uses} hostPort{plural} {}", named("container", &names), all.join(", "));
    found.push(Violation::new("hostPort", detail));
}

fn proc_mount(spec: &Value, found: &mut Vec<Violation>) {
    let kind = |c: &Value| c["securityContext"]["procMount"].text().to_string();
    let names = containers(spec, |c| !matches!(kind(c).as_str(), "" | "Default"));
    if !names.is_empty() {
        let detail =
            format!("{} must not set securityContext.procMount to \"Unmasked\"", named("container", &names));
        found.push(Violation::new("procMount", detail));
    }
}

fn se_linux(spec: &Value, found: &mut Vec<Violation>) {
    let options = |v: &Value| v["securityContext"]["seLinuxOptions"].clone();
    let bad = |v: &Value| {
        let options = options(v);
        !SELINUX.contains(&options["type"].text())
            || !options["user"].is_empty()
            || !options["role"].is_empty()
    };
    let mut setters = Vec::new();
    if bad(spec) {
        setters.push("pod".to_string());
    }
    let names = containers(spec, bad);
    if !names.is_empty() {
        setters.push(named("container", &names));
    }
    if setters.is_empty() {
        return;
    }
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    let every: Vec<Value> = std::iter::once(options(spec))
        .chain(lists.iter().flat_map(|l| spec[*l].items()).map(options))
        .collect();
    let mut types: Vec<String> =
        every.iter().map(|o| o["type"].text()).filter(|t| !SELINUX.contains(t)).map(quote::go).collect();
    types.arrange();
    types.dedup();
    let mut bad: Vec<String> = Vec::new();
    if !types.is_empty() {
        bad.push(format!("type{} {}", if types.len() == 1 { "" } else { "s" }, types.join(", ")));
    }
    for field in ["user", "role"] {
        if every.iter().any(|o| !o[field].is_empty()) {
            bad.push(format!("{field} may not be set"));
        }
    }
    let detail =
        format!("{} set forbidden securityContext.seLinuxOptions: {}", setters.join(" and "), bad.join("; "));
    found.push(Violation::new("seLinuxOptions", detail));
}

fn seccomp(spec: &Value, found: &mut Vec<Violation>) {
    let bad = |v: &Value| v["securityContext"]["seccompProfile"]["type"] == "Unconfined";
    let mut setters = Vec::new();
    if bad(spec) {
        setters.push("pod".to_string());
    }
    let names = containers(spec, bad);
    if !names.is_empty() {
        setters.push(named("container", &names));
    }
    if !setters.is_empty() {
        let detail = format!(
            "{} must not set securityContext.seccompProfile.type to \"Unconfined\"",
            setters.join(" and ")
        );
        found.push(Violation::new("seccompProfile", detail));
    }
}

fn sysctls(spec: &Value, found: &mut Vec<Violation>) {
    let set = spec["securityContext"]["sysctls"].items().iter().map(|s| s["name"].text());
    let odd: Vec<&str> = set.filter(|name| !SYSCTLS.contains(name)).collect();
    if !odd.is_empty() {
        found.push(Violation::new("forbidden sysctls", odd.join(", ")));
    }
}

fn host_process(spec: &Value, found: &mut Vec<Violation>) {
    let bad = |v: &Value| v["securityContext"]["windowsOptions"]["hostProcess"].bool();
    let mut setters = Vec::new();
    if bad(spec) {
        setters.push("pod".to_string());
    }
    let names = containers(spec, bad);
    if !names.is_empty() {
        setters.push(named("container", &names));
    }
    if !setters.is_empty() {
        let detail =
            format!("{} must not set securityContext.windowsOptions.hostProcess=true", setters.join(" and "));
        found.push(Violation::new("hostProcess", detail));
    }
}
