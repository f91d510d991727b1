//! The working tree and the index: add, status, commit, checkout, restore, reset, merge, rm, mv.

use super::checkout::go;
use super::objects::Files;
use super::repository::{Repository, read_text};
use super::status::status;
use super::{Said, Words, has, plain, value};
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use crate::utilities::sums::sha1;
use crate::utilities::support::{fits, join};
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

/// Every file of the working tree with its mode, `.gitignore` respected for those not in `known`.
pub(super) fn tree(sys: &mut Sys<'_>, repo: &Repository, known: &Files) -> Vec<(String, String)> {
    let mut ignore: Vec<String> = Vec::new();
    let (mut out, mut open) = (Vec::new(), vec![String::new()]);
    while let Some(prefix) = open.pop() {
        if let Some(text) = read_text(sys, &repo.full(&format!("{prefix}.gitignore"))) {
            ignore.extend(
                text.lines()
                    .map(str::trim)
                    .filter(|l| !l.is_empty() && !l.starts_with('#'))
                    .map(String::from),
            );
        }
        for name in sys.list(&repo.full(prefix.trim_end_matches('/'))).unwrap_or_default() {
            let path = format!("{prefix}{name}");
            let Ok(stat) = sys.lstat(&repo.full(&path)) else { continue };
            let folder = stat.kind == FileKind::Directory;
            let inside = known
                .range(path.clone()..)
                .next()
                .is_some_and(|f| f.0 == &path || f.0.starts_with(&format!("{path}/")));
            if name == ".git" || (!inside && ignored(&ignore, &path, &name, folder)) {
                continue;
            }
            match stat.kind {
                FileKind::Directory if open.len() < 10_000 => open.push(format!("{path}/")),
                FileKind::Directory => {}
                FileKind::Symlink => out.push((path, "120000".to_string())),
                _ if stat.mode & 0o111 != 0 => out.push((path, "100755".into())),
                _ => out.push((path, "100644".into())),
            }
        }
    }
    out.arrange();
    out
}

pub(super) fn ignored(patterns: &[String], path: &str, name: &str, folder: bool) -> bool {
    let mut result = false;
    for pattern in patterns {
        let (negated, pattern) = pattern.strip_prefix('!').map_or((false, &**pattern), |p| (true, p));
        let only_folders = pattern.ends_with('/');
        let bare = pattern.trim_end_matches('/').trim_start_matches('/');
        let found =
            if bare.contains('/') || pattern.starts_with('/') { fits(bare, path) } else { fits(bare, name) };
        if found && (folder || !only_folders) {
            result = !negated;
        }
    }
    result
}

pub(super) fn content(sys: &mut Sys<'_>, repo: &Repository, path: &str, mode: &str) -> Vec<u8> {
    let full = repo.full(path);
    if mode == "120000" {
        return sys.readlink(&full).unwrap_or_default().into_bytes();
    }
    sys.read_file(&full).map_or(Vec::new(), |b| b.to_vec())
}

pub(super) fn id_of(data: &[u8]) -> String {
    super::objects::hex(&sha1(&[format!("blob {}\0", data.len()).as_bytes(), data].concat()))
}

/// The working tree as it would be staged, without writing anything.
pub(super) fn working(sys: &mut Sys<'_>, repo: &Repository, index: &Files) -> Files {
    let mut out = Files::new();
    for (path, mode) in tree(sys, repo, index) {
        let data = content(sys, repo, &path, &mode);
        out.insert(path, (mode, id_of(&data)));
    }
    out
}

/// `A`, `M`, `D` between two states, by path.
pub(super) fn changes(old: &Files, new: &Files) -> Vec<(char, String)> {
    let mut out: Vec<(char, String)> = Vec::new();
    for (path, entry) in new {
        match old.get(path) {
            None => out.push(('A', path.clone())),
            Some(before) if before != entry => out.push(('M', path.clone())),
            Some(_) => {}
        }
    }
    out.extend(old.keys().filter(|p| !new.contains_key(*p)).map(|p| ('D', p.clone())));
    out.arrange_by(|a, b| a.1.cmp(&b.1));
    out
}

pub(super) fn selected(path: &str, spec: &str) -> bool {
    spec.is_empty()
        || path == spec
        || path.starts_with(&format!("{spec}/"))
        || (spec.contains(['*', '?']) && fits(spec, path))
}

