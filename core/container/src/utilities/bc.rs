//! bc: decimal numbers of any length, scale, ibase and obase, variables, if, while, for, print, sqrt, length.
//! Follows GNU bc 1.07. Left out: functions of one's own, arrays, the mathematics of `-l` beyond its scale.

mod number;
mod program;

use super::filter::{Filter, Flow, Start, filtering, options};
use super::support::Spec;
use crate::sys::Sys;
use program::Machine;

#[derive(Clone, Hash)]
struct Bc {
    machine: Machine,
    text: String,
    quit: bool,
}

impl Filter for Bc {
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], _: bool) -> Flow {
        self.text.push_str(&String::from_utf8_lossy(line));
        if self.text.ends_with('\\') {
            self.text.pop();
            return Flow::More;
        }
        self.text.push('\n');
        // A block goes on to its brace.
        let open = self.text.matches('{').count() > self.text.matches('}').count();
        if open && self.text.len() < drydock_machinery::limits::LINE_BYTES {
            return Flow::More;
        }
        let text = std::mem::take(&mut self.text);
        let (out, error) = self.machine.run(&text);
        sys.print(&out);
        if let Some(error) = error {
            sys.eprint(&format!("{error}\n"));
        }
        self.quit = self.machine.quit;
        if self.quit { Flow::Stop } else { Flow::More }
    }
}

pub fn bc(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "lqshivw",
        long: &[("mathlib", 'l'), ("quiet", 'q'), ("version", 'v'), ("interactive", 'i')],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    if opts.has('v') {
        sys.print("bc 1.07.1\n");
        return super::filter::ended(0);
    }
    if sys.is_tty(0) && opts.args.is_empty() && !opts.has('q') {
        sys.print("bc 1.07.1\nCopyright 1991-1994, 1997, 1998, 2000, 2004, 2006, 2008, 2012-2017 Free Software Foundation, Inc.\nThis is free software with ABSOLUTELY NO WARRANTY.\nFor details type `warranty'. \n");
    }
    let mut files = opts.args.clone();
    files.push("-".into());
    filtering(Bc { machine: Machine::new(opts.has('l')), text: String::new(), quit: false }, &files)
}
