//! Bytes of the published page: what a first visit costs on the wire.
use crate::assets::{self, brotli, files, gzip};
use crate::build::{Profile, build};
use anyhow::Result;
use std::fs;

/// `cargo xtask size`: builds for release and prints a table.
pub fn command() -> Result<()> {
    let dist = build(Profile::Release)?;
    println!("{:<28} {:>10} {:>10} {:>10}", "file", "raw", "gzip", "brotli");
    let mut total = (0, 0, 0);
    for file in files(&dist)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".br") || name.ends_with(".gz") {
            continue;
        }
        let body = fs::read(&file)?;
        let packed =
            |suffix: &str| fs::metadata(assets::sibling(&file, suffix)).map(|m| m.len() as usize).ok();
        let gz = packed("gz").map_or_else(|| gzip(&body).map(|b| b.len()), Ok)?;
        let br = packed("br").map_or_else(|| brotli(&body, 11).map(|b| b.len()), Ok)?;
        total = (total.0 + body.len(), total.1 + gz, total.2 + br);
        println!("{name:<28} {:>10} {gz:>10} {br:>10}", body.len());
    }
    println!("{:<28} {:>10} {:>10} {:>10}", "total", total.0, total.1, total.2);
    Ok(())
}
