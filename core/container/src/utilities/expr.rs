//! expr: arithmetic, comparison, `:`, match, length, substr, index.

use super::regex;
use super::support::{own_name, usage};
use crate::sys::Sys;
use std::sync::Arc;

struct Eval<'a> {
    words: &'a [Arc<str>],
    at: usize,
    depth: usize,
}

impl Eval<'_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(|w| &**w)
    }
    fn level(&mut self, level: usize) -> Result<String, String> {
        const LEVELS: [&[&str]; 6] =
            [&["|"], &["&"], &["<", "<=", "=", "==", "!=", ">=", ">"], &["+", "-"], &["*", "/", "%"], &[":"]];
        let Some(operators) = LEVELS.get(level) else { return self.primary() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.peek().filter(|p| operators.contains(p)).map(String::from) {
            self.at += 1;
            let right = self.level(level + 1)?;
            left = apply(&operator, &left, &right)?;
        }
        Ok(left)
    }
    fn primary(&mut self) -> Result<String, String> {
        self.depth += 1;
        if self.depth > 100 {
            return Err("syntax error".into());
        }
        let word = self.peek().map(String::from);
        self.at += 1;
        let last = self.at.checked_sub(2).and_then(|a| self.words.get(a)).map_or("", |w| w).to_string();
        let word = word.ok_or_else(|| format!("syntax error: missing argument after '{last}'"))?;
        let out = match word.as_str() {
            "(" => {
                let inner = self.level(0)?;
                if self.peek() != Some(")") {
                    return Err(format!(
                        "syntax error: expecting ')' instead of '{}'",
                        self.peek().unwrap_or("")
                    ));
                }
                self.at += 1;
                inner
            }
            "length" => self.primary()?.chars().count().to_string(),
            "match" => {
                let text = self.primary()?;
                let pattern = self.primary()?;
                apply(":", &text, &pattern)?
            }
            "index" => {
                let text = self.primary()?;
                let set = self.primary()?;
                text.chars().position(|c| set.contains(c)).map_or(0, |p| p + 1).to_string()
            }
            "substr" => {
                let text = self.primary()?;
                let from: usize = self.primary()?.parse().unwrap_or(0);
                let size: usize = self.primary()?.parse().unwrap_or(0);
                if from == 0 { String::new() } else { text.chars().skip(from - 1).take(size).collect() }
            }
            _ => word,
        };
        self.depth -= 1;
        Ok(out)
    }
}

fn is_null(text: &str) -> bool {
    text.is_empty() || text.parse::<i64>() == Ok(0)
}

fn apply(operator: &str, left: &str, right: &str) -> Result<String, String> {
    let numbers = || -> Result<(i64, i64), String> {
        let parse = |t: &str| t.parse::<i64>().map_err(|_| "non-integer argument".to_string());
        Ok((parse(left)?, parse(right)?))
    };
    let truth = |t: bool| Ok(i32::from(t).to_string());
    match operator {
        "|" => Ok(if is_null(left) {
            if is_null(right) { "0".into() } else { right.into() }
        } else {
            left.into()
        }),
        "&" => Ok(if is_null(left) || is_null(right) { "0".into() } else { left.into() }),
        ":" => {
            let compiled = regex::compile(&format!("^(?:{})", regex::basic(right)), false)?;
            let has_group = right.contains("\\(");
            Ok(match compiled.captures(left) {
                Some(found) if has_group => found.get(1).map_or(String::new(), |m| m.as_str().to_string()),
                Some(found) => found.get(0).map_or(0, |m| m.as_str().chars().count()).to_string(),
                None if has_group => String::new(),
                None => "0".into(),
            })
        }
        "<" | "<=" | "=" | "==" | "!=" | ">=" | ">" => {
            let order = match numbers() {
                Ok((a, b)) => a.cmp(&b),
                Err(_) => left.cmp(right),
            };
            truth(match operator {
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                "!=" => order.is_ne(),
                ">=" => order.is_ge(),
                ">" => order.is_gt(),
                _ => order.is_eq(),
            })
        }
        _ => {
            let (a, b) = numbers()?;
            if b == 0 && matches!(operator, "/" | "%") {
                return Err("division by zero".into());
            }
            let value = match operator {
                "+" => a.checked_add(b),
                "-" => a.checked_sub(b),
                "*" => a.checked_mul(b),
                "/" => a.checked_div(b),
                _ => a.checked_rem(b),
            };
            value.map(|v| v.to_string()).ok_or_else(|| "integer result is too large".into())
        }
    }
}

pub fn expr(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let words: Vec<Arc<str>> = args.iter().skip(1).cloned().collect();
    if words.is_empty() {
        return usage(sys, 2, "missing operand");
    }
    let mut eval = Eval { words: &words, at: 0, depth: 0 };
    let outcome = eval.level(0);
    let own = own_name(sys);
    match outcome {
        Ok(text) if eval.at >= words.len() => {
            sys.print(&format!("{text}\n"));
            i32::from(is_null(&text))
        }
        Ok(_) => {
            let extra = words.get(eval.at).cloned().unwrap_or_default();
            sys.eprint(&format!("{own}: syntax error: unexpected argument '{extra}'\n"));
            2
        }
        Err(text) => {
            sys.eprint(&format!("{own}: {text}\n"));
            2
        }
    }
}
