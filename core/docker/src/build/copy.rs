//! `COPY` and `ADD` between filesystems: which sources a pattern names, where they go, whose they become,
//! and the checksum by which the cache knows them. Follows BuildKit's file operations (contents of a
//! folder, not the folder; symbolic links followed at the top only; modification times do not count).

use drydock_container::filesystem::{Content, Filesystem, Inode, base_name, normalise, parent};
use drydock_container::tree::{resolve, resolve_new};
use drydock_container::{Errno, tar};
use drydock_machinery::hash::sha256_hex;
use std::sync::Arc;

/// One thing to copy.
#[derive(Clone, Debug)]
pub enum Source {
    /// A normalised path of a filesystem.
    Path(String),
    /// A file that comes from elsewhere: an inline document, a download.
    File { name: String, bytes: Arc<[u8]>, mode: u16, mtime: i64 },
}

/// How to copy.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Absolute; a slash at the end names a folder.
    pub destination: String,
    pub owner: (u32, u32),
    pub mode: Option<u16>,
    /// ADD: archives are unpacked.
    pub unpack: bool,
    /// Keeps the sources' folders (`--parents`).
    pub parents: bool,
    /// Unix seconds for folders made on the way.
    pub now: i64,
    /// Patterns of `--exclude`, relative to a source.
    pub exclude: super::ignore::Ignore,
}

/// Whether a source has characters that match several names.
#[must_use]
pub fn is_pattern(source: &str) -> bool {
    source.contains(['*', '?', '['])
}

/// The paths a source names, sorted; a pattern may name none.
///
/// # Errors
/// The folder of a pattern that is not there.
pub fn expand(fs: &Filesystem, source: &str) -> Result<Vec<String>, String> {
    let path = normalise("/", source);
    if !is_pattern(source) {
        return resolve(fs, &path).map(|p| vec![p]).ok_or(path);
    }
    let mut found = vec![String::from("/")];
    let mut matched_any = false;
    for part in path.split('/').filter(|p| !p.is_empty()) {
        let mut next = Vec::new();
        if is_pattern(part) {
            matched_any = true;
            let pattern = super::ignore::Ignore::parse(&format!("x\n{part}"));
            for folder in &found {
                let real = resolve(fs, folder).unwrap_or_else(|| folder.clone());
                let names = fs.list(&real).map(|(name, _)| name).filter(|name| pattern.matches(name));
                next.extend(names.map(|name| normalise(&real, name)));
            }
        } else {
            for folder in &found {
                match resolve(fs, &normalise(folder, part)) {
                    Some(real) => next.push(real),
                    None if !matched_any => return Err(normalise(folder, part)),
                    None => {}
                }
            }
        }
        found = next;
    }
    Ok(found)
}

/// What the cache compares of sources: names below them, kinds, contents, modes, new owners.
#[must_use]
pub fn checksum(fs: &Filesystem, sources: &[Source], options: &Options) -> String {
    let mut sum = String::new();
    let mut add = |name: &str, inode: &Inode| {
        let content = match &inode.content {
            Content::File(bytes) => sha256_hex(bytes),
            Content::Directory => "dir".into(),
            Content::Program(name) => format!("program {name}"),
            Content::Symlink(to) => format!("link {to}"),
            Content::Device(name) => format!("device {name}"),
        };
        let mode = options.mode.unwrap_or(inode.mode);
        sum.push_str(&format!("{name}\0{content}\0{mode:o}\n"));
    };
    for source in sources {
        match source {
            Source::Path(path) => {
                for (at, inode) in fs.walk(path) {
                    let below = at.strip_prefix(path.as_str()).unwrap_or(at).trim_start_matches('/');
                    if below.is_empty() || !options.exclude.matches(below) {
                        add(if below.is_empty() { base_name(path) } else { below }, inode);
                    }
                }
            }
            Source::File { name, bytes, mode, .. } => {
                let size = bytes.len() as u64;
                let content = Content::File(bytes.clone());
                add(name, &Inode { content, mode: *mode, uid: 0, gid: 0, mtime: 0, links: 1, size });
            }
        }
    }
    sum.push_str(&format!("{:?}", options.owner));
    sha256_hex(sum.as_bytes())
}

