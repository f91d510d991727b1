//! Expressions, by precedence as MySQL and PostgreSQL document it.

mod call;

use super::{Parsed, Parser};
use crate::sql::ast::{At, Expr, Op};
use crate::sql::datum::Datum;
use crate::sql::decimal::Decimal;
use crate::sql::fault;
use crate::sql::lexer::Token;
use crate::sql::types::Type;

/// Functions written without parentheses.
const BARE: &[&str] = &[
    "current_timestamp",
    "current_date",
    "current_time",
    "localtimestamp",
    "localtime",
    "current_user",
    "session_user",
    "current_database",
    "current_schema",
    "current_role",
    "current_catalog",
    "utc_timestamp",
    "utc_date",
];

impl Parser<'_> {
    pub fn expression(&mut self) -> Parsed<Expr> {
        self.deeper(Self::disjunction)
    }
    fn disjunction(&mut self) -> Parsed<Expr> {
        let mut left = self.conjunction()?;
        loop {
            let at = At(self.at());
            let op = if self.word("or") || (self.dialect.is_mysql() && self.symbol("||")) {
                Op::Or
            } else if self.dialect.is_mysql() && self.word("xor") {
                Op::Xor
            } else {
                return Ok(left);
            };
            left = Expr::Binary(op, left.into(), self.conjunction()?.into(), at);
        }
    }
    fn conjunction(&mut self) -> Parsed<Expr> {
        let mut left = self.negation()?;
        loop {
            let at = At(self.at());
            if !(self.word("and") || (self.dialect.is_mysql() && self.symbol("&&"))) {
                return Ok(left);
            }
            left = Expr::Binary(Op::And, left.into(), self.negation()?.into(), at);
        }
    }
    fn negation(&mut self) -> Parsed<Expr> {
        if self.word("not") || (self.dialect.is_mysql() && self.symbol("!")) {
            return Ok(Expr::Not(self.deeper(Self::negation)?.into()));
        }
        self.comparison()
    }
    fn comparison(&mut self) -> Parsed<Expr> {
        let mut left = self.bits()?;
        loop {
            let at = At(self.at());
            let op = match self.peek() {
                Token::Symbol("=") => Op::Equal,
                Token::Symbol("<=>") if self.dialect.is_mysql() => Op::Same,
                Token::Symbol("<>" | "!=") => Op::Differs,
                Token::Symbol("<") => Op::Less,
                Token::Symbol("<=") => Op::LessEqual,
                Token::Symbol(">") => Op::Greater,
                Token::Symbol(">=") => Op::GreaterEqual,
                _ => match self.predicate(left)? {
                    (done, true) => {
                        left = done;
                        continue;
                    }
                    (done, false) => return Ok(done),
                },
            };
            self.advance();
            if self.is_word("any") || self.is_word("all") || self.is_word("some") {
                return self.unsupported("ANY, ALL");
            }
            left = Expr::Binary(op, left.into(), self.bits()?.into(), at);
        }
    }
    /// What may follow an expression; true if something did.
    fn predicate(&mut self, value: Expr) -> Parsed<(Expr, bool)> {
        if self.word("is") {
            let not = self.word("not");
            let value = Box::new(value);
            if self.word("null") {
                return Ok((Expr::IsNull { value, not }, true));
            }
            if self.word("unknown") {
                return Ok((Expr::IsNull { value, not }, true));
            }
            if self.words("distinct from") {
                let same = Expr::Binary(Op::Same, value, self.bits()?.into(), At::default());
                return Ok((if not { same } else { Expr::Not(same.into()) }, true));
            }
            let truth = self.is_word("true");
            if self.word("true") || self.word("false") {
                return Ok((Expr::IsTruth { value, truth, not }, true));
            }
            return self.wrong();
        }
        if !self.dialect.is_mysql() && (self.word("isnull") || self.word("notnull")) {
            return self.wrong();
        }
        for (symbol, not, any_case) in
            [("~*", false, true), ("~", false, false), ("!~*", true, true), ("!~", true, false)]
        {
            if !self.dialect.is_mysql() && self.symbol(symbol) {
                let pattern = self.bits()?.into();
                return Ok((Expr::Matches { value: value.into(), pattern, not, any_case }, true));
            }
        }
        let negated = self.is_word("not")
            && ["like", "ilike", "in", "between", "regexp", "rlike"].iter().any(|w| self.is_ahead(1, w));
        let not = negated && self.word("not");
        let value = Box::new(value);
        if self.word("between") {
            _ = self.word("symmetric");
            let low = self.bits()?.into();
            self.expect("and")?;
            return Ok((Expr::Between { value, low, high: self.bits()?.into(), not }, true));
        }
        if self.word("in") {
            self.expect_symbol("(")?;
            if self.is_word("select") || self.is_word("with") {
                let query = self.query()?.into();
                self.expect_symbol(")")?;
                return Ok((Expr::InQuery { value, query, not }, true));
            }
            let list = self.list(Self::expression)?;
            self.expect_symbol(")")?;
            return Ok((Expr::In { value, list, not }, true));
        }
        let ilike = !self.dialect.is_mysql() && self.word("ilike");
        if ilike || self.word("like") {
            let pattern = self.bits()?.into();
            if self.word("escape") {
                self.text()?;
            }
            return Ok((
                Expr::Like { value, pattern, not, any_case: ilike || self.dialect.is_mysql() },
                true,
            ));
        }
        if self.dialect.is_mysql() && (self.word("regexp") || self.word("rlike")) {
            let pattern = self.bits()?.into();
            return Ok((Expr::Matches { value, pattern, not, any_case: true }, true));
        }
        Ok((*value, false))
    }
    fn binary(&mut self, ops: &[(&str, Op)], one: fn(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        let mut left = one(self)?;
        loop {
            let at = At(self.at());
            let Some(op) = ops.iter().find(|(s, _)| match s.as_bytes().first() {
                Some(b) if b.is_ascii_alphabetic() => self.is_word(s),
                _ => self.is_symbol(s),
            }) else {
                return Ok(left);
            };
            self.advance();
            left = Expr::Binary(op.1, left.into(), one(self)?.into(), at);
        }
    }
    fn bits(&mut self) -> Parsed<Expr> {
        let ops: &[(&str, Op)] = match self.dialect.is_mysql() {
            true => &[("|", Op::BitOr), ("&", Op::BitAnd), ("<<", Op::ShiftLeft), (">>", Op::ShiftRight)],
            false => &[
                ("|", Op::BitOr),
                ("&", Op::BitAnd),
                ("||", Op::Concat),
                ("->>", Op::ArrowText),
                ("->", Op::Arrow),
            ],
        };
        self.binary(ops, Self::sum)
    }
    fn sum(&mut self) -> Parsed<Expr> {
        self.binary(&[("+", Op::Plus), ("-", Op::Minus)], Self::product)
    }
    fn product(&mut self) -> Parsed<Expr> {
        let ops: &[(&str, Op)] = match self.dialect.is_mysql() {
            true => &[
                ("*", Op::Times),
                ("/", Op::Divide),
                ("%", Op::Modulo),
                ("div", Op::Whole),
                ("mod", Op::Modulo),
            ],
            false => &[("*", Op::Times), ("/", Op::Divide), ("%", Op::Modulo), ("^", Op::Power)],
        };
        self.binary(ops, Self::signed)
    }
    /// A value without comparisons, as after DEFAULT.
    pub(super) fn signed_value(&mut self) -> Parsed<Expr> {
        self.sum()
    }
    fn signed(&mut self) -> Parsed<Expr> {
        if self.symbol("-") {
            return Ok(match self.deeper(Self::signed)? {
                Expr::Literal(Datum::Int(n)) => Expr::Literal(Datum::Int(n.wrapping_neg())),
                Expr::Literal(Datum::Decimal(d)) => {
                    Expr::Literal(Datum::Decimal(Decimal { mantissa: -d.mantissa, ..d }))
                }
                other => Expr::Negative(other.into()),
            });
        }
        if self.symbol("+") {
            return self.deeper(Self::signed);
        }
        let mut value = self.primary()?;
        loop {
            if !self.dialect.is_mysql() && self.symbol("::") {
                let to = self.type_name()?;
                value = Expr::Cast { value: value.into(), to };
            } else if self.dialect.is_mysql() && (self.is_symbol("->") || self.is_symbol("->>")) {
                let op = if self.is_symbol("->") { Op::Arrow } else { Op::ArrowText };
                let at = At(self.at());
                self.advance();
                value = Expr::Binary(op, value.into(), Expr::Literal(Datum::text(&self.text()?)).into(), at);
            } else if self.word("collate") {
                self.any_name()?;
            } else if !self.dialect.is_mysql() && self.words("at time zone") {
                self.signed()?;
            } else {
                return Ok(value);
            }
        }
    }
    fn primary(&mut self) -> Parsed<Expr> {
        let at = self.at();
        match self.peek().clone() {
            Token::Number(n) => {
                self.advance();
                number(&n).map_or_else(|| self.wrong(), |d| Ok(Expr::Literal(d)))
            }
            Token::Text(mut t) => {
                self.advance();
                // Texts one after the other are one.
                while let (true, Token::Text(more)) = (self.dialect.is_mysql(), self.peek().clone()) {
                    t += &more;
                    self.advance();
                }
                Ok(Expr::Literal(Datum::text(&t)))
            }
            Token::Variable(v) => {
                self.advance();
                Ok(Expr::Variable(v.as_str().into()))
            }
            Token::Symbol("(") => {
                self.advance();
                let out = match self.is_word("select") || self.is_word("with") || self.is_word("values") {
                    true => Expr::Query(self.query()?.into()),
                    false => self.expression()?,
                };
                if self.is_symbol(",") {
                    return self.unsupported("row expressions");
                }
                self.expect_symbol(")")?;
                Ok(out)
            }
            Token::Symbol("*") => self.wrong(),
            Token::Word(w) => self.wordy(&w, at),
            Token::Quoted(_) => self.column(),
            _ => self.wrong(),
        }
    }
    fn wordy(&mut self, word: &str, at: usize) -> Parsed<Expr> {
        let lower = word.to_ascii_lowercase();
        let called = matches!(self.ahead(1), Token::Symbol("("));
        match lower.as_str() {
            "null" => {
                self.advance();
                return Ok(Expr::Literal(Datum::Null));
            }
            "true" | "false" => {
                self.advance();
                return Ok(Expr::Literal(Datum::truth(self.dialect, lower == "true")));
            }
            "default" if !called => {
                self.advance();
                return Ok(Expr::Default);
            }
            "case" => return self.case(),
            "exists" if called => {
                self.advance();
                self.expect_symbol("(")?;
                let query = self.query()?.into();
                self.expect_symbol(")")?;
                return Ok(Expr::Exists(query));
            }
            "cast" | "convert" if called => return self.cast(),
            "interval" if !called => return self.interval(),
            "date" | "time" | "timestamp" | "timestamptz" if matches!(self.ahead(1), Token::Text(_)) => {
                let to = self.type_name()?;
                let value = Expr::Literal(Datum::text(&self.text()?)).into();
                return Ok(Expr::Cast { value, to });
            }
            "binary" if self.dialect.is_mysql() && !called => {
                self.advance();
                return self.deeper(Self::signed);
            }
            "array" | "row" if called || matches!(self.ahead(1), Token::Symbol("[")) => {
                return self.unsupported("arrays and rows");
            }
            _ if BARE.contains(&lower.as_str()) && !called => {
                self.advance();
                return Ok(call(&lower, Vec::new(), at));
            }
            _ => {}
        }
        if called { self.call(at) } else { self.column() }
    }
    fn column(&mut self) -> Parsed<Expr> {
        let first = self.name()?;
        if !self.symbol(".") {
            return Ok(Expr::Column { table: None, name: first.text, at: first.at });
        }
        if self.is_symbol("*") {
            return self.wrong();
        }
        let second = self.any_name()?;
        if matches!(self.peek(), Token::Symbol("(")) {
            // pg_catalog.version()
            self.next -= 1;
            return self.call(first.at.0);
        }
        if self.symbol(".") {
            return Ok(Expr::Column { table: Some(second), name: self.any_name()?, at: first.at });
        }
        Ok(Expr::Column { table: Some(first.text), name: second, at: first.at })
    }
}

pub(super) fn call(name: &str, args: Vec<Expr>, at: usize) -> Expr {
    Expr::Call { name: name.into(), args, star: false, distinct: false, at: At(at) }
}

fn number(text: &str) -> Option<Datum> {
    if let Ok(n) = text.parse::<i64>() {
        return Some(Datum::Int(n));
    }
    match Decimal::parse(text) {
        Some(d) => Some(Datum::Decimal(d)),
        None => text.parse().ok().map(Datum::float),
    }
}
