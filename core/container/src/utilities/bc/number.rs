//! bc's numbers: decimal digits with a scale, cut off rather than rounded.

use std::cmp::Ordering;

/// Digits one number may have.
const DIGITS: usize = 4_000;

/// The value is ± digits / 10^scale; digits with the least first, without zeros at the great end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Number {
    pub negative: bool,
    digits: Vec<u8>,
    pub scale: usize,
}

fn trim(mut digits: Vec<u8>) -> Vec<u8> {
    while digits.last() == Some(&0) {
        digits.pop();
    }
    digits
}

fn order(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

fn plus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(a.len().max(b.len()) + 1);
    let mut carry = 0;
    for at in 0..a.len().max(b.len()) {
        let sum = a.get(at).unwrap_or(&0) + b.get(at).unwrap_or(&0) + carry;
        out.push(sum % 10);
        carry = sum / 10;
    }
    out.push(carry);
    trim(out)
}

/// a - b, where a is not the smaller one.
fn minus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(a.len());
    let mut borrow = 0;
    for (at, digit) in a.iter().enumerate() {
        let take = b.get(at).unwrap_or(&0) + borrow;
        borrow = u8::from(*digit < take);
        out.push(digit + 10 * borrow - take);
    }
    trim(out)
}

fn times(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut out = vec![0u32; a.len() + b.len() + 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            if let Some(place) = out.get_mut(i + j) {
                *place += u32::from(*x) * u32::from(*y);
            }
        }
    }
    let mut carry = 0;
    let digits = out.into_iter().map(|n| {
        let sum = n + carry;
        carry = sum / 10;
        (sum % 10) as u8
    });
    trim(digits.collect())
}

fn divided(a: &[u8], b: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut out, mut rest) = (Vec::with_capacity(a.len()), Vec::new());
    for digit in a.iter().rev() {
        rest.insert(0, *digit);
        rest = trim(rest);
        let mut count = 0;
        while order(&rest, b) != Ordering::Less {
            rest = minus(&rest, b);
            count += 1;
        }
        out.insert(0, count);
    }
    (trim(out), rest)
}

