//! The page: a learner's view of one simulated world, in Yew.
//!
//! `state` holds everything and changes in one place; `driver` hands simulated time to it; `panels`
//! show it. Nothing here decides what the cluster does: that is the sandbox's.
mod action;
mod ansi;
mod app;
mod driver;
mod field;
mod highlight;
mod icons;
mod inspect;
mod jamo;
mod keys;
mod map;
mod panels;
mod reduce;
mod session;
mod share;
mod shared;
mod state;
mod store;
mod subject;
mod text;
mod transcript;
mod ui;
mod world;

/// Puts the app in the place of the static skeleton, with the packed course. A course that cannot be read
/// leaves a page without lessons: the cluster is still there to play with.
pub fn start(course: &str) {
    // The guard outside the app reads this: after a panic, wasm itself only says "unreachable".
    yew::set_custom_panic_hook(Box::new(|info| {
        if let Some(window) = web_sys::window() {
            let _ = js_sys::Reflect::set(&window, &"drydockPanic".into(), &info.to_string().into());
        }
        console_error_panic_hook::hook(info);
    }));
    let Some(host) = web_sys::window().and_then(|w| w.document()).and_then(|d| d.get_element_by_id("app"))
    else {
        return;
    };
    host.set_text_content(None);
    let course = shared::Shared::new(session::course(course));
    yew::Renderer::<app::App>::with_root_and_props(host, app::Props { course }).render();
}
