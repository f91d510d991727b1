//! tee: stdin to stdout and to files.

use super::filter::{Filter, Flow, Start, options};
use super::support::Spec;
use crate::fd::FdNum;
use crate::sys::Sys;

#[derive(Clone, Hash)]
pub struct Tee {
    to: Vec<FdNum>,
}

impl Filter for Tee {
    fn raw(&self) -> bool {
        true
    }
    fn line(&mut self, sys: &mut Sys<'_>, bytes: &[u8], _: bool) -> Flow {
        sys.write(1, bytes);
        for fd in &self.to {
            sys.write(*fd, bytes);
        }
        Flow::More
    }
}

pub fn tee(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec { short: "aip", long: &[("append", 'a'), ("ignore-interrupts", 'i')], code: 1 };
    let opts = options!(sys, SPEC);
    let mut to = Vec::new();
    let mut failed = false;
    for file in &opts.args {
        let append = opts.has('a');
        let options =
            crate::OpenOptions { write: true, create: true, append, truncate: !append, ..Default::default() };
        match sys.open(file, options) {
            Ok(fd) => to.push(fd),
            Err(errno) => {
                super::support::done(sys, 1, &format!("{file}: {errno}"));
                failed = true;
            }
        }
    }
    let input = super::filter::Input::new(&[]);
    Box::new(super::filter::Filtering { filter: Tee { to }, input, failed })
}
