//! Users and groups from /etc/passwd and /etc/group, and the commands that show them: id, whoami,
//! groups, getent passwd/group.

use super::support::{Opts, Spec, done};
use crate::sys::Sys;

/// A field of the line of a file of accounts whose other field matches.
fn lookup(sys: &mut Sys<'_>, file: &str, by: usize, key: &str, field: usize) -> Option<String> {
    let bytes = sys.read_file(file).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let found = text.lines().find(|l| l.split(':').nth(by) == Some(key))?;
    found.split(':').nth(field).map(String::from)
}

/// The name of a user, or the number where there is none.
pub fn user_name(sys: &mut Sys<'_>, uid: u32) -> String {
    lookup(sys, "/etc/passwd", 2, &uid.to_string(), 0)
        .unwrap_or_else(|| if uid == 0 { "root".into() } else { uid.to_string() })
}
pub fn group_name(sys: &mut Sys<'_>, gid: u32) -> String {
    lookup(sys, "/etc/group", 2, &gid.to_string(), 0)
        .unwrap_or_else(|| if gid == 0 { "root".into() } else { gid.to_string() })
}
/// The number of a user, by name or as digits.
pub fn user_id(sys: &mut Sys<'_>, name: &str) -> Option<u32> {
    lookup(sys, "/etc/passwd", 0, name, 2).and_then(|u| u.parse().ok()).or_else(|| name.parse().ok())
}
pub fn group_id(sys: &mut Sys<'_>, name: &str) -> Option<u32> {
    lookup(sys, "/etc/group", 0, name, 2).and_then(|u| u.parse().ok()).or_else(|| name.parse().ok())
}

/// A user's groups: the primary one, then those of /etc/group.
fn groups_of(sys: &mut Sys<'_>, name: &str, gid: u32) -> Vec<u32> {
    let bytes = sys.read_file("/etc/group").unwrap_or_else(|_| std::sync::Arc::from([]));
    let text = String::from_utf8_lossy(&bytes);
    let mut out = vec![gid];
    for line in text.lines() {
        let mut fields = line.split(':');
        let (Some(number), Some(members)) = (fields.nth(2), fields.next()) else { continue };
        if let Ok(number) = number.parse::<u32>()
            && members.split(',').any(|m| m == name)
            && number != gid
        {
            out.push(number);
        }
    }
    out
}

pub fn whoami(sys: &mut Sys<'_>) -> i32 {
    let uid = sys.process().map_or(0, |p| p.uid);
    let name = user_name(sys, uid);
    if name == uid.to_string() {
        return done(sys, 1, &format!("cannot find name for user ID {uid}"));
    }
    sys.print(&format!("{name}\n"));
    0
}

pub fn id(sys: &mut Sys<'_>) -> i32 {
    const SPEC: Spec = Spec {
        short: "ugGnr",
        long: &[("user", 'u'), ("group", 'g'), ("groups", 'G'), ("name", 'n'), ("real", 'r')],
        code: 1,
    };
    let opts = match Opts::read(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return code,
    };
    let (mut uid, mut gid) = sys.process().map_or((0, 0), |p| (p.uid, p.gid));
    if let Some(name) = opts.args.first() {
        let found = lookup(sys, "/etc/passwd", 0, name, 2).and_then(|u| u.parse::<u32>().ok());
        let Some(found) = found else { return done(sys, 1, &format!("'{name}': no such user")) };
        uid = found;
        gid = lookup(sys, "/etc/passwd", 0, name, 3).and_then(|g| g.parse().ok()).unwrap_or(gid);
    }
    let name = user_name(sys, uid);
    let groups = groups_of(sys, &name, gid);
    let text = if opts.has('u') {
        if opts.has('n') { name } else { uid.to_string() }
    } else if opts.has('g') {
        if opts.has('n') { group_name(sys, gid) } else { gid.to_string() }
    } else if opts.has('G') {
        let shown: Vec<String> =
            groups.iter().map(|g| if opts.has('n') { group_name(sys, *g) } else { g.to_string() }).collect();
        shown.join(" ")
    } else {
        let with = |number: u32, name: String| {
            if name == number.to_string() { name } else { format!("{number}({name})") }
        };
        let mut shown = Vec::new();
        for group in &groups {
            let name = group_name(sys, *group);
            shown.push(with(*group, name));
        }
        let group = group_name(sys, gid);
        format!("uid={} gid={} groups={}", with(uid, name), with(gid, group), shown.join(","))
    };
    sys.print(&format!("{text}\n"));
    0
}

pub fn groups(sys: &mut Sys<'_>) -> i32 {
    let (uid, gid) = sys.process().map_or((0, 0), |p| (p.uid, p.gid));
    let name = user_name(sys, uid);
    let all = groups_of(sys, &name, gid);
    let shown: Vec<String> = all.iter().map(|g| group_name(sys, *g)).collect();
    sys.print(&format!("{}\n", shown.join(" ")));
    0
}
