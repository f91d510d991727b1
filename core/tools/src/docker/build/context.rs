//! The build context: which files of a folder go to the daemon, and the Dockerfile among or beside them.

use super::Plan;
use drydock_container::filesystem::Content;
use drydock_container::filesystem::base_name;
use drydock_container::sys_fs::FileKind;
use drydock_container::tar::{self, Entry, pack};
use drydock_container::{Errno, Sys};
use drydock_docker::build::ignore::Ignore;

/// What is sent.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Context {
    /// Relative paths, folders before what is in them.
    pub entries: Vec<Entry>,
    /// Name of the Dockerfile as the daemon is told it.
    pub dockerfile: String,
    /// Its text, for builders that get it apart; none if there is no such file.
    pub text: Option<Vec<u8>>,
    /// `.dockerignore`'s bytes.
    pub ignore: Option<Vec<u8>>,
    /// The absolute folder; "" when there is none.
    pub folder: String,
    /// A tar that came on stdin.
    pub raw: Option<Vec<u8>>,
}

impl Context {
    /// The archive for the daemon.
    #[must_use]
    pub fn archive(&self, secrets: &[(String, Vec<u8>)], buildkit: bool) -> Vec<u8> {
        if !buildkit {
            return self.raw.clone().unwrap_or_else(|| pack(&self.entries));
        }
        let file = |path: String, bytes: &[u8]| Entry::file(&path, bytes, 0o644, 0);
        let mut entries = Vec::new();
        if let Some(text) = &self.text {
            entries.push(file(format!("dockerfile/{}", self.dockerfile), text));
        }
        if let Some(ignore) = &self.ignore {
            entries.push(file("dockerfile/.dockerignore".into(), ignore));
        }
        entries.extend(secrets.iter().map(|(id, bytes)| file(format!("secrets/{id}"), bytes)));
        let below = |path: &str| format!("context/{path}");
        entries.extend(self.entries.iter().map(|e| Entry {
            path: below(&e.path),
            hard_link: e.hard_link.as_deref().map(below),
            ..e.clone()
        }));
        entries.push(Entry::folder("context", 0o755, 0));
        pack(&entries)
    }
}

/// Gathers what a plan names.
///
/// # Errors
/// The client's texts, without prefix.
pub fn gather(sys: &mut Sys<'_>, plan: &Plan) -> Result<Context, String> {
    if plan.context == "-" {
        return from_stdin(plan);
    }
    if ["http://", "https://", "git@", "git://", "github.com/"].iter().any(|p| plan.context.starts_with(p)) {
        let host =
            plan.context.split("://").nth(1).unwrap_or(&plan.context).split(['/', ':']).next().unwrap_or("");
        return Err(format!(
            "unable to prepare context: unable to download remote context: dial tcp: lookup {host}: no such host"
        ));
    }
    let folder = sys
        .real_path(&plan.context)
        .map_err(|_| format!("unable to prepare context: path \"{}\" not found", plan.context))?;
    let stat = sys
        .stat(&folder)
        .map_err(|_| format!("unable to prepare context: path \"{}\" not found", plan.context))?;
    if stat.kind != FileKind::Directory {
        return Err(format!("unable to prepare context: path \"{}\" not found", plan.context));
    }
    let mut context = Context { folder: folder.clone(), ..Context::default() };
    let typed = if plan.file.is_empty() {
        format!("{}/Dockerfile", folder.trim_end_matches('/'))
    } else {
        plan.file.clone()
    };
    let path =
        if plan.buildkit && !plan.file.is_empty() || plan.file.is_empty() { typed.clone() } else { typed };
    if let Some(inline) = &plan.inline {
        context.text = Some(inline.clone().into_bytes());
        context.dockerfile = "Dockerfile".into();
    } else {
        let absolute = drydock_container::filesystem::normalise(&sys.cwd(), &path);
        match sys.stat(&path).and_then(|_| sys.real_path(&path)) {
            Ok(real) => {
                context.text = sys.read_file(&real).ok().map(|b| b.to_vec());
                let below = real.strip_prefix(&format!("{}/", folder.trim_end_matches('/')));
                context.dockerfile = below.map_or_else(|| base_name(&real).to_string(), str::to_string);
                if plan.buildkit {
                    context.dockerfile = base_name(&absolute).to_string();
                }
            }
            Err(_) if plan.buildkit => context.dockerfile = base_name(&absolute).to_string(),
            Err(_) => {
                return Err(format!(
                    "unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat {absolute}: no such file or directory"
                ));
            }
        }
    }
    let beside = plan.buildkit.then(|| format!("{path}.dockerignore")).and_then(|p| sys.read_file(&p).ok());
    let ignore = beside.or_else(|| sys.read_file(&format!("{folder}/.dockerignore")).ok());
    context.ignore = ignore.map(|b| b.to_vec());
    let text = String::from_utf8_lossy(context.ignore.as_deref().unwrap_or_default()).into_owned();
    let ignore = Ignore::parse(&text);
    // The classic daemon needs both files, ignored or not; it takes them away again itself.
    let kept: Vec<&str> = if plan.buildkit { Vec::new() } else { vec![&context.dockerfile, ".dockerignore"] };
    let mut walk = Walk { ignore, kept, entries: Vec::new(), bytes: 0 };
    walk.folder(sys, &folder, "")
        .map_err(|e| format!("error checking context: {}", e.text().to_lowercase()))?;
    context.entries = walk.entries;
    let missing = !context.entries.iter().any(|e| e.path == context.dockerfile);
    if !plan.buildkit
        && missing
        && let Some(text) = &context.text
    {
        // A Dockerfile from elsewhere goes along under a name of its own.
        context.dockerfile =
            format!(".dockerfile.{}", drydock_machinery::hash::sha256_hex(text).get(..20).unwrap_or("x"));
        context.entries.push(Entry::file(&context.dockerfile, text.clone(), 0o600, 0));
    }
    Ok(context)
}

