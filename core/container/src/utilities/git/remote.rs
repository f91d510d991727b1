//! Repositories elsewhere: clone, remote, fetch, pull, push, ls-remote. A remote is what was pushed to its
//! URL before, kept on the host, or one of the course's samples; paths of the file system work, too.

use super::elsewhere::{FORGES, Remote, gather, host, is_url, load, parts, store, take};
use super::repository::{Repository, make, read_text, settings, with_setting};
use super::{Said, Words, has, plain, value};
use crate::sys::Sys;
use crate::utilities::support::join;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(super) fn clone(sys: &mut Sys<'_>, words: &Words) -> Said {
    let rest = plain(words, &["-b", "--branch", "--depth", "-o", "--origin", "-c"]);
    let Some(url) = rest.first().cloned() else {
        return Said { err: "fatal: You must specify a repository to clone.\n\nusage: git clone [<options>] [--] <repo> [<dir>]\n".into(), code: 129, ..Said::default() };
    };
    let name = url
        .trim_end_matches('/')
        .trim_end_matches(".git")
        .rsplit(['/', ':'])
        .next()
        .unwrap_or("repository")
        .to_string();
    let folder = rest.get(1).cloned().unwrap_or(name);
    let root = crate::filesystem::normalise(&sys.cwd(), &folder);
    if sys.list(&root).is_ok_and(|l| !l.is_empty()) {
        return Said::fatal(format!(
            "destination path '{folder}' already exists and is not an empty directory."
        ));
    }
    let quiet = has(words, &["-q", "--quiet"]);
    let begin = if quiet { String::new() } else { format!("Cloning into '{folder}'...\n") };
    let remote = match load(sys, &url) {
        Ok(remote) => remote,
        Err(mut said) => {
            said.err.insert_str(0, &begin);
            return said;
        }
    };
    let repo = Repository::at(&root);
    let heads: Vec<&String> = remote.references.keys().filter(|r| r.starts_with("refs/heads/")).collect();
    let first = heads
        .iter()
        .find(|h| h.ends_with("/main"))
        .or(heads.iter().find(|h| h.ends_with("/master")))
        .or(heads.first());
    let branch = value(words, &["-b", "--branch"]);
    if let Some(wanted) = &branch
        && !remote.references.contains_key(&format!("refs/heads/{wanted}"))
        && !remote.references.contains_key(&format!("refs/tags/{wanted}"))
    {
        return Said {
            err: format!(
                "{begin}warning: Could not find remote branch {wanted} to clone.\nfatal: Remote branch {wanted} not found in upstream origin\n"
            ),
            code: 128,
            ..Said::default()
        };
    }
    let branch = branch
        .or_else(|| first.map(|f| f.trim_start_matches("refs/heads/").to_string()))
        .unwrap_or_else(|| "main".into());
    if let Err(errno) = make(sys, &repo, &branch) {
        return Said::fatal(format!("could not create work tree dir '{folder}': {errno}"));
    }
    take(sys, &repo, &remote);
    let file = join(&repo.git, "config");
    let text = read_text(sys, &file).unwrap_or_default();
    let full = if is_url(&url) { url.clone() } else { crate::filesystem::normalise(&sys.cwd(), &url) };
    let text = with_setting(&text, "remote.origin.url", Some(&full));
    let text = with_setting(&text, "remote.origin.fetch", Some("+refs/heads/*:refs/remotes/origin/*"));
    _ = sys.write_file(&file, text.as_bytes(), false);
    for (name, id) in &remote.references {
        match name.strip_prefix("refs/heads/") {
            Some(name) => repo.set_reference(sys, &format!("refs/remotes/origin/{name}"), id),
            None => repo.set_reference(sys, name, id),
        }
    }
    let mut tail = String::new();
    if let Some(id) = remote.references.get(&format!("refs/heads/{branch}")) {
        repo.set_reference(sys, &format!("refs/heads/{branch}"), id);
        super::checkout::follow(sys, &repo, &branch);
        let files = repo.files_at(sys, Some(id));
        super::checkout::place(sys, &repo, &files, false);
    } else if let Some(id) = remote.references.get(&format!("refs/tags/{branch}")) {
        repo.set_head(sys, id);
        let files = repo.files_at(sys, Some(id));
        super::checkout::place(sys, &repo, &files, false);
    } else {
        tail = "warning: You appear to have cloned an empty repository.\n".into();
    }
    let done = if is_url(&url) { "" } else { "done.\n" };
    let err = if quiet { String::new() } else { format!("{begin}{tail}{done}") };
    Said { err, ms: if is_url(&url) { 900 } else { 0 }, ..Said::default() }
}

