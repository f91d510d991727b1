//! Shell lines from anywhere: parsing ends with a tree, an error or "incomplete", never with a panic.
//! `cargo fuzz run --fuzz-dir tests/fuzz shell`
#![no_main]

use drydock_container::shell::{Dialect, parser::is_complete};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for dialect in [Dialect::Bash, Dialect::Dash, Dialect::Ash] {
        std::hint::black_box(is_complete(text, dialect));
    }
});
