//! Files in and out of containers: `docker cp` and `docker export`. Follows `daemon/archive_unix.go` of
//! moby 26.1.

use crate::container::Container;
use crate::door::Call;
use crate::fault::Fault;
use crate::images::make::layer_of;
use crate::json;
use drydock_container::filesystem::{Content, Filesystem, Inode, normalise};
use drydock_container::{Machines, tar};
use drydock_machinery::hash::base64_encode;
use drydock_machinery::time::nano_string;
use drydock_network::http::{Body, Response};
use std::sync::Arc;

fn missing(path: &str, typed: &str) -> Fault {
    Fault::not_found(format!("Could not find the file {path} in container {typed}"))
}

/// The resolved path and inode of what a client names.
fn look(machines: &Machines, c: &Container, path: &str, typed: &str) -> Result<(String, Arc<Inode>), Fault> {
    if path.is_empty() {
        return Err(Fault::invalid("bad parameter: empty path"));
    }
    let absolute = normalise("/", path);
    // The last part is not followed, unless the path says that it is a folder.
    let slash = path.ends_with('/') || path.ends_with("/.");
    let real = if slash {
        machines.real_path(c.space, "/", &absolute)
    } else {
        machines.link_path(c.space, "/", &absolute)
    };
    let real = real.map_err(|_| missing(path, typed))?;
    let inode = machines.inode_at(c.space, &real).ok_or_else(|| missing(path, typed))?;
    if slash && inode.content != Content::Directory {
        return Err(missing(path, typed));
    }
    Ok((real, inode))
}

/// `X-Docker-Container-Path-Stat`.
fn stat_header(machines: &Machines, c: &Container, path: &str, real: &str, inode: &Inode) -> String {
    let kind: u32 = match inode.content {
        Content::Directory => 1 << 31,
        Content::Symlink(_) => 1 << 27,
        Content::Device(_) => 1 << 26 | 1 << 21,
        _ => 0,
    };
    let target = match &inode.content {
        Content::Symlink(_) => machines.real_path(c.space, "/", real).unwrap_or_default(),
        _ => String::new(),
    };
    let body = json!({
        "name": tar::member_name(path),
        "size": inode.size,
        "mode": kind | u32::from(inode.mode & 0o777),
        "mtime": nano_string(inode.mtime, 0),
        "linkTarget": target,
    });
    base64_encode(body.0.as_bytes())
}

/// `HEAD /containers/{id}/archive`.
///
/// # Errors
/// `Could not find the file …`.
pub fn stat(call: &Call<'_>, typed: &str) -> Result<Response, Fault> {
    let container = call.docker.container(typed)?;
    let path = call.param("path");
    let (real, inode) = look(call.machines, &container, path, typed)?;
    let header = stat_header(call.machines, &container, path, &real, &inode);
    Ok(Response::new(200, Body::Empty).header("X-Docker-Container-Path-Stat", &header))
}

/// `GET /containers/{id}/archive`.
///
/// # Errors
/// `Could not find the file …`.
pub fn get(call: &Call<'_>, typed: &str) -> Result<Response, Fault> {
    let container = call.docker.container(typed)?;
    let path = call.param("path");
    let (real, inode) = look(call.machines, &container, path, typed)?;
    let header = stat_header(call.machines, &container, path, &real, &inode);
    let entries = entries(call.machines, &container, &real, &tar::member_name(path), 0);
    Ok(Response::new(200, Body::Bytes(tar::pack(&entries).into()))
        .header("Content-Type", "application/x-tar")
        .header("X-Docker-Container-Path-Stat", &header))
}