/// The URL of a remote, by name or as it is.
fn url_of(sys: &mut Sys<'_>, repo: &Repository, name: &str) -> Option<String> {
    repo.setting(sys, &format!("remote.{name}.url")).or_else(|| is_url(name).then(|| name.to_string()))
}

fn no_remote(name: &str) -> Said {
    Said::fatal(format!(
        "'{name}' does not appear to be a git repository\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists."
    ))
}

pub(super) fn remote(sys: &mut Sys<'_>, repo: &Repository, words: &Words) -> Said {
    let file = join(&repo.git, "config");
    let text = read_text(sys, &file).unwrap_or_default();
    let rest = plain(words, &[]);
    let verb = rest.first().map_or("", |r| r);
    let name = rest.get(1).cloned().unwrap_or_default();
    let known = |name: &str| settings(&text).iter().any(|s| s.0 == format!("remote.{name}.url"));
    match verb {
        "" => {
            let mut out = String::new();
            for (key, url) in settings(&text) {
                if let Some(name) = key.strip_prefix("remote.").and_then(|k| k.strip_suffix(".url")) {
                    out.push_str(&if has(words, &["-v"]) {
                        format!("{name}\t{url} (fetch)\n{name}\t{url} (push)\n")
                    } else {
                        format!("{name}\n")
                    });
                }
            }
            Said::out(out)
        }
        "add" if known(&name) => {
            Said { err: format!("error: remote {name} already exists.\n"), code: 3, ..Said::default() }
        }
        "add" => {
            let Some(url) = rest.get(2) else {
                return Said {
                    err: "usage: git remote add [<options>] <name> <url>\n".into(),
                    code: 129,
                    ..Said::default()
                };
            };
            let text = with_setting(&text, &format!("remote.{name}.url"), Some(url));
            let text = with_setting(
                &text,
                &format!("remote.{name}.fetch"),
                Some(&format!("+refs/heads/*:refs/remotes/{name}/*")),
            );
            _ = sys.write_file(&file, text.as_bytes(), false);
            Said::default()
        }
        _ if !known(&name) => {
            Said { err: format!("error: No such remote '{name}'\n"), code: 2, ..Said::default() }
        }
        "remove" | "rm" => {
            let text = with_setting(
                &with_setting(&text, &format!("remote.{name}.url"), None),
                &format!("remote.{name}.fetch"),
                None,
            );
            _ = sys.write_file(&file, text.as_bytes(), false);
            Said::default()
        }
        "set-url" => {
            let text = with_setting(&text, &format!("remote.{name}.url"), rest.get(2).map(String::as_str));
            _ = sys.write_file(&file, text.as_bytes(), false);
            Said::default()
        }
        "get-url" => {
            Said::out(format!("{}\n", repo.setting(sys, &format!("remote.{name}.url")).unwrap_or_default()))
        }
        "rename" => {
            let to = rest.get(2).cloned().unwrap_or_default();
            let url = repo.setting(sys, &format!("remote.{name}.url")).unwrap_or_default();
            let text = with_setting(
                &with_setting(&text, &format!("remote.{name}.url"), None),
                &format!("remote.{name}.fetch"),
                None,
            );
            let text = with_setting(&text, &format!("remote.{to}.url"), Some(&url));
            _ = sys.write_file(&file, text.as_bytes(), false);
            Said::default()
        }
        "show" => Said::out(format!(
            "* remote {name}\n  Fetch URL: {0}\n  Push  URL: {0}\n",
            repo.setting(sys, &format!("remote.{name}.url")).unwrap_or_default()
        )),
        other => Said {
            err: format!("error: unknown subcommand: `{other}'\nusage: git remote [-v | --verbose]\n"),
            code: 129,
            ..Said::default()
        },
    }
}

pub(super) fn list(sys: &mut Sys<'_>, repo: Option<&Repository>, words: &Words) -> Said {
    let name = plain(words, &[]).first().cloned().unwrap_or_else(|| "origin".into());
    let url = match repo {
        Some(repo) => url_of(sys, repo, &name),
        None => Some(name.clone()),
    };
    let Some(url) = url else { return no_remote(&name) };
    match load(sys, &url) {
        Ok(remote) => {
            Said::out(remote.references.iter().map(|(n, id)| format!("{id}\t{n}\n")).collect::<String>())
        }
        Err(said) => said,
    }
}

