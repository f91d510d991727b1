//! tar: archives of files, as `kubectl cp` sends them and people make them. Follows GNU tar 1.34's options
//! and words; the format itself is [`crate::tar`]'s. Left out: bzip2, xz, comparing (`-d`), incremental and
//! multi-volume archives, `--transform`.

mod create;
mod extract;

use super::filter::ended;
use super::support::{done, usage};
use crate::fd::{Read, STDIN};
use crate::machine::{Behave, Machine, Step};
use crate::sys::Sys;
use crate::tar::{Bad, Entry, unpack};
use crate::wait::Wait;

const FATAL: &str = "tar: Error is not recoverable: exiting now\n";
const FAILED: &str = "tar: Exiting with failure status due to previous errors\n";
const WRONG_USAGE: i32 = 64;

#[derive(Clone, Default, Hash)]
pub(super) struct Tar {
    /// `c`, `x`, `t`, `r`, `u` or `D` (`--delete`).
    action: char,
    verbose: bool,
    gzip: bool,
    /// `a`: compress by the archive's name.
    auto: bool,
    strip: usize,
    exclude: Vec<String>,
    to_stdout: bool,
    keep: bool,
    follow: bool,
    wildcards: bool,
    numeric: bool,
    /// `-p`, and root: modes as they are in the archive.
    modes: bool,
    /// `-m`: files are as new as their extraction.
    fresh: bool,
    no_owner: bool,
    /// `--owner`, `--group`.
    owner: (Option<u32>, Option<u32>),
    file: String,
    /// Where what follows is read and written (`-C`), with each name as given.
    names: Vec<(String, String)>,
    directory: String,
    /// Files of names (`-T`) and of patterns (`-X`).
    listed: Vec<(char, String)>,
    input: Vec<u8>,
}

/// Long options and the letter each stands for; `=` takes a value. Capitals beyond GNU's letters are ours.
const LONG: &[(&str, char)] = &[
    ("append", 'r'),
    ("auto-compress", 'a'),
    ("catenate", 'A'),
    ("concatenate", 'A'),
    ("compare", 'd'),
    ("create", 'c'),
    ("delete", 'D'),
    ("dereference", 'h'),
    ("diff", 'd'),
    ("directory=", 'C'),
    ("exclude=", 'E'),
    ("exclude-from=", 'X'),
    ("exclude-vcs", '.'),
    ("extract", 'x'),
    ("file=", 'f'),
    ("files-from=", 'T'),
    ("format=", ','),
    ("get", 'x'),
    ("group=", 'G'),
    ("gunzip", 'z'),
    ("gzip", 'z'),
    ("ignore-failed-read", '.'),
    ("keep-old-files", 'k'),
    ("list", 't'),
    ("mode=", ','),
    ("mtime=", ','),
    ("no-same-owner", 'o'),
    ("no-same-permissions", '.'),
    ("numeric-owner", 'N'),
    ("overwrite", '.'),
    ("owner=", 'U'),
    ("preserve-permissions", 'p'),
    ("same-owner", '.'),
    ("same-permissions", 'p'),
    ("sort=", ','),
    ("strip-components=", 'S'),
    ("to-stdout", '1'),
    ("touch", 'm'),
    ("ungzip", 'z'),
    ("update", 'u'),
    ("verbose", 'v'),
    ("wildcards", 'W'),
    ("bzip2", 'j'),
    ("xz", 'J'),
];

/// The arguments as (letter, value) and names in their order.
enum Word {
    Option(char, String),
    Name(String),
}

