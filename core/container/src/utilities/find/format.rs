//! find's `-printf` and `-ls`.

use crate::sys::Sys;
use crate::sys_fs::{FileKind, Stat};
use crate::utilities::{accounts, date, disk, list, support};

/// The letter `-type` and `%y` have for a kind of file.
pub(super) fn kind_letter(kind: FileKind) -> char {
    match kind {
        FileKind::File => 'f',
        FileKind::Directory => 'd',
        FileKind::Symlink => 'l',
        FileKind::Device => 'c',
    }
}

/// `-ls`: a line as `ls -dils` gives it.
pub(super) fn listing(sys: &mut Sys<'_>, path: &str, stat: &Stat) -> String {
    let text = list::mode_text(stat);
    let time = date::format(stat.mtime, "%b %e %H:%M");
    let owner = accounts::user_name(sys, stat.uid);
    let group = accounts::group_name(sys, stat.gid);
    let blocks = disk::blocks(stat);
    let arrow = stat.target.as_ref().map_or(String::new(), |to| format!(" -> {to}"));
    format!(
        "{:9} {blocks:6} {text} {:3} {owner:<8} {group:<8} {:8} {time} {path}{arrow}\n",
        stat.ino, stat.links, stat.size
    )
}

/// `-printf`: the directives people use; `start` is how long the starting point's name is.
pub(super) fn format(
    sys: &mut Sys<'_>,
    format: &str,
    path: &str,
    depth: usize,
    start: usize,
    stat: &Stat,
) -> String {
    let mut out = String::new();
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('a') => out.push('\u{7}'),
                Some('0') => out.push('\0'),
                Some('c') => return out,
                Some('\\') | None => out.push('\\'),
                Some(other) => out.extend(['\\', other]),
            },
            '%' => {
                let mut width = String::new();
                while let Some(c) = chars.next_if(|c| matches!(c, '-' | '0'..='9' | '.' | '#' | '+' | ' ')) {
                    width.push(c);
                }
                let Some(letter) = chars.next() else {
                    out.push('%');
                    break;
                };
                let time = |letter: Option<char>| match letter {
                    Some('@') => format!("{}.0000000000", stat.mtime),
                    Some('T') => date::format(stat.mtime, "%H:%M:%S.0000000000"),
                    Some('+') => date::format(stat.mtime, "%Y-%m-%d+%H:%M:%S.0000000000"),
                    Some(letter) => date::format(stat.mtime, &format!("%{letter}")),
                    None => String::new(),
                };
                let text = match letter {
                    '%' => "%".into(),
                    'p' => path.to_string(),
                    'f' => support::base_of(path).to_string(),
                    'h' => path.rsplit_once('/').map_or(".", |p| p.0).to_string(),
                    'P' => path.get(start..).unwrap_or("").trim_start_matches('/').to_string(),
                    'H' => path.get(..start).unwrap_or(path).to_string(),
                    's' => stat.size.to_string(),
                    'k' => stat.size.div_ceil(1024).to_string(),
                    'b' => stat.size.div_ceil(512).to_string(),
                    'm' => format!("{:o}", stat.mode & 0o7777),
                    'M' => list::mode_text(stat),
                    'y' | 'Y' => kind_letter(stat.kind).to_string(),
                    'd' => depth.to_string(),
                    'u' => accounts::user_name(sys, stat.uid),
                    'g' => accounts::group_name(sys, stat.gid),
                    'U' => stat.uid.to_string(),
                    'G' => stat.gid.to_string(),
                    'n' => stat.links.to_string(),
                    'i' => stat.ino.to_string(),
                    'l' => stat.target.as_ref().map_or(String::new(), |t| t.to_string()),
                    't' | 'c' | 'a' => date::format(stat.mtime, "%a %b %e %H:%M:%S.0000000000 %Y"),
                    'T' | 'C' | 'A' => time(chars.next()),
                    other => format!("%{other}"),
                };
                let (left, digits) =
                    (width.starts_with('-'), width.trim_start_matches(['-', '0', '#', '+', ' ']));
                let (columns, most) = digits.split_once('.').unwrap_or((digits, ""));
                let text: String = match most.parse() {
                    Ok(most) => text.chars().take(most).collect(),
                    Err(_) => text,
                };
                let columns = columns.parse::<usize>().unwrap_or(0).min(1_000);
                let gap = " ".repeat(columns.saturating_sub(text.chars().count()));
                out.push_str(&if left { format!("{text}{gap}") } else { format!("{gap}{text}") });
            }
            c => out.push(c),
        }
    }
    out
}
