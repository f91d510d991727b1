//! A repository's place, its settings, references and index.

use super::objects::Files;
use super::{Said, Words, has, plain};
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use crate::utilities::support::join;
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

pub(super) struct Repository {
    /// The working tree and the `.git` folder in it.
    pub(super) root: String,
    pub(super) git: String,
    /// `-c name=value`
    pub(super) settings: Vec<Arc<str>>,
}

pub(super) fn read_text(sys: &mut Sys<'_>, path: &str) -> Option<String> {
    sys.read_file(path).ok().map(|b| String::from_utf8_lossy(&b).into_owned())
}

impl Repository {
    pub(super) fn at(root: &str) -> Repository {
        Repository { root: root.into(), git: join(root, ".git"), settings: Vec::new() }
    }
    /// The repository of the working directory.
    pub(super) fn find(sys: &mut Sys<'_>) -> Option<Repository> {
        let mut at = sys.cwd().to_string();
        loop {
            if sys.stat(&join(&at, ".git/HEAD")).is_ok() {
                return Some(Repository::at(&at));
            }
            if at == "/" {
                return None;
            }
            at = crate::filesystem::parent(&at).to_string();
        }
    }
    /// A path as typed, from the root of the working tree.
    pub(super) fn relative(&self, sys: &Sys<'_>, path: &str) -> Option<String> {
        let full = crate::filesystem::normalise(&sys.cwd(), path);
        if full == self.root {
            return Some(String::new());
        }
        let root = if self.root == "/" { "" } else { &*self.root };
        full.strip_prefix(root)?.strip_prefix('/').map(String::from)
    }
    pub(super) fn full(&self, path: &str) -> String {
        join(&self.root, path)
    }
    /// The branch HEAD is on; none when detached.
    pub(super) fn branch(&self, sys: &mut Sys<'_>) -> Option<String> {
        let head = read_text(sys, &join(&self.git, "HEAD"))?;
        head.trim().strip_prefix("ref: refs/heads/").map(String::from)
    }
    pub(super) fn set_head(&self, sys: &mut Sys<'_>, text: &str) {
        _ = sys.write_file(&join(&self.git, "HEAD"), format!("{text}\n").as_bytes(), false);
    }
    pub(super) fn reference(&self, sys: &mut Sys<'_>, name: &str) -> Option<String> {
        read_text(sys, &join(&self.git, name)).map(|t| t.trim().to_string()).filter(|t| t.len() == 40)
    }
    pub(super) fn set_reference(&self, sys: &mut Sys<'_>, name: &str, id: &str) {
        let path = join(&self.git, name);
        _ = sys.make_folders(crate::filesystem::parent(&path));
        _ = sys.write_file(&path, format!("{id}\n").as_bytes(), false);
    }
    /// The commit HEAD is at.
    pub(super) fn head(&self, sys: &mut Sys<'_>) -> Option<String> {
        match self.branch(sys) {
            Some(branch) => self.reference(sys, &format!("refs/heads/{branch}")),
            None => self.reference(sys, "HEAD"),
        }
    }
    /// Moves the present branch, or HEAD itself when detached.
    pub(super) fn advance(&self, sys: &mut Sys<'_>, id: &str) {
        match self.branch(sys) {
            Some(branch) => self.set_reference(sys, &format!("refs/heads/{branch}"), id),
            None => self.set_head(sys, id),
        }
    }
    /// Names below `refs/heads`, `refs/tags` or `refs/remotes/origin`, with what they point to.
    pub(super) fn references(&self, sys: &mut Sys<'_>, below: &str) -> Vec<(String, String)> {
        let mut out = Vec::new();
        let mut open = vec![String::new()];
        while let Some(prefix) = open.pop() {
            let folder = format!("{}/{below}/{prefix}", self.git);
            for name in sys.list(&folder).unwrap_or_default() {
                let own = format!("{prefix}{name}");
                if sys
                    .stat(&format!("{}/{below}/{own}", self.git))
                    .is_ok_and(|s| s.kind == FileKind::Directory)
                {
                    if open.len() < 100 {
                        open.push(format!("{own}/"));
                    }
                } else if let Some(id) = self.reference(sys, &format!("{below}/{own}")) {
                    out.push((own, id));
                }
            }
        }
        out.arrange();
        out
    }
    /// The object a name stands for: HEAD, branches, tags, short ids, `~N`, `^`.
    pub(super) fn resolve(&self, sys: &mut Sys<'_>, name: &str) -> Option<String> {
        let cut = name.find(['~', '^']).unwrap_or(name.len());
        let (base, steps) = name.split_at(cut);
        let mut id = match base {
            "HEAD" | "@" => self.head(sys)?,
            _ => ["refs/heads/", "refs/tags/", "refs/remotes/", ""]
                .iter()
                .find_map(|p| self.reference(sys, &format!("{p}{base}")))
                .or_else(|| self.abbreviated(sys, base))?,
        };
        let mut rest = steps.chars().peekable();
        while let Some(c) = rest.next() {
            let mut digits = String::new();
            while let Some(d) = rest.next_if(char::is_ascii_digit) {
                digits.push(d);
            }
            let n: usize = digits.parse().unwrap_or(1);
            let count = if c == '~' { n } else { usize::from(n > 0) };
            for _ in 0..count.min(10_000) {
                let commit = self.commit(sys, &id)?;
                id = commit.parents.get(if c == '^' && n > 1 { n - 1 } else { 0 })?.clone();
            }
        }
        Some(id)
    }
    fn abbreviated(&self, sys: &mut Sys<'_>, text: &str) -> Option<String> {
        if text.len() < 4 || text.len() > 40 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let (folder, rest) = text.split_at_checked(2)?;
        let names = sys.list(&format!("{}/objects/{folder}", self.git)).ok()?;
        names.into_iter().find(|n| n.starts_with(rest)).map(|n| format!("{folder}{n}"))
    }
    /// What is staged.
    pub(super) fn index(&self, sys: &mut Sys<'_>) -> Files {
        let text = read_text(sys, &join(&self.git, "index")).unwrap_or_default();
        let row = |line: &str| {
            let mut parts = line.splitn(3, ' ');
            let (mode, id) = (parts.next()?.to_string(), parts.next()?.to_string());
            Some((parts.next()?.to_string(), (mode, id)))
        };
        text.lines().filter_map(row).collect()
    }
    pub(super) fn set_index(&self, sys: &mut Sys<'_>, files: &Files) {
        let text: String = files.iter().map(|(path, (mode, id))| format!("{mode} {id} {path}\n")).collect();
        _ = sys.write_file(&join(&self.git, "index"), text.as_bytes(), false);
    }
    /// A setting: of the command line, the repository, the user.
    pub(super) fn setting(&self, sys: &mut Sys<'_>, name: &str) -> Option<String> {
        let given = self.settings.iter().rev().find_map(|s| {
            s.split_once('=').filter(|s| s.0.eq_ignore_ascii_case(name)).map(|s| s.1.to_string())
        });
        given.or_else(|| {
            let own = read_text(sys, &join(&self.git, "config")).and_then(|t| find_setting(&t, name));
            own.or_else(|| read_text(sys, &user_file(sys)).and_then(|t| find_setting(&t, name)))
        })
    }
    /// `Name <mail>`, or what is missing.
    pub(super) fn identity(&self, sys: &mut Sys<'_>) -> Result<String, Said> {
        let from_env = |sys: &Sys<'_>, n: &str| sys.env(n).map(|v| v.to_string());
        let name = from_env(sys, "GIT_AUTHOR_NAME").or_else(|| self.setting(sys, "user.name"));
        let mail = from_env(sys, "GIT_AUTHOR_EMAIL").or_else(|| self.setting(sys, "user.email"));
        match (name, mail) {
            (Some(name), Some(mail)) => Ok(format!("{name} <{mail}>")),
            _ => {
                let uid = sys.process().map_or(0, |p| p.uid);
                let (user, host) = (crate::utilities::accounts::user_name(sys, uid), sys.hostname());
                Err(Said {
                    err: format!(
                        "Author identity unknown\n\n*** Please tell me who you are.\n\nRun\n\n  git config --global user.email \"you@example.com\"\n  git config --global user.name \"Your Name\"\n\nto set your account's default identity.\nOmit --global to set the identity only in this repository.\n\nfatal: unable to auto-detect email address (got '{user}@{host}.(none)')\n"
                    ),
                    code: 128,
                    ..Said::default()
                })
            }
        }
    }
}

