//! head, and the counts that head and tail share.

use super::filter::{Filter, Flow, Start, ended, filtering};
use super::support::{Flavor, Opts, Spec, flavor, own_name};
use crate::errno::Errno;
use crate::sys::Sys;
use std::sync::Arc;

#[derive(Clone, Hash)]
pub struct Head {
    /// Lines, or bytes.
    most: i64,
    bytes: bool,
    left: i64,
    titles: bool,
    first: bool,
    /// Lines held back for a negative count.
    held: Vec<Vec<u8>>,
    /// Writing failed.
    failed: bool,
}

impl Filter for Head {
    fn raw(&self) -> bool {
        self.bytes
    }
    fn file(&mut self, sys: &mut Sys<'_>, name: &Arc<str>) {
        self.left = self.most;
        self.held.clear();
        if self.titles {
            let gap = if self.first { "" } else { "\n" };
            let shown = if &**name == "-" { "standard input" } else { name };
            sys.print(&format!("{gap}==> {shown} <==\n"));
        }
        self.first = false;
    }
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], newline: bool) -> Flow {
        if self.bytes {
            let part = line.get(..line.len().min(self.left.max(0) as usize)).unwrap_or(line);
            sys.write(1, part);
            // A file that is full takes no more: the rest would be read for nothing.
            if let Some(errno) = sys.write_error() {
                let own = own_name(sys);
                sys.eprint(&format!("{own}: error writing 'standard output': {errno}\n"));
                self.failed = true;
                return Flow::Stop;
            }
            self.left -= part.len() as i64;
            return if self.left <= 0 { Flow::NextFile } else { Flow::More };
        }
        let mut out = line.to_vec();
        if newline {
            out.push(b'\n');
        }
        if self.most < 0 {
            self.held.push(out);
            if self.held.len() as i64 > -self.most {
                let first = self.held.remove(0);
                sys.write(1, &first);
            }
            return Flow::More;
        }
        if self.left > 0 {
            sys.write(1, &out);
            self.left -= 1;
        }
        if self.left <= 0 { Flow::NextFile } else { Flow::More }
    }
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: Errno) {
        let own = own_name(sys);
        match errno {
            Errno::Eisdir => sys.eprint(&format!("{own}: error reading '{name}': {errno}\n")),
            _ if flavor(sys) == Flavor::Busybox => sys.eprint(&format!("{own}: {name}: {errno}\n")),
            _ => sys.eprint(&format!("{own}: cannot open '{name}' for reading: {errno}\n")),
        }
    }
    fn end(&mut self, _: &mut Sys<'_>, failed: bool) -> i32 {
        i32::from(failed || self.failed)
    }
}

/// `head -5` means `head -n 5`.
pub(super) fn with_count(args: &[Arc<str>]) -> Vec<Arc<str>> {
    let mut out = Vec::new();
    let mut is_value = false;
    for arg in args {
        let digits = arg.strip_prefix('-').filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()));
        match digits.filter(|_| !is_value) {
            Some(digits) => out.extend([Arc::from("-n"), Arc::from(digits)]),
            None => out.push(arg.clone()),
        }
        is_value = matches!(&**arg, "-n" | "-c" | "-s");
    }
    out
}

/// A count with an optional sign and multiplier.
pub(super) fn count(text: &str) -> Option<i64> {
    let (digits, size) = match text.chars().last() {
        Some('k' | 'K') => (text.get(..text.len() - 1)?, 1024),
        Some('M') => (text.get(..text.len() - 1)?, 1 << 20),
        Some('b') => (text.get(..text.len() - 1)?, 512),
        _ => (text, 1),
    };
    digits.parse::<i64>().ok()?.checked_mul(size)
}

pub fn head(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "n:c:qv",
        long: &[("lines=", 'n'), ("bytes=", 'c'), ("quiet", 'q'), ("silent", 'q'), ("verbose", 'v')],
        code: 1,
    };
    let given = with_count(sys.args().get(1..).unwrap_or(&[]));
    let opts = match Opts::parse_words(sys, &SPEC, &given) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let bytes = opts.last_of("nc") == Some('c');
    let text = opts.value(if bytes { 'c' } else { 'n' }).unwrap_or("10").to_string();
    let Some(most) = count(&text) else {
        let what = if bytes { "bytes" } else { "lines" };
        let name = own_name(sys);
        sys.eprint(&format!("{name}: invalid number of {what}: '{text}'\n"));
        return ended(1);
    };
    if most == 0 {
        return ended(0);
    }
    let titles = (opts.args.len() > 1 && !opts.has('q')) || opts.has('v');
    filtering(
        Head { most, bytes, left: most, titles, first: true, held: Vec::new(), failed: false },
        &opts.args,
    )
}
