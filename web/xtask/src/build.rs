//! Builds the page: cargo makes the wasm, wasm-bindgen its glue, `drydock lesson pack` the course, `assets`
//! the folder to serve.
//!
//! Layout of `target/dist`: `index.html` at the top, everything it loads in one folder whose name is
//! a hash of the contents, so that all but the index may be cached for ever.
use crate::run::{cargo, must, root, target_dir};
use crate::{assets, install};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::time::Instant;
use wasm_bindgen_cli_support::Bindgen;

/// How the page is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Quick to build: while working, and for tests.
    Dev,
    /// Small and quick to run: what is published.
    Release,
}

impl Profile {
    /// From the presence of `--release`.
    pub fn of(release: bool) -> Profile {
        if release { Profile::Release } else { Profile::Dev }
    }

    /// Cargo's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Dev => "wasm-dev",
            Profile::Release => "wasm-release",
        }
    }
}

/// Builds everything and returns the folder to serve.
pub fn build(profile: Profile) -> Result<PathBuf> {
    let started = Instant::now();
    install::wasm_target()?;
    must(cargo().args([
        "build",
        "--package",
        "drydock-web",
        "--bin",
        "drydock-web",
        "--target",
        install::WASM,
        "--profile",
        profile.name(),
    ]))?;
    let compiled = started.elapsed();

    let wasm = target_dir().join(install::WASM).join(profile.name()).join("drydock-web.wasm");
    let staging = target_dir().join("dist.new");
    if staging.exists() {
        fs::remove_dir_all(&staging)?;
    }
    let loaded = staging.join(assets::PLACEHOLDER);
    assets::copy_dir(&root().join("static"), &loaded)?;
    Bindgen::new()
        .input_path(&wasm)
        .out_name("app")
        .web(true)?
        .omit_default_module_path(false)
        .typescript(false)
        .remove_name_section(profile == Profile::Release)
        .remove_producers_section(profile == Profile::Release)
        .generate(&loaded)
        .context("wasm-bindgen")?;
    must(
        cargo()
            .args(["run", "--quiet", "--package", "drydock-headless", "--", "lesson", "pack", "--out"])
            .arg(loaded.join("course.json")),
    )?;
    assets::arrange(&staging)?;
    // While working, a second counts for more than a byte.
    assets::precompress(&staging, if profile == Profile::Release { 11 } else { 1 })?;

    // The old folder is served until the new one is whole.
    let dist = target_dir().join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    fs::rename(&staging, &dist)?;
    eprintln!("built {} in {:.1?} (compiled in {compiled:.1?})", dist.display(), started.elapsed());
    Ok(dist)
}