fn words(sys: &mut Sys<'_>) -> Result<Vec<Word>, i32> {
    let args = sys.args();
    let mut rest = args.iter().skip(1).map(|a| a.to_string()).peekable();
    let mut out = Vec::new();
    // Old style: a cluster without dash, whose values follow it in order.
    if let Some(cluster) = rest.next_if(|w| !w.starts_with('-') && !w.is_empty()) {
        for letter in cluster.chars() {
            let value = if takes_value(sys, letter)? { rest.next() } else { Some(String::new()) };
            let Some(value) = value else {
                return Err(usage(sys, 2, &format!("Old option '{letter}' requires an argument.")));
            };
            out.push(Word::Option(letter, value));
        }
    }
    while let Some(word) = rest.next() {
        if word == "--" {
            out.extend(rest.by_ref().map(Word::Name));
        } else if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v.to_string())));
            let bare = |n: &str| n.trim_end_matches('=').to_string();
            let found = LONG
                .iter()
                .find(|l| bare(l.0) == name)
                .or_else(|| LONG.iter().find(|l| l.0.starts_with(name)));
            let Some((full, letter)) = found else {
                return Err(match name {
                    "version" => {
                        sys.print("tar (GNU tar) 1.34\n");
                        0
                    }
                    "help" => {
                        sys.print("Usage: tar [OPTION...] [FILE]...\nGNU 'tar' saves many files together into a single tape or disk archive, and can\nrestore individual files from the archive.\n");
                        0
                    }
                    _ => usage(sys, WRONG_USAGE, &format!("unrecognized option '--{name}'")),
                });
            };
            let value = match (full.ends_with('='), value) {
                (true, None) => rest.next(),
                (_, value) => Some(value.unwrap_or_default()),
            };
            let Some(value) = value else {
                return Err(usage(
                    sys,
                    WRONG_USAGE,
                    &format!("option '--{}' requires an argument", bare(full)),
                ));
            };
            out.push(Word::Option(*letter, value));
        } else if let Some(cluster) = word.strip_prefix('-').filter(|c| !c.is_empty()) {
            let mut letters = cluster.chars();
            while let Some(letter) = letters.next() {
                if !takes_value(sys, letter)? {
                    out.push(Word::Option(letter, String::new()));
                    continue;
                }
                let tail: String = letters.by_ref().collect();
                let Some(value) = (if tail.is_empty() { rest.next() } else { Some(tail) }) else {
                    return Err(usage(
                        sys,
                        WRONG_USAGE,
                        &format!("option requires an argument -- '{letter}'"),
                    ));
                };
                out.push(Word::Option(letter, value));
            }
        } else {
            out.push(Word::Name(word));
        }
    }
    Ok(out)
}

/// Whether a letter's value is the next word; a letter there is not ends it all.
fn takes_value(sys: &mut Sys<'_>, letter: char) -> Result<bool, i32> {
    match letter {
        'f' | 'C' | 'T' | 'X' | 'b' => Ok(true),
        'c' | 'x' | 't' | 'r' | 'u' | 'd' | 'A' | 'v' | 'z' | 'a' | 'j' | 'J' | 'O' | 'k' | 'p' | 'm'
        | 'h' | 'o' | 'w' | 'P' | 'S' | 'l' | 'U' | 's' | 'B' | 'i' => Ok(false),
        _ => Err(usage(sys, WRONG_USAGE, &format!("invalid option -- '{letter}'"))),
    }
}

pub fn tar(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    match read(sys) {
        Ok(tar) => Box::new(tar),
        Err(code) => ended(code),
    }
}

fn read(sys: &mut Sys<'_>) -> Result<Tar, i32> {
    let root = sys.process().is_some_and(|p| p.uid == 0);
    let mut tar = Tar { file: "-".into(), directory: ".".into(), modes: root, ..Tar::default() };
    for word in words(sys)? {
        let (letter, value) = match word {
            Word::Name(name) => {
                tar.names.push((tar.directory.clone(), name));
                continue;
            }
            Word::Option(letter, value) => (letter, value),
        };
        match letter {
            'c' | 'x' | 't' | 'r' | 'u' | 'D' | 'd' | 'A' => {
                if !matches!(tar.action, '\0') && tar.action != letter {
                    let text =
                        "You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option";
                    return Err(usage(sys, 2, text));
                }
                tar.action = letter;
            }
            'v' => tar.verbose = true,
            'z' => tar.gzip = true,
            'a' => tar.auto = true,
            'O' | '1' => tar.to_stdout = true,
            'k' => tar.keep = true,
            'h' => tar.follow = true,
            'p' => tar.modes = true,
            'm' => tar.fresh = true,
            'o' => tar.no_owner = true,
            'W' => tar.wildcards = true,
            'N' => tar.numeric = true,
            'f' => tar.file = value,
            'C' => tar.directory = super::support::beside(&tar.directory, &value),
            'E' => tar.exclude.push(value),
            'T' | 'X' => tar.listed.push((letter, value)),
            'S' if !value.is_empty() => match value.parse() {
                Ok(strip) => tar.strip = strip,
                Err(_) => {
                    return Err(done(
                        sys,
                        2,
                        &format!("{value}: Invalid number of elements\n{}", FATAL.trim_end()),
                    ));
                }
            },
            'U' if !value.is_empty() => tar.owner.0 = super::accounts::user_id(sys, &value),
            'G' => tar.owner.1 = super::accounts::group_id(sys, &value),
            'j' | 'J' => {
                let program = if letter == 'j' { "bzip2" } else { "xz" };
                sys.eprint(&format!("tar (child): {program}: Cannot exec: No such file or directory\ntar (child): Error is not recoverable: exiting now\ntar: Child returned status 2\n{FATAL}"));
                return Err(2);
            }
            _ => {}
        }
    }
    tar.auto &= [".gz", ".tgz", ".taz"].iter().any(|end| tar.file.ends_with(end));
    tar.gzip |= tar.auto;
    for (kind, file) in std::mem::take(&mut tar.listed) {
        let text = match sys.read_file(&file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(errno) => return Err(fatal(sys, &format!("{file}: Cannot open: {errno}"))),
        };
        let lines = text.lines().filter(|l| !l.is_empty()).map(str::to_string);
        if kind == 'X' {
            tar.exclude.extend(lines);
        } else {
            let directory = tar.directory.clone();
            tar.names.extend(lines.map(|l| (directory.clone(), l)));
        }
    }
    Ok(tar)
}

