//! Cron schedules as CronJobs read them: robfig/cron v3's standard parser, with its error texts, and the
//! times that follow a moment. Five fields, names of months and days, `@daily` and `@every 1h`.
//!
//! When both day fields are restricted, either may match, as in every cron.

use crate::time::{Timestamp, parse_go_duration};

/// When something happens again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// One bit per value that matches.
    Fields(Fields),
    /// Every so many seconds.
    Every(i64),
}

/// The sets of a five-field schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields {
    minute: u64,
    hour: u64,
    day: u64,
    month: u64,
    weekday: u64,
}

/// Set in a field that was `*` or `?`.
const STAR: u64 = 1 << 63;

struct Bounds {
    min: u32,
    max: u32,
    names: &'static [&'static str],
}

const MINUTE: Bounds = Bounds { min: 0, max: 59, names: &[] };
const HOUR: Bounds = Bounds { min: 0, max: 23, names: &[] };
const DAY: Bounds = Bounds { min: 1, max: 31, names: &[] };
const MONTH: Bounds = Bounds {
    min: 1,
    max: 12,
    names: &["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAY: Bounds = Bounds { min: 0, max: 6, names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

impl Schedule {
    /// Reads a schedule.
    ///
    /// # Errors
    /// The library's texts, e.g. `expected exactly 5 fields, found 3: [* * *]`.
    pub fn parse(text: &str) -> Result<Schedule, String> {
        if text.is_empty() {
            return Err("empty spec string".into());
        }
        if text.starts_with('@') {
            return descriptor(text);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = words.as_slice() else {
            return Err(format!("expected exactly 5 fields, found {}: [{}]", words.len(), words.join(" ")));
        };
        Ok(Schedule::Fields(Fields {
            minute: field(minute, &MINUTE)?,
            hour: field(hour, &HOUR)?,
            day: field(day, &DAY)?,
            month: field(month, &MONTH)?,
            weekday: field(weekday, &WEEKDAY)?,
        }))
    }
    /// The first time after `after` (Unix seconds, UTC); `offset` is the zone's distance from UTC in
    /// seconds. Nothing if it does not come within five years (30 February).
    #[must_use]
    pub fn next(&self, after: i64, offset: i64) -> Option<i64> {
        let fields = match self {
            Schedule::Every(seconds) => return Some(after + seconds),
            Schedule::Fields(fields) => fields,
        };
        let local = after + offset;
        // The next whole minute, then minute by minute within days that match.
        let start = local.div_euclid(60) * 60 + 60;
        let first_day = start.div_euclid(86_400);
        for day in first_day..first_day + 5 * 366 {
            if !fields.day_matches(day) {
                continue;
            }
            let from = if day == first_day { start.rem_euclid(86_400) / 60 } else { 0 };
            let minute = (from..1440).find(|m| has(fields.hour, m / 60) && has(fields.minute, m % 60));
            if let Some(minute) = minute {
                return Some(day * 86_400 + minute * 60 - offset);
            }
        }
        None
    }
}

fn has(set: u64, n: i64) -> bool {
    set >> n & 1 == 1
}

impl Fields {
    fn day_matches(&self, day: i64) -> bool {
        let civil = Timestamp(day * 86_400).civil();
        if !has(self.month, civil.month.into()) {
            return false;
        }
        let (by_day, by_weekday) = (has(self.day, civil.day.into()), has(self.weekday, civil.weekday.into()));
        let starred = (self.day | self.weekday) & STAR != 0;
        if starred { by_day && by_weekday } else { by_day || by_weekday }
    }
}

fn descriptor(text: &str) -> Result<Schedule, String> {
    let fields = match text {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => {
            let Some(duration) = text.strip_prefix("@every ") else {
                return Err(format!("unrecognized descriptor: {text}"));
            };
            let ms =
                parse_go_duration(duration).map_err(|e| format!("failed to parse duration {text}: {e}"))?;
            return Ok(Schedule::Every((ms / 1000).max(1)));
        }
    };
    Schedule::parse(fields)
}

fn field(text: &str, bounds: &Bounds) -> Result<u64, String> {
    text.split(',').filter(|part| !part.is_empty()).try_fold(0, |set, part| Ok(set | range(part, bounds)?))
}

fn range(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let steps: Vec<&str> = text.split('/').collect();
    let ends: Vec<&str> = steps.first().copied().unwrap_or("").split('-').collect();
    let first = ends.first().copied().unwrap_or("");
    let mut star = 0;
    let (start, mut end) = if first == "*" || first == "?" {
        star = STAR;
        (bounds.min, bounds.max)
    } else {
        let start = number_or_name(first, bounds)?;
        match ends.as_slice() {
            [_] => (start, start),
            [_, last] => (start, number_or_name(last, bounds)?),
            _ => return Err(format!("too many hyphens: {text}")),
        }
    };
    let step = match steps.as_slice() {
        [_] => 1,
        [_, step] => {
            // "N/step" means "N-max/step".
            if ends.len() == 1 {
                end = bounds.max;
            }
            number(step)?
        }
        _ => return Err(format!("too many slashes: {text}")),
    };
    if step > 1 {
        star = 0;
    }
    match () {
        () if start < bounds.min => {
            Err(format!("beginning of range ({start}) below minimum ({}): {text}", bounds.min))
        }
        () if end > bounds.max => Err(format!("end of range ({end}) above maximum ({}): {text}", bounds.max)),
        () if start > end => Err(format!("beginning of range ({start}) beyond end of range ({end}): {text}")),
        () if step == 0 => Err(format!("step of range should be a positive number: {text}")),
        () => Ok((start..=end).step_by(step as usize).fold(star, |set, n| set | 1 << n)),
    }
}

fn number_or_name(text: &str, bounds: &Bounds) -> Result<u32, String> {
    let lower = text.to_lowercase();
    match bounds.names.iter().position(|name| !name.is_empty() && *name == lower) {
        Some(at) => Ok(at as u32),
        None => number(text),
    }
}

fn number(text: &str) -> Result<u32, String> {
    let n: i64 = text.parse().map_err(|_| {
        format!(
            "failed to parse int from {text}: strconv.Atoi: parsing {}: invalid syntax",
            crate::quote::go(text)
        )
    })?;
    if n < 0 {
        return Err(format!("negative number ({n}) not allowed: {text}"));
    }
    Ok(u32::try_from(n).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, after: &str) -> String {
        let after = Timestamp::parse(after).unwrap().0;
        Schedule::parse(schedule)
            .unwrap()
            .next(after, 0)
            .map_or_else(|| "never".into(), |t| Timestamp(t).to_rfc3339())
    }

    #[test]
    fn times_follow() {
        for (schedule, after, expected) in [
            ("*/5 * * * *", "2026-11-20T10:06:09Z", "2026-11-20T10:10:00Z"),
            ("* * * * *", "2026-11-20T10:06:00Z", "2026-11-20T10:07:00Z"),
            ("0 9 * * mon-fri", "2026-11-20T10:00:00Z", "2026-11-23T09:00:00Z"),
            // Friday or the 13th.
            ("0 0 13 * 5", "2026-11-20T10:00:00Z", "2026-11-27T00:00:00Z"),
            ("0 0 13 * *", "2026-11-20T10:00:00Z", "2026-12-13T00:00:00Z"),
            ("30 23 31 12 *", "2026-11-20T10:00:00Z", "2026-12-31T23:30:00Z"),
            ("0 0 29 2 *", "2026-11-20T10:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 0 30 2 *", "2026-11-20T10:00:00Z", "never"),
            ("@hourly", "2026-11-20T10:06:09Z", "2026-11-20T11:00:00Z"),
            ("@weekly", "2026-11-20T10:06:09Z", "2026-11-22T00:00:00Z"),
            ("@every 1m30s", "2026-11-20T10:06:09Z", "2026-11-20T10:07:39Z"),
            ("50/3 5 * * *", "2026-11-20T04:00:00Z", "2026-11-20T05:50:00Z"),
        ] {
            assert_eq!(next(schedule, after), expected, "{schedule}");
        }
        let seoul = Schedule::parse("0 9 * * *").unwrap().next(0, 9 * 3600);
        assert_eq!(seoul, Some(86_400));
    }

    #[test]
    fn wrong_schedules_are_refused_in_its_words() {
        for (schedule, error) in [
            ("", "empty spec string"),
            ("* * *", "expected exactly 5 fields, found 3: [* * *]"),
            ("60 * * * *", "end of range (60) above maximum (59): 60"),
            ("* * 0 * *", "beginning of range (0) below minimum (1): 0"),
            ("5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"),
            ("*/0 * * * *", "step of range should be a positive number: */0"),
            ("a * * * *", "failed to parse int from a: strconv.Atoi: parsing \"a\": invalid syntax"),
            ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
            ("@fortnightly", "unrecognized descriptor: @fortnightly"),
        ] {
            assert_eq!(Schedule::parse(schedule), Err(error.to_owned()), "{schedule}");
        }
    }
}
