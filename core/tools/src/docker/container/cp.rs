//! `docker cp`: files in and out of a container, running or not, as tar archives.
//!
//! Follows `docker/cli` 28's `cp` and moby's `archive.CopyInfo` rules: into a folder that is there, or
//! under the name given; `SRC/.` means the folder's content.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::{Engine, Failure};
use crate::docker::{units, usage};
use drydock_container::Sys;
use drydock_container::fd::{STDERR, STDOUT};
use drydock_container::sys_fs::FileKind;
use drydock_container::tar::{self, Entry, Placing};
use drydock_machinery::{Value, hash, json};
use drydock_network::http::{Body, Method, Request};

pub const COMMAND: Command = Command {
    name: "cp",
    usage: "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
    short: "Copy files and folders between a container and here",
    long: "docker container cp, docker cp",
    flags: &[FLAGS],
    takes_stdin: |parsed| parsed.args.first().is_some_and(|a| a == "-"),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("archive", 'a', false, "Keep owners"),
    Flag::bool("follow-link", 'L', false, "Copy what a symbolic link leads to"),
    Flag::bool("quiet", 'q', false, "Do not tell how much was copied"),
];

/// `container:path`, or a path here.
fn split(text: &str) -> (String, String) {
    if text.starts_with('/') || text.starts_with('.') {
        return (String::new(), text.into());
    }
    match text.split_once(':') {
        Some((container, path)) if !container.is_empty() => (container.into(), path.into()),
        _ => (String::new(), text.into()),
    }
}

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 2)?;
    let (from, to) =
        (invocation.arg(0).unwrap_or("").to_string(), invocation.arg(1).unwrap_or("").to_string());
    if from.is_empty() {
        return Err(Error::raw("source can not be empty\n"));
    }
    if to.is_empty() {
        return Err(Error::raw("destination can not be empty\n"));
    }
    let ((source, from), (target, to)) = (split(&from), split(&to));
    match (source.is_empty(), target.is_empty()) {
        (false, false) => Err(Error::raw("copying between containers is not supported\n")),
        (true, true) => Err(Error::raw("must specify at least one container source\n")),
        (false, true) => {
            let clean = to.trim_end_matches('/');
            let parent = clean.rsplit_once('/').map_or("", |(parent, _)| parent);
            if !parent.is_empty() && invocation.sys.stat(parent).is_err() {
                return Err(Error::raw(format!(
                    "invalid output path: directory {} does not exist\n",
                    drydock_machinery::quote::go(parent)
                )));
            }
            let engine = Engine::connect(invocation)?;
            download(invocation, &engine, &source, &from, &to)
        }
        (true, false) => upload(invocation, &from, &target, &to),
    }
}

fn download(
    invocation: &mut Invocation<'_, '_>,
    engine: &Engine,
    container: &str,
    from: &str,
    to: &str,
) -> Outcome {
    let mut from = absolute(from);
    if invocation.bool("follow-link")
        && let Ok(stat) = stat(engine, invocation.sys, container, &from)
        && !stat["linkTarget"].text().is_empty()
    {
        from = stat["linkTarget"].text().to_string();
    }
    let request = Request::get(format!("/containers/{container}/archive")).query("path", from.as_str());
    let reply = engine.call(invocation.sys, request)?;
    let bytes = reply.body.bytes();
    if to == "-" {
        invocation.sys.write(STDOUT, &bytes);
        return Ok(Flow::Done(0));
    }
    let entries = tar::unpack(&bytes).map_err(|_| Error::raw("unexpected EOF\n"))?;
    place(invocation.sys, &entries, &from, to)?;
    let shown = shown_here(invocation.sys, to);
    report(invocation, bytes.len(), &shown);
    Ok(Flow::Done(0))
}

/// Unpacks below a folder that is there, or under the name given.
fn place(sys: &mut Sys<'_>, entries: &[Entry], from: &str, to: &str) -> Result<(), Error> {
    let base =
        entries.first().map(|e| e.path.split('/').next().unwrap_or("").to_string()).unwrap_or_default();
    let whole_folder = entries.first().is_some_and(Entry::is_folder);
    let there = sys.stat(to).ok().map(|s| s.kind == FileKind::Directory);
    let trimmed = to.trim_end_matches('/');
    let trimmed = if trimmed.is_empty() { "/" } else { trimmed };
    let target = match there {
        Some(true) if from.ends_with("/.") => trimmed.to_string(),
        Some(true) => format!("{}/{base}", trimmed.trim_end_matches('/')),
        Some(false) if whole_folder => {
            return Err(Error::raw("cannot copy directory\n"));
        }
        Some(false) => trimmed.to_string(),
        None if to.ends_with('/') && !whole_folder => {
            return Err(Error::raw("no such directory\n"));
        }
        None => {
            let parent = trimmed.rsplit_once('/').map_or(".", |(p, _)| if p.is_empty() { "/" } else { p });
            if sys.stat(parent).is_err() {
                return Err(Error::raw(format!(
                    "invalid output path: directory {} does not exist\n",
                    drydock_machinery::quote::go(parent)
                )));
            }
            trimmed.to_string()
        }
    };
    for entry in entries {
        let inner = entry.path.strip_prefix(&base).unwrap_or(&entry.path).trim_start_matches('/');
        let path = if inner.is_empty() { target.clone() } else { format!("{target}/{inner}") };
        if inner.is_empty() && whole_folder && sys.stat(&path).is_ok() {
            continue;
        }
        let placing = Placing { times: true, ..Placing::default() };
        tar::place(sys, &target, &path, entry, placing)
            .map_err(|e| Error::raw(format!("open {path}: {}\n", e.text().to_lowercase())))?;
    }
    Ok(())
}

