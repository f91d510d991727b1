//! Pod templates and controller revisions (`pkg/apis/{core,apps}/validation`, v1.33).

use super::common::not_negative;
use super::pod;
use crate::field::{Errors, Path};
use drydock_machinery::Value;

pub fn pod_template(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    pod::template(&new["template"], &Path::new("template"), errors);
}

pub fn controller_revision(new: &Value, old: Option<&Value>, errors: &mut Errors) {
    let data = Path::new("data");
    match old {
        None if new["data"].is_null() => errors.required(&data, "data is mandatory"),
        Some(old) if new["data"] != old["data"] => {
            errors.invalid(&data, &new["data"], "field is immutable");
        }
        _ => {}
    }
    not_negative(&new["revision"], &Path::new("revision"), errors);
}
