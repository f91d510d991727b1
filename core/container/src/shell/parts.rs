//! Gathering the parts of a word while it is read: neighbouring text joined, quoted text kept apart.

use super::ast::{Op, Param, Part, Word};
use std::sync::Arc;

pub(super) fn simple_param(name: &str) -> Part {
    let text = format!("${name}");
    Part::Param(Box::new(Param {
        name: name.into(),
        index: None,
        indirect: false,
        op: Op::None,
        text: text.as_str().into(),
    }))
}

/// Gathers parts, joining neighbouring text.
#[derive(Default)]
pub(super) struct Parts {
    parts: Vec<Part>,
    text: String,
    is_quoted: bool,
}

impl Parts {
    fn flush(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            let text: Arc<str> = text.into();
            self.parts.push(if self.is_quoted { Part::Quoted(text) } else { Part::Text(text) });
        }
    }
    pub(super) fn text(&mut self, c: char) {
        if self.is_quoted {
            self.flush();
            self.is_quoted = false;
        }
        self.text.push(c);
    }
    pub(super) fn quote_char(&mut self, c: char) {
        if !self.is_quoted {
            self.flush();
            self.is_quoted = true;
        }
        self.text.push(c);
    }
    pub(super) fn quoted(&mut self, text: &str) {
        if text.is_empty() {
            // '' makes a field even though it is empty.
            self.push(Part::Quoted("".into()));
        }
        text.chars().for_each(|c| self.quote_char(c));
    }
    pub(super) fn push(&mut self, part: Part) {
        self.flush();
        self.parts.push(part);
    }
    pub(super) fn done(mut self) -> Word {
        self.flush();
        Word(self.parts)
    }
}
