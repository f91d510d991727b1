//! The controllers: one file each and one line here.

use crate::controller::Controller;

/// In the order in which they hear of a write.
pub static CONTROLLERS: &[&Controller] = &[];
