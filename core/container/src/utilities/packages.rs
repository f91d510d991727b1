//! Package managers: what apt, apk, yum, pip and npm have in common. Packages come from tables and bring
//! programs that are built in, or files; all of them come from the host `mirror.drydock.local`, and
//! fetching takes simulated time. The work is a list of acts carried out one after the other, so that
//! stopping half-way leaves what was done by then.

pub mod apk;
mod apk_table;
pub mod apt;
mod apt_install;
pub mod apt_query;
mod apt_remove;
mod apt_table;
pub mod dpkg;
mod files;
pub mod npm;
pub mod pip;
pub mod rpm;

use crate::fd::{Read, STDIN};
use crate::machine::{Behave, Step};
use crate::sys::Sys;
use crate::wait::Wait;
use std::sync::Arc;

/// Where everything is fetched from.
pub const MIRROR: &str = "http://mirror.drydock.local";

/// A line of a table: name, version, kilobytes, what it needs, the programs it brings.
#[derive(Clone, Copy, Debug)]
pub struct Package {
    pub name: &'static str,
    pub version: &'static str,
    pub kb: u64,
    needs: &'static str,
    programs: &'static str,
}

impl Package {
    fn parse(line: &'static str) -> Option<Package> {
        let mut fields = line.split('|').map(str::trim);
        let name = fields.next().filter(|n| !n.is_empty())?;
        let version = fields.next()?;
        let kb = fields.next()?.parse().ok()?;
        Some(Package { name, version, kb, needs: fields.next()?, programs: fields.next().unwrap_or("") })
    }
    /// Names it depends on; `true` for those that are only recommended.
    pub fn needs(&self) -> impl Iterator<Item = (&'static str, bool)> {
        self.needs.split_whitespace().map(|n| match n.strip_prefix('?') {
            Some(name) => (name, true),
            None => (n, false),
        })
    }
    /// Path and name of each program: `ip` goes to `/usr/bin`, `/sbin/ip` where it says, `psql=absent`
    /// names another program.
    pub fn programs(&self) -> impl Iterator<Item = (String, &'static str)> {
        self.programs.split_whitespace().map(|word| {
            let (place, program) = word.split_once('=').unwrap_or((word, ""));
            let path = if place.starts_with('/') { place.to_string() } else { format!("/usr/bin/{place}") };
            let name = if program.is_empty() { place.rsplit('/').next().unwrap_or(place) } else { program };
            (path, name)
        })
    }
}

/// The packages of a table.
pub fn table(text: &'static str) -> impl Iterator<Item = Package> {
    text.lines().filter_map(Package::parse)
}

pub fn find(text: &'static str, name: &str) -> Option<Package> {
    table(text).find(|p| p.name == name)
}

/// Wanted packages and all they need, what is needed first, without those that are there already.
pub fn closure(
    text: &'static str,
    wanted: &[Package],
    recommended: bool,
    there: &dyn Fn(&str) -> bool,
) -> Vec<Package> {
    fn visit(
        text: &'static str,
        package: Package,
        recommended: bool,
        there: &dyn Fn(&str) -> bool,
        out: &mut Vec<Package>,
        open: &mut Vec<&'static str>,
    ) {
        let known = out.iter().any(|p| p.name == package.name) || open.contains(&package.name);
        if known || there(package.name) || open.len() > 32 {
            return;
        }
        open.push(package.name);
        for (name, _) in package.needs().filter(|n| recommended || !n.1) {
            if let Some(needed) = find(text, name) {
                visit(text, needed, recommended, there, out, open);
            }
        }
        open.pop();
        out.push(package);
    }
    let mut out = Vec::new();
    for package in wanted {
        visit(text, *package, recommended, there, &mut out, &mut Vec::new());
    }
    out
}

/// One thing a package manager does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Act {
    Print(String),
    Complain(String),
    /// Milliseconds.
    Pause(u64),
    /// A program at a path, of so many bytes.
    Program(String, Arc<str>, u64),
    /// A file's whole text.
    Write(String, String),
    Link(String, String),
    Remove(String),
    /// A yes or no, with what a no prints and its exit code.
    Ask(String, String, i32),
}

