//! Making archives, adding to them and taking from them.

use super::{FAILED, Tar, fatal};
use crate::fd::STDOUT;
use crate::filesystem::Content;
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use crate::tar::{Entry, collect, pack};
use crate::utilities::support::{beside, done};
use std::collections::BTreeMap;

/// GNU tar fills its last record of 20 blocks.
const RECORD: usize = 10_240;

impl Tar {
    pub(super) fn create(&self, sys: &mut Sys<'_>) -> i32 {
        let mut entries = Vec::new();
        if self.action != 'c' {
            if self.gzip {
                return fatal(sys, "Cannot update compressed archives");
            }
            match sys.read_file(&self.file) {
                Ok(bytes) => match self.members(sys, &bytes) {
                    Ok(old) => entries = old,
                    Err(code) => return code,
                },
                Err(crate::Errno::Enoent) if self.action != 'D' => {}
                Err(errno) => return fatal(sys, &format!("{}: Cannot open: {errno}", self.file)),
            }
        } else if self.names.is_empty() {
            return crate::utilities::support::usage(sys, 2, "Cowardly refusing to create an empty archive");
        }
        if self.action == 'c' && self.file == "-" && sys.is_tty(STDOUT) {
            return fatal(sys, "Refusing to write archive contents to terminal (missing -f option?)");
        }
        let code =
            if self.action == 'D' { self.remove(sys, &mut entries) } else { self.add(sys, &mut entries) };
        let mut bytes = pack(&entries);
        bytes.resize(bytes.len().div_ceil(RECORD) * RECORD, 0);
        if self.gzip {
            bytes = crate::utilities::gzip::compress(&bytes, 6);
        }
        if self.file == "-" {
            sys.write(STDOUT, &bytes);
        } else if let Err(errno) = sys.write_file(&self.file, &bytes, false) {
            return match errno {
                crate::Errno::Efbig | crate::Errno::Enospc => done(
                    sys,
                    2,
                    &format!("{}: Wrote only 0 of 10240 bytes\n{}", self.file, super::FATAL.trim_end()),
                ),
                _ => fatal(sys, &format!("{}: Cannot open: {errno}", self.file)),
            };
        }
        if code != 0 {
            sys.eprint(FAILED);
        }
        code
    }
    fn remove(&self, sys: &mut Sys<'_>, entries: &mut Vec<Entry>) -> i32 {
        let mut code = 0;
        for (_, name) in &self.names {
            let before = entries.len();
            entries.retain(|e| e.path != *name && !e.path.starts_with(&format!("{name}/")));
            if entries.len() == before {
                code = done(sys, 2, &format!("{name}: Not found in archive"));
            }
        }
        code
    }
    fn add(&self, sys: &mut Sys<'_>, entries: &mut Vec<Entry>) -> i32 {
        let (mut code, mut said) = (0, false);
        let own = sys.stat(&self.file).ok().filter(|_| self.file != "-").map(|s| (s.device, s.ino));
        let mut seen: BTreeMap<(u32, u64), String> = BTreeMap::new();
        for (directory, name) in &self.names {
            let stored = stored(name);
            if stored.len() < name.trim_end_matches('/').len() && !said {
                let lost = name.get(..name.find(stored).unwrap_or(0)).unwrap_or("/");
                sys.eprint(&format!("tar: Removing leading `{lost}' from member names\n"));
                said = true;
            }
            let stored = if stored.is_empty() { "." } else { stored };
            let mut found = Vec::new();
            let path = beside(directory, name);
            if let Err(errno) = collect(sys, &path, stored, &mut found) {
                let missing = sys.lstat(&path).is_err();
                let what = if missing { "stat" } else { "open" };
                code = done(sys, 2, &format!("{name}: Cannot {what}: {errno}"));
            }
            for mut entry in found {
                if self.is_excluded(&entry.path) {
                    continue;
                }
                let inner = entry.path.strip_prefix(stored).unwrap_or("").trim_start_matches('/');
                let path = if inner.is_empty() { path.clone() } else { beside(&path, inner) };
                let stat = if self.follow { sys.stat(&path) } else { sys.lstat(&path) };
                let Ok(stat) = stat else { continue };
                if own == Some((stat.device, stat.ino)) {
                    sys.eprint(&format!("tar: {}: file is the archive; not dumped\n", entry.path));
                    continue;
                }
                if self.follow
                    && matches!(entry.inode.content, Content::Symlink(_))
                    && let Ok(bytes) = sys.read_file(&path)
                {
                    entry = Entry::file(&entry.path, bytes, stat.mode, stat.mtime);
                }
                if self.action == 'u'
                    && entries.iter().any(|e| e.path == entry.path && e.inode.mtime >= stat.mtime)
                {
                    continue;
                }
                if stat.kind == FileKind::File && stat.links > 1 {
                    match seen.get(&(stat.device, stat.ino)) {
                        Some(first) => entry.hard_link = Some(first.clone()),
                        None => _ = seen.insert((stat.device, stat.ino), entry.path.clone()),
                    }
                }
                entry.inode.uid = self.owner.0.unwrap_or(entry.inode.uid);
                entry.inode.gid = self.owner.1.unwrap_or(entry.inode.gid);
                if self.verbose {
                    let line = format!("{}{}\n", entry.path, if entry.is_folder() { "/" } else { "" });
                    if self.file == "-" { sys.eprint(&line) } else { sys.print(&line) }
                }
                entries.push(entry);
            }
        }
        code
    }
}

/// A name as the archive keeps it: what leads out of the folder is taken off its front.
fn stored(name: &str) -> &str {
    let name = name.trim_end_matches('/');
    match name.rfind("../") {
        Some(at) if name.split('/').any(|part| part == "..") => name.get(at + 3..).unwrap_or(name),
        _ if name == ".." => "",
        _ => name.trim_start_matches('/'),
    }
}
