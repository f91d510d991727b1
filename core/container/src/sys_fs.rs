//! System calls on files: open, stat, directories, links, modes. Errors as the Linux calls of the same
//! names give them.
//!
//! Left out: advisory locks, extended attributes, sparse files.

use crate::errno::Errno;
use crate::fd::{Fd, FdNum, OpenOptions};
use crate::files::Place;
pub use crate::files::{FileKind, Stat};
use crate::filesystem::{Content, Inode};
use crate::path::{EXECUTE, READ, Viewer, WRITE};
use crate::pseudo;
use crate::sys::Sys;
use drydock_machinery::limits;

impl Sys<'_> {
    /// Opens a file and gives the lowest free descriptor.
    ///
    /// # Errors
    /// As open(2).
    pub fn open(&mut self, path: &str, options: OpenOptions) -> Result<FdNum, Errno> {
        self.machines.open_as(self.pid, path, options)
    }
    /// Closes a descriptor.
    ///
    /// # Errors
    /// EBADF.
    pub fn close(&mut self, fd: FdNum) -> Result<(), Errno> {
        self.machines.close_as(self.pid, fd)
    }
    /// Makes `to` refer to what `from` does, closing it first.
    ///
    /// # Errors
    /// EBADF.
    pub fn dup2(&mut self, from: FdNum, to: FdNum) -> Result<(), Errno> {
        let fd = self.fd(from).ok_or(Errno::Ebadf)?;
        if to as usize >= limits::DESCRIPTORS {
            return Err(Errno::Ebadf);
        }
        if from != to {
            self.machines.share(&fd);
            let old = self.machines.process_mut(self.pid).and_then(|p| p.fds.insert(to, fd));
            if let Some(old) = old {
                self.machines.release(&old);
            }
        }
        Ok(())
    }
    /// What a descriptor refers to, for handing to a child.
    #[must_use]
    pub fn fd(&self, fd: FdNum) -> Option<Fd> {
        self.process()?.fds.get(&fd).cloned()
    }
    /// A new pipe: reading end, writing end.
    ///
    /// # Errors
    /// EMFILE.
    pub fn pipe(&mut self) -> Result<(FdNum, FdNum), Errno> {
        let id = self.machines.fresh_pipe();
        let (read, write) = (Fd::PipeRead(id), Fd::PipeWrite(id));
        self.machines.share(&read);
        self.machines.share(&write);
        let ends = self
            .machines
            .install(self.pid, read)
            .and_then(|r| self.machines.install(self.pid, write).map(|w| (r, w)).map_err(|e| (r, e).1));
        if ends.is_err() {
            self.machines.pipes.remove(&id);
        }
        ends
    }
    /// What a path leads to, symbolic links followed.
    ///
    /// # Errors
    /// As stat(2).
    pub fn stat(&mut self, path: &str) -> Result<Stat, Errno> {
        self.machines.stat_as(self.pid, path, true)
    }
    /// As [`Sys::stat`], but of a last symbolic link itself.
    ///
    /// # Errors
    /// As lstat(2).
    pub fn lstat(&mut self, path: &str) -> Result<Stat, Errno> {
        self.machines.stat_as(self.pid, path, false)
    }
    /// Names in a directory, sorted, without `.` and `..`.
    ///
    /// # Errors
    /// As opendir(3).
    pub fn list(&mut self, path: &str) -> Result<Vec<String>, Errno> {
        let place = self.machines.place(self.pid, path, true)?;
        let inode = place.inode.ok_or(Errno::Enoent)?;
        if inode.content != Content::Directory {
            return Err(Errno::Enotdir);
        }
        if !place.who.may(&inode, READ) {
            return Err(Errno::Eacces);
        }
        let names = self.machines.names_in(place.space, place.who, &place.real)?;
        self.machines.charge(self.pid, names.len() / 16);
        Ok(names)
    }
    /// Makes a directory with `mode & ~umask`.
    ///
    /// # Errors
    /// As mkdir(2).
    pub fn mkdir(&mut self, path: &str, mode: u16) -> Result<(), Errno> {
        let place = self.machines.place(self.pid, path, false)?;
        if place.inode.is_some() {
            return Err(Errno::Eexist);
        }
        self.machines.may_change_directory(&place)?;
        let mtime = self.unix();
        let (uid, gid) = (place.who.uid, place.who.gid);
        let inode = Inode { uid, gid, mtime, ..pseudo::directory(mode & !place.umask) };
        self.machines.writable(&place)?.put(&place.at.path, inode).map(|_| ())
    }
    /// Removes an empty directory.
    ///
    /// # Errors
    /// As rmdir(2).
    pub fn rmdir(&mut self, path: &str) -> Result<(), Errno> {
        let place = self.machines.place(self.pid, path, false)?;
        let inode = place.inode.as_ref().ok_or(Errno::Enoent)?;
        if inode.content != Content::Directory {
            return Err(Errno::Enotdir);
        }
        if self.is_mount_point(&place) || place.real == "/" {
            return Err(Errno::Ebusy);
        }
        self.machines.may_change_directory(&place)?;
        self.machines.writable(&place)?.unlink(&place.at.path)
    }
    /// Takes away a name that is no directory.
    ///
    /// # Errors
    /// As unlink(2).
    pub fn unlink(&mut self, path: &str) -> Result<(), Errno> {
        let place = self.machines.place(self.pid, path, false)?;
        let inode = place.inode.clone().ok_or(Errno::Enoent)?;
        if inode.content == Content::Directory {
            return Err(Errno::Eisdir);
        }
        if self.is_mount_point(&place) {
            return Err(Errno::Ebusy);
        }
        self.machines.may_change_directory(&place)?;
        let fs = self.machines.writable(&place)?;
        let ino = fs.ino(&place.at.path).unwrap_or(0);
        fs.unlink(&place.at.path)?;
        let last = inode.links <= 1;
        // Whoever has it open keeps its bytes.
        if let (true, Content::File(bytes)) = (last, &inode.content) {
            let (space, volume) = (place.space.0, place.at.volume);
            let open: Vec<u64> = self
                .machines
                .files
                .iter()
                .filter(|(_, f)| f.ino == ino && f.volume == volume && (volume.is_some() || f.space == space))
                .map(|(id, _)| *id)
                .collect();
            for id in open {
                if let Some(file) = self.machines.files.get_mut(&id) {
                    file.detached.get_or_insert_with(|| bytes.clone());
                }
            }
        }
        Ok(())
    }
    /// A file the runtime mounted by itself counts as a mount point.
    fn is_mount_point(&self, place: &Place) -> bool {
        let space = self.machines.space(place.space);
        space.is_some_and(|s| {
            s.mount(&place.real).is_some() || (!s.is_host() && pseudo::made_bit(&place.real).is_some())
        })
    }
    /// Moves a name; replaces what is there.
    ///
    /// # Errors
    /// As rename(2); EXDEV between mounts.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let source = self.machines.place_to_change(self.pid, from, false)?;
        let target = self.machines.place_to_change(self.pid, to, false)?;
        let inode = source.inode.clone().ok_or(Errno::Enoent)?;
        if self.is_mount_point(&source) || self.is_mount_point(&target) {
            return Err(Errno::Ebusy);
        }
        if source.at.volume != target.at.volume {
            return Err(Errno::Exdev);
        }
        let is_directory = inode.content == Content::Directory;
        match target.inode.as_ref().map(|i| i.content == Content::Directory) {
            Some(true) if !is_directory => return Err(Errno::Eisdir),
            Some(false) if is_directory => return Err(Errno::Enotdir),
            _ => {}
        }
        self.machines.may_change_directory(&source)?;
        self.machines.may_change_directory(&target)?;
        self.machines.writable(&target)?.rename(&source.at.path, &target.at.path)
    }
    /// Makes a symbolic link at `path`.
    ///
    /// # Errors
    /// As symlink(2).
    pub fn symlink(&mut self, target: &str, path: &str) -> Result<(), Errno> {
        let place = self.machines.place(self.pid, path, false)?;
        if place.inode.is_some() {
            return Err(Errno::Eexist);
        }
        self.machines.may_change_directory(&place)?;
        let inode = Inode {
            content: Content::Symlink(target.into()),
            mode: 0o777,
            uid: place.who.uid,
            gid: place.who.gid,
            mtime: self.unix(),
            links: 1,
            size: target.len() as u64,
        };
        self.machines.writable(&place)?.put(&place.at.path, inode).map(|_| ())
    }
    /// One more name for a file.
    ///
    /// # Errors
    /// As link(2).
    pub fn link(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let source = self.machines.place(self.pid, from, false)?;
        let target = self.machines.place(self.pid, to, false)?;
        let inode = source.inode.as_ref().ok_or(Errno::Enoent)?;
        if inode.content == Content::Directory {
            return Err(Errno::Eperm);
        }
        if target.inode.is_some() {
            return Err(Errno::Eexist);
        }
        if source.at.volume != target.at.volume {
            return Err(Errno::Exdev);
        }
        self.machines.may_change_directory(&target)?;
        let fs = self.machines.writable(&target)?;
        let ino = fs.ino(&source.at.path).ok_or(Errno::Exdev)?;
        fs.link(ino, &target.at.path)
    }
    /// Where a symbolic link leads.
    ///
    /// # Errors
    /// As readlink(2).
    pub fn readlink(&mut self, path: &str) -> Result<String, Errno> {
        let place = self.machines.place(self.pid, path, false)?;
        match &place.inode.ok_or(Errno::Enoent)?.content {
            Content::Symlink(to) => Ok(to.to_string()),
            _ => Err(Errno::Einval),
        }
    }
    /// Changes an inode in place, for its owner or root.
    fn change(
        &mut self,
        path: &str,
        change: impl FnOnce(&Viewer, &mut Inode) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let place = self.machines.place_to_change(self.pid, path, true)?;
        let inode = place.inode.as_ref().ok_or(Errno::Enoent)?;
        let mut new = Inode::clone(inode);
        change(&place.who, &mut new)?;
        let fs = self.machines.writable(&place)?;
        let ino = fs.ino(&place.at.path).ok_or(Errno::Eperm)?;
        fs.replace(ino, new)
    }
    /// Sets permission bits.
    ///
    /// # Errors
    /// As chmod(2).
    pub fn chmod(&mut self, path: &str, mode: u16) -> Result<(), Errno> {
        self.change(path, |who, inode| {
            if who.uid != 0 && who.uid != inode.uid {
                return Err(Errno::Eperm);
            }
            inode.mode = mode & 0o7777;
            Ok(())
        })
    }
    /// Sets owner and group; `None` leaves one as it is.
    ///
    /// # Errors
    /// As chown(2).
    pub fn chown(&mut self, path: &str, uid: Option<u32>, gid: Option<u32>) -> Result<(), Errno> {
        self.change(path, |who, inode| {
            let own = uid.is_none_or(|u| u == inode.uid) && gid.is_none_or(|g| g == who.gid);
            if who.uid != 0 && !(who.uid == inode.uid && own) {
                return Err(Errno::Eperm);
            }
            inode.uid = uid.unwrap_or(inode.uid);
            inode.gid = gid.unwrap_or(inode.gid);
            Ok(())
        })
    }
    /// Cuts or extends a file with zero bytes.
    ///
    /// # Errors
    /// As truncate(2).
    pub fn truncate(&mut self, path: &str, size: u64) -> Result<(), Errno> {
        if size > limits::FILE_BYTES as u64 {
            return Err(Errno::Efbig);
        }
        let now = self.unix();
        self.change(path, |who, inode| {
            if !who.may(inode, WRITE) {
                return Err(Errno::Eacces);
            }
            match &inode.content {
                Content::File(bytes) => {
                    let mut bytes = bytes.to_vec();
                    bytes.resize(size as usize, 0);
                    *inode =
                        Inode { content: Content::File(bytes.into()), size, mtime: now, ..inode.clone() };
                    Ok(())
                }
                Content::Directory => Err(Errno::Eisdir),
                _ => Err(Errno::Einval),
            }
        })
    }
    /// Sets the modification time, making an empty file where there is none.
    ///
    /// # Errors
    /// As open(2) and utime(2).
    pub fn touch(&mut self, path: &str, unix: i64) -> Result<(), Errno> {
        match self.machines.place(self.pid, path, true)?.inode {
            None => {
                let fd = self.open(path, OpenOptions { truncate: false, ..OpenOptions::WRITE })?;
                self.close(fd)?;
            }
            Some(inode) if matches!(inode.content, Content::Device(_)) => return Ok(()),
            Some(_) => {}
        }
        self.change(path, |who, inode| {
            if who.uid != inode.uid && !who.may(inode, WRITE) {
                return Err(Errno::Eacces);
            }
            inode.mtime = unix;
            Ok(())
        })
    }
    /// The absolute path without symbolic links; the last part may be missing.
    ///
    /// # Errors
    /// As realpath(3).
    pub fn real_path(&self, path: &str) -> Result<String, Errno> {
        self.machines.place(self.pid, path, true).map(|p| p.real)
    }
    /// Whether access(2) allows all of `want` (`path::READ | WRITE | EXECUTE`).
    #[must_use]
    pub fn may(&self, path: &str, want: u16) -> bool {
        let Ok(place) = self.machines.place(self.pid, path, true) else { return false };
        let read_only = place.at.read_only
            || self.machines.filesystem(place.space, place.at.volume).is_some_and(|fs| fs.read_only);
        place.inode.is_some_and(|inode| place.who.may(&inode, want) && !(want & WRITE != 0 && read_only))
    }
    /// Changes the working directory.
    ///
    /// # Errors
    /// As chdir(2).
    pub fn chdir(&mut self, path: &str) -> Result<(), Errno> {
        let place = self.machines.place(self.pid, path, true)?;
        let inode = place.inode.ok_or(Errno::Enoent)?;
        if inode.content != Content::Directory {
            return Err(Errno::Enotdir);
        }
        if !place.who.may(&inode, EXECUTE) {
            return Err(Errno::Eacces);
        }
        if let Some(process) = self.machines.process_mut(self.pid) {
            process.cwd = place.real.into();
        }
        Ok(())
    }
}
