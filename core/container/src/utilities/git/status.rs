//! `git status`, long and short.

use super::objects::Files;
use super::repository::Repository;
use super::work::{changes, working};
use super::{Said, Words, has};
use crate::sys::Sys;

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
