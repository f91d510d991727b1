//! Putting programs into place at run time: what a package manager does when it unpacks.

use crate::errno::Errno;
use crate::filesystem::{Content, Inode, parent};
use crate::sys::Sys;

/// The program that stands for those that are not simulated.
pub const ABSENT: &str = "not-simulated";

impl Sys<'_> {
    /// Makes an executable file of a built-in program, with the folders above it; a program that is not
    /// built in becomes one that says so.
    ///
    /// # Errors
    /// As open(2) and mkdir(2).
    pub fn install_program(&mut self, path: &str, program: &str, size: u64) -> Result<(), Errno> {
        let known = self.machines.programs.find(program).is_some();
        self.make_folders(parent(path))?;
        _ = self.unlink(path);
        self.write_file(path, b"", false)?;
        let space = self.process().map(|p| p.space).unwrap_or_default();
        let real = self.real_path(path)?;
        let located = self.machines.locate(space, &real);
        let (uid, gid) = self.process().map_or((0, 0), |p| (p.uid, p.gid));
        let mtime = self.unix();
        let content = Content::Program(if known { program } else { ABSENT }.into());
        let inode = Inode { content, mode: 0o755, uid, gid, mtime, links: 1, size };
        let target = self.machines.filesystem_mut(space, located.volume).ok_or(Errno::Enoent)?;
        target.put(&located.path, inode).map(|_| ())
    }
    /// `mkdir -p`
    ///
    /// # Errors
    /// As mkdir(2).
    pub fn make_folders(&mut self, path: &str) -> Result<(), Errno> {
        for (at, _) in path.match_indices('/').filter(|m| m.0 > 0) {
            self.make_folder(path.get(..at).unwrap_or(path))?;
        }
        if path.is_empty() || path == "/" { Ok(()) } else { self.make_folder(path) }
    }
    fn make_folder(&mut self, path: &str) -> Result<(), Errno> {
        match self.mkdir(path, 0o755) {
            Err(Errno::Eexist) => Ok(()),
            other => other,
        }
    }
}
