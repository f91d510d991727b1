//! What changed between two states: patches, statistics, `git diff`.

use super::objects::Files;
use super::repository::Repository;
use super::work::{changes, working};
use super::{Said, Words, has, plain};
use crate::sys::Sys;

fn text_of(sys: &mut Sys<'_>, repo: &Repository, files: &Files, path: &str) -> Option<Vec<u8>> {
    let (_, id) = files.get(path)?;
    match repo.get(sys, id) {
        Some((_, data)) => Some(data),
        // Not staged yet: it is in the working tree.
        None => sys.read_file(&repo.full(path)).ok().map(|b| b.to_vec()),
    }
}

/// Lines added and taken away; none for binary files.
fn counts(old: &str, new: &str) -> (usize, usize) {
    let hunks = drydock_machinery::diff::unified(old, new, "a", "b");
    let lines = hunks.lines().skip(2);
    lines.fold((0, 0), |(plus, minus), l| match l.chars().next() {
        Some('+') => (plus + 1, minus),
        Some('-') => (plus, minus + 1),
        _ => (plus, minus),
    })
}

/// The diff of two states, limited to some paths.
pub(super) fn patch(
    sys: &mut Sys<'_>,
    repo: &Repository,
    old: &Files,
    new: &Files,
    paths: &[String],
) -> String {
    let mut out = String::new();
    for (kind, path) in changes(old, new) {
        if !paths.is_empty()
            && !paths.iter().any(|p| path == *p || p.is_empty() || path.starts_with(&format!("{p}/")))
        {
            continue;
        }
        let (before, after) = (text_of(sys, repo, old, &path), text_of(sys, repo, new, &path));
        let short =
            |files: &Files| files.get(&path).and_then(|e| e.1.get(..7)).unwrap_or("0000000").to_string();
        let mode = |files: &Files| files.get(&path).map_or(String::new(), |e| e.0.clone());
        out.push_str(&format!("diff --git a/{path} b/{path}\n"));
        let (old_mode, new_mode) = (mode(old), mode(new));
        match kind {
            'A' => out.push_str(&format!("new file mode {new_mode}\nindex {}..{}\n", short(old), short(new))),
            'D' => {
                out.push_str(&format!("deleted file mode {old_mode}\nindex {}..{}\n", short(old), short(new)))
            }
            _ if old_mode != new_mode => out.push_str(&format!("old mode {old_mode}\nnew mode {new_mode}\n")),
            _ => out.push_str(&format!("index {}..{} {new_mode}\n", short(old), short(new))),
        }
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        if before.contains(&0) || after.contains(&0) {
            out.push_str(&format!("Binary files a/{path} and b/{path} differ\n"));
            continue;
        }
        let (from, to) = (format!("a/{path}"), format!("b/{path}"));
        let names =
            (if kind == 'A' { "/dev/null" } else { &from }, if kind == 'D' { "/dev/null" } else { &to });
        out.push_str(&drydock_machinery::diff::unified(
            &String::from_utf8_lossy(&before),
            &String::from_utf8_lossy(&after),
            names.0,
            names.1,
        ));
    }
    out
}

/// ` 1 file changed, 1 insertion(+)` and what was made or removed.
pub(super) fn summary(sys: &mut Sys<'_>, repo: &Repository, old: &Files, new: &Files) -> String {
    let list = changes(old, new);
    let mut out = totals(sys, repo, old, new);
    for (kind, path) in list {
        let mode = |f: &Files| f.get(&path).map_or(String::new(), |e| e.0.clone());
        match kind {
            'A' => out.push_str(&format!(" create mode {} {path}\n", mode(new))),
            'D' => out.push_str(&format!(" delete mode {} {path}\n", mode(old))),
            _ => {}
        }
    }
    out
}

fn totals(sys: &mut Sys<'_>, repo: &Repository, old: &Files, new: &Files) -> String {
    let list = changes(old, new);
    let (mut plus, mut minus) = (0, 0);
    for (_, path) in &list {
        let (before, after) = (
            text_of(sys, repo, old, path).unwrap_or_default(),
            text_of(sys, repo, new, path).unwrap_or_default(),
        );
        let (p, m) = counts(&String::from_utf8_lossy(&before), &String::from_utf8_lossy(&after));
        plus += p;
        minus += m;
    }
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let mut out = format!(" {} file{} changed", list.len(), s(list.len()));
    if plus > 0 || minus == 0 {
        out.push_str(&format!(", {plus} insertion{}(+)", s(plus)));
    }
    if minus > 0 || plus == 0 {
        out.push_str(&format!(", {minus} deletion{}(-)", s(minus)));
    }
    out + "\n"
}

