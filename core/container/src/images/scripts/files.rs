//! Python's `http.server`: a folder as a web site.

use super::python::version;
use crate::images::serve::{App, Reply, Visit};
use crate::images::web;
use crate::machine::{Machine, Once};
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use std::sync::Arc;

static FILES: App<Arc<str>> = App { name: "http.server", handle: file, on_term: None };

pub(super) fn http_server(sys: &mut Sys<'_>, words: &[Arc<str>]) -> Box<dyn Machine> {
    let (mut port, mut root, mut given) = (8000u16, sys.cwd(), words.iter());
    while let Some(word) = given.next() {
        match &**word {
            "-d" | "--directory" => root = given.next().cloned().unwrap_or_default(),
            "-b" | "--bind" => _ = given.next(),
            text => match text.parse() {
                Ok(number) => port = number,
                Err(_) => {
                    sys.eprint(&format!("usage: server.py [-h] [--cgi] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [port]\nserver.py: error: argument port: invalid int value: '{text}'\n"));
                    return Box::new(Once(|_| 2));
                }
            },
        }
    }
    let root: Arc<str> = crate::filesystem::normalise(&sys.cwd(), &root).into();
    sys.print(&format!("Serving HTTP on 0.0.0.0 port {port} (http://0.0.0.0:{port}/) ...\n"));
    crate::images::serve::start(sys, &FILES, port, root, "OSError: [Errno 98] Address already in use\n")
}

fn file(root: &mut Arc<str>, sys: &mut Sys<'_>, visit: &Visit<'_>) -> Reply {
    let uri = crate::filesystem::normalise("/", &visit.request.path);
    let path = format!("{}{uri}", root.trim_end_matches('/'));
    let stat = sys.stat(&path);
    let folder = stat.as_ref().is_ok_and(|s| s.kind == FileKind::Directory);
    let (status, kind, body): (u16, &str, Vec<u8>) = if folder {
        match sys.read_file(&format!("{}/index.html", path.trim_end_matches('/'))) {
            Ok(bytes) => (200, "text/html", bytes.to_vec()),
            Err(_) => {
                let names = sys.list(&path).unwrap_or_default();
                let mut rows = String::new();
                for name in names {
                    let slash = sys
                        .stat(&format!("{}/{name}", path.trim_end_matches('/')))
                        .is_ok_and(|s| s.kind == FileKind::Directory);
                    let name = if slash { format!("{name}/") } else { name };
                    rows.push_str(&format!("<li><a href=\"{name}\">{name}</a></li>\n"));
                }
                let title = format!(
                    "Directory listing for {}",
                    if uri == "/" { "/".into() } else { format!("{uri}/") }
                );
                let html = format!(
                    "<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n<hr>\n<ul>\n{rows}</ul>\n<hr>\n</body>\n</html>\n"
                );
                (200, "text/html; charset=utf-8", html.into_bytes())
            }
        }
    } else {
        match sys.read_file(&path) {
            Ok(bytes) => (200, web::media_type(&path).unwrap_or("application/octet-stream"), bytes.to_vec()),
            Err(_) => (404, "text/html;charset=utf-8", b"<!DOCTYPE HTML>\n<html lang=\"en\">\n    <head>\n        <meta charset=\"utf-8\">\n        <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error response</h1>\n        <p>Error code: 404</p>\n        <p>Message: File not found.</p>\n        <p>Error code explanation: 404 - Nothing matches the given URI.</p>\n    </body>\n</html>\n".to_vec()),
        }
    };
    let at = web::log_date(sys.unix());
    let at = at.split(" +").next().unwrap_or("").replacen(':', " ", 1);
    if status == 404 {
        sys.eprint(&format!("{} - - [{at}] code 404, message File not found\n", visit.from));
    }
    sys.eprint(&format!(
        "{} - - [{at}] \"{} {} HTTP/1.1\" {status} -\n",
        visit.from,
        visit.request.method.name(),
        web::request_uri(visit.request)
    ));
    let (date, length) = (web::http_date(sys.unix()), body.len().to_string());
    let server = format!("SimpleHTTP/0.6 Python/{}", version(sys));
    let headers =
        [("Server", &*server), ("Date", &*date), ("Content-type", kind), ("Content-Length", &*length)];
    Reply::Now(web::reply(visit.request, status, &headers, &body))
}
