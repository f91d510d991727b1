//! The parts of the page, one file each.
pub mod bar;
pub mod coloured;
pub mod editor;
pub mod entry;
pub mod events;
pub mod files;
pub mod gutter;
pub mod help;
pub mod inspector;
pub mod lesson;
pub mod list;
pub mod map;
pub mod maximise;
pub mod prompt;
pub mod prose;
pub mod terminal;
pub mod timeline;
