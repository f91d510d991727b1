//! nano, vi, vim: the learner's editor is opened on the file. less, more and man print through.

use super::filter::{Filter, Flow, ended, filtering};
use super::support::done;
use crate::machine::{Behave, Step};
use crate::sys::Sys;
use crate::wait::Wait;
use std::sync::Arc;

#[derive(Clone, Hash)]
pub struct Edit {
    path: Arc<str>,
    open: bool,
}

impl Behave for Edit {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if !self.open {
            let program = super::support::own_name(sys);
            if let Err(errno) = sys.edit(&self.path, &program) {
                return Step::Exit(match errno {
                    crate::Errno::Enotty => done(sys, 1, "standard input is not a terminal"),
                    errno => done(sys, 1, &format!("{}: {errno}", self.path)),
                });
            }
            self.open = true;
            return Step::wait(Wait::Editor);
        }
        match sys.edit_result() {
            None => Step::wait(Wait::Editor),
            Some(None) => Step::Exit(0),
            Some(Some(text)) => match sys.write_file(&self.path, text.as_bytes(), false) {
                Ok(()) => Step::Exit(0),
                Err(errno) => Step::Exit(done(sys, 1, &format!("Error writing {}: {errno}", self.path))),
            },
        }
    }
}

pub fn edit(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let path = sys.args().iter().skip(1).find(|a| !a.starts_with(['-', '+'])).cloned();
    match path {
        Some(path) => Box::new(Edit { path, open: false }),
        None => ended(done(sys, 1, "name a file to edit")),
    }
}

#[derive(Clone, Hash)]
pub struct Pager;

impl Filter for Pager {
    fn raw(&self) -> bool {
        true
    }
    fn line(&mut self, sys: &mut Sys<'_>, bytes: &[u8], _: bool) -> Flow {
        sys.write(1, bytes);
        Flow::More
    }
    fn end(&mut self, _: &mut Sys<'_>, failed: bool) -> i32 {
        i32::from(failed)
    }
}

pub fn pager(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let files: Vec<Arc<str>> =
        sys.args().iter().skip(1).filter(|a| !a.starts_with(['-', '+'])).cloned().collect();
    if files.is_empty() && sys.is_tty(0) {
        let own = super::support::own_name(sys);
        let text = if own == "less" {
            "Missing filename (\"less --help\" for help)\n"
        } else {
            "more: bad usage\nTry 'more --help' for more information.\n"
        };
        sys.eprint(text);
        return ended(1);
    }
    filtering(Pager, &files)
}

pub fn man(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let Some(page) = args.iter().skip(1).find(|a| !a.starts_with('-') && a.parse::<u8>().is_err()).cloned()
    else {
        sys.eprint("What manual page do you want?\nFor example, try 'man man'.\n");
        return 1;
    };
    match sys.machines.programs.find(&page) {
        Some(program) => {
            let upper = page.to_uppercase();
            sys.print(&format!(
                "{upper}(1){:>50}User Commands\n\nNAME\n       {page} - {}\n",
                "", program.about
            ));
            0
        }
        None => {
            sys.eprint(&format!("No manual entry for {page}\n"));
            16
        }
    }
}
