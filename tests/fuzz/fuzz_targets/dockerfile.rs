//! Dockerfiles, ignore patterns and archives from anywhere: reading them never panics or hangs.
//! `cargo fuzz run --fuzz-dir tests/fuzz dockerfile`
#![no_main]

use drydock_docker::build::{dockerfile, ignore::Ignore, instruction, lint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    _ = drydock_container::tar::read(bytes);
    let text = String::from_utf8_lossy(bytes);
    _ = Ignore::parse(&text).matches("a/b/c.txt");
    let Ok(file) = dockerfile::parse(&text) else { return };
    let Ok(plan) = instruction::stages(&file) else { return };
    _ = lint::check(&file, &plan);
});