impl Number {
    pub(super) fn new(n: i64) -> Number {
        let digits = n.unsigned_abs().to_string().bytes().rev().map(|b| b - b'0').collect();
        Number { negative: n < 0, digits: trim(digits), scale: 0 }
    }
    pub(super) fn flag(yes: bool) -> Number {
        Number::new(i64::from(yes))
    }
    /// Reads digits in a base.
    pub(super) fn read(text: &str, base: u32) -> Number {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        if base == 10 {
            let digits = part.bytes().rev().chain(whole.bytes().rev()).map(|b| (b - b'0').min(9)).collect();
            return Number { negative: false, digits: trim(digits), scale: part.len() };
        }
        let base = Number::new(i64::from(base));
        let mut out = Number::default();
        for c in whole.chars() {
            let digit = i64::from(c.to_digit(36).unwrap_or(0));
            out = out.mul(&base, 0).add(&Number::new(digit));
        }
        out
    }
    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }
    pub(super) fn is_too_long(&self) -> bool {
        self.digits.len() > DIGITS
    }
    /// Digits in all, as `length` counts them.
    pub(super) fn length(&self) -> usize {
        self.digits.len().max(self.scale).max(1)
    }
    pub(super) fn to_int(&self) -> i64 {
        let whole = self.cut(0);
        let text: String = whole.digits.iter().rev().take(18).map(|d| char::from(b'0' + d)).collect();
        let n = text.parse::<i64>().unwrap_or(0);
        if self.negative { -n } else { n }
    }
    /// The same value with another scale; digits beyond it are cut off.
    pub(super) fn cut(&self, scale: usize) -> Number {
        let digits = if scale >= self.scale {
            let mut digits = vec![0; scale - self.scale];
            digits.extend(&self.digits);
            trim(digits)
        } else {
            self.digits.get(self.scale - scale..).unwrap_or(&[]).to_vec()
        };
        Number { negative: self.negative && !digits.is_empty(), digits, scale }
    }
    pub(super) fn negated(&self) -> Number {
        Number { negative: !self.negative && !self.is_zero(), ..self.clone() }
    }
    pub(super) fn add(&self, other: &Number) -> Number {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.cut(scale), other.cut(scale));
        let (negative, digits) = match (a.negative == b.negative, order(&a.digits, &b.digits)) {
            (true, _) => (a.negative, plus(&a.digits, &b.digits)),
            (false, Ordering::Less) => (b.negative, minus(&b.digits, &a.digits)),
            (false, _) => (a.negative, minus(&a.digits, &b.digits)),
        };
        Number { negative: negative && !digits.is_empty(), digits, scale }
    }
    pub(super) fn mul(&self, other: &Number, scale: usize) -> Number {
        let all = self.scale + other.scale;
        let kept = all.min(scale.max(self.scale).max(other.scale));
        let digits = times(&self.digits, &other.digits);
        let negative = self.negative != other.negative && !digits.is_empty();
        Number { negative, digits, scale: all }.cut(kept)
    }
    /// None for a division by zero.
    pub(super) fn div(&self, other: &Number, scale: usize) -> Option<Number> {
        if other.is_zero() {
            return None;
        }
        let a = self.cut(scale + other.scale);
        let (digits, _) = divided(&a.digits, &other.digits);
        let negative = self.negative != other.negative && !digits.is_empty();
        Some(Number { negative, digits, scale })
    }
    /// a - (a / b) * b at this scale.
    pub(super) fn rem(&self, other: &Number, scale: usize) -> Option<Number> {
        let part = self.div(other, scale)?.mul(other, scale + other.scale);
        let scale = self.scale.max(scale + other.scale);
        Some(self.cut(scale).add(&part.negated()))
    }
    pub(super) fn pow(&self, power: i64, scale: usize) -> Option<Number> {
        let mut out = Number::new(1);
        let kept = (self.scale.saturating_mul(power.unsigned_abs() as usize)).min(scale.max(self.scale));
        for _ in 0..power.unsigned_abs() {
            out = out.mul(self, usize::MAX / 2);
            if out.is_too_long() {
                return None;
            }
        }
        if power < 0 { Number::new(1).div(&out, scale) } else { Some(out.cut(kept)) }
    }
    pub(super) fn sqrt(&self, scale: usize) -> Option<Number> {
        if self.negative {
            return None;
        }
        let scale = scale.max(self.scale);
        // The root of the digits as a whole number, one digit more at a time.
        let square = self.cut(2 * scale);
        let half = square.digits.len().div_ceil(2);
        let mut root = vec![0u8; half];
        for at in (0..half).rev() {
            for digit in (1..=9).rev() {
                if let Some(place) = root.get_mut(at) {
                    *place = digit;
                }
                let tried = trim(root.clone());
                if order(&times(&tried, &tried), &square.digits) != Ordering::Greater {
                    break;
                }
                if let Some(place) = root.get_mut(at) {
                    *place = 0;
                }
            }
        }
        Some(Number { negative: false, digits: trim(root), scale })
    }
    pub(super) fn compare(&self, other: &Number) -> Ordering {
        let rest = self.add(&other.negated());
        match (rest.is_zero(), rest.negative) {
            (true, _) => Ordering::Equal,
            (_, true) => Ordering::Less,
            _ => Ordering::Greater,
        }
    }
    /// As bc prints it in a base.
    pub(super) fn show(&self, base: u32) -> String {
        let sign = if self.negative { "-" } else { "" };
        if base == 10 {
            let mut digits: Vec<u8> = self.digits.clone();
            digits.resize(digits.len().max(self.scale), 0);
            let text: String = digits.iter().rev().map(|d| char::from(b'0' + d)).collect();
            let (whole, part) = text.split_at(text.len() - self.scale);
            let whole = if whole.is_empty() && part.is_empty() { "0" } else { whole };
            if self.is_zero() {
                return "0".into();
            }
            return if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") };
        }
        let (mut rest, mut out) = (self.cut(0).digits, String::new());
        let base_digits = Number::new(i64::from(base)).digits;
        while !rest.is_empty() {
            let (next, digit) = divided(&rest, &base_digits);
            let digit = digit.iter().rev().fold(0u32, |n, d| n * 10 + u32::from(*d));
            match char::from_digit(digit, 16).filter(|_| base <= 16) {
                Some(c) => out.insert(0, c.to_ascii_uppercase()),
                None => out.insert_str(0, &format!(" {digit:02}")),
            }
            rest = next;
        }
        if out.is_empty() { "0".into() } else { format!("{sign}{out}") }
    }
}
