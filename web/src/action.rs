//! Everything that can be done to the page's state, and what a change asks of the browser.
use crate::state::{Look, MapTab, Pane, Sheet, Speed, Subject};
use crate::text::Lang;

/// Everything that can be done to the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A line was typed.
    Line {
        tty: u32,
        text: String,
    },
    /// Keys for a program that reads them one by one.
    Keys {
        tty: u32,
        text: String,
    },
    Interrupt {
        tty: u32,
    },
    Eof {
        tty: u32,
    },
    Stop {
        tty: u32,
    },
    OpenTerminal,
    ShowTerminal(usize),
    /// Puts a command at the prompt, for the learner to run.
    Fill(String),
    Speed(Speed),
    Undo,
    Redo,
    /// To a moment of the past, in simulated ms.
    Goto(u64),
    Select(Option<Subject>),
    MapTab(MapTab),
    /// Opens an address in the laptop's browser.
    Browse(String),
    Look(Look),
    Container(Option<String>),
    System(bool),
    /// Brings a pane forward (phone) or, being there already, changes nothing.
    Front(Pane),
    Maximise(Option<Pane>),
    OpenFile {
        path: String,
        line: Option<u32>,
    },
    /// Shows a folder's files, or hides them.
    Files(Option<String>),
    SaveFile {
        text: String,
        apply: bool,
    },
    /// Answers the program that waits for the edit, or closes the file.
    CloseFile {
        text: Option<String>,
    },
    Lang(Lang),
    Theme(bool),
    /// Opens one of the sheets over the panes, or closes what is open.
    Sheet(Option<Sheet>),
    Dismiss,
    CourseList(bool),
    StartLesson(usize),
    Step(usize),
    NextStep,
    Hint(String),
    Solve(String),
    Answer {
        quiz: String,
        option: String,
    },
    WriteFile {
        path: String,
        text: String,
    },
}

/// What the browser side must do after a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct After {
    /// Something visible changed.
    pub draw: bool,
    /// The session changed in a way worth keeping.
    pub save: bool,
}

impl After {
    pub const NOTHING: After = After { draw: false, save: false };
    pub const DRAW: After = After { draw: true, save: false };
    pub const SAVE: After = After { draw: true, save: true };
}
