//! Shell arithmetic: C's integer expressions on 64 bits, as bash evaluates them. Names evaluate their
//! values again, to a bounded depth.

/// Variables as an expression sees them.
pub trait Names {
    /// The value of a variable or array element; "" when unset.
    fn value(&mut self, name: &str, index: Option<&str>) -> Result<String, String>;
    fn assign(&mut self, name: &str, index: Option<&str>, value: i64) -> Result<(), String>;
    /// POSIX only, as dash: no comma, no `++`, values are numbers.
    fn is_strict(&self) -> bool {
        false
    }
}

struct Eval<'a, 'n> {
    text: &'a str,
    at: usize,
    names: &'n mut dyn Names,
    /// Above zero, operands are read but not evaluated.
    skip: u32,
    depth: usize,
    /// Start of the last token, for messages.
    token: usize,
}

/// Evaluates an expression; "" is 0.
///
/// # Errors
/// The text bash prints after the command's name.
pub fn evaluate(text: &str, names: &mut dyn Names, depth: usize) -> Result<i64, String> {
    if depth > 32 {
        return Err(format!("{text}: expression recursion level exceeded (error token is \"{text}\")"));
    }
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return Ok(0);
    }
    let mut eval = Eval { text: trimmed, at: 0, names, skip: 0, depth, token: 0 };
    let value = eval.comma()?;
    eval.blanks();
    if eval.at < trimmed.len() {
        eval.token = eval.at;
        let first = eval.rest().chars().next().unwrap_or(' ');
        let what = if first.is_ascii_alphanumeric() || "_$'\"(".contains(first) {
            "syntax error in expression"
        } else if "=".contains(first) {
            "attempted assignment to non-variable"
        } else {
            "syntax error: invalid arithmetic operator"
        };
        return Err(eval.error(what));
    }
    Ok(value)
}

type Outcome = Result<i64, String>;

