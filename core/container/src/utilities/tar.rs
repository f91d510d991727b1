//! tar: archives of files, as `kubectl cp` sends them and people make them.
//!
//! Follows GNU tar 1.35's words and the ustar format, with gzip. Left out: bzip2, xz, incremental archives,
//! owners other than root; long names use the ustar prefix only.

use super::support::join;
use crate::fd::{Read, STDIN, STDOUT};
use crate::machine::{Behave, Machine, Step};
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use crate::wait::Wait;

const BLOCK: usize = 512;

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    File(Vec<u8>),
    Directory,
    Link(String),
}

/// One member of an archive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    pub path: String,
    pub mode: u16,
    /// Unix seconds.
    pub mtime: i64,
    pub kind: Kind,
}

/// Writes an archive, with the two empty blocks at its end.
#[must_use]
pub fn pack(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        let (flag, bytes, link): (u8, &[u8], &str) = match &entry.kind {
            Kind::File(bytes) => (b'0', bytes, ""),
            Kind::Directory => (b'5', &[], ""),
            Kind::Link(target) => (b'2', &[], target),
        };
        let mut path = entry.path.clone();
        if flag == b'5' && !path.ends_with('/') {
            path.push('/');
        }
        let (prefix, name) = split_name(&path);
        let mut header = vec![0u8; BLOCK];
        put(&mut header, 0, name.as_bytes());
        put(&mut header, 100, format!("{:07o}\0", entry.mode & 0o7777).as_bytes());
        put(&mut header, 108, b"0000000\0");
        put(&mut header, 116, b"0000000\0");
        put(&mut header, 124, format!("{:011o}\0", bytes.len()).as_bytes());
        put(&mut header, 136, format!("{:011o}\0", entry.mtime.max(0)).as_bytes());
        put(&mut header, 148, b"        ");
        put(&mut header, 156, &[flag]);
        put(&mut header, 157, link.as_bytes().get(..100).unwrap_or(link.as_bytes()));
        put(&mut header, 257, b"ustar\x0000root");
        put(&mut header, 297, b"root");
        put(&mut header, 345, prefix.as_bytes());
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
        put(&mut header, 148, format!("{sum:06o}\0 ").as_bytes());
        out.extend(header);
        out.extend_from_slice(bytes);
        out.resize(out.len().div_ceil(BLOCK) * BLOCK, 0);
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}

fn put(header: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = header.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

/// Prefix and name of a path too long for the name field alone.
fn split_name(path: &str) -> (&str, &str) {
    if path.len() <= 100 {
        return ("", path);
    }
    let cut = path.match_indices('/').map(|m| m.0).find(|at| path.len() - at - 1 <= 100 && *at <= 155);
    cut.and_then(|at| path.split_at_checked(at))
        .map_or(("", path.get(..100).unwrap_or(path)), |(prefix, name)| {
            (prefix, name.trim_start_matches('/'))
        })
}

/// Reads an archive.
///
/// # Errors
/// `This does not look like a tar archive`, `Unexpected EOF in archive`.
pub fn unpack(bytes: &[u8]) -> Result<Vec<Entry>, &'static str> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    loop {
        let Some((header, after)) = rest.split_at_checked(BLOCK) else {
            return if rest.is_empty() && !bytes.is_empty() {
                Ok(entries)
            } else {
                Err("This does not look like a tar archive")
            };
        };
        if header.iter().all(|b| *b == 0) {
            return Ok(entries);
        }
        if text(header, 257, 5) != "ustar" {
            return Err("This does not look like a tar archive");
        }
        let size = usize::try_from(octal(header, 124, 12)).unwrap_or(usize::MAX);
        let Some(content) = after.get(..size) else { return Err("Unexpected EOF in archive") };
        let (prefix, name) = (text(header, 345, 155), text(header, 0, 100));
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let kind = match header.get(156) {
            Some(b'5') => Kind::Directory,
            Some(b'2') => Kind::Link(text(header, 157, 100)),
            _ => Kind::File(content.to_vec()),
        };
        let mode = u16::try_from(octal(header, 100, 8) & 0o7777).unwrap_or(0o644);
        let mtime = i64::try_from(octal(header, 136, 12)).unwrap_or(0);
        entries.push(Entry { path: path.trim_end_matches('/').into(), mode, mtime, kind });
        rest = after.get(size.div_ceil(BLOCK) * BLOCK..).unwrap_or(&[]);
    }
}

