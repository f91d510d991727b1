//! Images as archives: `save`, `load`, `import`. Follows `image/tarexport` of moby 26.1. An image here is
//! one filesystem: the whole of it lies in the archive's last layer, and the others are empty.

use crate::door::Call;
use crate::fault::Fault;
use crate::images::make::{Recipe, image, layer_of};
use crate::images::transfer::failed;
use crate::json;
use crate::json::{Json, ToJson};
use drydock_container::filesystem::{Content, Filesystem};
use drydock_container::images::reference::Reference;
use drydock_container::images::{Flavour, History, Image, Layer};
use drydock_container::tar::{self, Entry};
use drydock_machinery::{Value, json as json_text, value};
use drydock_network::http::{Body, Response};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything about an image but its files.
fn config_text(image: &Image) -> String {
    let history = image.extras.history.iter().map(|h| {
        json!({
            "created": h.created, "created_by": &h.created_by, "comment": &h.comment, "author": &h.author,
            "empty_layer": h.empty, "size": h.size,
        })
    });
    let layers = image
        .layers
        .iter()
        .map(|l| json!({"diff_id": &l.diff_id, "size": l.size, "created_by": &l.created_by}));
    let diff_ids = image.layers.iter().map(|l| format!("sha256:{}", l.diff_id).to_json());
    json!({
        "architecture": "amd64",
        "os": "linux",
        "created": image.created,
        "author": &image.extras.author,
        "comment": &image.extras.comment,
        "docker_version": &image.extras.docker_version,
        "config": crate::inspect::config_shown(&crate::images::inspect::config_value(image)),
        "history": Json::list(history),
        "rootfs": json!({"type": "layers", "diff_ids": Json::list(diff_ids)}),
        "layers": Json::list(layers),
        "size": image.size,
        "digest": &image.digest,
        "busybox": image.flavour == Flavour::Busybox,
    })
    .0
}

/// `GET /images/get` and `/images/{name}/get`.
///
/// # Errors
/// `No such image: x`.
pub fn save(call: &mut Call<'_>, names: &[String]) -> Result<Response, Fault> {
    let mtime = call.machines.clock.unix();
    let mut images: BTreeMap<Arc<str>, (Arc<Image>, Vec<String>)> = BTreeMap::new();
    for name in names {
        let Some(record) = call.docker.images.get(name).cloned() else { return Err(Fault::no_image(name)) };
        let by_name = call.docker.images.tags_of(&record.image.id);
        let reference = Reference::parse(name).ok();
        let wants_all = !name.rsplit('/').next().unwrap_or("").contains(':');
        // A name without a tag means all its tags.
        let kept = by_name.into_iter().filter(|t| {
            let parsed = Reference::parse(t).ok();
            let same = parsed.as_ref().map(Reference::name) == reference.as_ref().map(Reference::name);
            same && (wants_all || parsed == reference)
        });
        let entry =
            images.entry(record.image.id.clone()).or_insert_with(|| (record.image.clone(), Vec::new()));
        for tag in kept {
            if !entry.1.contains(&tag) {
                entry.1.push(tag);
            }
        }
        call.docker.note_event(
            call.machines,
            "image",
            "save",
            &format!("sha256:{}", record.image.id),
            &[("name", name)],
        );
    }
    let mut entries = Vec::new();
    let mut manifest = Vec::new();
    for (id, (image, tags)) in &images {
        let config = config_text(image).into_bytes();
        entries.push(Entry::file(&format!("blobs/sha256/{id}"), config, 0o644, mtime));
        let last = image.layers.len().saturating_sub(1);
        let mut layers = Vec::new();
        for (at, layer) in image.layers.iter().enumerate() {
            let content = if at == last { tar::entries_of(&image.root, "/", "") } else { Vec::new() };
            let path = format!(
                "blobs/sha256/{}",
                if at == last { format!("{}-{id}", layer.diff_id) } else { layer.diff_id.to_string() }
            );
            entries.push(Entry::file(&path, tar::pack(&content), 0o644, mtime));
            layers.push(path);
        }
        manifest.push(json!({
            "Config": format!("blobs/sha256/{id}"), "RepoTags": Json::list_or_null(tags.iter().map(ToJson::to_json)),
            "Layers": Json::strings(layers),
        }));
    }
    entries.push(Entry::file("manifest.json", Json::list(manifest).0.into_bytes(), 0o644, mtime));
    let layout = br#"{"imageLayoutVersion":"1.0.0"}"#;
    entries.push(Entry::file("oci-layout", *layout, 0o644, mtime));
    Ok(Response::new(200, Body::Bytes(tar::pack(&entries).into()))
        .header("Content-Type", "application/x-tar"))
}

