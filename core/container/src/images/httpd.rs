//! Web servers that only serve files: Apache (`httpd`) and busybox' applet of that name.
//!
//! Left out: Apache's configuration beyond its port and document root, modules, `.htaccess`.

use crate::images::serve::Visit;
use crate::images::{Catalogued, Draft, Flavour, base, linux, web};
use crate::machine::{Behave, Handled, Machine, Once, Step};
use crate::program::Program;
use crate::signal::Signal;
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use crate::wait::Wait;
use drydock_machinery::time::Timestamp;
use drydock_network::exchange::{Answer, Payload};
use drydock_network::http::{Method, Request};
use std::sync::Arc;

pub const IMAGE: Catalogued = Catalogued {
    names: &["docker.io/library/httpd"],
    tags: &[
        "latest",
        "2",
        "2.4",
        "2.4.62",
        "2.4.65",
        "alpine",
        "2-alpine",
        "2.4-alpine",
        "bookworm",
        "trixie",
    ],
    make: |_, tag, programs| {
        let created = 1_721_300_000;
        let alpine = tag.contains("alpine");
        let version = if tag == "2.4.62" { "2.4.62" } else { "2.4.65" };
        let mut root = if alpine {
            base::alpine(programs, created, linux::alpine_version("3.22"))
        } else {
            base::debian(programs, created, &linux::debian_release("12"))
        };
        root.program("/usr/local/bin/httpd-foreground", "apache", 138).program(
            "/usr/local/apache2/bin/httpd",
            "apache",
            2_100_000,
        );
        root.file("/usr/local/apache2/htdocs/index.html", "<html><body><h1>It works!</h1></body></html>\n");
        root.file(
            "/usr/local/apache2/conf/httpd.conf",
            "ServerRoot \"/usr/local/apache2\"\n\nListen 80\n\n#ServerName www.example.com:80\n\n\
             DocumentRoot \"/usr/local/apache2/htdocs\"\n\nDirectoryIndex index.html\n\n\
             ErrorLog /proc/self/fd/2\nCustomLog /proc/self/fd/1 common\n",
        );
        root.dir("/usr/local/apache2/logs", 0o755);
        let mut env = linux::path();
        if let Some(path) = env.first_mut() {
            path.1 = format!("/usr/local/apache2/bin:{}", path.1);
        }
        env.extend(
            [("HTTPD_PREFIX", "/usr/local/apache2"), ("HTTPD_VERSION", version)]
                .map(|(k, v)| (k.into(), v.into())),
        );
        Draft {
            family: "httpd",
            version: format!("{version}{}", if alpine { "-alpine" } else { "" }),
            base: if alpine { "alpine" } else { "debian-slim" },
            base_size: if alpine { 7_797_760 } else { 74_800_000 },
            layers: 6,
            size: if alpine { 63_000_000 } else { 148_000_000 },
            cmd: &["httpd-foreground"],
            exposed: &["80/tcp"],
            cwd: "/usr/local/apache2",
            stop_signal: Some(Signal::Winch),
            env,
            created,
            flavour: if alpine { Flavour::Busybox } else { Flavour::Gnu },
            root: root.fs,
            ..Draft::default()
        }
    },
};

pub const APACHE: Program = Program { name: "apache", about: "Apache HTTP server", start: start_apache };
pub const BUSYBOX_HTTPD: Program =
    Program { name: "httpd", about: "busybox' web server", start: start_busybox };

#[derive(Clone, Copy, Hash, PartialEq)]
enum Kind {
    Apache,
    Busybox,
}

#[derive(Clone, Hash)]
struct Files {
    kind: Kind,
    root: Arc<str>,
    version: Arc<str>,
    told: Option<Signal>,
    /// Print requests (busybox -v).
    verbose: bool,
}

fn start_apache(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let version = sys.env("HTTPD_VERSION").unwrap_or_else(|| "2.4.65".into());
    if sys.args().iter().any(|a| &**a == "-v") {
        sys.print(&format!(
            "Server version: Apache/{version} (Unix)\nServer built:   Jul 23 2025 00:00:00\n"
        ));
        return Box::new(Once(|_| 0));
    }
    let conf = sys.read_file("/usr/local/apache2/conf/httpd.conf").unwrap_or_default();
    let conf = String::from_utf8_lossy(&conf).into_owned();
    let find = |name: &str| {
        let line = conf.lines().map(str::trim).find(|l| l.split_whitespace().next() == Some(name))?;
        line.split_whitespace().nth(1).map(|v| v.trim_matches('"').to_string())
    };
    let port: u16 =
        find("Listen").and_then(|l| l.rsplit(':').next().and_then(|p| p.parse().ok())).unwrap_or(80);
    let root = find("DocumentRoot").unwrap_or_else(|| "/usr/local/apache2/htdocs".into());
    let ip = sys.address().unwrap_or_default();
    if find("ServerName").is_none() {
        let line = format!(
            "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using {ip}. \
             Set the 'ServerName' directive globally to suppress this message\n"
        );
        sys.eprint(&line.repeat(2));
    }
    if sys.listen(port).is_err() {
        sys.eprint(&format!(
            "(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:{port}\n\
             no listening sockets available, shutting down\nAH00015: Unable to open logs\n"
        ));
        return Box::new(Once(|_| 1));
    }
    let at = apache_stamp(sys.unix());
    sys.eprint(&format!(
        "[{at}] [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/{version} (Unix) configured -- resuming normal operations\n\
         [{at}] [core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'\n"
    ));
    Box::new(Files { kind: Kind::Apache, root: root.into(), version, told: None, verbose: true })
}

