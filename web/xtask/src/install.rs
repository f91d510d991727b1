//! Installs what is missing: the wasm target through rustup, Chromium with its driver and a Hangul
//! font through apt (Debian, Ubuntu). On other systems it names what to install instead.
use crate::run::{in_path, must};
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The target triple of the page.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Adds the wasm target to the toolchain in use, where it is missing.
pub fn wasm_target() -> Result<()> {
    let out = Command::new("rustc").args(["--print", "target-libdir", "--target", WASM]).output()?;
    let dir = PathBuf::from(String::from_utf8_lossy(&out.stdout).trim());
    if dir.exists() {
        return Ok(());
    }
    if !in_path("rustup") {
        bail!("the Rust target {WASM} is missing and there is no rustup to add it");
    }
    must(Command::new("rustup").args(["target", "add", WASM]).current_dir(crate::run::root()))
}

/// Installs Chromium, its driver and a Korean font, where the programs are missing.
pub fn chromium() -> Result<()> {
    if in_path("chromium") && in_path("chromedriver") {
        return Ok(());
    }
    if !in_path("apt-get") {
        bail!("the browser tests need `chromium` and `chromedriver` in PATH; please install them");
    }
    apt(&["update", "-q"])?;
    apt(&["install", "-q", "-y", "--no-install-recommends", "chromium", "chromium-driver", "fonts-nanum"])
}

fn apt(args: &[&str]) -> Result<()> {
    let mut command = if in_path("sudo") {
        let mut sudo = Command::new("sudo");
        sudo.arg("apt-get");
        sudo
    } else {
        Command::new("apt-get")
    };
    must(command.args(args).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()))
}