fn text(header: &[u8], at: usize, size: usize) -> String {
    let field = header.get(at..at + size).unwrap_or(&[]);
    let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or(field)).into_owned()
}

fn octal(header: &[u8], at: usize, size: usize) -> u64 {
    u64::from_str_radix(text(header, at, size).trim(), 8).unwrap_or(0)
}

/// Everything below `path`, named as `name` in the archive.
pub fn collect(sys: &mut Sys<'_>, path: &str, name: &str, out: &mut Vec<Entry>) -> Result<(), crate::Errno> {
    let stat = sys.lstat(path)?;
    let entry = |kind| Entry { path: name.into(), mode: stat.mode, mtime: stat.mtime, kind };
    match stat.kind {
        FileKind::Directory => {
            out.push(entry(Kind::Directory));
            for inner in sys.list(path)? {
                collect(sys, &join(path, &inner), &join(name, &inner), out)?;
            }
        }
        FileKind::Symlink => {
            let target = sys.readlink(path)?;
            out.push(entry(Kind::Link(target)));
        }
        _ => {
            let bytes = sys.read_file(path)?.to_vec();
            out.push(entry(Kind::File(bytes)));
        }
    }
    Ok(())
}

/// Puts an entry below `directory`.
pub fn place(sys: &mut Sys<'_>, directory: &str, entry: &Entry) -> Result<(), crate::Errno> {
    let path = join(directory, entry.path.trim_start_matches('/'));
    for (at, _) in path.match_indices('/').filter(|m| m.0 > 0) {
        if let Some(parent) = path.get(..at) {
            let _ = sys.mkdir(parent, 0o755);
        }
    }
    match &entry.kind {
        Kind::Directory => match sys.mkdir(&path, entry.mode) {
            Err(crate::Errno::Eexist) => Ok(()),
            other => other,
        },
        Kind::Link(target) => {
            let _ = sys.unlink(&path);
            sys.symlink(target, &path)
        }
        Kind::File(bytes) => {
            sys.write_file(&path, bytes, false)?;
            sys.chmod(&path, entry.mode)
        }
    }
}

#[derive(Clone, Default, Hash)]
struct Tar {
    /// `c`, `x` or `t`.
    action: char,
    verbose: bool,
    gzip: bool,
    strip: usize,
    exclude: Vec<String>,
    to_stdout: bool,
    keep: bool,
    file: String,
    directory: String,
    names: Vec<String>,
    input: Vec<u8>,
}

pub fn tar(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let mut words = args.iter().skip(1).map(|a| a.to_string());
    let mut tar = Tar { file: "-".into(), directory: ".".into(), ..Tar::default() };
    let mut first = true;
    while let Some(word) = words.next() {
        let letters = match word.strip_prefix('-') {
            Some(letters) if !word.starts_with("--") && !letters.is_empty() => letters.to_string(),
            _ if first && !word.starts_with('-') => word.clone(),
            _ => {
                match word.as_str() {
                    "--create" => tar.action = 'c',
                    "--extract" => tar.action = 'x',
                    "--list" => tar.action = 't',
                    "--verbose" => tar.verbose = true,
                    "--gzip" | "--gunzip" => tar.gzip = true,
                    "--to-stdout" => tar.to_stdout = true,
                    "--keep-old-files" => tar.keep = true,
                    "--file" => tar.file = words.next().unwrap_or_else(|| "-".into()),
                    "--directory" => tar.directory = words.next().unwrap_or_else(|| ".".into()),
                    "--exclude" => tar.exclude.extend(words.next()),
                    _ if word.starts_with("--file=") => tar.file = word.replacen("--file=", "", 1),
                    _ if word.starts_with("--directory=") => {
                        tar.directory = word.replacen("--directory=", "", 1)
                    }
                    _ if word.starts_with("--exclude=") => {
                        tar.exclude.push(word.replacen("--exclude=", "", 1))
                    }
                    _ if word.starts_with("--strip-components=") => {
                        tar.strip = word.rsplit('=').next().and_then(|n| n.parse().ok()).unwrap_or(0);
                    }
                    "--version" => {
                        sys.print("tar (GNU tar) 1.34\n");
                        return super::filter::ended(0);
                    }
                    _ if word.starts_with("--") => {}
                    _ => tar.names.push(word),
                }
                first = false;
                continue;
            }
        };
        first = false;
        for letter in letters.chars() {
            match letter {
                'c' | 'x' | 't' => tar.action = letter,
                'v' => tar.verbose = true,
                'z' => tar.gzip = true,
                'O' => tar.to_stdout = true,
                'k' => tar.keep = true,
                'j' | 'J' => {
                    let program = if letter == 'j' { "bzip2" } else { "xz" };
                    sys.eprint(&format!("tar (child): {program}: Cannot exec: No such file or directory\ntar (child): Error is not recoverable: exiting now\ntar: Child returned status 2\ntar: Error is not recoverable: exiting now\n"));
                    return super::filter::ended(2);
                }
                'f' => match words.next() {
                    Some(file) => tar.file = file,
                    None => {
                        let text = if word.starts_with('-') {
                            "tar: option requires an argument -- 'f'\n"
                        } else {
                            "tar: Old option 'f' requires an argument.\n"
                        };
                        sys.eprint(&format!(
                            "{text}Try 'tar --help' or 'tar --usage' for more information.\n"
                        ));
                        return super::filter::ended(if word.starts_with('-') { 64 } else { 2 });
                    }
                },
                'C' => tar.directory = words.next().unwrap_or_else(|| ".".into()),
                _ => {}
            }
        }
    }
    Box::new(tar)
}

