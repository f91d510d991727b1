//! `test`, `[` and `[[ … ]]`: files, strings and numbers.

use super::Dialect;
use super::ast::{Test, Word};
use super::expand::{Expanded, Halt};
use super::glob;
use super::state::Shell;
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use std::sync::Arc;

/// Who evaluates: the wording of complaints differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    Bash,
    Dash,
    Ash,
}

impl From<Dialect> for Voice {
    fn from(dialect: Dialect) -> Voice {
        match dialect {
            Dialect::Bash => Voice::Bash,
            Dialect::Dash => Voice::Dash,
            Dialect::Ash => Voice::Ash,
        }
    }
}

/// A unary file or string test.
pub fn unary(sys: &mut Sys<'_>, operator: char, operand: &str) -> Option<bool> {
    let stat = |sys: &mut Sys<'_>| sys.stat(operand).ok();
    let kind = |sys: &mut Sys<'_>, kind: FileKind| sys.stat(operand).is_ok_and(|s| s.kind == kind);
    Some(match operator {
        'e' | 'a' => stat(sys).is_some(),
        'f' => kind(sys, FileKind::File),
        'd' => kind(sys, FileKind::Directory),
        'c' => kind(sys, FileKind::Device),
        'b' | 'p' | 'S' => false,
        'h' | 'L' => sys.lstat(operand).is_ok_and(|s| s.kind == FileKind::Symlink),
        'r' => stat(sys).is_some() && sys.may(operand, 4),
        'w' => stat(sys).is_some() && sys.may(operand, 2),
        'x' => stat(sys).is_some() && sys.may(operand, 1),
        's' => stat(sys).is_some_and(|s| s.size > 0),
        'z' => operand.is_empty(),
        'n' => !operand.is_empty(),
        't' => operand.trim().parse::<u32>().is_ok_and(|fd| sys.is_tty(fd)),
        'u' => stat(sys).is_some_and(|s| s.mode & 0o4000 != 0),
        'g' => stat(sys).is_some_and(|s| s.mode & 0o2000 != 0),
        'k' => stat(sys).is_some_and(|s| s.mode & 0o1000 != 0),
        'O' => stat(sys).is_some_and(|s| sys.process().is_some_and(|p| p.uid == s.uid)),
        'G' => stat(sys).is_some_and(|s| sys.process().is_some_and(|p| p.gid == s.gid)),
        'N' => stat(sys).is_some(),
        _ => return None,
    })
}

/// A number as `test` reads it.
fn number(text: &str, voice: Voice) -> Result<i64, String> {
    text.trim().parse::<i64>().map_err(|_| match voice {
        Voice::Bash => format!("{text}: integer expression expected"),
        Voice::Dash => format!("Illegal number: {text}"),
        Voice::Ash => format!("{text}: bad number"),
    })
}

/// A binary test on strings, numbers or files; none for an unknown operator.
pub fn binary(
    sys: &mut Sys<'_>,
    left: &str,
    operator: &str,
    right: &str,
    voice: Voice,
) -> Option<Result<bool, String>> {
    let numbers = |compare: fn(i64, i64) -> bool| {
        let left = number(left, voice)?;
        Ok(compare(left, number(right, voice)?))
    };
    let times = |sys: &mut Sys<'_>| {
        let left = sys.stat(left).ok().map(|s| s.mtime);
        (left, sys.stat(right).ok().map(|s| s.mtime))
    };
    Some(match operator {
        "=" | "==" => Ok(left == right),
        "!=" => Ok(left != right),
        "<" => Ok(left < right),
        ">" => Ok(left > right),
        "-eq" => numbers(|a, b| a == b),
        "-ne" => numbers(|a, b| a != b),
        "-lt" => numbers(|a, b| a < b),
        "-le" => numbers(|a, b| a <= b),
        "-gt" => numbers(|a, b| a > b),
        "-ge" => numbers(|a, b| a >= b),
        "-nt" => {
            let (left, right) = times(sys);
            Ok(left.is_some() && (right.is_some() || voice == Voice::Bash) && left > right)
        }
        "-ot" => {
            let (left, right) = times(sys);
            Ok(right.is_some() && (left.is_some() || voice == Voice::Bash) && left < right)
        }
        "-ef" => {
            let (left, right) = (sys.stat(left), sys.stat(right));
            Ok(matches!((left, right), (Ok(a), Ok(b)) if a.ino == b.ino && a.device == b.device))
        }
        _ => return None,
    })
}

fn is_binary(word: &str, voice: Voice) -> bool {
    (word != "==" || voice != Voice::Dash)
        && matches!(
            word,
            "=" | "=="
                | "!="
                | "<"
                | ">"
                | "-eq"
                | "-ne"
                | "-lt"
                | "-le"
                | "-gt"
                | "-ge"
                | "-nt"
                | "-ot"
                | "-ef"
        )
}

