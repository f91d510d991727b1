//! Looking back: log, show, diff, branch, tag, rev-parse, describe.

use super::differences::{patch, stat};
use super::objects::Commit;
use super::repository::Repository;
use super::work::changes;
use super::{Said, Words, has, plain, value};
use crate::sys::Sys;
use drydock_machinery::time::Timestamp;

/// A commit and all before it, newest first.
pub(super) fn reachable(sys: &mut Sys<'_>, repo: &Repository, from: &str) -> Vec<String> {
    let (mut out, mut open) = (Vec::new(), vec![from.to_string()]);
    while let Some(id) = open.pop() {
        if out.contains(&id) || out.len() > 10_000 {
            continue;
        }
        if let Some(commit) = repo.commit(sys, &id) {
            open.extend(commit.parents.into_iter().rev());
            out.push(id);
        }
    }
    out
}

/// `Sat Nov 21 16:59:11 2026 +0000`
fn date(unix: i64) -> String {
    let t = Timestamp(unix).civil();
    format!(
        "{} {} {} {:02}:{:02}:{:02} {} +0000",
        t.day_name(),
        t.month_name(),
        t.day,
        t.hour,
        t.minute,
        t.second,
        t.year
    )
}

/// ` (HEAD -> main, tag: v1, origin/main)`
fn decoration(sys: &mut Sys<'_>, repo: &Repository, id: &str) -> String {
    let mut names = Vec::new();
    let branch = repo.branch(sys);
    if repo.head(sys).as_deref() == Some(id) {
        names.push(branch.as_ref().map_or("HEAD".to_string(), |b| format!("HEAD -> {b}")));
    }
    for (name, at) in repo.references(sys, "refs/tags") {
        if repo.commit(sys, &at).is_some_and(|c| c.id == id) {
            names.push(format!("tag: {name}"));
        }
    }
    names.extend(repo.references(sys, "refs/remotes").into_iter().filter(|r| r.1 == id).map(|r| r.0));
    names.extend(
        repo.references(sys, "refs/heads")
            .into_iter()
            .filter(|r| r.1 == id && Some(&r.0) != branch.as_ref())
            .map(|r| r.0),
    );
    if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) }
}

fn pretty(sys: &mut Sys<'_>, repo: &Repository, commit: &Commit, format: &str) -> String {
    let (name, mail) =
        commit.author.split_once(" <").map_or((&*commit.author, ""), |(n, m)| (n, m.trim_end_matches('>')));
    let short = commit.id.get(..7).unwrap_or(&commit.id);
    let deco = if format.contains("%d") || format.contains("%D") {
        decoration(sys, repo, &commit.id)
    } else {
        String::new()
    };
    let days = (sys.unix() - commit.unix).max(0);
    let ago = match days {
        s if s < 90 => format!("{s} second{} ago", if s == 1 { "" } else { "s" }),
        s if s < 5_400 => format!("{} minutes ago", s / 60),
        s if s < 129_600 => format!("{} hours ago", s / 3_600),
        s => format!("{} days ago", s / 86_400),
    };
    format
        .replace("%H", &commit.id)
        .replace("%h", short)
        .replace("%an", name)
        .replace("%ae", mail)
        .replace("%ad", &date(commit.unix))
        .replace("%ar", &ago)
        .replace("%cr", &ago)
        .replace("%s", commit.subject())
        .replace("%d", &deco)
        .replace("%D", deco.trim().trim_matches(['(', ')']))
        .replace("%T", &commit.tree)
        .replace("%n", "\n")
}

fn entry(sys: &mut Sys<'_>, repo: &Repository, commit: &Commit, decorated: bool) -> String {
    let deco = if decorated { decoration(sys, repo, &commit.id) } else { String::new() };
    let mut out = format!("commit {}{deco}\n", commit.id);
    if commit.parents.len() > 1 {
        let short: Vec<&str> = commit.parents.iter().filter_map(|p| p.get(..7)).collect();
        out.push_str(&format!("Merge: {}\n", short.join(" ")));
    }
    out.push_str(&format!("Author: {}\nDate:   {}\n\n", commit.author, date(commit.unix)));
    out.extend(
        commit
            .message
            .trim_end()
            .lines()
            .map(|l| if l.is_empty() { "\n".into() } else { format!("    {l}\n") }),
    );
    out
}

