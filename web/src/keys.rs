//! Keys that work everywhere on the page: F6 walks the panes, F8 undoes, Esc closes what lies on top.
//! They are told by position or by name that no layout changes, and never while a syllable is composed.
use crate::state::Action;
use gloo::events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};
use yew::Callback;

/// Listens as long as it is kept.
pub struct Listener {
    _listening: Vec<EventListener>,
}

/// The panes' elements, in the order of F6.
const PANES: [&str; 5] = ["lesson", "map", "inspector", "terminal", "editor-pane"];

/// Starts listening: keys become actions, and `leaving` is told when the page is hidden.
pub fn listen(send: Callback<Action>, leaving: Callback<()>) -> Listener {
    let Some(window) = web_sys::window() else { return Listener { _listening: Vec::new() } };
    let active = EventListenerOptions::enable_prevent_default();
    let keys = EventListener::new_with_options(&window, "keydown", active, move |event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>() {
            pressed(event, &send);
        }
    });
    let hidden = ["pagehide", "visibilitychange"].map(|name| {
        let leaving = leaving.clone();
        EventListener::new(&window, name, move |_| leaving.emit(()))
    });
    Listener { _listening: std::iter::once(keys).chain(hidden).collect() }
}

fn pressed(event: &KeyboardEvent, send: &Callback<Action>) {
    if event.is_composing() || event.key_code() == 229 {
        return;
    }
    match (event.key().as_str(), event.shift_key()) {
        ("F6", back) => {
            event.prevent_default();
            walk(back);
        }
        ("F8", false) => {
            event.prevent_default();
            send.emit(Action::Undo);
        }
        ("F8", true) => {
            event.prevent_default();
            send.emit(Action::Redo);
        }
        ("Escape", _) => {
            send.emit(Action::Sheet(None));
            send.emit(Action::Dismiss);
            if inside("inspector") || inside("map") {
                send.emit(Action::Select(None));
            }
        }
        _ => {}
    }
}

fn document() -> Option<web_sys::Document> {
    web_sys::window()?.document()
}

/// Whether the focus lies in the pane with this id.
fn inside(id: &str) -> bool {
    let Some(document) = document() else { return false };
    let pane = document.get_element_by_id(id);
    pane.is_some_and(|p| p.contains(document.active_element().as_ref().map(AsRef::as_ref)))
}

/// Moves the focus to the next pane that is shown; in the terminal and editor, to where one types.
fn walk(back: bool) {
    let Some(document) = document() else { return };
    let here = PANES.iter().position(|id| inside(id));
    let count = PANES.len();
    let mut at = here.unwrap_or(if back { 0 } else { count - 1 });
    for _ in 0..count {
        at = if back { (at + count - 1) % count } else { (at + 1) % count };
        let Some(id) = PANES.get(at) else { return };
        let target = match *id {
            "terminal" => "prompt",
            "editor-pane" => "editor",
            other => other,
        };
        let Some(element) = document.get_element_by_id(target).and_then(|e| e.dyn_into::<HtmlElement>().ok())
        else {
            continue;
        };
        // What is not displayed has no parent to be laid out in.
        if element.offset_parent().is_some() {
            let _ = element.focus();
            return;
        }
    }
}