/// `POST /images/load`.
///
/// # Errors
/// None: what is wrong with the archive is said in the stream.
pub fn load(call: &mut Call<'_>) -> Result<Response, Fault> {
    let bytes = call.request.body.bytes();
    let (stream, response) = call.docker.messages(call.machines);
    match loaded(call, &bytes) {
        Ok(lines) => {
            for line in lines {
                call.docker.say(call.machines, stream, value!({"stream": format!("{line}\n")}));
            }
        }
        Err(text) => call.docker.say(call.machines, stream, failed(&text)),
    }
    call.docker.end_stream(call.machines, stream);
    Ok(response)
}

fn loaded(call: &mut Call<'_>, bytes: &[u8]) -> Result<Vec<String>, String> {
    let entries =
        tar::unpack_rooted(bytes).map_err(|e| format!("Error processing tar file(exit status 1): {e}"))?;
    let find = |path: &str| entries.iter().find(|e| e.path == path);
    let read = |path: &str| match find(path).map(|e| &e.inode.content) {
        Some(Content::File(bytes)) => Some(bytes.clone()),
        _ => None,
    };
    let Some(manifest) = read("manifest.json") else {
        // The oldest format: every folder is a layer.
        let number = 1_000_000_000 + call.docker.random.below(3_000_000_000);
        let folder = entries.iter().find(|e| e.inode.content == Content::Directory && !e.path.contains('/'));
        let what = folder.map_or_else(|| "repositories".to_string(), |f| format!("{}/json", f.path));
        return Err(format!(
            "open /var/lib/docker/tmp/docker-import-{number}/{what}: no such file or directory"
        ));
    };
    let manifest = json_text::parse(&manifest).map_err(|e| e.to_string())?;
    let mut lines = Vec::new();
    for item in manifest.items() {
        let path = item["Config"].text();
        let text = read(path).ok_or_else(|| format!("open {path}: no such file or directory"))?;
        let config = json_text::parse(&text).map_err(|e| e.to_string())?;
        let last = item["Layers"].items().last().map_or("", Value::text);
        let layer = read(last).unwrap_or_else(|| Arc::from([]));
        let members = tar::unpack(&layer).map_err(|e| e.to_string())?;
        let mut root = Filesystem::default();
        tar::extract(&mut root, "/", &members, None, 0).map_err(|e| e.text().to_lowercase())?;
        let id = path.rsplit('/').next().unwrap_or("").trim_end_matches(".json");
        let image = restored(&config, id, root);
        let (digest, id) = (image.digest.clone(), call.docker.images.add(Arc::new(image), ""));
        let now = call.machines.clock.now;
        let tags = item["RepoTags"].items();
        for tag in tags {
            if let Ok(reference) = Reference::parse(tag.text()) {
                if let Some(old) = call.docker.images.tag(&reference, &id, now) {
                    lines.push(format!(
                        "The image {} already exists, renaming the old one with ID sha256:{old} to empty string",
                        reference.familiar()
                    ));
                }
                lines.push(format!("Loaded image: {}", reference.familiar()));
            }
        }
        _ = digest;
        if tags.is_empty() {
            lines.push(format!("Loaded image ID: sha256:{id}"));
        }
        let shown = format!("sha256:{id}");
        call.docker.note_event(call.machines, "image", "load", &shown, &[("name", &shown)]);
    }
    Ok(lines)
}

/// Bytes a layer may claim to have: sums stay within numbers.
const MOST: u64 = 1 << 40;

fn bytes(value: &Value) -> u64 {
    u64::try_from(value.int()).unwrap_or(0).min(MOST)
}

