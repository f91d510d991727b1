//! What the tests share: transcripts and a small WebDriver client.

pub mod transcript;
#[cfg(not(target_arch = "wasm32"))]
pub mod webdriver;
