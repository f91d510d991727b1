//! `--sort-by`: rows or objects ordered by a JSONPath, with Go's own (unstable) `sort.Sort`, so that
//! equal keys come out in the same order as from the real kubectl.

use super::go_sort;
use crate::kubectl::Failure;
use drydock_machinery::{Quantity, Timestamp, Value, jsonpath};
use std::cmp::Ordering;

/// Sorts by the value each item's object has at `path`. Missing values come first.
///
/// # Errors
/// A path that is none, or that no object has.
pub fn sort_by<'v>(
    items: &'v [Value],
    path: &str,
    object: impl Fn(&'v Value) -> &'v Value,
) -> Result<Vec<Value>, Failure> {
    let spec = jsonpath::relaxed(path).map_err(|e| Failure::Message(e.to_string()))?;
    let template = jsonpath::Template::parse(&spec).map_err(|e| Failure::Message(e.to_string()))?;
    let keys: Vec<Option<Value>> = items
        .iter()
        .map(|i| template.find(object(i)).ok().and_then(|found| found.into_iter().next()))
        .collect();
    if !items.is_empty() && keys.iter().all(Option::is_none) {
        return Err(format!("couldn't find any field with path \"{spec}\" in the list of objects").into());
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    let key = |at: usize| keys.get(at).and_then(Option::as_ref);
    go_sort::sort(&mut order, &|a: &usize, b: &usize| less(key(*a), key(*b)));
    Ok(order.iter().filter_map(|at| items.get(*at)).cloned().collect())
}

fn less(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        // Also before another missing one: the real sorter never asks for the second then.
        (None, _) => true,
        (Some(_), None) => false,
        (Some(a), Some(b)) => compare(a, b) == Ordering::Less,
    }
}

fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => compare_texts(a, b),
            _ => Ordering::Equal,
        },
    }
}

/// Times as times, quantities as quantities, anything else in natural order.
fn compare_texts(a: &str, b: &str) -> Ordering {
    if let (Some(a), Some(b)) = (Timestamp::parse(a), Timestamp::parse(b)) {
        return a.cmp(&b);
    }
    if let (Ok(a), Ok(b)) = (Quantity::parse(a), Quantity::parse(b)) {
        return a.cmp(&b);
    }
    natural(a, b)
}

/// Digits compare by number: `a2` before `a10` (`fvbommel/sortorder`).
fn natural(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let (mut i, mut j) = (0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let run = |text: &[u8], from: usize| {
                let rest = text.get(from..).unwrap_or(&[]);
                let zeros = rest.iter().take_while(|c| **c == b'0').count();
                let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
                (from + zeros.min(digits), from + digits)
            };
            let ((ai, ae), (bi, be)) = (run(a, i), run(b, j));
            let by_length = (ae - ai).cmp(&(be - bi));
            let order = by_length.then_with(|| a.get(ai..ae).cmp(&b.get(bi..be)));
            if order != Ordering::Equal {
                return order;
            }
            // Of equal numbers the one with fewer leading zeros is smaller.
            let zeros = (ai - i).cmp(&(bi - j));
            if zeros != Ordering::Equal {
                return zeros;
            }
            (i, j) = (ae, be);
        } else if x != y {
            return x.cmp(y);
        } else {
            (i, j) = (i + 1, j + 1);
        }
    }
    (a.len() - i).cmp(&(b.len() - j))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn natural_order() {
        assert_eq!(natural("a2", "a10"), Ordering::Less);
        assert_eq!(natural("a10b", "a10a"), Ordering::Greater);
        assert_eq!(natural("abc", "abcd"), Ordering::Less);
    }
}
