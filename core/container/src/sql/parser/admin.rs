//! Statements by their first word; databases, users, rights, SHOW, SET, transactions.

mod settings;

use super::{Parsed, Parser};
use crate::sql::ast::{Account, Expr, Statement};
use crate::sql::datum::Datum;
use crate::sql::lexer::Token;
use std::sync::Arc;

impl Parser<'_> {
    pub fn statement(&mut self) -> Parsed<Statement> {
        let mysql = self.dialect.is_mysql();
        let Token::Word(first) = self.peek().clone() else {
            return if self.is_symbol("(") {
                Ok(Statement::Select(self.query()?.into()))
            } else {
                self.wrong()
            };
        };
        let first = first.to_ascii_lowercase();
        match first.as_str() {
            "select" | "with" | "values" => return Ok(Statement::Select(self.query()?.into())),
            "table" if !mysql => {}
            "create" | "drop" | "alter" | "insert" | "update" | "delete" | "truncate" | "set" | "show"
            | "begin" | "commit" | "rollback" | "start" | "explain" | "grant" | "revoke" | "savepoint"
            | "release" | "analyze" => {}
            "use" | "describe" | "desc" | "replace" | "rename" | "flush" | "lock" | "unlock" | "kill"
            | "optimize" | "check"
                if mysql => {}
            "end" | "abort" | "vacuum" | "comment" | "reset" | "reindex" | "discard" if !mysql => {}
            "call" | "do" | "prepare" | "execute" | "declare" | "copy" | "listen" | "notify" | "handler"
            | "load" | "merge" | "cluster" | "refresh" | "fetch" | "deallocate" | "import" | "install" => {
                return self.unsupported(&first.to_uppercase());
            }
            _ => return self.wrong(),
        }
        self.advance();
        match first.as_str() {
            "create" => self.create(),
            "drop" => self.drop_statement(),
            "alter" => self.alter(),
            "insert" => self.insert(false),
            "replace" => self.insert(true),
            "update" => self.change(false),
            "delete" => {
                self.expect("from")?;
                _ = self.word("only");
                self.change(true)
            }
            "truncate" => {
                _ = self.word("table");
                let tables = self.list(Self::path)?;
                _ = self.words("restart identity");
                _ = self.word("cascade");
                Ok(Statement::Truncate(tables))
            }
            "set" => self.set(),
            "show" => self.show(),
            "use" => self.any_name().map(Statement::Use),
            "describe" | "desc" => {
                if self.is_word("select") {
                    return Ok(Statement::Explain(Box::new(Statement::Select(self.query()?.into())), false));
                }
                self.path().map(Statement::Describe)
            }
            "explain" => {
                let analyze = self.word("analyze");
                _ = self.word("verbose");
                if self.is_symbol("(") {
                    return self.unsupported("EXPLAIN options");
                }
                match self.is_word("select")
                    || self.is_word("with")
                    || self.is_word("update")
                    || self.is_word("delete")
                    || self.is_word("insert")
                {
                    true => Ok(Statement::Explain(self.statement()?.into(), analyze)),
                    false if mysql => self.path().map(Statement::Describe),
                    false => self.wrong(),
                }
            }
            "begin" => {
                _ = self.word("work") || self.word("transaction");
                if !mysql {
                    self.skip();
                }
                Ok(Statement::Begin)
            }
            "start" => {
                self.expect("transaction")?;
                self.skip();
                Ok(Statement::Begin)
            }
            "commit" | "end" => {
                _ = self.word("work") || self.word("transaction");
                Ok(Statement::Commit)
            }
            "rollback" | "abort" => {
                _ = self.word("work") || self.word("transaction");
                if self.word("to") {
                    _ = self.word("savepoint");
                    return Ok(Statement::RollbackTo(self.name()?.text));
                }
                Ok(Statement::Rollback)
            }
            "savepoint" => Ok(Statement::Savepoint(self.name()?.text)),
            "release" => {
                _ = self.word("savepoint");
                Ok(Statement::Release(self.name()?.text))
            }
            "grant" => self.grant(true),
            "revoke" => self.grant(false),
            "rename" if self.word("table") => {
                let table = self.path()?;
                self.expect("to")?;
                let to = self.path()?;
                Ok(Statement::Alter { table, changes: vec![crate::sql::ast::Alter::Rename(to)] })
            }
            "flush" | "lock" | "unlock" | "vacuum" | "comment" | "reset" | "reindex" | "discard"
            | "analyze" => {
                self.skip();
                Ok(Statement::Nothing(match first.as_str() {
                    "vacuum" => "VACUUM",
                    "comment" => "COMMENT",
                    "reset" => "RESET",
                    "reindex" => "REINDEX",
                    "discard" => "DISCARD ALL",
                    "analyze" => "ANALYZE",
                    "lock" => "LOCK TABLE",
                    _ => "",
                }))
            }
            _ => self.unsupported(&first.to_uppercase()),
        }
    }
    fn create(&mut self) -> Parsed<Statement> {
        let mysql = self.dialect.is_mysql();
        let replace = self.words("or replace");
        _ = self.word("temporary") || self.word("temp") || self.word("unlogged");
        if self.word("table") {
            return self.create_table();
        }
        if self.word("view") {
            let name = self.path()?;
            if self.is_symbol("(") {
                return self.unsupported("column names of views");
            }
            self.expect("as")?;
            let at = self.at();
            let query = self.query()?.into();
            return Ok(Statement::CreateView { name, replace, query, source: self.since(at).into() });
        }
        if self.words("unique index") {
            return self.create_index(true);
        }
        if self.word("index") || self.words("fulltext index") {
            return self.create_index(false);
        }
        if self.word("database") || (mysql && self.word("schema")) {
            let if_not_exists = self.if_not_exists();
            let name = self.name()?.text;
            let mut owner = None;
            while let Token::Word(_) = self.peek() {
                if self.word("owner") {
                    _ = self.symbol("=");
                    owner = Some(self.any_name()?);
                    continue;
                }
                self.advance();
                _ = self.symbol("=");
                if matches!(self.peek(), Token::Text(_)) {
                    self.advance();
                }
            }
            return Ok(Statement::CreateDatabase { name, if_not_exists, owner });
        }
        if self.word("schema") {
            let if_not_exists = self.if_not_exists();
            let name = self.name()?.text;
            if self.word("authorization") {
                self.any_name()?;
            }
            return Ok(Statement::CreateSchema { name, if_not_exists });
        }
        if self.word("user") || self.is_word("role") {
            let role = self.word("role");
            let if_not_exists = self.if_not_exists();
            let (accounts, options) = self.users()?;
            return Ok(Statement::CreateUser { accounts, if_not_exists, options, role });
        }
        if !mysql && self.word("extension") {
            self.skip();
            return Ok(Statement::Nothing("CREATE EXTENSION"));
        }
        let what = match self.peek() {
            Token::Word(w) => w.to_ascii_uppercase(),
            _ => return self.wrong(),
        };
        let known = [
            "FUNCTION",
            "PROCEDURE",
            "TRIGGER",
            "EVENT",
            "TYPE",
            "SEQUENCE",
            "MATERIALIZED",
            "DOMAIN",
            "POLICY",
            "RULE",
            "PUBLICATION",
            "SERVER",
            "TABLESPACE",
            "AGGREGATE",
            "DEFINER",
        ];
        if known.contains(&what.as_str()) {
            self.unsupported(&format!("CREATE {what}"))
        } else {
            self.wrong()
        }
    }
    fn drop_statement(&mut self) -> Parsed<Statement> {
        let mysql = self.dialect.is_mysql();
        _ = self.word("temporary");
        let view = self.is_word("view");
        if self.word("table") || self.word("view") {
            let if_exists = self.if_exists();
            let names = self.list(Self::path)?;
            let cascade = self.word("cascade");
            _ = self.word("restrict");
            return Ok(Statement::DropTable { names, if_exists, view, cascade });
        }
        if self.word("index") {
            _ = self.word("concurrently");
            let if_exists = self.if_exists();
            let name = self.path()?.name;
            let table = if mysql {
                self.expect("on")?;
                Some(self.path()?)
            } else {
                None
            };
            return Ok(Statement::DropIndex { name, table, if_exists });
        }
        if self.word("database") || (mysql && self.word("schema")) {
            let if_exists = self.if_exists();
            let name = self.name()?.text;
            self.skip();
            return Ok(Statement::DropDatabase { name, if_exists });
        }
        if self.word("schema") {
            let if_exists = self.if_exists();
            let name = self.name()?.text;
            _ = self.word("cascade") || self.word("restrict");
            return Ok(Statement::DropSchema { name, if_exists });
        }
        if self.word("user") || self.is_word("role") {
            let role = self.word("role");
            let if_exists = self.if_exists();
            let accounts = self.list(Self::account)?;
            return Ok(Statement::DropUser { accounts, if_exists, role });
        }
        if self.is_word("extension") {
            self.skip();
            return Ok(Statement::Nothing("DROP EXTENSION"));
        }
        match self.peek().clone() {
            Token::Word(w) => {
                let what = w.to_ascii_uppercase();
                let known = [
                    "FUNCTION",
                    "PROCEDURE",
                    "TRIGGER",
                    "EVENT",
                    "TYPE",
                    "SEQUENCE",
                    "OWNED",
                    "MATERIALIZED",
                ];
                if known.contains(&what.as_str()) {
                    self.unsupported(&format!("DROP {what}"))
                } else {
                    self.wrong()
                }
            }
            _ => self.wrong(),
        }
    }
    fn alter(&mut self) -> Parsed<Statement> {
        if self.word("table") {
            return self.alter_table();
        }
        if self.word("user") || self.word("role") {
            _ = self.if_exists();
            let (accounts, options) = self.users()?;
            return Ok(Statement::AlterUser { accounts, options });
        }
        if self.is_word("database")
            || self.is_word("sequence")
            || self.is_word("schema")
            || self.is_word("default")
        {
            let tag = match self.peek() {
                Token::Word(w) if w.eq_ignore_ascii_case("sequence") => "ALTER SEQUENCE",
                Token::Word(w) if w.eq_ignore_ascii_case("schema") => "ALTER SCHEMA",
                Token::Word(w) if w.eq_ignore_ascii_case("default") => "ALTER DEFAULT PRIVILEGES",
                _ => "ALTER DATABASE",
            };
            self.skip();
            return Ok(Statement::Nothing(tag));
        }
        if self.is_word("view") || self.is_word("type") || self.is_word("system") || self.is_word("instance")
        {
            return self.unsupported("this ALTER");
        }
        self.wrong()
    }
    /// `'name'@'host'`, or a role.
    fn account(&mut self) -> Parsed<Account> {
        let name = self.any_name()?;
        let mut host: Arc<str> = if self.dialect.is_mysql() { "%" } else { "" }.into();
        if let Token::Variable(v) = self.peek().clone() {
            self.advance();
            host = match v.trim_start_matches('@') {
                "" => self.any_name()?,
                word => word.into(),
            };
        }
        _ = self.symbol("(") && self.symbol(")");
        Ok(Account { name, host })
    }
    /// Accounts with their passwords, and PostgreSQL's options.
    #[allow(clippy::type_complexity)] // a list of pairs and a list
    fn users(&mut self) -> Parsed<(Vec<(Account, Option<String>)>, Vec<String>)> {
        let mut options = Vec::new();
        let accounts = self.list(|p| {
            let account = p.account()?;
            let mut password = None;
            loop {
                if p.words("identified by") || p.word("password") {
                    _ = p.is_word("null") && p.word("null");
                    if matches!(p.peek(), Token::Text(_)) {
                        password = Some(p.text()?);
                    }
                } else if p.words("identified with") {
                    p.any_name()?;
                    if p.word("by") || p.word("as") {
                        password = Some(p.text()?);
                    }
                } else if let (false, Token::Word(w)) = (p.is_word("default"), p.peek().clone()) {
                    p.advance();
                    options.push(w.to_ascii_lowercase());
                    if p.dialect.is_mysql()
                        && !["account", "lock", "unlock", "require", "none", "expire", "never", "interval"]
                            .contains(&w.to_ascii_lowercase().as_str())
                    {
                        p.next -= 1;
                        return p.wrong();
                    }
                    if matches!(p.peek(), Token::Text(_) | Token::Number(_)) {
                        p.advance();
                    }
                } else {
                    return Ok((account, password));
                }
            }
        })?;
        Ok((accounts, options))
    }
    fn grant(&mut self, give: bool) -> Parsed<Statement> {
        let rights = self.list(|p| {
            let mut words = Vec::new();
            while let Token::Word(w) = p.peek().clone() {
                if ["on", "to", "from"].iter().any(|s| w.eq_ignore_ascii_case(s)) {
                    break;
                }
                p.advance();
                words.push(w.to_ascii_uppercase());
            }
            if p.is_symbol("(") {
                p.names()?;
            }
            if words.is_empty() { p.wrong() } else { Ok(words.join(" ")) }
        })?;
        let mut on = (None, None);
        if self.word("on") {
            on = self.granted_on()?;
        }
        if !self.word(if give { "to" } else { "from" }) {
            return self.wrong();
        }
        let to = self.list(|p| {
            let account = p.account()?;
            if p.words("identified by") {
                // MySQL 8 took this away; MariaDB and 5.7 have it.
                p.text()?;
            }
            Ok(account)
        })?;
        let option = self.words("with grant option") || self.words("with admin option");
        _ = self.word("cascade");
        Ok(Statement::Grant { rights, on, to, give, option })
    }
    #[allow(clippy::type_complexity)] // a database and a table
    fn granted_on(&mut self) -> Parsed<(Option<Arc<str>>, Option<Arc<str>>)> {
        if !self.dialect.is_mysql() {
            for (words, kind) in [
                ("all tables in schema", "*"),
                ("all sequences in schema", ""),
                ("schema", ""),
                ("sequence", ""),
            ] {
                if self.words(words) {
                    let name = self.any_name()?;
                    return Ok(match kind {
                        "*" => (None, Some("*".into())),
                        _ => (Some(name), Some("".into())),
                    });
                }
            }
            if self.word("database") {
                return Ok((Some(self.any_name()?), None));
            }
            _ = self.word("table");
            return Ok((None, Some(self.path()?.name)));
        }
        _ = self.word("table");
        let part = |p: &mut Self| if p.symbol("*") { Ok(None) } else { p.any_name().map(Some) };
        let first = part(self)?;
        if self.symbol(".") {
            return Ok((first, part(self)?));
        }
        Ok((None, first))
    }
}
