//! Admission webhook configurations (`pkg/apis/admissionregistration/validation`, v1.33).

use super::common::label_selector;
use crate::admission::webhook::NAMES;
use crate::cel::check::check;
use crate::cel::types::Ty;
use crate::field::{Errors, Path};
use drydock_machinery::{Value, names};

const REVIEWS: &[&str] = &["v1", "v1beta1"];
/// Match conditions a hook may have.
const CONDITIONS: usize = 64;

pub fn mutating(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    hooks(new, true, errors);
}

pub fn validating(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    hooks(new, false, errors);
}

fn hooks(configuration: &Value, mutating: bool, errors: &mut Errors) {
    let list = Path::new("webhooks");
    let mut seen: Vec<&str> = Vec::new();
    for (at, given) in configuration["webhooks"].items().iter().enumerate() {
        let path = list.index(at);
        hook(given, mutating, &path, errors);
        reviews(&given["admissionReviewVersions"], &path.child("admissionReviewVersions"), errors);
        let name = given["name"].text();
        if !name.is_empty() && seen.contains(&name) {
            errors.duplicate(&path.child("name"), name);
        }
        seen.push(name);
    }
}

fn hook(hook: &Value, mutating: bool, path: &Path<'_>, errors: &mut Errors) {
    qualified(hook["name"].text(), &path.child("name"), errors);
    let rules = path.child("rules");
    for (at, given) in hook["rules"].items().iter().enumerate() {
        rule(given, &rules.index(at), errors);
    }
    let one_of = |field: &str, supported: &[&str], errors: &mut Errors| {
        let given = &hook[field];
        if !given.is_empty() && !supported.contains(&given.text()) {
            errors.unsupported(&path.child(field), given, supported);
        }
    };
    one_of("failurePolicy", &["Fail", "Ignore"], errors);
    one_of("matchPolicy", &["Equivalent", "Exact"], errors);
    if hook["sideEffects"].is_empty() {
        errors.required(&path.child("sideEffects"), "must specify one of None, NoneOnDryRun");
    }
    one_of("sideEffects", &["None", "NoneOnDryRun"], errors);
    if let Some(seconds) = hook["timeoutSeconds"].as_int().filter(|s| !(1..=30).contains(s)) {
        let detail = "the timeout value must be between 1 and 30 seconds";
        errors.invalid(&path.child("timeoutSeconds"), seconds, detail);
    }
    for field in ["namespaceSelector", "objectSelector"] {
        if !hook[field].is_null() {
            label_selector(&hook[field], &path.child(field), errors);
        }
    }
    conditions(&hook["matchConditions"], &path.child("matchConditions"), errors);
    if mutating {
        one_of("reinvocationPolicy", &["IfNeeded", "Never"], errors);
    }
    client(&hook["clientConfig"], &path.child("clientConfig"), errors);
}

/// Expressions that decide whether a hook is asked at all.
fn conditions(given: &Value, path: &Path<'_>, errors: &mut Errors) {
    let given = given.items();
    if given.len() > CONDITIONS {
        errors.too_many(path, given.len(), CONDITIONS);
        return;
    }
    for (at, condition) in given.iter().enumerate() {
        let path = path.index(at);
        let (name, text) = (condition["name"].text(), condition["expression"].text());
        if text.trim().is_empty() {
            errors.required(&path.child("expression"), "");
        } else {
            let mut fail = |why: &str| errors.invalid(&path.child("expression"), text, why);
            match check(text, NAMES) {
                Err(why) => fail(&format!("compilation failed: {why}")),
                Ok(Ty::Bool | Ty::Dyn) => {}
                Ok(_) => fail("must evaluate to bool"),
            }
        }
        if name.is_empty() {
            errors.required(&path.child("name"), "");
        } else {
            errors.each(&path.child("name"), name, names::is_qualified_name(name));
        }
        if !name.is_empty() && given.iter().take(at).any(|c| c["name"] == name) {
            errors.duplicate(&path.child("name"), name);
        }
    }
}

/// `IsFullyQualifiedName`.
fn qualified(name: &str, path: &Path<'_>, errors: &mut Errors) {
    let wrong = names::is_dns1123_subdomain(name);
    if name.is_empty() {
        errors.required(path, "");
    } else if !wrong.is_empty() {
        errors.invalid(path, name, &wrong.join(","));
    } else if name.split('.').count() < 3 {
        errors.invalid(path, name, "should be a domain with at least three segments separated by dots");
    }
}

fn reviews(versions: &Value, path: &Path<'_>, errors: &mut Errors) {
    let given = versions.items();
    if given.is_empty() {
        errors.required(path, &format!("must specify one of {}", REVIEWS.join(", ")));
        return;
    }
    for (at, version) in given.iter().enumerate() {
        if given.iter().take(at).any(|v| v == version) {
            errors.invalid(&path.index(at), version, "duplicate version");
            continue;
        }
        errors.each(&path.index(at), version.text(), names::is_dns1035_label(version.text()));
    }
    if !given.iter().any(|v| REVIEWS.contains(&v.text())) {
        errors.invalid(path, versions, &format!("must include at least one of {}", REVIEWS.join(", ")));
    }
}

/// A webhook's `clientConfig`.
fn client(config: &Value, path: &Path<'_>, errors: &mut Errors) {
    match (&config["url"], &config["service"]) {
        (Value::Null, service) if service.is_map() => backend(service, &path.child("service"), errors),
        (url, Value::Null) if !url.is_null() => address(url.text(), &path.child("url"), errors),
        _ => errors.required(path, "exactly one of url or service is required"),
    }
}

