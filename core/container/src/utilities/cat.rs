//! cat, as coreutils and busybox print files.

use super::filter::{Filter, Flow, Start, filtering, options};
use super::support::{Spec, own_name};
use crate::sys::Sys;

#[derive(Clone, Hash)]
pub struct Cat {
    number: bool,
    number_filled: bool,
    squeeze: bool,
    ends: bool,
    tabs: bool,
    shown: bool,
    count: u64,
    blanks: u64,
}

impl Filter for Cat {
    fn raw(&self) -> bool {
        !(self.number || self.number_filled || self.squeeze || self.ends || self.tabs || self.shown)
    }
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], newline: bool) -> Flow {
        if let Some(errno) = sys.write_error() {
            let name = own_name(sys);
            sys.eprint(&format!("{name}: write error: {errno}\n"));
            return Flow::Stop;
        }
        if self.raw() {
            sys.write(1, line);
            return Flow::More;
        }
        self.blanks = if line.is_empty() { self.blanks + 1 } else { 0 };
        if self.squeeze && self.blanks > 1 {
            return Flow::More;
        }
        let mut out = Vec::new();
        if self.number_filled && !line.is_empty() || self.number && !self.number_filled {
            self.count += 1;
            out.extend(format!("{:6}\t", self.count).into_bytes());
        }
        for byte in line {
            match byte {
                b'\t' if self.tabs => out.extend(b"^I"),
                b if self.shown && *b < 32 && *b != b'\t' => out.extend([b'^', b + 64]),
                b => out.push(*b),
            }
        }
        if newline {
            if self.ends {
                out.push(b'$');
            }
            out.push(b'\n');
        }
        sys.write(1, &out);
        Flow::More
    }
}

pub fn cat(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "nbsETAvetu",
        long: &[
            ("number", 'n'),
            ("number-nonblank", 'b'),
            ("squeeze-blank", 's'),
            ("show-ends", 'E'),
            ("show-tabs", 'T'),
            ("show-all", 'A'),
        ],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    let has = |letters: &str| opts.last_of(letters).is_some();
    let cat = Cat {
        number: has("nb"),
        number_filled: has("b"),
        squeeze: has("s"),
        ends: has("EAe"),
        tabs: has("TAt"),
        shown: has("vAet"),
        count: 0,
        blanks: 0,
    };
    filtering(cat, &opts.args)
}
