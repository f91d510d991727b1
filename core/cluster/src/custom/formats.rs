//! Formats of texts a schema may demand (`kube-openapi/pkg/validation/strfmt`). Formats it does not know
//! say nothing, as there.

use drydock_machinery::{Timestamp, hash, names};

/// Whether a text has the form of this name.
pub(crate) fn fits(format: &str, text: &str) -> bool {
    match format.to_lowercase().replace('-', "").as_str() {
        "datetime" => Timestamp::parse(text).is_some(),
        "date" => text.len() == 10 && Timestamp::parse(&format!("{text}T00:00:00Z")).is_some(),
        "duration" => duration(text),
        "ipv4" => text.parse::<std::net::Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<std::net::Ipv6Addr>().is_ok(),
        "cidr" => names::is_cidr(text).is_empty(),
        "mac" => mac(text),
        "uuid" => uuid(text, None),
        "uuid3" => uuid(text, Some('3')),
        "uuid4" => uuid(text, Some('4')),
        "uuid5" => uuid(text, Some('5')),
        "hostname" => hostname(text),
        "email" => email(text),
        "uri" => uri(text),
        "byte" => hash::base64_decode(text).is_ok(),
        "hexcolor" => {
            let digits = text.strip_prefix('#').unwrap_or(text);
            matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit())
        }
        "bsonobjectid" => text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit()),
        _ => true,
    }
}

/// Go's durations (`1h30m`) and ISO-like words (`3 days`).
fn duration(text: &str) -> bool {
    if drydock_machinery::time::parse_go_duration(text).is_ok() {
        return true;
    }
    const UNITS: &[&str] = &[
        "ns",
        "nano",
        "nanoseconds",
        "us",
        "micro",
        "microseconds",
        "ms",
        "milli",
        "milliseconds",
        "s",
        "sec",
        "secs",
        "seconds",
        "m",
        "min",
        "mins",
        "minutes",
        "h",
        "hr",
        "hrs",
        "hour",
        "hours",
        "d",
        "day",
        "days",
        "w",
        "wk",
        "wks",
        "week",
        "weeks",
    ];
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    !number.is_empty() && UNITS.contains(&unit.trim())
}

fn mac(text: &str) -> bool {
    let parts: Vec<&str> = text.split([':', '-']).collect();
    matches!(parts.len(), 6 | 8)
        && parts.iter().all(|p| p.len() == 2 && p.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn uuid(text: &str, version: Option<char>) -> bool {
    let plain: String = text.chars().filter(|c| *c != '-').collect();
    let hex = plain.len() == 32 && plain.bytes().all(|b| b.is_ascii_hexdigit());
    hex && version.is_none_or(|v| plain.chars().nth(12) == Some(v))
}

fn hostname(text: &str) -> bool {
    let good = |label: &str| {
        let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (1..=63).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 255 && text.strip_suffix('.').unwrap_or(text).split('.').all(good)
}

fn email(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && !user.contains([' ', '@']) && !host.is_empty() && hostname(host)
    })
}

fn uri(text: &str) -> bool {
    match text.split_once(':') {
        Some((scheme, rest)) => {
            scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
                && !rest.contains(' ')
        }
        None => text.starts_with('/') && !text.contains(' '),
    }
}
