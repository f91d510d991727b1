//! dd: blocks from one file to another, with coreutils' and busybox' account of them. The time it claims
//! is that of a disk of 1.2 GB/s. Left out: direct and asynchronous I/O flags, EBCDIC.

use super::filter::ended;
use super::support::{Flavor, done, flavor};
use crate::fd::{FdNum, OpenOptions, Read, STDIN, STDOUT};
use crate::machine::{Behave, Step};
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use crate::wait::Wait;
use drydock_machinery::limits;
use std::sync::Arc;

#[derive(Clone, Default, Hash)]
struct Dd {
    input: FdNum,
    /// Streamed to a descriptor, or kept for a regular file until the end.
    output: Option<FdNum>,
    to: Option<Arc<str>>,
    block: usize,
    out_block: usize,
    count: Option<u64>,
    skip: u64,
    seek: u64,
    convert: Vec<Arc<str>>,
    full_blocks: bool,
    quiet: bool,
    no_transfer: bool,
    partial: Vec<u8>,
    data: Vec<u8>,
    read: (u64, u64),
    bytes: u64,
}

/// A size with dd's multipliers: `c w b kB K MB M GB G`.
fn size(text: &str) -> Option<u64> {
    if let Some((a, b)) = text.split_once('x') {
        return size(a)?.checked_mul(size(b)?);
    }
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, suffix) = text.split_at_checked(digits)?;
    let by: u64 = match suffix {
        "" | "c" | "B" => 1,
        "w" => 2,
        "b" => 512,
        "kB" | "KB" => 1_000,
        "k" | "K" | "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "m" | "M" | "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "g" | "G" | "GiB" => 1 << 30,
        "T" => 1 << 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(by)
}

/// `8.4 MB`: one digit after the point below ten, none above.
#[must_use]
pub(super) fn scaled(bytes: u64, base: u64, units: [&str; 5]) -> String {
    let mut unit = 0;
    let mut tenths = bytes.saturating_mul(10);
    while tenths >= base * 10 && unit < 4 {
        tenths = (tenths + base / 2) / base;
        unit += 1;
    }
    let unit = units.get(unit).unwrap_or(&"");
    if tenths < 100 && !unit.is_empty() && *unit != "B" {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    } else {
        format!("{} {unit}", (tenths + 5) / 10)
    }
}

pub(super) const SI: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
pub(super) const IEC: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];

