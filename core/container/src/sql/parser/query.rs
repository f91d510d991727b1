//! SELECT, VALUES, WITH; INSERT, UPDATE, DELETE.

use super::{Parsed, Parser};
use crate::sql::ast::{
    Change, Clash, Expr, From, Insert, Item, Join, Name, Order, Query, Rows, SetOp, Source, Statement,
};
use crate::sql::lexer::Token;
use std::sync::Arc;

impl Parser<'_> {
    pub fn query(&mut self) -> Parsed<Query> {
        self.deeper(Self::whole_query)
    }
    fn whole_query(&mut self) -> Parsed<Query> {
        let mut with = Vec::new();
        if self.word("with") {
            if self.is_word("recursive") {
                return self.unsupported("WITH RECURSIVE");
            }
            with = self.list(|p| {
                let name = p.name()?.text;
                let columns = if p.is_symbol("(") { p.names()? } else { Vec::new() };
                p.expect("as")?;
                p.expect_symbol("(")?;
                let query = p.query()?;
                p.expect_symbol(")")?;
                Ok((name, columns, query))
            })?;
        }
        let mut query = self.simple()?;
        while let Some(op) = self.set_op() {
            let all = self.word("all");
            _ = self.word("distinct");
            let next = self.simple()?;
            query.more.push((op, all, next));
        }
        if self.words("order by") {
            query.order = self.list(|p| {
                let value = p.expression()?;
                let descending = p.word("desc");
                _ = p.word("asc");
                let nulls = match p.word("nulls") {
                    true if p.word("first") => Some(true),
                    true => {
                        p.expect("last")?;
                        Some(false)
                    }
                    false => None,
                };
                Ok(Order { value, descending, nulls })
            })?;
        }
        loop {
            if self.word("limit") {
                if self.word("all") {
                    continue;
                }
                let first = self.expression()?;
                if self.dialect.is_mysql() && self.symbol(",") {
                    query.offset = Some(first);
                    query.limit = Some(self.expression()?);
                } else {
                    query.limit = Some(first);
                }
            } else if self.word("offset") {
                query.offset = Some(self.expression()?);
                _ = self.word("rows") || self.word("row");
            } else if self.word("fetch") {
                _ = self.word("first") || self.word("next");
                query.limit = Some(self.expression()?);
                _ = self.word("rows") || self.word("row");
                self.expect("only")?;
            } else if self.word("for") {
                // Locks are not simulated.
                if !self.word("update") {
                    self.expect("share")?;
                }
                _ = self.words("skip locked") || self.word("nowait");
            } else {
                break;
            }
        }
        query.with = with;
        Ok(query)
    }
    fn set_op(&mut self) -> Option<SetOp> {
        [("union", SetOp::Union), ("intersect", SetOp::Intersect), ("except", SetOp::Except)]
            .into_iter()
            .find(|(w, _)| self.word(w))
            .map(|s| s.1)
    }
    fn simple(&mut self) -> Parsed<Query> {
        if self.symbol("(") {
            let query = self.query()?;
            self.expect_symbol(")")?;
            return Ok(query);
        }
        if self.word("values") {
            let rows = self.value_rows()?;
            let width = rows.first().map_or(0, Vec::len);
            let columns = (1..=width).map(|n| Arc::from(format!("column{n}"))).collect();
            let from = From { columns, ..from(Source::Values(rows)) };
            return Ok(Query { items: vec![Item::All(None)], from: vec![from], ..Query::default() });
        }
        self.expect("select")?;
        let mut query = Query { distinct: self.word("distinct"), ..Query::default() };
        if query.distinct && self.is_word("on") && !self.dialect.is_mysql() {
            return self.unsupported("DISTINCT ON");
        }
        _ = self.word("all") || self.word("sql_no_cache");
        if self.dialect.is_mysql() || !self.is_word("from") {
            query.items = self.list(Self::item)?;
        }
        if self.is_word("into") {
            return self.unsupported("SELECT INTO");
        }
        if self.word("from") {
            query.from.push(self.source_item()?);
            self.joins(&mut query.from)?;
        }
        if self.word("where") {
            query.filter = Some(self.expression()?);
        }
        if self.words("group by") {
            query.group = self.list(Self::expression)?;
            if self.words("with rollup") {
                return self.unsupported("WITH ROLLUP");
            }
        }
        if self.word("having") {
            query.having = Some(self.expression()?);
        }
        if self.is_word("window") {
            return self.unsupported("window functions");
        }
        Ok(query)
    }
    pub fn item(&mut self) -> Parsed<Item> {
        if self.symbol("*") {
            return Ok(Item::All(None));
        }
        if matches!(self.ahead(1), Token::Symbol(".")) && matches!(self.ahead(2), Token::Symbol("*")) {
            let table = self.name()?;
            self.next += 2;
            return Ok(Item::All(Some(table)));
        }
        let at = self.at();
        let value = self.expression()?;
        let source: Arc<str> = self.since(at).into();
        Ok(Item::Value { value, alias: self.alias()?, source })
    }
    fn alias(&mut self) -> Parsed<Option<Arc<str>>> {
        if self.word("as") {
            return self.any_name().map(Some);
        }
        match self.peek() {
            Token::Text(_) if self.dialect.is_mysql() => self.any_name().map(Some),
            Token::Quoted(_) => self.any_name().map(Some),
            Token::Word(w) if !self.reserved(w) && !is_clause(w) => self.any_name().map(Some),
            _ => Ok(None),
        }
    }
    fn source_item(&mut self) -> Parsed<From> {
        if self.word("lateral") {
            return self.unsupported("LATERAL");
        }
        let source = if self.is_symbol("(") {
            self.advance();
            if !(self.is_word("select")
                || self.is_word("values")
                || self.is_word("with")
                || self.is_symbol("("))
            {
                return self.wrong();
            }
            let query = self.query()?;
            self.expect_symbol(")")?;
            Source::Query(query.into())
        } else if matches!(self.ahead(1), Token::Symbol("(")) && matches!(self.peek(), Token::Word(_)) {
            let at = crate::sql::ast::At(self.at());
            let name = self.any_name()?;
            self.expect_symbol("(")?;
            let args = if self.is_symbol(")") { Vec::new() } else { self.list(Self::expression)? };
            self.expect_symbol(")")?;
            Source::Call { name, args, at }
        } else if self.is_word("dual") && self.dialect.is_mysql() {
            self.advance();
            Source::Values(vec![Vec::new()])
        } else {
            Source::Table(self.path()?)
        };
        let alias = self.alias()?;
        if alias.is_none() && matches!(source, Source::Query(_)) && self.dialect.is_mysql() {
            return Err(crate::sql::fault::mysql(1248, "Every derived table must have its own alias"));
        }
        let columns = if alias.is_some() && self.is_symbol("(") { self.names()? } else { Vec::new() };
        Ok(From { alias, columns, ..from(source) })
    }
    fn joins(&mut self, out: &mut Vec<From>) -> Parsed<()> {
        loop {
            if self.symbol(",") {
                out.push(self.source_item()?);
                continue;
            }
            let natural = self.word("natural");
            let join = if self.word("left") {
                Join::Left
            } else if self.word("right") {
                Join::Right
            } else if !self.dialect.is_mysql() && self.word("full") {
                Join::Full
            } else {
                Join::Inner
            };
            let outer = join != Join::Inner && self.word("outer");
            let cross = !outer && join == Join::Inner && self.word("cross");
            let inner = !cross && join == Join::Inner && self.word("inner");
            if !self.word("join") {
                if natural || join != Join::Inner || cross || inner {
                    return self.wrong();
                }
                return Ok(());
            }
            let mut item = From { join, natural, ..self.source_item()? };
            if self.word("on") {
                item.on = Some(self.expression()?);
            } else if self.word("using") {
                item.using = self.names()?;
            } else if !natural && !cross && (join != Join::Inner || !self.dialect.is_mysql()) {
                return self.wrong();
            }
            out.push(item);
        }
    }
    fn value_rows(&mut self) -> Parsed<Vec<Vec<Expr>>> {
        self.list(|p| {
            _ = p.word("row");
            p.expect_symbol("(")?;
            let row = if p.is_symbol(")") { Vec::new() } else { p.list(Self::expression)? };
            p.expect_symbol(")")?;
            Ok(row)
        })
    }
    /// `a = 1, b = DEFAULT`
    fn sets(&mut self) -> Parsed<Vec<(Name, Expr)>> {
        self.list(|p| {
            let mut name = p.name()?;
            if p.symbol(".") {
                name.text = p.any_name()?;
            }
            p.expect_symbol("=")?;
            Ok((name, p.expression()?))
        })
    }
    fn returning(&mut self) -> Parsed<Vec<Item>> {
        if self.dialect != crate::sql::Dialect::Mysql && self.word("returning") {
            self.list(Self::item)
        } else {
            Ok(Vec::new())
        }
    }
    /// After INSERT or REPLACE.
    pub fn insert(&mut self, replace: bool) -> Parsed<Statement> {
        let mysql = self.dialect.is_mysql();
        let mut clash = if replace { Clash::Replace } else { Clash::Fail };
        if mysql && self.word("ignore") {
            clash = Clash::Skip;
        }
        if !self.word("into") && !mysql {
            return self.wrong();
        }
        let table = self.path()?;
        if self.word("as") {
            self.name()?;
        }
        let mut columns = Vec::new();
        if self.is_symbol("(") && !matches!(self.ahead(1), Token::Word(w) if w.eq_ignore_ascii_case("select"))
        {
            self.advance();
            if !self.is_symbol(")") {
                columns = self.list(Self::name)?;
            }
            self.expect_symbol(")")?;
        }
        let rows = if self.words("default values") {
            Rows::Default
        } else if mysql && self.word("set") {
            let sets = self.sets()?;
            columns = sets.iter().map(|s| s.0.clone()).collect();
            Rows::Values(vec![sets.into_iter().map(|s| s.1).collect()])
        } else if self.word("values") || (mysql && self.word("value")) {
            Rows::Values(self.value_rows()?)
        } else if self.is_word("select") || self.is_word("with") || self.is_symbol("(") {
            Rows::Query(self.query()?.into())
        } else {
            return self.wrong();
        };
        if mysql && self.word("as") {
            self.name()?;
        }
        if mysql && self.words("on duplicate key update") {
            clash = Clash::Update { sets: self.sets()?, filter: None };
        } else if !mysql && self.words("on conflict") {
            if self.is_symbol("(") {
                self.names()?;
            } else if self.words("on constraint") {
                self.name()?;
            }
            self.expect("do")?;
            clash = if self.word("nothing") {
                Clash::Skip
            } else {
                self.expect("update set")?;
                let sets = self.sets()?;
                let filter = if self.word("where") { Some(self.expression()?) } else { None };
                Clash::Update { sets, filter }
            };
        }
        let returning = self.returning()?;
        Ok(Statement::Insert(Insert { table, columns, rows, clash, returning }.into()))
    }
    /// After UPDATE, or DELETE FROM.
    pub fn change(&mut self, delete: bool) -> Parsed<Statement> {
        let table = self.path()?;
        let alias = self.alias()?;
        if self.is_symbol(",") || self.is_word("join") || self.is_word("inner") || self.is_word("left") {
            return self.unsupported("multi-table UPDATE and DELETE");
        }
        let mut sets = Vec::new();
        if !delete {
            self.expect("set")?;
            sets = self.sets()?;
        }
        if self.is_word("from") || self.is_word("using") {
            return self.unsupported("UPDATE ... FROM and DELETE ... USING");
        }
        let mut change = Change {
            table,
            alias,
            sets,
            filter: None,
            order: Vec::new(),
            limit: None,
            returning: Vec::new(),
        };
        if self.word("where") {
            change.filter = Some(self.expression()?);
        }
        if self.dialect.is_mysql() && self.words("order by") {
            change.order = self.list(|p| {
                let value = p.expression()?;
                let descending = p.word("desc");
                _ = p.word("asc");
                Ok(Order { value, descending, nulls: None })
            })?;
        }
        if self.dialect.is_mysql() && self.word("limit") {
            change.limit = Some(self.expression()?);
        }
        change.returning = self.returning()?;
        Ok(if delete { Statement::Delete(change.into()) } else { Statement::Update(change.into()) })
    }
}

fn from(source: Source) -> From {
    From {
        source,
        alias: None,
        columns: Vec::new(),
        join: Join::Inner,
        on: None,
        using: Vec::new(),
        natural: false,
    }
}

/// Words that end a list although they may be names.
fn is_clause(word: &str) -> bool {
    ["fetch", "window", "separator", "ignore", "use", "force", "lock", "full", "returning"]
        .iter()
        .any(|w| word.eq_ignore_ascii_case(w))
}
