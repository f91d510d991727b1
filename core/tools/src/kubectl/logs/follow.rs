//! Logs that go on: several streams at once, line by line where lines get a prefix.

use drydock_container::fd::STDOUT;
use drydock_container::machine::Behave;
use drydock_container::machines::Frame;
use drydock_container::{Step, Sys, Wait};
use drydock_network::http::Stream;

pub(super) fn with_prefix(bytes: &[u8], prefix: &str) -> Vec<u8> {
    if prefix.is_empty() {
        return bytes.to_vec();
    }
    let mut out = Vec::with_capacity(bytes.len() * 2);
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        out.extend_from_slice(prefix.as_bytes());
        out.extend_from_slice(line);
    }
    out
}

/// One log that goes on.
#[derive(Clone, Hash)]
pub(super) struct Followed {
    pub stream: Stream,
    pub prefix: String,
    /// The beginning of a line whose end has not come yet; only kept where lines get a prefix.
    pub line: Vec<u8>,
    pub ended: bool,
}

#[derive(Clone, Hash)]
pub(super) struct Following {
    pub streams: Vec<Followed>,
}

impl Behave for Following {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        for followed in self.streams.iter_mut().filter(|f| !f.ended) {
            loop {
                match sys.read_stream(followed.stream) {
                    Frame::Bytes { bytes, .. } if followed.prefix.is_empty() => sys.write(STDOUT, &bytes),
                    Frame::Bytes { bytes, .. } => {
                        followed.line.extend(bytes);
                        let whole = followed.line.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
                        let lines: Vec<u8> = followed.line.drain(..whole).collect();
                        sys.write(STDOUT, &with_prefix(&lines, &followed.prefix));
                    }
                    Frame::Json(_) => {}
                    Frame::Pending => break,
                    Frame::End => {
                        sys.write(STDOUT, &with_prefix(&followed.line, &followed.prefix));
                        followed.ended = true;
                        break;
                    }
                }
            }
        }
        let waits: Vec<Wait> =
            self.streams.iter().filter(|f| !f.ended).map(|f| Wait::Stream(f.stream)).collect();
        if waits.is_empty() { Step::Exit(0) } else { Step::Wait(waits) }
    }
}
