//! SET and SHOW.

use super::*;

impl Parser<'_> {
    pub(super) fn set(&mut self) -> Parsed<Statement> {
        let mysql = self.dialect.is_mysql();
        if self.word("names") || self.words("character set") {
            self.skip();
            return Ok(Statement::Nothing("SET"));
        }
        if self.word("transaction")
            || self.words("session characteristics")
            || self.words("session transaction")
            || self.words("global transaction")
        {
            self.skip();
            return Ok(Statement::Nothing("SET"));
        }
        if mysql && self.word("password") {
            let mut account = Account { name: "".into(), host: "".into() };
            if self.word("for") {
                account = self.account()?;
            }
            self.expect_symbol("=")?;
            let call = self.word("password") && self.symbol("(");
            let password = self.text()?;
            if call {
                self.expect_symbol(")")?;
            }
            return Ok(Statement::AlterUser {
                accounts: vec![(account, Some(password))],
                options: Vec::new(),
            });
        }
        let sets = self.list(|p| {
            let scope = ["global", "session", "local", "persist"].into_iter().find(|w| p.word(w));
            let name: Arc<str> = match p.peek().clone() {
                Token::Variable(v) => {
                    p.advance();
                    v.as_str().into()
                }
                _ => p.any_name()?.to_lowercase().into(),
            };
            let name: Arc<str> =
                if p.symbol(".") { format!("{name}.{}", p.any_name()?).into() } else { name };
            if !(p.symbol("=") || p.symbol(":=") || (!mysql && p.word("to"))) {
                return if !mysql && &*name == "time" && p.word("zone") {
                    p.skip();
                    Ok(("timezone".into(), Expr::Literal(Datum::text("UTC"))))
                } else {
                    p.wrong()
                };
            }
            let value = match p.peek().clone() {
                Token::Word(w) if !matches!(p.ahead(1), Token::Symbol("(" | "." | "+" | "-" | "*")) => {
                    p.advance();
                    Expr::Literal(Datum::text(&w))
                }
                _ => p.expression()?,
            };
            let name = match scope {
                Some("global" | "persist") => format!("@@global.{name}").into(),
                _ if name.starts_with('@') || !mysql => name,
                _ => format!("@@{name}").into(),
            };
            if !mysql {
                while p.is_symbol(",") {
                    p.advance();
                    p.advance();
                }
            }
            Ok((name, value))
        })?;
        Ok(Statement::Set(sets))
    }
    pub(super) fn show(&mut self) -> Parsed<Statement> {
        let at = self.at();
        let mut what = Vec::new();
        let (mut like, mut table) = (None, None);
        let mut database = None;
        loop {
            match self.peek().clone() {
                Token::Word(w) if w.eq_ignore_ascii_case("like") => {
                    self.advance();
                    like = Some(self.text()?);
                }
                Token::Word(w) if w.eq_ignore_ascii_case("where") => {
                    // SHOW VARIABLES WHERE Variable_name = 'x'.
                    self.advance();
                    self.any_name()?;
                    if !self.symbol("=") {
                        self.expect("like")?;
                    }
                    like = Some(self.text()?);
                }
                Token::Word(w)
                    if self.dialect.is_mysql()
                        && (w.eq_ignore_ascii_case("from") || w.eq_ignore_ascii_case("in")) =>
                {
                    self.advance();
                    let path = self.path()?;
                    match (&table, what.join(" ").as_str()) {
                        (None, "tables" | "full tables" | "table status") => database = Some(path.name),
                        (None, _) => table = Some(path),
                        (Some(_), _) => database = Some(path.name),
                    }
                }
                Token::Word(w) if w.eq_ignore_ascii_case("for") => {
                    self.advance();
                    let account = match self.words("current_user") {
                        true => Account { name: "".into(), host: "".into() },
                        false => self.account()?,
                    };
                    _ = self.symbol("(") && self.symbol(")");
                    like = Some(format!("{}@{}", account.name, account.host));
                }
                Token::Word(w) => {
                    self.advance();
                    what.push(w.to_ascii_lowercase());
                    if what.len() == 2
                        && what.first().is_some_and(|f| f == "create")
                        && self.dialect.is_mysql()
                    {
                        _ = self.if_not_exists();
                        if w.eq_ignore_ascii_case("user") {
                            let account = self.account()?;
                            like = Some(format!("{}@{}", account.name, account.host));
                        } else {
                            table = Some(self.path()?);
                        }
                    }
                }
                Token::Symbol(".") => {
                    self.advance();
                    let word = self.any_name()?;
                    if let Some(last) = what.last_mut() {
                        *last = format!("{last}.{word}");
                    }
                }
                Token::Symbol(";") | Token::End => break,
                _ => return self.wrong(),
            }
        }
        if what.is_empty() {
            _ = at;
            return self.wrong();
        }
        if let Some(database) = database {
            table = Some(match table {
                Some(t) => crate::sql::ast::Path { schema: Some(database), ..t },
                None => crate::sql::ast::Path {
                    schema: Some(database),
                    name: "".into(),
                    at: crate::sql::ast::At(at),
                },
            });
        }
        Ok(Statement::Show { what: what.join(" "), like, table })
    }
}
