//! nano, vi, vim: on the laptop the learner's editor is opened on the file, elsewhere the editor works on the
//! terminal's screen. man prints through.

use super::filter::ended;
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
    // A terminal of a container has no editor pane beside it.
    let screen = sys.tty().is_some_and(|id| id >= crate::terminal::FIRST);
    match path {
        Some(path) if screen => super::visual::visual(sys, &path),
        Some(path) => Box::new(Edit { path, open: false }),
        None => ended(done(sys, 1, "name a file to edit")),
    }
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
