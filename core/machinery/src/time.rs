//! Points in time and durations as Kubernetes writes them: RFC 3339 in objects, RFC 1123 in
//! `describe`, `5d3h` in tables (`k8s.io/apimachinery/pkg/util/duration`), Go's `1m30s`.
//!
//! The simulated zone is always UTC; leap seconds do not exist, as in Go.

mod duration;

pub use duration::{
    go_duration_string, human_duration, parse_go_duration, parse_go_nanos, short_human_duration,
};

/// Seconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// The months in English, from January.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The days of the week in English, from Sunday.
pub const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A date and a time of day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    /// 0 is Sunday, as in cron.
    pub weekday: u32,
}

impl Civil {
    /// The English month.
    #[must_use]
    pub fn month(&self) -> &'static str {
        MONTHS.get(self.month.saturating_sub(1) as usize).copied().unwrap_or("")
    }
    /// The English day of the week.
    #[must_use]
    pub fn day(&self) -> &'static str {
        DAYS.get(self.weekday as usize).copied().unwrap_or("")
    }
    /// The day of the year, from 1.
    #[must_use]
    pub fn yearday(&self) -> u32 {
        let first = days_from_civil(self.year, 1, 1);
        u32::try_from(days_from_civil(self.year, self.month, self.day) - first + 1).unwrap_or(1)
    }
    /// The English three-letter month.
    #[must_use]
    pub fn month_name(&self) -> &'static str {
        self.month().get(..3).unwrap_or("")
    }
    /// The English three-letter day of the week.
    #[must_use]
    pub fn day_name(&self) -> &'static str {
        self.day().get(..3).unwrap_or("")
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar; `month` from 1 to 12, `day` may lie
/// beyond the month's end.
#[must_use]
pub fn days_from_civil(year: i64, month: u32, day: u32) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted = i64::from((month + 9) % 12);
    let of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn month_length(year: i64, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// RFC 3339 to whole seconds and the nanoseconds after them.
fn parse_parts(text: &str) -> Option<(i64, u32)> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<u32> {
        let part = text.get(from..to)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?
    };
    let is = |at: usize, b: u8| bytes.get(at) == Some(&b);
    if !(is(4, b'-') && is(7, b'-') && is(10, b'T') && is(13, b':') && is(16, b':')) {
        return None;
    }
    let (year, month, day) = (i64::from(number(0, 4)?), number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || day == 0 || day > month_length(year, month) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut nanos = 0u32;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let kept = fraction.get(..digits.min(9)).filter(|d| !d.is_empty())?;
        nanos = kept.parse::<u32>().ok()? * 10u32.pow(9 - kept.len() as u32);
        rest = fraction.get(digits..)?;
    }
    let offset = match rest.as_bytes() {
        [b'Z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let at = text.len() - 6;
            let (h, m) = (number(at + 1, at + 3)?, number(at + 4, at + 6)?);
            if h > 23 || m > 59 {
                return None;
            }
            let seconds = i64::from(h * 3600 + m * 60);
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    let of_day = i64::from(hour * 3600 + minute * 60 + second);
    Some((days_from_civil(year, month, day) * 86_400 + of_day - offset, nanos))
}

impl Timestamp {
    /// Reads RFC 3339; a fraction of a second is dropped, as `metav1.Time` does.
    #[must_use]
    pub fn parse(text: &str) -> Option<Timestamp> {
        parse_parts(text).map(|(seconds, _)| Timestamp(seconds))
    }
    /// A date and time in UTC to a point in time; the fields are taken as they are.
    #[must_use]
    pub fn from_civil(year: i64, month: u32, day: u32, hour: u32, minute: u32, second: u32) -> Timestamp {
        let of_day = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        Timestamp(days_from_civil(year, month.clamp(1, 12), day) * 86_400 + of_day)
    }
    /// Date, time of day and day of the week in UTC.
    #[must_use]
    pub fn civil(self) -> Civil {
        let days = self.0.div_euclid(86_400);
        let of_day = self.0.rem_euclid(86_400) as u32;
        let z = days + 719_468;
        let (era, of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = (of_year - (153 * shifted + 2) / 5 + 1) as u32;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u32;
        Civil {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day,
            hour: of_day / 3600,
            minute: of_day / 60 % 60,
            second: of_day % 60,
            weekday: (days + 4).rem_euclid(7) as u32,
        }
    }
    /// `2006-01-02T15:04:05Z`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let c = self.civil();
        format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", c.year, c.month, c.day, c.hour, c.minute, c.second)
    }
    /// `Mon, 02 Jan 2006 15:04:05 +0000`, as `describe` prints times.
    #[must_use]
    pub fn rfc1123z(self) -> String {
        let c = self.civil();
        let (weekday, month) = (c.day_name(), c.month_name());
        format!(
            "{weekday}, {:02} {month} {:04} {:02}:{:02}:{:02} +0000",
            c.day, c.year, c.hour, c.minute, c.second
        )
    }
    /// `2006-01-02 15:04:05 +0000 UTC`, Go's default format.
    #[must_use]
    pub fn go_string(self) -> String {
        let c = self.civil();
        let date = format!("{:04}-{:02}-{:02}", c.year, c.month, c.day);
        format!("{date} {:02}:{:02}:{:02} +0000 UTC", c.hour, c.minute, c.second)
    }
}

/// A `MicroTime` (leases, events) from microseconds since the epoch.
#[must_use]
pub fn micro_string(micros: i64) -> String {
    let seconds = Timestamp(micros.div_euclid(1_000_000)).to_rfc3339();
    format!("{}.{:06}Z", seconds.trim_end_matches('Z'), micros.rem_euclid(1_000_000))
}

/// Microseconds since the epoch of an RFC 3339 text with any fraction.
#[must_use]
pub fn parse_micro(text: &str) -> Option<i64> {
    let (seconds, nanos) = parse_parts(text)?;
    seconds.checked_mul(1_000_000)?.checked_add(i64::from(nanos / 1000))
}

/// `2006-01-02T15:04:05.999999999Z`: nanoseconds with trailing zeros cut, as Docker prints times.
#[must_use]
pub fn nano_string(seconds: i64, nanos: u32) -> String {
    let whole = Timestamp(seconds).to_rfc3339();
    let fraction = format!(".{nanos:09}");
    format!("{}{}Z", whole.trim_end_matches('Z'), fraction.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_and_print_as_go_does() {
        let t = Timestamp::parse("2006-01-02T15:04:05Z").unwrap();
        assert_eq!(t.0, 1_136_214_245);
        assert_eq!(t.to_rfc3339(), "2006-01-02T15:04:05Z");
        assert_eq!(t.rfc1123z(), "Mon, 02 Jan 2006 15:04:05 +0000");
        assert_eq!(t.go_string(), "2006-01-02 15:04:05 +0000 UTC");
        assert_eq!(Timestamp::parse("2006-01-02T15:04:05.9-07:00").unwrap().0, t.0 + 7 * 3600);
        assert_eq!(Timestamp::parse("2024-02-29T00:00:00Z").unwrap().to_rfc3339(), "2024-02-29T00:00:00Z");
        for bad in ["2023-02-29T00:00:00Z", "2006-01-02", "2006-01-02T25:00:00Z", "x", "2006-01-02T15:04:05"]
        {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
        assert_eq!(Timestamp(0).civil().weekday, 4);
        assert_eq!(Timestamp(-1).to_rfc3339(), "1969-12-31T23:59:59Z");
        assert_eq!(micro_string(1_500_000), "1970-01-01T00:00:01.500000Z");
        assert_eq!(parse_micro("1970-01-01T00:00:01.500000Z"), Some(1_500_000));
        assert_eq!(nano_string(1, 500_000_000), "1970-01-01T00:00:01.5Z");
    }
}
