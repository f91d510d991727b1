//! The folder that is served: hashed names, and copies compressed ahead of time.
use anyhow::{Context, Result};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder name that `index.html` writes; it is replaced by one with a hash in it.
pub const PLACEHOLDER: &str = "assets";
/// The start of the hashed name: what is below such a folder never changes.
pub const HASHED: &str = "assets-";

/// Copies a folder with everything in it.
pub fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_dir(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// All files below `dir`, in order of their names.
pub fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(dir)?.map(|e| e.map(|e| e.path())).collect::<std::io::Result<_>>()?;
    entries.sort();
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

/// Gives `assets/` its hashed name and moves `index.html` up, pointing at it.
pub fn arrange(dist: &Path) -> Result<()> {
    let plain = dist.join(PLACEHOLDER);
    let index = fs::read_to_string(plain.join("index.html")).context("static/index.html")?;
    fs::remove_file(plain.join("index.html"))?;
    let mut hash = Fnv::default();
    for file in files(&plain)? {
        hash.add(file.strip_prefix(&plain)?.to_string_lossy().as_bytes());
        hash.add(&fs::read(&file)?);
    }
    let name = format!("{HASHED}{:016x}", hash.0);
    fs::rename(&plain, dist.join(&name))?;
    fs::write(dist.join("index.html"), index.replace("\"assets/", &format!("\"{name}/")))?;
    Ok(())
}

/// Writes `.br` and `.gz` beside every file that gets smaller by it, with this effort of Brotli (0 to 11).
pub fn precompress(dist: &Path, quality: u32) -> Result<()> {
    for file in files(dist)? {
        let body = fs::read(&file)?;
        for (suffix, packed) in [("br", brotli(&body, quality)?), ("gz", gzip(&body)?)] {
            if packed.len() < body.len() {
                fs::write(sibling(&file, suffix), packed)?;
            }
        }
    }
    Ok(())
}

/// `a/b.js` → `a/b.js.br`.
pub fn sibling(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// Brotli at `quality` 0 to 11.
pub fn brotli(body: &[u8], quality: u32) -> Result<Vec<u8>> {
    let mut out = brotli::CompressorWriter::new(Vec::new(), 1 << 16, quality, 22);
    out.write_all(body)?;
    Ok(out.into_inner())
}

/// Gzip at its best.
pub fn gzip(body: &[u8]) -> Result<Vec<u8>> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(body)?;
    Ok(out.finish()?)
}

/// FNV-1a, 64 bits: names need to differ, not to be secret.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
