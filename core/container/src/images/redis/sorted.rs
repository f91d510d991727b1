//! redis' sorted sets: members by score, equal scores by name.

use super::data::{Bytes, Data, Stored, not_integer, number, syntax, wrong_type};
use super::resp::Reply;
use drydock_machinery::sort::Arrange;
use imbl::OrdMap;

/// A score as redis prints it.
#[must_use]
pub fn score_text(bits: u64) -> String {
    let f = f64::from_bits(bits);
    match f.is_infinite() {
        true => if f > 0.0 { "inf" } else { "-inf" }.into(),
        false => format!("{f}"),
    }
}

fn score(word: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(word).ok()?.trim_start_matches('+');
    text.parse().ok().filter(|f: &f64| !f.is_nan())
}

fn not_float() -> Reply {
    Reply::Error("ERR value is not a valid float".into())
}

/// `(1.5`, `-inf`: a bound and whether it is left out.
fn bound(word: &[u8]) -> Result<(f64, bool), Reply> {
    let (open, word) = word.strip_prefix(b"(").map_or((false, word), |w| (true, w));
    let wrong = || Reply::Error("ERR min or max is not a float".into());
    score(word).map(|f| (f, open)).ok_or_else(wrong)
}

impl Data {
    /// The reply of a command on sorted sets; none for an unknown one.
    pub(super) fn sorted(&mut self, name: &str, args: &[Bytes]) -> Option<Result<Reply, Reply>> {
        let least = match name {
            "ZADD" | "ZINCRBY" | "ZCOUNT" | "ZRANGE" | "ZREVRANGE" | "ZRANGEBYSCORE" | "ZREVRANGEBYSCORE" => {
                3
            }
            "ZSCORE" | "ZRANK" | "ZREVRANK" | "ZREM" | "ZMSCORE" => 2,
            "ZCARD" | "ZPOPMIN" | "ZPOPMAX" => 1,
            _ => return None,
        };
        if args.len() < least {
            return Some(Err(Reply::Error(format!(
                "ERR wrong number of arguments for '{}' command",
                name.to_lowercase()
            ))));
        }
        Some(self.sorted_set(name, args))
    }
    fn sorted_set(&mut self, name: &str, args: &[Bytes]) -> Result<Reply, Reply> {
        let empty = Bytes::new();
        let arg = |n: usize| args.get(n).unwrap_or(&empty);
        let key = arg(0).clone();
        let mut map = match self.keys.get(&key) {
            None => OrdMap::new(),
            Some(Stored::Sorted(map)) => map.clone(),
            Some(_) => return Err(wrong_type()),
        };
        let mut ordered: Vec<(Bytes, f64)> =
            map.iter().map(|(m, s)| (m.clone(), f64::from_bits(*s))).collect();
        ordered.arrange_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
        let has = |word: &str| args.iter().any(|a| a.eq_ignore_ascii_case(word.as_bytes()));
        let shown = |list: &[(Bytes, f64)], scores: bool| {
            let words = list.iter().flat_map(|(m, s)| {
                let score = scores.then(|| score_text(s.to_bits()).into_bytes());
                std::iter::once(m.clone()).chain(score)
            });
            Reply::Many(words.map(Reply::Bulk).collect())
        };
        Ok(match name {
            "ZADD" => {
                let flags = args
                    .iter()
                    .skip(1)
                    .take_while(|a| {
                        ["NX", "XX", "GT", "LT", "CH", "INCR"]
                            .iter()
                            .any(|f| a.eq_ignore_ascii_case(f.as_bytes()))
                    })
                    .count();
                let pairs = args.get(1 + flags..).unwrap_or(&[]);
                if pairs.is_empty() || !pairs.len().is_multiple_of(2) {
                    return Err(syntax());
                }
                let (mut added, mut changed) = (0, 0);
                for pair in pairs.chunks(2) {
                    let [by, member] = pair else { continue };
                    let new = score(by).ok_or_else(not_float)?;
                    let old = map.get(member).map(|b| f64::from_bits(*b));
                    let skip = match old {
                        Some(o) => has("NX") || (has("GT") && new <= o) || (has("LT") && new >= o),
                        None => has("XX"),
                    };
                    if skip {
                        continue;
                    }
                    added += i64::from(old.is_none());
                    changed += i64::from(old != Some(new));
                    map.insert(member.clone(), new.to_bits());
                }
                self.keys.insert(key, Stored::Sorted(map));
                Reply::Number(if has("CH") { changed } else { added })
            }
            "ZINCRBY" => {
                let new = score(arg(1)).ok_or_else(not_float)?
                    + map.get(arg(2)).map_or(0.0, |b| f64::from_bits(*b));
                map.insert(arg(2).clone(), new.to_bits());
                self.keys.insert(key, Stored::Sorted(map));
                Reply::Bulk(score_text(new.to_bits()).into_bytes())
            }
            "ZREM" | "ZPOPMIN" | "ZPOPMAX" => {
                let count = args
                    .get(1)
                    .filter(|_| name != "ZREM")
                    .map_or(Some(1), |n| number(n))
                    .ok_or_else(not_integer)?
                    .max(0) as usize;
                if name == "ZPOPMAX" {
                    ordered.reverse();
                }
                let gone: Vec<(Bytes, f64)> = match name {
                    "ZREM" => {
                        ordered.into_iter().filter(|o| args.iter().skip(1).any(|a| *a == o.0)).collect()
                    }
                    _ => ordered.into_iter().take(count).collect(),
                };
                for (member, _) in &gone {
                    map.remove(member);
                }
                match map.is_empty() {
                    true => _ = self.keys.remove(&key),
                    false => _ = self.keys.insert(key, Stored::Sorted(map)),
                }
                if name == "ZREM" { Reply::Number(gone.len() as i64) } else { shown(&gone, true) }
            }
            "ZCARD" => Reply::Number(map.len() as i64),
            "ZSCORE" => map.get(arg(1)).map_or(Reply::Nil, |b| Reply::Bulk(score_text(*b).into_bytes())),
            "ZMSCORE" => Reply::Many(
                args.iter()
                    .skip(1)
                    .map(|m| map.get(m).map_or(Reply::Nil, |b| Reply::Bulk(score_text(*b).into_bytes())))
                    .collect(),
            ),
            "ZRANK" | "ZREVRANK" => {
                if name == "ZREVRANK" {
                    ordered.reverse();
                }
                ordered.iter().position(|o| o.0 == *arg(1)).map_or(Reply::Nil, |n| Reply::Number(n as i64))
            }
            "ZCOUNT" | "ZRANGEBYSCORE" | "ZREVRANGEBYSCORE" => {
                let back = name == "ZREVRANGEBYSCORE";
                let (low, high) =
                    if back { (bound(arg(2))?, bound(arg(1))?) } else { (bound(arg(1))?, bound(arg(2))?) };
                let within = |s: f64| {
                    (if low.1 { s > low.0 } else { s >= low.0 })
                        && (if high.1 { s < high.0 } else { s <= high.0 })
                };
                let mut found: Vec<(Bytes, f64)> = ordered.into_iter().filter(|o| within(o.1)).collect();
                if back {
                    found.reverse();
                }
                if name == "ZCOUNT" {
                    return Ok(Reply::Number(found.len() as i64));
                }
                shown(&found, has("WITHSCORES"))
            }
            _ => {
                if name == "ZREVRANGE" || has("REV") {
                    ordered.reverse();
                }
                let at = |n: usize| {
                    number(arg(n))
                        .map(|i| if i < 0 { i + ordered.len() as i64 } else { i })
                        .ok_or_else(not_integer)
                };
                let (from, to) = (at(1)?.max(0) as usize, (at(2)? + 1).max(0) as usize);
                let part: Vec<(Bytes, f64)> =
                    ordered.into_iter().skip(from).take(to.saturating_sub(from)).collect();
                shown(&part, has("WITHSCORES"))
            }
        })
    }
}
