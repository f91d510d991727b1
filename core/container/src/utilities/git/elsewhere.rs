//! What is at a URL: references and objects pushed there before, samples, folders.

use super::Said;
use super::objects::Files;
use super::repository::{Repository, make};
use super::samples;
use crate::space::SpaceId;
use crate::sys::Sys;
use crate::utilities::support::join;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;

/// What is at a URL: references and objects.
#[derive(Default)]
pub(super) struct Remote {
    pub(super) references: BTreeMap<String, String>,
    pub(super) objects: BTreeMap<String, Vec<u8>>,
}

/// Where URLs' contents are kept: on the host below the caller.
pub(super) fn host(sys: &Sys<'_>) -> SpaceId {
    let Some(space) = sys.process().and_then(|p| sys.machines.space(p.space)) else {
        return SpaceId::default();
    };
    if space.is_host() { sys.process().map(|p| p.space).unwrap_or_default() } else { space.host }
}

pub(super) fn store(url: &str) -> String {
    let plain = url.trim_end_matches('/').trim_end_matches(".git");
    let plain =
        plain.split("://").last().unwrap_or(plain).rsplit('@').next().unwrap_or(plain).replace(':', "/");
    let safe: Vec<&str> = plain.split('/').filter(|p| !p.is_empty() && *p != ".." && *p != ".").collect();
    format!("/var/lib/drydock/git/{}", safe.join("/"))
}

/// Host and path of a URL.
pub(super) fn parts(url: &str) -> (String, String) {
    let plain = url.trim_end_matches('/').trim_end_matches(".git");
    let rest = plain.split("://").last().unwrap_or(plain).rsplit('@').next().unwrap_or(plain);
    let cut = rest.find(['/', ':']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(cut);
    (host.to_lowercase(), path.trim_start_matches(['/', ':']).to_string())
}

pub(super) const FORGES: [&str; 4] = ["github.com", "gitlab.com", "bitbucket.org", "git.drydock.local"];

pub(super) fn is_url(text: &str) -> bool {
    text.contains("://") || (text.contains('@') && text.contains(':'))
}

pub(super) fn load(sys: &mut Sys<'_>, url: &str) -> Result<Remote, Said> {
    if !is_url(url) {
        return of_folder(sys, url).ok_or_else(|| Said::fatal(format!("repository '{url}' does not exist")));
    }
    let at = host(sys);
    if let Ok(bytes) = sys.machines.read_file(at, &store(url)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut remote = Remote::default();
        for line in text.lines() {
            let mut words = line.split(' ');
            match (words.next(), words.next(), words.next()) {
                (Some("ref"), Some(name), Some(id)) => _ = remote.references.insert(name.into(), id.into()),
                (Some("object"), Some(id), Some(data)) => {
                    _ = remote.objects.insert(id.into(), STANDARD.decode(data).unwrap_or_default())
                }
                _ => {}
            }
        }
        return Ok(remote);
    }
    let (name, path) = parts(url);
    if let Some(files) = samples::find(&path) {
        return Ok(sample(sys, &path, files));
    }
    if !FORGES.contains(&&*name) {
        let plain = url.trim_end_matches('/');
        return Err(Said::fatal(format!("unable to access '{plain}/': Could not resolve host: {name}")));
    }
    let mut said = Said::fatal(format!("repository '{}/' not found", url.trim_end_matches('/')));
    said.err.insert_str(0, "remote: Repository not found.\n");
    Err(said)
}

/// A sample as a repository of one commit, the same in every world.
fn sample(sys: &mut Sys<'_>, path: &str, files: &[(&str, &str)]) -> Remote {
    let scratch = Repository::at("/tmp/.drydock-sample");
    _ = make(sys, &scratch, "main");
    let mut index = Files::new();
    for (name, text) in files {
        let id = scratch.put(sys, "blob", text.as_bytes());
        let mode = if text.starts_with("#!") { "100755" } else { "100644" };
        index.insert((*name).into(), (mode.into(), id));
    }
    let tree = scratch.write_tree(sys, &index, "");
    let author = format!("{} <{0}@users.example>", path.split('/').next().unwrap_or("course"));
    let text = format!(
        "tree {tree}\nauthor {author} 1700000000 +0000\ncommitter {author} 1700000000 +0000\n\nInitial commit\n"
    );
    let id = scratch.put(sys, "commit", text.as_bytes());
    let mut remote = Remote::default();
    gather(sys, &scratch, &id, &mut remote.objects);
    let branch = if samples::MASTER.contains(&path) { "master" } else { "main" };
    remote.references.insert(format!("refs/heads/{branch}"), id);
    let everything =
        crate::utilities::support::Opts { given: vec![('r', None), ('f', None)], args: Vec::new() };
    _ = crate::utilities::remove::remove(sys, &scratch.root, &everything, 0);
    remote
}

fn of_folder(sys: &mut Sys<'_>, path: &str) -> Option<Remote> {
    let root = crate::filesystem::normalise(&sys.cwd(), path);
    let repo = Repository::at(&root);
    sys.stat(&join(&repo.git, "HEAD")).ok()?;
    let mut remote = Remote::default();
    for (folder, prefix) in [("refs/heads", "refs/heads/"), ("refs/tags", "refs/tags/")] {
        for (name, id) in repo.references(sys, folder) {
            gather(sys, &repo, &id, &mut remote.objects);
            remote.references.insert(format!("{prefix}{name}"), id);
        }
    }
    Some(remote)
}

/// Every object below one, as it is stored.
pub(super) fn gather(sys: &mut Sys<'_>, repo: &Repository, id: &str, out: &mut BTreeMap<String, Vec<u8>>) {
    let mut open = vec![id.to_string()];
    while let Some(id) = open.pop() {
        if out.contains_key(&id) || out.len() > 50_000 {
            continue;
        }
        let Some((kind, data)) = repo.get(sys, &id) else { continue };
        match kind.as_str() {
            "commit" | "tag" => {
                let text = String::from_utf8_lossy(&data).into_owned();
                for line in text.lines().take_while(|l| !l.is_empty()) {
                    if let Some((_, id)) =
                        line.split_once(' ').filter(|l| matches!(l.0, "tree" | "parent" | "object"))
                    {
                        open.push(id.to_string());
                    }
                }
            }
            "tree" => {
                let mut rest = data.as_slice();
                while let Some(end) = rest.iter().position(|b| *b == 0) {
                    if let Some(id) = rest.get(end + 1..end + 21) {
                        open.push(super::objects::hex(id));
                    }
                    rest = rest.get(end + 21..).unwrap_or(&[]);
                }
            }
            _ => {}
        }
        let whole = [format!("{kind} {}\0", data.len()).as_bytes(), &data].concat();
        out.insert(id, whole);
    }
}

/// Puts a remote's objects into the repository.
pub(super) fn take(sys: &mut Sys<'_>, repo: &Repository, remote: &Remote) {
    for whole in remote.objects.values() {
        let Some(end) = whole.iter().position(|b| *b == 0) else { continue };
        let kind = String::from_utf8_lossy(whole.get(..end).unwrap_or(&[]))
            .split(' ')
            .next()
            .unwrap_or("")
            .to_string();
        repo.put(sys, &kind, whole.get(end + 1..).unwrap_or(&[]));
    }
}
