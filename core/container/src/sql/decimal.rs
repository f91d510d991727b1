//! Exact decimal numbers, MySQL's DECIMAL and PostgreSQL's numeric: an integer and how many of its
//! digits stand after the point. Results that need more than 38 digits are overflows.

use std::cmp::Ordering;

/// `mantissa / 10^scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    pub mantissa: i128,
    pub scale: u8,
}

fn power(n: u8) -> Option<i128> {
    10i128.checked_pow(u32::from(n))
}

impl Decimal {
    #[must_use]
    pub fn of(n: i64) -> Decimal {
        Decimal { mantissa: i128::from(n), scale: 0 }
    }
    /// Reads `-12.50`; an exponent is not part of it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Decimal> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || all.len() > 38 || !all.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mantissa: i128 = all.parse().ok()?;
        Some(Decimal { mantissa: if negative { -mantissa } else { mantissa }, scale: fraction.len() as u8 })
    }
    /// With so many digits after the point; half is rounded away from zero.
    #[must_use]
    pub fn rescale(self, scale: u8) -> Option<Decimal> {
        if scale >= self.scale {
            let mantissa = self.mantissa.checked_mul(power(scale - self.scale)?)?;
            return Some(Decimal { mantissa, scale });
        }
        let by = power(self.scale - scale)?;
        let half = if self.mantissa < 0 { -(by / 2) } else { by / 2 };
        Some(Decimal { mantissa: self.mantissa.checked_add(half)? / by, scale })
    }
    /// As [`Decimal::rescale`], digits are cut instead.
    #[must_use]
    pub fn truncate(self, scale: u8) -> Option<Decimal> {
        if scale >= self.scale {
            return self.rescale(scale);
        }
        Some(Decimal { mantissa: self.mantissa / power(self.scale - scale)?, scale })
    }
    fn aligned(self, other: Decimal) -> Option<(i128, i128, u8)> {
        let scale = self.scale.max(other.scale);
        Some((self.rescale(scale)?.mantissa, other.rescale(scale)?.mantissa, scale))
    }
    #[must_use]
    pub fn plus(self, other: Decimal) -> Option<Decimal> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Decimal { mantissa: a.checked_add(b)?, scale })
    }
    #[must_use]
    pub fn minus(self, other: Decimal) -> Option<Decimal> {
        self.plus(Decimal { mantissa: -other.mantissa, ..other })
    }
    #[must_use]
    pub fn times(self, other: Decimal) -> Option<Decimal> {
        Some(Decimal {
            mantissa: self.mantissa.checked_mul(other.mantissa)?,
            scale: self.scale.checked_add(other.scale).filter(|s| *s <= 38)?,
        })
    }
    /// The quotient with so many digits after the point; none for a division by zero or an overflow.
    #[must_use]
    pub fn divided(self, other: Decimal, scale: u8) -> Option<Decimal> {
        // One digit more than wanted, then rounded.
        let up = i16::from(scale) + 1 + i16::from(other.scale) - i16::from(self.scale);
        let (mut a, mut b) = (self.mantissa, other.mantissa);
        match u8::try_from(up) {
            Ok(up) => a = a.checked_mul(power(up)?)?,
            Err(_) => b = b.checked_mul(power(u8::try_from(-up).ok()?)?)?,
        }
        Decimal { mantissa: a.checked_div(b)?, scale: scale + 1 }.rescale(scale)
    }
    #[must_use]
    pub fn remainder(self, other: Decimal) -> Option<Decimal> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Decimal { mantissa: a.checked_rem(b)?, scale })
    }
    /// How many digits PostgreSQL gives a quotient (`select_div_scale` in numeric.c): at least 16
    /// significant ones, counted in groups of four.
    #[must_use]
    pub fn quotient_scale(self, other: Decimal) -> u8 {
        let (weight, first) = self.leading_group();
        let (other_weight, other_first) = other.leading_group();
        let weight = weight - other_weight - i32::from(first <= other_first);
        (16 - weight * 4).clamp(0, 30).max(i32::from(self.scale)).max(i32::from(other.scale)) as u8
    }
    /// The weight of the first group of four digits that is not zero, and that group.
    fn leading_group(self) -> (i32, i128) {
        // The fraction is filled up to whole groups.
        let filled = self.scale.div_ceil(4) * 4;
        let mut left = self.rescale(filled).map_or(0, |d| d.mantissa.abs());
        let mut weight = -i32::from(filled / 4);
        while left >= 10_000 {
            left /= 10_000;
            weight += 1;
        }
        if left == 0 { (0, 0) } else { (weight, left) }
    }
    #[must_use]
    pub fn float(self) -> f64 {
        self.to_string().parse().unwrap_or(0.0)
    }
    /// The nearest whole number.
    #[must_use]
    pub fn whole(self) -> Option<i64> {
        i64::try_from(self.rescale(0)?.mantissa).ok()
    }
    #[must_use]
    pub fn compare(self, other: Decimal) -> Ordering {
        match self.aligned(other) {
            Some((a, b, _)) => a.cmp(&b),
            None => self.float().total_cmp(&other.float()),
        }
    }
    /// Without zeros at its end.
    #[must_use]
    pub fn normal(mut self) -> Decimal {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self = Decimal { mantissa: self.mantissa / 10, scale: self.scale - 1 };
        }
        self
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        let digits = format!("{digits:0>width$}", width = scale + 1);
        match digits.split_at_checked(digits.len() - scale) {
            Some((whole, fraction)) if scale > 0 => write!(f, "{sign}{whole}.{fraction}"),
            _ => write!(f, "{sign}{digits}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn quotients_have_the_digits_of_numeric() {
        for (a, b, quotient) in [
            ("1", "3", "0.33333333333333333333"),
            ("10.0", "3", "3.3333333333333333"),
            ("100", "3", "33.3333333333333333"),
            ("3", "2", "1.5000000000000000"),
            ("7", "2", "3.5000000000000000"),
        ] {
            let scale = d(a).quotient_scale(d(b));
            assert_eq!(d(a).divided(d(b), scale).unwrap().to_string(), quotient, "{a}/{b}");
        }
    }

    #[test]
    fn decimals_round_half_away_from_zero() {
        assert_eq!(d("2.345").rescale(2).unwrap().to_string(), "2.35");
        assert_eq!(d("-2.345").rescale(2).unwrap().to_string(), "-2.35");
        assert_eq!(d("0.05").times(d("3")).unwrap().to_string(), "0.15");
        assert_eq!(d("1").divided(d("0"), 4), None);
        assert_eq!(d("-0.5").to_string(), "-0.5");
    }
}
