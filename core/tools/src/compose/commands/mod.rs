//! The verbs of compose, one file for each family; listed in `root`.

pub mod build;
pub mod config;
pub mod down;
pub mod exec;
pub mod lifecycle;
pub mod list;
pub mod logs;
pub mod run;
pub mod up;
