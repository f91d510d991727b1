//! nginx' answers: which server and location, files below a root, proxied requests, error pages.

use crate::images::nginx::conf::{Location, Matcher, Server};
use crate::images::nginx::server::{Nginx, Proxied};
use crate::images::web;
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use drydock_machinery::time::Timestamp;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::http::{Body, Method, Request};
use std::sync::Arc;

impl Nginx {
    pub(super) fn serve(&mut self, sys: &mut Sys<'_>, id: u64, port: u16, from: &Arc<str>, request: Request) {
        let conf = self.conf.clone();
        let host = request.headers.get("Host").unwrap_or("");
        let host = host.rsplit_once(':').map_or(host, |(h, _)| h);
        let on_port = || conf.servers.iter().filter(|s| s.listen.iter().any(|l| l.0 == port));
        let server = on_port()
            .find(|s| {
                s.names.iter().any(|n| n == host || n.strip_prefix('*').is_some_and(|t| host.ends_with(t)))
            })
            .or_else(|| on_port().find(|s| s.listen.contains(&(port, true))))
            .or_else(|| on_port().next());
        let Some(server) = server else { return sys.reset(id) };
        let location = choose(server, &request.path);
        let answer = location.and_then(|l| l.answer.as_ref()).or(server.own.answer.as_ref());
        if let Some((status, text)) = answer {
            let text = expand(text, &request, host);
            let (body, kind, extra) = match status {
                301 | 302 | 303 | 307 | 308 => (self.page(*status), "text/html", Some(text)),
                _ if text.is_empty() && *status >= 300 => (self.page(*status), "text/html", None),
                _ => {
                    let own = location
                        .and_then(|l| l.default_type.as_deref())
                        .or(server.own.default_type.as_deref());
                    (text, own.unwrap_or("text/plain"), None)
                }
            };
            return self.send(
                sys,
                id,
                from,
                &request,
                *status,
                kind,
                extra.as_deref(),
                body.as_bytes(),
                location,
                None,
            );
        }
        if let Some(proxy) = location.and_then(|l| l.proxy.clone()) {
            return self.proxy(sys, id, port, from, request, location, proxy);
        }
        self.serve_file(sys, id, from, &request, server, location);
    }
    /// A file below the location's root.
    fn serve_file(
        &mut self,
        sys: &mut Sys<'_>,
        id: u64,
        from: &str,
        request: &Request,
        server: &Server,
        location: Option<&Location>,
    ) {
        let pick = |f: fn(&Location) -> Option<&String>| location.and_then(f).or_else(|| f(&server.own));
        let root = pick(|l| l.root.as_ref()).map_or("/etc/nginx/html", |r| r);
        let uri = crate::filesystem::normalise("/", &request.path);
        let uri = if request.path.ends_with('/') && uri != "/" { uri + "/" } else { uri };
        let file_of = |uri: &str| match (
            location.and_then(|l| l.alias.as_ref()),
            location.and_then(|l| l.matcher.as_ref()),
        ) {
            (Some(alias), Some(Matcher::Prefix(prefix, _) | Matcher::Exact(prefix))) => {
                format!("{alias}{}", uri.strip_prefix(prefix.as_str()).unwrap_or(""))
            }
            _ => format!("{}{uri}", root.trim_end_matches('/')),
        };
        let tries = location.map(|l| l.try_files.clone()).unwrap_or_default();
        let mut path = file_of(&uri);
        if let Some((last, first)) = tries.split_last() {
            let candidate = |t: &String| expand(t, request, "");
            let found = first.iter().map(candidate).find(|t| {
                let kind = sys.stat(&file_of(t)).map(|s| s.kind);
                if t.ends_with('/') { kind == Ok(FileKind::Directory) } else { kind == Ok(FileKind::File) }
            });
            match (found, last.strip_prefix('=').and_then(|c| c.parse::<u16>().ok())) {
                (Some(uri), _) => path = file_of(&uri),
                (None, Some(status)) => return self.refuse(sys, id, from, request, status, server),
                (None, None) => path = file_of(&candidate(last)),
            }
        }
        let mut stat = sys.stat(path.trim_end_matches('/'));
        if stat.as_ref().is_ok_and(|s| s.kind == FileKind::Directory) {
            if !path.ends_with('/') && tries.is_empty() {
                let host = request.headers.get("Host").unwrap_or("localhost").to_string();
                let to = format!("http://{host}{uri}/");
                let body = self.page(301);
                return self.send(
                    sys,
                    id,
                    from,
                    request,
                    301,
                    "text/html",
                    Some(&to),
                    body.as_bytes(),
                    location,
                    None,
                );
            }
            let names = location.and_then(|l| l.index.clone()).or_else(|| server.own.index.clone());
            let names = names.unwrap_or_else(|| vec!["index.html".into()]);
            let folder = path.trim_end_matches('/').to_string();
            let index = names.iter().map(|n| format!("{folder}/{n}")).find(|p| sys.stat(p).is_ok());
            let Some(index) = index else {
                if location.is_some_and(|l| l.autoindex) || server.own.autoindex {
                    let body = listing(sys, &folder, &uri);
                    return self.send(
                        sys,
                        id,
                        from,
                        request,
                        200,
                        "text/html",
                        None,
                        body.as_bytes(),
                        location,
                        None,
                    );
                }
                let what = format!("directory index of \"{folder}/\" is forbidden");
                self.complain(sys, &what, from, server.names.first().map_or("", |n| n), request, "");
                return self.refuse(sys, id, from, request, 403, server);
            };
            path = index;
            stat = sys.stat(&path);
        }
        let shown = server.names.first().map_or("", |n| n);
        match stat {
            Ok(stat) if stat.kind == FileKind::File && stat.mode & 0o044 != 0 => {
                if !matches!(request.method, Method::Get | Method::Head) {
                    return self.refuse(sys, id, from, request, 405, server);
                }
                let body = sys.read_file(&path).unwrap_or_default();
                let default = pick(|l| l.default_type.as_ref()).map_or("text/plain", |d| d);
                let kind = web::media_type(&path).unwrap_or(default);
                self.send(sys, id, from, request, 200, kind, None, &body, location, Some(stat.mtime));
            }
            Ok(_) => {
                self.complain(
                    sys,
                    &format!("open() \"{path}\" failed (13: Permission denied)"),
                    from,
                    shown,
                    request,
                    "",
                );
                self.refuse(sys, id, from, request, 403, server);
            }
            Err(error) => {
                let (number, status) = match error {
                    crate::Errno::Eacces => (13, 403),
                    crate::Errno::Enotdir => (20, 404),
                    _ => (2, 404),
                };
                let what = format!("open() \"{path}\" failed ({number}: {})", error.text());
                self.complain(sys, &what, from, shown, request, "");
                self.refuse(sys, id, from, request, status, server);
            }
        }
    }
    /// An error, with the page the configuration names for it or nginx' own.
    fn refuse(
        &mut self,
        sys: &mut Sys<'_>,
        id: u64,
        from: &str,
        request: &Request,
        status: u16,
        server: &Server,
    ) {
        let page = server.error_pages.iter().find(|p| p.0 == status).map(|p| p.1.clone());
        let file = page.and_then(|uri| {
            let location = choose(server, &uri);
            let root = location.and_then(|l| l.root.as_ref()).or(server.own.root.as_ref())?;
            sys.read_file(&format!("{root}{uri}")).ok()
        });
        let body = file.unwrap_or_else(|| self.page(status).into_bytes().into());
        self.send(sys, id, from, request, status, "text/html", None, &body, None, None);
    }
    #[allow(clippy::too_many_arguments)] // one response is all of these
    fn send(
        &mut self,
        sys: &mut Sys<'_>,
        id: u64,
        from: &str,
        request: &Request,
        status: u16,
        kind: &str,
        to: Option<&str>,
        body: &[u8],
        location: Option<&Location>,
        mtime: Option<i64>,
    ) {
        let (server, date, length) =
            (format!("nginx/{}", self.version), web::http_date(sys.unix()), body.len().to_string());
        let (modified, etag) = match mtime {
            Some(at) => (web::http_date(at), format!("\"{at:x}-{:x}\"", body.len())),
            None => Default::default(),
        };
        let mut headers = vec![
            ("Server", &*server),
            ("Date", &*date),
            ("Content-Type", kind),
            ("Content-Length", &*length),
        ];
        if mtime.is_some() {
            headers.push(("Last-Modified", &modified));
        }
        headers.push(("Connection", "keep-alive"));
        if let Some(to) = to {
            headers.push(("Location", to));
        }
        if mtime.is_some() {
            headers.push(("ETag", &etag));
        }
        if let Some(location) = location {
            headers.extend(location.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        }
        if mtime.is_some() {
            headers.push(("Accept-Ranges", "bytes"));
        }
        let not_modified = mtime.is_some() && request.headers.get("If-None-Match") == Some(&etag);
        let (status, body) = if not_modified { (304, &[][..]) } else { (status, body) };
        let sent = if request.method == Method::Head { 0 } else { body.len() };
        self.log(sys, from, Some(request), status, sent);
        sys.respond(id, web::reply(request, status, &headers, body));
    }
    #[allow(clippy::too_many_arguments)]
    fn proxy(
        &mut self,
        sys: &mut Sys<'_>,
        id: u64,
        port: u16,
        from: &Arc<str>,
        mut request: Request,
        location: Option<&Location>,
        proxy: (String, u16, Option<String>),
    ) {
        let (host, to_port, path) = proxy;
        let original = request.clone();
        let (name, to_port) = match self.conf.upstreams.iter().find(|u| u.0 == host) {
            Some((_, servers)) => {
                let at = self.turn.checked_rem(servers.len() as u64).unwrap_or(0) as usize;
                self.turn += 1;
                servers.get(at).cloned().unwrap_or((host.clone(), to_port))
            }
            None => (host.clone(), to_port),
        };
        if let (Some(path), Some(Matcher::Prefix(prefix, _))) =
            (path, location.and_then(|l| l.matcher.as_ref()))
        {
            let rest = request.path.strip_prefix(prefix.as_str()).unwrap_or("");
            request.path = format!("{path}{rest}").into();
        }
        let header = if to_port == 80 { host.clone() } else { format!("{host}:{to_port}") };
        request
            .headers
            .0
            .retain(|h| !h.0.eq_ignore_ascii_case("Host") && !h.0.eq_ignore_ascii_case("Connection"));
        request.headers.0.insert(0, ("Host".into(), header.into()));
        request.headers.add("Connection", "close");
        let upstream = format!("{name}:{to_port}");
        let ip = sys.resolve(&name).and_then(|ips| ips.first().copied());
        let exchange = match ip {
            Some(ip) => sys.send(Target { ip, port: to_port }, Payload::Http(request), 60_000),
            None => 0,
        };
        self.proxied.push(Proxied {
            incoming: id,
            exchange,
            request: original,
            from: from.clone(),
            server: port,
            upstream,
        });
    }
    /// Hands answers of upstreams to their clients.
    pub(super) fn collect(&mut self, sys: &mut Sys<'_>) {
        for proxied in std::mem::take(&mut self.proxied) {
            let answer = if proxied.exchange == 0 {
                Some(Err(Failure::Unreachable))
            } else {
                sys.answer(proxied.exchange)
            };
            let request = &proxied.request;
            match answer {
                None => self.proxied.push(proxied),
                Some(Ok(Answer::Http(mut response))) => {
                    let size = response.body.bytes().len();
                    self.log(sys, &proxied.from, Some(request), response.status, size);
                    response.headers.0.retain(|h| {
                        !["Server", "Date", "Connection"].iter().any(|n| h.0.eq_ignore_ascii_case(n))
                    });
                    let own = [
                        ("Server".into(), format!("nginx/{}", self.version).into()),
                        ("Date".into(), web::http_date(sys.unix()).into()),
                    ];
                    response.headers.0.splice(0..0, own);
                    response.headers.add("Connection", "keep-alive");
                    if request.method == Method::Head {
                        response.body = Body::Empty;
                    }
                    sys.respond(proxied.incoming, Answer::Http(response));
                }
                Some(other) => {
                    let (status, what) = match other {
                        Err(Failure::TimedOut) => (
                            504,
                            "upstream timed out (110: Connection timed out) while connecting to upstream",
                        ),
                        Err(Failure::Refused) => {
                            (502, "connect() failed (111: Connection refused) while connecting to upstream")
                        }
                        Err(Failure::Unreachable) => {
                            (502, "connect() failed (113: No route to host) while connecting to upstream")
                        }
                        _ => (
                            502,
                            "upstream prematurely closed connection while reading response header from upstream",
                        ),
                    };
                    let conf = self.conf.clone();
                    let server = conf.servers.iter().find(|s| s.listen.iter().any(|l| l.0 == proxied.server));
                    let upstream = format!(", upstream: \"http://{}{}\"", proxied.upstream, request.path);
                    let shown = server.and_then(|s| s.names.first()).map_or("", |n| n);
                    self.complain(sys, what, &proxied.from, shown, request, &upstream);
                    match server {
                        Some(server) => {
                            self.refuse(sys, proxied.incoming, &proxied.from, request, status, server)
                        }
                        None => sys.reset(proxied.incoming),
                    }
                }
            }
        }
    }
}

/// The location nginx takes for a path: exact, `^~`, the first regular expression, the longest prefix.
fn choose<'a>(server: &'a Server, path: &str) -> Option<&'a Location> {
    let exact = server.locations.iter().find(|l| matches!(&l.matcher, Some(Matcher::Exact(p)) if p == path));
    let prefix = server
        .locations
        .iter()
        .filter_map(|l| match &l.matcher {
            Some(Matcher::Prefix(p, only)) if path.starts_with(p.as_str()) => Some((p.len(), *only, l)),
            _ => None,
        })
        .max_by_key(|p| p.0);
    if let Some((_, true, location)) = prefix {
        return exact.or(Some(location));
    }
    let regex = server.locations.iter().find(|l| match &l.matcher {
        Some(Matcher::Regex(pattern, fold)) => {
            let pattern = if *fold { format!("(?i){pattern}") } else { pattern.clone() };
            regex_lite::Regex::new(&pattern).is_ok_and(|r| r.is_match(path))
        }
        _ => false,
    });
    exact.or(regex).or(prefix.map(|p| p.2))
}

