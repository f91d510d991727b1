//! Leases (`pkg/apis/coordination/validation`, v1.33).

use crate::field::{Errors, Path};
use drydock_machinery::Value;

pub fn validate(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    let path = Path::new("spec");
    let spec = &new["spec"];
    if let Some(seconds) = spec["leaseDurationSeconds"].as_int().filter(|s| *s <= 0) {
        errors.invalid(&path.child("leaseDurationSeconds"), seconds, "must be greater than 0");
    }
    if let Some(count) = spec["leaseTransitions"].as_int().filter(|n| *n < 0) {
        errors.invalid(&path.child("leaseTransitions"), count, "must to greater or equal than 0");
    }
}
