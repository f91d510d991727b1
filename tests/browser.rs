//! The built page in headless Chromium. `cargo xtask test` serves it and sets `APP_URL`; alone, this file
//! has no page to open and says so.
#![cfg(not(target_arch = "wasm32"))]

use drydock_tests::webdriver::{Browser, ENTER};
use serde_json::json;

/// A page of its own in a window of this size.
fn open(width: u32, height: u32, query: &str) -> Option<Browser> {
    let Ok(url) = std::env::var("APP_URL") else {
        println!("SKIPPED: APP_URL is not set; run `cargo xtask test`");
        return None;
    };
    let page = Browser::start();
    page.resize(width, height);
    page.goto(&format!("{url}{query}"));
    Some(page)
}

#[test]
fn enter_during_hangul_composition_does_not_run_the_line() {
    let Some(page) = open(1440, 900, "") else { return };
    page.wait_text("#transcript", "learner@dock");
    page.click("#prompt");
    for text in ["하", "한"] {
        page.cdp("Input.imeSetComposition", json!({"text": text, "selectionStart": 1, "selectionEnd": 1}));
    }
    page.cdp("Input.insertText", json!({"text": "한"}));
    assert_eq!(page.eval("return document.querySelector('#prompt').value"), "한");
    page.send_keys("#prompt", ENTER);
    page.wait_text("#transcript", "한: command not found");
}