fn user_file(sys: &Sys<'_>) -> String {
    join(&sys.env("HOME").unwrap_or_else(|| "/root".into()), ".gitconfig")
}

/// `remote.origin.url` in the words of a configuration file.
pub(super) fn find_setting(text: &str, name: &str) -> Option<String> {
    settings(text).into_iter().rev().find(|s| s.0.eq_ignore_ascii_case(name)).map(|s| s.1)
}

pub(super) fn settings(text: &str) -> Vec<(String, String)> {
    let (mut section, mut out) = (String::new(), Vec::new());
    for line in text.lines().map(str::trim) {
        if let Some(head) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = match head.split_once(' ') {
                Some((name, sub)) => format!("{}.{}", name.to_lowercase(), sub.trim_matches('"')),
                None => head.to_lowercase(),
            };
        } else if let Some((key, value)) = line.split_once('=') {
            out.push((
                format!("{section}.{}", key.trim().to_lowercase()),
                value.trim().trim_matches('"').to_string(),
            ));
        }
    }
    out
}

/// The text with a setting put in, or taken out.
pub(super) fn with_setting(text: &str, name: &str, value: Option<&str>) -> String {
    let mut all: Vec<(String, String)> = settings(text);
    all.retain(|s| !s.0.eq_ignore_ascii_case(name));
    all.extend(value.map(|v| (name.to_string(), v.to_string())));
    let mut sections: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for (name, value) in all {
        let (section, key) = name.rsplit_once('.').unwrap_or(("core", &name));
        match sections.iter_mut().find(|s| s.0 == section) {
            Some(found) => found.1.push((key.into(), value)),
            None => sections.push((section.into(), vec![(key.into(), value)])),
        }
    }
    let mut out = String::new();
    for (section, pairs) in sections {
        out.push_str(&match section.split_once('.') {
            Some((name, sub)) => format!("[{name} \"{sub}\"]\n"),
            None => format!("[{section}]\n"),
        });
        for (key, value) in pairs {
            out.push_str(&format!("\t{key} = {value}\n"));
        }
    }
    out
}