pub fn dd(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let mut dd = Dd { block: 512, out_block: 512, ..Dd::default() };
    let (mut from, mut to) = (None, None);
    for word in sys.args().iter().skip(1).filter(|w| &***w != "--") {
        let Some((name, value)) = word.split_once('=') else {
            return ended(super::support::usage(sys, 1, &format!("unrecognized operand '{word}'")));
        };
        let number = size(value);
        let number_of = |sys: &mut Sys<'_>| match number {
            Some(n) => Ok(n),
            None => Err(done(sys, 1, &format!("invalid number: '{value}'"))),
        };
        let parsed = match name {
            "if" => {
                from = Some(Arc::<str>::from(value));
                Ok(())
            }
            "of" => {
                to = Some(Arc::<str>::from(value));
                Ok(())
            }
            "bs" | "ibs" | "obs" | "cbs" => number_of(sys).and_then(|n| {
                let n = usize::try_from(n).unwrap_or(usize::MAX);
                if n == 0 {
                    return Err(done(sys, 1, &format!("invalid number: '{value}'")));
                }
                if n > limits::DISK_BYTES {
                    let text = format!("memory exhausted by input buffer of size {n} bytes");
                    return Err(done(sys, 1, &text));
                }
                if name != "obs" {
                    dd.block = n;
                }
                if name != "ibs" {
                    dd.out_block = n;
                }
                Ok(())
            }),
            "count" => number_of(sys).map(|n| dd.count = Some(n)),
            "skip" | "iseek" => number_of(sys).map(|n| dd.skip = n),
            "seek" | "oseek" => number_of(sys).map(|n| dd.seek = n),
            "conv" => {
                dd.convert = value.split(',').map(Arc::from).collect();
                Ok(())
            }
            "iflag" => {
                dd.full_blocks = value.split(',').any(|f| f == "fullblock");
                Ok(())
            }
            "oflag" => Ok(()),
            "status" => match value {
                "none" => {
                    dd.quiet = true;
                    Ok(())
                }
                "noxfer" => {
                    dd.no_transfer = true;
                    Ok(())
                }
                "progress" => Ok(()),
                _ => Err(super::support::usage(sys, 1, &format!("invalid status level: '{value}'"))),
            },
            _ => Err(super::support::usage(sys, 1, &format!("unrecognized operand '{word}'"))),
        };
        if let Err(code) = parsed {
            return ended(code);
        }
    }
    dd.input = match &from {
        None => STDIN,
        Some(file) => match sys.open(file, OpenOptions { read: true, ..OpenOptions::default() }) {
            Ok(fd) => fd,
            Err(errno) => {
                let text = cannot_open(sys, file, errno);
                return ended(done(sys, 1, &text));
            }
        },
    };
    match &to {
        None => dd.output = Some(STDOUT),
        Some(file) => {
            let device = sys.stat(file).is_ok_and(|s| s.kind != FileKind::File);
            let keep = dd.seek > 0 || dd.convert.iter().any(|c| &**c == "notrunc");
            let options =
                OpenOptions { write: true, create: true, truncate: !keep, ..OpenOptions::default() };
            match sys.open(file, options) {
                Ok(fd) if device => dd.output = Some(fd),
                Ok(fd) => _ = sys.close(fd),
                Err(errno) => {
                    let text = cannot_open(sys, file, errno);
                    return ended(done(sys, 1, &text));
                }
            }
            dd.to = Some(file.clone());
        }
    }
    Box::new(dd)
}

fn cannot_open(sys: &mut Sys<'_>, file: &str, errno: crate::Errno) -> String {
    match flavor(sys) {
        Flavor::Busybox => format!("can't open '{file}': {errno}"),
        Flavor::Gnu => format!("failed to open '{file}': {errno}"),
    }
}