pub(super) fn log(sys: &mut Sys<'_>, repo: &Repository, words: &Words) -> Said {
    let names = plain(words, &["-n", "--max-count", "--format", "--author", "--since"]);
    let start = names.first().cloned().unwrap_or_else(|| "HEAD".into());
    let Some(from) = repo.resolve(sys, &start) else {
        return match (repo.branch(sys), names.first()) {
            (Some(branch), None) => {
                Said::fatal(format!("your current branch '{branch}' does not have any commits yet"))
            }
            (_, name) => Said::fatal(format!(
                "ambiguous argument '{}': unknown revision or path not in the working tree.\nUse '--' to separate paths from revisions, like this:\n'git <command> [<revision>...] -- [<file>...]'",
                name.map_or("HEAD", |n| n)
            )),
        };
    };
    let most = value(words, &["-n", "--max-count"])
        .or_else(|| {
            words.iter().find_map(|w| {
                w.strip_prefix("-n")
                    .or(w.strip_prefix('-'))
                    .filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit()))
                    .map(String::from)
            })
        })
        .and_then(|n| n.parse().ok())
        .unwrap_or(usize::MAX);
    let mut ids = reachable(sys, repo, &from);
    if has(words, &["--all"]) {
        for (_, id) in repo.references(sys, "refs/heads") {
            for other in reachable(sys, repo, &id) {
                if !ids.contains(&other) {
                    ids.push(other);
                }
            }
        }
    }
    let format = words.iter().find_map(|w| {
        w.strip_prefix("--pretty=format:")
            .or(w.strip_prefix("--format="))
            .or(w.strip_prefix("--pretty="))
            .map(String::from)
    });
    let format = format.filter(|f| f.contains('%'));
    let oneline = has(words, &["--oneline", "--pretty=oneline"]);
    let decorated = sys.is_tty(1) || has(words, &["--decorate"]);
    let graph = if has(words, &["--graph"]) { "* " } else { "" };
    let mut commits: Vec<Commit> = ids.iter().filter_map(|id| repo.commit(sys, id)).collect();
    if has(words, &["--reverse"]) {
        commits.reverse();
    }
    let mut out = Vec::new();
    for commit in commits.into_iter().take(most) {
        let mut text = if let Some(format) = &format {
            pretty(sys, repo, &commit, format) + "\n"
        } else if oneline {
            let deco = if decorated { decoration(sys, repo, &commit.id) } else { String::new() };
            format!("{graph}{}{deco} {}\n", commit.id.get(..7).unwrap_or(""), commit.subject())
        } else {
            entry(sys, repo, &commit, decorated)
        };
        let (before, after) = (
            repo.files_at(sys, commit.parents.first().map(String::as_str)),
            repo.files_at(sys, Some(&commit.id)),
        );
        if has(words, &["--stat"]) {
            text.push_str(&format!(
                "{}{}",
                if oneline { "" } else { "\n" },
                stat(sys, repo, &before, &after)
            ));
        } else if has(words, &["-p", "--patch"]) {
            text.push_str(&format!("\n{}", patch(sys, repo, &before, &after, &[])));
        } else if has(words, &["--name-only", "--name-status"]) {
            let status = has(words, &["--name-status"]);
            let rows: String = changes(&before, &after)
                .iter()
                .map(|(k, p)| if status { format!("{k}\t{p}\n") } else { format!("{p}\n") })
                .collect();
            text.push_str(&format!("\n{rows}"));
        }
        out.push(text);
    }
    Said::out(out.join(if oneline || format.is_some() { "" } else { "\n" }))
}

pub(super) fn show(sys: &mut Sys<'_>, repo: &Repository, words: &Words) -> Said {
    let name = plain(words, &[]).first().cloned().unwrap_or_else(|| "HEAD".into());
    if let Some((at, path)) = name.split_once(':') {
        let id = repo.resolve(sys, at);
        let files = repo.files_at(sys, id.as_deref());
        return match files.get(path) {
            Some((_, id)) => Said::out(String::from_utf8_lossy(&repo.blob(sys, id)).into_owned()),
            None => Said::fatal(format!("path '{path}' does not exist in '{at}'")),
        };
    }
    let Some(commit) = repo.resolve(sys, &name).and_then(|id| repo.commit(sys, &id)) else {
        return Said::fatal(format!(
            "ambiguous argument '{name}': unknown revision or path not in the working tree.\nUse '--' to separate paths from revisions, like this:\n'git <command> [<revision>...] -- [<file>...]'"
        ));
    };
    let decorated = sys.is_tty(1);
    let head = entry(sys, repo, &commit, decorated);
    let (before, after) = (
        repo.files_at(sys, commit.parents.first().map(String::as_str)),
        repo.files_at(sys, Some(&commit.id)),
    );
    let body = if has(words, &["--stat"]) {
        stat(sys, repo, &before, &after)
    } else {
        patch(sys, repo, &before, &after, &[])
    };
    Said::out(format!("{head}\n{body}"))
}

