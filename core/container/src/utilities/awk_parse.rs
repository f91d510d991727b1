//! awk's grammar.

use std::sync::Arc;

/// What `print` lists, and the file it goes to: whether it is appended to, and its name.
type Printed = (Vec<Expr>, Option<(bool, Expr)>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    Number(Arc<str>),
    Text(Arc<str>),
    Regex(Arc<str>),
    Var(Arc<str>),
    Field(Box<Expr>),
    Item(Arc<str>, Vec<Expr>),
    In(Vec<Expr>, Arc<str>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Choose(Box<Expr>, Box<Expr>, Box<Expr>),
    /// text ~ pattern; true for `!~`.
    Match(Box<Expr>, Box<Expr>, bool),
    Join(Box<Expr>, Box<Expr>),
    Assign(Arc<str>, Box<Expr>, Box<Expr>),
    /// `++` and `--`; true in front.
    Step(Box<Expr>, i8, bool),
    Binary(Arc<str>, Box<Expr>, Box<Expr>),
    Call(Arc<str>, Vec<Expr>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Statement {
    Block(Vec<Statement>),
    Expr(Expr),
    /// Values and where to: append or not, and the file.
    Print(Vec<Expr>, Option<(bool, Expr)>),
    Printf(Vec<Expr>, Option<(bool, Expr)>),
    If(Expr, Box<Statement>, Option<Box<Statement>>),
    While(Expr, Box<Statement>),
    Do(Box<Statement>, Expr),
    For(Option<Box<Statement>>, Option<Expr>, Option<Box<Statement>>, Box<Statement>),
    ForIn(Arc<str>, Arc<str>, Box<Statement>),
    Delete(Arc<str>, Vec<Expr>),
    Next,
    Break,
    Continue,
    Exit(Option<Expr>),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// `BEGIN`, `END` or nothing.
    pub when: &'static str,
    pub pattern: Option<Expr>,
    pub until: Option<Expr>,
    pub body: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Program {
    pub rules: Vec<Rule>,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Within print's list `>` redirects.
    printing: bool,
    /// Within `for (… in …)`.
    no_in: bool,
}
type Parsed<T> = Result<T, String>;

/// Reads a program.
///
/// # Errors
/// What awk says after the place.
pub fn parse(text: &str) -> Parsed<Program> {
    let mut parser = Parser { text, at: 0, depth: 0, printing: false, no_in: false };
    let mut rules = Vec::new();
    loop {
        parser.newlines();
        if parser.peek().is_none() {
            return Ok(Program { rules });
        }
        rules.push(parser.rule()?);
    }
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }
    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            if rest.starts_with("\\\n") {
                self.at += 2;
            } else if rest.starts_with([' ', '\t', '\r']) {
                self.at += 1;
            } else if rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else {
                return;
            }
        }
    }
    fn newlines(&mut self) {
        loop {
            self.blanks();
            if !self.rest().starts_with(['\n', ';']) {
                return;
            }
            self.at += 1;
        }
    }
    fn skip_lines(&mut self) {
        loop {
            self.blanks();
            if !self.rest().starts_with('\n') {
                return;
            }
            self.at += 1;
        }
    }
    fn peek(&mut self) -> Option<char> {
        self.blanks();
        self.rest().chars().next()
    }
    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }
    fn keyword(&mut self, word: &str) -> bool {
        self.blanks();
        let next = self.rest().strip_prefix(word).map(|r| r.chars().next());
        let found = next.is_some_and(|c| c.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_'));
        if found {
            self.at += word.len();
        }
        found
    }
    fn expect(&mut self, token: &str) -> Parsed<()> {
        if self.take(token) { Ok(()) } else { Err(self.error()) }
    }
    fn error(&mut self) -> String {
        let pad = " ".repeat(self.at.min(200));
        match self.peek() {
            None => format!("{pad}^ unexpected newline or end of string"),
            Some(_) => format!("{pad}^ syntax error"),
        }
    }
    fn rule(&mut self) -> Parsed<Rule> {
        let mut rule = Rule { when: "", pattern: None, until: None, body: Vec::new() };
        if self.keyword("BEGIN") {
            rule.when = "BEGIN";
        } else if self.keyword("END") {
            rule.when = "END";
        } else if self.peek() != Some('{') {
            rule.pattern = Some(self.expr()?);
            if self.take(",") {
                self.skip_lines();
                rule.until = Some(self.expr()?);
            }
        }
        if self.peek() == Some('{') {
            let Statement::Block(body) = self.statement()? else { return Err(self.error()) };
            rule.body = body;
        } else if rule.when.is_empty() {
            rule.body = vec![Statement::Print(Vec::new(), None)];
        } else {
            return Err(self.error());
        }
        Ok(rule)
    }
    fn statement(&mut self) -> Parsed<Statement> {
        self.depth += 1;
        if self.depth > drydock_machinery::limits::DEPTH {
            return Err("program is too deep".into());
        }
        let statement = self.statement_inner();
        self.depth -= 1;
        statement
    }
    fn statement_inner(&mut self) -> Parsed<Statement> {
        self.skip_lines();
        if self.take("{") {
            let mut body = Vec::new();
            loop {
                self.newlines();
                if self.take("}") {
                    return Ok(Statement::Block(body));
                }
                if self.peek().is_none() {
                    return Err(self.error());
                }
                body.push(self.statement()?);
            }
        }
        if self.take(";") {
            return Ok(Statement::Block(Vec::new()));
        }
        if self.keyword("if") {
            self.expect("(")?;
            let test = self.expr()?;
            self.expect(")")?;
            let yes = self.statement()?;
            let saved = self.at;
            self.newlines();
            if self.keyword("else") {
                return Ok(Statement::If(test, Box::new(yes), Some(Box::new(self.statement()?))));
            }
            self.at = saved;
            return Ok(Statement::If(test, Box::new(yes), None));
        }
        if self.keyword("while") {
            self.expect("(")?;
            let test = self.expr()?;
            self.expect(")")?;
            return Ok(Statement::While(test, Box::new(self.statement()?)));
        }
        if self.keyword("do") {
            let body = self.statement()?;
            self.newlines();
            if !self.keyword("while") {
                return Err(self.error());
            }
            self.expect("(")?;
            let test = self.expr()?;
            self.expect(")")?;
            return Ok(Statement::Do(Box::new(body), test));
        }
        if self.keyword("for") {
            return self.for_statement();
        }
        let statement = self.simple()?;
        match self.peek() {
            None | Some('}') => {}
            Some(';' | '\n') => self.at += 1,
            Some(_) => return Err(self.error()),
        }
        Ok(statement)
    }
    fn for_statement(&mut self) -> Parsed<Statement> {
        self.expect("(")?;
        let saved = self.at;
        if let Some(name) = self.name() {
            if self.keyword("in")
                && let Some(array) = self.name()
                && self.take(")")
            {
                return Ok(Statement::ForIn(name, array, Box::new(self.statement()?)));
            }
            self.at = saved;
        }
        let init = if self.peek() == Some(';') { None } else { Some(Box::new(self.simple()?)) };
        self.expect(";")?;
        let test = if self.peek() == Some(';') { None } else { Some(self.expr()?) };
        self.expect(";")?;
        let step = if self.peek() == Some(')') { None } else { Some(Box::new(self.simple()?)) };
        self.expect(")")?;
        Ok(Statement::For(init, test, step, Box::new(self.statement()?)))
    }
    fn name(&mut self) -> Option<Arc<str>> {
        self.blanks();
        let rest = self.rest();
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return None;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = Arc::from(rest.get(..end)?);
        self.at += end;
        Some(name)
    }
    fn simple(&mut self) -> Parsed<Statement> {
        if self.keyword("print") {
            let (items, to) = self.print_list()?;
            return Ok(Statement::Print(items, to));
        }
        if self.keyword("printf") {
            let (items, to) = self.print_list()?;
            return Ok(Statement::Printf(items, to));
        }
        if self.keyword("next") {
            return Ok(Statement::Next);
        }
        if self.keyword("break") {
            return Ok(Statement::Break);
        }
        if self.keyword("continue") {
            return Ok(Statement::Continue);
        }
        if self.keyword("exit") {
            let code =
                if matches!(self.peek(), None | Some(';' | '}' | '\n')) { None } else { Some(self.expr()?) };
            return Ok(Statement::Exit(code));
        }
        if self.keyword("delete") {
            let name = self.name().ok_or_else(|| self.error())?;
            let keys = if self.take("[") { self.list("]")? } else { Vec::new() };
            return Ok(Statement::Delete(name, keys));
        }
        Ok(Statement::Expr(self.expr()?))
    }
    fn print_list(&mut self) -> Parsed<Printed> {
        let mut items = Vec::new();
        if !matches!(self.peek(), None | Some(';' | '}' | '\n' | '>' | '|')) {
            // `print (a, b)` is a list; `print (a)(b)` is not.
            let saved = self.at;
            let mut grouped = false;
            if self.take("(")
                && let Ok(list) = self.list(")")
                && matches!(self.peek(), None | Some(';' | '}' | '\n' | '>'))
            {
                items = list;
                grouped = true;
            }
            if !grouped {
                self.at = saved;
                self.printing = true;
                loop {
                    items.push(self.expr()?);
                    if !self.take(",") {
                        break;
                    }
                    self.skip_lines();
                }
                self.printing = false;
            }
        }
        let append = self.take(">>");
        if append || self.take(">") {
            self.printing = true;
            let file = self.level(6)?;
            self.printing = false;
            return Ok((items, Some((append, file))));
        }
        Ok((items, None))
    }
    fn list(&mut self, end: &str) -> Parsed<Vec<Expr>> {
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
    fn expr(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > drydock_machinery::limits::DEPTH {
            return Err("program is too deep".into());
        }
        let expr = self.assignment();
        self.depth -= 1;
        expr
    }
    fn assignment(&mut self) -> Parsed<Expr> {
        let left = self.choose()?;
        if !matches!(left, Expr::Var(_) | Expr::Field(_) | Expr::Item(..)) {
            return Ok(left);
        }
        self.blanks();
        for operator in ["+=", "-=", "*=", "/=", "%=", "^=", "="] {
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
    fn level(&mut self, level: usize) -> Parsed<Expr> {
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
        if self.rest().starts_with('^') && !self.rest().starts_with("^=") {
            self.at += 1;
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
                if self.rest().starts_with('(') {
                    self.at += 1;
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
    fn string(&mut self) -> Parsed<Expr> {
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
    fn regex(&mut self) -> Parsed<Expr> {
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
