//! The output of several containers side by side, each line behind its container's name: `logs`, and
//! `up` without `-d`. Follows compose 2.26 `cmd/formatter/logs.go`.

use super::state::Found;
use crate::docker::api::Engine;
use drydock_container::fd::{STDERR, STDOUT};
use drydock_container::machines::Frame;
use drydock_container::{Sys, Wait};
use drydock_network::http::{Request, Stream};

/// What `logs` and `up` are asked to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct View {
    pub no_prefix: bool,
    pub no_colour: bool,
    pub timestamps: bool,
    /// `up`: says when a container has ended.
    pub tells_ends: bool,
}

#[derive(Clone, Debug, PartialEq, Hash)]
struct Source {
    name: String,
    id: String,
    stream: Option<Stream>,
    /// What is left of an unfinished line, by stream.
    left: [Vec<u8>; 2],
    colour: usize,
}

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Logs {
    sources: Vec<Source>,
    width: usize,
    view: View,
    /// Containers that ended, with their exit codes.
    pub ended: Vec<(String, i64)>,
}

const COLOURS: [&str; 6] = ["36", "33", "32", "35", "34", "36;1"];

impl Logs {
    /// Starts reading; `query` are further parameters (`tail`, `since`, `follow`).
    pub fn open(
        sys: &mut Sys<'_>,
        engine: &Engine,
        project: &str,
        found: &[Found],
        view: View,
        query: &[(&str, String)],
    ) -> Logs {
        let mut logs = Logs { view, ..Logs::default() };
        logs.width = found.iter().map(|f| f.short(project).len()).max().unwrap_or(0);
        for (at, container) in found.iter().enumerate() {
            let mut request = Request::get(format!("/containers/{}/logs", container.id))
                .query("stdout", "1")
                .query("stderr", "1");
            for (name, value) in query {
                request = request.query(name, value.as_str());
            }
            if logs.view.timestamps {
                request = request.query("timestamps", "1");
            }
            let name = container.short(project);
            let mut source =
                Source { name, id: container.id.clone(), stream: None, left: Default::default(), colour: at };
            match engine.stream(sys, request) {
                Ok(Ok(stream)) => source.stream = Some(stream),
                Ok(Err(reply)) => {
                    // All of it came at once, in pieces behind eight-byte headers.
                    let bytes = reply.body.bytes();
                    let mut rest: &[u8] = &bytes;
                    while let Some((header, after)) = rest.split_at_checked(8) {
                        let size = header
                            .get(4..8)
                            .unwrap_or(&[])
                            .iter()
                            .fold(0_usize, |n, b| n << 8 | usize::from(*b));
                        let (part, next) = after.split_at(size.min(after.len()));
                        let error = header.first() == Some(&2);
                        logs.sources.push(source.clone());
                        logs.take(sys, logs.sources.len() - 1, error, part);
                        source = logs.sources.pop().unwrap_or(source);
                        rest = next;
                    }
                }
                Err(_) => {}
            }
            logs.sources.push(source);
        }
        logs
    }
    fn take(&mut self, sys: &mut Sys<'_>, at: usize, error: bool, bytes: &[u8]) {
        let (width, view) = (self.width, self.view.clone());
        let Some(source) = self.sources.get_mut(at) else { return };
        let Some(left) = source.left.get_mut(usize::from(error)) else { return };
        left.extend_from_slice(bytes);
        let mut whole = std::mem::take(left);
        if let Some(end) = whole.iter().rposition(|b| *b == b'\n') {
            *left = whole.split_off(end + 1);
        } else {
            *left = whole;
            return;
        }
        let fd = if error { STDERR } else { STDOUT };
        let colour = sys.is_tty(STDOUT) && !view.no_colour;
        let prefix = prefix(source, width, &view, colour);
        let mut out = Vec::new();
        for line in whole.split_inclusive(|b| *b == b'\n') {
            out.extend_from_slice(prefix.as_bytes());
            out.extend_from_slice(line);
        }
        sys.write(fd, &out);
    }
    /// Shows what has come; waits, or nothing when all sources are over.
    pub fn poll(&mut self, sys: &mut Sys<'_>, engine: &Engine) -> Vec<Wait> {
        let mut waits = Vec::new();
        for at in 0..self.sources.len() {
            while let Some(stream) = self.sources.get(at).and_then(|s| s.stream) {
                match sys.read_stream(stream) {
                    Frame::Bytes { channel, bytes } => self.take(sys, at, channel == 2, &bytes),
                    Frame::Json(_) => {}
                    Frame::Pending => {
                        waits.push(Wait::Stream(stream));
                        break;
                    }
                    Frame::End => {
                        self.end(sys, engine, at);
                        break;
                    }
                }
            }
        }
        waits
    }
    fn end(&mut self, sys: &mut Sys<'_>, engine: &Engine, at: usize) {
        for error in [false, true] {
            let open = self
                .sources
                .get(at)
                .is_some_and(|s| s.left.get(usize::from(error)).is_some_and(|l| !l.is_empty()));
            if open {
                self.take(sys, at, error, b"\n");
            }
        }
        let Some(source) = self.sources.get_mut(at) else { return };
        source.stream = None;
        if !self.view.tells_ends {
            return;
        }
        let (id, name) = (source.id.clone(), source.name.clone());
        let Ok(container) = engine.get(sys, format!("/containers/{id}/json")) else { return };
        let code = container["State"]["ExitCode"].int();
        let clear = if sys.is_tty(STDOUT) { "\x1b[K" } else { "" };
        sys.print(&format!("{clear}{name} exited with code {code}\n"));
        self.ended.push((name, code));
    }
    /// Lets go of what is still open.
    pub fn close(&mut self, sys: &mut Sys<'_>) {
        for source in &mut self.sources {
            if let Some(stream) = source.stream.take() {
                sys.close_stream(stream);
            }
        }
    }
}

fn prefix(source: &Source, width: usize, view: &View, colour: bool) -> String {
    if view.no_prefix {
        return String::new();
    }
    let text = format!("{:width$}  | ", source.name);
    let code = COLOURS.get(source.colour % COLOURS.len()).copied().unwrap_or("36");
    if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text }
}
