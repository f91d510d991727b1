//! Making users and groups: useradd, adduser, groupadd, addgroup, usermod, userdel, groupdel, passwd,
//! chpasswd light. They write /etc/passwd and /etc/group; passwords are not kept.

use super::support::{Flavor, done, flavor, own_name};
use crate::sys::Sys;
use std::sync::Arc;

fn lines(sys: &mut Sys<'_>, file: &str) -> Vec<String> {
    let text = sys.read_file(file).map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned());
    text.lines().map(String::from).collect()
}

fn save(sys: &mut Sys<'_>, file: &str, lines: &[String]) -> Result<(), i32> {
    let text: String = lines.iter().map(|l| format!("{l}\n")).collect();
    sys.write_file(file, text.as_bytes(), false).map_err(|_| {
        let own = own_name(sys);
        sys.eprint(&match own.as_str() {
            "adduser" | "addgroup" => format!("{own}: Only root may add a user or group to the system.\n"),
            _ => format!("{own}: Permission denied.\n{own}: cannot lock {file}; try again later.\n"),
        });
        1
    })
}

fn entry<'a>(lines: &'a [String], name: &str) -> Option<&'a String> {
    lines.iter().find(|l| l.split(':').next() == Some(name))
}

/// The first free number from `from` on.
fn free(lines: &[String], from: u32, wanted: Option<u32>) -> u32 {
    let used = |n: u32| lines.iter().any(|l| l.split(':').nth(2) == Some(&n.to_string()));
    wanted.unwrap_or_else(|| (from..60_000).find(|n| !used(*n)).unwrap_or(60_000))
}

struct Wanted {
    name: String,
    second: Option<String>,
    uid: Option<u32>,
    group: Option<String>,
    groups: Vec<String>,
    home: Option<String>,
    shell: Option<String>,
    comment: String,
    make_home: Option<bool>,
    system: bool,
    append: bool,
    remove: bool,
    quiet: bool,
}

fn read(sys: &Sys<'_>, own: &str) -> Wanted {
    let mut wanted = Wanted {
        name: String::new(),
        second: None,
        uid: None,
        group: None,
        groups: Vec::new(),
        home: None,
        shell: None,
        comment: String::new(),
        make_home: None,
        system: false,
        append: false,
        remove: false,
        quiet: false,
    };
    let busybox_style = matches!(own, "adduser" | "addgroup");
    let args = sys.args();
    let mut words = args.iter().skip(1).flat_map(|w| match w.split_once('=') {
        Some((name, value)) if name.starts_with("--") => vec![Arc::from(name), Arc::from(value)],
        _ => vec![w.clone()],
    });
    while let Some(word) = words.next() {
        let mut value = || words.next().map(|v| v.to_string());
        match &*word {
            "-u" | "--uid" => wanted.uid = value().and_then(|v| v.parse().ok()),
            "-g" if busybox_style => wanted.comment = value().unwrap_or_default(),
            "-g" | "--gid" if own.starts_with("group") || own == "addgroup" => {
                wanted.uid = value().and_then(|v| v.parse().ok())
            }
            "-g" | "--gid" | "--ingroup" => wanted.group = value(),
            "-G" if busybox_style => wanted.group = value(),
            "-G" | "--groups" => {
                wanted.groups = value().unwrap_or_default().split(',').map(String::from).collect()
            }
            "-aG" => {
                (wanted.append, wanted.groups) =
                    (true, value().unwrap_or_default().split(',').map(String::from).collect())
            }
            "-a" | "--append" => wanted.append = true,
            "-d" | "--home" | "--home-dir" | "-h" => wanted.home = value(),
            "-s" | "--shell" => wanted.shell = value(),
            "-c" | "--comment" | "--gecos" => wanted.comment = value().unwrap_or_default(),
            "-p" | "--password" | "-e" | "-k" | "-f" | "--disabled-algorithm" => _ = value(),
            "-m" | "--create-home" => wanted.make_home = Some(true),
            "-M" | "--no-create-home" | "-H" => wanted.make_home = Some(false),
            "-S" | "-r" | "--system" if !own.ends_with("del") => wanted.system = true,
            "-D" | "--disabled-password" | "--disabled-login" => {}
            "-r" | "--remove" => wanted.remove = true,
            "-q" | "--quiet" => wanted.quiet = true,
            "-rm" | "-mr" => (wanted.system, wanted.make_home) = (true, Some(true)),
            word if word.starts_with("-") && word.len() > 2 && !word.starts_with("--") => {
                // Clusters such as -ms or -SD; the last letter may take a value.
                for letter in word.chars().skip(1) {
                    match letter {
                        'm' => wanted.make_home = Some(true),
                        'M' | 'H' => wanted.make_home = Some(false),
                        'r' | 'S' => wanted.system = true,
                        's' => wanted.shell = value(),
                        'u' => wanted.uid = value().and_then(|v| v.parse().ok()),
                        'G' if busybox_style => wanted.group = value(),
                        'G' => {
                            wanted.groups = value().unwrap_or_default().split(',').map(String::from).collect()
                        }
                        'h' | 'd' => wanted.home = value(),
                        'g' => wanted.uid = value().and_then(|v| v.parse().ok()),
                        _ => {}
                    }
                }
            }
            word if word.starts_with('-') => {}
            word if wanted.name.is_empty() => wanted.name = word.into(),
            word => wanted.second = Some(word.into()),
        }
    }
    wanted
}

