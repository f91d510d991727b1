//! Putting redirections in place and taking them back.

use super::ast::RedirectKind;
use super::frame::Redirected;
use super::state::Shell;
use crate::fd::{Fd, FdNum, OpenOptions};
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use std::sync::Arc;

/// A redirection failed; the complaint has been printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

/// Descriptors from here on are the shell's own and not passed on.
pub(super) const OWN: FdNum = 10;

impl Shell {
    /// Puts redirections in place; gives what to restore.
    pub fn redirect(
        &mut self,
        sys: &mut Sys<'_>,
        redirects: &[Redirected],
    ) -> Result<Vec<(FdNum, Option<FdNum>)>, Refused> {
        let mut saved = Vec::new();
        for redirect in redirects {
            let outcome = self.redirect_one(sys, redirect, &mut saved);
            if let Err(message) = outcome {
                self.restore_fds(sys, saved);
                self.complain(sys, &message);
                return Err(Refused);
            }
        }
        Ok(saved)
    }
    fn redirect_one(
        &mut self,
        sys: &mut Sys<'_>,
        redirect: &Redirected,
        saved: &mut Vec<(FdNum, Option<FdNum>)>,
    ) -> Result<(), String> {
        let target = match &redirect.target {
            Ok(target) => &**target,
            Err(message) => return Err(message.to_string()),
        };
        let reads = matches!(
            redirect.kind,
            RedirectKind::Read | RedirectKind::ReadWrite | RedirectKind::Here | RedirectKind::HereString
        );
        if let Some(name) = &redirect.var {
            return self.redirect_named(sys, name, redirect, target);
        }
        let fd = redirect.fd.unwrap_or(u32::from(!reads));
        let mut options = OpenOptions::default();
        let opened = match redirect.kind {
            RedirectKind::Duplicate => {
                if target == "-" {
                    self.save_fd(sys, fd, saved);
                    let _ = sys.close(fd);
                    return Ok(());
                }
                let Ok(from) = target.parse::<FdNum>() else {
                    return Err(match self.dialect.is_bash() {
                        true => format!("{target}: ambiguous redirect"),
                        false => "Syntax error: Bad fd number".into(),
                    });
                };
                if sys.fd(from).is_none() {
                    return Err(format!("{target}: Bad file descriptor"));
                }
                if from != fd {
                    self.save_fd(sys, fd, saved);
                    sys.dup2(from, fd).map_err(|e| format!("{target}: {e}"))?;
                }
                return Ok(());
            }
            RedirectKind::Here | RedirectKind::HereString => {
                let (read, write) = sys.pipe().map_err(|e| e.to_string())?;
                // A here-document may be larger than a pipe: it is put in as a whole.
                if let Some(Fd::PipeWrite(id)) = sys.fd(write)
                    && let Some(pipe) = sys.machines.pipes.get_mut(&id)
                {
                    Arc::make_mut(pipe).push(target.as_bytes());
                }
                let _ = sys.close(write);
                Ok(read)
            }
            RedirectKind::Read => {
                options.read = true;
                sys.open(target, options)
            }
            RedirectKind::ReadWrite => {
                options.read = true;
                options.write = true;
                options.create = true;
                sys.open(target, options)
            }
            RedirectKind::Append | RedirectKind::Both { append: true } => {
                options.append = true;
                options.write = true;
                options.create = true;
                sys.open(target, options)
            }
            RedirectKind::Write | RedirectKind::Clobber | RedirectKind::Both { .. } => {
                let guarded = self.options.noclobber && redirect.kind != RedirectKind::Clobber;
                if guarded && sys.stat(target).is_ok_and(|s| s.kind == FileKind::File) {
                    return Err(match self.dialect.is_bash() {
                        true => format!("{target}: cannot overwrite existing file"),
                        false => format!("cannot create {target}: File exists"),
                    });
                }
                options.write = true;
                options.create = true;
                options.truncate = true;
                sys.open(target, options)
            }
        };
        let reading = redirect.kind == RedirectKind::Read;
        let new = opened
            .map_err(|e| if reading { self.cannot_open(target, e) } else { self.cannot_create(target, e) })?;
        if new != fd {
            self.save_fd(sys, fd, saved);
            let moved = sys.dup2(new, fd);
            let _ = sys.close(new);
            moved.map_err(|e| format!("{target}: {e}"))?;
        } else {
            saved.push((fd, None));
        }
        if matches!(redirect.kind, RedirectKind::Both { .. }) {
            self.save_fd(sys, 2, saved);
            sys.dup2(fd, 2).map_err(|e| format!("{target}: {e}"))?;
        }
        Ok(())
    }
    /// `{name}>file`: the descriptor is chosen and stays open until it is closed by hand.
    fn redirect_named(
        &mut self,
        sys: &mut Sys<'_>,
        name: &str,
        redirect: &Redirected,
        target: &str,
    ) -> Result<(), String> {
        if redirect.kind == RedirectKind::Duplicate && target == "-" {
            let number = self.vars.text(name).and_then(|t| t.parse().ok());
            return match number.and_then(|fd| sys.close(fd).ok()) {
                Some(()) => Ok(()),
                None => Err(format!("{name}: Bad file descriptor")),
            };
        }
        let mut fd = OWN;
        while sys.fd(fd).is_some() {
            fd += 1;
        }
        let plain = Redirected { fd: Some(fd), var: None, ..redirect.clone() };
        self.redirect_one(sys, &plain, &mut Vec::new())?;
        self.vars.set(name, &fd.to_string());
        Ok(())
    }
    fn save_fd(&mut self, sys: &mut Sys<'_>, fd: FdNum, saved: &mut Vec<(FdNum, Option<FdNum>)>) {
        if sys.fd(fd).is_none() {
            saved.push((fd, None));
            return;
        }
        let mut to = OWN;
        while sys.fd(to).is_some() {
            to += 1;
        }
        saved.push((fd, sys.dup2(fd, to).is_ok().then_some(to)));
    }
    /// Puts descriptors back, last one first.
    pub fn restore_fds(&mut self, sys: &mut Sys<'_>, saved: Vec<(FdNum, Option<FdNum>)>) {
        for (fd, kept) in saved.into_iter().rev() {
            match kept {
                Some(kept) => {
                    let _ = sys.dup2(kept, fd);
                    let _ = sys.close(kept);
                }
                None => _ = sys.close(fd),
            }
        }
    }
}
