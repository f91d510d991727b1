//! Archives as build contexts and `ADD` sources: tar in its ustar, GNU and pax forms, and gzip around it.
//! Left out: bzip2, xz and zstd (they are copied as they are), sparse files, devices.

use drydock_container::Machines;
use drydock_container::filesystem::{Content, Filesystem, Inode, normalise};
use drydock_machinery::limits;
use std::sync::Arc;

const BLOCK: usize = 512;

/// A member of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    /// As in the archive.
    pub path: String,
    pub mode: u16,
    pub uid: u32,
    pub gid: u32,
    pub mtime: i64,
    pub kind: MemberKind,
}

/// What a member is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MemberKind {
    File(Arc<[u8]>),
    Directory,
    Symlink(String),
    /// Another name of a member before it.
    Hardlink(String),
}

/// Reads bytes that are a tar, possibly compressed; none if they are no archive.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Vec<Member>> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return tar(&gunzip(bytes)?);
    }
    tar(bytes)
}

/// The content of a gzip file, bounded by what a disk holds.
#[must_use]
pub fn gunzip(bytes: &[u8]) -> Option<Vec<u8>> {
    let flags = *bytes.get(3)?;
    let mut at = 10usize;
    if flags & 4 != 0 {
        let length = usize::from(*bytes.get(at)?) + 256 * usize::from(*bytes.get(at + 1)?);
        at += 2 + length;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += bytes.get(at..)?.iter().position(|b| *b == 0)? + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    miniz_oxide::inflate::decompress_to_vec_with_limit(bytes.get(at..)?, limits::DISK_BYTES).ok()
}

fn tar(bytes: &[u8]) -> Option<Vec<Member>> {
    let mut members = Vec::new();
    let (mut rest, mut long, mut long_link) = (bytes, None, None);
    loop {
        let Some((header, after)) = rest.split_at_checked(BLOCK) else {
            return (!members.is_empty()).then_some(members);
        };
        if header.iter().all(|b| *b == 0) {
            // An empty archive is one too; just zeroes are not.
            return (!members.is_empty() || bytes.len().is_multiple_of(BLOCK) && bytes.len() >= 2 * BLOCK)
                .then_some(members);
        }
        let stored = octal(header, 148, 8);
        let blank = |at: usize| (148..156).contains(&at);
        let sum: u64 =
            header.iter().enumerate().map(|(n, b)| u64::from(if blank(n) { b' ' } else { *b })).sum();
        if stored != sum || members.len() > limits::FILES {
            return None;
        }
        let size = usize::try_from(octal(header, 124, 12)).ok()?;
        let content = after.get(..size)?;
        rest = after.get(size.div_ceil(BLOCK).checked_mul(BLOCK)?..).unwrap_or(&[]);
        let (prefix, name) = (text(header, 345, 155), text(header, 0, 100));
        let ustar = header.get(257..262) == Some(b"ustar");
        let short = if prefix.is_empty() || !ustar { name } else { format!("{prefix}/{name}") };
        let kind = match header.get(156).copied().unwrap_or(b'0') {
            b'L' => {
                long = Some(until_nul(content));
                continue;
            }
            b'K' => {
                long_link = Some(until_nul(content));
                continue;
            }
            b'x' => {
                let fields = pax(content);
                long = fields.iter().find(|f| f.0 == "path").map(|f| f.1.clone()).or(long);
                long_link = fields.iter().find(|f| f.0 == "linkpath").map(|f| f.1.clone()).or(long_link);
                continue;
            }
            b'g' => continue,
            b'5' => MemberKind::Directory,
            b'2' => MemberKind::Symlink(long_link.take().unwrap_or_else(|| text(header, 157, 100))),
            b'1' => MemberKind::Hardlink(long_link.take().unwrap_or_else(|| text(header, 157, 100))),
            _ if short.ends_with('/') => MemberKind::Directory,
            _ => MemberKind::File(content.into()),
        };
        members.push(Member {
            path: long.take().unwrap_or(short),
            mode: u16::try_from(octal(header, 100, 8) & 0o7777).unwrap_or(0o644),
            uid: u32::try_from(octal(header, 108, 8)).unwrap_or(0),
            gid: u32::try_from(octal(header, 116, 8)).unwrap_or(0),
            mtime: i64::try_from(octal(header, 136, 12)).unwrap_or(0),
            kind,
        });
    }
}

/// `length key=value` records.
fn pax(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    let fields = text.lines().filter_map(|line| line.split_once(' ')?.1.split_once('='));
    fields.map(|(k, v)| (k.to_string(), v.to_string())).collect()
}
fn until_nul(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or(bytes)).into_owned()
}
fn text(header: &[u8], at: usize, size: usize) -> String {
    until_nul(header.get(at..at + size).unwrap_or(&[]))
}
fn octal(header: &[u8], at: usize, size: usize) -> u64 {
    u64::from_str_radix(text(header, at, size).trim(), 8).unwrap_or(0)
}