pub fn manage(sys: &mut Sys<'_>) -> i32 {
    let own = own_name(sys);
    let wanted = read(sys, &own);
    if wanted.name.is_empty() {
        sys.eprint(&format!("Usage: {own} [options] NAME\n"));
        return 2;
    }
    let outcome = match own.as_str() {
        "groupadd" => add_group(sys, &wanted),
        "addgroup" if wanted.second.is_some() => {
            join(sys, &wanted.name, &[wanted.second.clone().unwrap_or_default()], true)
        }
        "addgroup" => add_group(sys, &wanted),
        "adduser" if wanted.second.is_some() => {
            join(sys, &wanted.name, &[wanted.second.clone().unwrap_or_default()], true)
        }
        "useradd" | "adduser" => add_user(sys, &own, &wanted),
        "usermod" => modify(sys, &wanted),
        "userdel" | "deluser" => remove_user(sys, &own, &wanted),
        "groupdel" | "delgroup" => remove_group(sys, &wanted),
        _ => Ok(()),
    };
    outcome.err().unwrap_or(0)
}

fn add_group(sys: &mut Sys<'_>, wanted: &Wanted) -> Result<(), i32> {
    let own = own_name(sys);
    let mut groups = lines(sys, "/etc/group");
    if entry(&groups, &wanted.name).is_some() {
        let text = match own.as_str() {
            "groupadd" => format!("group '{}' already exists", wanted.name),
            _ if flavor(sys) == Flavor::Busybox => format!("group '{}' in use", wanted.name),
            _ => format!("The group `{}' already exists.", wanted.name),
        };
        return Err(done(sys, if own == "groupadd" { 9 } else { 1 }, &text));
    }
    let gid = free(&groups, if wanted.system { 101 } else { 1000 }, wanted.uid);
    groups.push(format!("{}:x:{gid}:", wanted.name));
    save(sys, "/etc/group", &groups)
}

fn add_user(sys: &mut Sys<'_>, own: &str, wanted: &Wanted) -> Result<(), i32> {
    let (mut users, mut groups) = (lines(sys, "/etc/passwd"), lines(sys, "/etc/group"));
    let busybox = flavor(sys) == Flavor::Busybox;
    let name = &wanted.name;
    if entry(&users, name).is_some() {
        return Err(match (own, busybox) {
            ("useradd", _) => done(sys, 9, &format!("user '{name}' already exists")),
            (_, true) => done(sys, 1, &format!("user '{name}' in use")),
            _ => {
                sys.eprint(&format!("fatal: The user `{name}' already exists.\n"));
                1
            }
        });
    }
    if let Some(uid) = wanted.uid
        && users.iter().any(|l| l.split(':').nth(2) == Some(&uid.to_string()))
    {
        return Err(done(sys, 4, &format!("UID {uid} is not unique")));
    }
    let uid = free(&users, if wanted.system { 100 } else { 1000 }, wanted.uid);
    let number = |groups: &[String], g: &str| {
        entry(groups, g).and_then(|l| l.split(':').nth(2)?.parse::<u32>().ok()).or_else(|| {
            g.parse()
                .ok()
                .filter(|n: &u32| groups.iter().any(|l| l.split(':').nth(2) == Some(&n.to_string())))
        })
    };
    let gid = match &wanted.group {
        Some(group) => match number(&groups, group) {
            Some(gid) => gid,
            None => {
                let text = if busybox {
                    format!("unknown group {group}")
                } else {
                    format!("group '{group}' does not exist")
                };
                return Err(done(sys, 6, &text));
            }
        },
        None => match number(&groups, name) {
            Some(gid) => gid,
            None => {
                let gid = free(
                    &groups,
                    if wanted.system { 100 } else { 1000 },
                    None.or(Some(uid)
                        .filter(|u| !groups.iter().any(|l| l.split(':').nth(2) == Some(&u.to_string())))),
                );
                groups.push(format!("{name}:x:{gid}:"));
                gid
            }
        },
    };
    let home = wanted.home.clone().unwrap_or_else(|| format!("/home/{name}"));
    let default = match (own, busybox, wanted.system) {
        (_, true, true) => "/sbin/nologin",
        (_, true, false) => "/bin/sh",
        ("useradd", ..) => "/bin/sh",
        (_, false, true) => "/usr/sbin/nologin",
        _ => "/bin/bash",
    };
    let shell = wanted.shell.clone().unwrap_or_else(|| default.into());
    let comment = match (wanted.comment.is_empty(), busybox, own) {
        (false, ..) => wanted.comment.clone(),
        (true, true, _) => "Linux User,,,".into(),
        (true, false, "adduser") => ",,,".into(),
        _ => String::new(),
    };
    users.push(format!("{name}:x:{uid}:{gid}:{comment}:{home}:{shell}"));
    save(sys, "/etc/passwd", &users)?;
    save(sys, "/etc/group", &groups)?;
    let makes = wanted.make_home.unwrap_or((own == "adduser" || busybox) && !wanted.system);
    if makes {
        let _ = sys.make_folders(&home);
        let _ = sys.chown(&home, Some(uid), Some(gid));
    }
    if own == "adduser" && !busybox && !wanted.quiet {
        sys.print(&format!(
            "Adding user `{name}' ...\nAdding new group `{name}' ({gid}) ...\nAdding new user `{name}' ({uid}) with group `{name} ({gid})' ...\n{}",
            if makes { format!("Creating home directory `{home}' ...\nCopying files from `/etc/skel' ...\n") } else { String::new() }
        ));
    }
    if wanted.groups.is_empty() { Ok(()) } else { join(sys, name, &wanted.groups, true) }
}

