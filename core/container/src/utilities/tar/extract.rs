//! Listing and unpacking.

use super::{FAILED, Tar, fatal};
use crate::fd::STDOUT;
use crate::filesystem::Content;
use crate::sys::Sys;
use crate::tar::{Entry, Placing, place};
use crate::utilities::support::{done, fits, join};
use std::collections::BTreeSet;

/// How wide owner and size are together before a longer one widens them.
const OWNER_AND_SIZE: usize = 19;

impl Tar {
    fn is(&self, name: &str, entry: &Entry) -> bool {
        let name = name.trim_end_matches('/');
        let below =
            |path: &str| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        below(&entry.path) || self.wildcards && fits(name, &entry.path)
    }
    pub(super) fn extract(&self, sys: &mut Sys<'_>, entries: Vec<Entry>) -> i32 {
        if self.action == 'x' && !crate::utilities::support::is_dir(sys, &self.directory) {
            return fatal(sys, &format!("{}: Cannot open: No such file or directory", self.directory));
        }
        let (mut code, mut width, mut told) = (0, OWNER_AND_SIZE, BTreeSet::new());
        let placing = Placing {
            times: !self.fresh,
            owner: !self.no_owner,
            umask: if self.modes { 0 } else { sys.process().map_or(0, |p| p.umask) },
        };
        for entry in &entries {
            let named = self.names.is_empty() || self.names.iter().any(|n| self.is(&n.1, entry));
            if !named || self.is_excluded(&entry.path) {
                continue;
            }
            let slash = if entry.is_folder() { "/" } else { "" };
            if self.action == 't' && self.verbose {
                let line = long(sys, entry, self.numeric, &mut width);
                sys.print(&line);
            } else if self.verbose || self.action == 't' {
                let line = format!("{}{slash}\n", entry.path);
                if self.to_stdout { sys.eprint(&line) } else { sys.print(&line) }
            }
            if self.action != 'x' {
                continue;
            }
            if self.to_stdout {
                if let (Content::File(bytes), None) = (&entry.inode.content, &entry.hard_link) {
                    let bytes = bytes.clone();
                    sys.write_shared(STDOUT, bytes);
                }
                continue;
            }
            let lead = entry.path.len() - entry.path.trim_start_matches(['.', '/']).len();
            let lead = entry.path.get(..lead).filter(|l| l.contains("../") || l.starts_with('/'));
            if let Some(lead) = lead
                && told.insert(lead.to_string())
            {
                sys.eprint(&format!("tar: Removing leading `{lead}' from member names\n"));
            }
            let Some(inner) = self.stripped(&entry.rooted()) else { continue };
            let path = join(&self.directory, &inner);
            if self.keep && !entry.is_folder() && sys.lstat(&path).is_ok() {
                code = done(sys, 2, &format!("{}: Cannot open: File exists", entry.path));
                continue;
            }
            if let Err(errno) = place(sys, &self.directory, &path, entry, placing) {
                let what = match (&entry.hard_link, &entry.inode.content) {
                    (Some(to), _) => format!("hard link to ‘{to}’"),
                    (None, Content::Directory) => "mkdir".into(),
                    (None, Content::Symlink(to)) => format!("create symlink to ‘{to}’"),
                    _ => "open".into(),
                };
                code = done(sys, 2, &format!("{}: Cannot {what}: {errno}", entry.path));
            }
        }
        for (_, name) in &self.names {
            if !entries.iter().any(|e| self.is(name, e)) {
                if name.contains(['*', '?', '[']) && !self.wildcards {
                    sys.eprint("tar: Pattern matching characters used in file names\ntar: Use --wildcards to enable pattern matching, or --no-wildcards to suppress this warning\n");
                }
                code = done(sys, 2, &format!("{name}: Not found in archive"));
            }
        }
        if code != 0 {
            sys.eprint(FAILED);
        }
        code
    }
    /// A path without its first parts; none if nothing is left.
    fn stripped(&self, path: &str) -> Option<String> {
        if self.strip == 0 {
            return Some(path.into());
        }
        let rest: Vec<&str> = path.split('/').skip(self.strip).collect();
        (!rest.is_empty()).then(|| rest.join("/"))
    }
}

/// `-rw-r--r-- root/root         3 2026-11-18 11:06 a`
fn long(sys: &mut Sys<'_>, entry: &Entry, numeric: bool, width: &mut usize) -> String {
    let inode = &entry.inode;
    let (kind, size, tail) = match (&entry.hard_link, &inode.content) {
        (Some(to), _) => ('h', 0, format!(" link to {to}")),
        (None, Content::Directory) => ('d', 0, "/".to_string()),
        (None, Content::Symlink(to)) => ('l', 0, format!(" -> {to}")),
        _ => ('-', inode.size, String::new()),
    };
    let bits = crate::utilities::list::permissions(inode.mode);
    let owner = if numeric {
        format!("{}/{}", inode.uid, inode.gid)
    } else {
        let user = crate::utilities::accounts::user_name(sys, inode.uid);
        format!("{user}/{}", crate::utilities::accounts::group_name(sys, inode.gid))
    };
    let size = size.to_string();
    *width = (*width).max(owner.len() + 1 + size.len());
    let t = drydock_machinery::time::Timestamp(inode.mtime).civil();
    let room = width.saturating_sub(owner.len());
    format!(
        "{kind}{bits} {owner}{size:>room$} {}-{:02}-{:02} {:02}:{:02} {}{tail}\n",
        t.year, t.month, t.day, t.hour, t.minute, entry.path
    )
}