fn upload(invocation: &mut Invocation<'_, '_>, from: &str, container: &str, to: &str) -> Outcome {
    let mut entries = Vec::new();
    let piped = if from == "-" { invocation.stdin.take() } else { None };
    let (kind, base) = if piped.is_some() {
        (FileKind::Directory, String::new())
    } else {
        let follow = invocation.bool("follow-link");
        let clean = if from.len() > 1 { from.trim_end_matches('/') } else { from };
        let stat = if follow { invocation.sys.stat(clean) } else { invocation.sys.lstat(clean) };
        let stat = stat.map_err(|e| {
            let path = shown_here(invocation.sys, from);
            Error::raw(format!("lstat {path}: {}\n", e.text().to_lowercase()))
        })?;
        (stat.kind, clean.trim_end_matches("/.").rsplit('/').next().unwrap_or(clean).to_string())
    };
    let engine = Engine::connect(invocation)?;
    let target = absolute(to);
    let found = match stat(&engine, invocation.sys, container, target.trim_end_matches('/')) {
        Ok(stat) => Some(stat),
        Err(failure) if failure.text.contains("No such container") => return Err(failure.into()),
        Err(_) => None,
    };
    // Go's os.ModeDir.
    let is_folder = found.as_ref().map(|s| s["mode"].int() & (1 << 31) != 0);
    let trimmed = target.trim_end_matches('/').to_string();
    let (folder, name) = match is_folder {
        Some(true) if from.ends_with("/.") => (target.clone(), String::new()),
        Some(true) => (target.clone(), base.clone()),
        Some(false) if kind == FileKind::Directory => return Err(Error::raw("cannot copy directory\n")),
        None if target.ends_with('/') && kind != FileKind::Directory => {
            return Err(Error::raw("no such directory\n"));
        }
        _ => {
            let (parent, name) = trimmed.rsplit_once('/').unwrap_or(("", &trimmed));
            (if parent.is_empty() { "/".into() } else { parent.to_string() }, name.to_string())
        }
    };
    let bytes = match piped {
        Some(bytes) => bytes,
        None => {
            let root = if name.is_empty() { ".".to_string() } else { name };
            tar::collect(invocation.sys, from.trim_end_matches("/."), &root, &mut entries)
                .map_err(|e| Error::raw(format!("open {from}: {}\n", e.text().to_lowercase())))?;
            tar::pack(&entries)
        }
    };
    // What is told is the archive's size, as the real client does.
    let size = bytes.len();
    let mut request = Request::new(Method::Put, format!("/containers/{container}/archive"))
        .query("path", folder)
        .query("noOverwriteDirNonDir", "true");
    if invocation.bool("archive") {
        request = request.query("copyUIDGID", "true");
    }
    let request = request.header("Content-Type", "application/x-tar").body(Body::Bytes(bytes.into()));
    engine.call(invocation.sys, request)?;
    report(invocation, size, &format!("{container}:{to}"));
    Ok(Flow::Done(0))
}

/// At a terminal docker tells how much it copied.
fn report(invocation: &mut Invocation<'_, '_>, size: usize, to: &str) {
    if invocation.bool("quiet") || !invocation.sys.is_tty(STDERR) {
        return;
    }
    let size = units::size3(i64::try_from(size).unwrap_or(i64::MAX));
    invocation.eprint(&format!("Successfully copied {size} to {to}\n"));
}

/// What is at a path of a container.
fn stat(engine: &Engine, sys: &mut Sys<'_>, container: &str, path: &str) -> Result<Value, Failure> {
    let path = if path.is_empty() { "/" } else { path };
    let request = Request::new(Method::Head, format!("/containers/{container}/archive")).query("path", path);
    let reply = engine.call(sys, request)?;
    let header = reply.headers.get("X-Docker-Container-Path-Stat").unwrap_or("").to_string();
    let bytes = hash::base64_decode(&header).unwrap_or_default();
    json::parse(&bytes).map_err(|_| Failure::new("unable to decode container path stat header"))
}

fn absolute(path: &str) -> String {
    if path.starts_with('/') { path.into() } else { format!("/{path}") }
}

fn shown_here(sys: &Sys<'_>, path: &str) -> String {
    if path.starts_with('/') {
        return path.into();
    }
    let cwd = sys.cwd();
    format!("{}/{}", cwd.trim_end_matches('/'), path.strip_prefix("./").unwrap_or(path))
}
