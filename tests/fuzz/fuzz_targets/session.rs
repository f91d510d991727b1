//! Saved sessions from anywhere: opening one refuses or rebuilds it, and never panics.
//! `cargo fuzz run --fuzz-dir tests/fuzz session`
#![no_main]

use drydock_sandbox::InputLog;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(log) = InputLog::from_text(text) {
        assert_eq!(InputLog::from_text(&log.to_text()).as_ref(), Ok(&log));
    }
});
