//! Reading: every header's checksum is held to, sizes to what is there, members to `limits::FILES`.

use super::{BLOCK, Bad, Entry, MARK, UNKEPT, rooted};
use crate::filesystem::{Content, Inode};
use crate::utilities::gzip;
use drydock_machinery::limits;

/// Reads an archive; the paths as it has them.
///
/// # Errors
/// Bytes that are no archive, or end within a member.
pub fn unpack(bytes: &[u8]) -> Result<Vec<Entry>, Bad> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    let (mut long_path, mut long_link): (Option<String>, Option<String>) = (None, None);
    loop {
        let Some((block, after)) = rest.split_at_checked(BLOCK) else {
            return match (rest, entries.is_empty()) {
                ([], _) => Ok(entries),
                (_, true) => Err(Bad::Header),
                (_, false) => Err(Bad::Eof),
            };
        };
        if block.iter().all(|b| *b == 0) {
            return Ok(entries);
        }
        let blank = |at: usize| (148..156).contains(&at);
        let sum: u64 =
            block.iter().enumerate().map(|(at, b)| if blank(at) { 32 } else { u64::from(*b) }).sum();
        if sum != number(block, 148, 8) {
            return Err(Bad::Header);
        }
        let size = usize::try_from(number(block, 124, 12)).unwrap_or(usize::MAX);
        let flag = block.get(156).copied().unwrap_or(b'0');
        let stored = if matches!(flag, b'1'..=b'6') { 0 } else { size };
        let content = after.get(..stored).ok_or(Bad::Eof)?;
        rest = after.get(stored.div_ceil(BLOCK) * BLOCK..).unwrap_or(&[]);
        match flag {
            b'L' => long_path = Some(text(content, 0, content.len())),
            b'K' => long_link = Some(text(content, 0, content.len())),
            b'x' => {
                for (key, value) in records(content) {
                    match key.as_str() {
                        "path" => long_path = Some(value),
                        "linkpath" => long_link = Some(value),
                        _ => {}
                    }
                }
            }
            b'g' | b'3' | b'4' | b'6' => {}
            _ => {
                entries.push(member(block, flag, content, long_path.take(), long_link.take()));
                if entries.len() > limits::FILES {
                    return Err(Bad::TooMany);
                }
            }
        }
    }
}

fn member(block: &[u8], flag: u8, content: &[u8], path: Option<String>, link: Option<String>) -> Entry {
    let (prefix, name) = (text(block, 345, 155), text(block, 0, 100));
    // GNU headers keep times where ustar's prefix is.
    let ustar = block.get(257..263) == Some(b"ustar\0");
    let short = if prefix.is_empty() || !ustar { name } else { format!("{prefix}/{name}") };
    let raw = path.unwrap_or(short);
    let link = link.unwrap_or_else(|| text(block, 157, 100));
    let (content, size, hard_link) = match flag {
        b'5' => (Content::Directory, 4096, None),
        b'0' | 0 if raw.ends_with('/') => (Content::Directory, 4096, None),
        b'1' => (Content::Directory, 0, Some(link)),
        b'2' => (Content::Symlink(link.as_str().into()), link.len() as u64, None),
        _ => {
            let (content, size) = content_of(content);
            (content, size, None)
        }
    };
    let inode = Inode {
        links: if content == Content::Directory { 2 } else { 1 },
        content,
        mode: u16::try_from(number(block, 100, 8) & 0o7777).unwrap_or(0o644),
        uid: u32::try_from(number(block, 108, 8)).unwrap_or(0),
        gid: u32::try_from(number(block, 116, 8)).unwrap_or(0),
        mtime: i64::try_from(number(block, 136, 12)).unwrap_or(0),
        size,
    };
    let trimmed = raw.trim_end_matches('/');
    Entry { path: if trimmed.is_empty() { raw } else { trimmed.into() }, inode, hard_link }
}

/// As [`unpack`], every path (hard links' too) below the folder it is unpacked in.
///
/// # Errors
/// As [`unpack`].
pub fn unpack_rooted(bytes: &[u8]) -> Result<Vec<Entry>, Bad> {
    let inside =
        |e: Entry| Entry { path: rooted(&e.path), hard_link: e.hard_link.as_deref().map(rooted), ..e };
    Ok(unpack(bytes)?.into_iter().map(inside).collect())
}

/// Reads bytes that are a tar, possibly compressed; none if they are no archive.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<Vec<Entry>> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return read_plain(&gzip::decompress(bytes).ok()?);
    }
    read_plain(bytes)
}

fn read_plain(bytes: &[u8]) -> Option<Vec<Entry>> {
    let entries = unpack(bytes).ok()?;
    // An empty archive is one too; a file of nothing is not.
    (!entries.is_empty() || bytes.len() >= 2 * BLOCK).then_some(entries)
}

/// The note of [`super::pack_noting`]; 0 without one.
#[must_use]
pub fn unkept(bytes: &[u8]) -> u64 {
    let Some(block) = bytes.get(..BLOCK).filter(|b| b.get(156) == Some(&b'g')) else { return 0 };
    let size = usize::try_from(number(block, 124, 12)).unwrap_or(0);
    let records = records(bytes.get(BLOCK..BLOCK.saturating_add(size)).unwrap_or(&[]));
    let note = records.iter().find(|r| r.0 == UNKEPT);
    note.and_then(|r| r.1.parse().ok()).unwrap_or(0)
}

/// A file's content: the program it names, if it is one's mark.
fn content_of(bytes: &[u8]) -> (Content, u64) {
    let plain = || (Content::File(bytes.into()), bytes.len() as u64);
    let Some(marked) = bytes.strip_prefix(MARK.as_bytes()).and_then(|r| std::str::from_utf8(r).ok()) else {
        return plain();
    };
    match marked.trim_end().split_once(' ') {
        Some((name, size)) => {
            size.parse().map_or_else(|_| plain(), |size| (Content::Program(name.into()), size))
        }
        None => (Content::Program(marked.trim_end().into()), bytes.len() as u64),
    }
}

/// `length key=value` records.
fn records(content: &[u8]) -> Vec<(String, String)> {
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
