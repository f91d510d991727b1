//! The simulated world as the page knows it; the one place that names where it comes from.
pub use crate::mock::*;
pub use crate::mock_lesson::{
    Action as Deed, Block, Course as Lessons, Lesson, Player, PlayerSave, QuizText, Span, TaskState,
};
