//! Tar archives, the one reader and writer of them: what `tar`, `docker cp`, `kubectl cp`, `docker build`, `save`, `load`
//! and `import` exchange. Written as ustar with pax records for what does not fit (Go's `archive/tar`);
//! read in the ustar, GNU and pax forms, with gzip around it. A built-in program travels as a file whose few
//! bytes name it. Left out: bzip2, xz, zstd, sparse files, devices, extended attributes.

mod place;
mod read;
mod write;

pub use place::{Placing, collect, entries_of, extract, place, put};
pub use read::{read, unkept, unpack, unpack_rooted};
pub use write::{pack, pack_noting};

use crate::filesystem::{Content, Inode, base_name, normalise};
use std::sync::Arc;

const BLOCK: usize = 512;
/// What a built-in program's file begins with; its name follows, and its size where that is known.
const MARK: &str = "\u{7f}ELF\u{2}\u{1}\u{1} ";
/// The key of a global record that says how many bytes of a filesystem its archive does not hold: images
/// here are smaller than they say.
const UNKEPT: &str = "DRYDOCK.unkept";

/// One member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// As the archive has it, without a slash at its end.
    pub path: String,
    pub inode: Inode,
    /// The member this one is a further name of.
    pub hard_link: Option<String>,
}

impl Entry {
    fn new(path: &str, content: Content, size: u64, mode: u16, mtime: i64) -> Entry {
        let links = if content == Content::Directory { 2 } else { 1 };
        let inode = Inode { content, mode, uid: 0, gid: 0, mtime, links, size };
        Entry { path: path.into(), inode, hard_link: None }
    }
    /// A file of root's; `mtime` in unix seconds.
    #[must_use]
    pub fn file(path: &str, bytes: impl Into<Arc<[u8]>>, mode: u16, mtime: i64) -> Entry {
        let bytes = bytes.into();
        let size = bytes.len() as u64;
        Entry::new(path, Content::File(bytes), size, mode, mtime)
    }
    /// A folder of root's.
    #[must_use]
    pub fn folder(path: &str, mode: u16, mtime: i64) -> Entry {
        Entry::new(path, Content::Directory, 4096, mode, mtime)
    }
    /// A symbolic link of root's.
    #[must_use]
    pub fn symlink(path: &str, to: &str, mtime: i64) -> Entry {
        Entry::new(path, Content::Symlink(to.into()), to.len() as u64, 0o777, mtime)
    }
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.inode.content == Content::Directory && self.hard_link.is_none()
    }
    /// The path below the folder it is unpacked in: no `.`, no `..`, no slash before it; "." for that folder.
    #[must_use]
    pub fn rooted(&self) -> String {
        rooted(&self.path)
    }
}

fn rooted(path: &str) -> String {
    match normalise("/", path).trim_start_matches('/') {
        "" => ".".into(),
        inner => inner.into(),
    }
}

/// Why bytes are no archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bad {
    Header,
    Eof,
    /// More members than `limits::FILES`.
    TooMany,
}

impl Bad {
    /// As Go's `archive/tar` says it.
    #[must_use]
    pub fn go(self) -> &'static str {
        match self {
            Bad::Header => "archive/tar: invalid tar header",
            Bad::Eof => "unexpected EOF",
            Bad::TooMany => "too many files in archive",
        }
    }
    /// As GNU tar says it.
    #[must_use]
    pub fn gnu(self) -> &'static str {
        match self {
            Bad::Header => "This does not look like a tar archive",
            Bad::Eof => "Unexpected EOF in archive",
            Bad::TooMany => "Too many members in archive",
        }
    }
}

impl std::fmt::Display for Bad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.go())
    }
}

/// The last part of a path as an archive names it.
#[must_use]
pub fn member_name(path: &str) -> String {
    if path.ends_with("/.") {
        return ".".into();
    }
    let name = base_name(path.trim_end_matches('/'));
    if name.is_empty() { "/".into() } else { name.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filesystem::Filesystem;
    use crate::utilities::gzip;

    fn sample() -> Vec<Entry> {
        let long = "d/".to_string() + &"x".repeat(180);
        let mut program = Entry::file("d/cat", b"".as_slice(), 0o755, 9);
        (program.inode.content, program.inode.size) = (Content::Program("cat".into()), 44_000);
        let mut linked = Entry::folder("d/same", 0o640, 3);
        (linked.inode.size, linked.hard_link) = (0, Some("d/f".into()));
        let mut owned = Entry::file("d/f", b"hello".as_slice(), 0o640, 99);
        (owned.inode.uid, owned.inode.gid) = (7, 8);
        let link = Entry::symlink("d/l", "f", 5);
        vec![Entry::folder("d", 0o750, 1), owned, program, linked, link, Entry::file(&long, *b"", 0o600, 0)]
    }

    #[test]
    fn archives_come_back_as_they_went() {
        let all = sample();
        let bytes = pack(&all);
        assert_eq!(bytes.len() % BLOCK, 0);
        assert_eq!(unpack(&bytes), Ok(all));
        assert_eq!(unkept(&pack_noting(&sample(), 77)), 77);
    }
    #[test]
    fn plain_or_compressed_or_none() {
        let bytes = pack(&sample());
        assert_eq!(read(&gzip::compress(&bytes, 6)), read(&bytes));
        assert_eq!(read(&bytes).map(|m| m.len()), Some(6));
        assert_eq!(read(b"hello"), None);
        assert_eq!(read(&[7; 2048]), None);
        assert_eq!(read(&[0; 1024]), Some(Vec::new()));
        assert_eq!(read(&[0x1f, 0x8b, 8, 0, 0]), None);
        assert_eq!(unpack(&[1; 512]), Err(Bad::Header));
        assert_eq!(unpack(&[1; 100]), Err(Bad::Header));
        assert_eq!(unpack(bytes.get(..1026).unwrap()), Err(Bad::Eof));
    }
    #[test]
    fn a_hostile_archive_stays_inside() {
        let mut fs = Filesystem::default();
        let entries = [
            Entry::folder("in", 0o755, 0),
            Entry::symlink("in/up", "../../..", 0),
            Entry::file("in/up/etc", b"1".as_slice(), 0o644, 0),
            Entry::file("../../../two", b"2".as_slice(), 0o644, 0),
            Entry::file("/three", b"3".as_slice(), 0o644, 0),
        ];
        extract(&mut fs, "/top", &unpack(&pack(&entries)).unwrap(), None, 0).unwrap();
        let all: Vec<&str> = fs.walk("/").map(|(p, _)| &**p).collect();
        assert_eq!(all, ["/", "/etc", "/top", "/top/in", "/top/in/up", "/top/three", "/top/two"]);
    }
}
