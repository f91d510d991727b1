//! Resource quotas (`ValidateResourceQuota`, `pkg/apis/core/validation`, v1.33).

use super::resource_names::{self, is_extended};
use crate::field::{Errors, Path};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Quantity, Value};

const SPEC: Path<'static> = Path::new("spec");
/// Resources of which there are whole ones only.
const COUNTED: &[&str] = &[
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];
const COMPUTED: &[&str] =
    &["cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];
const SCOPES: &[&str] = &[
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "CrossNamespacePodAffinity",
    "VolumeAttributesClass",
];
/// Scopes that no object can have both of.
const OPPOSITES: &[(&str, &str)] = &[("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")];

pub fn validate(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    let hard = SPEC.child("hard");
    for (name, amount) in spec["hard"].entries() {
        let path = hard.key(name.text());
        resource_names::quota(name.text(), &path, errors);
        self::amount(name.text(), amount, &path, errors);
    }
    scopes(spec, errors);
    selector(spec, errors);
    if let Some(old) = old {
        let sorted = |spec: &Value| {
            let mut all: Vec<String> = spec["scopes"].items().iter().map(|s| s.text().to_string()).collect();
            all.arrange();
            all
        };
        if sorted(spec) != sorted(&old["spec"]) {
            errors.invalid(&SPEC.child("scopes"), &spec["scopes"], "field is immutable");
        }
        if spec["scopeSelector"] != old["spec"]["scopeSelector"] {
            errors.invalid(&SPEC.child("scopeSelector"), &spec["scopeSelector"], "field is immutable");
        }
    }
}

fn amount(name: &str, given: &Value, path: &Path<'_>, errors: &mut Errors) {
    let Some(quantity) = Quantity::from_value(given) else { return };
    if quantity.sign() < 0 {
        errors.invalid(path, quantity.canonical(), "must be greater than or equal to 0");
    }
    if (COUNTED.contains(&name) || is_extended(name)) && quantity.milli() % 1000 != 0 {
        errors.invalid(path, quantity.canonical(), "must be an integer");
    }
}

/// Whether a scope can say anything about a resource.
fn applies(scope: &str, resource: &str) -> bool {
    match scope {
        "BestEffort" => resource == "pods",
        "Terminating"
        | "NotTerminating"
        | "NotBestEffort"
        | "PriorityClass"
        | "CrossNamespacePodAffinity" => resource == "pods" || COMPUTED.contains(&resource),
        _ => true,
    }
}

fn misapplied<'a>(spec: &'a Value, scope: &'a str) -> impl Iterator<Item = &'a str> {
    let resources = spec["hard"].entries().iter().map(|(name, _)| name.text());
    resources.filter(move |name| resource_names::is_standard_quota(name) && !applies(scope, name))
}

fn scopes(spec: &Value, errors: &mut Errors) {
    let (given, path) = (&spec["scopes"], SPEC.child("scopes"));
    for scope in given.items() {
        if !SCOPES.contains(&scope.text()) {
            errors.invalid(&path, given, "unsupported scope");
        }
        for _ in misapplied(spec, scope.text()) {
            errors.invalid(&path, given, "unsupported scope applied to resource");
        }
    }
    let has = |scope: &str| given.items().iter().any(|s| s.text() == scope);
    for _ in OPPOSITES.iter().filter(|(a, b)| has(a) && has(b)) {
        errors.invalid(&path, given, "conflicting scopes");
    }
}

fn selector(spec: &Value, errors: &mut Errors) {
    let selector = &spec["scopeSelector"];
    let outer = SPEC.child("scopeSelector");
    let path = outer.child("matchExpressions");
    let terms = selector["matchExpressions"].items();
    for term in terms {
        let (scope, operator) = (term["scopeName"].text(), term["operator"].text());
        if !SCOPES.contains(&scope) {
            errors.invalid(&path.child("scopeName"), scope, "unsupported scope");
        }
        for _ in misapplied(spec, scope) {
            errors.invalid(&path, selector, "unsupported scope applied to resource");
        }
        let valued = matches!(scope, "PriorityClass" | "VolumeAttributesClass");
        if !valued && SCOPES.contains(&scope) && operator != "Exists" {
            let detail = "must be 'Exist' only operator when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
            errors.invalid(&path.child("operator"), operator, detail);
        }
        match operator {
            "In" | "NotIn" if term["values"].is_empty() => {
                let detail =
                    "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
                errors.required(&path.child("values"), detail);
            }
            "Exists" | "DoesNotExist" if !term["values"].is_empty() => {
                let detail =
                    "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
                errors.invalid(&path.child("values"), &term["values"], detail);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => errors.invalid(&path.child("operator"), operator, "not a valid selector operator"),
        }
    }
    let has = |scope: &str| terms.iter().any(|t| t["scopeName"].text() == scope);
    for _ in OPPOSITES.iter().filter(|(a, b)| has(a) && has(b)) {
        errors.invalid(&path, &selector["matchExpressions"], "conflicting scopes");
    }
}
