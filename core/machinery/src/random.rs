//! Chance without entropy: a PCG whose stream never changes with a dependency, and name suffixes
//! as `k8s.io/apimachinery/pkg/util/rand` draws them.

use crate::digest::mix;

/// PCG-XSH-RR 64/32. Part of the world: cloned, compared and hashed with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Random {
    state: u64,
}

/// The alphabet of generated names: no vowels and no 0, 1, 3, so that no word comes out.
const SAFE: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

impl Random {
    /// A stream of its own for each seed.
    #[must_use]
    pub fn new(seed: u64) -> Random {
        Random { state: mix(seed, 0x5EED) }
    }
    /// 32 uniform bits.
    pub fn next_u32(&mut self) -> u32 {
        let old = self.state;
        self.state = old.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let shifted = (((old >> 18) ^ old) >> 27) as u32;
        shifted.rotate_right((old >> 59) as u32)
    }
    /// 64 uniform bits.
    pub fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) << 32 | u64::from(self.next_u32())
    }
    /// Uniform in `0..limit`; 0 when `limit` is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        // The bias of a 64-bit remainder is far below anything a lesson could see.
        self.next_u64().checked_rem(limit).unwrap_or(0)
    }
    /// A suffix for `generateName`: five characters in Kubernetes.
    pub fn suffix(&mut self, length: usize) -> String {
        (0..length).map(|_| self.letter()).collect()
    }
    fn letter(&mut self) -> char {
        let at = self.below(SAFE.len() as u64) as usize;
        SAFE.get(at).map_or('x', |b| char::from(*b))
    }
    /// A version-4 UUID.
    pub fn uuid(&mut self) -> String {
        let (a, b) = (self.next_u64(), self.next_u64());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            0x8000 | (b >> 48) & 0x3fff,
            b & 0xffff_ffff_ffff
        )
    }
}

/// `k8s.io/apimachinery/pkg/util/rand.SafeEncodeString`: digits of a hash as name characters.
#[must_use]
pub fn safe_encode(text: &str) -> String {
    text.bytes().map(|b| SAFE.get(usize::from(b) % SAFE.len()).map_or('x', |b| char::from(*b))).collect()
}
