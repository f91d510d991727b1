//! The rules of the house as tests: layers, file lengths, registries, determinism, the top level.
// Tests may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Files under version control, by path from the root.
fn tracked() -> Vec<String> {
    let out = Command::new("git").args(["ls-files"]).current_dir(root()).output().expect("git runs");
    assert!(out.status.success(), "git ls-files failed");
    String::from_utf8_lossy(&out.stdout).lines().map(String::from).collect()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_default()
}

fn rust_of<'a>(files: &'a [String], dirs: &[&str]) -> Vec<&'a String> {
    files.iter().filter(|f| f.ends_with(".rs") && dirs.iter().any(|d| f.starts_with(d))).collect()
}

const LAYERS: [&str; 9] =
    ["machinery", "network", "container", "docker", "cluster", "tools", "sandbox", "lesson", "headless"];

#[test]
fn crates_depend_only_on_layers_above_them() {
    for (at, layer) in LAYERS.iter().enumerate() {
        let manifest = read(&format!("core/{layer}/Cargo.toml"));
        let main = manifest.split("[dev-dependencies]").next().unwrap_or("");
        for below in LAYERS.iter().skip(at) {
            assert!(
                !main.contains(&format!("drydock-{below}.workspace")),
                "{layer} must not depend on {below}"
            );
        }
    }
}

#[test]
fn only_headless_does_io() {
    let files = tracked();
    let dirs: Vec<String> =
        LAYERS.iter().filter(|l| **l != "headless").map(|l| format!("core/{l}/src")).collect();
    let dirs: Vec<&str> = dirs.iter().map(String::as_str).collect();
    // The packer of lessons reads their folders; it is a feature of builders and never in the page.
    let allowed = ["core/lesson/src/pack.rs"];
    for file in rust_of(&files, &dirs).into_iter().filter(|f| !allowed.contains(&f.as_str())) {
        for word in [
            "std::fs",
            "std::net::Tcp",
            "std::net::Udp",
            "std::process",
            "std::thread",
            "std::env::",
            "std::time::",
            "SystemTime::",
            "Instant::now",
            "println!",
        ] {
            let text = read(file);
            let code = text.split("#[cfg(test)]").next().unwrap_or("");
            let hit = code.lines().find(|l| l.contains(word) && !l.trim_start().starts_with("//"));
            assert!(hit.is_none(), "{file}: {word}: {hit:?}");
        }
    }
}

#[test]
fn no_container_is_ordered_by_hash() {
    let files = tracked();
    // Interning looks words up and never walks through them.
    let allowed = ["core/machinery/src/sym.rs"];
    for file in rust_of(&files, &["core/"]).into_iter().filter(|f| !allowed.contains(&f.as_str())) {
        for word in ["HashMap", "HashSet", "RandomState"] {
            assert!(!read(file).contains(word), "{file}: {word} has an order of its own on every platform");
        }
    }
}

#[test]
fn the_page_sorts_by_one_algorithm() {
    let files = tracked();
    let shipped = rust_of(&files, &["core/", "web/src/"]).into_iter().filter(|f| {
        !f.starts_with("core/headless/") && !f.contains("test") && *f != "core/machinery/src/sort.rs"
    });
    for file in shipped {
        let text = read(file);
        let code = text.split("#[cfg(test)]").next().unwrap_or("");
        // `List::sort` of `ls` is another thing: it takes what it sorts.
        let sorts =
            |l: &&str| l.contains(".sort()") || l.contains(".sort_by") || l.contains(".sort_unstable");
        let hit = code.lines().find(sorts);
        assert!(hit.is_none(), "{file}: see core/machinery/src/sort.rs: {hit:?}");
    }
}

/// Longest file that still holds one concept.
const LINES: usize = 500;
#[test]
fn files_hold_one_concept() {
    let files = tracked();
    let mut wrong = Vec::new();
    for file in rust_of(&files, &["core/", "web/"]) {
        let lines = read(file).lines().count();
        if lines > LINES {
            wrong.push(format!("{file}: {lines} lines"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_say_what_they_are() {
    let files = tracked();
    let mute: Vec<&String> = rust_of(&files, &["core/", "web/", "tests/"])
        .into_iter()
        .filter(|f| !f.ends_with("tests.rs") && !read(f).trim_start().starts_with("//!"))
        .collect();
    assert!(mute.is_empty(), "no //! head: {mute:?}");
}

#[test]
fn the_top_level_is_small() {
    let allowed =
        ["Cargo.toml", "Cargo.lock", "LICENSE", "README.md", "core", "web", "lessons", "static", "tests"];
    let names: BTreeSet<String> =
        tracked().iter().filter_map(|f| f.split('/').next().map(String::from)).collect();
    for name in names.iter().filter(|n| !n.starts_with('.')) {
        assert!(allowed.contains(&name.as_str()), "{name} does not belong at the top level");
    }
}

#[test]
fn no_package_registry_is_named() {
    // Spelled in two parts, so that this file does not name them itself.
    let hosts = [
        ("deb.", "debian.org"),
        ("registry.npm", "js.org"),
        ("crat", "es.io"),
        ("py", "pi.org"),
        ("python", "hosted.org"),
    ];
    for file in tracked().iter().filter(|f| *f != "Cargo.lock") {
        let text = read(file);
        for (a, b) in hosts {
            assert!(!text.contains(&format!("{a}{b}")), "{file} names {a}{b}");
        }
    }
}

#[test]
fn nothing_is_a_stub() {
    let files = tracked();
    for file in rust_of(&files, &["core/", "web/"]) {
        for word in ["todo!(", "unimplemented!(", "FIXME"] {
            assert!(!read(file).contains(word), "{file}: {word}");
        }
    }
}

/// A folder of one-concept files and the registry that must name each of them.
fn registry(folder: &str, list: &str) {
    let files = tracked();
    let text = read(list);
    let prefix = format!("{folder}/");
    let missing: Vec<&str> = files
        .iter()
        .filter_map(|f| f.strip_prefix(&prefix)?.strip_suffix(".rs"))
        .filter(|name| !name.contains('/') && *name != "mod" && !text.contains(name))
        .collect();
    assert!(missing.is_empty(), "{list} does not name {missing:?} of {folder}");
}

#[test]
fn registries_name_their_files() {
    registry("core/cluster/src/controllers", "core/cluster/src/controllers.rs");
    registry("core/container/src/utilities", "core/container/src/utilities/mod.rs");
    registry("core/container/src/images", "core/container/src/images.rs");
}
