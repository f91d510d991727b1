//! Operators, casts and calendar arithmetic.

use super::*;

/// # Errors
/// Of a value that is none of the type.
pub fn cast(d: Dialect, value: Datum, to: &Type) -> Evaluated<Datum> {
    if d.is_mysql() {
        // MySQL's casts take what they can.
        return Ok(match to {
            Type::Int { .. } => Datum::Int(value.as_int().unwrap_or(0)).null_if(value.is_null()),
            Type::Decimal(size) => {
                let decimal = value
                    .as_decimal()
                    .or_else(|| Decimal::parse(crate::sql::datum::leading_number(&value.shown(d))));
                let scale = size.map_or(0, |s| s.1);
                Datum::Decimal(decimal.and_then(|x| x.rescale(scale)).unwrap_or(Decimal::of(0)))
                    .null_if(value.is_null())
            }
            to => to.take(d, value, "", 1).unwrap_or(Datum::Null),
        });
    }
    match (to, &value) {
        (Type::Char(n) | Type::Varchar(Some(n)), v) if !v.is_null() => Ok(Datum::text(
            &TEXT.take(d, value, "", 1)?.shown(d).chars().take(*n as usize).collect::<String>(),
        )),
        (Type::Int { .. }, Datum::Text(t)) if t.trim().parse::<i64>().is_err() => {
            Err(fault::postgres("22P02", &format!("invalid input syntax for type {}: \"{t}\"", to.shown(d))))
        }
        (Type::Text("regclass" | "name"), _) => Ok(value),
        _ => to.take(d, value, "", 1),
    }
}

/// # Errors
/// As the operator.
pub fn binary(env: &Env<'_>, op: Op, a: Datum, b: Datum) -> Evaluated<Datum> {
    let d = env.dialect;
    if op == Op::Same {
        return Ok(Datum::truth(
            d,
            (a.is_null() && b.is_null()) || a.compare(&b, d) == Some(Ordering::Equal),
        ));
    }
    if a.is_null() || b.is_null() {
        return Ok(Datum::Null);
    }
    if matches!(op, Op::Equal | Op::Differs | Op::Less | Op::LessEqual | Op::Greater | Op::GreaterEqual) {
        strict(d, &a, &b)?;
    }
    let test = |hit: fn(Ordering) -> bool| a.compare(&b, d).map_or(Datum::Null, |o| Datum::truth(d, hit(o)));
    Ok(match op {
        Op::Equal if matches!((&a, &b), (Datum::Text(_), Datum::Text(_))) && !d.is_mysql() => {
            Datum::Bool(a == b)
        }
        Op::Equal => test(Ordering::is_eq),
        Op::Differs => test(Ordering::is_ne),
        Op::Less => test(Ordering::is_lt),
        Op::LessEqual => test(Ordering::is_le),
        Op::Greater => test(Ordering::is_gt),
        Op::GreaterEqual => test(Ordering::is_ge),
        Op::Xor => Datum::truth(d, a.as_truth() != b.as_truth()),
        Op::Concat => Datum::text(&format!("{}{}", text_of(&a, d), text_of(&b, d))),
        Op::BitAnd | Op::BitOr | Op::ShiftLeft | Op::ShiftRight => {
            let (a, b) = (a.as_int().unwrap_or(0), b.as_int().unwrap_or(0));
            Datum::Int(match op {
                Op::BitAnd => a & b,
                Op::BitOr => a | b,
                Op::ShiftLeft => u32::try_from(b).ok().and_then(|b| a.checked_shl(b)).unwrap_or(0),
                _ => u32::try_from(b).ok().and_then(|b| a.checked_shr(b)).unwrap_or(0),
            })
        }
        Op::Arrow | Op::ArrowText => functions::arrow(d, &a, &b, op == Op::ArrowText),
        _ => arithmetic(d, op, a, b)?,
    })
}

/// PostgreSQL reads a text in quotes as the type on the other side.
pub(super) fn strict(d: Dialect, a: &Datum, b: &Datum) -> Evaluated<()> {
    if d.is_mysql() {
        return Ok(());
    }
    for (a, b) in [(a, b), (b, a)] {
        if let (Datum::Text(_), Datum::Int(_) | Datum::Bool(_) | Datum::Date(_) | Datum::Stamp { .. }) =
            (a, b)
        {
            cast(d, a.clone(), &Type::of(b))?;
        }
    }
    Ok(())
}

/// The text `||` and concat make of a value.
#[must_use]
pub fn text_of(value: &Datum, d: Dialect) -> String {
    match value {
        Datum::Bool(b) => b.to_string(),
        other => other.shown(d),
    }
}

