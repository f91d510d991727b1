//! CREATE, ALTER, DROP and TRUNCATE of tables, views and indexes; types of columns.

mod alter;

use super::{Parsed, Parser};
use crate::sql::ast::{Alter, Check, ColumnDef, Expr, Foreign, Key, KeyKind, OnDelete, Shape, Statement};
use crate::sql::datum::Datum;
use crate::sql::fault;
use crate::sql::lexer::Token;
use crate::sql::types::Type;
use std::sync::Arc;

impl Parser<'_> {
    pub fn type_name(&mut self) -> Parsed<Type> {
        let at = self.at();
        let written = self.any_name()?;
        let name = written.to_lowercase();
        if self.dialect.is_mysql() && name == "enum" {
            self.expect_symbol("(")?;
            let names = self.list(|p| p.text().map(Arc::from))?;
            self.expect_symbol(")")?;
            return Ok(Type::Enum(names));
        }
        let mut name = name.as_str();
        if matches!(name, "character" | "char") && self.word("varying") {
            name = "varchar";
        }
        if name == "double" {
            _ = self.word("precision");
        }
        let mut numbers = Vec::new();
        if self.symbol("(") {
            numbers = self.list(Self::number)?;
            self.expect_symbol(")")?;
        }
        let mut zone = false;
        if matches!(name, "timestamp" | "time") && !self.dialect.is_mysql() {
            zone = self.words("with time zone");
            _ = self.words("without time zone");
        }
        if self.is_symbol("[") {
            return self.unsupported("array types");
        }
        if zone && name == "timestamp" {
            name = "timestamptz";
        }
        let Some(mut kind) = Type::named(self.dialect, name, &numbers) else {
            return match self.dialect.is_mysql() {
                true => {
                    self.next -= 1;
                    self.wrong()
                }
                false => Err(fault::postgres("42704", &format!("type \"{name}\" does not exist")).at(at)),
            };
        };
        if self.dialect.is_mysql() {
            loop {
                if self.word("unsigned") {
                    if let Type::Int { unsigned, .. } = &mut kind {
                        *unsigned = true;
                    }
                } else if self.words("character set") || self.word("charset") {
                    self.any_name()?;
                } else if !self.word("zerofill") && !self.word("signed") {
                    break;
                }
            }
        }
        Ok(kind)
    }
    /// After CREATE TABLE.
    pub fn create_table(&mut self) -> Parsed<Statement> {
        let if_not_exists = self.if_not_exists();
        let name = self.path()?;
        let mut shape = Shape::default();
        let mut like = None;
        if self.dialect.is_mysql() && self.word("like") {
            like = Some(self.path()?);
        } else if self.is_symbol("(") && self.is_ahead(1, "like") {
            self.next += 2;
            like = Some(self.path()?);
            _ = self.words("including all");
            self.expect_symbol(")")?;
        } else if self.symbol("(") {
            loop {
                self.element(&mut shape)?;
                if !self.symbol(",") {
                    break;
                }
            }
            self.expect_symbol(")")?;
        } else if !self.is_word("as") && !self.is_word("select") {
            return match (self.peek(), self.dialect.is_mysql()) {
                (Token::End | Token::Symbol(";"), true) => {
                    Err(fault::mysql(4028, "A table must have at least one visible column."))
                }
                _ => self.wrong(),
            };
        }
        self.table_options()?;
        let from = if self.word("as") || self.is_word("select") { Some(self.query()?.into()) } else { None };
        Ok(Statement::CreateTable { name, if_not_exists, shape: shape.into(), from, like })
    }
    /// ENGINE=InnoDB and friends have no effect.
    fn table_options(&mut self) -> Parsed<()> {
        if !self.dialect.is_mysql() {
            if self.is_word("partition") || self.is_word("inherits") {
                return self.unsupported("partitioning and inheritance");
            }
            return Ok(());
        }
        while let Token::Word(w) = self.peek().clone() {
            let lower = w.to_ascii_lowercase();
            if lower == "partition" {
                return self.unsupported("PARTITION BY");
            }
            if ![
                "engine",
                "default",
                "charset",
                "character",
                "collate",
                "auto_increment",
                "comment",
                "row_format",
            ]
            .contains(&lower.as_str())
            {
                return Ok(());
            }
            self.advance();
            _ = self.word("charset") || self.word("character") || self.word("collate");
            _ = self.word("set");
            _ = self.symbol("=");
            self.advance();
            _ = self.symbol(",");
        }
        Ok(())
    }
    /// A column or a constraint of a table.
    fn element(&mut self, shape: &mut Shape) -> Parsed<()> {
        let mut name: Arc<str> = "".into();
        let named = self.word("constraint");
        if named && !["primary", "unique", "foreign", "check"].iter().any(|w| self.is_word(w)) {
            name = self.name()?.text;
        }
        if self.words("primary key") {
            self.index_type();
            let columns = self.names()?;
            shape.keys.push(Key { name, kind: KeyKind::Primary, columns });
        } else if self.word("unique") {
            _ = self.word("key") || self.word("index");
            if !self.is_symbol("(") {
                name = self.name()?.text;
            }
            let columns = self.names()?;
            shape.keys.push(Key { name, kind: KeyKind::Unique, columns });
        } else if self.words("foreign key") {
            if !self.is_symbol("(") {
                self.name()?;
            }
            let columns = self.names()?;
            self.expect("references")?;
            self.references(shape, name, columns)?;
        } else if self.word("check") {
            self.check(shape, name)?;
        } else if self.dialect.is_mysql()
            && !named
            && (self.is_word("key") || self.is_word("index") || self.is_word("fulltext"))
        {
            self.advance();
            _ = self.word("key") || self.word("index");
            if !self.is_symbol("(") {
                name = self.name()?.text;
            }
            let columns = self.names()?;
            shape.keys.push(Key { name, kind: KeyKind::Plain, columns });
        } else if named || self.is_word("exclude") {
            return self.wrong();
        } else {
            self.column_def(shape)?;
        }
        self.index_type();
        Ok(())
    }
    fn index_type(&mut self) {
        if self.dialect.is_mysql() && self.word("using") {
            self.advance();
        }
    }
    fn check(&mut self, shape: &mut Shape, name: Arc<str>) -> Parsed<()> {
        self.expect_symbol("(")?;
        let at = self.at();
        let value = self.expression()?;
        let source = self.since(at).into();
        self.expect_symbol(")")?;
        shape.checks.push(Check { name, value, source });
        Ok(())
    }
    fn references(&mut self, shape: &mut Shape, name: Arc<str>, columns: Vec<Arc<str>>) -> Parsed<()> {
        let table = self.path()?.name;
        let targets = if self.is_symbol("(") { self.names()? } else { Vec::new() };
        let mut on_delete = OnDelete::Restrict;
        while self.word("on") {
            let delete = self.word("delete");
            if !delete {
                self.expect("update")?;
            }
            let action = if self.word("cascade") {
                OnDelete::Cascade
            } else if self.words("set null") {
                OnDelete::SetNull
            } else if self.word("restrict") || self.words("no action") || self.words("set default") {
                OnDelete::Restrict
            } else {
                return self.wrong();
            };
            if delete {
                on_delete = action;
            }
        }
        _ = self.word("deferrable");
        _ = self.words("initially deferred");
        shape.foreign.push(Foreign { name, columns, table, targets, on_delete });
        Ok(())
    }
    /// `name type …` into a shape, with the constraints it brings.
    pub fn column_def(&mut self, shape: &mut Shape) -> Parsed<()> {
        let name = self.name()?.text;
        let serial = !self.dialect.is_mysql()
            && matches!(self.peek(), Token::Word(w) if w.to_ascii_lowercase().contains("serial"));
        let kind = if self.dialect.is_mysql() && self.word("serial") {
            shape.keys.push(Key { name: "".into(), kind: KeyKind::Unique, columns: vec![name.clone()] });
            Type::Int { bytes: 8, unsigned: true, narrow: false }
        } else {
            self.type_name()?
        };
        let mut column = ColumnDef {
            name: name.clone(),
            kind,
            nullable: !serial,
            default: None,
            default_text: "".into(),
            auto: serial,
            identity: false,
            touched: false,
            comment: "".into(),
        };
        let mut constraint: Arc<str> = "".into();
        loop {
            if self.word("constraint") {
                constraint = self.name()?.text;
            } else if self.words("not null") {
                column.nullable = false;
            } else if self.word("null") {
                column.nullable = true;
            } else if self.word("default") {
                let at = self.at();
                column.default = Some(self.default_value()?);
                column.default_text = self.since(at).into();
            } else if self.dialect.is_mysql() && self.word("auto_increment") {
                column.auto = true;
            } else if self.words("primary key") {
                column.nullable = false;
                shape.keys.push(Key {
                    name: constraint.clone(),
                    kind: KeyKind::Primary,
                    columns: vec![name.clone()],
                });
            } else if self.word("unique") {
                _ = self.word("key");
                shape.keys.push(Key {
                    name: constraint.clone(),
                    kind: KeyKind::Unique,
                    columns: vec![name.clone()],
                });
            } else if self.word("references") {
                self.references(shape, constraint.clone(), vec![name.clone()])?;
            } else if self.word("check") {
                self.check(shape, constraint.clone())?;
            } else if self.dialect.is_mysql() && self.words("on update") {
                self.primary_time()?;
                column.touched = true;
            } else if self.dialect.is_mysql() && self.word("comment") {
                column.comment = self.text()?.into();
            } else if self.word("collate") || self.words("character set") {
                self.any_name()?;
            } else if self.words("generated always as identity")
                || self.words("generated by default as identity")
            {
                (column.auto, column.identity, column.nullable) = (true, true, false);
                if self.is_symbol("(") {
                    return self.unsupported("sequence options");
                }
            } else if self.is_word("generated") {
                return self.unsupported("generated columns");
            } else if self.dialect.is_mysql() && (self.word("key") || self.word("visible")) {
            } else {
                break;
            }
        }
        if column.auto && !column.nullable && self.dialect.is_mysql() {
            column.nullable = false;
        }
        shape.columns.push(column);
        Ok(())
    }
    fn primary_time(&mut self) -> Parsed<()> {
        self.any_name()?;
        if self.symbol("(") {
            if !self.is_symbol(")") {
                self.number()?;
            }
            self.expect_symbol(")")?;
        }
        Ok(())
    }
    /// MySQL's defaults are literals, CURRENT_TIMESTAMP or expressions in parentheses.
    fn default_value(&mut self) -> Parsed<Expr> {
        if self.dialect.is_mysql() && self.is_word("null") {
            self.advance();
            return Ok(Expr::Literal(Datum::Null));
        }
        self.default_expression()
    }
    fn default_expression(&mut self) -> Parsed<Expr> {
        // No comparison: NOT NULL may follow.
        self.deeper(Self::signed_value)
    }
    /// After CREATE [UNIQUE] INDEX.
    pub fn create_index(&mut self, unique: bool) -> Parsed<Statement> {
        _ = self.word("concurrently");
        let if_not_exists = self.if_not_exists();
        let name = if self.is_word("on") { None } else { Some(self.name()?.text) };
        self.index_type();
        self.expect("on")?;
        let table = self.path()?;
        if self.word("using") {
            self.any_name()?;
        }
        if self.is_symbol("(") && !matches!(self.ahead(2), Token::Symbol(")" | ",") | Token::Word(_)) {
            return self.unsupported("indexes on expressions");
        }
        let columns = self.names()?;
        if self.is_word("where") {
            return self.unsupported("partial indexes");
        }
        Ok(Statement::CreateIndex { name, unique, table, columns, if_not_exists })
    }
}