pub(super) fn fetch(sys: &mut Sys<'_>, repo: &Repository, words: &Words) -> Said {
    let name = plain(words, &[]).first().cloned().unwrap_or_else(|| "origin".into());
    let Some(url) = url_of(sys, repo, &name) else { return no_remote(&name) };
    let remote = match load(sys, &url) {
        Ok(remote) => remote,
        Err(said) => return said,
    };
    take(sys, repo, &remote);
    let mut rows = String::new();
    for (reference, id) in &remote.references {
        let (own, short) = match reference.strip_prefix("refs/heads/") {
            Some(branch) => (format!("refs/remotes/{name}/{branch}"), branch.to_string()),
            None => (reference.clone(), reference.trim_start_matches("refs/tags/").to_string()),
        };
        let old = repo.reference(sys, &own);
        if old.as_ref() == Some(id) {
            continue;
        }
        let is_tag = reference.starts_with("refs/tags/");
        let shown = if is_tag { short.clone() } else { format!("{name}/{short}") };
        rows.push_str(&match old {
            Some(old) => format!(
                "   {}..{}  {short:<10} -> {shown}\n",
                old.get(..7).unwrap_or(""),
                id.get(..7).unwrap_or("")
            ),
            None if is_tag => format!(" * [new tag]         {short:<10} -> {shown}\n"),
            None => format!(" * [new branch]      {short:<10} -> {shown}\n"),
        });
        repo.set_reference(sys, &own, id);
    }
    let err = if rows.is_empty() { rows } else { format!("From {}\n{rows}", url.trim_end_matches(".git")) };
    Said { err, ms: 500, ..Said::default() }
}

pub(super) fn pull(sys: &mut Sys<'_>, repo: &mut Repository, words: &Words) -> Said {
    let rest = plain(words, &[]);
    let branch = repo.branch(sys).unwrap_or_default();
    let name = rest.first().cloned().or_else(|| repo.setting(sys, &format!("branch.{branch}.remote")));
    let Some(name) = name else {
        return Said {
            err: format!(
                "There is no tracking information for the current branch.\nPlease specify which branch you want to merge with.\nSee git-pull(1) for details.\n\n    git pull <remote> <branch>\n\nIf you wish to set tracking information for this branch you can do so with:\n\n    git branch --set-upstream-to=<remote>/<branch> {branch}\n\n"
            ),
            code: 1,
            ..Said::default()
        };
    };
    let mut fetched = fetch(sys, repo, &[name.as_str().into()]);
    if fetched.code != 0 {
        return fetched;
    }
    let theirs = rest.get(1).cloned().unwrap_or(branch);
    let merged = super::work::merge(sys, repo, &[format!("{name}/{theirs}").into()]);
    fetched.out.push_str(&merged.out);
    fetched.err.push_str(&merged.err);
    fetched.code = merged.code;
    fetched
}

