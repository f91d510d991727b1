//! md5sum, sha1sum, sha224sum, sha256sum, sha384sum, sha512sum, cksum, sum, base64.

use super::filter::{Filter, Flow, ended, filtering};
use super::support::{Opts, Spec, done, own_name};
use crate::sys::Sys;
use base64::Engine;
use sha2::Digest;
use std::sync::Arc;

#[derive(Clone, Hash)]
pub struct Whole {
    what: &'static str,
    data: Vec<u8>,
    name: Option<Arc<str>>,
    decode: bool,
    wrap: usize,
    quiet: bool,
    check: bool,
    code: i32,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// MD5 (RFC 1321).
#[must_use]
pub fn md5(data: &[u8]) -> String {
    const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let constants: Vec<u32> = (1..=64).map(|i| (f64::from(i).sin().abs() * 4_294_967_296.0) as u32).collect();
    let mut message = data.to_vec();
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend((data.len() as u64 * 8).to_le_bytes());
    let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in message.chunks(64) {
        let words: Vec<u32> =
            block.chunks(4).map(|w| w.iter().rev().fold(0, |n, b| n << 8 | u32::from(*b))).collect();
        let [mut a, mut b, mut c, mut d] = state;
        for (i, constant) in constants.iter().enumerate() {
            let (f, g) = match i / 16 {
                0 => ((b & c) | (!b & d), i),
                1 => ((d & b) | (!d & c), (5 * i + 1) % 16),
                2 => (b ^ c ^ d, (3 * i + 5) % 16),
                _ => (c ^ (b | !d), (7 * i) % 16),
            };
            let word = words.get(g).copied().unwrap_or(0);
            let shift = SHIFTS.get(i / 16).and_then(|s| s.get(i % 4)).copied().unwrap_or(0);
            let sum = a.wrapping_add(f).wrapping_add(*constant).wrapping_add(word);
            (a, d, c) = (d, c, b);
            b = b.wrapping_add(sum.rotate_left(shift));
        }
        for (old, new) in state.iter_mut().zip([a, b, c, d]) {
            *old = old.wrapping_add(new);
        }
    }
    state.iter().map(|w| hex(&w.to_le_bytes())).collect()
}

/// SHA-1 (FIPS 180-4).
#[must_use]
pub fn sha1(data: &[u8]) -> [u8; 20] {
    let mut message = data.to_vec();
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend((data.len() as u64 * 8).to_be_bytes());
    let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in message.chunks(64) {
        let mut words: Vec<u32> =
            block.chunks(4).map(|w| w.iter().fold(0, |n, b| n << 8 | u32::from(*b))).collect();
        for i in 16..80usize {
            let mixed =
                [3, 8, 14, 16].iter().fold(0, |n, back| n ^ words.get(i - back).copied().unwrap_or(0));
            words.push(mixed.rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (i, word) in words.iter().enumerate() {
            let (f, k) = match i / 20 {
                0 => ((b & c) | (!b & d), 0x5a82_7999),
                1 => (b ^ c ^ d, 0x6ed9_eba1),
                2 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6u32),
            };
            let next = a.rotate_left(5).wrapping_add(f).wrapping_add(e).wrapping_add(k).wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (old, new) in state.iter_mut().zip([a, b, c, d, e]) {
            *old = old.wrapping_add(new);
        }
    }
    let mut out = [0; 20];
    for (place, byte) in out.iter_mut().zip(state.iter().flat_map(|w| w.to_be_bytes())) {
        *place = byte;
    }
    out
}

/// The checksum of `cksum`: POSIX' CRC over the data and its length.
fn cksum(data: &[u8]) -> u32 {
    let mut length = data.len();
    let mut tail = Vec::new();
    while length > 0 {
        tail.push(length as u8);
        length >>= 8;
    }
    let mut crc = 0u32;
    for byte in data.iter().chain(&tail) {
        crc ^= u32::from(*byte) << 24;
        for _ in 0..8 {
            crc = if crc & 0x8000_0000 != 0 { crc << 1 ^ 0x04c1_1db7 } else { crc << 1 };
        }
    }
    !crc
}

/// The rotating checksum of `sum`.
fn bsd_sum(data: &[u8]) -> u16 {
    data.iter().fold(0u16, |n, b| n.rotate_right(1).wrapping_add(u16::from(*b)))
}

fn sum(what: &str, data: &[u8]) -> String {
    match what {
        "sha1sum" => hex(&sha1(data)),
        "sha224sum" => hex(&sha2::Sha224::digest(data)),
        "sha384sum" => hex(&sha2::Sha384::digest(data)),
        "md5sum" => md5(data),
        "sha512sum" => hex(&sha2::Sha512::digest(data)),
        _ => hex(&sha2::Sha256::digest(data)),
    }
}

impl Whole {
    fn finish(&mut self, sys: &mut Sys<'_>) {
        let Some(name) = self.name.take() else { return };
        let data = std::mem::take(&mut self.data);
        match self.what {
            "base64" if self.decode => {
                let clean: Vec<u8> = data.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
                match base64::engine::general_purpose::STANDARD.decode(&clean) {
                    Ok(bytes) => sys.write(1, &bytes),
                    Err(_) => {
                        let good = clean.len() / 4 * 4;
                        let bytes = base64::engine::general_purpose::STANDARD
                            .decode(clean.get(..good).unwrap_or(&[]));
                        sys.write(1, &bytes.unwrap_or_default());
                        self.code = done(sys, 1, "invalid input");
                    }
                }
            }
            "base64" => {
                let text = base64::engine::general_purpose::STANDARD.encode(&data);
                let mut out = String::new();
                if self.wrap == 0 {
                    out.push_str(&text);
                } else {
                    for line in text.as_bytes().chunks(self.wrap) {
                        out.push_str(&String::from_utf8_lossy(line));
                        out.push('\n');
                    }
                }
                sys.print(&out);
            }
            what if self.check => {
                let text = String::from_utf8_lossy(&data).into_owned();
                let mut bad = 0;
                for line in text.lines() {
                    let Some((wanted, file)) = line.split_once("  ").or_else(|| line.split_once(" *")) else {
                        continue;
                    };
                    let state = match sys.read_file(file) {
                        Ok(bytes) if sum(what, &bytes) == wanted => "OK",
                        Ok(_) => {
                            bad += 1;
                            "FAILED"
                        }
                        Err(errno) => {
                            done(sys, 1, &format!("{file}: {errno}"));
                            bad += 1;
                            "FAILED open or read"
                        }
                    };
                    if !(self.quiet && state == "OK") {
                        sys.print(&format!("{file}: {state}\n"));
                    }
                }
                if bad > 0 {
                    let plural = if bad == 1 { "checksum did" } else { "checksums did" };
                    self.code = done(sys, 1, &format!("WARNING: {bad} computed {plural} NOT match"));
                }
            }
            "cksum" | "sum" => {
                let named = name.as_ref() != "-";
                let text = if self.what == "cksum" {
                    format!(
                        "{} {}{}\n",
                        cksum(&data),
                        data.len(),
                        if named { format!(" {name}") } else { String::new() }
                    )
                } else {
                    let blocks = data.len().div_ceil(1024);
                    format!(
                        "{:05} {blocks:5}{}\n",
                        bsd_sum(&data),
                        if named { format!(" {name}") } else { String::new() }
                    )
                };
                sys.print(&text);
            }
            what => {
                let digest = sum(what, &data);
                sys.print(&format!("{digest}  {name}\n"));
            }
        }
    }
}

impl Filter for Whole {
    fn raw(&self) -> bool {
        true
    }
    fn file(&mut self, sys: &mut Sys<'_>, name: &Arc<str>) {
        self.finish(sys);
        self.name = Some(name.clone());
    }
    fn line(&mut self, _: &mut Sys<'_>, bytes: &[u8], _: bool) -> Flow {
        self.data.extend_from_slice(bytes);
        if self.data.len() > drydock_machinery::limits::FILE_BYTES { Flow::NextFile } else { Flow::More }
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        self.finish(sys);
        self.code.max(i32::from(failed))
    }
}

pub fn whole(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "dDiw:cbtqsz",
        long: &[
            ("decode", 'd'),
            ("wrap=", 'w'),
            ("ignore-garbage", 'i'),
            ("check", 'c'),
            ("quiet", 'q'),
            ("status", 'q'),
        ],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let what = match own_name(sys).as_str() {
        "md5sum" => "md5sum",
        "sha512sum" => "sha512sum",
        "base64" => "base64",
        "sha1sum" => "sha1sum",
        "sha224sum" => "sha224sum",
        "sha384sum" => "sha384sum",
        "cksum" => "cksum",
        "sum" => "sum",
        _ => "sha256sum",
    };
    let filter = Whole {
        what,
        data: Vec::new(),
        name: None,
        decode: opts.last_of("dD").is_some(),
        wrap: opts.value('w').and_then(|w| w.parse().ok()).unwrap_or(76),
        quiet: opts.has('q'),
        check: opts.has('c'),
        code: 0,
    };
    filtering(filter, &opts.args)
}