/// Evaluates the arguments of `test` (without the closing bracket).
///
/// # Errors
/// The complaint, without the command's name.
pub fn test(sys: &mut Sys<'_>, args: &[Arc<str>], voice: Voice) -> Result<bool, String> {
    let mut eval = Eval { sys, args, at: 0, voice, depth: 0 };
    // POSIX decides by the number of arguments first.
    match args {
        [] => return Ok(false),
        [one] => return Ok(!one.is_empty()),
        [not, one] if &**not == "!" => return Ok(one.is_empty()),
        [operator, operand] => {
            let flag = flag_of(operator);
            return match flag.and_then(|f| unary(eval.sys, f, operand)) {
                Some(truth) => Ok(truth),
                None => Err(match voice {
                    Voice::Bash => format!("{operator}: unary operator expected"),
                    Voice::Dash => format!("{operator}: unexpected operator"),
                    Voice::Ash => format!("{operand}: unknown operand"),
                }),
            };
        }
        [left, operator, right] if is_binary(operator, voice) => {
            return binary(eval.sys, left, operator, right, voice).unwrap_or(Ok(false));
        }
        [not, rest @ ..] if &**not == "!" && rest.len() <= 3 => {
            return test(eval.sys, rest, voice).map(|t| !t);
        }
        [open, one, close] if &**open == "(" && &**close == ")" => return Ok(!one.is_empty()),
        [left, operator, _] if !matches!(&**operator, "-a" | "-o") => {
            return Err(match voice {
                Voice::Bash => format!("{operator}: binary operator expected"),
                Voice::Dash => format!("{left}: unexpected operator"),
                Voice::Ash => format!("{operator}: unknown operand"),
            });
        }
        _ => {}
    }
    let truth = eval.or()?;
    match args.get(eval.at) {
        None => Ok(truth),
        Some(extra) => Err(match voice {
            Voice::Bash => "too many arguments".into(),
            Voice::Dash => {
                let last = eval.at.checked_sub(1).and_then(|at| args.get(at)).unwrap_or(extra);
                format!("{last}: unexpected operator")
            }
            Voice::Ash => format!("{extra}: unknown operand"),
        }),
    }
}

fn flag_of(word: &str) -> Option<char> {
    let mut chars = word.strip_prefix('-')?.chars();
    let flag = chars.next()?;
    chars.next().is_none().then_some(flag)
}

struct Eval<'a, 'm> {
    sys: &'a mut Sys<'m>,
    args: &'a [Arc<str>],
    at: usize,
    voice: Voice,
    depth: usize,
}

