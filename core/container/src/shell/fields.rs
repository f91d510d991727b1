//! Fields under construction: splitting at IFS, quoting remembered per character (POSIX XCU 2.6.5).

use super::glob::Mark;

/// Collects the fields a word expands to.
#[derive(Default)]
pub struct Fields {
    pub done: Vec<Vec<Mark>>,
    current: Vec<Mark>,
    /// The present field exists even if it is empty (quotes were seen).
    exists: bool,
    /// The last field ended at IFS white space: a following separator belongs to the same gap.
    after_blank: bool,
}

impl Fields {
    pub fn push(&mut self, text: &str, quoted: bool) {
        self.current.extend(text.chars().map(|c| (c, quoted)));
        self.exists |= quoted || !text.is_empty();
        self.after_blank = false;
    }
    /// Marks the present field as existing, as `""` does.
    pub fn touch(&mut self) {
        self.exists = true;
        self.after_blank = false;
    }
    /// Ends the present field, if there is one.
    pub fn end(&mut self) {
        if self.exists {
            self.done.push(std::mem::take(&mut self.current));
            self.exists = false;
        }
    }
    /// Adds the result of an unquoted expansion, split at the characters of `ifs`.
    pub fn split(&mut self, text: &str, ifs: &str) {
        for c in text.chars() {
            if !ifs.contains(c) {
                // A backslash in a value does not quote what follows it.
                self.current.push((c, c == '\\'));
                self.exists = true;
                self.after_blank = false;
            } else if matches!(c, ' ' | '\t' | '\n') {
                if self.exists {
                    self.end();
                    self.after_blank = true;
                }
            } else if self.exists {
                self.end();
            } else if self.after_blank {
                self.after_blank = false;
            } else {
                self.done.push(Vec::new());
            }
        }
    }
    #[must_use]
    pub fn finish(mut self) -> Vec<Vec<Mark>> {
        self.end();
        self.done
    }
}

/// The plain text of a field.
#[must_use]
pub fn text(field: &[Mark]) -> String {
    field.iter().map(|m| m.0).collect()
}
