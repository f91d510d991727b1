//! Sizes and spans of time in docker's words. Follows `docker/go-units` 0.5: base 1000 with `%.3g` or
//! `%.4g`, base 1024 for memory, and its odd ages (90 minutes are "2 hours", a year is "12 months").

const DECIMAL: [&str; 9] = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
const BINARY: [&str; 9] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

/// `HumanSizeWithPrecision(size, 3)`: image lists, `ps -s`, history.
#[must_use]
pub fn size3(bytes: i64) -> String {
    scaled(bytes as f64, 1000.0, &DECIMAL, 3)
}

/// `HumanSize`: totals, progress, network input and output.
#[must_use]
pub fn size(bytes: i64) -> String {
    scaled(bytes as f64, 1000.0, &DECIMAL, 4)
}

/// `BytesSize`: memory.
#[must_use]
pub fn memory(bytes: i64) -> String {
    scaled(bytes as f64, 1024.0, &BINARY, 4)
}

fn scaled(mut size: f64, base: f64, units: &[&str], digits: usize) -> String {
    let mut unit = 0;
    while size >= base && unit + 1 < units.len() {
        size /= base;
        unit += 1;
    }
    format!("{}{}", general(size, digits), units.get(unit).unwrap_or(&""))
}

/// Go's `%.Ng`.
#[must_use]
pub fn general(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let scientific = format!("{:.*e}", digits.saturating_sub(1), value);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let short = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_string()
        } else {
            text.to_string()
        }
    };
    if exponent < -4 || exponent >= digits as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", short(mantissa), exponent.abs());
    }
    let decimals = usize::try_from(digits as i32 - 1 - exponent).unwrap_or(0);
    short(&format!("{value:.decimals$}"))
}

/// `HumanDuration` of a span in milliseconds.
#[must_use]
pub fn duration(ms: i64) -> String {
    let seconds = ms / 1000;
    let minutes = ms / 60_000;
    let hours = (ms + 1_800_000) / 3_600_000;
    match () {
        () if seconds < 1 => "Less than a second".into(),
        () if seconds == 1 => "1 second".into(),
        () if seconds < 60 => format!("{seconds} seconds"),
        () if minutes == 1 => "About a minute".into(),
        () if minutes < 60 => format!("{minutes} minutes"),
        () if hours == 1 => "About an hour".into(),
        () if hours < 48 => format!("{hours} hours"),
        () if hours < 24 * 7 * 2 => format!("{} days", hours / 24),
        () if hours < 24 * 30 * 2 => format!("{} weeks", hours / 24 / 7),
        () if hours < 24 * 365 * 2 => format!("{} months", hours / 24 / 30),
        () => format!("{} years", ms / 3_600_000 / 24 / 365),
    }
}

/// `RAMInBytes`: `64m`, `1.5g`, `512`.
///
/// # Errors
/// `invalid size: 'abc'`.
pub fn parse_memory(text: &str) -> Result<i64, String> {
    let bad = || format!("invalid size: '{text}'");
    let lower = text.to_ascii_lowercase();
    let number: String = lower.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let unit = lower
        .get(number.len()..)
        .unwrap_or("")
        .strip_prefix(' ')
        .unwrap_or(lower.get(number.len()..).unwrap_or(""));
    if !number.starts_with(|c: char| c.is_ascii_digit()) || number.ends_with('.') {
        return Err(bad());
    }
    let value: f64 = number.parse().map_err(|_| bad())?;
    let power = match unit {
        "" | "b" => 0,
        "k" | "kb" | "ki" | "kib" => 1,
        "m" | "mb" | "mi" | "mib" => 2,
        "g" | "gb" | "gi" | "gib" => 3,
        "t" | "tb" | "ti" | "tib" => 4,
        "p" | "pb" | "pi" | "pib" => 5,
        _ => return Err(bad()),
    };
    Ok((value * 1024_f64.powi(power)) as i64)
}

/// A size flag's check.
///
/// # Errors
/// As [`parse_memory`].
pub fn check_memory(text: &str) -> Result<(), String> {
    parse_memory(text).map(|_| ())
}

/// As [`check_memory`], with `-1` for "no limit".
///
/// # Errors
/// As [`parse_memory`].
pub fn check_swap(text: &str) -> Result<(), String> {
    if text == "-1" { Ok(()) } else { check_memory(text) }
}

/// `--cpus`: billionths of a processor.
///
/// # Errors
/// `failed to parse x as a rational number`, `value is too precise`.
pub fn parse_cpus(text: &str) -> Result<i64, String> {
    let bad = || format!("failed to parse {text} as a rational number");
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let unsigned = whole.trim_start_matches(['-', '+']);
    if (unsigned.is_empty() && part.is_empty()) || !digits(unsigned) || !digits(part) {
        return Err(bad());
    }
    let part = part.trim_end_matches('0');
    if part.len() > 9 {
        return Err("value is too precise".into());
    }
    let billionths: i64 = format!("{part:0<9}").parse().map_err(|_| bad())?;
    let whole: i64 = if unsigned.is_empty() { 0 } else { unsigned.parse().map_err(|_| bad())? };
    let nanos = whole.saturating_mul(1_000_000_000).saturating_add(billionths);
    Ok(if text.starts_with('-') { -nanos } else { nanos })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_recorded() {
        let shown = |n: i64| size3(n);
        for (bytes, expected) in [
            (0, "0B"),
            (999, "999B"),
            (1000, "1kB"),
            (1023, "1.02kB"),
            (12_345, "12.3kB"),
            (999_499, "999kB"),
            (999_500, "1e+03kB"),
            (77_812_345, "77.8MB"),
            (999_500_000, "1e+03MB"),
        ] {
            assert_eq!(shown(bytes), expected, "{bytes}");
        }
        assert_eq!(size(2_028_000), "2.028MB");
        assert_eq!(memory(708 * 1024), "708KiB");
        assert_eq!(memory(25_275_000_000), "23.54GiB");
    }
    #[test]
    fn ages_as_recorded() {
        for (seconds, expected) in [
            (0, "Less than a second"),
            (1, "1 second"),
            (59, "59 seconds"),
            (119, "About a minute"),
            (120, "2 minutes"),
            (3_540, "59 minutes"),
            (5_399, "About an hour"),
            (5_400, "2 hours"),
            (172_799, "2 days"),
            (1_209_599, "2 weeks"),
            (2_592_000, "4 weeks"),
            (31_536_000, "12 months"),
            (63_071_999, "1 years"),
            (63_072_000, "2 years"),
        ] {
            assert_eq!(duration(seconds * 1000), expected, "{seconds}");
        }
    }
    #[test]
    fn limits_as_typed() {
        assert_eq!(parse_memory("64m"), Ok(67_108_864));
        assert_eq!(parse_memory("1.5GiB"), Ok(1_610_612_736));
        assert_eq!(parse_memory("abc"), Err("invalid size: 'abc'".into()));
        assert_eq!(parse_cpus("1.5"), Ok(1_500_000_000));
        assert_eq!(parse_cpus(".5"), Ok(500_000_000));
        assert!(parse_cpus("x").is_err());
    }
}
