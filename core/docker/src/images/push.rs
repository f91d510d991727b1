//! `POST /images/{name}/push`. Follows `distribution/push_v2.go` of moby 26.1.

use crate::door::Call;
use crate::fault::Fault;
use crate::images::transfer::{End, Transfer, failed, push_steps};
use crate::registry;
use drydock_container::images::Image;
use drydock_container::images::reference::Reference;
use drydock_machinery::hash::sha256_hex;
use drydock_machinery::value;
use drydock_network::http::Response;
use std::sync::Arc;

/// Answers the request.
///
/// # Errors
/// References that are none; registries that cannot be reached.
pub fn push(call: &mut Call<'_>, name: &str) -> Result<Response, Fault> {
    let tag = call.param("tag").to_string();
    let bare = Reference::parse(name).map_err(Fault::invalid)?;
    let auth = registry::auth(call.request);
    let wanted: Vec<Reference> = if tag.is_empty() {
        let prefix = format!("{}:", bare.name());
        let names = call.docker.images.tags.keys().filter(|n| n.starts_with(&prefix));
        names.filter_map(|n| Reference::parse(n).ok()).collect()
    } else {
        vec![Reference { tag: Some(tag.as_str().into()), digest: None, ..bare.clone() }]
    };
    let found: Vec<(Reference, Arc<Image>)> = wanted
        .into_iter()
        .filter_map(|r| {
            let id = call.docker.images.tags.get(r.to_string().as_str())?;
            Some((r, call.docker.images.records.get(id)?.image.clone()))
        })
        .collect();
    let (stream, response) = call.docker.messages(call.machines);
    let now = call.machines.clock.now;
    let mut steps =
        vec![(now, value!({"status": format!("The push refers to repository [{}]", bare.name())}))];
    if found.is_empty() {
        let text = format!("An image does not exist locally with the tag: {}", bare.familiar_name());
        steps.push((now, failed(&text)));
        call.docker.begin_transfer(
            call.machines,
            stream,
            Transfer { steps: steps.into(), end: End::Nothing },
        );
        return Ok(response);
    }
    if let Err(fault) = registry::reachable(call.docker, call.machines, &bare.domain) {
        steps.push((now + 1, failed(&fault.message)));
        call.docker.begin_transfer(
            call.machines,
            stream,
            Transfer { steps: steps.into(), end: End::Nothing },
        );
        return Ok(response);
    }
    let mut end = End::Nothing;
    let mut at = now + 300;
    for (reference, image) in found {
        let refused = registry::may_push(call.docker, call.machines, &reference, &auth).err();
        let holders = registry::layers_of(call.machines, &reference.domain);
        let own = reference.path.to_string();
        let place = |layer: &drydock_container::images::Layer| {
            let repositories = holders.get(&*layer.diff_id)?;
            Some(if repositories.contains(&own) {
                String::new()
            } else {
                repositories.iter().next().cloned().unwrap_or_default()
            })
        };
        match refused {
            Some(text) => {
                let exists = image.layers.iter().all(|l| place(l).as_deref() == Some(""));
                let (all, done) = push_steps(&image.layers, place, at);
                // A registry that refuses does so at the first layer, unless it has them all already.
                let shown = |v: &drydock_machinery::Value| {
                    exists || matches!(v["status"].text(), "Preparing" | "Waiting")
                };
                steps.extend(all.into_iter().filter(|s| shown(&s.1)));
                let text = if exists {
                    format!("errors:\n{text}\nunauthorized: authentication required\n")
                } else {
                    text
                };
                steps.push((done, failed(&text)));
                break;
            }
            None => {
                let (all, done) = push_steps(&image.layers, place, at);
                steps.extend(all);
                let digest = if image.digest.is_empty() {
                    sha256_hex(format!("manifest {}", image.id).as_bytes())
                } else {
                    image.digest.to_string()
                };
                let size = 423 + 212 * image.layers.len();
                let tag = reference.tag.clone().unwrap_or_default();
                steps
                    .push((done, value!({"status": format!("{tag}: digest: sha256:{digest} size: {size}")})));
                let aux = value!({"Tag": &tag, "Digest": format!("sha256:{digest}"), "Size": size});
                steps.push((done, value!({"progressDetail": {}, "aux": aux})));
                let pushed = Arc::new(Image { digest: digest.into(), ..Image::clone(&image) });
                if let End::Pushed { reference, image } = end {
                    // Several tags: those before the last are there when their part is over.
                    call.machines.images.registry.insert(reference.to_string().into(), image);
                }
                end = End::Pushed { reference, image: pushed };
                at = done;
            }
        }
    }
    call.docker.begin_transfer(call.machines, stream, Transfer { steps: steps.into(), end });
    Ok(response)
}
