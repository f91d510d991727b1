//! Plays every transcript natively and leaves the hashes for the wasm tests to compare with.

#[path = "src/transcript.rs"]
mod transcript;

use std::fmt::Write;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=transcripts");
    let wasm = std::env::var("TARGET").is_ok_and(|t| t.starts_with("wasm32"));
    let mut table = String::from("pub static CASES: &[(&str, &str, u64)] = &[\n");
    // Only the wasm build compares; a native build would pay for the run and never look.
    for (name, text) in if wasm { transcript::read_all(Path::new("transcripts")) } else { Vec::new() } {
        let hash = transcript::play(&transcript::parse(&text)).hash;
        writeln!(table, "    ({name:?}, {text:?}, {hash}),").expect("a String takes everything");
    }
    table.push_str("];\n");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("cases.rs"), table).expect("OUT_DIR can be written");
}
