//! stub

use crate::field::Errors;
use drydock_machinery::Value;

pub fn validate(_new: &Value, _old: Option<&Value>, _errors: &mut Errors) {}