pub(super) fn push(sys: &mut Sys<'_>, repo: &Repository, words: &Words) -> Said {
    let rest = plain(words, &["-o", "--push-option"]);
    let branch = repo.branch(sys);
    let name = rest.first().cloned().or_else(|| {
        let follows = branch.as_ref().and_then(|b| repo.setting(sys, &format!("branch.{b}.remote")));
        follows.or_else(|| repo.setting(sys, "remote.origin.url").map(|_| "origin".to_string()))
    });
    let Some(name) = name else {
        return Said::fatal(
            "No configured push destination.\nEither specify the URL from the command-line or configure a remote repository using\n\n    git remote add <name> <url>\n\nand then push using the remote name\n\n    git push <name>\n",
        );
    };
    let Some(url) = url_of(sys, repo, &name) else { return no_remote(&name) };
    let upstream = has(words, &["-u", "--set-upstream"]);
    if rest.len() < 2 && !has(words, &["--all", "--tags"]) {
        let Some(branch) = &branch else { return Said::fatal("You are not currently on a branch.") };
        if !upstream && repo.setting(sys, &format!("branch.{branch}.remote")).is_none() {
            return Said::fatal(format!(
                "The current branch {branch} has no upstream branch.\nTo push the current branch and set the remote as upstream, use\n\n    git push --set-upstream {name} {branch}\n\nTo have this happen automatically for branches without a tracking\nupstream, see 'push.autoSetupRemote' in 'git help config'.\n"
            ));
        }
    }
    let mut specs: Vec<(String, String)> = Vec::new();
    for spec in rest.iter().skip(1) {
        let spec = spec.trim_start_matches('+');
        let (from, to) = spec.split_once(':').unwrap_or((spec, spec));
        specs.push((from.into(), to.into()));
    }
    if has(words, &["--tags"]) {
        specs.extend(repo.references(sys, "refs/tags").into_iter().map(|r| (r.0.clone(), r.0)));
    }
    if has(words, &["--all"]) {
        specs.extend(repo.references(sys, "refs/heads").into_iter().map(|r| (r.0.clone(), r.0)));
    }
    if specs.is_empty() {
        specs.extend(branch.iter().map(|b| (b.clone(), b.clone())));
    }
    let mut remote = match load(sys, &url) {
        Ok(remote) => remote,
        // The first push makes the repository of the learner's own account.
        Err(_) if is_url(&url) && FORGES.contains(&&*parts(&url).0) && !parts(&url).1.is_empty() => {
            Remote::default()
        }
        Err(said) => return said,
    };
    let (mut rows, mut failed) = (String::new(), String::new());
    for (from, to) in specs {
        let to = if to == "HEAD" { branch.clone().unwrap_or_default() } else { to };
        let is_tag = repo.reference(sys, &format!("refs/tags/{from}")).is_some();
        let prefix = if is_tag { "refs/tags/" } else { "refs/heads/" };
        let full = if to.starts_with("refs/") { to.clone() } else { format!("{prefix}{to}") };
        if from.is_empty() {
            rows.push_str(&match remote.references.remove(&full) {
                Some(_) => format!(" - [deleted]         {to}\n"),
                None => return Said::error(format!("unable to delete '{to}': remote ref does not exist\nerror: failed to push some refs to '{url}'")),
            });
            continue;
        }
        let Some(id) = repo.resolve(sys, &from) else {
            return Said {
                err: format!(
                    "error: src refspec {from} does not match any\nerror: failed to push some refs to '{url}'\n"
                ),
                code: 1,
                ..Said::default()
            };
        };
        let old = remote.references.get(&full).cloned();
        if old.as_ref() == Some(&id) {
            continue;
        }
        let known = super::history::reachable(sys, repo, &id);
        if let Some(old) = &old
            && !known.contains(old)
            && !has(words, &["-f", "--force", "--force-with-lease"])
        {
            failed.push_str(&format!(" ! [rejected]        {from} -> {to} (fetch first)\n"));
            continue;
        }
        gather(sys, repo, &id, &mut remote.objects);
        rows.push_str(&match old {
            Some(old) => {
                format!("   {}..{}  {from} -> {to}\n", old.get(..7).unwrap_or(""), id.get(..7).unwrap_or(""))
            }
            None if is_tag => format!(" * [new tag]         {from} -> {to}\n"),
            None => format!(" * [new branch]      {from} -> {to}\n"),
        });
        remote.references.insert(full, id.clone());
        if !is_tag {
            repo.set_reference(sys, &format!("refs/remotes/{name}/{to}"), &id);
        }
    }
    if !failed.is_empty() {
        return Said {
            err: format!(
                "To {url}\n{failed}error: failed to push some refs to '{url}'\nhint: Updates were rejected because the remote contains work that you do not\nhint: have locally. This is usually caused by another repository pushing to\nhint: the same ref. If you want to integrate the remote changes, use\nhint: 'git pull' before pushing again.\nhint: See the 'Note about fast-forwards' in 'git push --help' for details.\n"
            ),
            code: 1,
            ..Said::default()
        };
    }
    if is_url(&url) {
        let mut text: String = remote.references.iter().map(|(n, id)| format!("ref {n} {id}\n")).collect();
        text.extend(
            remote.objects.iter().map(|(id, data)| format!("object {id} {}\n", STANDARD.encode(data))),
        );
        let at = host(sys);
        if let Err(errno) = sys.machines.write_file(at, &store(&url), text.as_bytes(), 0) {
            return Said::fatal(format!("unable to access '{url}': {errno}"));
        }
    } else {
        let target = Repository::at(&crate::filesystem::normalise(&sys.cwd(), &url));
        take(sys, &target, &remote);
        for (reference, id) in &remote.references {
            target.set_reference(sys, reference, id);
        }
    }
    let mut out = String::new();
    if upstream && let Some(branch) = &branch {
        super::checkout::follow(sys, repo, branch);
        out = format!("branch '{branch}' set up to track '{name}/{branch}'.\n");
    }
    let err = if rows.is_empty() { "Everything up-to-date\n".into() } else { format!("To {url}\n{rows}") };
    Said { out, err, ms: 800, ..Said::default() }
}
