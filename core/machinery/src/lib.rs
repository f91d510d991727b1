//! Values and pure functions with no world behind them: the JSON-like [`Value`], YAML, schemas,
//! selectors, patches, quantities, tables, simulated time and the event queue.
//!
//! Nothing here does I/O, reads a clock or draws entropy; every function gives the same answer on
//! every platform.

pub mod clock;
pub mod digest;
pub mod limits;
pub mod queue;
pub mod random;
pub mod sym;
pub mod value;

pub use clock::Clock;
pub use digest::Digest;
pub use sym::Sym;
pub use value::Value;
