//! Events (`pkg/apis/core/validation/events.go`, v1.33).

use crate::field::{Errors, Path};
use drydock_machinery::{Value, names};

pub fn validate(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let about = Path::new("involvedObject");
    let (own, other) = (new["metadata"]["namespace"].text(), new["involvedObject"]["namespace"].text());
    // Events about cluster-scoped objects live in the default namespace.
    let fits = own == other || other.is_empty() && matches!(own, "default" | "kube-system" | "");
    if !fits {
        errors.invalid(&about.child("namespace"), other, "does not match event.namespace");
    }
    if old.is_some() || new["eventTime"].is_null() {
        return;
    }
    let controller = new["reportingComponent"].text();
    let path = Path::new("reportingController");
    if controller.is_empty() {
        errors.required(&path, "");
    }
    errors.each(&path, controller, names::is_qualified_name(controller));
    for (field, shown) in
        [("reportingInstance", "reportingInstance"), ("action", "action"), ("reason", "reason")]
    {
        if new[field].is_empty() {
            errors.required(&Path::new(shown), "");
        }
    }
}
