//! Prompt strings: bash's backslash escapes (busybox' ash knows most of them too).

use super::state::Shell;
use crate::sys::Sys;

impl Shell {
    /// The text of a prompt.
    pub fn prompt_text(&mut self, sys: &mut Sys<'_>, template: &str) -> String {
        let decoded =
            if self.dialect.is_dash() { template.to_string() } else { self.decode_prompt(sys, template) };
        if !decoded.contains(['$', '`']) || decoded.ends_with("$ ") && decoded.matches('$').count() == 1 {
            return decoded;
        }
        let saved = self.status;
        let text = match super::lexer::Lexer::template(&decoded, self.dialect) {
            // Commands in prompts are not run; parameters are.
            Ok(word) if !has_command(&word.0) => self.expand_text(sys, &word).unwrap_or(decoded),
            _ => decoded,
        };
        self.replay = super::expand::Replay::default();
        self.status = saved;
        text
    }
    fn decode_prompt(&mut self, sys: &mut Sys<'_>, template: &str) -> String {
        let mut out = String::new();
        let mut chars = template.chars().peekable();
        let uid = sys.process().map_or(0, |p| p.uid);
        while let Some(c) = chars.next() {
            if c != '\\' {
                out.push(c);
                continue;
            }
            let Some(escape) = chars.next() else {
                out.push('\\');
                break;
            };
            match escape {
                'u' => out.push_str(&crate::utilities::accounts::user_name(sys, uid)),
                'h' | 'H' => {
                    let host = crate::utilities::support::hostname(sys);
                    out.push_str(if escape == 'h' { host.split('.').next().unwrap_or("") } else { &host });
                }
                'w' | 'W' => {
                    let cwd = sys.cwd();
                    let home = self.vars.text("HOME").filter(|h| h.len() > 1);
                    let shown = match home.as_deref().and_then(|h| cwd.strip_prefix(h)) {
                        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
                        _ => cwd.to_string(),
                    };
                    match escape {
                        'W' if shown != "/" => out.push_str(shown.rsplit('/').next().unwrap_or("")),
                        _ => out.push_str(&shown),
                    }
                }
                '$' => out.push(if uid == 0 { '#' } else { '$' }),
                's' => out.push_str(self.name.rsplit('/').next().unwrap_or("")),
                'v' => out.push_str("5.2"),
                'V' => out.push_str("5.2.15"),
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                'a' => out.push('\u{7}'),
                'e' => out.push('\u{1b}'),
                'j' => out.push_str(&self.jobs.len().to_string()),
                '!' | '#' => out.push_str(&(self.history.len() + 1).to_string()),
                't' => out.push_str(&crate::utilities::date::format(sys.unix(), "%H:%M:%S")),
                'A' => out.push_str(&crate::utilities::date::format(sys.unix(), "%H:%M")),
                'd' => out.push_str(&crate::utilities::date::format(sys.unix(), "%a %b %d")),
                '[' | ']' => {}
                '0'..='7' => {
                    let mut code = escape.to_digit(8).unwrap_or(0);
                    for _ in 0..2 {
                        if let Some(digit) = chars.peek().and_then(|c| c.to_digit(8)) {
                            code = code * 8 + digit;
                            chars.next();
                        }
                    }
                    out.extend(char::from_u32(code));
                }
                '\\' => out.push('\\'),
                other => {
                    out.push('\\');
                    out.push(other);
                }
            }
        }
        out
    }
}

fn has_command(parts: &[super::ast::Part]) -> bool {
    parts.iter().any(|p| matches!(p, super::ast::Part::Command(_) | super::ast::Part::Process(..)))
}