impl Dd {
    fn has(&self, what: &str) -> bool {
        self.convert.iter().any(|c| &**c == what)
    }
    /// Takes one block in; false once enough was copied.
    fn block(&mut self, mut bytes: Vec<u8>) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        if bytes.len() == self.block {
            self.read.0 += 1
        } else {
            self.read.1 += 1
        }
        if self.has("sync") {
            bytes.resize(self.block, 0);
        }
        if self.has("ucase") {
            bytes.make_ascii_uppercase();
        }
        if self.has("lcase") {
            bytes.make_ascii_lowercase();
        }
        if self.has("swab") {
            for pair in bytes.chunks_exact_mut(2) {
                pair.reverse();
            }
        }
        self.bytes += bytes.len() as u64;
        self.data.extend(bytes);
    }
    fn end(&mut self, sys: &mut Sys<'_>) -> Step {
        if !self.partial.is_empty() {
            let rest = std::mem::take(&mut self.partial);
            self.block(rest);
        }
        let mut code = 0;
        let mut written = self.bytes;
        match (self.output, self.to.clone()) {
            (Some(fd), _) => sys.write(fd, &std::mem::take(&mut self.data)),
            (None, Some(file)) => {
                let at =
                    usize::try_from(self.seek.saturating_mul(self.out_block as u64)).unwrap_or(usize::MAX);
                let keep = self.seek > 0 || self.has("notrunc");
                let mut whole =
                    if keep { sys.read_file(&file).map_or(Vec::new(), |b| b.to_vec()) } else { Vec::new() };
                let fits = at.saturating_add(self.data.len()) <= limits::FILE_BYTES;
                if fits {
                    if !self.has("notrunc") {
                        whole.truncate(at);
                    }
                    whole.resize(whole.len().max(at + self.data.len()), 0);
                    if let Some(place) = whole.get_mut(at..at + self.data.len()) {
                        place.copy_from_slice(&self.data);
                    }
                }
                let outcome =
                    if fits { sys.write_file(&file, &whole, false) } else { Err(crate::Errno::Efbig) };
                if let Err(errno) = outcome {
                    code = done(sys, 1, &format!("error writing '{file}': {errno}"));
                    if !fits && at == 0 {
                        self.data.truncate(limits::FILE_BYTES);
                        written = self.data.len() as u64;
                        _ = sys.write_file(&file, &self.data, false);
                    } else {
                        written = 0;
                    }
                }
            }
            _ => {}
        }
        if !self.quiet {
            let text = self.account(flavor(sys), written);
            sys.eprint(&text);
        }
        Step::Exit(code)
    }
    fn account(&self, flavor: Flavor, written: u64) -> String {
        let (full, part) = self.read;
        let block = self.out_block.max(1) as u64;
        // With equal block sizes each short read is written as it came.
        let out = match self.block == self.out_block && written == self.bytes {
            true => (full, part),
            false => (written / block, u64::from(!written.is_multiple_of(block))),
        };
        let mut text = format!("{full}+{part} records in\n{}+{} records out\n", out.0, out.1);
        if self.no_transfer {
            return text;
        }
        // Microseconds at 1.2 GB/s after 40 µs to begin.
        let micros = 40 + written / 1_200;
        let rate = scaled(written * 1_000_000 / micros.max(1), 1_000, SI);
        let seconds = match micros {
            m if m < 100_000 => format!("{}", m as f64 / 1e6),
            m => format!("{:.6}", m as f64 / 1e6).trim_end_matches('0').to_string(),
        };
        let sizes = match (written, flavor) {
            (w, Flavor::Busybox) => {
                format!(
                    "{w} bytes ({}) copied, {:.6} seconds, {}/s\n",
                    scaled(w, 1_024, ["B", "KB", "MB", "GB", "TB"]).replace(' ', ""),
                    micros as f64 / 1e6,
                    rate.replace(' ', "").replace("kB", "KB")
                )
            }
            (1, _) => format!("1 byte copied, {seconds} s, {rate}/s\n"),
            (w, _) if w < 1_000 => format!("{w} bytes copied, {seconds} s, {rate}/s\n"),
            (w, _) if w < 1_024 => {
                format!("{w} bytes ({}) copied, {seconds} s, {rate}/s\n", scaled(w, 1_000, SI))
            }
            (w, _) => {
                let (si, iec) = (scaled(w, 1_000, SI), scaled(w, 1_024, IEC));
                format!("{w} bytes ({si}, {iec}) copied, {seconds} s, {rate}/s\n")
            }
        };
        text.push_str(&sizes);
        text
    }
}

impl Behave for Dd {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        for _ in 0..64 {
            let copied = self.read.0 + self.read.1;
            if self.count.is_some_and(|c| copied >= c && self.skip == 0) || self.count == Some(0) {
                return self.end(sys);
            }
            // A regular file cannot become larger than this: the rest would not be written.
            if self.output.is_none() && self.data.len() > limits::FILE_BYTES {
                return self.end(sys);
            }
            match sys.read(self.input, self.block - self.partial.len()) {
                Read::Data(bytes) => {
                    self.partial.extend_from_slice(&bytes);
                    if self.partial.len() >= self.block || !self.full_blocks {
                        let block = std::mem::take(&mut self.partial);
                        self.block(block);
                    }
                    if let Some(fd) = self.output {
                        sys.write(fd, &std::mem::take(&mut self.data));
                    }
                }
                Read::Block => return Step::wait(Wait::Readable(self.input)),
                Read::End => return self.end(sys),
                Read::Failed(errno) => {
                    let code = done(sys, 1, &format!("error reading: {errno}"));
                    return Step::Exit(code);
                }
            }
            if sys.unwritten() > limits::PIPE_BYTES {
                break;
            }
        }
        Step::Again
    }
}
