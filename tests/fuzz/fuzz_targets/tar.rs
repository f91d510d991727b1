//! Archives from anywhere, as `docker load`, `import`, `cp` and `ADD` read them: unpacked or refused.
//! `cargo fuzz run --fuzz-dir tests/fuzz tar`
#![no_main]

use drydock_container::filesystem::Filesystem;
use drydock_container::tar;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(entries) = tar::unpack_rooted(bytes) {
        std::hint::black_box(tar::pack(&entries));
    }
    if let Some(members) = tar::read(bytes) {
        let mut fs = Filesystem::default();
        _ = tar::extract(&mut fs, "/top", &members, None, 0);
        std::hint::black_box(tar::entries_of(&fs, "/", ""));
    }
});
