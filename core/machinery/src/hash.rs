//! The hashes that show: image digests and config hashes (SHA-256), pod-template hashes and
//! container ids (FNV-1a, as Go's `hash/fnv`), and base64 as Secrets use it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Lower-case hexadecimal SHA-256.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().fold(String::with_capacity(64), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// SHA-256 as bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// FNV-1a, 32 bits: what `pod-template-hash` is made with.
#[must_use]
pub fn fnv32a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, b| (hash ^ u32::from(*b)).wrapping_mul(0x0100_0193))
}

/// FNV-1a, 64 bits.
#[must_use]
pub fn fnv64a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

/// Adler-32 (RFC 1950).
#[must_use]
pub fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1u32, 0u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (a + b) % 65_521)
    });
    b << 16 | a
}

/// Standard base64 with padding.
#[must_use]
pub fn base64_encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Standard base64 as Go's `StdEncoding` reads it: line ends are skipped.
///
/// # Errors
/// Go's text, `illegal base64 data at input byte N`.
pub fn base64_decode(text: &str) -> Result<Vec<u8>, String> {
    let kept: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    STANDARD.decode(&kept).map_err(|_| format!("illegal base64 data at input byte {}", illegal_at(text)))
}

/// Where Go's decoder stops: it reads quanta of four and reports the first byte that does not fit.
fn illegal_at(text: &str) -> usize {
    let is_digit = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    let mut in_quantum = 0;
    let mut bytes = text.bytes().enumerate().filter(|(_, b)| !matches!(b, b'\n' | b'\r'));
    let mut quantum_start = 0;
    while let Some((at, b)) = bytes.next() {
        if is_digit(b) {
            if in_quantum == 0 {
                quantum_start = at;
            }
            in_quantum = (in_quantum + 1) % 4;
            continue;
        }
        if b != b'=' || in_quantum < 2 {
            return at;
        }
        if in_quantum == 2 {
            match bytes.next() {
                Some((_, b'=')) => {}
                Some((at, _)) => return at,
                None => return text.len(),
            }
        }
        return bytes.next().map_or(text.len(), |(at, _)| at);
    }
    // Text that ends within a quantum is reported at the quantum's start plus what was read of it.
    if in_quantum == 0 { text.len() } else { quantum_start + in_quantum }.min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_digests() {
        assert_eq!(sha256_hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(fnv32a(b""), 0x811c_9dc5);
        assert_eq!(fnv32a(b"foobar"), 0xbf9c_f968);
        assert_eq!(fnv64a(b"foobar"), 0x8594_4171_f739_67e8);
        assert_eq!(adler32(b"Wikipedia"), 0x11E6_0398);
    }

    #[test]
    fn base64_errors_name_the_byte() {
        assert_eq!(base64_encode("암호".as_bytes()), "7JWU7Zi4");
        assert_eq!(base64_decode("7JWU\n7Zi4"), Ok("암호".as_bytes().to_vec()));
        assert_eq!(base64_decode("not base64!"), Err("illegal base64 data at input byte 3".into()));
        assert_eq!(base64_decode("hello"), Err("illegal base64 data at input byte 5".into()));
        assert_eq!(base64_decode("hello!"), Err("illegal base64 data at input byte 5".into()));
    }
}