pub(super) fn add(sys: &mut Sys<'_>, repo: &mut Repository, words: &Words) -> Said {
    let all = has(words, &["-A", "--all"]);
    let mut specs = plain(words, &[]);
    if specs.is_empty() && !all && !has(words, &["-u"]) {
        return Said {
            err: "Nothing specified, nothing added.\nhint: Maybe you wanted to say 'git add .'?\nhint: Turn this message off by running\nhint: \"git config advice.addEmptyPathspec false\"\n".into(),
            ..Said::default()
        };
    }
    if specs.is_empty() {
        specs.push(repo.root.clone());
    }
    let mut index = repo.index(sys);
    let files = tree(sys, repo, &index);
    let mut wanted = Vec::new();
    for spec in &specs {
        let Some(path) = repo.relative(sys, spec) else {
            return Said::fatal(format!("{spec}: '{spec}' is outside repository at '{}'", repo.root));
        };
        let there = files.iter().any(|f| selected(&f.0, &path)) || index.keys().any(|k| selected(k, &path));
        if !there && !path.is_empty() {
            if sys.lstat(&repo.full(&path)).is_ok() {
                let ignored = sys.stat(&repo.full(&path)).is_ok_and(|s| s.kind != FileKind::Directory);
                if ignored {
                    return Said {
                        err: format!(
                            "The following paths are ignored by one of your .gitignore files:\n{path}\nhint: Use -f if you really want to add them.\nhint: Turn this message off by running\nhint: \"git config advice.addIgnoredFile false\"\n"
                        ),
                        code: 1,
                        ..Said::default()
                    };
                }
                continue;
            }
            return Said::fatal(format!("pathspec '{spec}' did not match any files"));
        }
        wanted.push(path);
    }
    for (path, mode) in &files {
        if wanted.iter().any(|w| selected(path, w)) && (!has(words, &["-u"]) || index.contains_key(path)) {
            let data = content(sys, repo, path, mode);
            let id = repo.put(sys, "blob", &data);
            index.insert(path.clone(), (mode.clone(), id));
        }
    }
    let there: std::collections::BTreeSet<&String> = files.iter().map(|f| &f.0).collect();
    index.retain(|path, _| there.contains(path) || !wanted.iter().any(|w| selected(path, w)));
    repo.set_index(sys, &index);
    Said::default()
}

pub(super) fn ls_files(sys: &mut Sys<'_>, repo: &Repository) -> Said {
    Said::out(repo.index(sys).keys().map(|k| format!("{k}\n")).collect::<String>())
}

pub(super) fn commit(sys: &mut Sys<'_>, repo: &mut Repository, words: &Words) -> Said {
    let cluster =
        |letter: char| words.iter().any(|w| w.starts_with('-') && !w.starts_with("--") && w.contains(letter));
    let amend = has(words, &["--amend"]);
    if has(words, &["-a", "--all"]) || cluster('a') {
        _ = add(sys, repo, &[Arc::from("-u")]);
    }
    let mut messages: Vec<String> = Vec::new();
    let mut rest = words.iter().peekable();
    while let Some(word) = rest.next() {
        if word.starts_with('-') && !word.starts_with("--") && word.ends_with('m') || &**word == "--message" {
            messages.extend(rest.next().map(|m| m.to_string()));
        } else if let Some(message) =
            word.strip_prefix("--message=").or(word.strip_prefix("-m").filter(|m| !m.is_empty()))
        {
            messages.push(message.to_string());
        }
    }
    if let Some(file) = value(words, &["-F", "--file"]) {
        messages.extend(read_text(sys, &file));
    }
    let identity = match repo.identity(sys) {
        Ok(identity) => identity,
        Err(said) => return said,
    };
    let index = repo.index(sys);
    let head = repo.head(sys);
    let old = head.as_deref().and_then(|h| repo.commit(sys, h));
    let base = if amend { old.as_ref().and_then(|c| c.parents.first().cloned()) } else { head.clone() };
    let before = repo.files_at(sys, base.as_deref());
    if changes(&before, &index).is_empty() && !has(words, &["--allow-empty"]) && !amend {
        let mut said = status(sys, repo, &[]);
        said.code = 1;
        return said;
    }
    let message = match (messages.is_empty(), &old) {
        (false, _) => messages.join("\n\n"),
        (true, Some(old)) if amend => old.message.trim_end().to_string(),
        _ => return Said { err: "hint: Waiting for your editor to close the file... error: There was a problem with the editor 'editor'.\nPlease supply the message using either -m or -F option.\n".into(), code: 1, ..Said::default() },
    };
    if message.trim().is_empty() {
        return Said {
            err: "Aborting commit due to empty commit message.\n".into(),
            code: 1,
            ..Said::default()
        };
    }
    let tree = repo.write_tree(sys, &index, "");
    let parents: Vec<String> =
        if amend { old.map_or(Vec::new(), |c| c.parents) } else { head.clone().into_iter().collect() };
    let id = write(sys, repo, &tree, &parents, &identity, &message);
    repo.advance(sys, &id);
    let branch = repo.branch(sys).unwrap_or_else(|| "detached HEAD".into());
    let root = if parents.is_empty() { " (root-commit)" } else { "" };
    if has(words, &["-q", "--quiet"]) || cluster('q') {
        return Said::default();
    }
    let subject = message.lines().next().unwrap_or("");
    let short = id.get(..7).unwrap_or(&id);
    let mut out = format!("[{branch}{root} {short}] {subject}\n");
    out.push_str(&super::differences::summary(sys, repo, &before, &index));
    Said::out(out)
}

