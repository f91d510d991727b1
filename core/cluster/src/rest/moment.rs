//! Which moment a list or a watch is of: `resourceVersion`, `resourceVersionMatch`, `continue` and
//! `sendInitialEvents`, judged as the real server judges them (`internalversion/validation`,
//! `apiserver/pkg/storage/etcd3/store.go`, v1.33).

use super::options::{number, revision};
use crate::cluster::Cluster;
use crate::field::{Errors, Path};
use crate::kinds::Kind;
use crate::status::Status;
use drydock_machinery::Value;
use drydock_network::http::Request;

const EXACT: &str = "Exact";
const NOT_OLDER: &str = "NotOlderThan";

/// A list's moment, and where it begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Moment {
    pub revision: u64,
    /// The namespace and name a page begins with.
    pub start: Option<(String, String)>,
    pub limit: usize,
}

fn judge(request: &Request, watch: bool) -> Result<(), Status> {
    let (wanted, given) =
        (request.param("resourceVersionMatch").unwrap_or(""), request.param("resourceVersion"));
    let path = Path::new("resourceVersionMatch");
    let begins = request.param("sendInitialEvents").is_some();
    let goes_on = request.param("continue").is_some_and(|t| !t.is_empty());
    let mut errors = Errors::default();
    if watch && begins && wanted != NOT_OLDER {
        let detail = format!("sendInitialEvents requires setting resourceVersionMatch to {NOT_OLDER}");
        errors.forbidden(&path, &detail);
    }
    if !wanted.is_empty() {
        let supported: &[&str] = if watch { &[NOT_OLDER] } else { &[EXACT, NOT_OLDER, ""] };
        if watch && !begins {
            let detail = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
            errors.forbidden(&path, detail);
        }
        if !watch && given.unwrap_or("").is_empty() {
            errors.forbidden(&path, "resourceVersionMatch is forbidden unless resourceVersion is provided");
        }
        if !watch && goes_on {
            errors.forbidden(&path, "resourceVersionMatch is forbidden when continue is provided");
        }
        if !supported.contains(&wanted) {
            errors.unsupported(&path, wanted, supported);
        }
        if watch && goes_on {
            errors.forbidden(&path, "resourceVersionMatch is forbidden when continue is provided");
        }
        if !watch && wanted == EXACT && given == Some("0") {
            let detail = "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"";
            errors.forbidden(&path, detail);
        }
    }
    if !watch && begins {
        errors.forbidden(&Path::new("sendInitialEvents"), "sendInitialEvents is forbidden for list");
    }
    match errors.is_empty() {
        true => Ok(()),
        false => {
            let kind = Kind { group: "meta.k8s.io", kind: "ListOptions", ..Kind::BASE };
            Err(Status::invalid(&kind, "", errors))
        }
    }
}

/// The moment a list is of.
pub(super) fn of_list(cluster: &Cluster, request: &Request) -> Result<Moment, Status> {
    judge(request, false)?;
    let limit = usize::try_from(number(request, "limit")?).unwrap_or(0);
    let present = cluster.store.revision;
    if let Some(token) = request.param("continue").filter(|t| !t.is_empty()) {
        let (then, namespace, name) = decode(token)?;
        if !matches!(request.param("resourceVersion"), None | Some("" | "0")) {
            let why = "specifying resource version is not allowed when using continue";
            return Err(Status::bad_request(why));
        }
        // Below nothing: go on with what is there now.
        let revision = u64::try_from(then).unwrap_or(present);
        return Ok(Moment { revision, start: Some((namespace, name)), limit });
    }
    let asked = revision(cluster, request)?;
    let exact = match request.param("resourceVersionMatch").unwrap_or("") {
        EXACT => true,
        NOT_OLDER => false,
        _ => limit > 0,
    };
    let revision = if exact && asked > 0 { asked } else { present };
    Ok(Moment { revision, start: None, limit })
}

/// Whether a watch begins with what is there, and whether it says when it has told all of it.
pub(super) fn of_watch(request: &Request) -> Result<(bool, bool), Status> {
    judge(request, true)?;
    let begins = request.param("sendInitialEvents").map(|text| matches!(text, "true" | "1" | ""));
    let unspecified = matches!(request.param("resourceVersion"), None | Some("" | "0"));
    Ok((begins.unwrap_or(unspecified), begins == Some(true)))
}

/// A moment that is forgotten. A list that was on its way may go on with what is there now.
pub(super) fn too_old(moment: &Moment) -> Status {
    let Some((namespace, name)) = &moment.start else {
        return Status::gone("The resourceVersion for the provided list is too old.");
    };
    let message = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";
    Status { resume: encode(-1, namespace, name.trim_end_matches('\0')), ..Status::gone(message) }
}

/// A continue token: where the list goes on, and the revision it is a list of.
pub(super) fn encode(revision: i64, namespace: &str, name: &str) -> String {
    let token = drydock_machinery::value!({
        "v": "meta.k8s.io/v1", "rv": revision, "start": format!("{namespace}/{name}\u{0}"),
    });
    let text = drydock_machinery::hash::base64_encode(drydock_machinery::json::to_string(&token).as_bytes());
    text.trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// Unpadded base64 in the URL's alphabet; bits left over at the end count for nothing.
fn unpadded(text: &str) -> Result<Vec<u8>, String> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bits, mut count, mut out) = (0u32, 0, Vec::new());
    for (at, digit) in text.char_indices() {
        let value = alphabet.find(digit).ok_or_else(|| format!("illegal base64 data at input byte {at}"))?;
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    if text.len() % 4 == 1 {
        return Err(format!("illegal base64 data at input byte {}", text.len() - 1));
    }
    Ok(out)
}

fn decode(text: &str) -> Result<(i64, String, String), Status> {
    let bad =
        |why: &str| Status::bad_request(format!("invalid continue token: continue key is not valid: {why}"));
    let bytes = unpadded(text).map_err(|why| bad(&why))?;
    let token: Value = drydock_machinery::json::parse(&bytes).map_err(|e| bad(&e.message))?;
    if token["v"] != "meta.k8s.io/v1" {
        let given = drydock_machinery::quote::go(token["v"].text());
        return Err(bad(&format!("server does not recognize this encoded version {given}")));
    }
    if token["rv"].int() == 0 {
        return Err(bad("incorrect encoded start resourceVersion (version meta.k8s.io/v1)"));
    }
    let start = token["start"].text();
    let (namespace, name) =
        start.split_once('/').ok_or_else(|| bad("encoded start key empty (version meta.k8s.io/v1)"))?;
    Ok((token["rv"].int(), namespace.to_string(), name.to_string()))
}
