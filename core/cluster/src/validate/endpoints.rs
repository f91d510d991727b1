//! stub

use crate::field::Errors;
use drydock_machinery::Value;

pub fn endpoints(_new: &Value, _old: Option<&Value>, _errors: &mut Errors) {}
pub fn slice(_new: &Value, _old: Option<&Value>, _errors: &mut Errors) {}
