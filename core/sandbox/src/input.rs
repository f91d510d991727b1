//! Everything that can reach a world from outside. Their log is the whole story of a world.

use serde::{Deserialize, Serialize};

/// One outside influence. The names of the variants and fields are part of the save format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Input {
    /// A line typed at a terminal, with Enter.
    Line { tty: u32, text: String },
    /// Single keys for a program that reads them (less, vi), as a terminal sends them; none at all says that
    /// this terminal can send them.
    Keys { tty: u32, text: String },
    /// Ctrl-C.
    Interrupt { tty: u32 },
    /// Ctrl-D.
    Eof { tty: u32 },
    /// Ctrl-Z.
    Stop { tty: u32 },
    /// One more terminal: a new login shell on the laptop.
    Terminal { tty: u32 },
    /// The learner saved a file of the laptop in the editor pane.
    File { path: String, text: String },
    /// The learner deleted a file of the laptop.
    Remove { path: String },
    /// The answer to a program that opened the editor pane: the text to save, or none to leave it.
    Edit { tty: u32, text: Option<String> },
    /// Simulated time passes. Neighbours in the log are one.
    Advance { ms: u64 },
    /// Manifests put through the API server by a lesson's setup, as the cluster's administrator.
    Apply { manifest: String },
    /// A request to the API server by a lesson's setup or experiment.
    Request { method: String, path: String, body: String },
    /// A node's power switch.
    Node { name: String, on: bool },
    /// An address was opened in the laptop's browser.
    Browse { address: String },
    /// The page showed something: `Service/default/web`.
    Opened { what: String },
    /// A quiz was answered.
    Answer { quiz: String, option: String },
}

impl Input {
    /// Whether undo stops here: something a person did, not time passing or a look.
    #[must_use]
    pub fn is_action(&self) -> bool {
        !matches!(self, Input::Advance { .. } | Input::Opened { .. } | Input::Keys { .. })
    }
    /// A short label for the history list.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Input::Line { text, .. } => text.clone(),
            Input::Keys { .. } => "keys".into(),
            Input::Interrupt { .. } => "^C".into(),
            Input::Eof { .. } => "^D".into(),
            Input::Stop { .. } => "^Z".into(),
            Input::Terminal { tty } => format!("terminal {}", tty + 1),
            Input::File { path, .. } => format!("save {path}"),
            Input::Remove { path } => format!("delete {path}"),
            Input::Edit { text: Some(_), .. } => "save and close".into(),
            Input::Edit { text: None, .. } => "close".into(),
            Input::Advance { ms } => format!("+{ms} ms"),
            Input::Apply { .. } => "setup".into(),
            Input::Request { method, path, .. } => format!("{method} {path}"),
            Input::Node { name, on } => format!("{name} {}", if *on { "on" } else { "off" }),
            Input::Browse { address } => address.clone(),
            Input::Opened { what } => format!("open {what}"),
            Input::Answer { quiz, option } => format!("{quiz}: {option}"),
        }
    }
}