/// Complains and gives up.
fn fatal(sys: &mut Sys<'_>, text: &str) -> i32 {
    sys.eprint(&format!("tar: {text}\n{FATAL}"));
    2
}

impl Tar {
    /// Whether a pattern of `--exclude` fits the path or a part of it.
    fn is_excluded(&self, path: &str) -> bool {
        self.exclude.iter().any(|pattern| {
            let fits = |text: &str| {
                super::support::fits(pattern.trim_start_matches("./").trim_end_matches('/'), text)
            };
            let path = path.trim_start_matches("./");
            fits(path)
                || path.split('/').any(fits)
                || path.match_indices('/').any(|(at, _)| path.get(..at).is_some_and(fits))
        })
    }
    /// The members of archive bytes, unpacked first where they are compressed.
    fn members(&self, sys: &mut Sys<'_>, bytes: &[u8]) -> Result<Vec<Entry>, i32> {
        let packed = bytes.starts_with(&[0x1f, 0x8b]);
        let plain = match packed.then(|| super::gzip::decompress(bytes)) {
            None if self.gzip => Err("not in gzip format"),
            None => Ok(Vec::new()),
            Some(outcome) => outcome,
        };
        let plain = match plain {
            Ok(plain) => plain,
            Err(why) => {
                sys.eprint(&format!("\ngzip: stdin: {why}\ntar: Child returned status 1\n{FATAL}"));
                return Err(2);
            }
        };
        let bytes = if packed { &*plain } else { bytes };
        match unpack(bytes) {
            Ok(entries) if !bytes.is_empty() => Ok(entries),
            Ok(_) | Err(Bad::Header) => {
                sys.eprint(&format!("tar: {}\n{FAILED}", Bad::Header.gnu()));
                Err(2)
            }
            Err(why) => Err(fatal(sys, why.gnu())),
        }
    }
    fn look(&self, sys: &mut Sys<'_>, bytes: &[u8]) -> i32 {
        match self.members(sys, bytes) {
            Ok(entries) => self.extract(sys, entries),
            Err(code) => code,
        }
    }
}

impl Behave for Tar {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match self.action {
            'c' | 'r' | 'u' | 'D' => return Step::Exit(self.create(sys)),
            'x' | 't' => {}
            'd' | 'A' => {
                return Step::Exit(done(
                    sys,
                    2,
                    "comparing and joining archives is not simulated in this sandbox",
                ));
            }
            _ => {
                let text = "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options";
                return Step::Exit(usage(sys, 2, text));
            }
        }
        if self.file != "-" {
            return match sys.read_file(&self.file) {
                Ok(bytes) => Step::Exit(self.look(sys, &bytes)),
                Err(errno) => Step::Exit(fatal(sys, &format!("{}: Cannot open: {errno}", self.file))),
            };
        }
        if sys.is_tty(STDIN) {
            return Step::Exit(fatal(
                sys,
                "Refusing to read archive contents from terminal (missing -f option?)",
            ));
        }
        loop {
            match sys.read(STDIN, usize::MAX) {
                Read::Data(data) => self.input.extend(data),
                Read::Block => return Step::wait(Wait::Readable(STDIN)),
                Read::End | Read::Failed(_) => {
                    let input = std::mem::take(&mut self.input);
                    return Step::Exit(self.look(sys, &input));
                }
            }
        }
    }
}