/// Binary operators by rising precedence.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl Eval<'_, '_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }
    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }
    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.token = self.at;
            self.at += token.len();
        }
        found
    }
    fn error(&self, what: &str) -> String {
        let token = self.text.get(self.token..).unwrap_or("");
        format!("{}: {what} (error token is \"{token}\")", self.text)
    }
    fn comma(&mut self) -> Outcome {
        let mut value = self.assignment()?;
        while !self.names.is_strict() && self.take(",") {
            value = self.assignment()?;
        }
        Ok(value)
    }
    fn name(&mut self) -> Option<(String, Option<String>)> {
        self.blanks();
        let rest = self.rest();
        if !rest.starts_with(super::lexer::is_name_start) {
            return None;
        }
        let length = rest.find(|c| !super::lexer::is_name_char(c)).unwrap_or(rest.len());
        let name = rest.get(..length)?.to_string();
        self.token = self.at;
        self.at += length;
        let mut index = None;
        if self.rest().starts_with('[') {
            let mut open = 0;
            let inner = self.rest();
            let end = inner.char_indices().find(|(_, c)| {
                open += i32::from(*c == '[') - i32::from(*c == ']');
                open == 0
            });
            if let Some((end, _)) = end {
                index = inner.get(1..end).map(String::from);
                self.at += end + 1;
            }
        }
        Some((name, index))
    }
    fn load(&mut self, name: &str, index: Option<&str>) -> Outcome {
        if self.skip > 0 {
            return Ok(0);
        }
        let text = self.names.value(name, index)?;
        match text.trim().parse::<i64>() {
            Ok(value) if !text.trim().starts_with(['0', '+']) || text.trim() == "0" => Ok(value),
            Err(_)
                if self.names.is_strict()
                    && !text.trim().starts_with(|c: char| c.is_ascii_digit())
                    && !text.trim().is_empty() =>
            {
                Err(format!("Illegal number: {text}"))
            }
            _ => evaluate(&text, self.names, self.depth + 1),
        }
    }
    fn store(&mut self, name: &str, index: Option<&str>, value: i64) -> Outcome {
        if self.skip == 0 {
            self.names.assign(name, index, value)?;
        }
        Ok(value)
    }
    fn assignment(&mut self) -> Outcome {
        self.depth += 1;
        if self.depth > 96 {
            return Err(self.error("expression recursion level exceeded"));
        }
        let start = self.at;
        if let Some((name, index)) = self.name() {
            self.blanks();
            const ASSIGN: [&str; 11] = ["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "="];
            let rest = self.rest();
            let found = ASSIGN.iter().find(|o| rest.starts_with(**o) && !rest.starts_with("=="));
            if let Some(operator) = found {
                self.take(operator);
                let right = self.assignment()?;
                let value = match operator.strip_suffix('=') {
                    Some("") | None => right,
                    Some(operator) => {
                        let left = self.load(&name, index.as_deref())?;
                        self.apply(operator, left, right)?
                    }
                };
                self.depth -= 1;
                return self.store(&name, index.as_deref(), value);
            }
        }
        self.at = start;
        let value = self.conditional();
        self.depth -= 1;
        value
    }
    fn conditional(&mut self) -> Outcome {
        let condition = self.binary(0)?;
        if !self.take("?") {
            return Ok(condition);
        }
        let no = u32::from(condition == 0);
        self.skip += no;
        let yes_value = self.assignment()?;
        self.skip -= no;
        if !self.take(":") {
            return Err(self.error("`:' expected for conditional expression"));
        }
        self.skip += 1 - no;
        let no_value = self.assignment()?;
        self.skip -= 1 - no;
        Ok(if condition != 0 { yes_value } else { no_value })
    }
    fn operator(&mut self, level: usize) -> Option<&'static str> {
        self.blanks();
        let rest = self.rest();
        let found = *LEVELS.get(level)?.iter().find(|o| rest.starts_with(**o))?;
        let next = rest.get(found.len()..).and_then(|r| r.chars().next());
        let longer = match found {
            "|" => matches!(next, Some('|' | '=')),
            "&" => matches!(next, Some('&' | '=')),
            "<" => next == Some('<'),
            ">" => next == Some('>'),
            "*" => matches!(next, Some('*' | '=')),
            "<<" | ">>" | "+" | "-" | "/" | "%" | "^" => next == Some('='),
            _ => false,
        };
        (!longer).then_some(found)
    }
    fn binary(&mut self, level: usize) -> Outcome {
        if level >= LEVELS.len() {
            return self.power();
        }
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(level) {
            self.take(operator);
            let dead = u32::from((operator == "||" && left != 0) || (operator == "&&" && left == 0));
            self.skip += dead;
            let right = self.binary(level + 1)?;
            self.skip -= dead;
            left = self.apply(operator, left, right)?;
        }
        Ok(left)
    }
    fn power(&mut self) -> Outcome {
        let base = self.unary()?;
        if !self.take("**") {
            return Ok(base);
        }
        let exponent = self.power()?;
        if exponent < 0 {
            return Err(self.error("exponent less than 0"));
        }
        Ok(base.wrapping_pow(exponent.min(64) as u32))
    }
    fn apply(&mut self, operator: &str, left: i64, right: i64) -> Outcome {
        Ok(match operator {
            "||" => i64::from(left != 0 || right != 0),
            "&&" => i64::from(left != 0 && right != 0),
            "|" => left | right,
            "^" => left ^ right,
            "&" => left & right,
            "==" => i64::from(left == right),
            "!=" => i64::from(left != right),
            "<=" => i64::from(left <= right),
            ">=" => i64::from(left >= right),
            "<" => i64::from(left < right),
            ">" => i64::from(left > right),
            "<<" => left.wrapping_shl(right as u32),
            ">>" => left.wrapping_shr(right as u32),
            "+" => left.wrapping_add(right),
            "-" => left.wrapping_sub(right),
            "*" => left.wrapping_mul(right),
            _ if right == 0 && self.skip > 0 => 0,
            _ if right == 0 => return Err(self.error("division by 0")),
            "/" => left.wrapping_div(right),
            _ => left.wrapping_rem(right),
        })
    }
    fn unary(&mut self) -> Outcome {
        self.depth += 1;
        if self.depth > 96 {
            return Err(self.error("expression recursion level exceeded"));
        }
        let value = self.unary_inner();
        self.depth -= 1;
        value
    }
    fn unary_inner(&mut self) -> Outcome {
        self.blanks();
        for (operator, step) in [("++", 1), ("--", -1)] {
            if self.rest().starts_with(operator) {
                let start = self.at;
                self.take(operator);
                if let Some((name, index)) = self.name() {
                    let value = self.load(&name, index.as_deref())?.wrapping_add(step);
                    return self.store(&name, index.as_deref(), value);
                }
                self.at = start;
                break;
            }
        }
        if self.rest().starts_with("!=") {
            self.token = self.at;
            return Err(self.error("syntax error: operand expected"));
        }
        if self.take("!") {
            return Ok(i64::from(self.unary()? == 0));
        }
        if self.take("~") {
            return Ok(!self.unary()?);
        }
        if self.take("-") {
            return Ok(self.unary()?.wrapping_neg());
        }
        if self.take("+") {
            return self.unary();
        }
        if self.take("(") {
            let value = self.comma()?;
            if !self.take(")") {
                return Err(self.error("missing `)'"));
            }
            return Ok(value);
        }
        if let Some((name, index)) = self.name() {
            let value = self.load(&name, index.as_deref())?;
            for (operator, step) in [("++", 1), ("--", -1)] {
                if self.take(operator) {
                    self.store(&name, index.as_deref(), value.wrapping_add(step))?;
                }
            }
            return Ok(value);
        }
        self.number()
    }
    fn number(&mut self) -> Outcome {
        self.blanks();
        let rest = self.rest();
        let length =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && !"@_#".contains(c)).unwrap_or(rest.len());
        let literal = rest.get(..length).unwrap_or("").to_string();
        if !literal.starts_with(|c: char| c.is_ascii_digit()) {
            // The message names the operator before the hole.
            if self.at < self.text.len() {
                self.token = self.at;
            }
            return Err(self.error("syntax error: operand expected"));
        }
        self.token = self.at;
        self.at += length;
        let parsed = if let Some((base, digits)) = literal.split_once('#') {
            match base.parse::<u32>() {
                Ok(base) if (2..=36).contains(&base) => i64::from_str_radix(digits, base).ok(),
                _ => return Err(self.error("invalid arithmetic base")),
            }
        } else if let Some(hex) = literal.strip_prefix("0x").or_else(|| literal.strip_prefix("0X")) {
            i64::from_str_radix(hex, 16).ok()
        } else if literal.len() > 1 && literal.starts_with('0') {
            i64::from_str_radix(&literal, 8).ok()
        } else {
            literal.parse::<i64>().ok()
        };
        parsed.ok_or_else(|| self.error("value too great for base"))
    }
}