impl Eval<'_, '_> {
    fn peek(&self, ahead: usize) -> Option<&str> {
        self.args.get(self.at + ahead).map(|a| &**a)
    }
    fn or(&mut self) -> Result<bool, String> {
        let mut truth = self.and()?;
        while self.peek(0) == Some("-o") {
            self.at += 1;
            truth |= self.and()?;
        }
        Ok(truth)
    }
    fn and(&mut self) -> Result<bool, String> {
        let mut truth = self.not()?;
        while self.peek(0) == Some("-a") {
            self.at += 1;
            truth &= self.not()?;
        }
        Ok(truth)
    }
    fn not(&mut self) -> Result<bool, String> {
        self.depth += 1;
        if self.depth > 100 {
            return Err("too many arguments".into());
        }
        let truth = if self.peek(0) == Some("!") {
            self.at += 1;
            !self.not()?
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(truth)
    }
    fn primary(&mut self) -> Result<bool, String> {
        let Some(first) = self.args.get(self.at).cloned() else { return Err("argument expected".into()) };
        if let (Some(operator), Some(right)) =
            (self.args.get(self.at + 1).cloned(), self.args.get(self.at + 2).cloned())
            && is_binary(&operator, self.voice)
        {
            self.at += 3;
            return binary(self.sys, &first, &operator, &right, self.voice).unwrap_or(Ok(false));
        }
        if &*first == "(" {
            self.at += 1;
            let truth = self.or()?;
            if self.peek(0) != Some(")") {
                return Err("`)' expected".into());
            }
            self.at += 1;
            return Ok(truth);
        }
        if let (Some(flag), Some(operand)) = (flag_of(&first), self.args.get(self.at + 1).cloned())
            && let Some(truth) = unary(self.sys, flag, &operand)
        {
            self.at += 2;
            return Ok(truth);
        }
        self.at += 1;
        Ok(!first.is_empty())
    }
}

/// An operand as `set -x` shows it within `[[ ]]`.
fn shown(text: &str) -> &str {
    if text.is_empty() { "''" } else { text }
}

impl Shell {
    /// Evaluates `[[ … ]]`.
    pub(super) fn conditional(&mut self, sys: &mut Sys<'_>, test: &Test) -> Expanded<bool> {
        Ok(match test {
            Test::Not(inner) => !self.conditional(sys, inner)?,
            Test::And(left, right) => self.conditional(sys, left)? && self.conditional(sys, right)?,
            Test::Or(left, right) => self.conditional(sys, left)? || self.conditional(sys, right)?,
            Test::Word(word) => {
                let text = self.expand_text(sys, word)?;
                self.trace_line(sys, &format!("[[ -n {} ]]", shown(&text)));
                !text.is_empty()
            }
            Test::Unary('v', word) => {
                let name = self.expand_text(sys, word)?;
                match name.split_once('[') {
                    Some((name, rest)) => {
                        let index = self.index_from_text(sys, name, rest.trim_end_matches(']'));
                        index.is_ok_and(|index| self.vars.item(name, &index).is_some())
                    }
                    None => self.special(sys, &name).is_some() || self.vars.text(&name).is_some(),
                }
            }
            Test::Unary('o', word) => {
                let name = self.expand_text(sys, word)?;
                self.option_mut(&name).is_some_and(|o| *o)
            }
            Test::Unary(operator, word) => {
                let operand = self.expand_text(sys, word)?;
                self.trace_line(sys, &format!("[[ -{operator} {} ]]", shown(&operand)));
                unary(sys, *operator, &operand).unwrap_or(false)
            }
            Test::Binary(left, operator, right) => return self.compare(sys, left, operator, right),
        })
    }
    fn compare(&mut self, sys: &mut Sys<'_>, left: &Word, operator: &str, right: &Word) -> Expanded<bool> {
        let left = self.expand_text(sys, left)?;
        match operator {
            "=" | "==" | "!=" => {
                let pattern = self.expand_pattern(sys, right)?;
                let chars: Vec<char> = left.chars().collect();
                if self.options.xtrace {
                    let pattern: String = pattern
                        .iter()
                        .map(|(c, quoted)| if *quoted { format!("\\{c}") } else { c.to_string() })
                        .collect();
                    self.trace_line(sys, &format!("[[ {} {operator} {} ]]", shown(&left), shown(&pattern)));
                }
                let fold =
                    |c: char| if self.options.nocasematch { c.to_lowercase().next().unwrap_or(c) } else { c };
                let chars: Vec<char> = chars.into_iter().map(fold).collect();
                let pattern: Vec<glob::Mark> =
                    pattern.into_iter().map(|(c, quoted)| (fold(c), quoted)).collect();
                Ok(glob::matches(&pattern, &chars) == (operator != "!="))
            }
            "=~" => {
                let marks = self.expand_pattern(sys, right)?;
                let mut pattern = String::new();
                for (c, quoted) in marks {
                    if quoted && !c.is_alphanumeric() && c != ' ' && c.is_ascii() {
                        pattern.push('\\');
                    }
                    pattern.push(c);
                }
                self.trace_line(sys, &format!("[[ {} =~ {} ]]", shown(&left), shown(&pattern)));
                self.match_regex(sys, &left, &pattern)
            }
            "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {
                let right = self.expand_text(sys, right)?;
                self.trace_line(sys, &format!("[[ {} {operator} {} ]]", shown(&left), shown(&right)));
                let left = self.evaluate_in(sys, &left, "[[: ")?;
                let right = self.evaluate_in(sys, &right, "[[: ")?;
                let truth = binary(sys, &left.to_string(), operator, &right.to_string(), Voice::Bash);
                Ok(truth.is_some_and(|t| t == Ok(true)))
            }
            _ => {
                let right = self.expand_text(sys, right)?;
                self.trace_line(sys, &format!("[[ {} {operator} {} ]]", shown(&left), shown(&right)));
                Ok(binary(sys, &left, operator, &right, Voice::Bash).is_some_and(|t| t == Ok(true)))
            }
        }
    }
    fn match_regex(&mut self, _sys: &mut Sys<'_>, text: &str, pattern: &str) -> Expanded<bool> {
        let translated = crate::utilities::regex::extended(pattern);
        let Ok(regex) = regex_lite::Regex::new(&translated) else {
            return Err(Halt::Failed { status: 2, exits: false });
        };
        let found = regex.captures(text);
        let groups: imbl::OrdMap<i64, Arc<str>> = match &found {
            None => imbl::OrdMap::new(),
            Some(captures) => captures
                .iter()
                .enumerate()
                .map(|(at, group)| (at as i64, Arc::from(group.map_or("", |g| g.as_str()))))
                .collect(),
        };
        self.vars.set_value("BASH_REMATCH", super::vars::Value::List(groups));
        Ok(found.is_some())
    }
}
