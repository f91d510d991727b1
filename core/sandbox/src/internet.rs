//! Sites of the internet whose files the sandbox knows: manifests that commands name by their address. All
//! other names are unknown to its resolver. One line in [`PAGES`] a page.
//!
//! Left out: everything else there is.

use drydock_container::Machines;
use drydock_network::address::Ip;
use drydock_network::dns::Record;
use drydock_network::http::{Method, Request, Response};
use imbl::Vector;

/// Host names and the address each is known by.
const SITES: &[(&str, Ip)] = &[
    ("github.com", Ip::new(140, 82, 121, 3)),
    ("release-assets.githubusercontent.com", Ip::new(185, 199, 108, 133)),
    ("raw.githubusercontent.com", Ip::new(185, 199, 109, 133)),
    ("k8s.io", Ip::new(34, 107, 204, 206)),
    ("kubernetes.io", Ip::new(15, 197, 167, 90)),
];

enum Page {
    /// 302 to there.
    Moved(&'static str),
    Text(&'static str),
}
use Page::{Moved, Text};

const METRICS: &str = include_str!("internet/metrics-server.yaml");
const DEPLOYMENT: &str = include_str!("internet/deployment.yaml");

/// Host, path and what is there.
const PAGES: &[(&str, &str, Page)] = &[
    (
        "github.com",
        "/kubernetes-sigs/metrics-server/releases/latest/download/components.yaml",
        Moved("https://github.com/kubernetes-sigs/metrics-server/releases/download/v0.8.0/components.yaml"),
    ),
    (
        "github.com",
        "/kubernetes-sigs/metrics-server/releases/download/v0.8.0/components.yaml",
        Moved("https://release-assets.githubusercontent.com/metrics-server/v0.8.0/components.yaml"),
    ),
    ("release-assets.githubusercontent.com", "/metrics-server/v0.8.0/components.yaml", Text(METRICS)),
    ("kubernetes.io", "/examples/pods/simple-pod.yaml", Text(include_str!("internet/simple-pod.yaml"))),
    ("kubernetes.io", "/examples/application/deployment.yaml", Text(DEPLOYMENT)),
    (
        "kubernetes.io",
        "/examples/application/deployment-update.yaml",
        Text(include_str!("internet/deployment-update.yaml")),
    ),
    (
        "kubernetes.io",
        "/examples/application/deployment-scale.yaml",
        Text(include_str!("internet/deployment-scale.yaml")),
    ),
    (
        "kubernetes.io",
        "/examples/controllers/nginx-deployment.yaml",
        Text(include_str!("internet/nginx-deployment.yaml")),
    ),
    (
        "kubernetes.io",
        "/examples/application/php-apache.yaml",
        Text(include_str!("internet/php-apache.yaml")),
    ),
];

/// Makes the sites' names known.
pub(crate) fn install(machines: &mut Machines) {
    for (host, ip) in SITES {
        machines.dns.set(host, Record::A(Vector::unit(*ip)));
    }
}

/// The answer of a site, if `to` (scheme and authority) is one.
pub(crate) fn answer(to: &str, request: &Request) -> Option<Response> {
    let authority = to.strip_prefix("https://").or_else(|| to.strip_prefix("http://"))?;
    let place = authority.trim_end_matches('/');
    let place = place.strip_suffix(":443").or_else(|| place.strip_suffix(":80")).unwrap_or(place);
    let ip = Ip::parse(place);
    let (host, _) = SITES.iter().find(|site| site.0 == place || Some(site.1) == ip)?;
    if !matches!(request.method, Method::Get | Method::Head) {
        return Some(Response::text(405, "Method Not Allowed\n"));
    }
    if to.starts_with("http://") {
        return Some(moved(&format!("https://{host}{}", request.path)));
    }
    if *host == "k8s.io" {
        return Some(moved(&format!("https://kubernetes.io{}", request.path)));
    }
    let page = PAGES.iter().find(|page| page.0 == *host && page.1 == &*request.path);
    Some(match page.map(|page| &page.2) {
        Some(Moved(there)) => moved(there),
        Some(Text(text)) => Response::text(200, text).header("Content-Type", "application/octet-stream"),
        None => Response::text(404, "Not Found").header("Content-Type", "text/plain; charset=utf-8"),
    })
}

fn moved(there: &str) -> Response {
    Response::text(302, "").header("Location", there)
}

#[cfg(test)]
mod tests {
    use super::{Moved, PAGES, SITES, answer};
    use drydock_network::http::Request;

    #[test]
    fn every_page_is_on_a_known_site_and_leads_somewhere() {
        for (host, path, page) in PAGES {
            assert!(SITES.iter().any(|s| s.0 == *host), "{host}");
            let found = answer(&format!("https://{host}"), &Request::get(*path)).expect("a known site");
            assert!(matches!(found.status, 200 | 302), "{path}");
            if let Moved(there) = page {
                let rest = there.strip_prefix("https://").expect("https");
                let (host, path) = rest.split_once('/').expect("a path");
                assert!(PAGES.iter().any(|p| p.0 == host && p.1.strip_prefix('/') == Some(path)), "{there}");
            }
        }
        assert!(answer("https://example.net", &Request::get("/")).is_none());
    }
}
