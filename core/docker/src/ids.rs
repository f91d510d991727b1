//! Identifiers and times: 64 hexadecimal digits drawn from the engine's own stream of chance, so that
//! using Docker never changes what the cluster draws.

use drydock_container::Machines;
use drydock_machinery::random::Random;
use drydock_machinery::time::nano_string;
use std::fmt::Write;
use std::sync::Arc;

/// `0001-01-01T00:00:00Z`, Go's zero time.
pub const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

/// A new 64-digit id. As with containerd, one that consists of digits only is not used.
pub fn long(random: &mut Random) -> Arc<str> {
    loop {
        let text = (0..8).fold(String::with_capacity(64), |mut out, _| {
            _ = write!(out, "{:08x}", random.next_u32());
            out
        });
        let truncated = text.get(..12).unwrap_or("");
        if !truncated.bytes().all(|b| b.is_ascii_digit()) {
            return text.into();
        }
    }
}

/// The first twelve digits.
#[must_use]
pub fn short(id: &str) -> &str {
    id.strip_prefix("sha256:").unwrap_or(id).get(..12).unwrap_or(id)
}

/// A moment of simulated time as the engine writes it, with nanoseconds that look like a real clock's.
#[must_use]
pub fn moment(machines: &Machines, ms: u64) -> String {
    let epoch = machines.clock.epoch;
    let below = drydock_machinery::digest::mix(machines.clock.seed, ms) % 1_000_000;
    nano_string(epoch + (ms / 1000) as i64, (ms % 1000) as u32 * 1_000_000 + below as u32)
}

/// As [`moment`]; Go's zero time for a moment that never was.
#[must_use]
pub fn moment_or_zero(machines: &Machines, ms: Option<u64>) -> String {
    ms.map_or_else(|| ZERO_TIME.to_string(), |ms| moment(machines, ms))
}

/// Unix seconds of a moment.
#[must_use]
pub fn unix(machines: &Machines, ms: u64) -> i64 {
    machines.clock.epoch + (ms / 1000) as i64
}