pub(super) fn branch(sys: &mut Sys<'_>, repo: &Repository, words: &Words) -> Said {
    let rest = plain(words, &["-u", "--set-upstream-to"]);
    let present = repo.branch(sys);
    if has(words, &["--show-current"]) {
        return Said::out(present.map_or(String::new(), |b| format!("{b}\n")));
    }
    if has(words, &["-m", "-M", "--move"]) {
        let (from, to) = match rest.as_slice() {
            [to] => (present.clone().unwrap_or_default(), to.clone()),
            [from, to, ..] => (from.clone(), to.clone()),
            [] => return Said::fatal("branch name required"),
        };
        if let Some(id) = repo.reference(sys, &format!("refs/heads/{from}")) {
            repo.set_reference(sys, &format!("refs/heads/{to}"), &id);
            if from != to {
                _ = sys.unlink(&format!("{}/refs/heads/{from}", repo.git));
            }
        } else if present.as_deref() != Some(&from) {
            return Said::fatal(format!("no branch named '{from}'"));
        }
        if present.as_deref() == Some(&from) {
            repo.set_head(sys, &format!("ref: refs/heads/{to}"));
        }
        return Said::default();
    }
    if has(words, &["-d", "-D", "--delete"]) {
        let mut out = String::new();
        for name in rest {
            let Some(id) = repo.reference(sys, &format!("refs/heads/{name}")) else {
                return Said::error(format!("branch '{name}' not found"));
            };
            if present.as_deref() == Some(&name) {
                return Said::error(format!(
                    "cannot delete branch '{name}' used by worktree at '{}'",
                    repo.root
                ));
            }
            let head = repo.head(sys).unwrap_or_default();
            if has(words, &["-d", "--delete"]) && !reachable(sys, repo, &head).contains(&id) {
                return Said::error(format!(
                    "the branch '{name}' is not fully merged.\nIf you are sure you want to delete it, run 'git branch -D {name}'"
                ));
            }
            _ = sys.unlink(&format!("{}/refs/heads/{name}", repo.git));
            out.push_str(&format!("Deleted branch {name} (was {}).\n", id.get(..7).unwrap_or("")));
        }
        return Said::out(out);
    }
    if let Some(name) = rest.first() {
        let start = rest.get(1).cloned().unwrap_or_else(|| "HEAD".into());
        if repo.reference(sys, &format!("refs/heads/{name}")).is_some() {
            return Said::fatal(format!("a branch named '{name}' already exists"));
        }
        return match repo.resolve(sys, &start) {
            Some(id) => {
                repo.set_reference(sys, &format!("refs/heads/{name}"), &id);
                Said::default()
            }
            None => Said::fatal(format!(
                "not a valid object name: '{}'",
                if start == "HEAD" { present.unwrap_or(start) } else { start }
            )),
        };
    }
    let mut rows = Vec::new();
    if !has(words, &["-r"]) {
        rows.extend(repo.references(sys, "refs/heads").into_iter().map(|r| (r.0, r.1)));
    }
    if has(words, &["-a", "-r", "--all"]) {
        let prefix = if has(words, &["-r"]) { "" } else { "remotes/" };
        rows.extend(
            repo.references(sys, "refs/remotes").into_iter().map(|r| (format!("{prefix}{}", r.0), r.1)),
        );
    }
    let wide = rows.iter().map(|r| r.0.len()).max().unwrap_or(0);
    let mut out = String::new();
    if present.is_none()
        && let Some(head) = repo.head(sys)
    {
        out.push_str(&format!("* (HEAD detached at {})\n", head.get(..7).unwrap_or("")));
    }
    for (name, id) in rows {
        let mark = if present.as_deref() == Some(&name) { "*" } else { " " };
        if has(words, &["-v", "-vv"]) {
            let subject = repo.commit(sys, &id).map_or(String::new(), |c| c.subject().to_string());
            out.push_str(&format!("{mark} {name:wide$} {} {subject}\n", id.get(..7).unwrap_or("")));
        } else {
            out.push_str(&format!("{mark} {name}\n"));
        }
    }
    Said::out(out)
}

