//! Calls, CASE, CAST and INTERVAL.

use super::*;

impl Parser<'_> {
    pub(super) fn call(&mut self, at: usize) -> Parsed<Expr> {
        let name = self.any_name()?.to_lowercase();
        self.expect_symbol("(")?;
        let (mut args, mut star) = (Vec::new(), false);
        let distinct = self.word("distinct");
        match name.as_str() {
            "count" if self.symbol("*") => star = true,
            "extract" => {
                args.push(Expr::Literal(Datum::text(&self.any_name()?)));
                self.expect("from")?;
                args.push(self.expression()?);
            }
            "position" => {
                args.push(self.bits()?);
                self.expect("in")?;
                args.push(self.expression()?);
            }
            "trim" => {
                let side =
                    ["both", "leading", "trailing"].into_iter().find(|s| self.word(s)).unwrap_or("both");
                let first =
                    if self.is_word("from") { Expr::Literal(Datum::text(" ")) } else { self.expression()? };
                let (what, from) = match self.word("from") {
                    true => (first, self.expression()?),
                    false if self.symbol(",") => (self.expression()?, first),
                    false => (Expr::Literal(Datum::text(" ")), first),
                };
                args = vec![from, what, Expr::Literal(Datum::text(side))];
            }
            "substring" | "substr" if !self.is_symbol(")") => {
                args.push(self.expression()?);
                while self.symbol(",") || self.word("from") || self.word("for") {
                    args.push(self.expression()?);
                }
            }
            "timestampdiff" | "timestampadd" => {
                args.push(Expr::Literal(Datum::text(&self.any_name()?)));
                while self.symbol(",") {
                    args.push(self.expression()?);
                }
            }
            _ if self.is_symbol(")") => {}
            _ => args = self.list(Self::expression)?,
        }
        // GROUP_CONCAT(x ORDER BY y SEPARATOR ','); the order of rows is kept.
        if self.words("order by") {
            self.list(|p| {
                p.expression()?;
                _ = p.word("asc") || p.word("desc");
                Ok(())
            })?;
        }
        if self.word("separator") {
            let text = self.text()?;
            args.push(Expr::Literal(Datum::text(&text)));
        }
        self.expect_symbol(")")?;
        if self.is_word("over") || self.is_word("filter") {
            return self.unsupported("window functions");
        }
        Ok(Expr::Call { name: name.as_str().into(), args, star, distinct, at: At(at) })
    }
    pub(super) fn case(&mut self) -> Parsed<Expr> {
        self.advance();
        let value = if self.is_word("when") { None } else { Some(self.expression()?.into()) };
        let mut arms = Vec::new();
        while self.word("when") {
            let when = self.expression()?;
            self.expect("then")?;
            arms.push((when, self.expression()?));
        }
        if arms.is_empty() {
            return self.wrong();
        }
        let other = if self.word("else") { Some(self.expression()?.into()) } else { None };
        self.expect("end")?;
        Ok(Expr::Case { value, arms, other })
    }
    pub(super) fn cast(&mut self) -> Parsed<Expr> {
        self.advance();
        self.expect_symbol("(")?;
        let value = self.expression()?.into();
        if self.word("using") {
            self.any_name()?;
            self.expect_symbol(")")?;
            return Ok(Expr::Cast { value, to: crate::sql::types::TEXT });
        }
        if !self.word("as") && !self.symbol(",") {
            return self.wrong();
        }
        let to = if self.word("signed") {
            _ = self.word("integer");
            crate::sql::types::BIGINT
        } else if self.word("unsigned") {
            _ = self.word("integer");
            Type::Int { bytes: 8, unsigned: true, narrow: false }
        } else if self.dialect.is_mysql()
            && self.is_word("char")
            && !matches!(self.ahead(1), Token::Symbol("("))
        {
            self.advance();
            crate::sql::types::TEXT
        } else {
            self.type_name()?
        };
        self.expect_symbol(")")?;
        Ok(Expr::Cast { value, to })
    }
    pub(super) fn interval(&mut self) -> Parsed<Expr> {
        let at = self.at();
        self.advance();
        if !self.dialect.is_mysql() {
            let text = self.text()?;
            return match crate::sql::types::parse_interval(&text) {
                Some(interval) => Ok(Expr::Literal(interval)),
                None => Err(fault::postgres(
                    "22007",
                    &format!("invalid input syntax for type interval: \"{text}\""),
                )
                .at(at)),
            };
        }
        let value = self.bits()?.into();
        Ok(Expr::Interval { value, unit: self.any_name()? })
    }
}
