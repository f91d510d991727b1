//! Equal logs give equal worlds. Natively every transcript is played twice and replayed from its log, and
//! the hashes are left in the file that `HASHES` names; `cargo xtask test` hands them, as the variable
//! `NATIVE_HASHES`, to this file's build for wasm, which plays every transcript in Chromium and compares.
// Tests may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use drydock_sandbox::Sandbox;
    use drydock_tests::transcript::{parse, play, read_all};
    use std::path::Path;

    #[test]
    fn the_same_log_gives_the_same_world() {
        let cases = read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts"));
        assert!(cases.len() > 3, "transcripts are missing");
        let mut hashes = String::new();
        for (name, text) in cases {
            let case = parse(&text);
            let (first, second) = (play(&case), play(&case));
            assert_eq!(first.hash, second.hash, "{name}: two runs differ");
            let saved = first.sandbox.save();
            let loaded = Sandbox::load(&saved).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(loaded.hash(), first.hash, "{name}: the replayed log differs");
            hashes += &format!("{name}={};", first.hash);
        }
        if let Some(path) = std::env::var_os("HASHES") {
            std::fs::write(path, hashes).unwrap();
        }
    }

    #[test]
    fn undo_and_redo_come_back_to_the_same_world() {
        let cases = read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts"));
        for (name, text) in cases {
            let mut sandbox = play(&parse(&text)).sandbox;
            let end = sandbox.hash();
            let mut steps = 0;
            while sandbox.undo() {
                steps += 1;
            }
            for _ in 0..steps {
                assert!(sandbox.redo(), "{name}: nothing to redo");
            }
            assert_eq!(sandbox.hash(), end, "{name}: undo and redo differ");
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod wasm {
    use drydock_tests::transcript::{parse, play};
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    wasm_bindgen_test_configure!(run_in_browser);

    include!(concat!(env!("OUT_DIR"), "/cases.rs"));

    #[wasm_bindgen_test]
    fn wasm_and_native_give_the_same_world() {
        let native =
            option_env!("NATIVE_HASHES").expect("`cargo xtask test` builds this with the native hashes");
        assert!(CASES.len() > 3, "transcripts are missing");
        for (name, text) in CASES {
            let hash = play(&parse(text)).hash;
            assert!(
                native.contains(&format!("{name}={hash};")),
                "{name}: wasm gives {hash}, native {native}"
            );
        }
    }
}
