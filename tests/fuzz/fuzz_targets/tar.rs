//! Archives from anywhere, as `docker load`, `import`, `cp` and `ADD` read them: unpacked or refused.
//! `cargo fuzz run --fuzz-dir tests/fuzz tar`
#![no_main]

use drydock_docker::{build::archive, tar};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(entries) = tar::unpack(bytes) {
        std::hint::black_box(tar::pack(&entries));
    }
    if let Some(members) = archive::read(bytes) {
        std::hint::black_box(archive::filesystem(&members));
    }
});
