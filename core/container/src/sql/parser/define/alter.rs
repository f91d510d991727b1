//! ALTER TABLE.

use super::*;

impl Parser<'_> {
    /// After ALTER TABLE.
    pub fn alter_table(&mut self) -> Parsed<Statement> {
        _ = self.if_exists();
        _ = self.word("only");
        let table = self.path()?;
        let changes = self.list(Self::alteration)?;
        Ok(Statement::Alter { table, changes })
    }
    pub(super) fn position(&mut self) -> Parsed<Option<Option<Arc<str>>>> {
        if !self.dialect.is_mysql() {
            return Ok(None);
        }
        if self.word("first") {
            return Ok(Some(None));
        }
        if self.word("after") { Ok(Some(Some(self.name()?.text))) } else { Ok(None) }
    }
    pub(super) fn alteration(&mut self) -> Parsed<Alter> {
        let mysql = self.dialect.is_mysql();
        if self.word("add") {
            let mut shape = Shape::default();
            let constraint =
                ["constraint", "primary", "unique", "foreign", "check"].iter().any(|w| self.is_word(w))
                    || (mysql && ["key", "index", "fulltext"].iter().any(|w| self.is_word(w)));
            if constraint {
                self.element(&mut shape)?;
                return Ok(Alter::AddShape(shape.into()));
            }
            _ = self.word("column");
            let if_not_exists = self.if_not_exists();
            let many = mysql && self.symbol("(");
            self.column_def(&mut shape)?;
            while many && self.symbol(",") {
                self.column_def(&mut shape)?;
            }
            if many {
                self.expect_symbol(")")?;
            }
            let place = self.position()?;
            return Ok(Alter::Add(shape.into(), place, if_not_exists));
        }
        if self.word("drop") {
            if self.words("primary key") {
                return Ok(Alter::DropPrimary);
            }
            if self.word("constraint")
                || (mysql
                    && (self.word("index")
                        || self.word("key")
                        || self.words("foreign key")
                        || self.word("check")))
            {
                _ = self.if_exists();
                return Ok(Alter::DropKey(self.name()?.text));
            }
            _ = self.word("column");
            let if_exists = self.if_exists();
            let name = self.name()?.text;
            _ = self.word("cascade") || self.word("restrict");
            return Ok(Alter::Drop { name, if_exists });
        }
        if mysql && (self.is_word("modify") || self.is_word("change")) {
            let change = self.word("change");
            _ = change || self.word("modify");
            _ = self.word("column");
            let mut shape = Shape::default();
            let old = if change { Some(self.name()?.text) } else { None };
            self.column_def(&mut shape)?;
            self.position()?;
            let name = shape.columns.first().map(|c| c.name.clone()).unwrap_or_default();
            return Ok(Alter::Change(old.unwrap_or(name), shape.into()));
        }
        if self.word("alter") {
            _ = self.word("column");
            let name = self.name()?.text;
            if self.words("set not null") {
                return Ok(Alter::Nullable(name, false));
            }
            if self.words("drop not null") {
                return Ok(Alter::Nullable(name, true));
            }
            if self.words("drop default") {
                return Ok(Alter::Default(name, None));
            }
            if self.words("set default") {
                let at = self.at();
                let value = self.expression()?;
                return Ok(Alter::Default(name, Some((value, self.since(at).into()))));
            }
            _ = self.words("set data");
            self.expect("type")?;
            let kind = self.type_name()?;
            if self.word("using") {
                self.expression()?;
            }
            return Ok(Alter::Type(name, kind));
        }
        if self.word("rename") {
            if self.word("to") || (mysql && self.word("as")) {
                return Ok(Alter::Rename(self.path()?));
            }
            if mysql && (self.is_word("index") || self.is_word("key")) {
                return self.unsupported("RENAME INDEX");
            }
            _ = self.word("column");
            let old = self.name()?.text;
            self.expect("to")?;
            return Ok(Alter::RenameColumn(old, self.name()?.text));
        }
        if !mysql && self.words("owner to") {
            return Ok(Alter::Owner(self.any_name()?));
        }
        if mysql && self.word("auto_increment") {
            _ = self.symbol("=");
            return Ok(Alter::Counter(self.number()?.into()));
        }
        if mysql
            && (self.is_word("engine")
                || self.is_word("convert")
                || self.is_word("default")
                || self.is_word("comment")
                || self.is_word("disable")
                || self.is_word("enable"))
        {
            while !self.is_symbol(",") && !self.is_symbol(";") && self.peek() != &Token::End {
                self.advance();
            }
            return Ok(Alter::Nothing);
        }
        self.wrong()
    }
}
