//! A pod's volumes as the containers see them: emptyDir, configMap, secret, downwardAPI, projected, and
//! folders that outlive pods (hostPath by node, claims by name). Content that cannot differ between pods
//! is kept once. Follows `pkg/volume` of Kubernetes 1.33: keys are links into a dated folder, and follow
//! changes of their object about a minute later.

use super::env::{decode, field, resource};
use super::{Mounts, Worker};
use crate::auth::token;
use crate::cluster::Cluster;
use crate::kinds::{self, KindId};
use crate::object::Object;
use drydock_container::Machines;
use drydock_container::filesystem::{Content, Filesystem, Inode};
use drydock_container::space::Mount;
use drydock_machinery::digest::mix;
use drydock_machinery::{Timestamp, Value, hash};
use std::sync::Arc;

/// A file to be: path, bytes, mode.
type FileOf = (String, Vec<u8>, u16);

/// Sets up what is not there yet.
///
/// # Errors
/// The volume and what is wrong with it.
pub fn set_up(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &mut Worker,
) -> Result<(), (String, String)> {
    for volume in pod.spec()["volumes"].items() {
        let name = volume["name"].shared();
        if worker.volumes.iter().any(|v| v.0 == name) {
            continue;
        }
        let made =
            one(cluster, machines, pod, worker, volume).map_err(|problem| (name.to_string(), problem))?;
        let (number, own) = made;
        worker.volumes.push((name, number));
        if own {
            worker.own_volumes.push(number);
        }
    }
    Ok(())
}

/// One volume: its number and whether it goes with the pod.
fn one(
    cluster: &mut Cluster,
    machines: &mut Machines,
    pod: &Arc<Object>,
    worker: &Worker,
    volume: &Value,
) -> Result<(u32, bool), String> {
    let shared = |cluster: &mut Cluster, machines: &mut Machines, key: String| {
        let key: Arc<str> = key.into();
        match cluster.control.kubelets.shared.get(&key) {
            Some(number) => *number,
            None => {
                let number = machines.add_volume();
                cluster.control.kubelets.shared.insert(key, number);
                number
            }
        }
    };
    if !volume["hostPath"].is_null() {
        let key = format!("node/{}/{}", worker.node, volume["hostPath"]["path"].text());
        return Ok((shared(cluster, machines, key), false));
    }
    if !volume["persistentVolumeClaim"].is_null() {
        let claim = volume["persistentVolumeClaim"]["claimName"].text();
        return Ok((shared(cluster, machines, format!("claim/{}/{claim}", pod.namespace)), false));
    }
    let sources: Vec<Value> = if volume["projected"].is_null() {
        let single = ["configMap", "secret", "downwardAPI"].iter().find(|k| !volume[**k].is_null());
        match single {
            // A secret's name is in another field when it is not projected.
            Some(kind) => vec![Value::from_entries(vec![((*kind).into(), volume[*kind].clone())])],
            None => return Ok((machines.add_volume(), true)),
        }
    } else {
        volume["projected"]["sources"].items().to_vec()
    };
    let own = sources.iter().any(|s| {
        let plain = |i: &Value| i["fieldRef"]["fieldPath"] == "metadata.namespace";
        !s["downwardAPI"].is_null() && !s["downwardAPI"]["items"].items().iter().all(plain)
    });
    let kind = ["projected", "configMap", "secret", "downwardAPI"]
        .into_iter()
        .find(|k| !volume[*k].is_null())
        .unwrap_or("");
    let mode = u16::try_from(volume[kind]["defaultMode"].as_int().unwrap_or(0o644)).unwrap_or(0o644);
    // A token is its account's: of another account of the same name, another one.
    let account = pod.spec()["serviceAccountName"].text();
    let account = cluster.find(kinds::SERVICE_ACCOUNT, &pod.namespace, account).map_or(0, |a| a.id);
    let digest = sources.iter().fold(u64::from(mode), |h, s| mix(h, s.content_hash()));
    let key: Arc<str> =
        format!("files/{}/{account}/{digest:016x}/{}", pod.namespace, references(&sources)).into();
    if !own && let Some(number) = cluster.control.kubelets.shared.get(&key) {
        return Ok((*number, false));
    }
    let mut files = Vec::new();
    for source in &sources {
        collect(cluster, machines, pod, worker, source, mode, &mut files)?;
    }
    let number = machines.add_volume_of(filesystem(machines, &files));
    if !own {
        cluster.control.kubelets.shared.insert(key, number);
    }
    Ok((number, own))
}

/// Names of the ConfigMaps (`c:`) and Secrets (`s:`) that sources refer to.
fn references(sources: &[Value]) -> String {
    let mut list = Vec::new();
    for source in sources {
        if !source["configMap"].is_null() {
            list.push(format!("c:{};", source["configMap"]["name"].text()));
        }
        if !source["secret"].is_null() {
            list.push(format!("s:{};", secret_name(&source["secret"])));
        }
    }
    list.concat()
}

