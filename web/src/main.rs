//! Starts the page: `static/boot.js` calls [`open`] with the course once both are loaded.
use wasm_bindgen::prelude::wasm_bindgen;

fn main() {}

/// Shows the app. `course` is `course.json`, as `drydock lesson pack` writes it.
#[wasm_bindgen]
pub fn open(course: &str) {
    drydock_web::start(course);
}
