//! Objects: blobs, trees and commits, deflated and named by the SHA-1 of what they say.

use super::repository::Repository;
use super::{Said, Words, plain};
use crate::sys::Sys;
use crate::utilities::sums::sha1;
use std::collections::BTreeMap;

/// Path, and mode and blob.
pub(super) type Files = BTreeMap<String, (String, String)>;

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .filter_map(|p| u8::from_str_radix(std::str::from_utf8(p).ok()?, 16).ok())
        .collect()
}

/// A commit's parts.
#[derive(Clone, Debug, Default)]
pub(super) struct Commit {
    pub(super) id: String,
    pub(super) tree: String,
    pub(super) parents: Vec<String>,
    pub(super) author: String,
    pub(super) unix: i64,
    pub(super) message: String,
}

impl Commit {
    pub(super) fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or("")
    }
}

impl Repository {
    fn object_path(&self, id: &str) -> String {
        let (folder, name) = id.split_at_checked(2).unwrap_or((id, ""));
        format!("{}/objects/{folder}/{name}", self.git)
    }
    /// Writes an object; gives its name.
    pub(super) fn put(&self, sys: &mut Sys<'_>, kind: &str, data: &[u8]) -> String {
        let whole = [format!("{kind} {}\0", data.len()).as_bytes(), data].concat();
        let id = hex(&sha1(&whole));
        let path = self.object_path(&id);
        if sys.stat(&path).is_err() {
            _ = sys.make_folders(crate::filesystem::parent(&path));
            _ = sys.write_file(&path, &miniz_oxide::deflate::compress_to_vec_zlib(&whole, 6), false);
            _ = sys.chmod(&path, 0o444);
        }
        id
    }
    /// Kind and content of an object.
    pub(super) fn get(&self, sys: &mut Sys<'_>, id: &str) -> Option<(String, Vec<u8>)> {
        if id.len() != 40 || !id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let packed = sys.read_file(&self.object_path(id)).ok()?;
        let limit = drydock_machinery::limits::FILE_BYTES;
        let whole = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&packed, limit).ok()?;
        let end = whole.iter().position(|b| *b == 0)?;
        let kind = String::from_utf8_lossy(whole.get(..end)?).split(' ').next()?.to_string();
        Some((kind, whole.get(end + 1..)?.to_vec()))
    }
    pub(super) fn blob(&self, sys: &mut Sys<'_>, id: &str) -> Vec<u8> {
        self.get(sys, id).map_or(Vec::new(), |o| o.1)
    }
    pub(super) fn commit(&self, sys: &mut Sys<'_>, id: &str) -> Option<Commit> {
        let (kind, data) = self.get(sys, id)?;
        if kind == "tag" {
            let text = String::from_utf8_lossy(&data).into_owned();
            return self.commit(sys, text.lines().next()?.strip_prefix("object ")?);
        }
        let text = (kind == "commit").then(|| String::from_utf8_lossy(&data).into_owned())?;
        let (head, message) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut commit = Commit { id: id.into(), message: message.into(), ..Commit::default() };
        for line in head.lines() {
            match line.split_once(' ') {
                Some(("tree", id)) => commit.tree = id.into(),
                Some(("parent", id)) => commit.parents.push(id.into()),
                Some(("author", who)) => {
                    let mut parts = who.rsplitn(3, ' ');
                    parts.next();
                    commit.unix = parts.next().and_then(|n| n.parse().ok()).unwrap_or(0);
                    commit.author = parts.next().unwrap_or("").into();
                }
                _ => {}
            }
        }
        Some(commit)
    }
    /// Every file below a tree.
    pub(super) fn files(&self, sys: &mut Sys<'_>, tree: &str) -> Files {
        let mut out = Files::new();
        let mut open = vec![(tree.to_string(), String::new())];
        while let Some((tree, prefix)) = open.pop() {
            let Some((_, data)) = self.get(sys, &tree) else { continue };
            let mut rest = data.as_slice();
            while let Some(end) = rest.iter().position(|b| *b == 0) {
                let head = String::from_utf8_lossy(rest.get(..end).unwrap_or(&[])).into_owned();
                let Some(id) = rest.get(end + 1..end + 21) else { break };
                let (mode, name) = head.split_once(' ').unwrap_or(("", &head));
                let path = format!("{prefix}{name}");
                if mode == "40000" {
                    if prefix.matches('/').count() < drydock_machinery::limits::DEPTH {
                        open.push((hex(id), format!("{path}/")));
                    }
                } else {
                    out.insert(path, (mode.to_string(), hex(id)));
                }
                rest = rest.get(end + 21..).unwrap_or(&[]);
            }
        }
        out
    }
    /// The files of a commit, or none.
    pub(super) fn files_at(&self, sys: &mut Sys<'_>, commit: Option<&str>) -> Files {
        let tree = commit.and_then(|c| self.commit(sys, c)).map(|c| c.tree);
        tree.map_or(Files::new(), |t| self.files(sys, &t))
    }
    /// Writes trees of these files; gives the root's name.
    pub(super) fn write_tree(&self, sys: &mut Sys<'_>, files: &Files, prefix: &str) -> String {
        let mut entries: BTreeMap<String, (String, Vec<u8>)> = BTreeMap::new();
        let below = files.range(prefix.to_string()..).take_while(|f| f.0.starts_with(prefix));
        let mut folders = Vec::new();
        for (path, (mode, id)) in below {
            let rest = path.get(prefix.len()..).unwrap_or("");
            match rest.split_once('/') {
                Some((folder, _)) => folders.push(folder.to_string()),
                None => _ = entries.insert(rest.into(), (mode.clone(), unhex(id))),
            }
        }
        folders.dedup();
        for folder in folders {
            let id = self.write_tree(sys, files, &format!("{prefix}{folder}/"));
            // Git orders folders as if their names ended in a slash.
            entries.insert(format!("{folder}/"), ("40000".into(), unhex(&id)));
        }
        let mut data = Vec::new();
        for (name, (mode, id)) in entries {
            data.extend(format!("{mode} {}\0", name.trim_end_matches('/')).into_bytes());
            data.extend(id);
        }
        self.put(sys, "tree", &data)
    }
}

pub(super) fn cat_file(sys: &mut Sys<'_>, repo: &Repository, words: &Words) -> Said {
    let rest = plain(words, &[]);
    let name = rest.last().cloned().unwrap_or_default();
    let Some((kind, data)) = repo.resolve(sys, &name).and_then(|id| repo.get(sys, &id)) else {
        return Said::fatal(format!("Not a valid object name {name}"));
    };
    match words.first().map_or("", |w| w) {
        "-t" => Said::out(format!("{kind}\n")),
        "-s" => Said::out(format!("{}\n", data.len())),
        _ if kind == "tree" => {
            let id = repo.resolve(sys, &name).unwrap_or_default();
            let files = repo.files(sys, &id);
            Said::out(files.iter().map(|(p, (m, i))| format!("{m} blob {i}\t{p}\n")).collect::<String>())
        }
        _ => Said::out(String::from_utf8_lossy(&data).into_owned()),
    }
}
