//! Members from and into filesystems: those of a filesystem value (images, build contexts), and those a
//! process sees (mounts, permissions, its working directory).

use super::{Entry, rooted};
use crate::errno::Errno;
use crate::filesystem::{Content, Filesystem, Inode, base_name, normalise, parent};
use crate::machines::Machines;
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use crate::tree;
use crate::utilities::support::join;
use drydock_machinery::limits;

/// The members for everything at and below `path`, named from `name`.
#[must_use]
pub fn entries_of(fs: &Filesystem, path: &str, name: &str) -> Vec<Entry> {
    let mut out = Vec::new();
    for (at, inode) in fs.walk(path) {
        let rest = if path == "/" {
            at.trim_start_matches('/')
        } else {
            at.get(path.len()..).unwrap_or("").trim_start_matches('/')
        };
        let member = match (name, rest) {
            (name, "") => name.to_string(),
            ("", rest) => rest.to_string(),
            (name, rest) => format!("{name}/{rest}"),
        };
        if !member.is_empty() {
            out.push(Entry { path: member, inode: Inode::clone(inode), hard_link: None });
        }
    }
    out
}

/// Puts members into a filesystem below `top`, which nothing leaves: symbolic links are followed as in a
/// chroot. `owner` is whose they become, if not whose they were; `mtime` is that of folders made on the way.
///
/// # Errors
/// As mkdir(2), link(2) and open(2).
pub fn extract(
    fs: &mut Filesystem,
    top: &str,
    entries: &[Entry],
    owner: Option<(u32, u32)>,
    mtime: i64,
) -> Result<(), Errno> {
    for entry in entries {
        let inner = entry.rooted();
        let to = normalise(top, &inner);
        if inner == "." && (to == "/" || fs.get(&to).is_some()) {
            continue;
        }
        let to = normalise(&tree::resolve_new(fs, parent(&to)), base_name(&to));
        Machines::make_directories(fs, parent(&to), mtime);
        if let Some(target) = &entry.hard_link {
            let target = tree::resolve(fs, &normalise(top, &rooted(target))).ok_or(Errno::Enoent)?;
            let ino = fs.ino(&target).ok_or(Errno::Enoent)?;
            if target != to {
                _ = fs.unlink(&to);
                fs.link(ino, &to)?;
            }
            continue;
        }
        let (uid, gid) = owner.unwrap_or((entry.inode.uid, entry.inode.gid));
        put(fs, &to, Inode { uid, gid, ..entry.inode.clone() })?;
    }
    Ok(())
}

/// Puts one file in place of whatever is there; a folder stays with what it holds.
///
/// # Errors
/// As open(2).
pub fn put(fs: &mut Filesystem, to: &str, inode: Inode) -> Result<(), Errno> {
    let old = fs.get(to).map(|i| i.content.clone());
    match (&old, &inode.content) {
        (Some(Content::Directory), Content::Directory) | (None, _) => {}
        (Some(Content::Directory), _) => tree::remove_all(fs, to),
        // A new inode: other names of the old one keep theirs.
        (Some(_), _) => fs.unlink(to)?,
    }
    fs.put(to, inode).map(|_| ())
}

/// Everything a process sees at and below `path`, named as `name` in the archive.
///
/// # Errors
/// As stat(2) and open(2).
pub fn collect(sys: &mut Sys<'_>, path: &str, name: &str, out: &mut Vec<Entry>) -> Result<(), Errno> {
    gather(sys, path, name, out, 0)
}

fn gather(
    sys: &mut Sys<'_>,
    path: &str,
    name: &str,
    out: &mut Vec<Entry>,
    depth: usize,
) -> Result<(), Errno> {
    if depth > limits::DEPTH || out.len() > limits::FILES {
        return Err(Errno::Enametoolong);
    }
    let stat = sys.lstat(path)?;
    let (content, size) = match stat.kind {
        FileKind::Directory => (Content::Directory, 4096),
        FileKind::Symlink => {
            let to = sys.readlink(path)?;
            (Content::Symlink(to.as_str().into()), to.len() as u64)
        }
        _ => match stat.program {
            Some(program) => (Content::Program(program), stat.size),
            None => {
                let bytes = sys.read_file(path)?;
                let size = bytes.len() as u64;
                (Content::File(bytes), size)
            }
        },
    };
    let links = if content == Content::Directory { 2 } else { 1 };
    let inode =
        Inode { content, mode: stat.mode, uid: stat.uid, gid: stat.gid, mtime: stat.mtime, links, size };
    out.push(Entry { path: name.into(), inode, hard_link: None });
    if stat.kind == FileKind::Directory {
        for inner in sys.list(path)? {
            gather(sys, &join(path, &inner), &join(name, &inner), out, depth + 1)?;
        }
    }
    Ok(())
}

/// What a file keeps of its member besides its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Placing {
    pub times: bool,
    /// Only root may give files away, so only root's files change hands.
    pub owner: bool,
    /// Permission bits it does not get.
    pub umask: u16,
}

/// Puts a member at `path` as the calling process may; hard links lead below `directory`.
///
/// # Errors
/// As mkdir(2), link(2) and open(2).
pub fn place(
    sys: &mut Sys<'_>,
    directory: &str,
    path: &str,
    entry: &Entry,
    placing: Placing,
) -> Result<(), Errno> {
    for (at, _) in path.match_indices('/').filter(|m| m.0 > 0) {
        _ = sys.mkdir(path.get(..at).unwrap_or(path), 0o755);
    }
    if let Some(target) = &entry.hard_link {
        _ = sys.unlink(path);
        return sys.link(&join(directory, &rooted(target)), path);
    }
    let inode = &entry.inode;
    match &inode.content {
        Content::Directory => match sys.mkdir(path, inode.mode) {
            Err(Errno::Eexist) => {}
            other => other?,
        },
        Content::Symlink(target) => {
            _ = sys.unlink(path);
            return sys.symlink(target, path);
        }
        Content::Program(program) => sys.install_program(path, program, inode.size)?,
        Content::File(bytes) => {
            // Never through a symbolic link that an earlier member made.
            if sys.lstat(path).is_ok_and(|s| s.kind == FileKind::Symlink) {
                sys.unlink(path)?;
            }
            sys.write_file(path, bytes, false)?;
        }
        Content::Device(_) => return Ok(()),
    }
    if entry.is_folder() && entry.rooted() == "." {
        return Ok(());
    }
    if placing.owner && sys.process().is_some_and(|p| p.uid == 0) {
        sys.chown(path, Some(inode.uid), Some(inode.gid))?;
    }
    sys.chmod(path, inode.mode & !placing.umask)?;
    if placing.times {
        _ = sys.touch(path, inode.mtime);
    }
    Ok(())
}
