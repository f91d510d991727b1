//! tail: `-n`, `-c`, `+N`, `-f`, `-F`. Following looks at the file again every second, as tail does
//! without inotify.

use super::filter::{Input, Next, ended};
use super::head::{count, with_count};
use super::support::{Flavor, Opts, Spec, done, flavor, own_name};
use crate::errno::Errno;
use crate::machine::{Behave, Step};
use crate::sys::Sys;
use crate::wait::Wait;
use std::collections::VecDeque;
use std::sync::Arc;

#[derive(Clone, Hash)]
pub struct Tail {
    input: Input,
    files: Vec<Arc<str>>,
    most: u64,
    from_start: bool,
    bytes: bool,
    follow: bool,
    titles: bool,
    first: bool,
    lines: VecDeque<Vec<u8>>,
    seen: u64,
    held: Vec<u8>,
    failed: bool,
    /// Sizes at which following goes on.
    sizes: Option<Vec<u64>>,
    shown: usize,
}

impl Tail {
    fn flush(&mut self, sys: &mut Sys<'_>) {
        let lines = std::mem::take(&mut self.lines);
        for line in lines {
            sys.write(1, &line);
        }
        let held = std::mem::take(&mut self.held);
        let skip = if self.from_start { 0 } else { held.len().saturating_sub(self.most as usize) };
        sys.write(1, held.get(skip..).unwrap_or(&[]));
        self.seen = 0;
    }
    fn title(&mut self, sys: &mut Sys<'_>, name: &str) {
        if self.titles {
            let gap = if self.first { "" } else { "\n" };
            let shown = if name == "-" { "standard input" } else { name };
            sys.print(&format!("{gap}==> {shown} <==\n"));
        }
        self.first = false;
    }
    fn follow_on(&mut self, sys: &mut Sys<'_>) -> Step {
        let files = self.files.clone();
        let mut sizes = self.sizes.clone().unwrap_or_else(|| {
            files.iter().map(|f| sys.read_file(f).map_or(0, |b| b.len() as u64)).collect()
        });
        if self.sizes.is_some() {
            for (at, (file, size)) in files.iter().zip(&mut sizes).enumerate() {
                let Ok(bytes) = sys.read_file(file) else { continue };
                let now = bytes.len() as u64;
                if now < *size {
                    let own = own_name(sys);
                    sys.eprint(&format!("{own}: {file}: file truncated\n"));
                    *size = 0;
                }
                if now > *size {
                    if self.shown != at {
                        self.title(sys, file);
                        self.shown = at;
                    }
                    sys.write(1, bytes.get(*size as usize..).unwrap_or(&[]));
                    *size = now;
                }
            }
        }
        self.sizes = Some(sizes);
        if sys.write_error().is_some() {
            return Step::Exit(1);
        }
        Step::wait(Wait::Until(sys.now() + 1000))
    }
}

impl Behave for Tail {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.sizes.is_some() {
            return self.follow_on(sys);
        }
        for _ in 0..256 {
            let next = if self.bytes { self.input.chunk(sys) } else { self.input.line(sys) };
            match next {
                Next::File(name) => {
                    self.flush(sys);
                    self.title(sys, &name);
                }
                Next::Line(mut line, newline) => {
                    if self.bytes {
                        if self.from_start {
                            let skip = self.most.saturating_sub(1).saturating_sub(self.seen) as usize;
                            sys.write(1, line.get(skip.min(line.len())..).unwrap_or(&[]));
                            self.seen += line.len() as u64;
                        } else {
                            self.held.extend(line);
                            let extra = self.held.len().saturating_sub(self.most as usize);
                            self.held.drain(..extra);
                        }
                        continue;
                    }
                    if newline {
                        line.push(b'\n');
                    }
                    self.seen += 1;
                    if self.from_start {
                        if self.seen >= self.most {
                            sys.write(1, &line);
                        }
                    } else {
                        self.lines.push_back(line);
                        if self.lines.len() as u64 > self.most {
                            self.lines.pop_front();
                        }
                    }
                }
                Next::Bad(name, errno) => {
                    self.flush(sys);
                    self.failed = true;
                    let own = own_name(sys);
                    let text = match errno {
                        Errno::Eisdir => format!("{own}: error reading '{name}': {errno}\n"),
                        _ if flavor(sys) == Flavor::Busybox => {
                            format!("{own}: can't open '{name}': {errno}\n")
                        }
                        _ => format!("{own}: cannot open '{name}' for reading: {errno}\n"),
                    };
                    sys.eprint(&text);
                }
                Next::End => {
                    self.flush(sys);
                    let real = self.files.iter().any(|f| &**f != "-");
                    if self.follow && real {
                        return self.follow_on(sys);
                    }
                    return Step::Exit(i32::from(self.failed));
                }
                Next::Wait(step) => return step,
            }
        }
        Step::Again
    }
}

