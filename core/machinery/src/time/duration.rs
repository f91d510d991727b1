//! Durations as tables, `describe` and Go flags write them (`k8s.io/apimachinery/pkg/util/duration` and
//! Go's `time.Duration`).

use crate::quote;
use std::fmt::Write;

/// `HumanDuration`: the AGE column.
#[must_use]
pub fn human_duration(secs: i64) -> String {
    if secs < -1 {
        return "<invalid>".into();
    }
    if secs < 0 {
        return "0s".into();
    }
    if secs < 120 {
        return format!("{secs}s");
    }
    let two = |a: i64, unit_a: char, b: i64, unit_b: char| match b {
        0 => format!("{a}{unit_a}"),
        _ => format!("{a}{unit_a}{b}{unit_b}"),
    };
    let minutes = secs / 60;
    if minutes < 10 {
        return two(minutes, 'm', secs % 60, 's');
    }
    if minutes < 180 {
        return format!("{minutes}m");
    }
    let hours = minutes / 60;
    match hours {
        ..8 => two(hours, 'h', minutes % 60, 'm'),
        8..48 => format!("{hours}h"),
        48..192 => two(hours / 24, 'd', hours % 24, 'h'),
        192..17_520 => format!("{}d", hours / 24),
        17_520..70_080 => two(hours / 24 / 365, 'y', hours / 24 % 365, 'd'),
        _ => format!("{}y", hours / 24 / 365),
    }
}

/// `ShortHumanDuration`: one unit only.
#[must_use]
pub fn short_human_duration(secs: i64) -> String {
    match secs {
        ..-1 => "<invalid>".into(),
        -1 => "0s".into(),
        0..60 => format!("{secs}s"),
        60..3600 => format!("{}m", secs / 60),
        3600..86_400 => format!("{}h", secs / 3600),
        86_400..31_536_000 => format!("{}d", secs / 86_400),
        _ => format!("{}y", secs / 31_536_000),
    }
}

/// Go's `time.ParseDuration`, to whole milliseconds (what is finer is cut).
///
/// # Errors
/// The text Go gives, e.g. `time: missing unit in duration "5"`.
pub fn parse_go_duration(text: &str) -> Result<i64, String> {
    parse_go_nanos(text).map(|nanos| nanos / 1_000_000)
}

/// Go's `time.ParseDuration`, to nanoseconds.
///
/// # Errors
/// The text Go gives.
pub fn parse_go_nanos(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration {}", quote::go(text));
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or("")),
        Some(b'+') => (false, text.get(1..).unwrap_or("")),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, after) = rest.split_at(digits);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(f) => f.split_at(f.bytes().take_while(u8::is_ascii_digit).count()),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let unit_length = after.bytes().take_while(|b| *b != b'.' && !b.is_ascii_digit()).count();
        let (unit, after) = after.split_at(unit_length);
        if unit.is_empty() {
            return Err(format!("time: missing unit in duration {}", quote::go(text)));
        }
        let scale: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => {
                let (unit, text) = (quote::go(unit), quote::go(text));
                return Err(format!("time: unknown unit {unit} in duration {text}"));
            }
        };
        let whole: i128 = match whole {
            "" => 0,
            _ => whole.parse::<i64>().map_err(|_| invalid())?.into(),
        };
        let kept = fraction.get(..fraction.len().min(18)).unwrap_or("");
        let part: i128 = if kept.is_empty() { 0 } else { kept.parse().map_err(|_| invalid())? };
        total += whole * scale + part * scale / 10i128.pow(kept.len() as u32);
        if total > i128::from(i64::MAX) {
            return Err(invalid());
        }
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| invalid())
}

/// Go's `Duration.String` for milliseconds: `1h0m5s`, `1.5s`, `250ms`, `0s`.
#[must_use]
pub fn go_duration_string(ms: i64) -> String {
    let mut out = String::new();
    if ms < 0 {
        out.push('-');
    }
    let ms = ms.unsigned_abs();
    if ms == 0 {
        return "0s".into();
    }
    if ms < 1000 {
        let _ = write!(out, "{ms}ms");
        return out;
    }
    let (hours, minutes) = (ms / 3_600_000, ms / 60_000 % 60);
    if hours > 0 {
        let _ = write!(out, "{hours}h");
    }
    if ms >= 60_000 {
        let _ = write!(out, "{minutes}m");
    }
    let fraction = format!(".{:03}", ms % 1000);
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    let _ = write!(out, "{}{fraction}s", ms / 1000 % 60);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn human_durations_follow_the_table() {
        for (secs, text) in [
            (-2, "<invalid>"),
            (-1, "0s"),
            (119, "119s"),
            (120, "2m"),
            (121, "2m1s"),
            (599, "9m59s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (10_860, "3h1m"),
            (28_800, "8h"),
            (47 * 3600, "47h"),
            (48 * 3600, "2d"),
            (49 * 3600, "2d1h"),
            (8 * 86_400, "8d"),
            (729 * 86_400, "729d"),
            (730 * 86_400, "2y"),
            (731 * 86_400, "2y1d"),
            (8 * 365 * 86_400, "8y"),
        ] {
            assert_eq!(human_duration(secs), text);
        }
        assert_eq!(short_human_duration(3599), "59m");
    }

    #[test]
    fn go_durations_round_trip() {
        for (text, ms) in [("1m30s", 90_000), ("1.5h", 5_400_000), ("-2s", -2000), ("300ms", 300), ("0", 0)] {
            assert_eq!(parse_go_duration(text), Ok(ms));
        }
        assert_eq!(parse_go_duration("5"), Err("time: missing unit in duration \"5\"".into()));
        assert_eq!(parse_go_duration("abc"), Err("time: invalid duration \"abc\"".into()));
        assert_eq!(parse_go_duration("5x"), Err("time: unknown unit \"x\" in duration \"5x\"".into()));
        assert_eq!(parse_go_duration(""), Err("time: invalid duration \"\"".into()));
        for (ms, text) in [
            (90_000, "1m30s"),
            (3_600_000, "1h0m0s"),
            (1500, "1.5s"),
            (250, "250ms"),
            (0, "0s"),
            (-2000, "-2s"),
        ] {
            assert_eq!(go_duration_string(ms), text);
        }
    }
}
