//! Tar archives as Go's `archive/tar` writes and reads them, to and from filesystems: ustar headers, with
//! PAX and GNU records for long names. A built-in program is a file whose few bytes name it.

use drydock_container::filesystem::{Content, Filesystem, Inode, base_name, parent};
use drydock_container::{Errno, Machines};
use std::sync::Arc;

const BLOCK: usize = 512;
/// What a built-in program's file begins with.
const MARK: &str = "\u{7f}ELF\u{2}\u{1}\u{1} ";

/// One member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Without a slash at either end; "." for the archive's root.
    pub path: String,
    pub inode: Inode,
    /// The member this one is a further name of.
    pub hard_link: Option<String>,
}

fn bytes_of(content: &Content, size: u64) -> Vec<u8> {
    match content {
        Content::File(bytes) => bytes.to_vec(),
        Content::Program(name) => format!("{MARK}{name} {size}\n").into_bytes(),
        _ => Vec::new(),
    }
}

/// A file's content: the program it names, if it is one's mark.
fn content_of(bytes: &[u8]) -> (Content, u64) {
    let marked = bytes.strip_prefix(MARK.as_bytes()).and_then(|rest| std::str::from_utf8(rest).ok());
    if let Some((name, size)) = marked.and_then(|t| t.trim_end().split_once(' '))
        && let Ok(size) = size.parse()
    {
        return (Content::Program(name.into()), size);
    }
    (Content::File(bytes.into()), bytes.len() as u64)
}

/// Writes an archive.
#[must_use]
pub fn pack(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        let inode = &entry.inode;
        let (flag, link) = match (&entry.hard_link, &inode.content) {
            (Some(to), _) => (b'1', to.as_str()),
            (None, Content::Directory) => (b'5', ""),
            (None, Content::Symlink(to)) => (b'2', &**to),
            (None, Content::Device(_)) => (b'3', ""),
            (None, _) => (b'0', ""),
        };
        let body = if flag == b'0' { bytes_of(&inode.content, inode.size) } else { Vec::new() };
        let path = if flag == b'5' { format!("{}/", entry.path) } else { entry.path.clone() };
        let mut records = String::new();
        for (key, value) in [("path", path.as_str()), ("linkpath", link)] {
            if value.len() > 100 {
                records.push_str(&pax(key, value));
            }
        }
        if !records.is_empty() {
            header(&mut out, "PaxHeaders.0/x", b'x', 0o644, inode, records.len(), "");
            padded(&mut out, records.as_bytes());
        }
        header(&mut out, &path, flag, inode.mode, inode, body.len(), link);
        padded(&mut out, &body);
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}

/// The key of a global record that says how many bytes of a filesystem its archive does not hold: images
/// here are smaller than they say.
const UNKEPT: &str = "DRYDOCK.unkept";

/// As [`pack`], with a note of bytes that were never there.
#[must_use]
pub fn pack_noting(entries: &[Entry], unkept: u64) -> Vec<u8> {
    let mut out = Vec::new();
    if unkept > 0 {
        let inode =
            Inode { content: Content::Directory, mode: 0o644, uid: 0, gid: 0, mtime: 0, links: 1, size: 0 };
        let record = pax(UNKEPT, &unkept.to_string());
        header(&mut out, "pax_global_header", b'g', 0o644, &inode, record.len(), "");
        padded(&mut out, record.as_bytes());
    }
    out.extend(pack(entries));
    out
}

/// The note of [`pack_noting`]; 0 without one.
#[must_use]
pub fn unkept(bytes: &[u8]) -> u64 {
    let Some(block) = bytes.get(..BLOCK).filter(|b| b.get(156) == Some(&b'g')) else { return 0 };
    let size = usize::try_from(number(block, 124, 12)).unwrap_or(0);
    let records = pax_records(bytes.get(BLOCK..BLOCK.saturating_add(size)).unwrap_or(&[]));
    let note = records.iter().find(|r| r.0 == UNKEPT);
    note.and_then(|r| r.1.parse().ok()).unwrap_or(0)
}

fn pax(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let mut size = rest + 1;
    while size != rest + size.to_string().len() {
        size = rest + size.to_string().len();
    }
    format!("{size} {key}={value}\n")
}

fn padded(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(bytes);
    out.resize(out.len().div_ceil(BLOCK) * BLOCK, 0);
}