pub(super) fn tag(sys: &mut Sys<'_>, repo: &Repository, words: &Words) -> Said {
    let rest = plain(words, &["-m", "--message"]);
    if has(words, &["-d", "--delete"]) {
        let mut out = String::new();
        for name in rest {
            let Some(id) = repo.reference(sys, &format!("refs/tags/{name}")) else {
                return Said::error(format!("tag '{name}' not found."));
            };
            _ = sys.unlink(&format!("{}/refs/tags/{name}", repo.git));
            out.push_str(&format!("Deleted tag '{name}' (was {})\n", id.get(..7).unwrap_or("")));
        }
        return Said::out(out);
    }
    let Some(name) = rest.first().filter(|_| !has(words, &["-l", "--list"])) else {
        return Said::out(
            repo.references(sys, "refs/tags").iter().map(|r| format!("{}\n", r.0)).collect::<String>(),
        );
    };
    if repo.reference(sys, &format!("refs/tags/{name}")).is_some() && !has(words, &["-f", "--force"]) {
        return Said::fatal(format!("tag '{name}' already exists"));
    }
    let at = rest.get(1).cloned().unwrap_or_else(|| "HEAD".into());
    let Some(id) = repo.resolve(sys, &at) else {
        return Said::fatal(format!("Failed to resolve '{at}' as a valid ref."));
    };
    let message = value(words, &["-m", "--message", "-am"]);
    let id =
        match message.filter(|_| words.iter().any(|w| matches!(&**w, "-a" | "-m" | "-am" | "--annotate"))) {
            Some(message) => {
                let identity = match repo.identity(sys) {
                    Ok(identity) => identity,
                    Err(said) => return said,
                };
                let unix = sys.unix();
                let text = format!(
                    "object {id}\ntype commit\ntag {name}\ntagger {identity} {unix} +0000\n\n{message}\n"
                );
                repo.put(sys, "tag", text.as_bytes())
            }
            None => id,
        };
    repo.set_reference(sys, &format!("refs/tags/{name}"), &id);
    Said::default()
}

pub(super) fn rev_parse(sys: &mut Sys<'_>, repo: &Repository, words: &Words) -> Said {
    if has(words, &["--show-toplevel"]) {
        return Said::out(format!("{}\n", repo.root));
    }
    if has(words, &["--git-dir"]) {
        return Said::out(".git\n");
    }
    if has(words, &["--is-inside-work-tree"]) {
        return Said::out("true\n");
    }
    let mut out = String::new();
    for name in plain(words, &[]) {
        if has(words, &["--abbrev-ref"]) && name == "HEAD" {
            out.push_str(&format!("{}\n", repo.branch(sys).unwrap_or_else(|| "HEAD".into())));
            continue;
        }
        match repo.resolve(sys, &name) {
            Some(id) if words.iter().any(|w| w.starts_with("--short")) => {
                let digits = words
                    .iter()
                    .find_map(|w| w.strip_prefix("--short="))
                    .and_then(|d| d.parse().ok())
                    .unwrap_or(7usize);
                out.push_str(&format!("{}\n", id.get(..digits.clamp(4, 40)).unwrap_or(&id)));
            }
            Some(id) => out.push_str(&format!("{id}\n")),
            None => {
                return Said {
                    out: format!("{name}\n"),
                    ..Said::fatal(format!(
                        "ambiguous argument '{name}': unknown revision or path not in the working tree.\nUse '--' to separate paths from revisions, like this:\n'git <command> [<revision>...] -- [<file>...]'"
                    ))
                };
            }
        }
    }
    Said::out(out)
}

pub(super) fn describe(sys: &mut Sys<'_>, repo: &Repository) -> Said {
    let Some(head) = repo.head(sys) else { return Said::fatal("No names found, cannot describe anything.") };
    let tags = repo.references(sys, "refs/tags");
    for (steps, id) in reachable(sys, repo, &head).iter().enumerate() {
        for (name, at) in &tags {
            if repo.commit(sys, at).is_some_and(|c| c.id == *id) {
                return Said::out(if steps == 0 {
                    format!("{name}\n")
                } else {
                    format!("{name}-{steps}-g{}\n", head.get(..7).unwrap_or(""))
                });
            }
        }
    }
    Said::fatal("No names found, cannot describe anything.")
}
