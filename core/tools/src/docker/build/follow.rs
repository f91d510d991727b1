//! Follows a BuildKit build to its end and shows it: lines, a drawing, or nothing.

use super::graph::Graph;
use super::plain::Plain;
use super::terminal::Screen;
use crate::cli::{Error, Invocation};
use crate::docker::api::{Messages, Next};
use drydock_container::fd::STDERR;
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Signal, Step, Sys, Wait};
use drydock_machinery::{json, value};

/// How a build is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    Plain,
    Terminal,
    Quiet,
}

/// What `--progress`, `BUILDKIT_PROGRESS` and the terminal come to.
///
/// # Errors
/// A name that is none.
pub fn mode(invocation: &mut Invocation<'_, '_>) -> Result<Mode, Error> {
    let variable = invocation.sys.env("BUILDKIT_PROGRESS").map(|v| v.to_string()).unwrap_or_default();
    let flag = invocation.str("progress").to_string();
    let name = if invocation.changed("progress") || variable.is_empty() { flag } else { variable };
    let tty = invocation.sys.is_tty(STDERR);
    if invocation.bool("quiet") {
        return Ok(Mode::Quiet);
    }
    match name.as_str() {
        "auto" | "" => Ok(if tty { Mode::Terminal } else { Mode::Plain }),
        "tty" if !tty => Err(Error::raw("ERROR: failed to get console: provided file is not a console\n")),
        "tty" => Ok(Mode::Terminal),
        "plain" | "rawjson" => Ok(Mode::Plain),
        "quiet" => Ok(Mode::Quiet),
        other => Err(Error::raw(format!("ERROR: invalid progress mode {other}\n"))),
    }
}

/// What is done when a build has succeeded.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Finished {
    pub iidfile: String,
    pub metadata: String,
    pub print_id: bool,
    pub tags: Vec<String>,
    pub dockerfile: String,
}

/// See the module's head.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Follow {
    messages: Messages,
    mode: Mode,
    graph: Graph,
    plain: Plain,
    screen: Screen,
    after: Finished,
    /// Simulated milliseconds.
    started: u64,
    stopped: bool,
}

/// How far a build is.
pub enum Progress {
    Wait(Vec<Wait>),
    /// The image's id.
    Built(String),
    /// What it failed with, ready for stderr; the progress was shown.
    Failed(String),
}

impl Follow {
    #[must_use]
    pub fn new(messages: Messages, mode: Mode, after: Finished, sys: &Sys<'_>) -> Follow {
        Follow {
            messages,
            mode,
            graph: Graph::default(),
            plain: Plain::default(),
            screen: Screen::default(),
            after,
            started: sys.machines.clock.now,
            stopped: false,
        }
    }
    /// As compose shows it: with the service's name in front of everything.
    #[must_use]
    pub fn of_service(mut self, service: &str) -> Follow {
        self.graph.prefix = service.into();
        self
    }
    fn draw(&mut self, sys: &mut Sys<'_>, over: bool) {
        if self.mode != Mode::Terminal {
            return;
        }
        let now = sys.machines.clock.now.saturating_sub(self.started) as i64;
        let size = sys.tty().and_then(|id| sys.machines.tty(id)).map(|t| (t.columns, t.rows));
        let (columns, rows) = size.unwrap_or((80, 24));
        let text = self.screen.draw(&self.graph, now, columns.into(), rows.into(), over);
        sys.write(STDERR, text.as_bytes());
    }
    /// Shows what has come since the last time.
    pub fn poll(&mut self, sys: &mut Sys<'_>) -> Progress {
        if self.stopped {
            self.messages.close(sys);
            return Progress::Failed("ERROR: failed to solve: Canceled: context canceled\n".into());
        }
        loop {
            match self.messages.next(sys) {
                Next::Message(message) => {
                    let at = self.graph.take(&message);
                    if let (Some(at), Mode::Plain) = (at, self.mode) {
                        let text = self.plain.show(&mut self.graph, at);
                        sys.write(STDERR, text.as_bytes());
                    }
                }
                Next::Wait(wait) => {
                    self.draw(sys, false);
                    let mut waits = vec![wait];
                    if self.mode == Mode::Terminal {
                        waits.push(Wait::Until(sys.machines.clock.now + 150));
                    }
                    return Progress::Wait(waits);
                }
                Next::End => break,
            }
        }
        self.draw(sys, true);
        if self.graph.error.is_some() {
            return Progress::Failed(self.graph.failure());
        }
        Progress::Built(self.graph.image.clone())
    }
}

impl Behave for Follow {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match self.poll(sys) {
            Progress::Wait(waits) => Step::Wait(waits),
            Progress::Failed(text) => {
                sys.eprint(&text);
                Step::Exit(if self.stopped { 130 } else { 1 })
            }
            Progress::Built(id) => {
                if self.after.print_id {
                    sys.print(&format!("{id}\n"));
                }
                let after = self.after.clone();
                let mut files = vec![(after.iidfile, id.clone())];
                if !after.metadata.is_empty() {
                    let tags =
                        after.tags.iter().map(|t| format!("docker.io/library/{t}")).collect::<Vec<_>>();
                    let data = value!({
                        "buildx.build.ref": format!("default/default/{}", id.get(7..32).unwrap_or("")),
                        "containerimage.config.digest": id.as_str(),
                        "containerimage.digest": id.as_str(),
                        "image.name": tags.join(",")
                    });
                    files.push((after.metadata, json::to_pretty(&data)));
                }
                for (path, text) in files.iter().filter(|f| !f.0.is_empty()) {
                    if let Err(error) = sys.write_file(path, text.as_bytes(), false) {
                        sys.eprint(&format!("ERROR: open {path}: {}\n", error.text().to_lowercase()));
                        return Step::Exit(1);
                    }
                }
                Step::Exit(0)
            }
        }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        if matches!(signal, Signal::Int | Signal::Term) {
            self.stopped = true;
            return Handled::Caught;
        }
        Handled::Default
    }
}
