//! gzip, gunzip, zcat: the deflate format of RFC 1952, read and written for real. The header carries no
//! name and no time, so that equal input gives equal bytes. Left out: bzip2, xz and zstd.

use super::filter::{Filter, Flow, Start, ended, filtering, options};
use super::support::{Flavor, Opts, Spec, flavor, own_name};
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use drydock_machinery::limits;
use std::sync::Arc;

/// CRC-32 (IEEE 802.3), as gzip, zip and `cksum -a crc32b` have it.
#[must_use]
pub fn crc32(data: &[u8]) -> u32 {
    let mut crc = !0u32;
    for byte in data {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// A gzip member.
#[must_use]
pub fn compress(data: &[u8], level: u8) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    out.extend(miniz_oxide::deflate::compress_to_vec(data, level));
    out.extend(crc32(data).to_le_bytes());
    out.extend((data.len() as u32).to_le_bytes());
    out
}

/// What went into a gzip file of any number of members.
///
/// # Errors
/// `not in gzip format`, `invalid compressed data--…`, `unexpected end of file`.
pub fn decompress(mut data: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut out = Vec::new();
    loop {
        let [0x1f, 0x8b, 8, flags, _, _, _, _, _, _, rest @ ..] = data else {
            return Err(if data.is_empty() { "unexpected end of file" } else { "not in gzip format" });
        };
        let mut rest = rest;
        if flags & 4 != 0 {
            let [low, high, after @ ..] = rest else { return Err("unexpected end of file") };
            let size = usize::from(*low) | usize::from(*high) << 8;
            rest = after.get(size..).ok_or("unexpected end of file")?;
        }
        for flag in [8, 16] {
            if flags & flag != 0 {
                let end = rest.iter().position(|b| *b == 0).ok_or("unexpected end of file")?;
                rest = rest.get(end + 1..).unwrap_or(&[]);
            }
        }
        if flags & 2 != 0 {
            rest = rest.get(2..).ok_or("unexpected end of file")?;
        }
        let (bytes, used) = inflate(rest)?;
        let tail = rest.get(used..).unwrap_or(&[]);
        let [a, b, c, d, _, _, _, _, more @ ..] = tail else { return Err("unexpected end of file") };
        if u32::from_le_bytes([*a, *b, *c, *d]) != crc32(&bytes) {
            return Err("invalid compressed data--crc error");
        }
        out.extend(bytes);
        if more.is_empty() || out.len() > limits::FILE_BYTES {
            return Ok(out);
        }
        data = more;
    }
}

/// Raw deflate data; gives the bytes and how much of the input they took.
///
/// # Errors
/// `invalid compressed data--format violated`, `unexpected end of file`.
pub(super) fn inflate(data: &[u8]) -> Result<(Vec<u8>, usize), &'static str> {
    use miniz_oxide::inflate::TINFLStatus;
    use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut state = Box::<DecompressorOxide>::default();
    let mut out = vec![0u8; (data.len() * 4).clamp(1024, limits::FILE_BYTES)];
    let (mut read, mut written) = (0, 0);
    loop {
        let input = data.get(read..).unwrap_or(&[]);
        let (status, used, made) = decompress(&mut state, input, &mut out, written, flags);
        read += used;
        written += made;
        match status {
            TINFLStatus::Done => {
                out.truncate(written);
                return Ok((out, read));
            }
            TINFLStatus::HasMoreOutput if out.len() < 4 * limits::FILE_BYTES => {
                out.resize(out.len() * 2, 0);
            }
            TINFLStatus::FailedCannotMakeProgress | TINFLStatus::NeedsMoreInput => {
                return Err("unexpected end of file");
            }
            _ => return Err("invalid compressed data--format violated"),
        }
    }
}

/// Through stdin and stdout.
#[derive(Clone, Hash)]
struct Through {
    data: Vec<u8>,
    back: bool,
    level: u8,
    force: bool,
}