/// `ValidateWebhookURL`.
pub(super) fn address(url: &str, path: &Path<'_>, errors: &mut Errors) {
    const FORM: &str = "; desired format: https://host[/path]";
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let authority = if scheme.is_empty() { "" } else { rest.split('/').next().unwrap_or("") };
    let (user, host) = authority.split_once('@').unwrap_or(("", authority));
    if scheme != "https" {
        errors.invalid(path, scheme, &format!("'https' is the only allowed URL scheme{FORM}"));
    }
    if host.is_empty() {
        errors.invalid(path, host, &format!("host must be specified{FORM}"));
    }
    if !user.is_empty() {
        errors.invalid(path, user, "user information is not permitted in the URL");
    }
    if !fragment.is_empty() {
        errors.invalid(path, fragment, "fragments are not permitted in the URL");
    }
    if !query.is_empty() {
        errors.invalid(path, query, "query parameters are not permitted in the URL");
    }
}

/// `ValidateWebhookService`.
pub(super) fn backend(service: &Value, path: &Path<'_>, errors: &mut Errors) {
    for field in ["name", "namespace"] {
        if service[field].is_empty() {
            errors.required(&path.child(field), &format!("service {field} is required"));
        }
    }
    let port = service["port"].as_int().unwrap_or(443);
    if !(1..=65535).contains(&port) {
        let detail = "port is not valid: must be between 1 and 65535, inclusive";
        errors.invalid(&path.child("port"), port, detail);
    }
    let (url, path) = (service["path"].text(), path.child("path"));
    match url {
        "" | "/" => return,
        "//" => return errors.invalid(&path, url, "segment[0] may not be empty"),
        _ => {}
    }
    if !url.starts_with('/') {
        errors.invalid(&path, url, "must start with a '/'");
    }
    // Without its first character, whatever it is: so does the real server.
    let steps = url.get(1..).unwrap_or("");
    let steps = steps.strip_suffix('/').unwrap_or(steps);
    for (at, step) in steps.split('/').enumerate() {
        if step.is_empty() {
            errors.invalid(&path, url, &format!("segment[{at}] may not be empty"));
            continue;
        }
        for wrong in names::is_dns1123_subdomain(step) {
            errors.invalid(&path, url, &format!("segment[{at}]: {wrong}"));
        }
    }
}

fn has_wildcard(list: &Value) -> bool {
    list.items().len() > 1 && list.items().iter().any(|v| *v == "*")
}

fn rule(rule: &Value, path: &Path<'_>, errors: &mut Errors) {
    const OPERATIONS: &[&str] = &["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
    let (given, place) = (&rule["operations"], path.child("operations"));
    if given.is_empty() {
        errors.required(&place, "");
    }
    if has_wildcard(given) {
        errors.invalid(&place, given, "if '*' is present, must not specify other operations");
    }
    for (at, operation) in given.items().iter().enumerate() {
        if !OPERATIONS.contains(&operation.text()) {
            errors.unsupported(&place.index(at), operation, OPERATIONS);
        }
    }
    for (field, what) in [("apiGroups", "API groups"), ("apiVersions", "API versions")] {
        let (given, place) = (&rule[field], path.child(field));
        if given.is_empty() {
            errors.required(&place, "");
        }
        if has_wildcard(given) {
            let detail = format!("if '*' is present, must not specify other {what}");
            errors.invalid(&place, given, &detail);
        }
        if field == "apiVersions" {
            for (at, _) in given.items().iter().enumerate().filter(|(_, v)| v.is_empty()) {
                errors.required(&place.index(at), "");
            }
        }
    }
    resources(&rule["resources"], &path.child("resources"), errors);
    const SCOPES: &[&str] = &["*", "Cluster", "Namespaced"];
    let scope = &rule["scope"];
    if !scope.is_null() && !SCOPES.contains(&scope.text()) {
        errors.unsupported(&path.child("scope"), scope, SCOPES);
    }
}

fn resources(given: &Value, path: &Path<'_>, errors: &mut Errors) {
    if given.is_empty() {
        errors.required(path, "");
    }
    let (mut whole, mut sub): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut plain = false;
    for (at, entry) in given.items().iter().enumerate() {
        let text = entry.text();
        if text.is_empty() {
            errors.required(&path.index(at), "");
            continue;
        }
        let Some((resource, below)) = text.split_once('/') else {
            plain |= text != "*";
            continue;
        };
        if whole.contains(&resource) {
            let detail = format!("if '{resource}/*' is present, must not specify {text}");
            errors.invalid(&path.index(at), text, &detail);
        }
        if sub.contains(&below) {
            let detail = format!("if '*/{below}' is present, must not specify {text}");
            errors.invalid(&path.index(at), text, &detail);
        }
        if below == "*" {
            whole.push(resource);
        }
        if resource == "*" {
            sub.push(below);
        }
    }
    let has = |wanted: &str| given.items().iter().any(|v| *v == wanted);
    if given.items().len() > 1 && has("*/*") {
        errors.invalid(path, given, "if '*/*' is present, must not specify other resources");
    }
    if has("*") && plain {
        let detail = "if '*' is present, must not specify other resources without subresources";
        errors.invalid(path, given, detail);
    }
}
