//! YAML from anywhere: loading never panics or hangs, and what was loaded can be printed and loaded again.
//! `cargo fuzz run --fuzz-dir tests/fuzz yaml`
#![no_main]

use drydock_machinery::yaml;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(documents) = yaml::load(text) else { return };
    for document in documents {
        let printed = yaml::emit(&document.value);
        let again = yaml::load(&printed).expect("our own YAML loads");
        assert_eq!(again.first().map(|d| &d.value), Some(&document.value), "{printed}");
    }
});
