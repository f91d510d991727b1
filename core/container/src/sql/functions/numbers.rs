//! Functions of numbers.

use super::*;

pub(super) fn numbers(env: &Env<'_>, name: &str, args: &[Datum], at: usize) -> Result<Datum, Fault> {
    let d = env.dialect;
    let first = args.first().cloned().unwrap_or(Datum::Null);
    let f = first.as_float();
    let number = |f: f64| if f.is_finite() { Datum::float(f) } else { Datum::Null };
    let places = args.get(1).and_then(Datum::as_int).unwrap_or(0).clamp(-30, 30);
    Ok(match name {
        "abs" => match first {
            Datum::Int(n) => Datum::Int(n.wrapping_abs()),
            Datum::Decimal(x) => {
                Datum::Decimal(crate::sql::decimal::Decimal { mantissa: x.mantissa.abs(), ..x })
            }
            other => Datum::float(other.as_float().abs()),
        },
        "ceil" | "ceiling" | "floor" => {
            let out = if name == "floor" { f.floor() } else { f.ceil() };
            match first {
                Datum::Float(_) if !d.is_mysql() => Datum::float(out),
                _ => Datum::Int(out as i64),
            }
        }
        "round" | "truncate" | "trunc" => match (&first, first.as_decimal()) {
            (Datum::Int(_), _) if places >= 0 => first,
            (Datum::Float(_), _) | (_, None) => {
                let scale = 10f64.powi(places as i32);
                let scaled = f * scale;
                number(if name == "round" { scaled.round() } else { scaled.trunc() } / scale)
            }
            (_, Some(x)) if places >= 0 => {
                let scale = places as u8;
                // MySQL keeps the digits there are.
                let scale = if d.is_mysql() { scale.min(x.scale) } else { scale };
                let out = if name == "round" { x.rescale(scale) } else { x.truncate(scale) };
                Datum::Decimal(out.ok_or_else(|| fault::out_of_range(d, name))?)
            }
            (_, Some(_)) => {
                let unit = 10f64.powi(-places as i32);
                Datum::Int(((f / unit).round() * unit) as i64)
            }
        },
        "mod" => crate::sql::eval::binary(
            env,
            crate::sql::ast::Op::Modulo,
            first,
            args.get(1).cloned().unwrap_or(Datum::Null),
        )?,
        "div" => crate::sql::eval::binary(
            env,
            crate::sql::ast::Op::Whole,
            first,
            args.get(1).cloned().unwrap_or(Datum::Null),
        )?,
        "power" | "pow" => number(f.powf(args.get(1).map_or(0.0, Datum::as_float))),
        "sqrt" => number(f.sqrt()),
        "sign" => Datum::Int(if f > 0.0 {
            1
        } else if f < 0.0 {
            -1
        } else {
            0
        }),
        "pi" => match d.is_mysql() {
            true => Datum::Decimal(crate::sql::decimal::Decimal { mantissa: 3_141_593, scale: 6 }),
            false => Datum::float(std::f64::consts::PI),
        },
        "exp" => number(f.exp()),
        "ln" => number(f.ln()),
        "log" if args.len() > 1 => number(args.get(1).map_or(0.0, Datum::as_float).log(f)),
        "log" => number(if d.is_mysql() { f.ln() } else { f.log10() }),
        "log10" => number(f.log10()),
        "log2" => number(f.log2()),
        "rand" | "random" => Datum::float((env.draw() >> 11) as f64 / (1u64 << 53) as f64),
        "format" => {
            let text = first
                .as_decimal()
                .and_then(|x| x.rescale(places.max(0) as u8))
                .map_or_else(|| first.shown(d), |x| x.to_string());
            let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(w, f)| (w, Some(f)));
            let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |w| ("-", w));
            let grouped: String = digits
                .chars()
                .enumerate()
                .flat_map(|(n, c)| {
                    let comma = n > 0 && (digits.len() - n).is_multiple_of(3);
                    comma.then_some(',').into_iter().chain(std::iter::once(c))
                })
                .collect();
            Datum::text(&format!("{sign}{grouped}{}", fraction.map(|f| format!(".{f}")).unwrap_or_default()))
        }
        _ => return Err(unknown(env, name, &[], at)),
    })
}