fn start_busybox(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let (mut port, mut root, mut foreground, mut verbose) = (80, sys.cwd(), false, false);
    let mut words = args.iter().skip(1);
    while let Some(word) = words.next() {
        let Some(flags) = word.strip_prefix('-') else { continue };
        for (n, flag) in flags.char_indices() {
            match flag {
                'f' => foreground = true,
                'v' => verbose = true,
                'p' | 'h' | 'c' | 'u' => {
                    let rest = flags.get(n + 1..).filter(|r| !r.is_empty()).map(Arc::from);
                    let value: Arc<str> = rest.or_else(|| words.next().cloned()).unwrap_or_default();
                    match flag {
                        'p' => port = value.rsplit(':').next().and_then(|p| p.parse().ok()).unwrap_or(80),
                        'h' => root = crate::filesystem::normalise(&sys.cwd(), &value).into(),
                        _ => {}
                    }
                    break;
                }
                other => {
                    sys.eprint(&format!("httpd: invalid option -- '{other}'\n"));
                    return Box::new(Once(|_| 1));
                }
            }
        }
    }
    if let Err(error) = sys.list(&root) {
        sys.eprint(&format!("httpd: can't change directory to '{root}': {error}\n"));
        return Box::new(Once(|_| 1));
    }
    let server = Files { kind: Kind::Busybox, root, version: "1.37.0".into(), told: None, verbose };
    if foreground {
        return match sys.listen(port) {
            Ok(()) => Box::new(server),
            Err(error) => {
                sys.eprint(&format!("httpd: bind: {error}\n"));
                Box::new(Once(|_| 1))
            }
        };
    }
    // Goes to the background: a child serves, the caller ends.
    let daemon = Box::new(Daemon { server, port });
    let options = crate::SpawnOptions { group: Some(0), ..Default::default() };
    match sys.spawn_machine(daemon, args.to_vec(), options) {
        Ok(_) => Box::new(Once(|_| 0)),
        Err(_) => Box::new(Once(|_| 1)),
    }
}

/// Takes its port when it first runs.
#[derive(Clone, Hash)]
struct Daemon {
    server: Files,
    port: u16,
}
impl Behave for Daemon {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Err(error) = sys.listen(self.port) {
            sys.eprint(&format!("httpd: bind: {error}\n"));
            return Step::Exit(1);
        }
        Behave::step(&mut self.server, sys)
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        Behave::signal(&mut self.server, signal)
    }
}

/// `Sat Nov 21 13:00:00.000000 2026`.
fn apache_stamp(unix: i64) -> String {
    let t = Timestamp(unix).civil();
    format!(
        "{} {} {:02} {:02}:{:02}:{:02}.000000 {}",
        t.day_name(),
        t.month_name(),
        t.day,
        t.hour,
        t.minute,
        t.second,
        t.year
    )
}

impl Behave for Files {
    fn signal(&mut self, signal: Signal) -> Handled {
        if self.kind == Kind::Apache && matches!(signal, Signal::Term | Signal::Winch | Signal::Int) {
            self.told = Some(signal);
            return Handled::Caught;
        }
        Handled::Default
    }
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(signal) = self.told {
            let text = match signal {
                Signal::Winch => "AH00492: caught SIGWINCH, shutting down gracefully",
                _ => "AH00491: caught SIGTERM, shutting down",
            };
            let at = apache_stamp(sys.unix());
            sys.eprint(&format!("[{at}] [mpm_event:notice] [pid 1:tid 1] {text}\n"));
            return Step::Exit(0);
        }
        while let Some(incoming) = sys.accept() {
            match &incoming.payload {
                Payload::Http(request) => {
                    let visit = Visit { from: incoming.from, from_port: 0, port: incoming.port, request };
                    let answer = self.serve(sys, &visit);
                    sys.respond(incoming.id, answer);
                }
                _ => sys.reset(incoming.id),
            }
        }
        Step::wait(Wait::Accept)
    }
}

