//! What the tests share: transcripts and a small WebDriver client.
// Tests may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

pub mod transcript;
#[cfg(not(target_arch = "wasm32"))]
pub mod webdriver;
