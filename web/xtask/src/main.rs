//! `cargo xtask`: the builder, the server and the test runner of Drydock on a bare machine.
//!
//! Needs Rust by rustup and nothing else; what is missing is installed by `install.rs`. wasm-bindgen
//! and its test runner are used as libraries, so their versions come from the one `Cargo.lock`.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a build tool measures real time and reads its environment; the simulation does neither"
)]

mod assets;
mod build;
mod install;
mod run;
mod schema;
mod serve;
mod size;
mod test;
mod watch;

use anyhow::{Result, bail};
use std::ffi::OsString;

const HELP: &str = "usage: cargo xtask <command>

  serve [--listen ADDR] [--release]  build, serve (default 127.0.0.1:8080), rebuild and reload on change
  build [--release]                  build the page into target/dist
  test [STEP…] [--release]           run every test: native, wasm in Chromium, the page end to end
  size                               bytes of the release build: raw, gzip, brotli
  schema SWAGGER [--order FILE]      write the table of built-in types from a release's OpenAPI document
";

fn main() -> Result<()> {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let words: Vec<&str> = args.iter().filter_map(|a| a.to_str()).collect();
    let release = words.contains(&"--release");
    match words.first().copied() {
        Some("serve") => serve::command(option(&words, "--listen")?.unwrap_or("127.0.0.1:8080"), release),
        Some("build") => build::build(build::Profile::of(release)).map(drop),
        Some("test") => test::command(words.get(1..).unwrap_or_default(), release),
        Some("size") => size::command(),
        Some("schema") => {
            let args: Vec<String> = words.iter().skip(1).map(|word| (*word).to_owned()).collect();
            schema::run(&args).map_err(anyhow::Error::msg)
        }
        // Cargo calls this one, through `runner` in .cargo/config.toml.
        Some("test-runner") => wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(args),
        Some("help" | "--help" | "-h") => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => bail!("unknown command {other:?}\n\n{HELP}"),
        None => bail!("{HELP}"),
    }
}

/// The value after `name`, or of `name=value`.
fn option<'a>(words: &[&'a str], name: &str) -> Result<Option<&'a str>> {
    for (at, word) in words.iter().enumerate() {
        if *word == name {
            return match words.get(at + 1) {
                Some(value) => Ok(Some(value)),
                None => bail!("{name} needs a value"),
            };
        }
        if let Some(value) = word.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            return Ok(Some(value));
        }
    }
    Ok(None)
}
