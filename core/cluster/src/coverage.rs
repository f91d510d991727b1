//! What the API accepts and the simulation does not act on.

/// (area, thing, why)
pub const NOT_SIMULATED: &[(&str, &str, &str)] = &[];