/// An image from what `save` wrote about it.
fn restored(config: &Value, id: &str, root: Filesystem) -> Image {
    let history = config["history"].items().iter().map(|h| History {
        created: h["created"].int(),
        created_by: h["created_by"].shared(),
        comment: h["comment"].shared(),
        author: h["author"].shared(),
        empty: h["empty_layer"].bool(),
        size: bytes(&h["size"]),
    });
    let layers = config["layers"].items().iter().map(|l| Layer {
        diff_id: l["diff_id"].shared(),
        size: bytes(&l["size"]),
        created_by: l["created_by"].shared(),
    });
    let made = image(Recipe {
        config: &config["config"],
        root: Arc::new(root),
        layers: layers.collect(),
        history: history.collect(),
        author: config["author"].text(),
        comment: config["comment"].text(),
        created: config["created"].int(),
        salt: 0,
        flavour: if config["busybox"].bool() { Flavour::Busybox } else { Flavour::Gnu },
        docker_version: config["docker_version"].text(),
    });
    let size = if config["size"].is_null() { made.size } else { bytes(&config["size"]) };
    Image { id: id.into(), size, digest: config["digest"].shared(), ..made }
}

/// `POST /images/create?fromSrc=-`: a filesystem's archive becomes an image of one layer.
///
/// # Errors
/// Archives and names that are none.
pub fn import(call: &mut Call<'_>) -> Result<Response, Fault> {
    let source = call.param("fromSrc").to_string();
    let (repo, tag) = (call.param("repo").to_string(), call.param("tag").to_string());
    let name = if tag.is_empty() { repo.clone() } else { format!("{repo}:{tag}") };
    let reference =
        if repo.is_empty() { None } else { Some(Reference::parse(&name).map_err(Fault::invalid)?) };
    if source != "-" {
        let host = source
            .trim_start_matches("http://")
            .trim_start_matches("https://")
            .split('/')
            .next()
            .unwrap_or("");
        return Err(Fault::internal(format!(
            "Get \"{source}\": dial tcp: lookup {host} on {}:53: no such host",
            drydock_container::host::NAME_SERVER
        )));
    }
    let bytes = call.request.body.bytes();
    let entries = tar::unpack(&bytes)
        .map_err(|e| Fault::internal(format!("Error processing tar file(exit status 1): {e}")))?;
    let mut root = Filesystem::default();
    let mtime = call.machines.clock.unix();
    tar::extract(&mut root, "/", &entries, None, mtime)
        .map_err(|e| Fault::internal(e.text().to_lowercase()))?;
    let mut config = value!({"Env": null, "Cmd": null});
    for change in call.request.query.iter().filter(|q| &*q.0 == "changes").flat_map(|q| q.1.lines()) {
        config = crate::images::commit::changed(config, change)?;
    }
    let message = call.param("message").to_string();
    let comment = if message.is_empty() { format!("Imported from {source}") } else { message };
    let mut layer = layer_of(&Filesystem::default(), &root, "");
    layer.size = layer.size.saturating_add(tar::unkept(&bytes).min(MOST));
    let history = History {
        created: mtime,
        created_by: "".into(),
        comment: comment.as_str().into(),
        author: "".into(),
        empty: false,
        size: layer.size,
    };
    let busybox = root.get("/bin/busybox").is_some();
    let salt = call.docker.random.next_u64();
    let made = image(Recipe {
        config: &config,
        root: Arc::new(root),
        layers: vec![layer],
        history: vec![history],
        author: "",
        comment: &comment,
        created: mtime,
        salt,
        flavour: if busybox { Flavour::Busybox } else { Flavour::Gnu },
        docker_version: crate::system::ENGINE,
    });
    let id = call.docker.images.add(Arc::new(made), "");
    let now = call.machines.clock.now;
    if let Some(reference) = &reference {
        call.docker.images.tag(reference, &id, now);
    }
    let shown = format!("sha256:{id}");
    call.docker.note_event(call.machines, "image", "import", &shown, &[("name", &name)]);
    let (stream, response) = call.docker.messages(call.machines);
    call.docker.say(call.machines, stream, value!({"status": shown}));
    call.docker.end_stream(call.machines, stream);
    Ok(response)
}
