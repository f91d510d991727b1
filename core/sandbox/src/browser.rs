//! The laptop's browser: one page at a time, fetched from where the laptop is. A page is one document; what
//! it refers to (pictures, styles, scripts) is not fetched, and there are no cookies and no TLS.

use crate::world::World;
use drydock_machinery::sort::Arrange;
use drydock_network::address::Ip;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::http::Request;
use std::sync::Arc;

/// Bytes of an address and of a page that are kept.
const ADDRESS: usize = 2_048;
const DOCUMENT: usize = 256 * 1024;
/// Redirects that are followed, as Chromium does.
const REDIRECTS: u8 = 20;
const TIMEOUT_MS: u64 = 30_000;

/// See the module's head.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Browser {
    /// What the address line shows.
    pub address: Arc<str>,
    /// The request under way.
    exchange: Option<u64>,
    redirects: u8,
    pub page: Option<Page>,
}

/// What came of an address.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Page {
    Document {
        status: u16,
        content_type: Arc<str>,
        text: Arc<str>,
    },
    /// The browser's own error, by its code: `ERR_CONNECTION_REFUSED`.
    Failed(&'static str),
}

impl Browser {
    #[must_use]
    pub fn is_loading(&self) -> bool {
        self.exchange.is_some()
    }
}

impl World {
    /// Begins to load an address; a scheme may be left out.
    pub(crate) fn browse(&mut self, address: &str) {
        let address = address.trim();
        let address: String = address.chars().filter(|c| !c.is_control()).take(ADDRESS).collect();
        if let Some(old) = self.browser.exchange.take() {
            // Its answer is nobody's any more.
            self.machines.take_exchange(old);
        }
        let full = if address.contains("://") { address } else { format!("http://{address}") };
        self.browser = Browser { address: full.as_str().into(), ..Browser::default() };
        self.fetch();
    }
    fn fetch(&mut self) {
        match self.send_get(&self.browser.address.clone()) {
            Ok(exchange) => self.browser.exchange = Some(exchange),
            Err(code) => self.browser.page = Some(Page::Failed(code)),
        }
    }
    fn send_get(&mut self, address: &str) -> Result<u64, &'static str> {
        let rest = match address.split_once("://") {
            Some(("http", rest)) => rest,
            Some(("https", _)) => return Err("ERR_SSL_PROTOCOL_ERROR"),
            _ => return Err("ERR_UNKNOWN_URL_SCHEME"),
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse::<u16>().map_err(|_| "ERR_INVALID_URL")?),
            None => (authority, 80),
        };
        if host.is_empty() {
            return Err("ERR_INVALID_URL");
        }
        let ip = self.resolve(host).ok_or("ERR_NAME_NOT_RESOLVED")?;
        let net =
            self.machines.space(self.laptop).map(|space| space.net).ok_or("ERR_INTERNET_DISCONNECTED")?;
        let path = path.split('#').next().unwrap_or("");
        let path = if path.starts_with('/') { path.to_string() } else { format!("/{path}") };
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        let mut request = Request::get(path);
        for (name, value) in
            query.split('&').filter(|p| !p.is_empty()).map(|p| p.split_once('=').unwrap_or((p, "")))
        {
            request = request.query(name, value);
        }
        let request = request
            .header("Host", authority)
            .header("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Drydock/1.0")
            .header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        Ok(self.machines.probe(net, Target { ip, port }, Payload::Http(request), TIMEOUT_MS))
    }
    /// A name as the laptop resolves it: a literal address, its `/etc/hosts`, then DNS.
    pub(crate) fn resolve(&self, host: &str) -> Option<Ip> {
        if let Some(ip) = Ip::parse(host) {
            return Some(ip);
        }
        let space = self.machines.space(self.laptop)?;
        let in_hosts = self.machines.hosts_of(space).into_iter().find(|h| h.1.eq_ignore_ascii_case(host));
        if let Some((ip, _)) = in_hosts {
            return Some(ip);
        }
        let resolver = &self.machines.net(space.net)?.resolver;
        self.machines.dns.resolve(resolver, host)?.ips.first().copied()
    }
    /// Takes the answer as soon as it is there, at its own moment: follows it, or shows it.
    pub(crate) fn turn_page(&mut self) {
        let Some(exchange) = self.browser.exchange else { return };
        let Some(over) = self.machines.take_exchange(exchange) else { return };
        self.browser.exchange = None;
        let page = match over {
            Ok(Answer::Http(response)) => {
                let location =
                    response.headers.get("Location").filter(|_| (300..400).contains(&response.status));
                if let Some(next) = location.and_then(|to| absolute(&self.browser.address, to)) {
                    self.browser.redirects += 1;
                    if self.browser.redirects <= REDIRECTS {
                        self.browser.address = next.into();
                        return self.fetch();
                    }
                    self.browser.page = Some(Page::Failed("ERR_TOO_MANY_REDIRECTS"));
                    return;
                }
                let bytes = response.body.bytes();
                let text = String::from_utf8_lossy(bytes.get(..DOCUMENT).unwrap_or(&bytes)).into_owned();
                let content_type = response.headers.get("Content-Type").unwrap_or("text/plain").into();
                Page::Document { status: response.status, content_type, text: text.into() }
            }
            Ok(_) => Page::Failed("ERR_INVALID_HTTP_RESPONSE"),
            Err(Failure::Refused) => Page::Failed("ERR_CONNECTION_REFUSED"),
            Err(Failure::TimedOut) => Page::Failed("ERR_CONNECTION_TIMED_OUT"),
            Err(Failure::Reset) => Page::Failed("ERR_EMPTY_RESPONSE"),
            Err(Failure::Unreachable) => Page::Failed("ERR_ADDRESS_UNREACHABLE"),
        };
        self.browser.page = Some(page);
    }
    /// Addresses that lead somewhere: published ports of the laptop's containers, then services that are
    /// open to the outside.
    #[must_use]
    pub fn reachable(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for container in self.docker.containers.values() {
            for port in container.ports.iter().filter(|p| &*p.proto == "tcp") {
                found.push(format!("http://localhost:{}/", port.host_port));
            }
        }
        let services = self.cluster.store.list(drydock_cluster::kinds::SERVICE);
        for service in services {
            let port = service.spec()["ports"][0]["port"].int();
            for point in service.status()["loadBalancer"]["ingress"].items() {
                let host = [&point["ip"], &point["hostname"]].into_iter().find_map(|v| v.as_str());
                let Some(host) = host else { continue };
                found.push(if port == 80 {
                    format!("http://{host}/")
                } else {
                    format!("http://{host}:{port}/")
                });
            }
        }
        found.arrange();
        found.dedup();
        found.truncate(8);
        found
    }
}

