//! The working tree and the index: add, status, commit, checkout, restore, reset, merge, rm, mv.

use super::objects::Files;
use super::repository::{Repository, read_text};
use super::{Said, Words, has, plain, value};
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use crate::utilities::sums::sha1;
use crate::utilities::support::{fits, join};
use std::sync::Arc;

/// Every file of the working tree with its mode, `.gitignore` respected for those not in `known`.
fn tree(sys: &mut Sys<'_>, repo: &Repository, known: &Files) -> Vec<(String, String)> {
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
    out.sort();
    out
}

fn ignored(patterns: &[String], path: &str, name: &str, folder: bool) -> bool {
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

fn content(sys: &mut Sys<'_>, repo: &Repository, path: &str, mode: &str) -> Vec<u8> {
    let full = repo.full(path);
    if mode == "120000" {
        return sys.readlink(&full).unwrap_or_default().into_bytes();
    }
    sys.read_file(&full).map_or(Vec::new(), |b| b.to_vec())
}

fn id_of(data: &[u8]) -> String {
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
    out.sort_by(|a, b| a.1.cmp(&b.1));
    out
}

fn selected(path: &str, spec: &str) -> bool {
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

/// Files nobody staged; folders without anything staged stand for all they hold.
fn untracked(index: &Files, work: &Files) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for path in work.keys().filter(|p| !index.contains_key(*p)) {
        let folder = path
            .match_indices('/')
            .map(|m| path.get(..=m.0).unwrap_or(path))
            .find(|f| index.range((*f).to_string()..).next().is_none_or(|i| !i.0.starts_with(f)));
        let shown = folder.unwrap_or(path).to_string();
        if out.last() != Some(&shown) {
            out.push(shown);
        }
    }
    out
}

/// How far the branch is from the one it follows.
fn tracking(sys: &mut Sys<'_>, repo: &Repository, branch: &str) -> Option<(String, usize, usize)> {
    let remote = repo.setting(sys, &format!("branch.{branch}.remote"))?;
    let theirs = repo.reference(sys, &format!("refs/remotes/{remote}/{branch}"))?;
    let ours = repo.head(sys)?;
    let mine = super::history::reachable(sys, repo, &ours);
    let other = super::history::reachable(sys, repo, &theirs);
    let ahead = mine.iter().filter(|c| !other.contains(c)).count();
    let behind = other.iter().filter(|c| !mine.contains(c)).count();
    Some((format!("{remote}/{branch}"), ahead, behind))
}

pub(super) fn status(sys: &mut Sys<'_>, repo: &Repository, words: &Words) -> Said {
    let index = repo.index(sys);
    let head = repo.head(sys);
    let committed = repo.files_at(sys, head.as_deref());
    let work = working(sys, repo, &index);
    let staged = changes(&committed, &index);
    let mut tracked = work.clone();
    tracked.retain(|path, _| index.contains_key(path));
    let unstaged = changes(&index, &tracked);
    let others = untracked(&index, &work);
    let branch = repo.branch(sys);
    let follows = match &branch {
        Some(branch) => tracking(sys, repo, branch),
        None => None,
    };
    if has(words, &["-s", "--short", "--porcelain", "-sb"]) {
        let mut rows: std::collections::BTreeMap<String, (char, char)> = std::collections::BTreeMap::new();
        for (kind, path) in &staged {
            rows.entry(path.clone()).or_insert((' ', ' ')).0 = *kind;
        }
        for (kind, path) in &unstaged {
            rows.entry(path.clone()).or_insert((' ', ' ')).1 = *kind;
        }
        let mut out = if has(words, &["-sb", "-b", "--branch"]) {
            format!("## {}\n", branch.as_deref().unwrap_or("HEAD (no branch)"))
        } else {
            String::new()
        };
        out.extend(rows.iter().map(|(path, (x, y))| format!("{x}{y} {path}\n")));
        out.extend(others.iter().map(|o| format!("?? {o}\n")));
        return Said::out(out);
    }
    let mut out = match (&branch, &head) {
        (Some(branch), _) => format!("On branch {branch}\n"),
        (None, head) => {
            format!("HEAD detached at {}\n", head.as_deref().and_then(|h| h.get(..7)).unwrap_or(""))
        }
    };
    if let Some((name, ahead, behind)) = follows {
        let plural = |n: usize| if n == 1 { "commit" } else { "commits" };
        out.push_str(&match (ahead, behind) {
            (0, 0) => format!("Your branch is up to date with '{name}'.\n\n"),
            (n, 0) => format!("Your branch is ahead of '{name}' by {n} {}.\n  (use \"git push\" to publish your local commits)\n\n", plural(n)),
            (0, n) => format!("Your branch is behind '{name}' by {n} {}, and can be fast-forwarded.\n  (use \"git pull\" to update your local branch)\n\n", plural(n)),
            (a, b) => format!("Your branch and '{name}' have diverged,\nand have {a} and {b} different commits each, respectively.\n  (use \"git pull\" if you want to integrate the remote branch with yours)\n\n"),
        });
    }
    if head.is_none() {
        out.push_str("\nNo commits yet\n\n");
    }
    let word = |kind: char| match kind {
        'A' => "new file:   ",
        'D' => "deleted:    ",
        _ => "modified:   ",
    };
    if !staged.is_empty() {
        let undo =
            if head.is_none() { "git rm --cached <file>..." } else { "git restore --staged <file>..." };
        out.push_str(&format!("Changes to be committed:\n  (use \"{undo}\" to unstage)\n"));
        out.extend(staged.iter().map(|(k, p)| format!("\t{}{p}\n", word(*k))));
        out.push('\n');
    }
    if !unstaged.is_empty() {
        let gone = unstaged.iter().any(|u| u.0 == 'D');
        let how = if gone { "git add/rm <file>..." } else { "git add <file>..." };
        out.push_str(&format!("Changes not staged for commit:\n  (use \"{how}\" to update what will be committed)\n  (use \"git restore <file>...\" to discard changes in working directory)\n"));
        out.extend(unstaged.iter().map(|(k, p)| format!("\t{}{p}\n", word(*k))));
        out.push('\n');
    }
    if !others.is_empty() {
        out.push_str(
            "Untracked files:\n  (use \"git add <file>...\" to include in what will be committed)\n",
        );
        out.extend(others.iter().map(|o| format!("\t{o}\n")));
        out.push('\n');
    }
    if staged.is_empty() {
        out.push_str(match (unstaged.is_empty(), others.is_empty(), head.is_none()) {
            (true, true, true) => "nothing to commit (create/copy files and use \"git add\" to track)\n",
            (true, true, false) => "nothing to commit, working tree clean\n",
            (false, _, _) => "no changes added to commit (use \"git add\" and/or \"git commit -a\")\n",
            (true, false, _) => {
                "nothing added to commit but untracked files present (use \"git add\" to track)\n"
            }
        });
    }
    Said::out(out)
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

/// Makes the working tree and index those of a commit; files that were not staged stay.
pub(super) fn place(sys: &mut Sys<'_>, repo: &Repository, files: &Files, keep: bool) {
    let old = repo.index(sys);
    for (path, _) in old.iter().filter(|o| !files.contains_key(o.0)) {
        _ = sys.unlink(&repo.full(path));
        let mut folder = crate::filesystem::parent(&repo.full(path)).to_string();
        while folder != repo.root && folder != "/" && sys.rmdir(&folder).is_ok() {
            folder = crate::filesystem::parent(&folder).to_string();
        }
    }
    for (path, (mode, id)) in files {
        if keep && old.get(path) == Some(&(mode.clone(), id.clone())) {
            continue;
        }
        let data = repo.blob(sys, id);
        let full = repo.full(path);
        _ = sys.make_folders(crate::filesystem::parent(&full));
        if mode == "120000" {
            _ = sys.unlink(&full);
            _ = sys.symlink(&String::from_utf8_lossy(&data), &full);
        } else {
            _ = sys.write_file(&full, &data, false);
            _ = sys.chmod(&full, if mode == "100755" { 0o755 } else { 0o644 });
        }
    }
    repo.set_index(sys, files);
}

/// Goes to a commit unless that would lose changes.
fn go(sys: &mut Sys<'_>, repo: &Repository, target: &str) -> Result<(), Said> {
    let index = repo.index(sys);
    let head = repo.head(sys);
    let from = repo.files_at(sys, head.as_deref());
    let to = repo.files_at(sys, Some(target));
    let work = working(sys, repo, &index);
    let lost: Vec<String> = to
        .iter()
        .filter(|(path, entry)| from.get(*path) != Some(entry))
        .map(|f| f.0)
        .chain(from.keys().filter(|p| !to.contains_key(*p)))
        .filter(|path| {
            work.contains_key(*path) && work.get(*path) != from.get(*path) && work.get(*path) != to.get(*path)
        })
        .cloned()
        .collect();
    if !lost.is_empty() {
        let rows: String = lost.iter().map(|l| format!("\t{l}\n")).collect();
        return Err(Said::error(format!(
            "Your local changes to the following files would be overwritten by checkout:\n{rows}Please commit your changes or stash them before you switch branches.\nAborting"
        )));
    }
    // Changes that do not touch what differs come along.
    let mut merged = to.clone();
    for (path, entry) in &index {
        if from.get(path) != Some(entry) && to.get(path) == from.get(path) {
            merged.insert(path.clone(), entry.clone());
        }
    }
    place(sys, repo, &merged, true);
    Ok(())
}

pub(super) fn switch(sys: &mut Sys<'_>, repo: &mut Repository, words: &Words) -> Said {
    let create = value(words, &["-c", "-C", "--create", "-b", "-B"]);
    let rest = plain(words, &["-c", "-C", "--create", "-b", "-B"]);
    if let Some(name) = create {
        if repo.reference(sys, &format!("refs/heads/{name}")).is_some() && !has(words, &["-B", "-C"]) {
            return Said::fatal(format!("a branch named '{name}' already exists"));
        }
        let start = rest.first().cloned().unwrap_or_else(|| "HEAD".into());
        if let Some(id) = repo.resolve(sys, &start) {
            if let Err(said) = go(sys, repo, &id) {
                return said;
            }
            repo.set_reference(sys, &format!("refs/heads/{name}"), &id);
        } else if !rest.is_empty() {
            return Said::fatal(format!(
                "'{start}' is not a commit and a branch '{name}' cannot be created from it"
            ));
        }
        repo.set_head(sys, &format!("ref: refs/heads/{name}"));
        return Said::err(format!("Switched to a new branch '{name}'\n"));
    }
    let Some(name) = rest.first().cloned() else { return Said::fatal("missing branch or commit argument") };
    if repo.branch(sys).as_deref() == Some(&name) {
        return Said::err(format!("Already on '{name}'\n"));
    }
    if let Some(id) = repo.reference(sys, &format!("refs/heads/{name}")) {
        if let Err(said) = go(sys, repo, &id) {
            return said;
        }
        repo.set_head(sys, &format!("ref: refs/heads/{name}"));
        return Said::err(format!("Switched to branch '{name}'\n"));
    }
    if let Some(id) = repo.reference(sys, &format!("refs/remotes/origin/{name}")) {
        if let Err(said) = go(sys, repo, &id) {
            return said;
        }
        repo.set_reference(sys, &format!("refs/heads/{name}"), &id);
        repo.set_head(sys, &format!("ref: refs/heads/{name}"));
        follow(sys, repo, &name);
        return Said {
            out: format!("branch '{name}' set up to track 'origin/{name}'.\n"),
            err: format!("Switched to a new branch '{name}'\n"),
            ..Said::default()
        };
    }
    match repo.resolve(sys, &name) {
        Some(id) => {
            if let Err(said) = go(sys, repo, &id) {
                return said;
            }
            repo.set_head(sys, &id);
            let subject = repo.commit(sys, &id).map_or(String::new(), |c| c.subject().to_string());
            let short = id.get(..7).unwrap_or(&id);
            Said::err(format!(
                "Note: switching to '{name}'.\n\nYou are in 'detached HEAD' state. You can look around, make experimental\nchanges and commit them, and you can discard any commits you make in this\nstate without impacting any branches by switching back to a branch.\n\nHEAD is now at {short} {subject}\n"
            ))
        }
        None => Said::fatal(format!("invalid reference: {name}")),
    }
}

/// Writes down that a branch follows its namesake at origin.
pub(super) fn follow(sys: &mut Sys<'_>, repo: &Repository, branch: &str) {
    let file = join(&repo.git, "config");
    let text = read_text(sys, &file).unwrap_or_default();
    let text = super::repository::with_setting(&text, &format!("branch.{branch}.remote"), Some("origin"));
    let text = super::repository::with_setting(
        &text,
        &format!("branch.{branch}.merge"),
        Some(&format!("refs/heads/{branch}")),
    );
    _ = sys.write_file(&file, text.as_bytes(), false);
}

pub(super) fn checkout(sys: &mut Sys<'_>, repo: &mut Repository, words: &Words) -> Said {
    let split = words.iter().position(|w| &**w == "--");
    let rest = plain(words, &["-b", "-B"]);
    let is_branch = |sys: &mut Sys<'_>, name: &str| {
        repo.resolve(sys, name).is_some()
            || repo.reference(sys, &format!("refs/remotes/origin/{name}")).is_some()
    };
    let first = rest.first().cloned().unwrap_or_default();
    if has(words, &["-b", "-B"]) || (split.is_none() && is_branch(sys, &first) && rest.len() == 1) {
        return switch(sys, repo, words);
    }
    // Files, of the index or of a commit.
    let from =
        (rest.len() > 1 && split != Some(0) && repo.resolve(sys, &first).is_some()).then(|| first.clone());
    let paths: Vec<String> = rest.into_iter().skip(usize::from(from.is_some())).collect();
    let source = match &from {
        Some(name) => {
            let id = repo.resolve(sys, name);
            repo.files_at(sys, id.as_deref())
        }
        None => repo.index(sys),
    };
    let mut count = 0;
    let mut index = repo.index(sys);
    for spec in &paths {
        let path = repo.relative(sys, spec).unwrap_or_default();
        let found: Vec<_> =
            source.iter().filter(|f| selected(f.0, &path)).map(|(p, e)| (p.clone(), e.clone())).collect();
        if found.is_empty() {
            return Said::error(format!("pathspec '{spec}' did not match any file(s) known to git"));
        }
        for (path, (mode, id)) in found {
            let data = repo.blob(sys, &id);
            let full = repo.full(&path);
            if sys.read_file(&full).is_ok_and(|b| *b == *data) && from.is_none() {
                continue;
            }
            _ = sys.make_folders(crate::filesystem::parent(&full));
            _ = sys.write_file(&full, &data, false);
            index.insert(path, (mode, id));
            count += 1;
        }
    }
    repo.set_index(sys, &index);
    let plural = if count == 1 { "path" } else { "paths" };
    Said::err(format!(
        "Updated {count} {plural} from {}\n",
        from.as_deref().map_or("the index".to_string(), |f| f.to_string())
    ))
}

pub(super) fn restore(sys: &mut Sys<'_>, repo: &mut Repository, words: &Words) -> Said {
    let source = value(words, &["-s", "--source"]);
    let paths = plain(words, &["-s", "--source"]);
    if paths.is_empty() {
        return Said::fatal("you must specify path(s) to restore");
    }
    if has(words, &["--staged", "-S"]) {
        let name = source.unwrap_or_else(|| "HEAD".into());
        let id = repo.resolve(sys, &name);
        let files = repo.files_at(sys, id.as_deref());
        return unstage(sys, repo, &paths, &files);
    }
    let mut all: Vec<Arc<str>> = source.iter().map(|s| Arc::from(s.as_str())).collect();
    if source.is_none() {
        all.push("--".into());
    }
    all.extend(paths.iter().map(|p| Arc::from(p.as_str())));
    let said = checkout(sys, repo, &all);
    if said.code == 0 { Said::default() } else { said }
}

fn unstage(sys: &mut Sys<'_>, repo: &Repository, paths: &[String], files: &Files) -> Said {
    let mut index = repo.index(sys);
    for spec in paths {
        let path = repo.relative(sys, spec).unwrap_or_default();
        if !index.keys().chain(files.keys()).any(|k| selected(k, &path)) {
            return Said::error(format!("pathspec '{spec}' did not match any file(s) known to git"));
        }
        index.retain(|k, _| !selected(k, &path));
        index.extend(files.iter().filter(|f| selected(f.0, &path)).map(|(k, v)| (k.clone(), v.clone())));
    }
    repo.set_index(sys, &index);
    Said::default()
}

pub(super) fn reset(sys: &mut Sys<'_>, repo: &mut Repository, words: &Words) -> Said {
    let rest = plain(words, &[]);
    let named = rest.first().and_then(|r| repo.resolve(sys, r));
    let target = named.clone().or_else(|| repo.head(sys));
    let paths: Vec<String> = rest.iter().skip(usize::from(named.is_some())).cloned().collect();
    if !paths.is_empty() {
        let files = repo.files_at(sys, target.as_deref());
        return unstage(sys, repo, &paths, &files);
    }
    if let (Some(first), None) = (rest.first(), &named) {
        return Said::fatal(format!(
            "ambiguous argument '{first}': unknown revision or path not in the working tree.\nUse '--' to separate paths from revisions, like this:\n'git <command> [<revision>...] -- [<file>...]'"
        ));
    }
    let Some(target) = target else {
        repo.set_index(sys, &Files::new());
        return Said::default();
    };
    let files = repo.files_at(sys, Some(&target));
    if has(words, &["--hard"]) {
        place(sys, repo, &files, false);
        repo.advance(sys, &target);
        let subject = repo.commit(sys, &target).map_or(String::new(), |c| c.subject().to_string());
        return Said::out(format!("HEAD is now at {} {subject}\n", target.get(..7).unwrap_or(&target)));
    }
    repo.advance(sys, &target);
    if has(words, &["--soft"]) {
        return Said::default();
    }
    repo.set_index(sys, &files);
    let work = working(sys, repo, &files);
    let mut tracked = work;
    tracked.retain(|path, _| files.contains_key(path));
    let rows: String = changes(&files, &tracked).iter().map(|(k, p)| format!("{k}\t{p}\n")).collect();
    Said::out(if rows.is_empty() { rows } else { format!("Unstaged changes after reset:\n{rows}") })
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
