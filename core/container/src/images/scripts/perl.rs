//! perl's one course job, the digits of pi.

use super::text::literal;
use crate::machine::{Machine, Once};
use crate::sys::Sys;

/// perl: `-Mbignum=bpi -wle 'print bpi(N)'` and prints of a text.
pub fn perl(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    if args.iter().any(|a| matches!(&**a, "-v" | "--version")) {
        sys.print("\nThis is perl 5, version 40, subversion 3 (v5.40.3) built for x86_64-linux-gnu\n\n");
        return Box::new(Once(|_| 0));
    }
    let code = args.iter().skip(1).find(|a| !a.starts_with('-')).cloned().unwrap_or_default();
    if let Some(digits) = code
        .split_once("bpi(")
        .and_then(|c| c.1.split(')').next())
        .and_then(|n| n.trim().parse::<usize>().ok())
    {
        let text = pi(digits.clamp(1, 10_000));
        sys.print(&format!("{text}\n"));
        return Box::new(Once(|_| 0));
    }
    if let Some(text) = code.strip_prefix("print ").and_then(literal) {
        let end = if args.iter().any(|a| a.starts_with('-') && a.contains('l')) { "\n" } else { "" };
        sys.print(&(text + end));
        return Box::new(Once(|_| 0));
    }
    if code.is_empty() && !args.iter().any(|a| a.contains('d')) {
        return Box::new(Once(|_| 0));
    }
    sys.eprint("perl: this sandbox knows the digits of pi and prints of a text only\n");
    Box::new(Once(|_| 1))
}

/// So many significant digits of pi, the last one rounded: Machin's formula in limbs of nine digits.
fn pi(digits: usize) -> String {
    const BASE: u64 = 1_000_000_000;
    let limbs = digits / 9 + 4;
    // arctan(1/x) times `factor`, as limbs after the point.
    let arctan = |x: u64, factor: u64| -> Vec<u64> {
        let divide = |n: &mut [u64], by: u64| {
            let mut rest = 0u64;
            for limb in n.iter_mut() {
                let now = rest * BASE + *limb;
                *limb = now / by;
                rest = now % by;
            }
        };
        let mut power = vec![0u64; limbs];
        if let Some(first) = power.first_mut() {
            *first = factor;
        }
        divide(&mut power, x);
        let mut sum = power.clone();
        let (mut n, mut plus) = (1u64, false);
        while power.iter().any(|l| *l != 0) {
            divide(&mut power, x * x);
            n += 2;
            let mut term = power.clone();
            divide(&mut term, n);
            if plus {
                add(&mut sum, &term)
            } else {
                subtract(&mut sum, &term)
            }
            plus = !plus;
        }
        sum
    };
    fn add(a: &mut [u64], b: &[u64]) {
        let mut carry = 0;
        for (x, y) in a.iter_mut().zip(b).rev() {
            let sum = *x + y + carry;
            *x = sum % BASE;
            carry = sum / BASE;
        }
    }
    fn subtract(a: &mut [u64], b: &[u64]) {
        let mut borrow = 0;
        for (x, y) in a.iter_mut().zip(b).rev() {
            let need = y + borrow;
            borrow = u64::from(*x < need);
            *x = *x + borrow * BASE - need;
        }
    }
    let mut value = arctan(5, 16);
    subtract(&mut value, &arctan(239, 4));
    let whole = value.first().copied().unwrap_or(3);
    let mut all: Vec<u8> =
        value.iter().skip(1).flat_map(|l| format!("{l:09}").into_bytes()).map(|b| b - b'0').collect();
    let keep = digits.saturating_sub(1);
    let up = all.get(keep).is_some_and(|d| *d >= 5);
    all.truncate(keep);
    if up {
        for digit in all.iter_mut().rev() {
            if *digit < 9 {
                *digit += 1;
                break;
            }
            *digit = 0;
        }
    }
    let tail: String = all.iter().map(|d| char::from(b'0' + d)).collect();
    if tail.is_empty() { whole.to_string() } else { format!("{whole}.{tail}") }
}

#[cfg(test)]
mod tests {
    use super::pi;

    #[test]
    fn pi_has_its_digits() {
        assert_eq!(pi(10), "3.141592654");
        assert_eq!(pi(51), "3.14159265358979323846264338327950288419716939937511");
        let long = pi(2000);
        assert_eq!(long.len(), 2001);
        assert!(long.starts_with("3.14159265358979323846264338327950288419716939937510582097494459230781"));
    }
}
