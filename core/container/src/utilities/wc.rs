//! wc: lines, words, characters and bytes in columns as wide as the files ask for.

use super::filter::{Filter, Flow, Start, filtering, options};
use super::support::{Flavor, Spec, flavor, own_name};
use crate::errno::Errno;
use crate::sys::Sys;
use std::sync::Arc;

#[derive(Clone, Hash, Default)]
pub struct Wc {
    wanted: String,
    now: [u64; 4],
    total: [u64; 4],
    name: Option<Arc<str>>,
    rows: Vec<([u64; 4], Arc<str>)>,
    in_word: bool,
    files: Vec<Arc<str>>,
    line_length: u64,
    longest: u64,
}

impl Wc {
    fn row(&self, counts: &[u64; 4], width: usize) -> String {
        let names = ["l", "w", "m", "c"];
        let shown: Vec<String> = names
            .iter()
            .zip(counts)
            .filter(|(n, _)| self.wanted.contains(**n))
            .map(|(_, c)| format!("{c:width$}"))
            .collect();
        shown.join(" ")
    }
    fn finish_file(&mut self) {
        if let Some(name) = self.name.take() {
            let now = std::mem::take(&mut self.now);
            for (sum, n) in self.total.iter_mut().zip(now) {
                *sum += n;
            }
            self.in_word = false;
            self.rows.push((now, name));
        }
    }
}

impl Filter for Wc {
    fn raw(&self) -> bool {
        true
    }
    fn file(&mut self, _: &mut Sys<'_>, name: &Arc<str>) {
        self.finish_file();
        self.name = Some(name.clone());
    }
    fn line(&mut self, _: &mut Sys<'_>, bytes: &[u8], _: bool) -> Flow {
        let [lines, words, chars, size] = &mut self.now;
        for byte in bytes {
            *lines += u64::from(*byte == b'\n');
            *chars += u64::from(byte & 0xc0 != 0x80);
            let blank = byte.is_ascii_whitespace() || *byte == 11;
            *words += u64::from(!blank && !self.in_word);
            self.in_word = !blank;
            if *byte == b'\n' {
                self.longest = self.longest.max(self.line_length);
                self.line_length = 0;
            } else {
                self.line_length += 1;
            }
        }
        *size += bytes.len() as u64;
        Flow::More
    }
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: Errno) {
        self.finish_file();
        let own = own_name(sys);
        sys.eprint(&format!("{own}: {name}: {errno}\n"));
        if errno == Errno::Eisdir {
            self.rows.push(([0; 4], name.clone()));
        }
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        self.finish_file();
        let rows = std::mem::take(&mut self.rows);
        let busybox = flavor(sys) == Flavor::Busybox;
        let several = self.files.len() > 1;
        // coreutils size the columns by the total bytes of regular files; one count stands bare.
        let from_stdin = self.files.is_empty() || self.files.iter().any(|f| &**f == "-");
        let columns = ["l", "w", "m", "c"].iter().filter(|n| self.wanted.contains(**n)).count();
        let digits = self.total.iter().max().map_or(1, |m| m.to_string().len());
        let width = match (busybox, columns, from_stdin) {
            (true, 1, _) if !several => 0,
            (true, _, _) => 9,
            (false, 1, _) if !several => 0,
            (false, _, true) => 7,
            (false, ..) => {
                self.total.get(3).map_or(1, |c| c.to_string().len()).max(if failed { digits } else { 1 })
            }
        };
        if self.wanted == "L" {
            self.longest = self.longest.max(self.line_length);
            for (_, name) in &rows {
                let tail = if self.files.is_empty() { String::new() } else { format!(" {name}") };
                sys.print(&format!("{}{tail}\n", self.longest));
            }
            return i32::from(failed);
        }
        for (counts, name) in &rows {
            let row = self.row(counts, width);
            let tail = if self.files.is_empty() { String::new() } else { format!(" {name}") };
            sys.print(&format!("{row}{tail}\n"));
        }
        if several {
            let row = self.row(&self.total.clone(), width);
            sys.print(&format!("{row} total\n"));
        }
        i32::from(failed)
    }
}

pub fn wc(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "lwcmL",
        long: &[("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm'), ("max-line-length", 'L')],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    let wanted: String =
        if opts.given.is_empty() { "lwc".into() } else { opts.given.iter().map(|g| g.0).collect() };
    filtering(Wc { wanted, files: opts.args.clone(), ..Wc::default() }, &opts.args)
}