/// `--stat`
pub(super) fn stat(sys: &mut Sys<'_>, repo: &Repository, old: &Files, new: &Files) -> String {
    let list = changes(old, new);
    if list.is_empty() {
        return String::new();
    }
    let mut rows = Vec::new();
    for (_, path) in &list {
        let (before, after) = (
            text_of(sys, repo, old, path).unwrap_or_default(),
            text_of(sys, repo, new, path).unwrap_or_default(),
        );
        rows.push((
            path.clone(),
            counts(&String::from_utf8_lossy(&before), &String::from_utf8_lossy(&after)),
        ));
    }
    let name = rows.iter().map(|r| r.0.len()).max().unwrap_or(0);
    let number = rows.iter().map(|r| (r.1.0 + r.1.1).to_string().len()).max().unwrap_or(1);
    let most = rows.iter().map(|r| r.1.0 + r.1.1).max().unwrap_or(1).max(1);
    let room = 80usize.saturating_sub(name + number + 6).max(10);
    let mut out = String::new();
    for (path, (plus, minus)) in rows {
        let scale = |n: usize| if most <= room { n } else { (n * room).div_ceil(most) };
        let bar = format!("{}{}", "+".repeat(scale(plus)), "-".repeat(scale(minus)));
        out.push_str(format!(" {path:name$} | {:>number$} {bar}", plus + minus).trim_end());
        out.push('\n');
    }
    out + &summary(sys, repo, old, new)
}

pub(super) fn diff(sys: &mut Sys<'_>, repo: &Repository, words: &Words) -> Said {
    let index = repo.index(sys);
    let rest = plain(words, &[]);
    let mut states: Vec<Files> = Vec::new();
    let mut paths: Vec<String> = Vec::new();
    for word in &rest {
        let names: Vec<&str> = word.split("..").map(|n| n.trim_start_matches('.')).collect();
        let ids: Vec<Option<String>> =
            names.iter().map(|n| repo.resolve(sys, if n.is_empty() { "HEAD" } else { n })).collect();
        if paths.is_empty() && ids.iter().all(Option::is_some) {
            for id in ids {
                states.push(repo.files_at(sys, id.as_deref()));
            }
        } else if let Some(path) =
            repo.relative(sys, word).filter(|p| sys.lstat(&repo.full(p)).is_ok() || index.contains_key(p))
        {
            paths.push(path);
        } else {
            return Said::fatal(format!(
                "ambiguous argument '{word}': unknown revision or path not in the working tree.\nUse '--' to separate paths from revisions, like this:\n'git <command> [<revision>...] -- [<file>...]'"
            ));
        }
    }
    let work = |sys: &mut Sys<'_>| {
        let mut files = working(sys, repo, &index);
        files.retain(|p, _| index.contains_key(p));
        files
    };
    let cached = has(words, &["--cached", "--staged"]);
    let (old, new) = match (states.len(), cached) {
        (0, false) => {
            let new = work(sys);
            (index, new)
        }
        (0, true) => {
            let head = repo.head(sys);
            (repo.files_at(sys, head.as_deref()), index)
        }
        (1, true) => (states.remove(0), index),
        (1, false) => {
            let new = work(sys);
            (states.remove(0), new)
        }
        _ => {
            let new = states.remove(1);
            (states.remove(0), new)
        }
    };
    let list = changes(&old, &new);
    let out = if has(words, &["--stat"]) {
        stat(sys, repo, &old, &new)
    } else if has(words, &["--name-only"]) {
        list.iter().map(|c| format!("{}\n", c.1)).collect()
    } else if has(words, &["--name-status"]) {
        list.iter().map(|c| format!("{}\t{}\n", c.0, c.1)).collect()
    } else if has(words, &["-q", "--quiet"]) {
        String::new()
    } else {
        patch(sys, repo, &old, &new, &paths)
    };
    Said {
        out,
        code: i32::from(has(words, &["--exit-code", "-q", "--quiet"]) && !list.is_empty()),
        ..Said::default()
    }
}
