//! Plays every file of `transcripts/` and compares what was printed. `UPDATE=1` rewrites the files, to be
//! read as a diff before they are committed.
// Tests may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    use drydock_tests::transcript::{parse, play, print, read_all};
    use libtest_mimic::{Arguments, Trial};
    use std::path::Path;

    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts");
    let update = std::env::var_os("UPDATE").is_some();
    let trials = read_all(&dir)
        .into_iter()
        .map(|(name, text)| {
            let path = dir.join(format!("{name}.txt"));
            Trial::test(name, move || {
                let case = parse(&text);
                if case.steps.is_empty() || case.about.trim().is_empty() {
                    return Err("a case needs a description and a step".into());
                }
                let printed = print(&case.about, &play(&case).steps);
                if printed == print(&case.about, &case.steps) {
                    return Ok(());
                }
                if update {
                    return std::fs::write(&path, printed).map_err(|e| e.to_string().into());
                }
                Err(difference(&print(&case.about, &case.steps), &printed).into())
            })
        })
        .collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

#[cfg(not(target_arch = "wasm32"))]
fn difference(expected: &str, printed: &str) -> String {
    let header = "lines of the transcript (-) and of this run (+)\n";
    header.to_string() + &drydock_machinery::diff::unified(expected, printed, "expected", "printed")
}

#[cfg(target_arch = "wasm32")]
fn main() {}
