//! bc's language: statements carried out as they are read, with a bound on steps.

use super::number::Number;
use std::cmp::Ordering;
use std::collections::BTreeMap;

const STEPS: usize = 200_000;
/// Expressions within one another.
const NESTING: usize = 60;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Machine {
    vars: BTreeMap<String, Number>,
    last: Number,
    scale: usize,
    ibase: u32,
    obase: u32,
    pub quit: bool,
}

struct Run<'a> {
    machine: &'a mut Machine,
    text: Vec<char>,
    at: usize,
    out: String,
    steps: usize,
    depth: usize,
    /// Above zero, statements are read but not carried out.
    skip: usize,
    broken: bool,
}

type Outcome<T> = Result<T, String>;

fn syntax() -> String {
    "(standard_in) 1: syntax error".into()
}

impl Machine {
    pub(super) fn new(library: bool) -> Machine {
        let scale = if library { 20 } else { 0 };
        Machine { vars: BTreeMap::new(), last: Number::default(), scale, ibase: 10, obase: 10, quit: false }
    }
    /// Carries out lines; what they print, and what is wrong.
    pub(super) fn run(&mut self, text: &str) -> (String, Option<String>) {
        let text: Vec<char> = text.chars().collect();
        let mut run = Run {
            machine: self,
            text,
            at: 0,
            out: String::new(),
            steps: 0,
            depth: 0,
            skip: 0,
            broken: false,
        };
        let outcome = run.all();
        (run.out, outcome.err())
    }
}