/// Where a `Location` leads from an address.
fn absolute(from: &str, to: &str) -> Option<String> {
    if to.contains("://") {
        return Some(to.to_string());
    }
    let (scheme, rest) = from.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    if to.starts_with('/') {
        return Some(format!("{scheme}://{authority}{to}"));
    }
    let path = rest.get(authority.len()..)?.split(['?', '#']).next()?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    Some(format!("{scheme}://{authority}{folder}/{to}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, Input};

    #[test]
    fn redirects_lead_to_absolute_addresses() {
        for (from, to, result) in [
            ("http://a:80/x/y?q", "/z", "http://a:80/z"),
            ("http://a/x/y", "z", "http://a/x/z"),
            ("http://a", "z", "http://a/z"),
            ("http://a/", "http://b/", "http://b/"),
        ] {
            assert_eq!(absolute(from, to).as_deref(), Some(result), "{from} {to}");
        }
    }

    #[test]
    fn a_page_of_the_cluster_is_shown_and_a_closed_port_is_an_error() {
        let mut world = World::new(&Config::default());
        world.apply(&Input::Browse { address: "localhost:9".into() });
        world.apply(&Input::Advance { ms: 1_000 });
        assert_eq!(world.browser.page, Some(Page::Failed("ERR_CONNECTION_REFUSED")));
        world.apply(&Input::Browse { address: "nowhere.example".into() });
        assert_eq!(world.browser.page, Some(Page::Failed("ERR_NAME_NOT_RESOLVED")));
        let run = "kubectl run web --image=nginx && kubectl expose pod web --port=80 --type=LoadBalancer";
        world.apply(&Input::Line { tty: 0, text: run.into() });
        world.apply(&Input::Advance { ms: 60_000 });
        let address = world.reachable().into_iter().next().expect("a balancer's address");
        world.apply(&Input::Browse { address });
        assert!(world.browser.is_loading());
        world.apply(&Input::Advance { ms: 1_000 });
        let Some(Page::Document { status: 200, text, .. }) = &world.browser.page else {
            panic!("{:?}", world.browser)
        };
        assert!(text.contains("Welcome to nginx!"), "{text}");
    }
}