/// Copies. `several` says that the instruction named more than one source.
///
/// # Errors
/// What the filesystem refuses, with the path.
pub fn copy(
    from: &Filesystem,
    sources: &[Source],
    into: &mut Filesystem,
    options: &Options,
    several: bool,
) -> Result<(), (Errno, String)> {
    let is_folder =
        |fs: &Filesystem, path: &str| fs.get(path).is_some_and(|i| i.content == Content::Directory);
    let destination = resolve_new(into, &options.destination);
    let names_folder = several || options.destination.ends_with('/') || options.destination.ends_with("/.");
    let as_folder = names_folder || is_folder(into, &destination);
    for source in sources {
        match source {
            Source::Path(path) if is_folder(from, path) => {
                let target = if options.parents {
                    normalise(&destination, path.trim_start_matches('/'))
                } else {
                    destination.clone()
                };
                tree(from, path, into, &target, options)?;
            }
            Source::Path(path) => {
                let Some(inode) = from.get(path) else { continue };
                let archived = match &inode.content {
                    Content::File(bytes) if options.unpack => tar::read(bytes),
                    _ => None,
                };
                if let Some(members) = archived {
                    make_folder(into, &destination, options);
                    let owner = (options.owner != (0, 0)).then_some(options.owner);
                    tar::extract(into, &destination, &members, owner, options.now)
                        .map_err(|error| (error, destination.clone()))?;
                    continue;
                }
                let name = if options.parents { path.trim_start_matches('/') } else { base_name(path) };
                let target = if as_folder { normalise(&destination, name) } else { destination.clone() };
                put(into, &target, Inode::clone(inode), options)?;
            }
            Source::File { name, bytes, mode, mtime } => {
                let target = if as_folder { normalise(&destination, name) } else { destination.clone() };
                let (size, content) = (bytes.len() as u64, Content::File(bytes.clone()));
                let inode = Inode { content, mode: *mode, uid: 0, gid: 0, mtime: *mtime, links: 1, size };
                put(into, &target, inode, options)?;
            }
        }
    }
    Ok(())
}

fn tree(
    from: &Filesystem,
    path: &str,
    into: &mut Filesystem,
    destination: &str,
    options: &Options,
) -> Result<(), (Errno, String)> {
    make_folder(into, destination, options);
    for (at, inode) in from.walk(path) {
        let below = at.strip_prefix(path).unwrap_or(at).trim_start_matches('/');
        if below.is_empty() || options.exclude.matches(below) {
            continue;
        }
        let target = resolve_new(into, parent(&normalise(destination, below)));
        put(into, &normalise(&target, base_name(below)), Inode::clone(inode), options)?;
    }
    Ok(())
}

fn make_folder(fs: &mut Filesystem, path: &str, options: &Options) {
    let mut at = String::new();
    for part in path.split('/').filter(|p| !p.is_empty()) {
        at = format!("{at}/{part}");
        if fs.get(&at).is_none() {
            let (uid, gid) = options.owner;
            let (mode, mtime) = (0o755, options.now);
            _ = fs
                .put(&at, Inode { content: Content::Directory, mode, uid, gid, mtime, links: 2, size: 4096 });
        }
    }
}

fn put(fs: &mut Filesystem, path: &str, inode: Inode, options: &Options) -> Result<(), (Errno, String)> {
    make_folder(fs, parent(path), options);
    let new_folder = inode.content == Content::Directory;
    if let Some(old) = fs.get(path) {
        let old_folder = old.content == Content::Directory;
        if old_folder && !new_folder {
            return Err((Errno::Eisdir, path.into()));
        }
        if !old_folder {
            // A new inode: other names of the old one keep theirs.
            _ = fs.unlink(path);
        }
    }
    let is_link = matches!(inode.content, Content::Symlink(_));
    let mode = options.mode.filter(|_| !is_link).unwrap_or(inode.mode);
    let links = if new_folder { 2 } else { 1 };
    let inode = Inode { mode, uid: options.owner.0, gid: options.owner.1, links, ..inode };
    fs.put(path, inode).map(|_| ()).map_err(|error| (error, path.into()))
}

