//! awk's grammar: expressions, from assignment down to names, strings and patterns.

use super::parse::{Parsed, Parser};
use super::syntax::{Expr, From};

impl Parser<'_> {
    pub(super) fn list(&mut self, end: &str) -> Parsed<Vec<Expr>> {
        let was = std::mem::take(&mut self.printing);
        let mut items = Vec::new();
        if !self.take(end) {
            loop {
                self.skip_lines();
                items.push(self.expr()?);
                if !self.take(",") {
                    break;
                }
            }
            self.expect(end)?;
        }
        self.printing = was;
        Ok(items)
    }
    pub(super) fn expr(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > drydock_machinery::limits::DEPTH {
            return Err("program is too deep".into());
        }
        let expr = self.assignment();
        self.depth -= 1;
        expr
    }
    pub(super) fn assignment(&mut self) -> Parsed<Expr> {
        let left = self.choose()?;
        if !matches!(left, Expr::Var(_) | Expr::Field(_) | Expr::Item(..)) {
            return Ok(left);
        }
        self.blanks();
        for operator in ["+=", "-=", "*=", "/=", "%=", "^=", "**=", "="] {
            if self.rest().starts_with(operator) && !self.rest().starts_with("==") {
                self.at += operator.len();
                self.skip_lines();
                let right = self.expr()?;
                return Ok(Expr::Assign(operator.into(), Box::new(left), Box::new(right)));
            }
        }
        Ok(left)
    }
    fn choose(&mut self) -> Parsed<Expr> {
        let test = self.level(0)?;
        if !self.take("?") {
            return Ok(test);
        }
        self.skip_lines();
        let yes = self.expr()?;
        self.skip_lines();
        self.expect(":")?;
        self.skip_lines();
        let no = self.expr()?;
        Ok(Expr::Choose(Box::new(test), Box::new(yes), Box::new(no)))
    }
    /// Binary levels: or, and, in, match, comparison, joining, sum, product.
    pub(super) fn level(&mut self, level: usize) -> Parsed<Expr> {
        if level == 8 {
            return self.unary();
        }
        let mut left = self.level(level + 1)?;
        loop {
            self.blanks();
            let text = self.text;
            let rest = text.get(self.at..).unwrap_or("");
            let two = |o: &str| rest.starts_with(o);
            left = match level {
                0 if two("||") => {
                    self.at += 2;
                    self.skip_lines();
                    Expr::Or(Box::new(left), Box::new(self.level(1)?))
                }
                1 if two("&&") => {
                    self.at += 2;
                    self.skip_lines();
                    Expr::And(Box::new(left), Box::new(self.level(2)?))
                }
                2 if !self.no_in && self.keyword("in") => {
                    let name = self.name().ok_or_else(|| self.error())?;
                    Expr::In(vec![left], name)
                }
                3 if two("!~") || two("~") => {
                    let negated = two("!~");
                    self.at += if negated { 2 } else { 1 };
                    Expr::Match(Box::new(left), Box::new(self.level(4)?), negated)
                }
                4 if two("|") && !two("||") && self.pipes_into_getline() => {
                    let target = self.getline_target()?;
                    Expr::Getline(From::Command(Box::new(left)), target)
                }
                4 => {
                    let found = ["<=", "==", "!=", ">=", "<", ">"]
                        .iter()
                        .find(|o| two(o) && !(self.printing && **o == ">"));
                    let Some(operator) = found else { return Ok(left) };
                    self.at += operator.len();
                    let right = self.level(5)?;
                    Expr::Binary((*operator).into(), Box::new(left), Box::new(right))
                }
                5 if self.starts_operand() => Expr::Join(Box::new(left), Box::new(self.level(6)?)),
                6 | 7 => {
                    let set: &[&str] = if level == 6 { &["+", "-"] } else { &["*", "/", "%"] };
                    let found = set
                        .iter()
                        .find(|o| two(o) && !two(&format!("{o}=")) && !two("++") && !two("--") && !two("**"));
                    let Some(operator) = found else { return Ok(left) };
                    self.at += 1;
                    let right = self.level(level + 1)?;
                    Expr::Binary((*operator).into(), Box::new(left), Box::new(right))
                }
                _ => return Ok(left),
            };
        }
    }
    /// Takes `| getline`, if it stands here.
    fn pipes_into_getline(&mut self) -> bool {
        let saved = self.at;
        self.at += 1;
        let found = self.keyword("getline");
        if !found {
            self.at = saved;
        }
        self.asks |= found;
        found
    }
    /// What getline reads into, if it is named.
    fn getline_target(&mut self) -> Parsed<Option<Box<Expr>>> {
        let names = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
        let word =
            self.peek().is_some_and(names) && !["in ", "in\n"].iter().any(|w| self.rest().starts_with(w));
        if !word {
            return Ok(None);
        }
        Ok(Some(Box::new(self.primary()?)))
    }
    /// Whether an operand follows directly: joining has no operator.
    fn starts_operand(&mut self) -> bool {
        let rest = self.rest();
        let reserved = rest.starts_with("in")
            && !rest
                .get(2..3)
                .is_some_and(|c| c.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
        match rest.chars().next() {
            Some(c) if c.is_ascii_alphanumeric() || c == '_' => !reserved,
            Some('"' | '$' | '(' | '-' | '+') => !rest.starts_with("-=") && !rest.starts_with("+="),
            Some('!') => !rest.starts_with("!=") && !rest.starts_with("!~"),
            _ => false,
        }
    }
    fn unary(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > drydock_machinery::limits::DEPTH * 4 {
            return Err("program is too deep".into());
        }
        let expr = self.unary_inner();
        self.depth -= 1;
        expr
    }
    fn unary_inner(&mut self) -> Parsed<Expr> {
        self.blanks();
        for (operator, by) in [("++", 1), ("--", -1)] {
            if self.take(operator) {
                let target = self.primary()?;
                return Ok(Expr::Step(Box::new(target), by, true));
            }
        }
        if self.take("!") {
            return Ok(Expr::Not(Box::new(self.unary()?)));
        }
        if self.take("-") {
            return Ok(Expr::Negate(Box::new(self.unary()?)));
        }
        if self.take("+") {
            return self.unary();
        }
        let base = self.postfix()?;
        self.blanks();
        let double = self.rest().starts_with("**") && !self.rest().starts_with("**=");
        if double || self.rest().starts_with('^') && !self.rest().starts_with("^=") {
            self.at += if double { 2 } else { 1 };
            let power = self.unary()?;
            return Ok(Expr::Binary("^".into(), Box::new(base), Box::new(power)));
        }
        Ok(base)
    }
    fn postfix(&mut self) -> Parsed<Expr> {
        let expr = self.primary()?;
        if matches!(expr, Expr::Var(_) | Expr::Field(_) | Expr::Item(..)) {
            for (operator, by) in [("++", 1), ("--", -1)] {
                if self.rest().starts_with(operator) {
                    self.at += 2;
                    return Ok(Expr::Step(Box::new(expr), by, false));
                }
            }
        }
        Ok(expr)
    }
    fn primary(&mut self) -> Parsed<Expr> {
        match self.peek() {
            Some('$') => {
                self.at += 1;
                let index = match self.peek() {
                    Some('+' | '-') => self.unary()?,
                    _ => self.primary()?,
                };
                Ok(Expr::Field(Box::new(index)))
            }
            Some('(') => {
                self.at += 1;
                let mut items = self.list(")")?;
                if items.len() > 1 {
                    if self.keyword("in") {
                        let name = self.name().ok_or_else(|| self.error())?;
                        return Ok(Expr::In(items, name));
                    }
                    return Err(self.error());
                }
                items.pop().ok_or_else(|| self.error())
            }
            Some('"') => self.string(),
            Some('/') => self.regex(),
            Some(c) if c.is_ascii_digit() || c == '.' => {
                let rest = self.rest();
                let mut end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                if rest.get(end..end + 1).is_some_and(|e| e.eq_ignore_ascii_case("e"))
                    && let Some(after) = rest.get(end + 1..)
                {
                    let sign = usize::from(after.starts_with(['+', '-']));
                    let digits =
                        after.get(sign..).map_or(0, |d| d.bytes().take_while(u8::is_ascii_digit).count());
                    if digits > 0 {
                        end += 1 + sign + digits;
                    }
                }
                let number = rest.get(..end).unwrap_or("0").into();
                self.at += end.max(1);
                Ok(Expr::Number(number))
            }
            _ => {
                let Some(name) = self.name() else { return Err(self.error()) };
                if &*name == "getline" {
                    self.asks = true;
                    let target = self.getline_target()?;
                    let from =
                        if self.take("<") { From::File(Box::new(self.primary()?)) } else { From::Main };
                    return Ok(Expr::Getline(from, target));
                }
                if self.rest().starts_with('(') {
                    self.at += 1;
                    self.asks |= matches!(&*name, "system" | "close" | "fflush");
                    self.called.push(name.clone());
                    return Ok(Expr::Call(name, self.list(")")?));
                }
                if self.rest().starts_with('[') {
                    self.at += 1;
                    return Ok(Expr::Item(name, self.list("]")?));
                }
                if &*name == "length" {
                    return Ok(Expr::Call(name, Vec::new()));
                }
                Ok(Expr::Var(name))
            }
        }
    }
    pub(super) fn string(&mut self) -> Parsed<Expr> {
        self.at += 1;
        let mut raw = String::new();
        loop {
            let Some(c) = self.rest().chars().next() else { return Err(self.error()) };
            self.at += c.len_utf8();
            match c {
                '"' => break,
                '\\' => {
                    let Some(next) = self.rest().chars().next() else { return Err(self.error()) };
                    self.at += next.len_utf8();
                    match next {
                        'n' => raw.push('\n'),
                        't' => raw.push('\t'),
                        'r' => raw.push('\r'),
                        '"' | '/' => raw.push(next),
                        '\\' => raw.push('\\'),
                        other => {
                            raw.push('\\');
                            raw.push(other);
                        }
                    }
                }
                c => raw.push(c),
            }
        }
        Ok(Expr::Text(raw.into()))
    }
    pub(super) fn regex(&mut self) -> Parsed<Expr> {
        self.at += 1;
        let mut source = String::new();
        let mut in_set = false;
        loop {
            let Some(c) = self.rest().chars().next().filter(|c| *c != '\n') else {
                return Err("unterminated regexp".into());
            };
            self.at += c.len_utf8();
            match c {
                '/' if !in_set => return Ok(Expr::Regex(source.into())),
                '\\' => {
                    let next = self.rest().chars().next().unwrap_or('\\');
                    self.at += next.len_utf8();
                    if next != '/' {
                        source.push('\\');
                    }
                    source.push(next);
                    continue;
                }
                '[' => in_set = true,
                ']' => in_set = false,
                _ => {}
            }
            source.push(c);
        }
    }
}
