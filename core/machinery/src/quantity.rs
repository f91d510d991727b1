//! Resource quantities: `100m`, `1.5Gi`, `1e3`. Follows `k8s.io/apimachinery/pkg/api/resource`
//! (v1.33): what parses, the canonical form, rounding up, the three error texts.
//!
//! Kept as nanounits in 128 bits. Left out: the real type prints an unusual spelling of a canonical
//! amount (`+5`, `1.250`) as it was written; this one prints `5` and `1250m`.

use crate::Value;
use std::cmp::Ordering;

/// How a quantity was written, and so how it is written again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// `1e3`
    DecimalExponent,
    /// `1Ki`
    BinarySi,
    /// `1k`
    #[default]
    DecimalSi,
}

/// An amount of cpu, memory or anything counted. Ordered and equal by amount alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quantity {
    nano: i128,
    pub format: Format,
}

/// Why a text is no quantity; `Display` gives the API's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    Format,
    Numeric,
    Suffix,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Error::Format => {
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            }
            Error::Numeric => "unable to parse numeric part of quantity",
            Error::Suffix => "unable to parse quantity's suffix",
        })
    }
}
impl std::error::Error for Error {}

const NANO: i128 = 1_000_000_000;
/// Where amounts with binary suffixes are capped, as in the real type.
const MAX_NANO: i128 = i64::MAX as i128 * NANO;
/// Where all others are; the real type knows no bound there.
const MOST: i128 = 10i128.pow(28) * NANO;
const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];

enum Scale {
    Binary(u32),
    Decimal(i32),
}

