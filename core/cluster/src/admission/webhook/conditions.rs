//! Match conditions: expressions a hook is asked about only if all of them hold
//! (`k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions`, v1.33).
//!
//! Left out: the `authorizer` variable; a condition that uses it fails.

use super::Write;
use crate::cel;
use crate::cel::run::{Scope, run};
use crate::cel::types::Ty;
use crate::cel::worth::Worth;
use crate::status::Status;
use drydock_machinery::Value;

/// The names conditions may use, all of any type.
pub(crate) const NAMES: &[(&str, Ty)] =
    &[("object", Ty::Dyn), ("oldObject", Ty::Dyn), ("request", Ty::Dyn), ("authorizer", Ty::Dyn)];

/// Whether a hook wants to be asked.
///
/// # Errors
/// A condition that cannot be evaluated, if failures count.
pub(super) fn hold(
    write: &Write<'_>,
    hook: &Value,
    object: &Value,
    old: &Value,
    request: &Value,
) -> Result<bool, Status> {
    let mut failed = Vec::new();
    for condition in hook["matchConditions"].items() {
        let text = condition["expression"].text();
        let names = vec![
            ("object", Worth::Data(object.clone())),
            ("oldObject", Worth::Data(old.clone())),
            ("request", Worth::Data(request.clone())),
        ];
        let outcome = cel::parse(text).and_then(|expr| run(&expr, &mut Scope::new(names))?.truth());
        match outcome {
            Ok(true) => {}
            // One that does not hold decides, whatever else went wrong.
            Ok(false) => return Ok(false),
            Err(why) => failed.push(format!("expression '{text}' resulted in error: {why}")),
        }
    }
    if failed.is_empty() {
        return Ok(true);
    }
    if hook["failurePolicy"] == "Ignore" {
        return Ok(false);
    }
    let why = match failed.as_slice() {
        [one] => one.clone(),
        many => format!("[{}]", many.join(", ")),
    };
    Err(Status::forbidden(write.record, write.name, &why))
}
