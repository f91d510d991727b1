//! The bridge between the screen's frames and the page: one animation-frame loop for the page's life.
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Real time that simulation may use in one frame of the screen, in ms; the rest is for drawing.
pub const BUDGET_MS: f64 = 7.0;

type Loop = Rc<RefCell<Option<Closure<dyn FnMut(f64)>>>>;

/// Calls `frame` with real time in ms before each repaint. Stops while the tab is hidden, as the
/// browser decides: simulated time then stands still and nothing is lost.
pub fn every_frame(mut frame: impl FnMut(f64) + 'static) {
    let holder: Loop = Rc::default();
    let again = holder.clone();
    *holder.borrow_mut() = Some(Closure::new(move |time: f64| {
        // Asked for first: a panic in this frame must not end the loop silently, the guard names it.
        request(&again);
        frame(time);
    }));
    request(&holder);
}

fn request(holder: &Loop) {
    if let (Some(window), Some(closure)) = (web_sys::window(), holder.borrow().as_ref()) {
        let _ = window.request_animation_frame(closure.as_ref().unchecked_ref());
    }
}

/// Real time in ms since the page was opened.
pub fn now() -> f64 {
    web_sys::window().and_then(|w| w.performance()).map_or(0.0, |p| p.now())
}
