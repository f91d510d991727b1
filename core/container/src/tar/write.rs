//! Writing: ustar headers, with a pax record before those whose names or owners do not fit.

use super::{BLOCK, Entry, MARK, UNKEPT};
use crate::filesystem::{Content, Inode};

/// Writes an archive, with the two empty blocks at its end.
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
        let named;
        let body: &[u8] = match &inode.content {
            Content::File(bytes) if flag == b'0' => bytes,
            Content::Program(name) if flag == b'0' => {
                named = format!("{MARK}{name} {}\n", inode.size);
                named.as_bytes()
            }
            _ => &[],
        };
        let path = if flag == b'5' { format!("{}/", entry.path) } else { entry.path.clone() };
        let mut records = String::new();
        for (key, value) in [("path", path.as_str()), ("linkpath", link)] {
            if value.len() > 100 {
                records.push_str(&record(key, value));
            }
        }
        if !records.is_empty() {
            header(&mut out, "PaxHeaders.0/x", b'x', 0o644, inode, records.len(), "");
            padded(&mut out, records.as_bytes());
        }
        header(&mut out, &path, flag, inode.mode, inode, body.len(), link);
        padded(&mut out, body);
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}

/// As [`pack`], with a note of bytes that were never there.
#[must_use]
pub fn pack_noting(entries: &[Entry], unkept: u64) -> Vec<u8> {
    let mut out = Vec::new();
    if unkept > 0 {
        let inode = Entry::folder("", 0o644, 0).inode;
        let record = record(UNKEPT, &unkept.to_string());
        header(&mut out, "pax_global_header", b'g', 0o644, &inode, record.len(), "");
        padded(&mut out, record.as_bytes());
    }
    out.extend(pack(entries));
    out
}

/// `length key=value`, the length its own digits included.
fn record(key: &str, value: &str) -> String {
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