pub(super) fn config(sys: &mut Sys<'_>, repo: Option<&Repository>, words: &Words) -> Said {
    let global = has(words, &["--global", "--system"]);
    let file = match (global, repo) {
        (false, Some(repo)) => join(&repo.git, "config"),
        _ => user_file(sys),
    };
    let text = read_text(sys, &file).unwrap_or_default();
    let rest = plain(words, &[]);
    if has(words, &["-l", "--list"]) {
        let mut all =
            if global { Vec::new() } else { settings(&read_text(sys, &user_file(sys)).unwrap_or_default()) };
        if global || repo.is_some() {
            all.extend(settings(&text));
        }
        return Said::out(all.iter().map(|s| format!("{}={}\n", s.0, s.1)).collect::<String>());
    }
    if !global && repo.is_none() && rest.len() > 1 {
        return Said::fatal("not in a git directory");
    }
    let unset = has(words, &["--unset", "--unset-all"]);
    match rest.as_slice() {
        [] => Said { err: "usage: git config [<options>]\n".into(), code: 129, ..Said::default() },
        [name, ..] if !name.contains('.') => Said::error(format!("key does not contain a section: {name}")),
        [name] if !unset => {
            let found = match repo.filter(|_| !global) {
                Some(repo) => repo.setting(sys, name),
                None => find_setting(&text, name),
            };
            match found {
                Some(value) => Said::out(format!("{value}\n")),
                None => Said { code: 1, ..Said::default() },
            }
        }
        [name, rest @ ..] => {
            let value = rest.first().map(String::as_str).filter(|_| !unset);
            match sys.write_file(&file, with_setting(&text, name, value).as_bytes(), false) {
                Ok(()) => Said::default(),
                Err(errno) => Said {
                    err: format!("error: could not lock config file {file}: {errno}\n"),
                    code: 255,
                    ..Said::default()
                },
            }
        }
    }
}

pub(super) fn init(sys: &mut Sys<'_>, words: &Words) -> Said {
    let rest = plain(words, &["-b", "--initial-branch"]);
    let branch = super::value(words, &["-b", "--initial-branch"]).unwrap_or_else(|| "main".into());
    let root = crate::filesystem::normalise(&sys.cwd(), rest.first().map_or(".", |r| r));
    let repo = Repository::at(&root);
    let again = sys.stat(&join(&repo.git, "HEAD")).is_ok();
    if let Err(errno) = make(sys, &repo, &branch) {
        return Said::fatal(format!("cannot mkdir {}: {errno}", repo.git));
    }
    let what = if again { "Reinitialized existing" } else { "Initialized empty" };
    if has(words, &["-q", "--quiet"]) {
        Said::default()
    } else {
        Said::out(format!("{what} Git repository in {}/\n", repo.git))
    }
}

/// The folders and files of a new repository; what is there already stays.
pub(super) fn make(sys: &mut Sys<'_>, repo: &Repository, branch: &str) -> Result<(), crate::Errno> {
    for folder in ["objects", "refs/heads", "refs/tags", "info", "hooks"] {
        sys.make_folders(&join(&repo.git, folder))?;
    }
    if sys.stat(&join(&repo.git, "HEAD")).is_err() {
        repo.set_head(sys, &format!("ref: refs/heads/{branch}"));
        let text = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = true\n";
        sys.write_file(&join(&repo.git, "config"), text.as_bytes(), false)?;
    }
    Ok(())
}
