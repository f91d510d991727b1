//! The simulated world as the page knows it; the one place that names where it comes from.
pub use drydock_lesson::{
    Action as Deed, Block, Course as Lessons, Lesson, Player, PlayerSave, QuizText, Span, TaskState,
};
#[cfg(test)]
pub use drydock_sandbox::Owner;
pub use drydock_sandbox::coverage::{Row as CoverageRow, State as Covered, register as coverage};
pub use drydock_sandbox::{
    ActorKind, Beat, Candidate, Chunk, ChunkKind as Kind, Completion, Diagnostic, EventRow, FileEntry, Frame,
    FrameMark, HistoryEntry, HopView, Input, NodeView, Phase, Place, PodView, Sandbox, ServiceView, Severity,
    WhyStep,
};
pub use drydock_sandbox::{Browser, Page};
