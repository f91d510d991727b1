//! What the tests share: transcripts, the native binary, and a small WebDriver client.
// Tests may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

#[cfg(not(target_arch = "wasm32"))]
pub mod live;
pub mod transcript;
#[cfg(not(target_arch = "wasm32"))]
pub mod webdriver;

/// The path of the binary `drydock`: what `DRYDOCK` names, as `cargo xtask test` has one compiled already, or
/// built here.
///
/// # Panics
/// If it does not build.
#[cfg(not(target_arch = "wasm32"))]
pub fn drydock() -> std::path::PathBuf {
    if let Some(built) = std::env::var_os("DRYDOCK") {
        return built.into();
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = std::process::Command::new(cargo)
        .args(["build", "--quiet", "--package", "drydock-headless"])
        .current_dir(&root)
        .status()
        .expect("cargo runs");
    assert!(built.success(), "drydock does not build");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    target.join("debug/drydock")
}
