//! What a terminal shows, grouped by command line so that only the last group is drawn again while
//! output arrives. Grows from the sandbox's chunks; starts over when time was turned back.
use crate::ansi;
use crate::shared::Shared;
use crate::world::{Chunk, Kind, Sandbox};

/// One prompt with what was typed at it and what came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// Counts up: the key of its element.
    pub number: u64,
    pub prompt: String,
    pub line: Option<String>,
    pub output: String,
    /// The output was cut at its start because there is too much of it.
    pub cut: bool,
}

/// More output than this of one command is not kept on the page.
const MOST_OUTPUT: usize = 400_000;
/// More commands than this are not kept on the page.
const MOST_ENTRIES: usize = 400;

/// The state of one terminal as the page knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Terminal {
    pub tty: u32,
    pub entries: Vec<Shared<Entry>>,
    pub prompt: String,
    pub busy: bool,
    /// What runs reads single keys.
    pub raw: bool,
    seen: u64,
    next: u64,
    /// Number of the entry that cleared the screen last: it and what was before are not shown.
    wiped: u64,
}

impl Terminal {
    /// A terminal of which nothing is known yet.
    pub fn new(tty: u32) -> Terminal {
        Terminal {
            tty,
            entries: Vec::new(),
            prompt: String::new(),
            busy: false,
            raw: false,
            seen: 0,
            next: 0,
            wiped: 0,
        }
    }

    /// Takes what is new; whether anything is.
    pub fn update(&mut self, sandbox: &Sandbox) -> bool {
        let total = sandbox.transcript_len(self.tty);
        let (busy, raw) = (sandbox.is_busy(self.tty), sandbox.wants_keys(self.tty));
        // A program that fills the screen has no prompt.
        let prompt = if raw { String::new() } else { ansi::visible(&sandbox.prompt(self.tty)) };
        let mut changed = prompt != self.prompt || busy != self.busy || raw != self.raw;
        (self.prompt, self.busy, self.raw) = (prompt, busy, raw);
        if total < self.seen {
            let next = self.next;
            *self = Terminal { next, prompt: self.prompt.clone(), busy, raw, ..Terminal::new(self.tty) };
            changed = true;
        }
        if total > self.seen {
            for chunk in sandbox.transcript(self.tty, self.seen) {
                self.take(&chunk);
            }
            self.seen = total;
            changed = true;
        }
        changed
    }

    /// Forgets everything, so that the next update starts over.
    pub fn reset(&mut self) {
        let next = self.next;
        *self = Terminal { next, ..Terminal::new(self.tty) };
    }

    fn open(&mut self) -> &mut Shared<Entry> {
        if self.entries.is_empty() {
            self.begin();
        }
        let last = self.entries.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "begin() has just made sure of one")]
        &mut self.entries[last]
    }

    fn begin(&mut self) {
        self.next += 1;
        self.entries.push(Shared::new(Entry { number: self.next, ..Entry::default() }));
        if self.entries.len() > MOST_ENTRIES {
            self.entries.remove(0);
        }
    }

    fn take(&mut self, chunk: &Chunk) {
        match chunk.kind {
            Kind::Prompt => {
                self.begin();
                self.open().edit().prompt = ansi::visible(&chunk.text);
            }
            Kind::Echo => {
                let text = chunk.text.trim_end_matches('\n').to_owned();
                let last = self.open();
                // Input that a running program reads has no prompt of its own.
                if last.line.is_some() || !last.output.is_empty() {
                    self.begin();
                }
                self.open().edit().line = Some(text);
            }
            Kind::Stdout if chunk.text.contains("\u{1b}[2J") => {
                self.wiped = self.open().number;
            }
            Kind::Stdout | Kind::Stderr => {
                let entry = self.open().edit();
                entry.output.push_str(&chunk.text);
                if entry.output.len() > MOST_OUTPUT {
                    let mut from = entry.output.len() - MOST_OUTPUT / 2;
                    while !entry.output.is_char_boundary(from) {
                        from += 1;
                    }
                    entry.output.drain(..from);
                    entry.cut = true;
                }
            }
        }
    }

    /// The entries to show: without the prompt that waits for input, which the input row draws.
    pub fn past(&self) -> &[Shared<Entry>] {
        let from = self.entries.partition_point(|e| e.number <= self.wiped);
        let shown = self.entries.get(from..).unwrap_or_default();
        match shown.split_last() {
            Some((last, rest)) if last.line.is_none() && last.output.is_empty() => rest,
            _ => shown,
        }
    }

    /// Lines typed at a prompt before, oldest first.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for line in self.entries.iter().filter(|e| !e.prompt.is_empty()).filter_map(|e| e.line.clone()) {
            if !line.trim().is_empty() && lines.last() != Some(&line) {
                lines.push(line);
            }
        }
        lines
    }
}