pub(super) fn arithmetic(d: Dialect, op: Op, a: Datum, b: Datum) -> Evaluated<Datum> {
    if let Some(time) = calendar(d, op, &a, &b) {
        return Ok(time);
    }
    if !d.is_mysql() {
        let like = |y: &Datum| if y.is_number() { Type::of(y) } else { INT };
        if let Datum::Text(_) = a {
            let number = cast(d, a, &like(&b))?;
            return arithmetic(d, op, number, b);
        }
        if let Datum::Text(_) = b {
            let number = cast(d, b, &like(&a))?;
            return arithmetic(d, op, a, number);
        }
    }
    let overflow = || fault::out_of_range(d, op.sign());
    let floating = matches!(a, Datum::Float(_))
        || matches!(b, Datum::Float(_))
        || op == Op::Power
        || (d.is_mysql() && (matches!(a, Datum::Text(_)) || matches!(b, Datum::Text(_))));
    let zero = b.as_float() == 0.0;
    if zero && matches!(op, Op::Divide | Op::Modulo | Op::Whole) {
        return if d.is_mysql() { Ok(Datum::Null) } else { Err(fault::division(d)) };
    }
    if floating {
        let (a, b) = (a.as_float(), b.as_float());
        let f = match op {
            Op::Plus => a + b,
            Op::Minus => a - b,
            Op::Times => a * b,
            Op::Divide => a / b,
            Op::Modulo => a % b,
            Op::Power => a.powf(b),
            _ => return Ok(Datum::Int((a / b) as i64)),
        };
        return if f.is_finite() { Ok(Datum::float(f)) } else { Err(overflow()) };
    }
    if let (Datum::Int(x), Datum::Int(y)) = (&a, &b) {
        let (x, y) = (*x, *y);
        let n = match op {
            Op::Plus => x.checked_add(y),
            Op::Minus => x.checked_sub(y),
            Op::Times => x.checked_mul(y),
            Op::Modulo => x.checked_rem(y),
            Op::Whole => x.checked_div(y),
            Op::Divide if !d.is_mysql() => x.checked_div(y),
            _ => return decimal_quotient(d, Decimal::of(x), Decimal::of(y)).ok_or_else(overflow),
        };
        return n.map(Datum::Int).ok_or_else(overflow);
    }
    let (x, y) = (a.as_decimal().unwrap_or(Decimal::of(0)), b.as_decimal().unwrap_or(Decimal::of(0)));
    let out = match op {
        Op::Plus => x.plus(y),
        Op::Minus => x.minus(y),
        Op::Times => x.times(y),
        Op::Modulo => x.remainder(y),
        Op::Whole => {
            return x.divided(y, 4).and_then(|q| q.truncate(0)?.whole()).map(Datum::Int).ok_or_else(overflow);
        }
        _ => return decimal_quotient(d, x, y).ok_or_else(overflow),
    };
    out.map(Datum::Decimal).ok_or_else(overflow)
}

/// A quotient with the digits the dialect gives it: four more than the dividend has in MySQL.
#[must_use]
pub fn decimal_quotient(d: Dialect, a: Decimal, b: Decimal) -> Option<Datum> {
    let scale = if d.is_mysql() { (a.scale + 4).min(30) } else { a.quotient_scale(b) };
    a.divided(b, scale).map(Datum::Decimal)
}

/// Dates, times and intervals.
pub(super) fn calendar(d: Dialect, op: Op, a: &Datum, b: &Datum) -> Option<Datum> {
    let sign = if op == Op::Minus { -1 } else { 1 };
    if !matches!(op, Op::Plus | Op::Minus) {
        return match (a, b) {
            (Datum::Interval { months, micros }, n) if op == Op::Times && n.is_number() => {
                let f = n.as_float();
                Some(Datum::Interval {
                    months: (*months as f64 * f) as i64,
                    micros: (*micros as f64 * f) as i64,
                })
            }
            (n, Datum::Interval { .. }) if op == Op::Times && n.is_number() => calendar(d, op, b, a),
            _ => None,
        };
    }
    match (a, b) {
        (Datum::Interval { months: m, micros: u }, Datum::Interval { months, micros }) => {
            Some(Datum::Interval { months: m + sign * months, micros: u + sign * micros })
        }
        (Datum::Interval { .. }, _) if op == Op::Plus => calendar(d, op, b, a),
        (_, Datum::Interval { months, micros }) => {
            if let Datum::Time(t) = a {
                return Some(Datum::Time(t + sign * micros));
            }
            let start = match a.as_micros() {
                Some(start) => start,
                None => return Some(Datum::Null),
            };
            let moved = add_months(start, sign * months).checked_add(sign * micros)?;
            Some(match a {
                Datum::Date(_) if d.is_mysql() && micros % DAY == 0 => Datum::Date(moved.div_euclid(DAY)),
                Datum::Stamp { zone, digits, .. } => {
                    Datum::Stamp { micros: moved, zone: *zone, digits: *digits }
                }
                // MySQL keeps a text's own form.
                Datum::Text(t) if d.is_mysql() && t.len() <= 10 && micros % DAY == 0 => {
                    Datum::text(&crate::sql::datum::date_text(moved.div_euclid(DAY)))
                }
                Datum::Text(_) if d.is_mysql() => {
                    Datum::text(&Datum::Stamp { micros: moved, zone: false, digits: 0 }.shown(d))
                }
                _ => Datum::Stamp { micros: moved, zone: false, digits: 0 },
            })
        }
        (Datum::Date(x), Datum::Date(y)) if op == Op::Minus && !d.is_mysql() => Some(Datum::Int(x - y)),
        (Datum::Date(x), Datum::Int(n)) if !d.is_mysql() => Some(Datum::Date(x + sign * n)),
        (Datum::Int(n), Datum::Date(x)) if !d.is_mysql() && op == Op::Plus => Some(Datum::Date(x + n)),
        (Datum::Stamp { .. } | Datum::Date(_), Datum::Stamp { .. } | Datum::Date(_))
            if op == Op::Minus && !d.is_mysql() =>
        {
            Some(Datum::Interval { months: 0, micros: a.as_micros()? - b.as_micros()? })
        }
        _ => None,
    }
}