/// The owner `--chown` names: `user[:group]` by name or number, looked up in the image.
///
/// # Errors
/// BuildKit's texts.
pub fn owner(fs: &Filesystem, text: &str) -> Result<(u32, u32), String> {
    if text.is_empty() {
        return Ok((0, 0));
    }
    let (user, group) = text.split_once(':').map_or((text, None), |(u, g)| (u, Some(g)));
    let uid = number(fs, "/etc/passwd", user)
        .ok_or_else(|| format!("unable to convert uid/gid chown string to host mapping: can't find uid for user {user}: no such user: {user}"))?;
    let gid = match group {
        None => uid,
        Some(group) => number(fs, "/etc/group", group).ok_or_else(|| {
            format!("unable to convert uid/gid chown string to host mapping: can't find gid for group {group}: no such group: {group}")
        })?,
    };
    Ok((uid, gid))
}

fn number(fs: &Filesystem, file: &str, name: &str) -> Option<u32> {
    if let Ok(number) = name.parse() {
        return Some(number);
    }
    let Content::File(bytes) = &fs.get(file)?.content else { return None };
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().find(|line| line.split(':').next() == Some(name))?;
    line.split(':').nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_container::Machines;

    fn file(text: &str) -> Inode {
        let (content, size) = (Content::File(text.as_bytes().into()), text.len() as u64);
        Inode { content, mode: 0o644, uid: 1000, gid: 1000, mtime: 9, links: 1, size }
    }
    fn context() -> Filesystem {
        let mut fs = Filesystem::default();
        for folder in ["/src/sub", "/bin"] {
            Machines::make_directories(&mut fs, folder, 0);
        }
        for (path, text) in [("/a.txt", "A"), ("/b.txt", "B"), ("/src/x", "X"), ("/src/sub/y", "Y")] {
            fs.put(path, file(text)).unwrap();
        }
        fs
    }
    fn run(sources: &[&str], destination: &str) -> Vec<String> {
        let (from, mut into) = (context(), Filesystem::default());
        let found: Vec<Source> =
            sources.iter().flat_map(|s| expand(&from, s).unwrap()).map(Source::Path).collect();
        let options = Options { destination: destination.into(), ..Options::default() };
        copy(&from, &found, &mut into, &options, sources.len() > 1).unwrap();
        into.walk("/").map(|(p, _)| p.to_string()).filter(|p| p != "/").collect()
    }

    #[test]
    fn files_and_folders_go_where_docker_puts_them() {
        assert_eq!(run(&["a.txt"], "/x"), ["/x"]);
        assert_eq!(run(&["a.txt"], "/x/"), ["/x", "/x/a.txt"]);
        assert_eq!(run(&["a.txt", "b.txt"], "/x"), ["/x", "/x/a.txt", "/x/b.txt"]);
        assert_eq!(run(&["src"], "/app"), ["/app", "/app/sub", "/app/sub/y", "/app/x"]);
        assert_eq!(run(&["*.txt"], "/d/"), ["/d", "/d/a.txt", "/d/b.txt"]);
        assert_eq!(run(&["../a.txt"], "/x"), ["/x"]);
        assert_eq!(expand(&context(), "nope"), Err("/nope".into()));
        assert_eq!(expand(&context(), "target/*.jar"), Err("/target".into()));
        assert_eq!(expand(&context(), "*.jar"), Ok(Vec::new()));
    }
    #[test]
    fn checksums_see_content_and_mode_but_not_time() {
        let sum = |change: fn(&mut Inode)| {
            let mut fs = context();
            let mut inode = file("A");
            change(&mut inode);
            fs.put("/a.txt", inode).unwrap();
            checksum(&fs, &[Source::Path("/a.txt".into())], &Options::default())
        };
        let same = sum(|_| {});
        assert_eq!(same, sum(|i| i.mtime = 77));
        assert_ne!(same, sum(|i| i.mode = 0o755));
        assert_ne!(same, sum(|i| i.content = Content::File(b"B".as_slice().into())));
    }
}
