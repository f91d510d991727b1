//! stub

use crate::field::Errors;
use drydock_machinery::Value;

pub fn deployment(_new: &Value, _old: Option<&Value>, _errors: &mut Errors) {}
pub fn replica_set(_new: &Value, _old: Option<&Value>, _errors: &mut Errors) {}
pub fn replication_controller(_new: &Value, _old: Option<&Value>, _errors: &mut Errors) {}
pub fn daemon_set(_new: &Value, _old: Option<&Value>, _errors: &mut Errors) {}
pub fn stateful_set(_new: &Value, _old: Option<&Value>, _errors: &mut Errors) {}
