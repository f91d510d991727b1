//! One image in detail: `/images/{name}/json`, `/images/{name}/history`, and its new names. Follows
//! `daemon/images/{image_inspect,image_history,image_tag}.go` of moby 26.1.

use crate::create::image_env;
use crate::door::Call;
use crate::fault::Fault;
use crate::inspect::{config_shown, graph_driver};
use crate::json::{Json, Object, ToJson};
use crate::system::answer;
use crate::{ids, json};
use drydock_container::images::Image;
use drydock_container::images::reference::Reference;
use drydock_machinery::time::nano_string;
use drydock_machinery::{Value, value};
use drydock_network::http::{Body, Response};
use std::sync::Arc;

/// An image's configuration as a container's would be.
#[must_use]
pub fn config_value(image: &Image) -> Value {
    let list = |items: &[Arc<str>]| -> Value {
        if items.is_empty() { Value::Null } else { items.iter().map(Value::from).collect() }
    };
    let set = |items: &[Arc<str>]| -> Value {
        if items.is_empty() {
            Value::Null
        } else {
            items.iter().map(|p| (&**p, Value::empty_map())).collect()
        }
    };
    let labels: Value = image.labels.iter().map(|(k, v)| (&**k, Value::from(v))).collect();
    value!({
        "User": &image.user, "WorkingDir": &image.cwd, "Env": list(&image_env(image)), "Cmd": list(&image.cmd),
        "Entrypoint": list(&image.entrypoint), "ExposedPorts": set(&image.exposed), "Volumes": set(&image.volumes),
        "Labels": if labels.is_empty() { Value::Null } else { labels },
        "StopSignal": image.stop_signal.map(|s| format!("SIG{}", s.name())).unwrap_or_default(),
        "Healthcheck": image.extras.healthcheck.clone(), "OnBuild": list(&image.extras.on_build),
        "Shell": list(&image.extras.shell), "ArgsEscaped": image.extras.args_escaped,
    })
}

/// `GET /images/{name}/json`.
///
/// # Errors
/// `No such image: x:latest`.
pub fn inspect(call: &Call<'_>, typed: &str) -> Result<Response, Fault> {
    let record = call.docker.images.find(typed)?;
    let image = &record.image;
    let layers = image.layers.iter().map(|l| format!("sha256:{}", l.diff_id).to_json());
    let tagged =
        record.tagged.filter(|_| !image.extras.docker_version.is_empty() || !record.parent.is_empty());
    let parent = if record.parent.is_empty() { String::new() } else { format!("sha256:{}", record.parent) };
    let mut o = Object::default();
    o.put("Id", format!("sha256:{}", image.id))
        .put("RepoTags", Json::strings(call.docker.images.tags_of(&image.id)))
        .put("RepoDigests", Json::strings(call.docker.images.digests_of(&image.id)))
        .put("Parent", parent)
        .put("Comment", &image.extras.comment)
        .put("Created", nano_string(image.created, 0))
        .put("DockerVersion", &image.extras.docker_version)
        .put("Author", &image.extras.author)
        .put("Config", config_shown(&config_value(image)))
        .put("Architecture", "amd64")
        .put("Os", "linux")
        .put("Size", image.size)
        .put("GraphDriver", graph_driver(&image.id, &image.layers, false))
        .put("RootFS", json!({"Type": "layers", "Layers": Json::list(layers)}))
        .put("Metadata", json!({"LastTagTime": ids::moment_or_zero(call.machines, tagged)}));
    Ok(answer(200, &o.done()))
}

/// `GET /images/{name}/history`.
///
/// # Errors
/// `No such image: x:latest`.
pub fn history(call: &Call<'_>, typed: &str) -> Result<Response, Fault> {
    let record = call.docker.images.find(typed)?;
    let images = &call.docker.images;
    let mut next = Some(record.image.id.clone());
    let rows = record.image.extras.history.iter().rev().map(|entry| {
        let id = next.take();
        next = id
            .as_ref()
            .and_then(|id| images.records.get(id))
            .map(|r| r.parent.clone())
            .filter(|p| !p.is_empty());
        let tags = id.as_ref().map(|id| images.tags_of(id)).filter(|t| !t.is_empty());
        json!({
            "Comment": &entry.comment,
            "Created": entry.created,
            "CreatedBy": &entry.created_by,
            "Id": id.map_or_else(|| "<missing>".to_string(), |id| format!("sha256:{id}")),
            "Size": entry.size,
            "Tags": tags.map_or_else(Json::null, Json::strings),
        })
    });
    let rows: Vec<Json> = rows.collect();
    Ok(answer(200, &Json::list(rows)))
}

/// `POST /images/{name}/tag`.
///
/// # Errors
/// No such image; a name that is none.
pub fn tag(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let record = call.docker.images.find(typed)?;
    let (repo, tag) = (call.param("repo"), call.param("tag"));
    let name = if tag.is_empty() { repo.to_string() } else { format!("{repo}:{tag}") };
    let reference = Reference::parse(&name).map_err(Fault::invalid)?;
    if reference.digest.is_some() {
        return Err(Fault::invalid("refusing to create a tag with a digest reference"));
    }
    let now = call.machines.clock.now;
    let id = record.image.id.clone();
    call.docker.images.tag(&reference, &id, now);
    let shown = reference.familiar();
    call.docker.note_event(call.machines, "image", "tag", &format!("sha256:{id}"), &[("name", &shown)]);
    Ok(Response::new(201, Body::Empty))
}

/// `GET /distribution/{name}/json`: what the registry says of an image.
///
/// # Errors
/// As pull.
pub fn distribution(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let (_, image) = crate::images::pull::find(call, typed)?;
    let descriptor = json!({
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "digest": format!("sha256:{}", image.digest),
        "size": 423 + 212 * image.layers.len(),
    });
    let platform = json!({"architecture": "amd64", "os": "linux"});
    Ok(answer(200, &json!({"Descriptor": descriptor, "Platforms": Json::list([platform])})))
}
