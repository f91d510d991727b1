//! `--since` and `--until`: a moment, or how long ago. Follows moby's `api/types/time`.

use drydock_container::Sys;
use drydock_machinery::Timestamp;
use drydock_machinery::time::parse_go_nanos;

/// Unix seconds as the Engine API takes them.
///
/// # Errors
/// Go's words on a text that is no time.
pub fn parse(sys: &Sys<'_>, text: &str) -> Result<String, String> {
    if let Ok(nanos) = parse_go_nanos(text) {
        let now = sys.unix();
        let part = i64::try_from(sys.now() % 1000).unwrap_or(0) * 1_000_000;
        let at = now.saturating_mul(1_000_000_000) + part - nanos;
        let (seconds, rest) = (at.div_euclid(1_000_000_000), at.rem_euclid(1_000_000_000));
        return Ok(if rest == 0 { seconds.to_string() } else { format!("{seconds}.{rest:09}") });
    }
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Ok(text.into());
    }
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        13 => format!("{text}:00:00Z"),
        16 => format!("{text}:00Z"),
        19 => format!("{text}Z"),
        _ => text.to_string(),
    };
    match Timestamp::parse(&whole) {
        Some(at) => Ok(format!("{}.000000000", at.0)),
        None => {
            Err(format!("failed to parse value as time or duration: {}", drydock_machinery::quote::go(text)))
        }
    }
}
