//! Pipes: bytes in order, ends counted.

use drydock_machinery::limits;
use imbl::Vector;
use std::sync::Arc;

/// A pipe between processes, or between a process and an outside stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pipe {
    chunks: Vector<Arc<[u8]>>,
    len: usize,
    pub readers: u32,
    pub writers: u32,
}

impl Pipe {
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.len < limits::PIPE_BYTES
    }
    pub fn push(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.len += bytes.len();
            self.chunks.push_back(bytes.into());
        }
    }
    /// Takes out at most `max` bytes.
    pub fn take(&mut self, max: usize) -> Vec<u8> {
        let mut out = Vec::new();
        while out.len() < max {
            let Some(chunk) = self.chunks.pop_front() else { break };
            let (now, later) = chunk.split_at(chunk.len().min(max - out.len()));
            out.extend_from_slice(now);
            if !later.is_empty() {
                self.chunks.push_front(later.into());
            }
        }
        self.len -= out.len();
        out
    }
    /// Takes out one line with its newline, or the rest if the writers are gone.
    pub fn take_line(&mut self) -> Option<Vec<u8>> {
        let mut size = 0;
        let mut found = false;
        for chunk in &self.chunks {
            if let Some(at) = chunk.iter().position(|b| *b == b'\n') {
                size += at + 1;
                found = true;
                break;
            }
            size += chunk.len();
        }
        (found || (self.writers == 0 && size > 0)).then(|| self.take(size))
    }
    #[must_use]
    pub fn digest(&self) -> u64 {
        use drydock_machinery::digest::{hash_bytes, mix};
        self.chunks.iter().fold(u64::from(self.readers), |h, c| mix(h, hash_bytes(c)))
    }
}