impl Filter for Through {
    fn raw(&self) -> bool {
        true
    }
    fn line(&mut self, _: &mut Sys<'_>, bytes: &[u8], _: bool) -> Flow {
        self.data.extend_from_slice(bytes);
        if self.data.len() > limits::FILE_BYTES { Flow::NextFile } else { Flow::More }
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        let own = own_name(sys);
        if !self.back {
            if sys.is_tty(1) && !self.force {
                sys.eprint(&format!(
                    "{own}: compressed data not written to a terminal. Use -f to force compression.\nFor help, type: {own} -h\n"
                ));
                return 1;
            }
            let out = compress(&self.data, self.level);
            sys.write(1, &out);
            return i32::from(failed);
        }
        match decompress(&self.data) {
            Ok(out) => {
                sys.write(1, &out);
                i32::from(failed)
            }
            Err(_) if self.force => {
                sys.write(1, &self.data);
                i32::from(failed)
            }
            Err(why) => {
                let text = complaint(flavor(sys), &own, "stdin", why);
                sys.eprint(&text);
                1
            }
        }
    }
}

fn complaint(flavor: Flavor, own: &str, file: &str, why: &str) -> String {
    match (flavor, why) {
        (Flavor::Busybox, "not in gzip format") => format!("{own}: invalid magic\n"),
        (Flavor::Busybox, "unexpected end of file") => format!("{own}: short read\n"),
        (Flavor::Busybox, _) => format!("{own}: corrupted data\n"),
        _ => format!("\ngzip: {file}: {why}\n"),
    }
}

pub fn gzip(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "cdfhklLnNqrStvV123456789",
        long: &[
            ("stdout", 'c'),
            ("to-stdout", 'c'),
            ("decompress", 'd'),
            ("uncompress", 'd'),
            ("force", 'f'),
            ("keep", 'k'),
            ("list", 'l'),
            ("no-name", 'n'),
            ("quiet", 'q'),
            ("recursive", 'r'),
            ("test", 't'),
            ("verbose", 'v'),
            ("fast", '1'),
            ("best", '9'),
        ],
        code: 1,
    };
    let mut opts = options!(sys, SPEC);
    match own_name(sys).as_str() {
        "gunzip" => opts.given.push(('d', None)),
        "zcat" => opts.given.extend([('d', None), ('c', None)]),
        _ => {}
    }
    let level = opts.last_of("123456789").and_then(|c| c.to_digit(10)).unwrap_or(6) as u8;
    let through = Through { data: Vec::new(), back: opts.has('d'), level, force: opts.has('f') };
    if opts.args.is_empty() || opts.args.iter().all(|a| &**a == "-") {
        return filtering(through, &[]);
    }
    let mut code = 0;
    for file in opts.args.clone() {
        code = code.max(one(sys, &opts, &file, level, 0));
    }
    ended(code)
}

