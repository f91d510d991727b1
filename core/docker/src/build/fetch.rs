//! What a build gets from elsewhere: base images from registries, files of `ADD URL`.

use super::copy::Source;
use super::job::Base;
use super::trace::{Trace, Vertex};
use drydock_container::engine::pull::PullError;
use drydock_container::images::Image;
use drydock_container::images::reference::Reference;
use drydock_container::{Machines, SpaceId};
use drydock_network::address::Ip;
use std::sync::Arc;

/// A full reference.
///
/// # Errors
/// `invalid reference format: …`, with the name where capitals are to blame.
pub fn reference(typed: &str) -> Result<String, String> {
    match Reference::parse(typed) {
        Ok(reference) => Ok(reference.to_string()),
        Err(text) if text.ends_with("must be lowercase") => {
            let name = typed.split('@').next().unwrap_or(typed);
            let name = match name.rsplit_once(':') {
                Some((name, tag)) if !tag.contains('/') => name,
                _ => name,
            };
            let domain = name.split('/').next().unwrap_or("");
            let has_domain = name.contains('/') && (domain.contains(['.', ':']) || domain == "localhost");
            let path = match (has_domain, name.contains('/')) {
                (true, _) => name.split_once('/').map_or(name, |n| n.1).to_string(),
                (false, true) => name.to_string(),
                (false, false) => format!("library/{name}"),
            };
            Err(format!("invalid reference format: repository name ({path}) must be lowercase"))
        }
        Err(text) => Err(text.to_string()),
    }
}

/// Why BuildKit could not resolve an image.
#[must_use]
pub fn buildkit_error(error: &PullError) -> String {
    match error {
        PullError::Invalid(text) => (*text).to_string(),
        PullError::NoTag(r) => format!("{r}: not found"),
        PullError::NoRepository(r) if &*r.domain == "docker.io" => {
            "pull access denied, repository does not exist or may require authorization: server message: \
             insufficient_scope: authorization failed"
                .into()
        }
        PullError::NoRepository(r) => format!("{r}: not found"),
        PullError::NoRegistry(r) => {
            let host = r.domain.split(':').next().unwrap_or("");
            let tag = r.tag.as_deref().or(r.digest.as_deref()).unwrap_or("latest");
            format!(
                "failed to do request: Head \"https://{}/v2/{}/manifests/{tag}\": dial tcp: lookup {host}: no such host",
                r.domain, r.path
            )
        }
    }
}

/// Says how a base image comes in, layer by layer; gives the milliseconds it takes.
pub fn trace_pull(
    machines: &Machines,
    trace: &mut Trace,
    vertex: Vertex,
    host: SpaceId,
    base: &Base,
    image: &Image,
    now: u64,
) -> u64 {
    let took = machines.pull_ms(host, image).max(200);
    trace.status(vertex, &format!("resolve {}", base.shown), 0, (now, now + 10));
    let total: u64 = image.layers.iter().map(|l| l.size).sum::<u64>().max(1);
    let mut at = now + 20;
    for layer in image.layers.iter() {
        // Blobs are compressed, to about two fifths.
        let blob = layer.size * 2 / 5;
        let id = format!("sha256:{}", layer.diff_id);
        let end = at + took * 2 / 3 * layer.size / total;
        trace.progress(vertex, &id, (blob, blob), at, Some(end));
        at = end;
    }
    for layer in image.layers.iter() {
        let end = at + took / 3 * layer.size / total;
        trace.status(vertex, &format!("extracting sha256:{}", layer.diff_id), 0, (at, end));
        at = end;
    }
    took.max(at.saturating_sub(now))
}

/// Whether a source of ADD is fetched.
#[must_use]
pub fn is_url(source: &str) -> bool {
    source.starts_with("http://") || source.starts_with("https://")
}

/// Fetches a file. Hosts are looked up as the laptop does; nothing leaves the sandbox.
///
/// # Errors
/// Go's words for what went wrong.
pub fn url(machines: &Machines, url: &str) -> Result<Source, String> {
    let rest = url.split_once("://").map_or(url, |u| u.1);
    let authority = rest.split('/').next().unwrap_or("");
    let host = authority.split(':').next().unwrap_or("");
    let port = authority.split(':').nth(1).unwrap_or(if url.starts_with("https") { "443" } else { "80" });
    if Ip::parse(host).is_some() || host == "localhost" {
        return Err(format!("Get \"{url}\": dial tcp {host}:{port}: connect: connection refused"));
    }
    _ = machines;
    Err(format!("Get \"{url}\": dial tcp: lookup {host}: no such host"))
}

/// A downloaded file as ADD puts it.
#[must_use]
pub fn downloaded(url: &str, bytes: Arc<[u8]>, mtime: i64) -> Source {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.rsplit('/').next().unwrap_or("download").to_string();
    Source::File { name, bytes, mode: 0o600, mtime }
}