/// Everything at and below a path, mounts and made-up files included.
fn entries(machines: &Machines, c: &Container, path: &str, name: &str, depth: usize) -> Vec<tar::Entry> {
    let Some(inode) = machines.inode_at(c.space, path) else { return Vec::new() };
    let mut out = vec![tar::Entry { path: name.into(), inode: Inode::clone(&inode), hard_link: None }];
    if inode.content != Content::Directory || depth > drydock_machinery::limits::DEPTH || path == "/proc" {
        return out;
    }
    let names =
        machines.names_in(c.space, drydock_container::path::Viewer::default(), path).unwrap_or_default();
    for child in names {
        let below = if path == "/" { format!("/{child}") } else { format!("{path}/{child}") };
        let member = if name == "/" || name.is_empty() { child } else { format!("{name}/{child}") };
        out.extend(entries(machines, c, &below, &member, depth + 1));
    }
    out
}

/// `PUT /containers/{id}/archive`.
///
/// # Errors
/// Paths that are no folders, read-only filesystems, archives that are none.
pub fn put(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let container = call.docker.container(typed)?;
    let path = call.param("path").to_string();
    let (real, inode) = look(call.machines, &container, &format!("{}/", path.trim_end_matches('/')), typed)
        .map_err(|_| missing(&path, typed))?;
    if inode.content != Content::Directory {
        return Err(Fault::invalid("extraction point is not a directory"));
    }
    let bytes = call.request.body.bytes();
    let entries = tar::unpack_rooted(&bytes)
        .map_err(|e| Fault::internal(format!("Error processing tar file(exit status 1): {e}")))?;
    let keep_kinds = call.flag("noOverwriteDirNonDir");
    let mtime = call.machines.clock.unix();
    for entry in entries {
        let to = normalise(&real, &entry.path);
        if to == real {
            continue;
        }
        let parent = drydock_container::filesystem::parent(&to);
        let to = match call.machines.real_path(container.space, "/", parent) {
            Ok(above) => {
                format!("{}/{}", above.trim_end_matches('/'), drydock_container::filesystem::base_name(&to))
            }
            Err(_) => to,
        };
        let old = call.machines.inode_at(container.space, &to);
        if let Some(old) = old.filter(|_| keep_kinds) {
            let (was, is) = (old.content == Content::Directory, entry.inode.content == Content::Directory);
            if was && !is {
                return Err(Fault::invalid(format!(
                    "cannot overwrite directory \"{to}\" with non-directory \"/\""
                )));
            }
            if !was && is {
                return Err(Fault::invalid(format!(
                    "cannot overwrite non-directory \"{to}\" with directory \"/\""
                )));
            }
        }
        let located = call.machines.locate(container.space, &to);
        let read_only = located.read_only
            || call.machines.filesystem(container.space, located.volume).is_some_and(|fs| fs.read_only);
        if read_only {
            let whole = if located.volume.is_none() {
                "container rootfs is marked read-only"
            } else {
                "mounted volume is marked read-only"
            };
            return Err(Fault::forbidden(whole));
        }
        let Some(fs) = call.machines.filesystem_mut(container.space, located.volume) else { continue };
        Machines::make_directories(fs, drydock_container::filesystem::parent(&located.path), mtime);
        tar::put(fs, &located.path, entry.inode).map_err(|e| Fault::internal(e.text().to_lowercase()))?;
    }
    call.docker.note_container(call.machines, &container.id, "extract-to-dir", &[]);
    Ok(Response::new(200, Body::Empty))
}

/// `GET /containers/{id}/export`: the whole filesystem, without what is mounted.
///
/// # Errors
/// No such container.
pub fn export(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let container = call.docker.container(typed)?;
    let root = call.machines.space(container.space).map(|s| s.root.clone()).unwrap_or_default();
    let held = layer_of(&Filesystem::default(), &container.image.root, "").size;
    let bytes = tar::pack_noting(&tar::entries_of(&root, "/", ""), container.image.size.saturating_sub(held));
    call.docker.note_container(call.machines, &container.id, "export", &[]);
    Ok(Response::new(200, Body::Bytes(bytes.into())).header("Content-Type", "application/octet-stream"))
}
