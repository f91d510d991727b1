//! Security contexts of pods and containers.

use crate::field::{Errors, Path};
use crate::validate::common::number_between;
use drydock_machinery::Value;

fn id(value: &Value, path: &Path<'_>, errors: &mut Errors) {
    if let Some(number) = value.as_int() {
        number_between(number, 0, i64::from(i32::MAX), path, errors);
    }
}

pub(super) fn pod(spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    let (context, path) = (&spec["securityContext"], path.child("securityContext"));
    if spec["shareProcessNamespace"].bool() && spec["hostPID"].bool() {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        errors.invalid(&path.child("shareProcessNamespace"), true, detail);
    }
    for field in ["fsGroup", "runAsUser", "runAsGroup"] {
        id(&context[field], &path.child(field), errors);
    }
    for (at, group) in context["supplementalGroups"].items().iter().enumerate() {
        let list = path.child("supplementalGroups");
        id(group, &list.index(at), errors);
    }
    let list = path.child("sysctls");
    let mut seen: Vec<&str> = Vec::new();
    for (at, sysctl) in context["sysctls"].items().iter().enumerate() {
        let path = list.index(at);
        let name = sysctl["name"].text();
        if name.is_empty() {
            errors.required(&path.child("name"), "");
        } else if !is_sysctl(name) {
            let detail = "must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$";
            errors.invalid(&path.child("name"), name, detail);
        } else if seen.contains(&name) {
            errors.duplicate(&path.child("name"), name);
        }
        seen.push(name);
    }
    let policy = &context["fsGroupChangePolicy"];
    if !policy.is_null() && !matches!(policy.text(), "Always" | "OnRootMismatch") {
        errors.unsupported(&path.child("fsGroupChangePolicy"), policy, &["Always", "OnRootMismatch"]);
    }
    seccomp(&context["seccompProfile"], &path.child("seccompProfile"), errors);
}

fn is_sysctl(name: &str) -> bool {
    let end = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let part = |part: &str| {
        let bytes = part.as_bytes();
        let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        end(bytes.first().copied()) && end(bytes.last().copied()) && bytes.iter().all(inner)
    };
    name.len() <= 253 && name.split(['.', '/']).all(part)
}

const PROFILES: &[&str] = &["Localhost", "RuntimeDefault", "Unconfined"];

fn seccomp(profile: &Value, path: &Path<'_>, errors: &mut Errors) {
    if profile.is_null() {
        return;
    }
    let local = &profile["localhostProfile"];
    match profile["type"].text() {
        "" => errors.required(&path.child("type"), "type is required when seccompProfile is set"),
        "Localhost" if local.is_null() => {
            errors.required(&path.child("localhostProfile"), "must be set when seccomp type is Localhost");
        }
        "Localhost" => super::mounts::relative(local.text(), &path.child("localhostProfile"), errors),
        kind if !PROFILES.contains(&kind) => errors.unsupported(&path.child("type"), kind, PROFILES),
        _ if !local.is_null() => {
            errors.invalid(
                &path.child("localhostProfile"),
                local,
                "can only be set when seccomp type is Localhost",
            );
        }
        _ => {}
    }
}

pub(super) fn container(context: &Value, path: &Path<'_>, errors: &mut Errors) {
    if context.is_null() {
        return;
    }
    for field in ["runAsUser", "runAsGroup"] {
        id(&context[field], &path.child(field), errors);
    }
    let mount = &context["procMount"];
    if !mount.is_null() && !matches!(mount.text(), "Default" | "Unmasked") {
        errors.unsupported(&path.child("procMount"), mount, &["Default", "Unmasked"]);
    }
    seccomp(&context["seccompProfile"], &path.child("seccompProfile"), errors);
    if context["allowPrivilegeEscalation"] == Value::Bool(false) {
        if context["privileged"].bool() {
            let detail = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
            errors.invalid(path, context, detail);
        }
        if context["capabilities"]["add"].items().iter().any(|c| *c == "CAP_SYS_ADMIN") {
            let detail =
                "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN";
            errors.invalid(path, context, detail);
        }
    }
}