fn from_stdin(plan: &Plan) -> Result<Context, String> {
    let bytes = plan.stdin.clone().unwrap_or_default();
    if bytes.is_empty() {
        return Err("unable to prepare context: stdin is empty".into());
    }
    let mut context = Context { dockerfile: "Dockerfile".into(), ..Context::default() };
    if !plan.file.is_empty() {
        context.dockerfile.clone_from(&plan.file);
    }
    match tar::read(&bytes) {
        Some(members) if plan.buildkit => {
            for member in members {
                let path = member.rooted();
                if let (true, Content::File(text)) = (path == context.dockerfile, &member.inode.content) {
                    context.text = Some(text.to_vec());
                }
                if path != "." {
                    context.entries.push(Entry { path, ..member });
                }
            }
        }
        Some(_) => context.raw = Some(bytes),
        None => {
            context.entries.push(Entry::file("Dockerfile", bytes.clone(), 0o600, 0));
            context.text = Some(bytes);
            context.dockerfile = "Dockerfile".into();
            if plan.buildkit {
                context.entries.clear();
            }
        }
    }
    Ok(context)
}

struct Walk<'a> {
    ignore: Ignore,
    kept: Vec<&'a str>,
    entries: Vec<Entry>,
    bytes: usize,
}

impl Walk<'_> {
    fn folder(&mut self, sys: &mut Sys<'_>, folder: &str, below: &str) -> Result<(), Errno> {
        if below.matches('/').count() > drydock_machinery::limits::DEPTH {
            return Err(Errno::Enametoolong);
        }
        for name in sys.list(folder)? {
            let path = format!("{}/{name}", folder.trim_end_matches('/'));
            let inner = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
            let ignored = self.ignore.matches(&inner) && !self.kept.contains(&inner.as_str());
            let stat = sys.lstat(&path)?;
            if ignored && (stat.kind != FileKind::Directory || !self.ignore.brings_back()) {
                continue;
            }
            let entry = match stat.kind {
                FileKind::Directory => Entry::folder(&inner, stat.mode, stat.mtime),
                FileKind::Symlink => Entry::symlink(&inner, &sys.readlink(&path)?, stat.mtime),
                _ => {
                    let bytes = sys.read_file(&path)?;
                    self.bytes += bytes.len();
                    if self.bytes > drydock_machinery::limits::DISK_BYTES {
                        return Err(Errno::Enospc);
                    }
                    Entry::file(&inner, bytes, stat.mode, stat.mtime)
                }
            };
            let is_folder = entry.is_folder();
            let at = self.entries.len();
            if !ignored || is_folder {
                self.entries.push(entry);
            }
            if is_folder {
                self.folder(sys, &path, &inner)?;
                // An ignored folder is only sent for what came back in it.
                if ignored && self.entries.len() == at + 1 {
                    self.entries.pop();
                }
            }
        }
        Ok(())
    }
}