impl Run<'_> {
    fn all(&mut self) -> Outcome<()> {
        loop {
            self.gap();
            if self.peek().is_none() || self.machine.quit {
                return Ok(());
            }
            self.statement()?;
        }
    }
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }
    fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t') => self.at += 1,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                Some('/') if self.text.get(self.at + 1) == Some(&'*') => {
                    while self.peek().is_some() && !self.looking_at("*/") {
                        self.at += 1;
                    }
                    self.at += 2;
                }
                _ => return,
            }
        }
    }
    fn gap(&mut self) {
        loop {
            self.blanks();
            if !matches!(self.peek(), Some('\n' | ';')) {
                return;
            }
            self.at += 1;
        }
    }
    fn looking_at(&self, token: &str) -> bool {
        token.chars().enumerate().all(|(n, c)| self.text.get(self.at + n) == Some(&c))
    }
    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.looking_at(token);
        self.at += if found { token.chars().count() } else { 0 };
        found
    }
    fn word(&mut self) -> String {
        self.blanks();
        let start = self.at;
        while self
            .peek()
            .is_some_and(|c| c.is_ascii_lowercase() || c == '_' || (self.at > start && c.is_ascii_digit()))
        {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or(&[]).iter().collect()
    }
    fn expect(&mut self, token: &str) -> Outcome<()> {
        if self.take(token) { Ok(()) } else { Err(syntax()) }
    }
    fn string(&mut self) -> Outcome<String> {
        self.at += 1;
        let start = self.at;
        while self.peek().ok_or_else(syntax)? != '"' {
            self.at += 1;
        }
        self.at += 1;
        Ok(self.text.get(start..self.at - 1).unwrap_or(&[]).iter().collect())
    }
    fn print(&mut self, text: &str) {
        if self.skip == 0 {
            self.out.push_str(text);
        }
    }
    fn statement(&mut self) -> Outcome<()> {
        self.steps += 1;
        self.depth += 1;
        if self.steps > STEPS || self.depth > NESTING {
            return Err("Runtime error (func=(main), adr=0): too many steps".into());
        }
        let outcome = self.statement_inner();
        self.depth -= 1;
        outcome
    }
    fn statement_inner(&mut self) -> Outcome<()> {
        self.blanks();
        if self.take("{") {
            loop {
                self.gap();
                if self.take("}") {
                    return Ok(());
                }
                if self.peek().is_none() {
                    return Err(syntax());
                }
                self.statement()?;
            }
        }
        if self.peek() == Some('"') {
            let text = self.string()?;
            self.print(&text);
            return Ok(());
        }
        let start = self.at;
        match self.word().as_str() {
            "quit" | "halt" => {
                self.machine.quit |= self.skip == 0;
                Ok(())
            }
            "break" => {
                self.broken |= self.skip == 0;
                self.skip += usize::from(self.broken);
                Ok(())
            }
            "print" => loop {
                self.blanks();
                if self.peek() == Some('"') {
                    let text = self.string()?.replace("\\n", "\n").replace("\\t", "\t");
                    self.print(&text);
                } else {
                    let value = self.expression()?;
                    let text = value.show(self.machine.obase);
                    self.print(&text);
                }
                if !self.take(",") {
                    return Ok(());
                }
            },
            "if" => {
                self.expect("(")?;
                let test = self.expression()?;
                self.expect(")")?;
                self.guarded(!test.is_zero())?;
                let saved = self.at;
                self.gap();
                if self.word() == "else" {
                    return self.guarded(test.is_zero());
                }
                self.at = saved;
                Ok(())
            }
            "while" => {
                self.expect("(")?;
                let test = self.at;
                self.repeat(test, None)
            }
            "for" => {
                self.expect("(")?;
                self.expression()?;
                self.expect(";")?;
                let test = self.at;
                self.skip += 1;
                self.expression()?;
                self.expect(";")?;
                let step = self.at;
                self.skip -= 1;
                self.repeat(test, Some(step))
            }
            _ => {
                self.at = start;
                let quiet = self.is_assignment();
                let value = self.expression()?;
                if !quiet && self.skip == 0 {
                    self.machine.last = value.clone();
                    let text = value.show(self.machine.obase);
                    self.out.push_str(&folded(&text));
                }
                self.blanks();
                match self.peek() {
                    None | Some('\n' | ';' | '}') => Ok(()),
                    Some(_) => Err(syntax()),
                }
            }
        }
    }
    fn guarded(&mut self, runs: bool) -> Outcome<()> {
        self.skip += usize::from(!runs);
        self.gap();
        let before = self.broken;
        let outcome = self.statement();
        // A break inside keeps what follows it from running.
        let broke = usize::from(self.broken && !before);
        self.skip = self.skip.saturating_sub(usize::from(!runs));
        let _ = broke;
        outcome
    }
    fn repeat(&mut self, test: usize, step: Option<usize>) -> Outcome<()> {
        let outer = self.skip;
        loop {
            self.steps += 1;
            if self.steps > STEPS || self.out.len() > drydock_machinery::limits::COMMAND_OUTPUT_BYTES {
                return Err("Runtime error (func=(main), adr=0): too many steps".into());
            }
            self.at = test;
            let holds = !self.expression()?.is_zero();
            if step.is_some() {
                self.expect(";")?;
                self.skip += 1;
                self.expression()?;
                self.skip -= 1;
            }
            self.expect(")")?;
            self.skip = outer + usize::from(!holds);
            self.gap();
            self.statement()?;
            let end = self.at;
            let broken = std::mem::take(&mut self.broken);
            self.skip = outer;
            if !holds || broken || outer > 0 {
                return Ok(());
            }
            if let Some(step) = step {
                self.at = step;
                self.expression()?;
            }
            let _ = end;
        }
    }
    /// Whether the statement only assigns, which prints nothing.
    fn is_assignment(&mut self) -> bool {
        let start = self.at;
        let named = !self.word().is_empty();
        self.blanks();
        let rest: String = self.text.get(self.at..).unwrap_or(&[]).iter().take(2).collect();
        self.at = start;
        let operators = ["+=", "-=", "*=", "/=", "%=", "^="];
        named && (operators.contains(&rest.as_str()) || rest.starts_with('=') && rest != "==")
    }
    fn expression(&mut self) -> Outcome<Number> {
        self.level(0)
    }
    /// Or, and, not, comparison, assignment, sum, product, power.
    fn level(&mut self, level: usize) -> Outcome<Number> {
        self.depth += 1;
        if self.depth > NESTING * 8 {
            return Err(syntax());
        }
        let value = self.level_inner(level);
        self.depth -= 1;
        value
    }
    fn level_inner(&mut self, level: usize) -> Outcome<Number> {
        if level == 2 && !self.looking_at("!=") && self.take("!") {
            return Ok(Number::flag(self.level(2)?.is_zero()));
        }
        if level == 4 {
            if self.is_assignment() {
                return self.assignment();
            }
            return self.level(5);
        }
        if level == 7 {
            return self.power();
        }
        let mut left = self.level(level + 1)?;
        loop {
            self.blanks();
            let set: &[&str] = match level {
                0 => &["||"],
                1 => &["&&"],
                3 => &["<=", ">=", "==", "!=", "<", ">"],
                5 => &["+", "-"],
                6 => &["*", "/", "%"],
                _ => &[],
            };
            let Some(operator) = set.iter().find(|o| self.looking_at(o)) else { return Ok(left) };
            self.at += operator.len();
            let right = self.level(level + 1)?;
            left = self.apply(operator, &left, &right)?;
        }
    }
    fn apply(&mut self, operator: &str, a: &Number, b: &Number) -> Outcome<Number> {
        let scale = self.machine.scale;
        let zero = || "Runtime error (func=(main), adr=3): Divide by zero".to_string();
        if self.skip > 0 {
            return Ok(Number::default());
        }
        let value = match operator {
            "||" => Number::flag(!a.is_zero() || !b.is_zero()),
            "&&" => Number::flag(!a.is_zero() && !b.is_zero()),
            "<" => Number::flag(a.compare(b) == Ordering::Less),
            "<=" => Number::flag(a.compare(b) != Ordering::Greater),
            ">" => Number::flag(a.compare(b) == Ordering::Greater),
            ">=" => Number::flag(a.compare(b) != Ordering::Less),
            "==" => Number::flag(a.compare(b) == Ordering::Equal),
            "!=" => Number::flag(a.compare(b) != Ordering::Equal),
            "+" => a.add(b),
            "-" => a.add(&b.negated()),
            "*" => a.mul(b, scale),
            "/" => a.div(b, scale).ok_or_else(zero)?,
            "%" => a.rem(b, scale).ok_or_else(zero)?,
            _ => a
                .pow(b.to_int(), scale)
                .ok_or("Runtime error (func=(main), adr=3): exponent too large in raise")?,
        };
        if value.is_too_long() {
            return Err("Runtime error (func=(main), adr=3): number too long".into());
        }
        Ok(value)
    }
    fn power(&mut self) -> Outcome<Number> {
        if self.take("-") {
            return Ok(self.power()?.negated());
        }
        let base = self.primary()?;
        if !self.take("^") {
            return Ok(base);
        }
        let exponent = self.power()?;
        self.apply("^", &base, &exponent)
    }
    fn assignment(&mut self) -> Outcome<Number> {
        let name = self.word();
        self.blanks();
        let operator = self.peek().unwrap_or('=').to_string();
        self.at += if operator == "=" { 1 } else { 2 };
        let right = self.level(3)?;
        let value = if operator == "=" { right } else { self.apply(&operator, &self.value(&name), &right)? };
        self.store(&name, &value);
        Ok(value)
    }
    fn value(&self, name: &str) -> Number {
        match name {
            "scale" => Number::new(self.machine.scale as i64),
            "ibase" => Number::new(i64::from(self.machine.ibase)),
            "obase" => Number::new(i64::from(self.machine.obase)),
            "last" => self.machine.last.clone(),
            name => self.machine.vars.get(name).cloned().unwrap_or_default(),
        }
    }
    fn store(&mut self, name: &str, value: &Number) {
        if self.skip > 0 {
            return;
        }
        let small = value.to_int();
        match name {
            "scale" => self.machine.scale = small.clamp(0, 500) as usize,
            "ibase" => self.machine.ibase = small.clamp(2, 16) as u32,
            "obase" => self.machine.obase = small.clamp(2, 9_999) as u32,
            name => _ = self.machine.vars.insert(name.into(), value.clone()),
        }
    }
    fn primary(&mut self) -> Outcome<Number> {
        self.blanks();
        for (operator, by) in [("++", 1), ("--", -1)] {
            if self.take(operator) {
                let name = self.word();
                let value = self.value(&name).add(&Number::new(by));
                self.store(&name, &value);
                return Ok(value);
            }
        }
        if self.take("(") {
            let value = self.expression()?;
            self.expect(")")?;
            return Ok(value);
        }
        let digit = |c: char| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '.';
        if self.peek().is_some_and(digit) {
            let start = self.at;
            while self.peek().is_some_and(digit) {
                self.at += 1;
            }
            let text: String = self.text.get(start..self.at).unwrap_or(&[]).iter().collect();
            // A single letter is a digit in any base.
            let base = self.machine.ibase;
            let base = if text.len() == 1 || (base == 10 && text.contains(|c: char| c.is_ascii_uppercase())) {
                36.min(base.max(16))
            } else {
                base
            };
            let plain = !text.contains(|c: char| c.is_ascii_uppercase());
            return Ok(Number::read(&text, if plain && self.machine.ibase == 10 { 10 } else { base }));
        }
        let name = self.word();
        if name.is_empty() {
            return Err(syntax());
        }
        if self.take("(") {
            let value = self.expression()?;
            self.expect(")")?;
            return match name.as_str() {
                "sqrt" => value
                    .sqrt(self.machine.scale)
                    .ok_or("Runtime error (func=(main), adr=3): Square root of a negative number".into()),
                "length" => Ok(Number::new(value.length() as i64)),
                "scale" => Ok(Number::new(value.scale as i64)),
                other => Err(format!("Runtime error (func=(main), adr=3): Function {other} not defined.")),
            };
        }
        for (operator, by) in [("++", 1), ("--", -1)] {
            if self.looking_at(operator) {
                self.at += 2;
                let value = self.value(&name);
                self.store(&name, &value.add(&Number::new(by)));
                return Ok(value);
            }
        }
        Ok(self.value(&name))
    }
}

/// Long numbers go on after a backslash, 68 digits in a line.
fn folded(text: &str) -> String {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at % 68 == 0 && text.len() > 69 {
            out.push_str("\\\n");
        }
        out.push(c);
    }
    out + "\n"
}