/// Acts under way.
#[derive(Clone, Hash)]
pub struct Acts {
    acts: Arc<[Act]>,
    at: usize,
    until: Option<u64>,
    asked: bool,
    code: i32,
}

/// A program that carries out acts and ends with `code`.
#[must_use]
pub fn acting(acts: Vec<Act>, code: i32) -> Box<dyn crate::Machine> {
    Box::new(Acts { acts: acts.into(), at: 0, until: None, asked: false, code })
}

impl Behave for Acts {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let acts = self.acts.clone();
        while let Some(act) = acts.get(self.at) {
            let done = match act {
                Act::Print(text) => {
                    sys.print(text);
                    Ok(())
                }
                Act::Complain(text) => {
                    sys.eprint(text);
                    Ok(())
                }
                Act::Pause(ms) => {
                    let now = sys.now();
                    let until = *self.until.get_or_insert(now + ms);
                    if now < until {
                        return Step::wait(Wait::Until(until));
                    }
                    self.until = None;
                    Ok(())
                }
                Act::Program(path, program, size) => sys.install_program(path, program, *size),
                Act::Write(path, text) => {
                    let folders = sys.make_folders(crate::filesystem::parent(path));
                    folders.and_then(|()| sys.write_file(path, text.as_bytes(), false))
                }
                Act::Link(to, path) => {
                    _ = sys.unlink(path);
                    sys.symlink(to, path)
                }
                Act::Remove(path) => {
                    _ = sys.unlink(path);
                    Ok(())
                }
                Act::Ask(question, no, code) => {
                    if !self.asked {
                        sys.print(question);
                        self.asked = true;
                    }
                    match sys.read_line(STDIN) {
                        Read::Block => return Step::wait(Wait::Readable(STDIN)),
                        Read::Data(line) if matches!(line.first(), Some(b'y' | b'Y' | b'\n')) => Ok(()),
                        _ => {
                            sys.print(no);
                            return Step::Exit(*code);
                        }
                    }
                }
            };
            if let Err(errno) = done {
                let own = super::support::own_name(sys);
                sys.eprint(&format!("{own}: cannot unpack: {errno}\n"));
                return Step::Exit(if own.starts_with("apt") { 100 } else { 1 });
            }
            self.at += 1;
        }
        Step::Exit(self.code)
    }
}

/// Acts that put a package's programs and files in place.
fn unpack(package: &Package, out: &mut Vec<Act>) {
    for (path, program) in package.programs() {
        let size = package.kb.max(8) * 1024 / (package.programs().count().max(1) as u64);
        out.push(Act::Program(path, program.into(), size));
    }
    for (path, text) in files::of(package.name) {
        match text.strip_prefix("-> ") {
            Some(to) => out.push(Act::Link(to.trim_end().into(), (*path).into())),
            None => out.push(Act::Write((*path).into(), (*text).into())),
        }
    }
}

/// Whether the caller is root; else the complaint is made.
fn must_be_root(sys: &mut Sys<'_>, text: &str) -> bool {
    let root = sys.process().is_some_and(|p| p.uid == 0);
    if !root {
        sys.eprint(text);
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_a_package_whose_needs_are_there() {
        for text in [apt_table::TABLE, apk_table::TABLE] {
            let lines = text.lines().filter(|l| !l.trim().is_empty()).count();
            assert_eq!(table(text).count(), lines);
            for package in table(text) {
                for (need, _) in package.needs() {
                    assert!(find(text, need).is_some(), "{} needs {need}", package.name);
                }
            }
        }
    }
    #[test]
    fn what_is_needed_comes_first() {
        let curl = find(apt_table::TABLE, "curl").into_iter().collect::<Vec<_>>();
        let all = closure(apt_table::TABLE, &curl, true, &|_| false);
        assert_eq!(all.last().map(|p| p.name), Some("curl"));
        assert!(all.iter().any(|p| p.name == "libcurl4") && all.iter().any(|p| p.name == "ca-certificates"));
        assert!(
            !closure(apt_table::TABLE, &curl, false, &|_| false).iter().any(|p| p.name == "ca-certificates")
        );
    }
}
