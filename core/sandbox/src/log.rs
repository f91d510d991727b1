//! The save file: seed, configuration and inputs as JSON, deflated and base64url-coded so that it fits
//! into browser storage and a link. Hostile by assumption: sizes are bounded before anything is built.

use crate::input::Input;
use crate::world::Config;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

/// Version of the save format.
const FORMAT: u32 = 1;
/// Bytes of JSON a log may unpack to.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Inputs one log may have.
const MAX_INPUTS: usize = 100_000;
/// Simulated time one log may let pass, in ms: fourteen days, a long session at the highest speed.
const MAX_MS: u64 = 14 * 24 * 3_600_000;
/// Worker nodes a saved world may begin with.
const MAX_NODES: u32 = 5_000;

/// Why a save file or link could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// Not our coding: cut off or not a save file at all.
    Damaged,
    /// Larger than any session.
    TooLarge,
    /// Written by a newer version.
    Version(u32),
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LoadError::Damaged => f.write_str("this is not a Drydock session, or it was cut off"),
            LoadError::TooLarge => f.write_str("this session is too large to open"),
            LoadError::Version(n) => write!(f, "this session was saved by a newer Drydock (format {n})"),
        }
    }
}

/// All that made a world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputLog {
    pub format: u32,
    pub config: Config,
    pub inputs: Vec<Input>,
}

impl InputLog {
    #[must_use]
    pub fn new(config: Config) -> InputLog {
        InputLog { format: FORMAT, config, inputs: Vec::new() }
    }
    /// Adds an input; time that passes joins the time that passed just before.
    pub fn push(&mut self, input: Input) {
        match (self.inputs.last_mut(), &input) {
            (Some(Input::Advance { ms: before }), Input::Advance { ms }) => {
                *before = before.saturating_add(*ms)
            }
            _ => self.inputs.push(input),
        }
    }
    /// The text form.
    #[must_use]
    pub fn to_text(&self) -> String {
        // Serialising plain strings and numbers cannot fail.
        let json = serde_json::to_vec(self).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(&json, 8))
    }
    /// Reads the text form.
    ///
    /// # Errors
    /// Anything that is not a whole log of this format within the limits.
    pub fn from_text(text: &str) -> Result<InputLog, LoadError> {
        let packed = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| LoadError::Damaged)?;
        let json =
            miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, MAX_BYTES).map_err(|e| {
                match e.status {
                    miniz_oxide::inflate::TINFLStatus::HasMoreOutput => LoadError::TooLarge,
                    _ => LoadError::Damaged,
                }
            })?;
        let log: InputLog = serde_json::from_slice(&json).map_err(|_| LoadError::Damaged)?;
        match log {
            InputLog { format, .. } if format > FORMAT => Err(LoadError::Version(format)),
            InputLog { ref inputs, .. } if inputs.len() > MAX_INPUTS => Err(LoadError::TooLarge),
            InputLog { ref inputs, .. } if passed(inputs) > MAX_MS => Err(LoadError::TooLarge),
            InputLog { ref config, .. } if config.nodes > MAX_NODES => Err(LoadError::TooLarge),
            log => Ok(log),
        }
    }
}

/// Simulated time that these inputs let pass, in ms.
fn passed(inputs: &[Input]) -> u64 {
    inputs.iter().fold(0, |sum: u64, input| match input {
        Input::Advance { ms } => sum.saturating_add(*ms),
        _ => sum,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_larger_than_any_session_is_refused() {
        let mut log = InputLog::new(Config::default());
        log.push(Input::Advance { ms: MAX_MS });
        assert_eq!(InputLog::from_text(&log.to_text()), Ok(log.clone()));
        log.push(Input::Advance { ms: u64::MAX });
        assert_eq!(InputLog::from_text(&log.to_text()), Err(LoadError::TooLarge));
        let crowd = InputLog::new(Config { nodes: u32::MAX, ..Config::default() });
        assert_eq!(InputLog::from_text(&crowd.to_text()), Err(LoadError::TooLarge));
    }
}
