//! curl's side of an exchange: resolving, connecting, what is sent.

use super::{Curl, Stage};
use crate::machine::Step;
use crate::sys::Sys;
use crate::utilities::url::{Url, percent_decode};
use crate::wait::Wait;
use base64::Engine;
use drydock_network::address::Ip;
use drydock_network::exchange::{Payload, Target};
use drydock_network::http::{Body, Headers, Method, Request};
use std::sync::Arc;

impl Curl {
    pub(super) fn start(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.url.is_none() {
            let text = self.urls.get(self.at).cloned().unwrap_or_default();
            self.began = sys.now();
            let Some(mut url) = Url::parse(&text) else {
                return self.fail(sys, 3, "URL using bad/illegal format or missing URL");
            };
            if self.opts.has('G') {
                let extra = self.data(sys);
                let joined = [url.raw_query.as_str(), &extra]
                    .iter()
                    .filter(|p| !p.is_empty())
                    .copied()
                    .collect::<Vec<_>>()
                    .join("&");
                url = Url::parse(&format!("{}://{}{}?{joined}", url.scheme, url.authority(), url.path))
                    .unwrap_or(url);
            }
            if !matches!(url.scheme.as_str(), "http" | "https") {
                let text = format!("Protocol \"{}\" not supported or disabled in libcurl", url.scheme);
                return self.fail(sys, 1, &text);
            }
            self.first_url = Some(url.clone());
            self.url = Some(url);
            if self.meter(sys) {
                sys.eprint("  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n");
            }
        }
        let Some(url) = self.url.clone() else { return self.next() };
        let mut found = sys.resolve(&url.host);
        for entry in self.opts.values('r') {
            // --resolve host:port:address
            let mut parts = entry.splitn(3, ':');
            if parts.next() == Some(&url.host) && parts.next().and_then(|p| p.parse().ok()) == Some(url.port)
            {
                found = parts.next().and_then(Ip::parse).map(|ip| vec![ip]);
            }
        }
        let Some(ip) = found.and_then(|ips| ips.first().copied()) else {
            if self.opts.has('v') {
                sys.eprint(&format!("* Could not resolve host: {}\n* Closing connection\n", url.host));
            }
            return self.fail(sys, 6, &format!("Could not resolve host: {}", url.host));
        };
        self.ip = ip;
        if self.opts.has('v') {
            if Ip::parse(&url.host).is_none() {
                sys.eprint(&format!(
                    "* Host {}:{} was resolved.\n* IPv6: (none)\n* IPv4: {ip}\n",
                    url.host, url.port
                ));
            }
            sys.eprint(&format!("*   Trying {ip}:{}...\n", url.port));
        }
        let method = self.method.unwrap_or(Method::Get);
        let body = self.data(sys);
        let mut headers = Headers::default();
        headers.add("Host", &url.authority());
        if let Some(user) = self.opts.value('u') {
            let coded = base64::engine::general_purpose::STANDARD.encode(user);
            headers.add("Authorization", &format!("Basic {coded}"));
        }
        headers.add("User-Agent", self.opts.value('A').unwrap_or("curl/8.5.0"));
        headers.add("Accept", "*/*");
        if let Some(referer) = self.opts.value('e') {
            headers.add("Referer", referer);
        }
        if let Some(cookie) = self.opts.value('b') {
            headers.add("Cookie", cookie);
        }
        for header in self.opts.values('H') {
            let Some((name, value)) = header.split_once([':', ';']) else { continue };
            headers.0.retain(|h| !h.0.eq_ignore_ascii_case(name));
            let value = value.trim();
            if !value.is_empty() {
                match name.eq_ignore_ascii_case("host") {
                    true => headers.0.insert(0, ("Host".into(), value.into())),
                    false => headers.add(name, value),
                }
            }
        }
        let sends = !body.is_empty() && !self.opts.has('G') && method != Method::Get
            || (self.opts.has('d') && !self.opts.has('G'));
        if sends {
            headers.add("Content-Length", &body.len().to_string());
            if headers.get("Content-Type").is_none() {
                let kind =
                    if self.opts.has('j') { "application/json" } else { "application/x-www-form-urlencoded" };
                headers.add("Content-Type", kind);
            }
        }
        let request = Request {
            method,
            path: percent_decode(&url.path, false).into(),
            query: url.query.clone(),
            headers,
            body: if sends { Body::text(&body) } else { Body::Empty },
            peer: None,
        };
        let limit = |letter: char| self.opts.value(letter).and_then(crate::utilities::sleep::duration);
        let spent = sys.now() - self.began;
        let whole = limit('m').map(|ms| ms.saturating_sub(spent));
        let timeout = [whole, limit('c')].into_iter().flatten().min().unwrap_or(134_000);
        if self.opts.has('v') {
            self.body = Some(request_text(&request, &url).into_bytes().into());
        }
        self.sent = sys.now();
        let id = sys.send(Target { ip, port: url.port }, Payload::Http(request), timeout);
        self.stage = Stage::Asked(id);
        Step::wait(Wait::Answer(id))
    }
    pub(super) fn data(&self, sys: &mut Sys<'_>) -> String {
        let mut parts = Vec::new();
        for (letter, value) in &self.opts.given {
            if !matches!(letter, 'd' | 'D' | 'j') {
                continue;
            }
            let Some(value) = value else { continue };
            let text = match value.strip_prefix('@') {
                Some(file) => {
                    let bytes = sys.read_file(file).unwrap_or_else(|_| Arc::from([]));
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    if *letter == 'd' { text.replace(['\n', '\r'], "") } else { text }
                }
                None => value.to_string(),
            };
            parts.push(text);
        }
        parts.join("&")
    }
}

/// Whether a server there has a certificate of the cluster's own authority.
pub(super) fn is_private(ip: Ip) -> bool {
    matches!(ip.0 >> 24, 10 | 127) || ip.0 >> 20 == 0xAC1 || ip.0 >> 16 == 0xC0A8
}

fn request_text(request: &Request, url: &Url) -> String {
    let mut out = format!("> {} {} HTTP/1.1\n", request.method.name(), url.target());
    for (name, value) in &request.headers.0 {
        out.push_str(&format!("> {name}: {value}\n"));
    }
    out + "> \n"
}
