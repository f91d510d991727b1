//! stub

use crate::field::Errors;
use drydock_machinery::Value;

pub fn config_map(_new: &Value, _old: Option<&Value>, _errors: &mut Errors) {}
pub fn secret(_new: &Value, _old: Option<&Value>, _errors: &mut Errors) {}
