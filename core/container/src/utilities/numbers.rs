//! Numbers and order: factor, tsort, cal.

use super::filter::{Start, ended, gathering, options};
use super::support::{Flavor, Spec, done, flavor};
use crate::sys::Sys;
use drydock_machinery::time::Timestamp;
use std::collections::BTreeMap;

/// Prime factors by trial division; numbers above 10^14 are refused, whose smallest factor may be far away.
fn factors(mut n: u64) -> Vec<u64> {
    let mut out = Vec::new();
    let mut by = 2u64;
    while by * by <= n {
        while n.is_multiple_of(by) {
            out.push(by);
            n /= by;
        }
        by += if by == 2 { 1 } else { 2 };
    }
    if n > 1 {
        out.push(n);
    }
    out
}

fn factor_one(sys: &mut Sys<'_>, word: &str) -> i32 {
    match word.parse::<u64>() {
        Ok(n) if n <= 100_000_000_000_000 => {
            let list: String = factors(n).iter().map(|f| format!(" {f}")).collect();
            sys.print(&format!("{n}:{list}\n"));
            0
        }
        Ok(_) => done(sys, 1, &format!("'{word}' is too large for this sandbox")),
        Err(_) if flavor(sys) == Flavor::Busybox => done(sys, 1, &format!("invalid number '{word}'")),
        Err(_) => done(sys, 1, &format!("'{word}' is not a valid positive integer")),
    }
}

pub fn factor(sys: &mut Sys<'_>) -> Start {
    let opts = options!(sys, Spec { short: "h", long: &[("exponents", 'h')], code: 1 });
    if opts.args.is_empty() {
        return gathering(opts, &[], |sys, _, data| {
            let text = String::from_utf8_lossy(data).into_owned();
            text.split_whitespace().fold(0, |code, word| code.max(factor_one(sys, word)))
        });
    }
    let mut code = 0;
    for word in opts.args {
        code = code.max(factor_one(sys, &word));
    }
    ended(code)
}

pub fn tsort(sys: &mut Sys<'_>) -> Start {
    let opts = options!(sys, Spec { short: "", long: &[], code: 1 });
    let files = opts.args.clone();
    gathering(opts, &files, |sys, opts, data| {
        let text = String::from_utf8_lossy(data).into_owned();
        let words: Vec<&str> = text.split_whitespace().collect();
        let input = opts.args.first().map_or("-", |a| a).to_string();
        if words.len() % 2 == 1 {
            return done(sys, 1, &format!("{input}: input contains an odd number of tokens"));
        }
        let mut before: BTreeMap<&str, usize> = BTreeMap::new();
        let mut after: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut order: Vec<&str> = Vec::new();
        for pair in words.chunks(2) {
            let [a, b] = pair else { continue };
            for word in [a, b] {
                if !before.contains_key(word) {
                    before.insert(word, 0);
                    order.push(word);
                }
            }
            if a != b {
                after.entry(a).or_default().push(b);
                *before.entry(b).or_default() += 1;
            }
        }
        let mut ready: std::collections::VecDeque<&str> =
            order.iter().copied().filter(|w| before.get(w) == Some(&0)).collect();
        let (mut out, mut count) = (String::new(), 0);
        while let Some(word) = ready.pop_front() {
            out.push_str(&format!("{word}\n"));
            count += 1;
            for next in after.get(word).into_iter().flatten() {
                if let Some(left) = before.get_mut(next) {
                    *left -= 1;
                    if *left == 0 {
                        ready.push_back(next);
                    }
                }
            }
        }
        sys.print(&out);
        if count < order.len() {
            return done(sys, 1, &format!("{input}: input contains a loop:"));
        }
        0
    })
}

pub fn cal(sys: &mut Sys<'_>) -> i32 {
    use drydock_machinery::time::MONTHS;
    let args = sys.args();
    let words: Vec<i64> = args.iter().skip(1).filter_map(|a| a.parse().ok()).collect();
    let now = Timestamp(sys.unix()).civil();
    let months: Vec<(u32, i64)> = match words.as_slice() {
        [] => vec![(now.month, now.year)],
        [year] => (1..=12).map(|m| (m, *year)).collect(),
        [month, year, ..] => vec![(u32::try_from(*month).unwrap_or(0), *year)],
    };
    for (month, year) in months {
        let Some(name) = MONTHS.get((month as usize).wrapping_sub(1)) else {
            return done(sys, 1, "illegal month value: use 1-12");
        };
        if !(1..=9999).contains(&year) {
            return done(sys, 1, "illegal year value: use 1-9999");
        }
        let start = Timestamp::from_civil(year, month, 1, 0, 0, 0).0;
        let (next_month, next_year) = if month == 12 { (1, year + 1) } else { (month + 1, year) };
        let days = (Timestamp::from_civil(next_year, next_month, 1, 0, 0, 0).0 - start) / 86_400;
        // 1 January 1970 was a Thursday.
        let first = (start.div_euclid(86_400) + 4).rem_euclid(7);
        let title = format!("{name} {year}");
        let mut out = format!("{:>1$}\nSu Mo Tu We Th Fr Sa\n", title, (20 + title.len()) / 2);
        let mut line = "   ".repeat(first as usize);
        for day in 1..=days {
            line.push_str(&format!("{day:>2} "));
            if (first + day) % 7 == 0 || day == days {
                out.push_str(&format!("{}\n", line.trim_end()));
                line.clear();
            }
        }
        sys.print(&out);
    }
    0
}
