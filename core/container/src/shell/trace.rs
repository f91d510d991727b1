//! `set -x`.

use super::frame::Ready;
use super::state::Shell;
use crate::sys::Sys;

impl Shell {
    /// `set -x`
    pub(super) fn trace(&mut self, sys: &mut Sys<'_>, ready: &Ready) {
        if !self.options.xtrace {
            return;
        }
        let bash = self.dialect.is_bash();
        let prefix = self.vars.text("PS4").unwrap_or_else(|| "+ ".into());
        let show = |text: &str| if bash { quote_for_trace(text) } else { quote_like_dash(text) };
        let mut line: Vec<String> = Vec::new();
        for (name, value) in &ready.assigns {
            if let super::frame::Assigned::Scalar(text) = value {
                line.push(format!("{name}={}", if text.is_empty() { String::new() } else { show(text) }));
            }
        }
        if bash && !ready.words.is_empty() {
            for assign in line.drain(..) {
                sys.eprint(&format!("{prefix}{assign}\n"));
            }
        }
        line.extend(ready.words.iter().map(|w| show(w)));
        if !line.is_empty() {
            sys.eprint(&format!("{prefix}{}\n", line.join(" ")));
        }
    }
}

fn quote_for_trace(text: &str) -> String {
    let special = |c: char| !(c.is_alphanumeric() || "_-./:@%+=,^".contains(c));
    if text.is_empty() || text.chars().any(special) {
        super::transform::quote(text)
    } else {
        text.to_string()
    }
}

fn quote_like_dash(text: &str) -> String {
    text.to_string()
}
