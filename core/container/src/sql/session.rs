//! One client's connection: who it is, its database, its variables, its transaction.

use super::datum::Datum;
use super::store::Store;
use imbl::OrdMap;
use std::sync::Arc;

/// A transaction works on a copy of the store; COMMIT brings its changes to the store all see.
///
/// Left out: locks. Two transactions that change one row do not wait for each other; the later one wins.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Transaction {
    /// The store as it began.
    pub base: Store,
    pub work: Store,
    /// PostgreSQL: after an error nothing but its end is possible.
    pub failed: bool,
    pub savepoints: Vec<(Arc<str>, Store)>,
}

#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Session {
    pub id: u32,
    pub user: Arc<str>,
    /// Where the client is.
    pub host: Arc<str>,
    /// The host of the account that let it in.
    pub matched: Arc<str>,
    pub database: Option<Arc<str>>,
    pub last_id: i64,
    pub row_count: i64,
    pub variables: OrdMap<Arc<str>, Datum>,
    pub transaction: Option<Box<Transaction>>,
    pub query: Arc<str>,
}
