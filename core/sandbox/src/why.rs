//! "Why did this happen?": the chain of causes from an effect back to what a person did.

use crate::frame::ActorKind;
use crate::history::Sandbox;

/// One link of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyStep {
    pub at_ms: u64,
    pub actor: ActorKind,
    /// As [`crate::Beat::text`].
    pub text: String,
}

impl Sandbox {
    /// The causes of a note of the trace, the effect itself first.
    #[must_use]
    pub fn why(&self, cause: u32) -> Vec<WhyStep> {
        let trace = &self.world().machines.clock.trace;
        trace
            .why(cause)
            .take(64)
            .map(|(_, note)| {
                let (actor, text) = self.world().deed(note);
                WhyStep { at_ms: note.time, actor, text }
            })
            .collect()
    }
}
