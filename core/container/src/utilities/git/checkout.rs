//! Going to another commit or taking files from one: checkout, switch, restore, reset.

use super::objects::Files;
use super::repository::{Repository, read_text};
use super::work::{changes, selected, working};
use super::{Said, Words, has, plain, value};
use crate::sys::Sys;
use crate::utilities::support::join;
use std::sync::Arc;

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
pub(super) fn go(sys: &mut Sys<'_>, repo: &Repository, target: &str) -> Result<(), Said> {
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