/// The variables a `return` or `try_files` is likely to use.
fn expand(text: &str, request: &Request, host: &str) -> String {
    if !text.contains('$') {
        return text.to_string();
    }
    text.replace("$request_uri", &web::request_uri(request))
        .replace("$uri", &request.path)
        .replace("$host", host)
        .replace("$request_method", request.method.name())
        .replace("$scheme", "http")
        .replace("$http_user_agent", request.headers.get("User-Agent").unwrap_or(""))
        .replace("$is_args", if request.query.is_empty() { "" } else { "?" })
        .replace(
            "$args",
            &web::request_uri(request).split_once('?').map_or(String::new(), |u| u.1.to_string()),
        )
}

/// `autoindex`.
fn listing(sys: &mut Sys<'_>, folder: &str, uri: &str) -> String {
    let names = sys.list(folder).unwrap_or_default();
    let mut rows = String::new();
    for name in names {
        let Ok(stat) = sys.stat(&format!("{folder}/{name}")) else { continue };
        let t = Timestamp(stat.mtime).civil();
        let directory = stat.kind == FileKind::Directory;
        let shown = if directory { format!("{name}/") } else { name };
        let size = if directory { "-".into() } else { stat.size.to_string() };
        rows.push_str(&format!(
            "<a href=\"{shown}\">{shown}</a>{:pad$} {:02}-{}-{} {:02}:{:02} {size:>19}\r\n",
            "",
            t.day,
            t.month_name(),
            t.year,
            t.hour,
            t.minute,
            pad = 50usize.saturating_sub(shown.len())
        ));
    }
    format!(
        "<html>\r\n<head><title>Index of {uri}</title></head>\r\n<body>\r\n<h1>Index of {uri}</h1><hr><pre><a href=\"../\">../</a>\r\n{rows}</pre><hr></body>\r\n</html>\r\n"
    )
}
