//! BEGIN, COMMIT and what outlives a failure.

use super::*;

impl Engine {
    pub(super) fn begin(&self, session: &mut Session) {
        let (base, work) = (self.store.clone(), self.store.clone());
        session.transaction =
            Some(Box::new(Transaction { base, work, failed: false, savepoints: Vec::new() }));
    }
    /// Brings a transaction's changes to the store all see.
    pub(super) fn commit(&mut self, session: &mut Session) {
        let Some(t) = session.transaction.take() else { return };
        let Transaction { base, work, .. } = *t;
        if base.version == self.store.version {
            self.store = work;
            return;
        }
        self.store.version = self.store.version.max(work.version) + 1;
        let version = self.store.version;
        for (name, content) in &work.databases {
            let old = base.databases.get(name);
            let now = self.store.databases.entry(name.clone()).or_insert_with(|| content.clone());
            for (table, ours) in &content.tables {
                match (old.and_then(|o| o.tables.get(table)), now.tables.get_mut(table)) {
                    (Some(b), _) if b.version == ours.version => {}
                    (Some(b), Some(there)) => {
                        there.merge(self.dialect, b, ours);
                        there.version = version;
                    }
                    _ => _ = now.tables.insert(table.clone(), ours.clone()),
                }
            }
            for gone in
                old.into_iter().flat_map(|o| o.tables.keys()).filter(|n| !content.tables.contains_key(*n))
            {
                now.tables.remove(gone);
            }
        }
        if work.accounts_version != base.accounts_version {
            self.store.accounts = work.accounts;
            self.store.accounts_version = version;
        }
    }
    /// A row that was refused has used up its automatic value all the same.
    pub(super) fn burn(&mut self, session: &Session, path: &Path, columns: &[crate::sql::ast::Name]) {
        let database = path
            .schema
            .clone()
            .filter(|_| self.dialect.is_mysql())
            .or_else(|| session.database.clone())
            .unwrap_or_default();
        let Some(table) = self.store.databases.get_mut(&database).and_then(|d| d.tables.get_mut(&path.name))
        else {
            return;
        };
        let Some(column) =
            table.shape.columns.iter().find(|c| c.auto && !columns.iter().any(|n| n.text == c.name))
        else {
            return;
        };
        let next = table.counters.get(&column.name).copied().unwrap_or(0) + 1;
        let name = column.name.clone();
        table.counters.insert(name, next);
    }
}