fn secret_name(source: &Value) -> &str {
    let name = source["secretName"].text();
    if name.is_empty() { source["name"].text() } else { name }
}

fn collect(
    cluster: &Cluster,
    machines: &Machines,
    pod: &Object,
    worker: &Worker,
    source: &Value,
    mode: u16,
    files: &mut Vec<FileOf>,
) -> Result<(), String> {
    for (kind, which) in [("configMap", kinds::CONFIG_MAP), ("secret", kinds::SECRET)] {
        let wanted = &source[kind];
        if wanted.is_null() {
            continue;
        }
        let name = if which == kinds::SECRET { secret_name(wanted) } else { wanted["name"].text() };
        let Some(object) = cluster.find(which, &pod.namespace, name) else {
            if wanted["optional"].bool() {
                continue;
            }
            let word = if which == kinds::SECRET { "secret" } else { "configmap" };
            return Err(format!("{word} \"{name}\" not found"));
        };
        keys(which, object, wanted, mode, files)?;
    }
    for item in source["downwardAPI"]["items"].items() {
        let text = if item["fieldRef"].is_null() {
            resource(cluster, pod, worker, &Value::Null, &item["resourceFieldRef"])
        } else {
            field(cluster, pod, worker, item["fieldRef"]["fieldPath"].text())
        };
        files.push((item["path"].text().into(), text.into_bytes(), mode_of(item, mode)));
    }
    let token = &source["serviceAccountToken"];
    if !token.is_null() {
        let path = token["path"].text();
        let path = if path.is_empty() { "token" } else { path };
        let seconds = token["expirationSeconds"].as_int().unwrap_or(3600);
        let audience = token["audience"].text();
        let issued = token::for_volume(cluster, pod, audience, seconds, &machines.clock);
        files.push((path.into(), issued.unwrap_or_default().into_bytes(), mode));
    }
    Ok(())
}

fn mode_of(item: &Value, default: u16) -> u16 {
    item["mode"].as_int().and_then(|m| u16::try_from(m).ok()).unwrap_or(default)
}

fn keys(
    kind: KindId,
    object: &Object,
    wanted: &Value,
    mode: u16,
    files: &mut Vec<FileOf>,
) -> Result<(), String> {
    let bytes = |key: &str| -> Option<Vec<u8>> {
        let value = object.field("data").find(key);
        if kind == kinds::SECRET {
            return value.map(|v| hash::base64_decode(v.text()).unwrap_or_default());
        }
        let text = value.map(|v| decode(kind, v).as_bytes().to_vec());
        text.or_else(|| {
            object.field("binaryData").find(key).map(|v| hash::base64_decode(v.text()).unwrap_or_default())
        })
    };
    if wanted["items"].items().is_empty() {
        let all = object.field("data").entries().iter().chain(object.field("binaryData").entries());
        for (key, _) in all {
            files.push((key.text().into(), bytes(key.text()).unwrap_or_default(), mode));
        }
        return Ok(());
    }
    for item in wanted["items"].items() {
        let key = item["key"].text();
        match bytes(key) {
            Some(bytes) => files.push((item["path"].text().into(), bytes, mode_of(item, mode))),
            None if wanted["optional"].bool() => {}
            None => return Err("references non-existent config key: ".to_string() + key),
        }
    }
    Ok(())
}

/// The folder as the kubelet writes it: data in a dated folder, `..data` pointing at it, links for keys.
fn filesystem(machines: &Machines, files: &[FileOf]) -> Filesystem {
    let unix = machines.clock.unix();
    let dated = Timestamp(unix).to_rfc3339().replace(['-', ':'], "_").replace('T', "_").replace('Z', "");
    let dated = format!("..{dated}.{:09}", machines.clock.chance(files.len() as u64, 999_999_999));
    let mut fs = Filesystem::default();
    let inode = |content: Content, mode: u16, size: u64| Inode {
        content,
        mode,
        uid: 0,
        gid: 0,
        mtime: unix,
        links: 1,
        size,
    };
    let directory = || inode(Content::Directory, 0o755, 4096);
    // Names come from keys, which the API has checked; a full disk leaves a file out.
    let _ = fs.put(&format!("/{dated}"), directory());
    let _ = fs.put("/..data", inode(Content::Symlink(dated.as_str().into()), 0o777, dated.len() as u64));
    for (path, bytes, mode) in files {
        let mut at = format!("/{dated}");
        let mut parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        let Some(last) = parts.pop() else { continue };
        for part in &parts {
            at = format!("{at}/{part}");
            if fs.get(&at).is_none() {
                let _ = fs.put(&at, directory());
            }
        }
        let _ = fs.put(
            &format!("{at}/{last}"),
            inode(Content::File(bytes.as_slice().into()), *mode, bytes.len() as u64),
        );
        let first = parts.first().copied().unwrap_or(last);
        let target = format!("..data/{first}");
        if fs.get(&format!("/{first}")).is_none() {
            let size = target.len() as u64;
            let _ = fs.put(&format!("/{first}"), inode(Content::Symlink(target.into()), 0o777, size));
        }
    }
    fs
}

