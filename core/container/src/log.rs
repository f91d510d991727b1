//! What a container printed, as the container runtime keeps it: entries in order with their moment and
//! stream, rotated by size. The last few entries lie in a plain vector so that a container that printed
//! two lines costs two lines.

use drydock_machinery::digest::{hash_bytes, mix};
use drydock_machinery::limits;
use imbl::Vector;
use std::sync::Arc;

/// Entries of the tail before they move into the persistent part.
const BLOCK: usize = 32;

/// What an entry costs beside its bytes: many tiny ones must not go on for ever.
const OVERHEAD: usize = 16;

/// What one write printed: part of a line, a line, or several.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogEntry {
    /// Simulated milliseconds.
    pub time: u64,
    /// Written to stderr.
    pub error: bool,
    pub bytes: Arc<[u8]>,
}

/// See the module's head. Bounded by `limits::LOG_BYTES`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    blocks: Vector<Arc<[LogEntry]>>,
    tail: Arc<Vec<LogEntry>>,
    bytes: usize,
    /// Entries dropped from the front.
    dropped: u64,
}

impl Log {
    pub fn push(&mut self, entry: LogEntry) {
        self.bytes += entry.bytes.len() + OVERHEAD;
        let tail = Arc::make_mut(&mut self.tail);
        if tail.len() == tail.capacity() {
            tail.reserve_exact(tail.len().clamp(1, BLOCK));
        }
        tail.push(entry);
        if tail.len() >= BLOCK {
            let block: Arc<[LogEntry]> = std::mem::take(tail).into();
            self.blocks.push_back(block);
        }
        while self.bytes > limits::LOG_BYTES {
            let Some(block) = self.blocks.pop_front() else { break };
            self.bytes -= block.iter().map(|e| e.bytes.len() + OVERHEAD).sum::<usize>();
            self.dropped += block.len() as u64;
        }
    }
    /// Entries ever written, dropped ones included: where a follower goes on.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.dropped + self.len() as u64
    }
    /// Entries kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.iter().map(|b| b.len()).sum::<usize>() + self.tail.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tail.is_empty() && self.blocks.is_empty()
    }
    /// Bytes kept, a few for each entry included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
    /// Entries kept, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &LogEntry> {
        self.blocks.iter().flat_map(|b| b.iter()).chain(self.tail.iter())
    }
    /// Entries from number `from` (as [`Log::written`] counts) on.
    pub fn since(&self, from: u64) -> impl Iterator<Item = &LogEntry> {
        self.iter().skip(from.saturating_sub(self.dropped) as usize)
    }
    /// Whole lines (a last one may lack its newline), each with the entry time of its first part.
    /// The streams are kept apart, as the runtime's line splitting does.
    #[must_use]
    pub fn lines(&self) -> Vec<LogEntry> {
        let mut lines: Vec<(LogEntry, Vec<u8>)> = Vec::new();
        let mut open: [Option<usize>; 2] = [None, None];
        for entry in self.iter() {
            for part in entry.bytes.split_inclusive(|b| *b == b'\n') {
                let stream = open.get_mut(usize::from(entry.error));
                let at = match stream.as_ref().and_then(|o| **o) {
                    Some(at) => at,
                    None => {
                        let line = LogEntry { bytes: Arc::from([]), ..entry.clone() };
                        lines.push((line, Vec::new()));
                        lines.len() - 1
                    }
                };
                if let Some(line) = lines.get_mut(at) {
                    line.1.extend_from_slice(part);
                }
                if let Some(stream) = stream {
                    *stream = (!part.ends_with(b"\n")).then_some(at);
                }
            }
        }
        lines.into_iter().map(|(line, bytes)| LogEntry { bytes: bytes.into(), ..line }).collect()
    }
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.iter()
            .fold(self.dropped, |h, e| mix(mix(h, e.time << 1 | u64::from(e.error)), hash_bytes(&e.bytes)))
    }
}
