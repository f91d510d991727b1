//! Values and pure functions with no world behind them: the JSON-like [`Value`], YAML, schemas,
//! selectors, patches, quantities, tables, simulated time and the event queue.
//!
//! Nothing here does I/O, reads a clock or draws entropy; every function gives the same answer on
//! every platform.

pub mod clock;
pub mod coverage;
pub mod cron;
pub mod der;
pub mod diff;
pub mod digest;
pub mod fields;
pub mod go_template;
pub mod hash;
pub mod json;
pub mod jsonpath;
pub mod limits;
pub mod names;
pub mod patch;
pub mod quantity;
pub mod queue;
pub mod quote;
pub mod random;
pub mod schema;
pub mod selector;
pub mod sort;
pub mod sym;
pub mod tabwriter;
pub mod text;
pub mod time;
pub mod value;
pub mod vi;
pub mod x509;
pub mod yaml;

pub use clock::Clock;
pub use digest::Digest;
pub use quantity::Quantity;
pub use sym::Sym;
pub use time::Timestamp;
pub use value::Value;
