//! Lists the transcripts for the wasm tests, which have no files to read.

// A build script asks cargo, and cargo answers in the environment.
#![allow(clippy::disallowed_methods)]

use std::fmt::Write;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=transcripts");
    let dir = Path::new("transcripts").canonicalize().expect("transcripts are there");
    let mut files: Vec<_> = std::fs::read_dir(&dir).expect("a folder").flatten().map(|e| e.path()).collect();
    files.sort();
    let mut table = String::from("pub static CASES: &[(&str, &str)] = &[\n");
    for path in files.iter().filter(|p| p.extension().is_some_and(|e| e == "txt")) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        writeln!(table, "    ({name:?}, include_str!({path:?})),").expect("a String takes everything");
    }
    table.push_str("];\n");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&out).join("cases.rs"), table).expect("OUT_DIR can be written");
}
