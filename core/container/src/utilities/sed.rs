//! sed: addresses, `s y d D p P n N g G h H x a i c q Q = b t r w {}`, `-n -e -f -i -E -s`.
//! Left out: `l`, `e`, `W`, `F`, back-references within patterns.

mod cycle;
mod parse;
mod script;

use self::parse::Parser;
use self::script::{Act, Command, Pattern};
use super::filter::{Filter, Flow, ended, filtering};
use super::support::{Opts, Spec, done, own_name};
use crate::sys::Sys;
use std::hash::Hash;
use std::sync::Arc;

#[derive(Clone, Hash)]
pub struct Sed {
    commands: Vec<Command>,
    /// For each command with two addresses: the line its range ends at, or 0 for "until it matches".
    active: Vec<Option<u64>>,
    quiet: bool,
    in_place: Option<Arc<str>>,
    separate: bool,
    files: usize,
    file: Arc<str>,
    output: String,
    hold: String,
    /// The line before the one just read: `$` needs to know whether more follows.
    pending: Option<(String, bool)>,
    number: u64,
    last_pattern: Option<Pattern>,
    /// `N` or `n` waits for the next line: the pattern space and where to go on.
    resume: Option<(String, usize)>,
    code: Option<i32>,
    after: Vec<String>,
    replaced: bool,
}

impl Filter for Sed {
    fn file(&mut self, sys: &mut Sys<'_>, name: &Arc<str>) {
        if self.separate && self.files > 0 {
            self.finish_file(sys);
            self.number = 0;
        }
        self.files += 1;
        self.file = name.clone();
    }
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], newline: bool) -> Flow {
        let text = String::from_utf8_lossy(line).into_owned();
        match self.pending.replace((text, newline)) {
            Some((before, newline)) => {
                let flow = self.cycle(sys, before, newline, false);
                if flow == Flow::Stop && self.in_place.is_some() {
                    // The rest of the file is kept as it is.
                    self.pending = None;
                    self.save(sys);
                } else if flow == Flow::Stop {
                    self.pending = None;
                }
                flow
            }
            None => Flow::More,
        }
    }
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: crate::Errno) {
        let own = own_name(sys);
        match errno {
            crate::Errno::Eisdir if self.in_place.is_some() => {
                sys.eprint(&format!("{own}: couldn't edit {name}: not a regular file\n"))
            }
            crate::Errno::Eisdir => sys.eprint(&format!("{own}: couldn't read {name}: {errno}\n")),
            _ => sys.eprint(&format!("{own}: can't read {name}: {errno}\n")),
        }
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        if self.code.is_none() {
            self.finish_file(sys);
        }
        self.code.unwrap_or(if failed { 2 } else { 0 })
    }
}

pub fn sed(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "ne:f:Eri::suz",
        long: &[
            ("quiet", 'n'),
            ("silent", 'n'),
            ("expression=", 'e'),
            ("file=", 'f'),
            ("regexp-extended", 'E'),
            ("in-place?", 'i'),
            ("separate", 's'),
            ("unbuffered", 'u'),
        ],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let mut files = opts.args.clone();
    let mut script: Vec<String> = opts.values('e').iter().map(|e| e.to_string()).collect();
    for file in opts.values('f') {
        match sys.read_file(&file) {
            Ok(bytes) => script.push(String::from_utf8_lossy(&bytes).into_owned()),
            Err(errno) => return ended(done(sys, 1, &format!("couldn't open file {file}: {errno}"))),
        }
    }
    if script.is_empty() {
        if files.is_empty() {
            sys.eprint("Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n");
            return ended(1);
        }
        script.push(files.remove(0).to_string());
    }
    let text: Vec<char> = script.join("\n").chars().collect();
    let mut parser = Parser { text: &text, at: 0, extended: opts.has('E') || opts.has('r') };
    let commands = match parser.script() {
        Ok(commands) => commands,
        Err(text) => return ended(done(sys, 1, &text)),
    };
    for command in &commands {
        if let Act::Jump(_, Some(label)) = &command.act
            && !commands.iter().any(|c| matches!(&c.act, Act::Label(l) if l == label))
        {
            return ended(done(
                sys,
                1,
                &format!("-e expression #1, char {}: can't find label for jump to `{label}'", text.len()),
            ));
        }
    }
    let in_place = opts.has('i').then(|| Arc::from(opts.value('i').unwrap_or("")));
    let sed = Sed {
        active: vec![None; commands.len()],
        commands,
        quiet: opts.has('n') || script.first().is_some_and(|s| s.starts_with("#n\n")),
        separate: opts.has('s') || in_place.is_some(),
        in_place,
        files: 0,
        file: "".into(),
        output: String::new(),
        hold: String::new(),
        pending: None,
        number: 0,
        last_pattern: None,
        resume: None,
        code: None,
        after: Vec::new(),
        replaced: false,
    };
    filtering(sed, &files)
}