impl Tar {
    fn create(&self, sys: &mut Sys<'_>) -> i32 {
        let (mut entries, mut code) = (Vec::new(), 0);
        for name in &self.names {
            if name.starts_with('/') {
                sys.eprint("tar: Removing leading `/' from member names\n");
            }
            let stored = name.trim_start_matches('/').trim_end_matches('/');
            if let Err(errno) = collect(sys, &join(&self.directory, name), stored, &mut entries) {
                sys.eprint(&format!("tar: {name}: Cannot stat: {errno}\n"));
                code = 2;
            }
        }
        if self.names.is_empty() {
            sys.eprint("tar: Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.\n");
            return 2;
        }
        entries.retain(|e| !self.is_excluded(&e.path));
        let mut bytes = pack(&entries);
        if self.gzip {
            bytes = super::gzip::compress(&bytes, 6);
        }
        if self.file == "-" {
            sys.write(STDOUT, &bytes);
        } else if let Err(errno) = sys.write_file(&self.file, &bytes, false) {
            sys.eprint(&format!(
                "tar: {}: Cannot open: {errno}\ntar: Error is not recoverable: exiting now\n",
                self.file
            ));
            return 2;
        }
        if self.verbose {
            let slash = |e: &Entry| if e.kind == Kind::Directory { "/" } else { "" };
            let lines: String = entries.iter().map(|e| format!("{}{}\n", e.path, slash(e))).collect();
            if self.file == "-" { sys.eprint(&lines) } else { sys.print(&lines) }
        }
        if code != 0 {
            sys.eprint("tar: Exiting with failure status due to previous errors\n");
        }
        code
    }
    /// Whether a pattern of `--exclude` fits the path or a part of it.
    fn is_excluded(&self, path: &str) -> bool {
        self.exclude.iter().any(|pattern| {
            let fits = |text: &str| super::support::fits(pattern.trim_start_matches("./"), text);
            fits(path.trim_start_matches("./"))
                || path.split('/').any(fits)
                || path.starts_with(&format!("{pattern}/"))
        })
    }
    fn read(&self, sys: &mut Sys<'_>, bytes: &[u8]) -> i32 {
        let packed = bytes.starts_with(&[0x1f, 0x8b]);
        let plain = match packed.then(|| super::gzip::decompress(bytes)) {
            None if self.gzip => Err("not in gzip format"),
            None => Ok(Vec::new()),
            Some(outcome) => outcome,
        };
        let plain = match plain {
            Ok(plain) => plain,
            Err(why) => {
                sys.eprint(&format!("\ngzip: stdin: {why}\ntar: Child returned status 1\ntar: Error is not recoverable: exiting now\n"));
                return 2;
            }
        };
        let bytes = if packed { &*plain } else { bytes };
        let entries = match unpack(bytes) {
            Ok(entries) => entries,
            Err(why) => {
                sys.eprint(&format!("tar: {why}\ntar: Exiting with failure status due to previous errors\n"));
                return 2;
            }
        };
        let wanted = |entry: &Entry| {
            self.names.is_empty()
                || self.names.iter().any(|n| entry.path == *n || entry.path.starts_with(&format!("{n}/")))
        };
        if self.action == 'x' && sys.list(&self.directory).is_err() {
            sys.eprint(&format!(
                "tar: {}: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now\n",
                self.directory
            ));
            return 2;
        }
        let mut code = 0;
        for name in &self.names {
            if !entries
                .iter()
                .any(|e| e.path == *name || e.path.starts_with(&format!("{}/", name.trim_end_matches('/'))))
            {
                sys.eprint(&format!("tar: {name}: Not found in archive\n"));
                code = 2;
            }
        }
        for entry in entries.iter().filter(|e| wanted(e) && !self.is_excluded(&e.path)) {
            let slash = if entry.kind == Kind::Directory { "/" } else { "" };
            if self.action == 't' && self.verbose {
                sys.print(&long(entry));
            } else if self.verbose || self.action == 't' {
                let line = format!("{}{slash}\n", entry.path);
                if self.to_stdout { sys.eprint(&line) } else { sys.print(&line) }
            }
            if self.action == 'x' && self.to_stdout {
                if let Kind::File(bytes) = &entry.kind {
                    sys.write(STDOUT, bytes);
                }
                continue;
            }
            let mut stripped = entry.clone();
            if self.strip > 0 {
                let rest: Vec<&str> =
                    entry.path.split('/').filter(|p| !p.is_empty()).skip(self.strip).collect();
                if rest.is_empty() {
                    continue;
                }
                stripped.path = rest.join("/");
            }
            if self.action == 'x'
                && self.keep
                && entry.kind != Kind::Directory
                && sys.stat(&join(&self.directory, &stripped.path)).is_ok()
            {
                sys.eprint(&format!("tar: {}: Cannot open: File exists\n", entry.path));
                code = 2;
                continue;
            }
            if self.action == 'x'
                && let Err(errno) = place(sys, &self.directory, &stripped)
            {
                sys.eprint(&format!("tar: {}: Cannot open: {errno}\n", entry.path));
                code = 2;
            }
        }
        if code != 0 {
            sys.eprint("tar: Exiting with failure status due to previous errors\n");
        }
        code
    }
}

