//! Events: stored as rows by the simulation, as objects when a client creates them.

use super::Kind;

pub const KIND: Kind =
    Kind { kind: "Event", plural: "events", singular: "event", short: &["ev"], ..Kind::BASE };
