//! zip and unzip: archives of stored and deflated files (PKWARE's format, version 2). Left out:
//! encryption, splitting, comments, Zip64.

use super::gzip::{crc32, inflate};
use super::support::join;
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use drydock_machinery::limits;
use drydock_machinery::time::Timestamp;
use std::sync::Arc;

struct Member {
    name: String,
    data: Vec<u8>,
    mtime: i64,
    mode: u16,
}

/// MS-DOS time and date.
fn dos(unix: i64) -> (u16, u16) {
    let t = Timestamp(unix).civil();
    let time = (t.hour << 11 | t.minute << 5 | (t.second / 2)) as u16;
    let date = ((t.year - 1980).clamp(0, 127) as u32) << 9 | t.month << 5 | t.day;
    (time, date as u16)
}

fn undos(time: u16, date: u16) -> i64 {
    let (time, date) = (u32::from(time), u32::from(date));
    let year = 1980 + i64::from(date >> 9);
    Timestamp::from_civil(
        year,
        (date >> 5 & 15).max(1),
        (date & 31).max(1),
        time >> 11,
        time >> 5 & 63,
        (time & 31) * 2,
    )
    .0
}

fn pack(members: &[Member]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let packed = miniz_oxide::deflate::compress_to_vec(&member.data, 6);
        let deflated = packed.len() < member.data.len();
        let body = if deflated { &packed } else { &member.data };
        let (time, date) = dos(member.mtime);
        let at = out.len() as u32;
        let mut common = Vec::new();
        for n in [20u16, 0, if deflated { 8 } else { 0 }, time, date] {
            common.extend(n.to_le_bytes());
        }
        for n in [crc32(&member.data), body.len() as u32, member.data.len() as u32] {
            common.extend(n.to_le_bytes());
        }
        common.extend((member.name.len() as u16).to_le_bytes());
        common.extend(0u16.to_le_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(member.name.as_bytes());
        out.extend(body);
        directory.extend(b"PK\x01\x02");
        directory.extend(0x031eu16.to_le_bytes());
        directory.extend(&common);
        for n in [0u16, 0, 0] {
            directory.extend(n.to_le_bytes());
        }
        let folder = member.name.ends_with('/');
        let kind = if folder { 0o040_000 } else { 0o100_000 } | u32::from(member.mode);
        directory.extend((kind << 16 | if folder { 0x10 } else { 0 }).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(member.name.as_bytes());
    }
    let at = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    for n in [members.len() as u16; 2] {
        out.extend(n.to_le_bytes());
    }
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

fn unpack(bytes: &[u8]) -> Option<Vec<Member>> {
    let short = |at: usize| Some(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    let long = |at: usize| Some(u32::from(short(at)?) | u32::from(short(at + 2)?) << 16);
    let end = bytes.windows(4).rposition(|w| w == b"PK\x05\x06")?;
    let count = short(end + 10)?;
    let mut at = long(end + 16)? as usize;
    let mut out = Vec::new();
    let mut total = 0;
    for _ in 0..count {
        (bytes.get(at..at + 4)? == b"PK\x01\x02").then_some(())?;
        let method = short(at + 10)?;
        let (time, date) = (short(at + 12)?, short(at + 14)?);
        let (packed, name_size) = (long(at + 20)? as usize, usize::from(short(at + 28)?));
        let tail = usize::from(short(at + 30)?) + usize::from(short(at + 32)?);
        let (mode, from) = ((long(at + 38)? >> 16) as u16 & 0o7777, long(at + 42)? as usize);
        let name = String::from_utf8_lossy(bytes.get(at + 46..at + 46 + name_size)?).into_owned();
        let start = from + 30 + usize::from(short(from + 26)?) + usize::from(short(from + 28)?);
        let body = bytes.get(start..start + packed)?;
        let data = if method == 8 { inflate(body).ok()?.0 } else { body.to_vec() };
        total += data.len();
        (total <= limits::DISK_BYTES).then_some(())?;
        out.push(Member { name, data, mtime: undos(time, date), mode });
        at += 46 + name_size + tail;
    }
    Some(out)
}

fn collect(
    sys: &mut Sys<'_>,
    path: &str,
    deep: bool,
    out: &mut Vec<Member>,
    depth: usize,
) -> Result<(), crate::Errno> {
    let stat = sys.stat(path)?;
    let name = path.trim_start_matches('/').trim_start_matches("./").to_string();
    let (mtime, mode) = (stat.mtime, stat.mode & 0o7777);
    if stat.kind != FileKind::Directory {
        let data = sys.read_file(path)?.to_vec();
        out.push(Member { name, data, mtime, mode });
        return Ok(());
    }
    if !name.is_empty() && name != "." {
        out.push(Member { name: format!("{}/", name.trim_end_matches('/')), data: Vec::new(), mtime, mode });
    }
    if deep && depth < limits::DEPTH {
        for inner in sys.list(path)? {
            collect(sys, &join(path, &inner), deep, out, depth + 1)?;
        }
    }
    Ok(())
}

pub fn zip(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let flags: String = args.iter().skip(1).filter_map(|a| a.strip_prefix('-')).collect();
    let words: Vec<Arc<str>> = args.iter().skip(1).filter(|a| !a.starts_with('-')).cloned().collect();
    let Some((archive, files)) = words.split_first() else {
        sys.print("Copyright (c) 1990-2008 Info-ZIP - Type 'zip \"-L\"' for software license.\nZip 3.0 (July 5th 2008). Usage:\nzip [-options] [-b path] [-t mmddyyyy] [-n suffixes] [zipfile list] [-xi list]\n");
        return 0;
    };
    let archive = if archive.contains('.') { archive.to_string() } else { format!("{archive}.zip") };
    let mut members = Vec::new();
    for file in files {
        if collect(sys, file, flags.contains('r'), &mut members, 0).is_err() {
            sys.eprint(&format!("\tzip warning: name not matched: {file}\n"));
        }
    }
    if flags.contains('j') {
        members.retain(|m| !m.name.ends_with('/'));
        for member in &mut members {
            member.name = member.name.rsplit('/').next().unwrap_or("").to_string();
        }
    }
    if members.is_empty() {
        sys.eprint(&format!("\nzip error: Nothing to do! ({archive})\n"));
        return 12;
    }
    let old = sys.read_file(&archive).ok().and_then(|b| unpack(&b)).unwrap_or_default();
    for member in &members {
        let size = miniz_oxide::deflate::compress_to_vec(&member.data, 6).len();
        let saved = match member.data.len() {
            0 => 0,
            n if size < n => (n - size) * 100 / n,
            _ => 0,
        };
        let verb = if old.iter().any(|o| o.name == member.name) { "updating" } else { "  adding" };
        let how = if saved > 0 { "deflated" } else { "stored" };
        if !flags.contains('q') {
            sys.print(&format!("{verb}: {} ({how} {saved}%)\n", member.name));
        }
    }
    let mut all: Vec<Member> =
        old.into_iter().filter(|o| !members.iter().any(|m| m.name == o.name)).collect();
    all.extend(members);
    match sys.write_file(&archive, &pack(&all), false) {
        Ok(()) => 0,
        Err(errno) => {
            sys.eprint(&format!(
                "zip I/O error: {errno}\nzip error: Could not create output file ({archive})\n"
            ));
            15
        }
    }
}

pub fn unzip(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let (mut flags, mut words, mut to) = (String::new(), Vec::new(), String::from("."));
    let mut given = args.iter().skip(1);
    while let Some(word) = given.next() {
        match word.strip_prefix('-') {
            Some("d") => to = given.next().map_or(".".into(), |d| d.to_string()),
            Some(letters) => flags.push_str(letters),
            None => words.push(word.clone()),
        }
    }
    let Some(archive) = words.first().cloned() else {
        sys.print("UnZip 6.00 of 20 April 2009, by Debian. Original by Info-ZIP.\n\nUsage: unzip [-Z] [-opts[modifiers]] file[.zip] [list] [-x xlist] [-d exdir]\n");
        return 0;
    };
    let path = if sys.stat(&archive).is_ok() { archive.to_string() } else { format!("{archive}.zip") };
    let Ok(bytes) = sys.read_file(&path) else {
        sys.eprint(&format!("unzip:  cannot find or open {archive}, {archive}.zip or {archive}.ZIP.\n"));
        return 9;
    };
    let Some(members) = unpack(&bytes) else {
        sys.eprint(&format!("Archive:  {path}\n  End-of-central-directory signature not found.  Either this file is not\n  a zipfile, or it constitutes one disk of a multi-part archive.  In the\n  latter case the central directory and zipfile comment will be found on\n  the last disk(s) of this archive.\nunzip:  cannot find zipfile directory in one of {archive} or\n        {archive}.zip, and cannot find {archive}.ZIP, period.\n"));
        return 9;
    };
    let wanted =
        |m: &Member| words.len() == 1 || words.iter().skip(1).any(|w| super::support::fits(w, &m.name));
    let quiet = flags.contains('q');
    if flags.contains('p') {
        for member in members.iter().filter(|m| wanted(m)) {
            sys.write(1, &member.data);
        }
        return 0;
    }
    if !quiet {
        sys.print(&format!("Archive:  {path}\n"));
    }
    if flags.contains('l') {
        let mut out =
            String::from("  Length      Date    Time    Name\n---------  ---------- -----   ----\n");
        let (mut total, mut count) = (0, 0);
        for member in members.iter().filter(|m| wanted(m)) {
            let t = Timestamp(member.mtime).civil();
            out.push_str(&format!(
                "{:>9}  {}-{:02}-{:02} {:02}:{:02}   {}\n",
                member.data.len(),
                t.year,
                t.month,
                t.day,
                t.hour,
                t.minute,
                member.name
            ));
            total += member.data.len();
            count += 1;
        }
        let plural = if count == 1 { "file" } else { "files" };
        out.push_str(&format!(
            "---------                     -------\n{total:>9}                     {count} {plural}\n"
        ));
        sys.print(&out);
        return 0;
    }
    let mut code = 0;
    for member in members.iter().filter(|m| wanted(m)) {
        // A name may not lead out of the folder.
        let safe: Vec<&str> = member.name.split('/').filter(|p| !p.is_empty() && *p != "..").collect();
        let path = if to == "." { safe.join("/") } else { join(&to, &safe.join("/")) };
        if member.name.ends_with('/') {
            if sys.stat(&path).is_err() {
                _ = sys.make_folders(&path);
                if !quiet {
                    sys.print(&format!("   creating: {path}/\n"));
                }
            }
            continue;
        }
        if sys.stat(&path).is_ok() && !flags.contains('o') {
            if flags.contains('n') {
                continue;
            }
            sys.eprint(&format!("replace {path}? [y]es, [n]o, [A]ll, [N]one, [r]ename:  NULL\n(EOF or read error, treating as \"[N]one\" ...)\n"));
            return 1;
        }
        let made = sys.make_folders(crate::filesystem::parent(&path));
        match made.and_then(|()| sys.write_file(&path, &member.data, false)) {
            Ok(()) => {
                _ = sys.chmod(&path, member.mode);
                if !quiet {
                    let packed =
                        miniz_oxide::deflate::compress_to_vec(&member.data, 6).len() < member.data.len();
                    sys.print(&format!("{}: {path}  \n", if packed { "  inflating" } else { " extracting" }));
                }
            }
            Err(errno) => {
                sys.eprint(&format!("error:  cannot create {path}\n        {errno}\n"));
                code = 50;
            }
        }
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_out() {
        let member = |name: &str, data: &[u8]| Member {
            name: name.into(),
            data: data.into(),
            mtime: 1_795_000_000,
            mode: 0o644,
        };
        let all = [member("d/", b""), member("d/a", &b"hello ".repeat(100)), member("b", b"x")];
        let back = unpack(&pack(&all)).expect("an archive");
        for (a, b) in all.iter().zip(&back) {
            assert_eq!((&a.name, &a.data, a.mtime), (&b.name, &b.data, b.mtime));
        }
        assert!(unpack(b"PK no").is_none());
    }
}