/// `-rw-r--r-- root/root         3 2026-11-18 11:06 a`
fn long(entry: &Entry) -> String {
    let (kind, size, tail) = match &entry.kind {
        Kind::Directory => ('d', 0, "/".to_string()),
        Kind::Link(to) => ('l', 0, format!(" -> {to}")),
        Kind::File(bytes) => ('-', bytes.len(), String::new()),
    };
    let bits: String = (0..9)
        .map(|n| {
            if entry.mode & (0o400 >> n) == 0 {
                '-'
            } else {
                ['r', 'w', 'x'].get(n % 3).copied().unwrap_or('-')
            }
        })
        .collect();
    let t = drydock_machinery::time::Timestamp(entry.mtime).civil();
    let width = 18usize.saturating_sub("root/root".len());
    format!(
        "{kind}{bits} root/root {size:>width$} {}-{:02}-{:02} {:02}:{:02} {}{tail}\n",
        t.year, t.month, t.day, t.hour, t.minute, entry.path
    )
}

impl Behave for Tar {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match self.action {
            'c' => return Step::Exit(self.create(sys)),
            'x' | 't' => {}
            _ => {
                sys.eprint("tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar --usage' for more information.\n");
                return Step::Exit(2);
            }
        }
        if self.file != "-" {
            return match sys.read_file(&self.file) {
                Ok(bytes) => Step::Exit(self.read(sys, &bytes)),
                Err(errno) => {
                    sys.eprint(&format!(
                        "tar: {}: Cannot open: {errno}\ntar: Error is not recoverable: exiting now\n",
                        self.file
                    ));
                    Step::Exit(2)
                }
            };
        }
        loop {
            match sys.read(STDIN, usize::MAX) {
                Read::Data(data) => self.input.extend(data),
                Read::Block => return Step::wait(Wait::Readable(STDIN)),
                Read::End | Read::Failed(_) => {
                    let input = std::mem::take(&mut self.input);
                    return Step::Exit(self.read(sys, &input));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_come_back_as_they_went() {
        let file =
            Entry { path: "d/a.txt".into(), mode: 0o640, mtime: 1, kind: Kind::File(b"data".to_vec()) };
        let folder = Entry { path: "d".into(), mode: 0o755, mtime: 2, kind: Kind::Directory };
        let link = Entry { path: "d/l".into(), mode: 0o777, mtime: 3, kind: Kind::Link("a.txt".into()) };
        let all = [folder, file, link];
        let bytes = pack(&all);
        assert_eq!(bytes.len() % BLOCK, 0);
        assert_eq!(unpack(&bytes).as_deref(), Ok(&all[..]));
        assert!(unpack(b"no archive").is_err());
    }
}
