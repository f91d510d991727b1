//! The prose of a lesson, packed: plain data for the page to draw. It cannot carry markup or code of
//! its own, so a lesson from anywhere is safe to show.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A lesson's words in one language.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Text {
    pub title: String,
    pub summary: String,
    /// By step, in order; the section `done` is shown at the end.
    pub sections: Vec<Section>,
    pub tasks: BTreeMap<String, Vec<Span>>,
    /// Key `task.number`.
    pub hints: BTreeMap<String, Vec<Span>>,
    pub quizzes: BTreeMap<String, QuizText>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// The step's id.
    pub id: String,
    pub title: String,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QuizText {
    pub question: Vec<Span>,
    pub options: BTreeMap<String, Vec<Span>>,
    pub explain: Vec<Span>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Block {
    Paragraph(Vec<Span>),
    Heading(Vec<Span>),
    List {
        ordered: bool,
        items: Vec<Vec<Block>>,
    },
    Code {
        language: String,
        text: String,
        action: Option<Action>,
    },
    /// `note`, `tip` or `warn`.
    Note {
        kind: String,
        blocks: Vec<Block>,
    },
    /// Where a task stands in the text.
    Task(String),
    /// Where a question stands in the text.
    Quiz(String),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Span {
    Text(String),
    Strong(Vec<Span>),
    Emphasis(Vec<Span>),
    Code {
        text: String,
        action: Option<Action>,
    },
    /// https links only.
    Link {
        url: String,
        spans: Vec<Span>,
    },
    /// Puts an object of the map into focus.
    Focus {
        target: String,
        spans: Vec<Span>,
    },
}

/// What pressing a piece of code does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Fills the prompt; with Shift it runs at once.
    Run,
    /// To be typed by hand: cannot be pressed.
    Type,
    Copy,
    /// Opens a file in the editor.
    Open {
        path: String,
        line: u32,
    },
    /// Saves the block as a file and opens it.
    Save {
        path: String,
    },
}

/// The plain characters of spans.
#[must_use]
pub fn plain(spans: &[Span]) -> String {
    let mut out = String::new();
    for span in spans {
        match span {
            Span::Text(text) | Span::Code { text, .. } => out.push_str(text),
            Span::Strong(inner) | Span::Emphasis(inner) => out.push_str(&plain(inner)),
            Span::Link { spans, .. } | Span::Focus { spans, .. } => out.push_str(&plain(spans)),
        }
    }
    out
}
