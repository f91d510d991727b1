//! The profiles of `kubectl debug`: what each allows and denies the debugging container. Follows
//! `profiles.go` of `k8s.io/kubectl/pkg/cmd/debug` (v1.33).

use crate::cli::{Error, Invocation};
use drydock_machinery::{Value, value, yaml};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Legacy,
    General,
    Baseline,
    Restricted,
    Netadmin,
    Sysadmin,
}

/// A profile, and what of the pod a copy keeps.
pub(super) struct Profile {
    kind: Kind,
    labels: bool,
    annotations: bool,
    init_containers: bool,
    /// Probes that do not stay.
    dropped: Vec<&'static str>,
}

impl Profile {
    /// From `--profile` and the `--keep-…` flags.
    ///
    /// # Errors
    /// An unknown profile.
    pub(super) fn from_flags(invocation: &Invocation<'_, '_>) -> Result<Profile, Error> {
        let kind = match invocation.str("profile") {
            "legacy" => Kind::Legacy,
            "general" => Kind::General,
            "baseline" => Kind::Baseline,
            "restricted" => Kind::Restricted,
            "netadmin" => Kind::Netadmin,
            "sysadmin" => Kind::Sysadmin,
            other => return Err(Error::new(format_args!("unknown profile: {other}"))),
        };
        let probes = [
            ("keep-liveness", "livenessProbe"),
            ("keep-readiness", "readinessProbe"),
            ("keep-startup", "startupProbe"),
        ];
        Ok(Profile {
            kind,
            labels: invocation.bool("keep-labels"),
            annotations: invocation.bool("keep-annotations"),
            init_containers: invocation.bool("keep-init-containers"),
            dropped: probes.iter().filter(|p| !invocation.bool(p.0)).map(|p| p.1).collect(),
        })
    }
    /// The spec of a pod with a new ephemeral container.
    pub(super) fn ephemeral(&self, spec: &Value, name: &str) -> Value {
        let spec = self.secured(spec, name);
        if self.kind == Kind::General { with_capabilities(&spec, name, &["SYS_PTRACE"]) } else { spec }
    }
    /// The spec of a pod made for a node.
    pub(super) fn on_node(&self, spec: &Value, name: &str) -> Value {
        let mut spec = self.secured(spec, name);
        if matches!(self.kind, Kind::Legacy | Kind::General | Kind::Sysadmin) {
            let mount = value!([{"name": "host-root", "mountPath": "/host"}]);
            spec = changed(&spec, name, |container| container.with("volumeMounts", &mount));
            spec = spec.with("volumes", value!([{"name": "host-root", "hostPath": {"path": "/"}}]));
        }
        if !matches!(self.kind, Kind::Baseline | Kind::Restricted) {
            for field in ["hostNetwork", "hostPID", "hostIPC"] {
                spec = spec.with(field, true);
            }
        }
        spec
    }
    /// Metadata and spec of a pod's copy.
    pub(super) fn copy(&self, pod: &Value, name: &str) -> Value {
        let legacy = self.kind == Kind::Legacy;
        let (mut pod, mut spec) = (pod.clone(), self.secured(&pod["spec"], name));
        if legacy || !self.labels {
            pod = pod.with("metadata", pod["metadata"].without("labels"));
        }
        if !legacy {
            if !self.annotations {
                pod = pod.with("metadata", pod["metadata"].without("annotations"));
            }
            let bare = |c: &Value| self.dropped.iter().fold(c.clone(), |c, probe| c.without(probe));
            spec = spec.with("containers", spec["containers"].items().iter().map(bare).collect::<Value>());
            if !self.init_containers {
                spec = spec.without("initContainers");
            }
            if self.kind == Kind::General {
                spec = with_capabilities(&spec, name, &["SYS_PTRACE"]);
            }
            if spec["shareProcessNamespace"].is_null() {
                spec = spec.with("shareProcessNamespace", true);
            }
        }
        pod.with("spec", spec)
    }
    /// What a profile says of the container wherever it runs.
    fn secured(&self, spec: &Value, name: &str) -> Value {
        match self.kind {
            Kind::Legacy | Kind::General => spec.clone(),
            Kind::Baseline => changed(spec, name, |c| c.without("securityContext")),
            Kind::Restricted => changed(spec, name, |c| {
                c.with(
                    "securityContext",
                    value!({
                        "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
                        "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"},
                    }),
                )
            }),
            Kind::Netadmin => with_capabilities(spec, name, &["NET_ADMIN", "NET_RAW"]),
            Kind::Sysadmin => changed(spec, name, |c| c.with_at(&["securityContext", "privileged"], true)),
        }
    }
}

/// The containers of this name, of whatever list, made into others.
fn changed(spec: &Value, name: &str, change: impl Fn(&Value) -> Value) -> Value {
    ["initContainers", "containers", "ephemeralContainers"].iter().fold(spec.clone(), |spec, list| {
        if spec[*list].is_empty() {
            return spec;
        }
        let one = |c: &Value| if c["name"] == name { change(c) } else { c.clone() };
        let all: Value = spec[*list].items().iter().map(one).collect();
        spec.with(*list, all)
    })
}

fn with_capabilities(spec: &Value, name: &str, more: &[&str]) -> Value {
    changed(spec, name, |container| {
        let there = container["securityContext"]["capabilities"]["add"].items().iter().cloned();
        let all: Value = there.chain(more.iter().map(|c| Value::from(*c))).collect();
        container.with_at(&["securityContext", "capabilities", "add"], all)
    })
}

/// The partial container of `--custom`.
///
/// # Errors
/// A file that cannot be read, or holds something else.
pub(super) fn custom(invocation: &mut Invocation<'_, '_>) -> Result<Option<Value>, Error> {
    let path = invocation.str("custom").to_string();
    if path.is_empty() {
        return Ok(None);
    }
    let bytes = invocation.sys.read_file(&path).map_err(|errno| {
        let errno = errno.text().to_lowercase();
        Error::new(format_args!(
            "must pass a container spec json file for custom profile: open {path}: {errno}"
        ))
    })?;
    let invalid =
        |why: String| Error::new(format_args!("{path} does not contain a valid container spec: {why}"));
    let documents =
        yaml::load(&String::from_utf8_lossy(&bytes)).map_err(|error| invalid(error.to_string()))?;
    match documents.into_iter().next().map(|d| d.value) {
        Some(value) if value.is_map() => Ok(Some(value)),
        Some(value) if !value.is_null() => Err(invalid(format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {} into Go value of type v1.Container",
            value.json_type()
        ))),
        _ => Ok(None),
    }
}