fn interpret(suffix: &str) -> Option<(Scale, Format)> {
    if let Some(at) = BINARY.iter().position(|s| *s == suffix) {
        return Some((Scale::Binary(10 * (at as u32 + 1)), Format::BinarySi));
    }
    if let Some((_, exponent)) = DECIMAL.iter().find(|(s, _)| *s == suffix) {
        return Some((Scale::Decimal(*exponent), Format::DecimalSi));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?.parse::<i64>().ok()?;
    Some((Scale::Decimal(exponent.clamp(-100_000, 100_000) as i32), Format::DecimalExponent))
}

fn divide_up(a: i128, b: i128) -> i128 {
    a.checked_div(b).map_or(0, |q| q + i128::from(a % b != 0))
}

/// `amount * 10^power`, rounded up, at most the cap; `amount` is not negative.
fn scaled(amount: i128, power: i32) -> i128 {
    match power {
        _ if amount == 0 => 0,
        0.. => {
            let factor = 10i128.checked_pow(power as u32);
            factor.and_then(|f| amount.checked_mul(f)).unwrap_or(MOST)
        }
        _ => 10i128.checked_pow(power.unsigned_abs()).map_or(1, |f| divide_up(amount, f)),
    }
}

impl Quantity {
    /// Reads a quantity.
    ///
    /// # Errors
    /// One of the API's three texts.
    pub fn parse(text: &str) -> Result<Quantity, Error> {
        let (negative, body) = match text.as_bytes().first() {
            None => return Err(Error::Format),
            Some(b'-') => (true, text.get(1..).unwrap_or("")),
            Some(b'+') => (false, text.get(1..).unwrap_or("")),
            _ => (false, text),
        };
        let digits = |s: &str| s.bytes().take_while(u8::is_ascii_digit).count();
        let (whole, rest) = body.split_at(digits(body));
        let (fraction, suffix) = match rest.strip_prefix('.') {
            Some(rest) => rest.split_at(digits(rest)),
            None => ("", rest),
        };
        let letters = suffix.bytes().take_while(|b| b"eEinumkKMGTP".contains(b)).count();
        let tail = suffix.get(letters..).unwrap_or("");
        let tail = tail.strip_prefix(['-', '+']).unwrap_or(tail);
        if !tail.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Error::Format);
        }
        let (scale, format) = interpret(suffix).ok_or(Error::Suffix)?;
        // No digits at all read as zero.
        let magnitude = Self::magnitude(whole, fraction, &scale);
        let nano = magnitude.min(if matches!(scale, Scale::Binary(_)) { MAX_NANO } else { MOST });
        Ok(Quantity { nano: if negative { -nano } else { nano }, format })
    }
    fn magnitude(whole: &str, fraction: &str, scale: &Scale) -> i128 {
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        // 40 digits before the point are beyond the cap at any scale but tiny exponents; digits far
        // behind the point only matter for rounding up.
        let kept = fraction.get(..fraction.len().min(18)).unwrap_or("");
        let lost = fraction.len() > kept.len();
        let number = |s: &str| if s.is_empty() { Some(0) } else { s.parse::<i128>().ok() };
        let (Some(w), Some(f)) = (number(whole), number(kept)) else { return MOST };
        let digits = kept.len() as u32;
        let Some(mantissa) = w.checked_mul(10i128.pow(digits)).and_then(|m| m.checked_add(f)) else {
            return MOST;
        };
        let mantissa = mantissa + i128::from(lost && digits == 18);
        match scale {
            Scale::Decimal(exponent) => scaled(mantissa, exponent + 9 - digits as i32),
            Scale::Binary(bits) => match mantissa.checked_mul(1 << bits) {
                Some(m) => scaled(m, 9 - digits as i32),
                None => w.checked_mul(NANO << bits).unwrap_or(MOST),
            },
        }
    }
    /// A whole number in decimal format.
    #[must_use]
    pub fn from_int(n: i64) -> Quantity {
        Quantity { nano: i128::from(n) * NANO, format: Format::DecimalSi }
    }
    /// Thousandths, as cpu is counted.
    #[must_use]
    pub fn from_milli(n: i64) -> Quantity {
        Quantity { nano: i128::from(n) * 1_000_000, format: Format::DecimalSi }
    }
    /// Bytes, written with binary suffixes.
    #[must_use]
    pub fn from_bytes(n: i64) -> Quantity {
        Quantity { nano: i128::from(n) * NANO, format: Format::BinarySi }
    }
    /// The quantity of a string or a number in an object; nothing if it is none.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Quantity> {
        match value {
            Value::Int(n) => Some(Quantity::from_int(*n)),
            Value::Float(f) => Quantity::parse(&crate::json::float(*f)).ok(),
            _ => Quantity::parse(value.as_str()?.trim()).ok(),
        }
    }
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.nano == 0
    }
    /// -1, 0 or 1.
    #[must_use]
    pub fn sign(&self) -> i32 {
        self.nano.signum() as i32
    }
    fn divided_up(&self, by: i128) -> i128 {
        // Away from zero, as the real type rounds.
        self.nano.signum() * divide_up(self.nano.abs(), by)
    }
    /// In thousandths, rounded up.
    #[must_use]
    pub fn milli(&self) -> i128 {
        self.divided_up(1_000_000)
    }
    /// In whole units, rounded up.
    #[must_use]
    pub fn value(&self) -> i64 {
        i64::try_from(self.divided_up(NANO)).unwrap_or(i64::MAX)
    }
    /// In billionths.
    #[must_use]
    pub fn nano(&self) -> i128 {
        self.nano
    }
    /// The text the API stores and prints: `1500m`, `1Gi`, `0`.
    #[must_use]
    pub fn canonical(&self) -> String {
        if self.nano == 0 {
            return "0".into();
        }
        let whole = self.nano % NANO == 0;
        let small = self.nano.abs() < 1024 * NANO;
        match self.format {
            // Small or broken amounts would lose precision with binary suffixes.
            Format::BinarySi if whole && !small => self.binary(),
            Format::DecimalExponent => self.decimal(true),
            _ => self.decimal(false),
        }
    }
    fn binary(&self) -> String {
        let (mut amount, mut times) = (self.nano / NANO, 0);
        while amount % 1024 == 0 && times < BINARY.len() {
            amount /= 1024;
            times += 1;
        }
        let suffix = times.checked_sub(1).and_then(|at| BINARY.get(at)).copied().unwrap_or("");
        format!("{amount}{suffix}")
    }
    fn decimal(&self, exponent_form: bool) -> String {
        let (mut amount, mut exponent) = (self.nano, -9);
        while amount % 1000 == 0 && exponent < 18 {
            amount /= 1000;
            exponent += 3;
        }
        if exponent_form {
            return if exponent == 0 { amount.to_string() } else { format!("{amount}e{exponent}") };
        }
        let suffix = DECIMAL.iter().find(|(_, e)| *e == exponent).map_or("", |(s, _)| s);
        format!("{amount}{suffix}")
    }
    fn combined(self, nano: i128, other: Quantity) -> Quantity {
        // Zero takes the other's format, as in the real Add and Sub.
        let format = if self.nano == 0 { other.format } else { self.format };
        Quantity { nano: nano.clamp(-MOST, MOST), format }
    }
    /// The amount times a whole number.
    #[must_use]
    pub fn times(self, n: i64) -> Quantity {
        let nano = self.nano.saturating_mul(i128::from(n)).clamp(-MOST, MOST);
        Quantity { nano, format: self.format }
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.canonical())
    }
}
impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nano == other.nano
    }
}
impl Eq for Quantity {}
impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nano.cmp(&other.nano)
    }
}
impl std::hash::Hash for Quantity {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.nano.hash(state);
    }
}
impl std::ops::Add for Quantity {
    type Output = Quantity;
    fn add(self, other: Quantity) -> Quantity {
        self.combined(self.nano + other.nano, other)
    }
}
impl std::ops::Sub for Quantity {
    type Output = Quantity;
    fn sub(self, other: Quantity) -> Quantity {
        self.combined(self.nano - other.nano, other)
    }
}
impl std::ops::AddAssign for Quantity {
    fn add_assign(&mut self, other: Quantity) {
        *self = *self + other;
    }
}
impl std::ops::SubAssign for Quantity {
    fn sub_assign(&mut self, other: Quantity) {
        *self = *self - other;
    }
}
impl std::iter::Sum for Quantity {
    fn sum<I: Iterator<Item = Quantity>>(amounts: I) -> Quantity {
        amounts.fold(Quantity::default(), |a, b| a + b)
    }
}
impl From<Quantity> for Value {
    fn from(quantity: Quantity) -> Value {
        quantity.canonical().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_forms() {
        for (text, canonical) in [
            ("0", "0"),
            ("0Mi", "0"),
            ("100m", "100m"),
            ("1000m", "1"),
            ("1500m", "1500m"),
            ("0.5", "500m"),
            ("1.5Gi", "1536Mi"),
            ("1024Mi", "1Gi"),
            ("1024", "1024"),
            ("1000", "1k"),
            ("1023Ki", "1023Ki"),
            ("0.5Ki", "512"),
            ("1.1Ki", "1126400m"),
            ("1e3", "1e3"),
            ("1E", "1E"),
            ("1E3", "1e3"),
            ("12e6", "12e6"),
            ("1e-3", "1e-3"),
            ("-5m", "-5m"),
            ("+5", "5"),
            (".5", "500m"),
            ("5.", "5"),
            ("1n", "1n"),
            ("0.1n", "1n"),
            ("100Ei", "9223372036854775807"),
            ("3000000Ki", "3000000Ki"),
        ] {
            let q = Quantity::parse(text).unwrap();
            assert_eq!(q.canonical(), canonical, "{text}");
        }
    }

    /// Against recordings of `kubectl create quota --hard=cpu=… --dry-run=client` (v1.32).
    #[test]
    fn quantities_are_kubectls() {
        let mut wrong = Vec::new();
        for line in include_str!("../tests/data/quantities.jsonl").lines() {
            let case = crate::json::parse(line.as_bytes()).unwrap();
            let got = Quantity::parse(case["text"].text()).map_or_else(|e| e.to_string(), |q| q.canonical());
            let real = if case["error"].is_null() { case["canonical"].text() } else { case["error"].text() };
            if got != real {
                wrong.push(format!("{}: got {got}, real {real}", case["text"].text()));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn errors_by_part() {
        for (text, error) in [
            ("", Error::Format),
            ("x", Error::Format),
            ("1x", Error::Format),
            ("1 Gi", Error::Format),
            ("1.2.3", Error::Format),
            ("1Gib", Error::Format),
            ("1K", Error::Suffix),
            ("1mm", Error::Suffix),
            ("1iK", Error::Suffix),
        ] {
            assert_eq!(Quantity::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn arithmetic_keeps_format_and_rounds_up() {
        let q = |s| Quantity::parse(s).unwrap();
        assert_eq!((q("100m") + q("1")).canonical(), "1100m");
        assert_eq!((q("1Gi") - q("512Mi")).canonical(), "512Mi");
        assert_eq!((Quantity::default() + q("1Gi")).canonical(), "1Gi");
        assert_eq!(q("100m").value(), 1);
        assert_eq!(q("1.0001").milli(), 1001);
        assert!(q("1Gi") > q("1G") && q("1000m") == q("1"));
    }
}