/// The mounts of one container; replicas with the same volumes share the list.
pub fn mounts(cluster: &mut Cluster, worker: &Worker, spec: &Value) -> Mounts {
    let asked = &spec["volumeMounts"];
    if let Some((known, volumes, mounts)) = &cluster.control.kubelets.cache.mounts
        && known.is_same(asked)
        && *volumes == worker.volumes
    {
        return mounts.clone();
    }
    let list = asked.items().iter().filter_map(|mount| {
        let name = mount["name"].text();
        let volume = worker.volumes.iter().find(|v| &*v.0 == name)?.1;
        let sub = if mount["subPath"].is_empty() { &mount["subPathExpr"] } else { &mount["subPath"] };
        let entry = Mount { volume, sub_path: sub.shared(), read_only: mount["readOnly"].bool() };
        let path = mount["mountPath"].text().trim_end_matches('/');
        Some((Arc::from(if path.is_empty() { "/" } else { path }), entry))
    });
    let mounts: Mounts = list.collect();
    cluster.control.kubelets.cache.mounts = Some((asked.clone(), worker.volumes.clone(), mounts.clone()));
    mounts
}

fn mark_of(object: &Object) -> String {
    let letter = if object.kind == kinds::SECRET { 's' } else { 'c' };
    format!("{letter}:{};", object.name)
}

/// True when some pod has this ConfigMap or Secret as files.
#[must_use]
pub fn is_mounted(cluster: &Cluster, object: &Object) -> bool {
    let (mark, prefix) = (mark_of(object), format!("files/{}/", object.namespace));
    cluster.control.kubelets.shared.keys().any(|k| k.starts_with(&prefix) && k.contains(&mark))
}

/// How long files lag behind their object (sync period and cache), milliseconds.
const LAG: (u64, u64) = (45_000, 30_000);

/// Brings files in line with a changed object: at once when the lag is over, else later.
pub fn refresh(cluster: &mut Cluster, machines: &mut Machines, object: &Arc<Object>) {
    let now = machines.clock.now;
    match cluster.control.kubelets.refresh.get(&object.id).copied() {
        None => {
            let wait = LAG.0 + machines.clock.chance(u64::from(object.id) ^ object.revision, LAG.1);
            cluster.control.kubelets.refresh.insert(object.id, now + wait);
            cluster.mark_later(machines, super::NAME, object.id, wait);
        }
        Some(at) if at <= now => {
            cluster.control.kubelets.refresh.remove(&object.id);
            rewrite(cluster, machines, object);
        }
        Some(_) => {}
    }
}

fn rewrite(cluster: &mut Cluster, machines: &mut Machines, object: &Arc<Object>) {
    let (mark, prefix) = (mark_of(object), format!("files/{}/", object.namespace));
    let hit = |k: &Arc<str>| k.starts_with(&prefix) && k.contains(&mark);
    let numbers: Vec<u32> =
        cluster.control.kubelets.shared.iter().filter(|(k, _)| hit(k)).map(|(_, n)| *n).collect();
    for number in numbers {
        // Any pod that has the volume says how its files are made.
        let user = cluster.control.kubelets.workers.iter().find_map(|(id, w)| {
            let name = w.volumes.iter().find(|v| v.1 == number)?.0.clone();
            Some((cluster.object(*id)?, w.clone(), name))
        });
        let Some((pod, worker, name)) = user else { continue };
        let Some(volume) = pod.spec()["volumes"].items().iter().find(|v| v["name"] == *name) else {
            continue;
        };
        let sources: Vec<Value> = match volume["projected"].is_null() {
            false => volume["projected"]["sources"].items().to_vec(),
            true => vec![volume.clone()],
        };
        let kind =
            ["projected", "configMap", "secret"].into_iter().find(|k| !volume[*k].is_null()).unwrap_or("");
        let mode = u16::try_from(volume[kind]["defaultMode"].as_int().unwrap_or(0o644)).unwrap_or(0o644);
        let mut files = Vec::new();
        let complete =
            sources.iter().all(|s| collect(cluster, machines, &pod, &worker, s, mode, &mut files).is_ok());
        if complete {
            let content = filesystem(machines, &files);
            machines.volumes.insert(number, Arc::new(content));
        }
    }
}