/// Writes a commit object.
pub(super) fn write(
    sys: &mut Sys<'_>,
    repo: &Repository,
    tree: &str,
    parents: &[String],
    identity: &str,
    message: &str,
) -> String {
    let unix = sys.unix();
    let mut text = format!("tree {tree}\n");
    text.extend(parents.iter().map(|p| format!("parent {p}\n")));
    text.push_str(&format!(
        "author {identity} {unix} +0000\ncommitter {identity} {unix} +0000\n\n{}\n",
        message.trim_end()
    ));
    repo.put(sys, "commit", text.as_bytes())
}

/// Fast-forwards; other merges are refused.
pub(super) fn merge(sys: &mut Sys<'_>, repo: &mut Repository, words: &Words) -> Said {
    let rest = plain(words, &["-m"]);
    let Some(name) = rest.first() else { return Said::fatal("No remote for the current branch.") };
    let Some(theirs) = repo.resolve(sys, name) else {
        return Said {
            err: format!("merge: {name} - not something we can merge\n"),
            code: 1,
            ..Said::default()
        };
    };
    let ours = repo.head(sys);
    let known = ours.as_deref().map_or(Vec::new(), |o| super::history::reachable(sys, repo, o));
    if known.contains(&theirs) {
        return Said::out("Already up to date.\n");
    }
    let reach = super::history::reachable(sys, repo, &theirs);
    if ours.as_ref().is_some_and(|o| !reach.contains(o)) {
        return Said::fatal(
            "Not possible to fast-forward: merging branches that have both changed is not simulated in this sandbox",
        );
    }
    let before = repo.files_at(sys, ours.as_deref());
    if let Err(said) = go(sys, repo, &theirs) {
        return said;
    }
    repo.advance(sys, &theirs);
    let after = repo.files_at(sys, Some(&theirs));
    let short = |id: &str| id.get(..7).unwrap_or(id).to_string();
    let stat = super::differences::stat(sys, repo, &before, &after);
    Said::out(format!(
        "Updating {}..{}\nFast-forward\n{stat}",
        ours.as_deref().map_or("0000000".into(), short),
        short(&theirs)
    ))
}

pub(super) fn remove(sys: &mut Sys<'_>, repo: &mut Repository, words: &Words) -> Said {
    let mut index = repo.index(sys);
    let (mut out, cached) = (String::new(), has(words, &["--cached"]));
    for spec in plain(words, &[]) {
        let path = repo.relative(sys, &spec).unwrap_or_default();
        let found: Vec<String> = index.keys().filter(|k| selected(k, &path)).cloned().collect();
        if found.is_empty() {
            return Said::fatal(format!("pathspec '{spec}' did not match any files"));
        }
        let deep = words.iter().any(|w| w.starts_with('-') && !w.starts_with("--") && w.contains('r'));
        if found.iter().any(|f| *f != path) && !deep && !spec.contains('*') {
            return Said::fatal(format!("not removing '{spec}' recursively without -r"));
        }
        for file in found {
            index.remove(&file);
            if !cached {
                _ = sys.unlink(&repo.full(&file));
                _ = sys.rmdir(crate::filesystem::parent(&repo.full(&file)));
            }
            out.push_str(&format!("rm '{file}'\n"));
        }
    }
    repo.set_index(sys, &index);
    Said::out(out)
}

pub(super) fn rename(sys: &mut Sys<'_>, repo: &mut Repository, words: &Words) -> Said {
    let [from, to] = &*plain(words, &[]) else {
        return Said {
            err: "usage: git mv [-v] [-f] [-n] [-k] <source> <destination>\n".into(),
            code: 129,
            ..Said::default()
        };
    };
    let mut index = repo.index(sys);
    let (source, mut target) =
        (repo.relative(sys, from).unwrap_or_default(), repo.relative(sys, to).unwrap_or_default());
    if sys.stat(&repo.full(&target)).is_ok_and(|s| s.kind == FileKind::Directory) {
        target =
            join(&target, source.rsplit('/').next().unwrap_or(&source)).trim_start_matches('/').to_string();
    }
    if !index.contains_key(&source) {
        return Said::fatal(format!("bad source, source={from}, destination={to}"));
    }
    if let Err(errno) = sys.rename(&repo.full(&source), &repo.full(&target)) {
        return Said::fatal(format!("renaming '{from}' failed: {errno}"));
    }
    if let Some(entry) = index.remove(&source) {
        index.insert(target, entry);
    }
    repo.set_index(sys, &index);
    Said::default()
}
