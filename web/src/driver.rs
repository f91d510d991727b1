//! The bridge between the screen's frames and the page: one animation-frame loop for the page's life.
use gloo::render::{AnimationFrame, request_animation_frame};
use std::cell::RefCell;
use std::rc::Rc;

/// Real time that simulation may use in one frame of the screen, in ms; the rest is for drawing.
pub const BUDGET_MS: f64 = 7.0;

/// The frame that was asked for: letting go of it would cancel it.
type Asked = Rc<RefCell<Option<AnimationFrame>>>;

/// Calls `frame` with real time in ms before each repaint. Stops while the tab is hidden, as the
/// browser decides: simulated time then stands still and nothing is lost.
pub fn every_frame(frame: impl Fn(f64) + 'static) {
    ask(Rc::default(), Rc::new(frame));
}

fn ask(asked: Asked, frame: Rc<dyn Fn(f64)>) {
    let next = asked.clone();
    let handle = request_animation_frame(move |time| {
        // Asked for first: a panic in this frame must not end the loop silently, the guard names it.
        ask(next, frame.clone());
        frame(time);
    });
    *asked.borrow_mut() = Some(handle);
}

/// Real time in ms since the page was opened.
pub fn now() -> f64 {
    web_sys::window().and_then(|w| w.performance()).map_or(0.0, |p| p.now())
}
