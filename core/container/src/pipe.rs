//! Pipes: bytes in order, ends counted.

use drydock_machinery::limits;
use imbl::Vector;
use std::sync::Arc;

/// A pipe between processes, or between a process and an outside stream.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pipe {
    chunks: Vector<Arc<[u8]>>,
    len: usize,
    /// Read by those outside: an exec's output.
    pub outside: bool,
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
    /// As [`Pipe::push`], without copying.
    pub fn push_shared(&mut self, bytes: Arc<[u8]>) {
        if !bytes.is_empty() {
            self.len += bytes.len();
            self.chunks.push_back(bytes);
        }
    }
    /// Takes out one whole line, or the first `max` bytes of a longer one.
    pub fn take_line_up_to(&mut self, max: usize) -> Option<Vec<u8>> {
        let size = self.line_len()?;
        Some(self.take(size.min(max)))
    }
    /// The length of the first line with its newline.
    fn line_len(&self) -> Option<usize> {
        let mut size = 0;
        for chunk in &self.chunks {
            if let Some(at) = chunk.iter().position(|b| *b == b'\n') {
                return Some(size + at + 1);
            }
            size += chunk.len();
        }
        None
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
        match self.line_len() {
            Some(size) => Some(self.take(size)),
            None if self.writers == 0 && self.len > 0 => Some(self.take(self.len)),
            None => None,
        }
    }
    #[must_use]
    pub fn digest(&self) -> u64 {
        use drydock_machinery::digest::{hash_bytes, mix};
        self.chunks.iter().fold(u64::from(self.readers), |h, c| mix(h, hash_bytes(c)))
    }
}
