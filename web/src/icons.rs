//! Line icons on a 16 px grid: one stroke, the colour of the text, hidden from screen readers (the
//! button beside it carries the name).
use yew::prelude::*;

/// Draws `path` as an icon.
pub fn icon(path: &'static str) -> Html {
    html! { <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d={path} /></svg> }
}

pub const UNDO: &str = "M6 3 3 6l3 3M3.5 6H9a4 4 0 0 1 0 8H6";
pub const REDO: &str = "m10 3 3 3-3 3M12.5 6H7a4 4 0 0 0 0 8h3";
pub const PAUSE: &str = "M5.5 3.5v9M10.5 3.5v9";
pub const SETTLE: &str = "m3 4 4 4-4 4M8 4l4 4-4 4M13.5 4v8";
pub const THEME: &str = "M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11";
pub const HELP: &str = "M5.8 6a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.6M8 12.2v.1";
pub const CLOSE: &str = "m4 4 8 8M12 4l-8 8";
pub const GROW: &str = "M9.5 3H13v3.5M6.5 13H3V9.5M13 3 9 7M3 13l4-4";
pub const SHRINK: &str = "M12.5 7H9V3.5M3.5 9H7v3.5M9 7l4-4M7 9l-4 4";
pub const LESSON: &str =
    "M3 3.5h4a1.5 1.5 0 0 1 1 .5 1.5 1.5 0 0 1 1-.5h4v9H9a1 1 0 0 0-1 .5 1 1 0 0 0-1-.5H3zM8 4v9";
pub const MAP: &str = "M2.5 4v9h11V4M5 10.5h6l-1 2.5H6zM6.5 10.5v-3h3v3";
pub const SHELL: &str = "m3 5 3 3-3 3M8 11.5h5";
pub const FILE: &str = "M4 2.5h5l3 3v8H4zM9 2.5v3h3M6 8.5h4M6 11h4";
pub const FOLDER: &str = "M2.5 4h4l1.5 2h5.5v7h-11z";
pub const RUN: &str = "M5 3.5v9l7-4.5z";
pub const SHARE: &str = "M8 10V2.5M5 5l3-2.5L11 5M3.5 8v5.5h9V8";
pub const BACK: &str = "m9.5 4-4 4 4 4";
pub const NEXT: &str = "m6.5 4 4 4-4 4";
