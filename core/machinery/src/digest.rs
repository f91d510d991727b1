//! The content hash of worlds: 64-bit multiplications only (wasm has no wider one), the same on
//! every platform. Not cryptographic; it compares states, it does not authenticate them.

use std::hash::{Hash, Hasher};

/// One step of the content hash.
#[must_use]
pub const fn mix(hash: u64, word: u64) -> u64 {
    let z = (hash.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z ^ (z >> 32)
}

/// Content hash of bytes, length included.
#[must_use]
#[allow(clippy::indexing_slicing)] // the loop bounds are the slice's own length; iterators are not const
pub const fn hash_bytes(bytes: &[u8]) -> u64 {
    let (mut hash, mut at) = (bytes.len() as u64, 0);
    while at < bytes.len() {
        let (mut word, mut n) = (0u64, 0);
        while n < 8 && at < bytes.len() {
            word |= (bytes[at] as u64) << (8 * n);
            n += 1;
            at += 1;
        }
        hash = mix(hash, word);
    }
    hash
}

/// A [`Hasher`] for `#[derive(Hash)]` types whose result does not depend on pointer width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest(u64);

impl Digest {
    /// The digest of one value.
    pub fn of<T: Hash + ?Sized>(value: &T) -> u64 {
        let mut digest = Digest::default();
        value.hash(&mut digest);
        digest.finish()
    }
}

impl Hasher for Digest {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = mix(self.0, hash_bytes(bytes));
    }
    fn write_u8(&mut self, n: u8) {
        self.write_u64(u64::from(n));
    }
    fn write_u16(&mut self, n: u16) {
        self.write_u64(u64::from(n));
    }
    fn write_u32(&mut self, n: u32) {
        self.write_u64(u64::from(n));
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = mix(self.0, n);
    }
    fn write_i32(&mut self, n: i32) {
        self.write_u64(n as u64);
    }
    fn write_i64(&mut self, n: i64) {
        self.write_u64(n as u64);
    }
    fn write_usize(&mut self, n: usize) {
        self.write_u64(n as u64);
    }
    fn write_isize(&mut self, n: isize) {
        self.write_u64(n as u64);
    }
}