fn header(out: &mut Vec<u8>, path: &str, flag: u8, mode: u16, inode: &Inode, size: usize, link: &str) {
    let mut block = vec![0u8; BLOCK];
    let mut put = |at: usize, most: usize, bytes: &[u8]| {
        let bytes = bytes.get(..most).unwrap_or(bytes);
        if let Some(place) = block.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    };
    put(0, 100, path.as_bytes());
    put(100, 8, format!("{:07o}\0", mode & 0o7777).as_bytes());
    put(108, 8, format!("{:07o}\0", inode.uid.min(0o7_777_777)).as_bytes());
    put(116, 8, format!("{:07o}\0", inode.gid.min(0o7_777_777)).as_bytes());
    put(124, 12, format!("{size:011o}\0").as_bytes());
    put(136, 12, format!("{:011o}\0", inode.mtime.max(0)).as_bytes());
    put(148, 8, b"        ");
    put(156, 1, &[flag]);
    put(157, 100, link.as_bytes());
    put(257, 8, b"ustar\x0000");
    if flag == b'3' {
        put(329, 8, b"0000001\0");
        put(337, 8, b"0000003\0");
    }
    let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
    if let Some(place) = block.get_mut(148..156) {
        place.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    out.extend(block);
}

fn text(block: &[u8], at: usize, length: usize) -> String {
    let field = block.get(at..at + length).unwrap_or(&[]);
    let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or(&[])).into_owned()
}

fn number(block: &[u8], at: usize, length: usize) -> u64 {
    let field = block.get(at..at + length).unwrap_or(&[]);
    // Base 256 for what does not fit, as GNU tar writes it.
    if field.first().is_some_and(|b| b & 0x80 != 0) {
        return field.iter().skip(1).fold(0u64, |n, b| n.wrapping_shl(8) | u64::from(*b));
    }
    u64::from_str_radix(text(block, at, length).trim(), 8).unwrap_or(0)
}

/// Reads an archive.
///
/// # Errors
/// `unexpected EOF`, `archive/tar: invalid tar header`.
pub fn unpack(bytes: &[u8]) -> Result<Vec<Entry>, &'static str> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    let (mut long_path, mut long_link): (Option<String>, Option<String>) = (None, None);
    loop {
        let Some((block, after)) = rest.split_at_checked(BLOCK) else {
            return if rest.is_empty() { Ok(entries) } else { Err("unexpected EOF") };
        };
        if block.iter().all(|b| *b == 0) {
            return Ok(entries);
        }
        let sum: u32 = block
            .iter()
            .enumerate()
            .map(|(at, b)| if (148..156).contains(&at) { 32 } else { u32::from(*b) })
            .sum();
        if u64::from(sum) != number(block, 148, 8) {
            return Err("archive/tar: invalid tar header");
        }
        let size = usize::try_from(number(block, 124, 12)).unwrap_or(usize::MAX);
        let flag = block.get(156).copied().unwrap_or(b'0');
        let stored = if matches!(flag, b'1' | b'2' | b'3' | b'4' | b'5' | b'6') { 0 } else { size };
        let Some(content) = after.get(..stored) else { return Err("unexpected EOF") };
        rest = after.get(stored.div_ceil(BLOCK) * BLOCK..).unwrap_or(&[]);
        match flag {
            b'L' => {
                long_path = Some(text(content, 0, content.len()));
                continue;
            }
            b'K' => {
                long_link = Some(text(content, 0, content.len()));
                continue;
            }
            b'x' => {
                for (key, value) in pax_records(content) {
                    match key.as_str() {
                        "path" => long_path = Some(value),
                        "linkpath" => long_link = Some(value),
                        _ => {}
                    }
                }
                continue;
            }
            b'g' => continue,
            _ => {}
        }
        let (prefix, name) = (text(block, 345, 155), text(block, 0, 100));
        let ustar = text(block, 257, 6) == "ustar";
        let short = if prefix.is_empty() || !ustar { name } else { format!("{prefix}/{name}") };
        let raw = long_path.take().unwrap_or(short);
        let link = long_link.take().unwrap_or_else(|| text(block, 157, 100));
        let path = drydock_container::filesystem::normalise("/", &raw);
        let path = if path == "/" { ".".to_string() } else { path.trim_start_matches('/').to_string() };
        let directory = flag == b'5' || raw.ends_with('/') && matches!(flag, b'0' | 0);
        let (content, size, hard_link) = match flag {
            _ if directory => (Content::Directory, 4096, None),
            b'1' => (
                Content::Directory,
                0,
                Some(link.trim_start_matches("./").trim_start_matches('/').to_string()),
            ),
            b'2' => (Content::Symlink(link.as_str().into()), link.len() as u64, None),
            b'3' | b'4' | b'6' => continue,
            _ => {
                let (content, size) = content_of(content);
                (content, size, None)
            }
        };
        let inode = Inode {
            content,
            mode: u16::try_from(number(block, 100, 8) & 0o7777).unwrap_or(0o644),
            uid: u32::try_from(number(block, 108, 8)).unwrap_or(0),
            gid: u32::try_from(number(block, 116, 8)).unwrap_or(0),
            mtime: i64::try_from(number(block, 136, 12)).unwrap_or(0),
            links: 1,
            size,
        };
        entries.push(Entry { path, inode, hard_link });
        if entries.len() > drydock_machinery::limits::FILES {
            return Err("too many files in archive");
        }
    }
}

