//! nginx' configuration: parsed from the files in the container, with nginx' own complaints. Understood
//! are servers, locations, roots, returns, redirects, proxies to upstreams and added headers; other known
//! directives are accepted and do nothing, unknown ones are refused as nginx refuses them.

use crate::images::nginx::syntax::{Directive, read};
use crate::sys::Sys;

/// How a location is chosen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Matcher {
    Exact(String),
    /// The flag is `^~`: no regular expressions after this.
    Prefix(String, bool),
    /// The flag is `~*`: without case.
    Regex(String, bool),
}

/// One `location`; also what a server does outside of any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Location {
    pub matcher: Option<Matcher>,
    pub root: Option<String>,
    pub alias: Option<String>,
    pub index: Option<Vec<String>>,
    /// `return`: status and text or address.
    pub answer: Option<(u16, String)>,
    /// `proxy_pass`: host, port, path that replaces the location's.
    pub proxy: Option<(String, u16, Option<String>)>,
    pub try_files: Vec<String>,
    pub autoindex: bool,
    pub default_type: Option<String>,
    pub headers: Vec<(String, String)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Server {
    /// Port and whether it is the port's default server.
    pub listen: Vec<(u16, bool)>,
    pub names: Vec<String>,
    pub own: Location,
    pub locations: Vec<Location>,
    /// Status to path.
    pub error_pages: Vec<(u16, String)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Conf {
    pub servers: Vec<Server>,
    /// Name to its servers.
    pub upstreams: Vec<(String, Vec<(String, u16)>)>,
    pub access_log: bool,
}

/// Directives that are accepted without effect.
const IGNORED: &[&str] = &[
    "user",
    "worker_processes",
    "error_log",
    "pid",
    "events",
    "worker_connections",
    "include",
    "log_format",
    "sendfile",
    "tcp_nopush",
    "tcp_nodelay",
    "keepalive_timeout",
    "keepalive_requests",
    "gzip",
    "gzip_types",
    "gzip_min_length",
    "gzip_vary",
    "gzip_proxied",
    "gzip_comp_level",
    "types",
    "proxy_set_header",
    "proxy_http_version",
    "proxy_redirect",
    "proxy_buffering",
    "proxy_read_timeout",
    "proxy_connect_timeout",
    "proxy_send_timeout",
    "proxy_hide_header",
    "proxy_cache",
    "proxy_cache_path",
    "client_max_body_size",
    "client_body_buffer_size",
    "server_tokens",
    "charset",
    "expires",
    "ssl_certificate",
    "ssl_certificate_key",
    "ssl_protocols",
    "ssl_ciphers",
    "resolver",
    "set",
    "map",
    "deny",
    "allow",
    "auth_basic",
    "auth_basic_user_file",
    "stub_status",
    "fastcgi_pass",
    "fastcgi_index",
    "fastcgi_param",
    "daemon",
    "load_module",
    "worker_rlimit_nofile",
    "server_names_hash_bucket_size",
    "types_hash_max_size",
    "keepalive",
    "least_conn",
    "ip_hash",
    "zone",
    "limit_req",
    "limit_req_zone",
    "limit_conn",
    "limit_conn_zone",
    "if",
    "rewrite",
    "break",
    "internal",
    "real_ip_header",
    "set_real_ip_from",
    "etag",
    "if_modified_since",
    "large_client_header_buffers",
    "client_body_timeout",
    "client_header_timeout",
    "send_timeout",
    "reset_timedout_connection",
    "multi_accept",
    "use",
    "error_page",
    "access_log",
    "proxy_ssl_verify",
    "sub_filter",
    "sub_filter_once",
    "add_trailer",
    "open_file_cache",
];

/// Reads `/etc/nginx/nginx.conf` and what it includes.
///
/// # Errors
/// nginx' complaint, without `nginx: [emerg] `.
pub fn load(sys: &mut Sys<'_>, path: &str) -> Result<Conf, String> {
    let mut files = 0;
    let tree = read(sys, path, &mut files)?;
    let mut conf = Conf { access_log: true, ..Conf::default() };
    for directive in &tree {
        match (directive.words.first().map(String::as_str), &directive.block) {
            (Some("http"), Some(block)) => http(sys, block, &mut conf)?,
            (Some("http" | "events"), None) => {
                let name = directive.words.first().map_or("", |w| w);
                return Err(format!("directive \"{name}\" has no opening \"{{\" {}", place(directive)));
            }
            _ => known(directive)?,
        }
    }
    let names: Vec<(String, String)> = conf
        .servers
        .iter()
        .flat_map(|s| s.locations.iter().chain([&s.own]))
        .filter_map(|l| l.proxy.as_ref().map(|p| (p.0.clone(), p.0.clone())))
        .filter(|(host, _)| !conf.upstreams.iter().any(|u| u.0 == *host))
        .chain(conf.upstreams.iter().flat_map(|u| &u.1).map(|s| (s.0.clone(), s.0.clone())))
        .collect();
    for (host, shown) in names {
        if !host.contains('$') && sys.resolve(&host).is_none() {
            return Err(format!("host not found in upstream \"{shown}\" in {}", host_place(&tree, &shown)));
        }
    }
    Ok(conf)
}

fn place(directive: &Directive) -> String {
    format!("in {}:{}", directive.file, directive.line)
}
/// `file:line` of the directive that names a host.
fn host_place(tree: &[Directive], host: &str) -> String {
    tree.iter()
        .find_map(|d| {
            let own = d.words.iter().skip(1).any(|w| w.contains(host));
            match (&d.block, own) {
                (None, true) => Some(format!("{}:{}", d.file, d.line)),
                (Some(block), _) => Some(host_place(block, host)).filter(|p| !p.is_empty()),
                _ => None,
            }
        })
        .unwrap_or_default()
}

fn known(directive: &Directive) -> Result<(), String> {
    let name = directive.words.first().map_or("", |w| w);
    if IGNORED.contains(&name) {
        Ok(())
    } else {
        Err(format!("unknown directive \"{name}\" {}", place(directive)))
    }
}

fn http(sys: &mut Sys<'_>, block: &[Directive], conf: &mut Conf) -> Result<(), String> {
    let mut defaults = Location::default();
    for directive in block {
        let words: Vec<&str> = directive.words.iter().map(String::as_str).collect();
        match (words.as_slice(), &directive.block) {
            (["server"], Some(inner)) => conf.servers.push(server(inner, &defaults)?),
            (["upstream", name], Some(inner)) => {
                let servers = inner.iter().filter(|d| d.words.first().is_some_and(|w| w == "server"));
                let targets = servers.filter_map(|d| d.words.get(1)).map(|a| address(a, 80)).collect();
                conf.upstreams.push(((*name).to_string(), targets));
            }
            (["access_log", "off", ..], _) => conf.access_log = false,
            _ => setting(directive, &mut defaults)?,
        }
    }
    _ = sys;
    Ok(())
}

fn server(block: &[Directive], defaults: &Location) -> Result<Server, String> {
    let mut server = Server { own: defaults.clone(), ..Server::default() };
    for directive in block {
        let words: Vec<&str> = directive.words.iter().map(String::as_str).collect();
        match (words.as_slice(), &directive.block) {
            (["listen", at, rest @ ..], None) => {
                let port = at.rsplit(':').next().and_then(|p| p.parse::<u16>().ok());
                let port = port.or((!at.contains(':')).then_some(80)).ok_or_else(|| {
                    format!("invalid port in \"{at}\" of the \"listen\" directive {}", place(directive))
                })?;
                let default = rest.contains(&"default_server");
                if !server.listen.iter().any(|l| l.0 == port) {
                    server.listen.push((port, default));
                }
            }
            (["server_name", names @ ..], None) => {
                server.names = names.iter().map(|n| n.to_string()).collect()
            }
            (["location", rest @ ..], Some(inner)) => {
                let matcher = match rest {
                    ["=", path] => Matcher::Exact(path.to_string()),
                    ["^~", path] => Matcher::Prefix(path.to_string(), true),
                    ["~", pattern] => Matcher::Regex(pattern.to_string(), false),
                    ["~*", pattern] => Matcher::Regex(pattern.to_string(), true),
                    [path] => Matcher::Prefix(path.to_string(), false),
                    _ => {
                        return Err(format!(
                            "invalid number of arguments in \"location\" directive {}",
                            place(directive)
                        ));
                    }
                };
                let mut location = Location { matcher: Some(matcher), ..Location::default() };
                for directive in inner {
                    setting(directive, &mut location)?;
                }
                server.locations.push(location);
            }
            (["error_page", codes @ .., page], None) => {
                let codes = codes.iter().filter_map(|c| c.parse::<u16>().ok());
                server.error_pages.extend(codes.map(|c| (c, page.to_string())));
            }
            _ => setting(directive, &mut server.own)?,
        }
    }
    if server.listen.is_empty() {
        server.listen.push((80, false));
    }
    Ok(server)
}

/// A directive that may stand at any level.
fn setting(directive: &Directive, into: &mut Location) -> Result<(), String> {
    let words: Vec<&str> = directive.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["root", path] => into.root = Some(path.to_string()),
        ["alias", path] => into.alias = Some(path.to_string()),
        ["index", names @ ..] => into.index = Some(names.iter().map(|n| n.to_string()).collect()),
        ["autoindex", switch] => into.autoindex = *switch == "on",
        ["default_type", kind] => into.default_type = Some(kind.to_string()),
        ["try_files", files @ ..] => into.try_files = files.iter().map(|n| n.to_string()).collect(),
        ["add_header", name, value, ..] => into.headers.push((name.to_string(), value.to_string())),
        ["return", code] if code.parse::<u16>().is_err() => into.answer = Some((302, code.to_string())),
        ["return", code, rest @ ..] => match code.parse::<u16>() {
            Ok(status) if status <= 999 => into.answer = Some((status, rest.join(" "))),
            _ => return Err(format!("invalid return code \"{code}\" {}", place(directive))),
        },
        ["proxy_pass", to] => {
            let Some(rest) = to.strip_prefix("http://").or_else(|| to.strip_prefix("https://")) else {
                return Err(format!("invalid URL prefix {}", place(directive)));
            };
            let (host, path) = match rest.find('/') {
                Some(at) => (rest.get(..at).unwrap_or(""), rest.get(at..).map(String::from)),
                None => (rest, None),
            };
            let (host, port) = address(host, 80);
            into.proxy = Some((host, port, path));
        }
        ["server" | "location" | "upstream" | "http", ..] => {
            return Err(format!(
                "\"{}\" directive is not allowed here {}",
                words.first().unwrap_or(&""),
                place(directive)
            ));
        }
        _ => known(directive)?,
    }
    Ok(())
}

fn address(text: &str, default: u16) -> (String, u16) {
    match text.rsplit_once(':') {
        Some((host, port)) => (host.to_string(), port.parse().unwrap_or(default)),
        None => (text.to_string(), default),
    }
}