/// Puts a user into groups.
fn join(sys: &mut Sys<'_>, user: &str, names: &[String], append: bool) -> Result<(), i32> {
    let mut groups = lines(sys, "/etc/group");
    let users = lines(sys, "/etc/passwd");
    if entry(&users, user).is_none() {
        return Err(done(sys, 6, &format!("user '{user}' does not exist")));
    }
    for name in names {
        if entry(&groups, name).is_none() {
            return Err(done(sys, 6, &format!("group '{name}' does not exist")));
        }
    }
    for line in &mut groups {
        let own = line.split(':').next().unwrap_or("").to_string();
        let (head, members) = line.rsplit_once(':').unwrap_or((line, ""));
        let mut list: Vec<&str> = members.split(',').filter(|m| !m.is_empty()).collect();
        let wanted = names.contains(&own);
        if wanted && !list.contains(&user) {
            list.push(user);
        }
        if !wanted && !append {
            list.retain(|m| *m != user);
        }
        *line = format!("{head}:{}", list.join(","));
    }
    save(sys, "/etc/group", &groups)
}

fn modify(sys: &mut Sys<'_>, wanted: &Wanted) -> Result<(), i32> {
    let mut users = lines(sys, "/etc/passwd");
    if entry(&users, &wanted.name).is_none() {
        return Err(done(sys, 6, &format!("user '{}' does not exist", wanted.name)));
    }
    for line in users.iter_mut().filter(|l| l.split(':').next() == Some(&*wanted.name)) {
        let mut fields: Vec<String> = line.split(':').map(String::from).collect();
        let mut set = |at: usize, value: Option<String>| {
            if let (Some(place), Some(value)) = (fields.get_mut(at), value) {
                *place = value;
            }
        };
        set(2, wanted.uid.map(|u| u.to_string()));
        set(5, wanted.home.clone());
        set(6, wanted.shell.clone());
        *line = fields.join(":");
    }
    save(sys, "/etc/passwd", &users)?;
    if wanted.groups.is_empty() { Ok(()) } else { join(sys, &wanted.name, &wanted.groups, wanted.append) }
}

fn remove_user(sys: &mut Sys<'_>, own: &str, wanted: &Wanted) -> Result<(), i32> {
    let mut users = lines(sys, "/etc/passwd");
    let Some(line) = entry(&users, &wanted.name).cloned() else {
        let text = if own == "userdel" {
            format!("user '{}' does not exist", wanted.name)
        } else {
            format!("unknown user {}", wanted.name)
        };
        return Err(done(sys, 6, &text));
    };
    users.retain(|l| l.split(':').next() != Some(&*wanted.name));
    save(sys, "/etc/passwd", &users)?;
    let mut groups = lines(sys, "/etc/group");
    groups.retain(|l| l.split(':').next() != Some(&*wanted.name));
    save(sys, "/etc/group", &groups)?;
    if wanted.remove
        && let Some(home) = line.split(':').nth(5)
    {
        super::remove::remove(
            sys,
            home,
            &super::support::Opts { given: vec![('r', None), ('f', None)], args: Vec::new() },
            0,
        );
    }
    Ok(())
}

fn remove_group(sys: &mut Sys<'_>, wanted: &Wanted) -> Result<(), i32> {
    let mut groups = lines(sys, "/etc/group");
    if entry(&groups, &wanted.name).is_none() {
        return Err(done(sys, 6, &format!("group '{}' does not exist", wanted.name)));
    }
    groups.retain(|l| l.split(':').next() != Some(&*wanted.name));
    save(sys, "/etc/group", &groups)
}
