//! Lessons: their format, checks that look at effects, grading by experiment on copies of the world,
//! hints, the player, and the linter and test run that every lesson must pass.
//!
//! A check never changes the learner's world, and a check that cannot tell is never a pass.

pub mod check;
pub mod course;
pub mod lint;
#[cfg(feature = "pack")]
pub mod pack;
pub mod play;
pub mod player;
pub mod text;

pub use check::{Check, Reason, Verdict};
pub use course::{Act, Course, Lesson, Mode, Quiz, Step, Task};
pub use player::{Player, PlayerSave, TaskState, TaskView};
pub use text::{Action, Block, QuizText, Section, Span, Text};
