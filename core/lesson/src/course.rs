//! The lesson format: `lesson.yaml` as data. The prose is in [`crate::text`].

use crate::check::{Check, Resource};
use crate::text::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The only format there is so far.
pub const API_VERSION: &str = "lesson/v1";

/// All lessons in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Course {
    pub lessons: Vec<Lesson>,
}

impl Course {
    /// Reads the packed form.
    ///
    /// # Errors
    /// The JSON reader's message.
    pub fn from_json(json: &str) -> Result<Course, String> {
        serde_json::from_str(json).map_err(|e| e.to_string())
    }
    #[must_use]
    pub fn lesson(&self, id: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|l| l.id == id)
    }
    /// The lesson after `id` in the course.
    #[must_use]
    pub fn after(&self, id: &str) -> Option<&Lesson> {
        let at = self.lessons.iter().position(|l| l.id == id)?;
        self.lessons.get(at + 1)
    }
}

/// One lesson.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Lesson {
    pub api_version: String,
    /// Stable; never derived from the order.
    pub id: String,
    /// Raised when a check changes; progress is kept for `id@version`.
    pub version: u32,
    pub track: String,
    pub minutes: u32,
    /// Lessons to have done before.
    #[serde(default)]
    pub needs: Vec<String>,
    pub languages: Vec<String>,
    #[serde(default)]
    pub sim: Sim,
    /// Names drawn from the seed: `COLOR: {pick: [blue, green]}`; `${COLOR}` stands for them everywhere.
    #[serde(default)]
    pub vars: BTreeMap<String, Var>,
    #[serde(default)]
    pub setup: Setup,
    pub steps: Vec<Step>,
    #[serde(default)]
    pub finish: Finish,
    /// By language; filled in by the packer.
    #[serde(default)]
    pub text: BTreeMap<String, Text>,
    /// Files of the lesson's folder by relative path; filled in by the packer.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
}

/// The world a lesson begins with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Sim {
    /// Worker nodes; 3 if not said.
    pub nodes: Option<u32>,
    /// A fixed seed; the class' or the learner's if not said.
    pub seed: Option<u64>,
    /// False for lessons on the laptop alone.
    pub cluster: Option<bool>,
}

/// A name that differs from learner to learner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Var {
    pub pick: Vec<String>,
}

/// What is there before the first step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Setup {
    /// Manifest files put through the API server.
    pub apply: Vec<String>,
    /// Files of the learner's home: target path to file of the lesson.
    pub files: BTreeMap<String, String>,
    /// Commands typed before the learner comes, in order.
    pub run: Vec<String>,
    /// Longest simulated time until the world is quiet.
    pub settle: Option<String>,
}

/// A stage of the lesson with its section of text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Step {
    pub id: String,
    #[serde(default)]
    pub tasks: Vec<Task>,
    #[serde(default)]
    pub quiz: Vec<Quiz>,
    /// Objects the map puts into focus: `Service/web`.
    #[serde(default)]
    pub show: Vec<String>,
}

/// How a task stays done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// Done once, done for good.
    #[default]
    Latch,
    /// Done while it is true; latched when the step is left.
    Hold,
}

/// Something to bring about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub struct Task {
    pub id: String,
    #[serde(default)]
    pub mode: Mode,
    /// Tasks of this step that must be done before this one opens.
    #[serde(default)]
    pub needs: Vec<String>,
    pub check: Check,
    pub solution: Vec<Act>,
    #[serde(default)]
    pub also_passes: Vec<Vec<Act>>,
    #[serde(default)]
    pub must_not_pass: Vec<Vec<Act>>,
    #[serde(default)]
    pub hints: Vec<Hint>,
    /// Says why the check is true before anything was done.
    #[serde(default)]
    pub passes_before: Option<Because>,
}

/// The reason for an exception to a rule of the linter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Because {
    pub reason: String,
}

/// A hint's number; its words are in the text as `task.number`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Hint {
    Always(u32),
    /// Comes first when this is what the world looks like.
    When {
        id: u32,
        when: Box<Check>,
    },
}

impl Hint {
    #[must_use]
    pub fn id(&self) -> u32 {
        match self {
            Hint::Always(id) | Hint::When { id, .. } => *id,
        }
    }
}

/// One move of a solution, an alternative or a near miss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub enum Act {
    /// A line typed at the terminal.
    Sh(String),
    /// A line that is meant to end with an error, for the learner to read.
    Fails(String),
    /// A file saved in the editor pane, from a file of the lesson.
    Write {
        path: String,
        from: String,
    },
    /// The answer to an editor that a command opened: each pair is replaced in the text.
    Edit {
        replace: Vec<(String, String)>,
    },
    /// Inspecting something on the page.
    Open(String),
    /// Ctrl-C.
    Interrupt(bool),
    /// Simulated time, as a Go duration.
    Advance(String),
    Answer {
        quiz: String,
        option: String,
    },
}

/// A question with one right answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Quiz {
    pub id: String,
    pub options: Vec<String>,
    pub answer: String,
}

/// What comes after.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Finish {
    pub next: Option<String>,
}

/// `Kind/name` or `Kind/namespace/name` of a resource check, for focus on the map.
#[must_use]
pub fn focus(resource: &Resource) -> String {
    format!("{}/{}", resource.kind, resource.name.as_deref().unwrap_or("*"))
}
