//! `POST /images/create`: pull from a registry, or import an archive. Follows
//! `api/server/router/image` of moby 26.1.

use crate::door::Call;
use crate::fault::Fault;
use crate::images::transfer::{End, Transfer, failed, pull_steps};
use crate::registry;
use drydock_container::engine::pull::PullError;
use drydock_container::images::Image;
use drydock_container::images::reference::Reference;
use drydock_machinery::{Value, value};
use drydock_network::http::Response;
use std::sync::Arc;

/// Answers the request.
///
/// # Errors
/// References that are none, images that no registry has.
pub fn create(call: &mut Call<'_>) -> Result<Response, Fault> {
    if !call.param("fromSrc").is_empty() {
        return crate::images::archive::import(call);
    }
    let name = call.param("fromImage").to_string();
    if name.is_empty() {
        return Err(Fault::invalid("one of fromImage or fromSrc is required"));
    }
    let tag = call.param("tag").to_string();
    let bare = Reference::parse(&name).map_err(Fault::invalid)?;
    let given = name.rsplit('/').next().unwrap_or("").contains([':', '@']);
    if tag.is_empty() && !given {
        return all_tags(call, &bare);
    }
    let typed = match (&*tag, given) {
        ("", _) => name.clone(),
        (tag, _) if tag.starts_with("sha256:") => format!("{}@{tag}", bare.name()),
        (tag, _) => format!("{}:{tag}", bare.name()),
    };
    let (reference, image) = find(call, &typed)?;
    let (stream, response) = call.docker.messages(call.machines);
    let mut steps = Vec::new();
    let begin = call.machines.clock.now + 300 + call.machines.clock.chance(stream.0, 300);
    let (newer, end) = one(call, &reference, &image, begin, &mut steps);
    let status = if newer { "Downloaded newer image" } else { "Image is up to date" };
    let shown = reference.familiar();
    steps.push((end, value!({"status": format!("Digest: sha256:{}", image.digest)})));
    steps.push((end, value!({"status": format!("Status: {status} for {shown}")})));
    let platform = call.param("platform").to_string();
    if !platform_fits(&platform) {
        let text = format!(
            "image with reference {reference} was found but does not match the specified platform: wanted {platform}, actual: linux/amd64"
        );
        steps.push((end, failed(&text)));
    }
    let transfer = Transfer { steps: steps.into(), end: End::Pulled { reference, image } };
    call.docker.begin_transfer(call.machines, stream, transfer);
    Ok(response)
}

/// Whether the images here run on a platform: all are linux/amd64.
#[must_use]
pub fn platform_fits(platform: &str) -> bool {
    matches!(platform, "" | "linux" | "linux/amd64" | "linux/x86_64" | "amd64")
}

/// The messages about one image's layers. Gives whether it is new here, and when all is done.
fn one(
    call: &Call<'_>,
    reference: &Reference,
    image: &Arc<Image>,
    begin: u64,
    steps: &mut Vec<(u64, Value)>,
) -> (bool, u64) {
    let images = &call.docker.images;
    let tag = reference.tag.clone().or(reference.digest.clone()).unwrap_or_default();
    let shown = format!("Pulling from {}", reference.path);
    steps.push((begin, value!({"status": shown, "id": tag})));
    let known = match &reference.digest {
        Some(_) => images.get(&reference.to_string()).map(|r| r.image.id.clone()),
        None => images.tags.get(reference.to_string().as_str()).cloned(),
    };
    let newer = known.as_ref() != Some(&image.id);
    if images.records.contains_key(&image.id) {
        return (newer, begin);
    }
    let here = |l: &drydock_container::images::Layer| {
        images.records.values().any(|r| r.image.layers.iter().any(|o| o.diff_id == l.diff_id))
    };
    let (more, end) = pull_steps(&image.layers, here, begin + 1);
    steps.extend(more);
    (newer, end)
}

/// The image a registry serves under a reference.
///
/// # Errors
/// In dockerd's words.
pub fn find(call: &mut Call<'_>, typed: &str) -> Result<(Reference, Arc<Image>), Fault> {
    let reference = Reference::parse(typed).map_err(Fault::invalid)?;
    registry::reachable(call.docker, call.machines, &reference.domain)?;
    let auth = registry::auth(call.request);
    registry::may_pull(call.docker, &reference, &auth)?;
    call.machines.find_image(typed).map_err(|error| match &error {
        PullError::Invalid(text) => Fault::invalid(*text),
        PullError::NoTag(r) => {
            let shown = match &r.digest {
                Some(digest) => format!("{}@{digest}", r.familiar_name()),
                None => r.familiar(),
            };
            Fault::not_found(format!("manifest for {shown} not found: manifest unknown: manifest unknown"))
        }
        PullError::NoRepository(_) => Fault::not_found(error.docker()),
        PullError::NoRegistry(r) => registry::unknown_host(&r.domain),
    })
}

/// `docker pull -a`.
fn all_tags(call: &mut Call<'_>, bare: &Reference) -> Result<Response, Fault> {
    registry::reachable(call.docker, call.machines, &bare.domain)?;
    let tags = registry::tags(call.machines, &bare.name());
    if tags.is_empty() {
        return Err(Fault::not_found(PullError::NoRepository(bare.clone()).docker()));
    }
    let (stream, response) = call.docker.messages(call.machines);
    let mut steps = Vec::new();
    let mut at = call.machines.clock.now + 400;
    let mut any = false;
    let mut last = None;
    for tag in tags {
        let Ok((reference, image)) = find(call, &format!("{}:{tag}", bare.name())) else { continue };
        let (newer, end) = one(call, &reference, &image, at, &mut steps);
        any |= newer;
        steps.push((end, value!({"status": format!("Digest: sha256:{}", image.digest)})));
        at = end + 100;
        // Each is here once its own part is over; the last one with the stream's end.
        call.docker.keep_pulled(call.machines, &reference, image.clone());
        last = Some((reference, image));
    }
    let status = if any { "Downloaded newer image" } else { "Image is up to date" };
    steps.push((at, value!({"status": format!("Status: {status} for {}", bare.familiar_name())})));
    let end = last.map_or(End::Nothing, |(reference, image)| End::Pulled { reference, image });
    call.docker.begin_transfer(call.machines, stream, Transfer { steps: steps.into(), end });
    Ok(response)
}