/// Reads what never ends a line: 200 MB a second, until something gives.
#[derive(Clone, Hash)]
struct Hoard(u64);

impl Behave for Hoard {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        self.0 += 20 << 20;
        sys.use_memory(self.0);
        let host = sys.process().and_then(|p| sys.machines.space(p.space)).map(|s| s.host);
        if self.0 > host.map_or(crate::host::MEMORY, |h| sys.machines.host_size(h).1) {
            return Step::Exit(137);
        }
        Step::wait(Wait::Until(sys.now() + 100))
    }
}

pub fn tail(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "n:c:fFqvs:r",
        long: &[
            ("lines=", 'n'),
            ("bytes=", 'c'),
            ("follow?", 'f'),
            ("quiet", 'q'),
            ("silent", 'q'),
            ("verbose", 'v'),
            ("retry", 'r'),
            ("sleep-interval=", 's'),
            ("pid=", 'p'),
        ],
        code: 1,
    };
    let mut given = with_count(sys.args().get(1..).unwrap_or(&[]));
    for word in &mut given {
        // `tail -20f`
        if let Some(digits) = word
            .strip_prefix('-')
            .and_then(|w| w.strip_suffix('f'))
            .filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
        {
            *word = format!("-fn{digits}").into();
        }
    }
    let typed = sys.args();
    let obsolete = typed.iter().skip(1).find_map(|w| {
        let digits = w.strip_prefix('-').filter(|d| !d.is_empty())?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.to_string())
    });
    let opts = match Opts::parse_words(sys, &SPEC, &given) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    if let Some(digits) = obsolete.filter(|_| opts.args.len() > 1) {
        return ended(done(
            sys,
            1,
            &format!("option used in invalid context -- {}", digits.get(..1).unwrap_or("")),
        ));
    }
    let bytes = opts.last_of("nc") == Some('c');
    let text = opts.value(if bytes { 'c' } else { 'n' }).unwrap_or("10").to_string();
    let Some(most) = count(text.trim_start_matches(['+', '-'])) else {
        let what = if bytes { "bytes" } else { "lines" };
        return ended(done(sys, 1, &format!("invalid number of {what}: '{text}'")));
    };
    let follow = opts.has('f') || opts.has('F');
    // A line without end is held until memory is: the classic way to meet the OOM killer.
    let endless = |f: &Arc<str>| {
        sys.machines
            .real_path(sys.process().map(|p| p.space).unwrap_or_default(), &sys.cwd(), f)
            .is_ok_and(|p| matches!(p.as_str(), "/dev/zero" | "/dev/urandom" | "/dev/random"))
    };
    if !bytes && !text.starts_with('+') && opts.args.iter().any(endless) {
        return Box::new(Hoard(0));
    }
    Box::new(Tail {
        input: Input::new(&opts.args),
        files: opts.args.clone(),
        most: most.unsigned_abs(),
        from_start: text.starts_with('+'),
        bytes,
        follow,
        titles: (opts.args.len() > 1 && !opts.has('q')) || opts.has('v'),
        first: true,
        lines: VecDeque::new(),
        seen: 0,
        held: Vec::new(),
        failed: false,
        sizes: None,
        shown: usize::MAX,
    })
}
