//! What a BuildKit build tells its client while it goes on: vertexes, their statuses and their logs.
//! Follows the messages of `client.SolveStatus`; here they are JSON in the `moby.buildkit.trace` frames
//! of the build's stream. Times are simulated milliseconds since the build began.

use drydock_machinery::hash::sha256_hex;
use drydock_machinery::{Value, value};

/// The messages of one build that were not sent yet, and its open vertex numbers.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Trace {
    pub pending: Vec<Value>,
    /// Number of vertexes so far.
    pub count: u64,
}

/// One vertex of the graph, by number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Vertex(pub u64);

impl Trace {
    /// Starts a vertex.
    pub fn start(&mut self, name: &str, now: u64) -> Vertex {
        self.count += 1;
        let vertex = Vertex(self.count);
        self.say(value!({ "vertex": self.count, "name": name, "digest": digest(name, self.count), "started": now }));
        vertex
    }
    /// A vertex whose result was there already.
    pub fn cached(&mut self, name: &str, now: u64) {
        let vertex = self.start(name, now);
        self.say(value!({ "vertex": vertex.0, "completed": now, "cached": true }));
    }
    /// A vertex that is over.
    pub fn done(&mut self, vertex: Vertex, now: u64) {
        self.say(value!({ "vertex": vertex.0, "completed": now }));
    }
    /// A vertex that is over and turned out to be there already.
    pub fn done_cached(&mut self, vertex: Vertex, now: u64) {
        self.say(value!({ "vertex": vertex.0, "completed": now, "cached": true }));
    }
    /// A vertex that failed.
    pub fn failed(&mut self, vertex: Vertex, now: u64, error: &str) {
        self.say(value!({ "vertex": vertex.0, "completed": now, "error": error }));
    }
    /// A part of a vertex that is over: `transferring context: 34B`.
    pub fn status(&mut self, vertex: Vertex, id: &str, current: u64, times: (u64, u64)) {
        self.say(value!({
            "vertex": vertex.0, "status": id, "current": current, "started": times.0, "completed": times.1
        }));
    }
    /// A part of a vertex that goes on.
    pub fn progress(
        &mut self,
        vertex: Vertex,
        id: &str,
        part: (u64, u64),
        started: u64,
        completed: Option<u64>,
    ) {
        let message = value!({
            "vertex": vertex.0, "status": id, "current": part.0, "total": part.1, "started": started
        });
        self.say(match completed {
            Some(at) => message.with("completed", at),
            None => message,
        });
    }
    /// What a vertex printed, `at` milliseconds after it began.
    pub fn log(&mut self, vertex: Vertex, error: bool, bytes: &[u8], at: u64) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.say(value!({ "vertex": vertex.0, "log": text, "stream": if error { 2 } else { 1 }, "at": at }));
    }
    /// What a linter has to say.
    pub fn warning(&mut self, rule: &str, text: &str, line: usize) {
        self.say(value!({ "warning": rule, "text": text, "line": line }));
    }
    fn say(&mut self, trace: Value) {
        self.pending.push(value!({ "id": "moby.buildkit.trace", "aux": trace }));
    }
}

fn digest(name: &str, number: u64) -> String {
    format!("sha256:{}", sha256_hex(format!("{number} {name}").as_bytes()))
}

/// What `fsutil` counts when it sends files: one packet for each file's description, data and end.
pub mod sent {
    /// The packet that ends a transfer.
    pub const END: u64 = 2;

    fn varint(n: u64) -> u64 {
        u64::from(64 - n.max(1).leading_zeros()).div_ceil(7)
    }
    /// A file's or folder's description: path, mode, modification time in nanoseconds, size, link.
    #[must_use]
    pub fn description(path: &str, mode: u64, uid: u64, gid: u64, size: u64, link: &str) -> u64 {
        let field = |n: u64| if n == 0 { 0 } else { 1 + varint(n) };
        let text = |t: &str| if t.is_empty() { 0 } else { 1 + varint(t.len() as u64) + t.len() as u64 };
        // Nanoseconds of any date of these decades take nine bytes.
        let stat = text(path) + field(mode) + field(uid) + field(gid) + field(size) + 10 + text(link);
        1 + varint(stat) + stat
    }
    /// A file's content as the `index`th description's.
    #[must_use]
    pub fn content(index: u64, size: u64) -> u64 {
        let head = 2 + if index == 0 { 0 } else { 1 + varint(index) };
        // Data comes in pieces of 32 KiB; an empty packet ends it.
        let piece = |n: u64| head + 1 + varint(n) + n;
        let (whole, rest) = (size / 32_768, size % 32_768);
        whole * piece(32_768) + if rest == 0 { 0 } else { piece(rest) } + head
    }
    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn counts_what_the_real_client_shows() {
            // An empty Dockerfile is 31B, one of 23 bytes 60B, a two-byte a.txt 34B.
            assert_eq!(description("Dockerfile", 0o644, 0, 0, 0, "") + content(0, 0) + END, 31);
            assert_eq!(description("Dockerfile", 0o644, 0, 0, 23, "") + content(0, 23) + END, 60);
            assert_eq!(description("a.txt", 0o644, 0, 0, 2, "") + content(0, 2) + END, 34);
        }
    }
}