/// One file in place, or to stdout.
fn one(sys: &mut Sys<'_>, opts: &Opts, file: &Arc<str>, level: u8, depth: usize) -> i32 {
    let (own, busybox) = (own_name(sys), flavor(sys) == Flavor::Busybox);
    let back = opts.has('d') || opts.has('t') || opts.has('l');
    let mut path = file.to_string();
    if back && sys.stat(&path).is_err() && !path.ends_with(".gz") {
        path.push_str(".gz");
    }
    let stat = match sys.stat(&path) {
        Ok(stat) => stat,
        Err(errno) if busybox => {
            sys.eprint(&format!("{own}: {file}: {errno}\n"));
            return 1;
        }
        Err(errno) => {
            sys.eprint(&format!("gzip: {path}: {errno}\n"));
            return 1;
        }
    };
    if stat.kind == FileKind::Directory {
        if opts.has('r') && depth < limits::DEPTH {
            let mut code = 0;
            for name in sys.list(&path).unwrap_or_default() {
                code = code.max(one(sys, opts, &super::support::join(&path, &name).into(), level, depth + 1));
            }
            return code;
        }
        sys.eprint(&format!("gzip: {path} is a directory -- ignored\n"));
        return 2;
    }
    let data = match sys.read_file(&path) {
        Ok(data) => data,
        Err(errno) => {
            sys.eprint(&format!("gzip: {path}: {errno}\n"));
            return 1;
        }
    };
    let stem = path
        .strip_suffix(".gz")
        .map(String::from)
        .or_else(|| path.strip_suffix(".tgz").or(path.strip_suffix(".taz")).map(|p| format!("{p}.tar")));
    let (out, target) = if back {
        if stem.is_none() && !opts.has('c') && !opts.has('t') && !opts.has('l') {
            sys.eprint(&if busybox {
                format!("{own}: {file}: unknown suffix - ignored\n")
            } else {
                format!("gzip: {path}: unknown suffix -- ignored\n")
            });
            return if busybox { 1 } else { 2 };
        }
        match decompress(&data) {
            Ok(out) => (out, stem.unwrap_or_default()),
            Err(_) if opts.has('f') && opts.has('c') => (data.to_vec(), String::new()),
            Err(why) => {
                let text = complaint(flavor(sys), &own, &path, why);
                sys.eprint(&text);
                return 1;
            }
        }
    } else {
        if stem.is_some() && !opts.has('c') {
            sys.eprint(&format!("gzip: {path} already has .gz suffix -- unchanged\n"));
            return 2;
        }
        (compress(&data, level), format!("{path}.gz"))
    };
    if opts.has('t') {
        return 0;
    }
    if opts.has('l') {
        let saved = ratio(out.len(), data.len().saturating_sub(18));
        sys.print("         compressed        uncompressed  ratio uncompressed_name\n");
        sys.print(&format!("{:>19} {:>19} {saved:>5}% {target}\n", data.len(), out.len()));
        return 0;
    }
    if opts.has('c') {
        sys.write(1, &out);
        return 0;
    }
    if sys.stat(&target).is_ok() && !opts.has('f') {
        if busybox {
            sys.eprint(&format!("{own}: can't open '{target}': File exists\n"));
            return 1;
        }
        sys.eprint(&format!("gzip: {target} already exists;\tnot overwritten\n"));
        return 2;
    }
    if let Err(errno) = sys.write_file(&target, &out, false) {
        sys.eprint(&format!("gzip: {target}: {errno}\n"));
        return 1;
    }
    let _ = sys.chmod(&target, stat.mode & 0o7777);
    let _ = sys.touch(&target, stat.mtime);
    if opts.has('v') {
        let (plain, packed) = if back { (out.len(), data.len()) } else { (data.len(), out.len()) };
        let what = if opts.has('k') { "created" } else { "replaced with" };
        sys.eprint(&format!("{path}:\t{:>5}% -- {what} {target}\n", ratio(plain, packed.saturating_sub(18))));
    }
    if !opts.has('k')
        && let Err(errno) = sys.unlink(&path)
    {
        sys.eprint(&format!("gzip: {path}: {errno}\n"));
        return 1;
    }
    0
}

/// Per cent saved, with one digit.
fn ratio(plain: usize, packed: usize) -> String {
    if plain == 0 {
        return "0.0".into();
    }
    format!("{:.1}", (plain as f64 - packed as f64) * 100.0 / plain as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_out() {
        let data = b"to be or not to be ".repeat(500);
        let packed = compress(&data, 6);
        assert!(packed.len() < 200);
        assert_eq!(decompress(&packed), Ok(data.clone()));
        let two = [compress(b"a", 1), compress(b"b", 9)].concat();
        assert_eq!(decompress(&two), Ok(b"ab".to_vec()));
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(decompress(b"hello"), Err("not in gzip format"));
        assert_eq!(decompress(packed.get(..40).unwrap_or(&[])), Err("unexpected end of file"));
    }
}
