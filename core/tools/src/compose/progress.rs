//! What compose tells of its work on stderr: one line an event, or a list drawn over itself at a
//! terminal. Follows compose 2.26 `pkg/progress`.

use drydock_container::Sys;
use drydock_container::fd::STDERR;

/// How an event ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    Working,
    Done,
    Warning,
    Error,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Row {
    id: String,
    text: String,
    status: String,
    state: Status,
    started: u64,
    ended: u64,
}

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Progress {
    rows: Vec<Row>,
    /// Lines on the screen.
    drawn: usize,
    pub quiet: bool,
    /// `--progress plain`, `--ansi never`.
    pub plain: bool,
    title: String,
    spin: usize,
}

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

impl Progress {
    #[must_use]
    pub fn new(title: &str, quiet: bool, plain: bool) -> Progress {
        Progress { title: title.into(), quiet, plain, ..Progress::default() }
    }
    /// Whether the list moves on its own.
    #[must_use]
    pub fn is_drawn(&self, sys: &Sys<'_>) -> bool {
        !self.quiet && !self.plain && sys.is_tty(STDERR)
    }
    /// `Container app-web-1`, `Started`.
    pub fn event(&mut self, sys: &mut Sys<'_>, id: &str, status: &str, state: Status) {
        self.say(sys, id, "", status, state);
    }
    /// As [`Progress::event`], with a text between (`web Pulling`).
    pub fn say(&mut self, sys: &mut Sys<'_>, id: &str, text: &str, status: &str, state: Status) {
        if self.quiet {
            return;
        }
        if !self.is_drawn(sys) {
            sys.eprint(&format!(" {id} {text} {status}\n"));
            return;
        }
        let now = sys.machines.clock.now;
        let ended = if state == Status::Working { 0 } else { now.max(1) };
        match self.rows.iter_mut().find(|r| r.id == id) {
            Some(row) => {
                // What goes on after an end (Created, then Starting) counts anew.
                if row.state != Status::Working && state == Status::Working {
                    row.started = now;
                }
                (row.text, row.status, row.state, row.ended) = (text.into(), status.into(), state, ended);
            }
            None => self.rows.push(Row {
                id: id.into(),
                text: text.into(),
                status: status.into(),
                state,
                started: now,
                ended,
            }),
        }
        // Drawn when there is something to wait for: what passes within a moment is not seen.
    }
    /// Draws the list as it is now.
    pub fn draw(&mut self, sys: &mut Sys<'_>) {
        if !self.is_drawn(sys) || self.rows.is_empty() {
            return;
        }
        self.spin += 1;
        let now = sys.machines.clock.now;
        let width = sys.tty().and_then(|id| sys.machines.tty(id)).map_or(80, |t| usize::from(t.columns));
        let mut out = String::from("\x1b[?25l");
        out.push_str(&"\x1b[1A".repeat(self.drawn));
        out.push_str("\x1b[0G");
        let done = self.rows.iter().filter(|r| r.state != Status::Working).count();
        let all = self.rows.len();
        let title = format!("[+] {} {done}/{all}", self.title);
        let title = if done == all { format!("\x1b[34m{title}\x1b[0m") } else { title };
        out.push_str(&format!("\x1b[2K{title}\n"));
        let longest =
            self.rows.iter().map(|r| r.id.chars().count() + 1 + r.text.chars().count()).max().unwrap_or(0);
        for row in &self.rows {
            let (mark, colour) = match row.state {
                Status::Working => {
                    (SPINNER.get(self.spin % SPINNER.len()).copied().unwrap_or("."), "\x1b[34m")
                }
                Status::Done => ("✔", "\x1b[32m"),
                Status::Warning => ("!", "\x1b[33m"),
                Status::Error => ("✘", "\x1b[31m"),
            };
            let end = if row.ended == 0 { now } else { row.ended };
            let timer = format!("{:.1}s ", end.saturating_sub(row.started) as f64 / 1000.0);
            let name = format!("{} {}", row.id, row.text);
            let pad = " ".repeat(longest.saturating_sub(name.chars().count()));
            let left = format!(" {mark} {name}{pad} {}", row.status);
            let gap = width.saturating_sub(left.chars().count() + timer.chars().count());
            let status = format!(" {colour}{mark}\x1b[0m {name}{pad} {colour}{}\x1b[0m", row.status);
            out.push_str(&format!("\x1b[2K{status}{}\x1b[34m{timer}\x1b[0m\n", " ".repeat(gap)));
        }
        out.push_str("\x1b[?25h");
        self.drawn = self.rows.len() + 1;
        sys.write(STDERR, out.as_bytes());
    }
    /// The list stays; what follows gets one of its own.
    pub fn finish(&mut self, sys: &mut Sys<'_>) {
        self.draw(sys);
        self.rows.clear();
        self.drawn = 0;
    }
}

/// A warning as compose logs it.
pub fn warn(sys: &mut Sys<'_>, text: &str) {
    if sys.is_tty(STDERR) {
        sys.eprint(&format!("\x1b[33mWARN\x1b[0m[0000] {text} \n"));
        return;
    }
    let time = drydock_machinery::Timestamp(sys.unix()).to_rfc3339();
    sys.eprint(&format!("time=\"{time}\" level=warning msg={}\n", drydock_machinery::quote::go(text)));
}
