//! paste: lines of several files side by side.

use super::filter::{Filter, Flow, Start, filtering, options};
use super::support::Spec;
use crate::shell::escape::{Style, unescape};
use crate::sys::Sys;
use std::sync::Arc;

#[derive(Clone, Hash)]
pub struct Paste {
    serial: bool,
    delimiters: Vec<char>,
    files: Vec<Vec<String>>,
    names: Vec<Arc<str>>,
}

impl Filter for Paste {
    fn file(&mut self, _: &mut Sys<'_>, _: &Arc<str>) {
        self.files.push(Vec::new());
    }
    fn line(&mut self, _: &mut Sys<'_>, line: &[u8], _: bool) -> Flow {
        if let Some(file) = self.files.last_mut() {
            file.push(String::from_utf8_lossy(line).into_owned());
        }
        Flow::More
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        // `paste - -` takes lines of stdin in turn.
        let dashes = self.names.iter().filter(|n| &***n == "-").count();
        if dashes > 1
            && let Some(lines) = self.files.first().cloned()
        {
            self.files =
                (0..dashes).map(|at| lines.iter().skip(at).step_by(dashes).cloned().collect()).collect();
        }
        let between =
            |at: usize| self.delimiters.get(at.checked_rem(self.delimiters.len()).unwrap_or(0)).copied();
        let join = |items: &[String]| {
            let mut out = String::new();
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.extend(between(at - 1));
                }
                out.push_str(item);
            }
            out + "\n"
        };
        if self.serial {
            for file in &self.files {
                sys.print(&join(file));
            }
        } else {
            let rows = self.files.iter().map(Vec::len).max().unwrap_or(0);
            for row in 0..rows {
                let items: Vec<String> =
                    self.files.iter().map(|f| f.get(row).cloned().unwrap_or_default()).collect();
                sys.print(&join(&items));
            }
        }
        i32::from(failed)
    }
}

pub fn paste(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec { short: "sd:", long: &[("serial", 's'), ("delimiters=", 'd')], code: 1 };
    let opts = options!(sys, SPEC);
    let (bytes, _) = unescape(opts.value('d').unwrap_or("\t"), Style::Format);
    let delimiters = String::from_utf8_lossy(&bytes).chars().collect();
    filtering(
        Paste { serial: opts.has('s'), delimiters, files: Vec::new(), names: opts.args.clone() },
        &opts.args,
    )
}