impl Files {
    fn serve(&self, sys: &mut Sys<'_>, visit: &Visit<'_>) -> Answer {
        let request = visit.request;
        let found = find(sys, &self.root, request, self.kind);
        let unix = sys.unix();
        let (status, body, kind, mtime, to) = match found {
            Ok((body, kind, mtime)) => (200, body, kind, Some(mtime), None),
            Err((status, to)) => {
                (status, self.error_page(status, to.as_deref()).into_bytes().into(), "text/html", None, to)
            }
        };
        if self.verbose {
            self.log(sys, visit, status, body.len());
        }
        let (date, length) = (web::http_date(unix), body.len().to_string());
        let modified = mtime.map_or(String::new(), web::http_date);
        let etag = mtime.map_or(String::new(), |at| format!("\"{:x}-{at:x}\"", body.len()));
        let kind =
            if self.kind == Kind::Apache && status != 200 { "text/html; charset=iso-8859-1" } else { kind };
        let server = format!("Apache/{} (Unix)", self.version);
        let mut headers: Vec<(&str, &str)> = vec![("Date", &date)];
        match (self.kind, mtime) {
            (Kind::Apache, Some(_)) => {
                headers.extend([
                    ("Server", &*server),
                    ("Last-Modified", &*modified),
                    ("ETag", &*etag),
                    ("Accept-Ranges", "bytes"),
                ]);
                headers.extend([("Content-Length", &*length), ("Content-Type", kind)]);
            }
            (Kind::Apache, None) => {
                headers.push(("Server", &server));
                headers.extend(to.as_deref().map(|t| ("Location", t)));
                headers.extend([("Content-Length", &*length), ("Content-Type", kind)]);
            }
            (Kind::Busybox, _) => {
                headers.extend([("Connection", "close"), ("Content-type", kind)]);
                headers.extend(to.as_deref().map(|t| ("Location", t)));
                if mtime.is_some() {
                    headers.extend([
                        ("Accept-Ranges", "bytes"),
                        ("Last-Modified", &*modified),
                        ("Content-Length", &*length),
                    ]);
                }
            }
        }
        web::reply(request, status, &headers, &body)
    }
    fn log(&self, sys: &mut Sys<'_>, visit: &Visit<'_>, status: u16, size: usize) {
        let uri = web::request_uri(visit.request);
        match self.kind {
            Kind::Apache => sys.print(&format!(
                "{} - - [{}] \"{} {uri} HTTP/1.1\" {status} {size}\n",
                visit.from,
                web::log_date(sys.unix()),
                visit.request.method.name()
            )),
            Kind::Busybox => sys.eprint(&format!("[::ffff:{}]:{}: response:{status}\n", visit.from, 40_000)),
        }
    }
    fn error_page(&self, status: u16, to: Option<&str>) -> String {
        let reason = web::reason(status);
        if self.kind == Kind::Busybox {
            let text = match status {
                404 => "The requested URL was not found",
                403 => "",
                501 => "The requested method is not recognized",
                _ => "",
            };
            return format!(
                "<HTML><HEAD><TITLE>{status} {reason}</TITLE></HEAD>\n<BODY><H1>{status} {reason}</H1>\n{text}\n</BODY></HTML>\n"
            );
        }
        let text = match status {
            404 => "The requested URL was not found on this server.".to_string(),
            403 => "You don't have permission to access this resource.".to_string(),
            301 => format!("The document has moved <a href=\"{}\">here</a>.", to.unwrap_or("")),
            _ => format!("{reason}."),
        };
        format!(
            "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>{status} {reason}</title>\n\
             </head><body>\n<h1>{reason}</h1>\n<p>{text}</p>\n</body></html>\n"
        )
    }
}

type Found = (Arc<[u8]>, &'static str, i64);

/// The file a request names: bytes, media type and time, or a status and where to go.
fn find(
    sys: &mut Sys<'_>,
    root: &str,
    request: &Request,
    kind: Kind,
) -> Result<Found, (u16, Option<String>)> {
    if !matches!(request.method, Method::Get | Method::Head) && kind == Kind::Busybox {
        return Err((501, None));
    }
    let uri = crate::filesystem::normalise("/", &request.path);
    let mut path = format!("{}{uri}", root.trim_end_matches('/'));
    let mut stat = sys.stat(&path).map_err(|_| (404, None))?;
    if stat.kind == FileKind::Directory {
        if !request.path.ends_with('/') {
            let host = request.headers.get("Host").unwrap_or("localhost").to_string();
            let to = if kind == Kind::Apache { format!("http://{host}{uri}/") } else { format!("{uri}/") };
            return Err((if kind == Kind::Apache { 301 } else { 302 }, Some(to)));
        }
        let folder = path.trim_end_matches('/').to_string();
        path = format!("{folder}/index.html");
        match sys.stat(&path) {
            Ok(index) => stat = index,
            Err(_) if kind == Kind::Busybox => return Err((404, None)),
            Err(_) => {
                let names = sys.list(&folder).unwrap_or_default();
                let rows: String =
                    names.iter().map(|n| format!("<li><a href=\"{n}\"> {n}</a></li>\n")).collect();
                let body = format!(
                    "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<html>\n <head>\n  <title>Index of {uri}</title>\n \
                     </head>\n <body>\n<h1>Index of {uri}</h1>\n<ul>{rows}</ul>\n</body></html>\n"
                );
                return Ok((body.into_bytes().into(), "text/html;charset=ISO-8859-1", stat.mtime));
            }
        }
    }
    if stat.mode & 0o044 == 0 {
        return Err((403, None));
    }
    let body = sys.read_file(&path).map_err(|_| (403, None))?;
    let default = if kind == Kind::Apache { "text/plain" } else { "application/octet-stream" };
    Ok((body, web::media_type(&path).unwrap_or(default), stat.mtime))
}