/// Puts members below a folder of a filesystem. What would leave it stays inside, as a chroot keeps it.
pub fn unpack(members: &[Member], fs: &mut Filesystem, folder: &str, owner: Option<(u32, u32)>) {
    for member in members {
        let path = inside(folder, &member.path);
        if path == "/" {
            continue;
        }
        let (uid, gid) = owner.unwrap_or((member.uid, member.gid));
        let content = match &member.kind {
            MemberKind::File(bytes) => Content::File(bytes.clone()),
            MemberKind::Directory => Content::Directory,
            MemberKind::Symlink(to) => Content::Symlink(to.as_str().into()),
            MemberKind::Hardlink(to) => {
                if let Some(ino) = fs.ino(&inside(folder, to)) {
                    _ = fs.unlink(&path);
                    _ = fs.link(ino, &path);
                }
                continue;
            }
        };
        let is_directory = content == Content::Directory;
        let there = fs.get(&path).map(|i| i.content == Content::Directory);
        if there == Some(!is_directory) {
            super::copy::remove_all(fs, &path);
        }
        Machines::make_directories(fs, drydock_container::filesystem::parent(&path), member.mtime);
        let size = match &content {
            Content::File(bytes) => bytes.len() as u64,
            Content::Directory => 4096,
            _ => 0,
        };
        let (mode, mtime, links) = (member.mode, member.mtime, if is_directory { 2 } else { 1 });
        _ = fs.put(&path, Inode { content, mode, uid, gid, mtime, links, size });
    }
}

fn inside(folder: &str, path: &str) -> String {
    let below = normalise("/", path);
    if folder == "/" { below } else { format!("{folder}{}", below.trim_end_matches('/')) }
}

/// A context from an archive.
#[must_use]
pub fn filesystem(members: &[Member]) -> Filesystem {
    let mut fs = Filesystem::default();
    unpack(members, &mut fs, "/", None);
    fs
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_container::utilities::tar::{Entry, Kind, pack};

    #[test]
    fn reads_what_tar_writes_plain_and_compressed() {
        let entry = |path: &str, kind| Entry { path: path.into(), mode: 0o640, mtime: 5, kind };
        let bytes = pack(&[
            entry("d", Kind::Directory),
            entry("d/../../up", Kind::File(b"hi".to_vec())),
            entry("d/l", Kind::Link("../up".into())),
        ]);
        let fs = filesystem(&read(&bytes).unwrap());
        assert!(matches!(&fs.get("/up").unwrap().content, Content::File(b) if &**b == b"hi"));
        assert_eq!(fs.get("/up").unwrap().mode, 0o640);
        let mut gz = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        gz.extend(miniz_oxide::deflate::compress_to_vec(&bytes, 6));
        gz.extend([0; 8]);
        assert_eq!(read(&gz).map(|m| m.len()), Some(3));
    }
    #[test]
    fn anything_else_is_no_archive() {
        assert_eq!(read(b"hello"), None);
        assert_eq!(read(&[7; 2048]), None);
        assert_eq!(read(&[0x1f, 0x8b, 8, 0, 0]), None);
    }
}
