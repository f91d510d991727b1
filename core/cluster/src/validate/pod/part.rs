//! What may change in the parts of a pod that have paths of their own: debug containers
//! (`ValidatePodEphemeralContainersUpdate`) and resources (`ValidatePodResize`), v1.33.

use crate::field::{Errors, Path};
use drydock_machinery::{Quantity, Value};

const SPEC: Path<'static> = Path::new("spec");

/// The old pod as the validation of the whole shall see it: the part that was written counts as it is
/// now, once it has been judged here.
pub(crate) fn beside(subresource: Option<&str>, new: &Value, old: Value, errors: &mut Errors) -> Value {
    match subresource {
        Some("ephemeralcontainers") => {
            let (now, then) = (&new["spec"]["ephemeralContainers"], &old["spec"]["ephemeralContainers"]);
            debuggers(now, then, errors);
            match new["spec"].find("ephemeralContainers") {
                Some(now) => old.with_at(&["spec", "ephemeralContainers"], now),
                None => old.without_at(&["spec", "ephemeralContainers"]),
            }
        }
        Some("resize") => {
            resources(new, &old, errors);
            let spec = crate::rest::put::resized(&old["spec"], &new["spec"]);
            old.with("spec", spec)
        }
        _ => old,
    }
}

/// Debug containers are only ever added.
fn debuggers(now: &Value, then: &Value, errors: &mut Errors) {
    let path = SPEC.child("ephemeralContainers");
    for old in then.items() {
        let name = drydock_machinery::quote::go(old["name"].text());
        match now.items().iter().find(|c| c["name"] == old["name"]) {
            None => {
                errors.forbidden(&path, &format!("existing ephemeral containers {name} may not be removed\n"))
            }
            Some(new) if new != old => {
                errors
                    .forbidden(&path, &format!("existing ephemeral containers {name} may not be changed\n"));
            }
            Some(_) => {}
        }
    }
}

fn resources(new: &Value, old: &Value, errors: &mut Errors) {
    let class = |pod: &Value| crate::kinds::pod::defaults::quality(&pod["spec"]);
    let (now, then) = (class(new), class(old));
    if now != then {
        errors.invalid(&SPEC, now, "Pod QOS Class may not change as a result of resizing");
    }
    let containers = SPEC.child("containers");
    let pairs = new["spec"]["containers"].items().iter().zip(old["spec"]["containers"].items());
    for (at, (new, old)) in pairs.enumerate() {
        let place = containers.index(at);
        let place = place.child("resources");
        let restarts = |name: &str| {
            let policies = new["resizePolicy"].items();
            policies.iter().any(|p| p["resourceName"] == name && p["restartPolicy"] == "RestartContainer")
        };
        for list in ["limits", "requests"] {
            let (now, then) = (&new["resources"][list], &old["resources"][list]);
            let field = place.child(list);
            if then.entries().iter().any(|(key, _)| now.find(key.text()).is_none()) {
                errors.forbidden(&field, &format!("resource {list} cannot be removed"));
            }
            let amount = |v: &Value| Quantity::from_value(v);
            let less = amount(&now["memory"]).zip(amount(&then["memory"])).is_some_and(|(a, b)| a < b);
            if list == "limits" && less && !restarts("memory") {
                let detail = "memory limits cannot be decreased unless resizePolicy is RestartContainer";
                errors.forbidden(&field.key("memory"), detail);
            }
            let names = now.entries().iter().chain(then.entries()).map(|(key, _)| key.text());
            let odd = names.filter(|name| !matches!(*name, "cpu" | "memory"));
            if odd.into_iter().any(|name| now[name] != then[name]) {
                errors.forbidden(&SPEC, "only cpu and memory resources are mutable");
            }
        }
    }
}
