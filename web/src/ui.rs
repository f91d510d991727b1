//! What every panel is given: the words, and the way to do something.
use crate::state::Action;
use crate::text::{Lang, Text};
use yew::prelude::*;

/// See the module's head.
#[derive(Clone, PartialEq)]
pub struct Ui {
    pub lang: Lang,
    pub send: Callback<Action>,
}

impl Ui {
    /// The words.
    pub fn text(&self) -> &'static Text {
        self.lang.text()
    }

    /// A click that does `action`.
    pub fn on(&self, action: Action) -> Callback<MouseEvent> {
        let send = self.send.clone();
        Callback::from(move |_| send.emit(action.clone()))
    }

    /// Does `action`.
    pub fn send(&self, action: Action) {
        self.send.emit(action);
    }
}

/// A simulated duration, short: `9s`, `4m5s`, `3h`.
pub fn age(ms: u64) -> String {
    let s = ms / 1000;
    match s {
        0..=119 => format!("{s}s"),
        120..=599 => match s % 60 {
            0 => format!("{}m", s / 60),
            rest => format!("{}m{rest}s", s / 60),
        },
        600..=10_799 => format!("{}m", s / 60),
        10_800..=172_799 => format!("{}h", s / 3600),
        _ => format!("{}d", s / 86_400),
    }
}

/// Simulated time of the session: `0:09`, `1:02:03`.
pub fn clock(ms: u64) -> String {
    let s = ms / 1000;
    match s / 3600 {
        0 => format!("{}:{:02}", s / 60, s % 60),
        hours => format!("{hours}:{:02}:{:02}", s % 3600 / 60, s % 60),
    }
}