fn pax_records(content: &[u8]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut rest = content;
    while let Some(space) = rest.iter().position(|b| *b == b' ') {
        let size =
            std::str::from_utf8(rest.get(..space).unwrap_or(&[])).ok().and_then(|t| t.parse::<usize>().ok());
        let Some(record) = size.and_then(|s| rest.get(space + 1..s)) else { break };
        let record = String::from_utf8_lossy(record);
        if let Some((key, value)) = record.trim_end_matches('\n').split_once('=') {
            out.push((key.to_string(), value.to_string()));
        }
        rest = size.and_then(|s| rest.get(s..)).unwrap_or(&[]);
    }
    out
}

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

/// Puts members into a filesystem below `top`.
///
/// # Errors
/// As mkdir(2) and open(2).
pub fn extract(fs: &mut Filesystem, top: &str, entries: &[Entry], mtime: i64) -> Result<(), Errno> {
    for entry in entries {
        let to = drydock_container::filesystem::normalise(top, &entry.path);
        if to == "/" {
            continue;
        }
        Machines::make_directories(fs, parent(&to), mtime);
        if let Some(target) = &entry.hard_link {
            let target = drydock_container::filesystem::normalise(top, target);
            let ino = fs.ino(&target).ok_or(Errno::Enoent)?;
            _ = fs.unlink(&to);
            fs.link(ino, &to)?;
            continue;
        }
        put(fs, &to, entry.inode.clone())?;
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
        (Some(Content::Directory), Content::Directory) => {}
        (Some(Content::Directory), _) => {
            let below: Vec<Arc<str>> = fs.walk(to).map(|(p, _)| p.clone()).collect();
            for path in below.iter().rev() {
                fs.unlink(path)?;
            }
        }
        (Some(_), Content::Directory) => fs.unlink(to)?,
        _ => {}
    }
    fs.put(to, inode).map(|_| ())
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

    #[test]
    fn archives_come_back_as_they_were() {
        let inode = |content: Content, size: u64| Inode {
            content,
            mode: 0o750,
            uid: 7,
            gid: 8,
            mtime: 99,
            links: 1,
            size,
        };
        let long = "d/".to_string() + &"x".repeat(180);
        let entries = vec![
            Entry { path: "d".into(), inode: inode(Content::Directory, 4096), hard_link: None },
            Entry {
                path: "d/f".into(),
                inode: inode(Content::File(b"hello".as_slice().into()), 5),
                hard_link: None,
            },
            Entry {
                path: "d/cat".into(),
                inode: inode(Content::Program("cat".into()), 44_000),
                hard_link: None,
            },
            Entry { path: "d/l".into(), inode: inode(Content::Symlink("f".into()), 1), hard_link: None },
            Entry { path: long, inode: inode(Content::File(b"".as_slice().into()), 0), hard_link: None },
        ];
        assert_eq!(unpack(&pack(&entries)).unwrap(), entries);
        assert_eq!(unpack(&[1; 512]), Err("archive/tar: invalid tar header"));
        assert_eq!(unpack(&[1; 100]), Err("unexpected EOF"));
    }
}
