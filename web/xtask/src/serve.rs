//! Serves `target/dist`: right types, compressed where the browser takes it, hashed files for ever and
//! the rest never cached, nothing outside the folder. While working, rebuilds on change and reloads the
//! open tabs.
use crate::build::{Profile, build};
use crate::{assets, run, watch};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use std::{fs, io, thread};
use tiny_http::{Header, Method, Request, Response, Server};

/// Asked by the open tabs; answers once there is something newer.
const RELOAD: &str = "/__reload";
const RELOAD_JS: &str = "/__reload.js";
const RELOAD_SCRIPT: &str = "(async () => { let have; for (;;) { try { \
const reply = await (await fetch('/__reload?have=' + (have ?? ''))).text(); \
if (have !== undefined && reply !== have) location.reload(); have = reply; } \
catch { await new Promise(done => setTimeout(done, 1000)); } } })();\n";

/// The number of the build being served; tabs wait for it to grow.
#[derive(Default)]
struct Version {
    number: Mutex<u64>,
    grew: Condvar,
}

impl Version {
    fn grow(&self) {
        if let Ok(mut number) = self.number.lock() {
            *number += 1;
        }
        self.grew.notify_all();
    }

    /// Waits until the number is not `have`, at most 25 s.
    fn after(&self, have: Option<u64>) -> u64 {
        let Ok(number) = self.number.lock() else { return 0 };
        match self.grew.wait_timeout_while(number, Duration::from_secs(25), |n| Some(*n) == have) {
            Ok((number, _)) => *number,
            Err(_) => 0,
        }
    }
}

/// `cargo xtask serve`.
pub fn command(listen: &str, release: bool) -> Result<()> {
    let profile = Profile::of(release);
    build(profile)?;
    let version = Arc::new(Version::default());
    let server = open(listen)?;
    println!("Drydock is at http://{}/  (Ctrl-C ends it)", server.server_addr());
    let grown = version.clone();
    thread::spawn(move || {
        watch::forever(|| match build(profile) {
            Ok(_) => grown.grow(),
            Err(error) => eprintln!("{error:#}"),
        });
    });
    answer_all(&server, &run::target_dir().join("dist"), Some(&version));
    Ok(())
}

/// Serves `dist` on a free port of this machine, in the background; returns its address.
pub fn background(dist: PathBuf) -> Result<String> {
    let server = open("127.0.0.1:0")?;
    let url = format!("http://{}/", server.server_addr());
    thread::spawn(move || answer_all(&server, &dist, None));
    Ok(url)
}

fn open(listen: &str) -> Result<Server> {
    Server::http(listen)
        .map_err(|e| anyhow::anyhow!("{e}"))
        .with_context(|| format!("cannot listen on {listen}"))
}

fn answer_all(server: &Server, dist: &Path, version: Option<&Arc<Version>>) {
    for request in server.incoming_requests() {
        let (dist, version) = (dist.to_path_buf(), version.cloned());
        // A thread each: a tab that waits for a newer build must not hold up the others.
        thread::spawn(move || {
            if let Err(error) = answer(request, &dist, version.as_deref()) {
                // Browsers drop connections as they please.
                if !matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset) {
                    eprintln!("{error}");
                }
            }
        });
    }
}

fn answer(request: Request, dist: &Path, version: Option<&Version>) -> io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(plain(405, "only GET and HEAD\n"));
    }
    let url = request.url().to_owned();
    let (path, query) = url.split_once('?').unwrap_or((&url, ""));
    if let (RELOAD, Some(version)) = (path, version) {
        let have = query.strip_prefix("have=").and_then(|n| n.parse().ok());
        return request.respond(
            plain(200, &version.after(have).to_string()).with_header(header("cache-control", "no-store")),
        );
    }
    if path == RELOAD_JS && version.is_some() {
        return request
            .respond(plain(200, RELOAD_SCRIPT).with_header(header("content-type", "text/javascript")));
    }
    let Some(file) = locate(dist, path) else {
        return request.respond(plain(404, "not found\n"));
    };
    if version.is_some() && file.ends_with("index.html") {
        let page = fs::read_to_string(&file)?
            .replace("</body>", &format!("<script src=\"{RELOAD_JS}\"></script></body>"));
        return request.respond(
            Response::from_string(page)
                .with_header(header("content-type", mime(&file)))
                .with_header(header("cache-control", "no-store")),
        );
    }
    let (body, encoding) = negotiated(&request, &file)?;
    let cache = if path.starts_with(&format!("/{}", assets::HASHED)) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = Response::from_data(body)
        .with_header(header("content-type", mime(&file)))
        .with_header(header("cache-control", cache))
        .with_header(header("x-content-type-options", "nosniff"))
        .with_header(header("vary", "accept-encoding"));
    if let Some(encoding) = encoding {
        response.add_header(header("content-encoding", encoding));
    }
    request.respond(response)
}

/// The file for a path: inside `dist` only; the index for a path without an extension.
fn locate(dist: &Path, path: &str) -> Option<PathBuf> {
    let path = path.trim_start_matches('/');
    // Nothing we serve needs an escape, a backslash or a dot-folder.
    if path.contains(['%', '\\', '\0', ':']) || path.split('/').any(|part| part.starts_with('.')) {
        return None;
    }
    let file = dist.join(path);
    if file.is_file() {
        return Some(file);
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    (!last.contains('.')).then(|| dist.join("index.html")).filter(|index| index.is_file())
}

/// The body, and its encoding where a compressed copy exists that the browser takes.
fn negotiated(request: &Request, file: &Path) -> io::Result<(Vec<u8>, Option<&'static str>)> {
    let accepted = request
        .headers()
        .iter()
        .find(|h| h.field.equiv("accept-encoding"))
        .map(|h| h.value.as_str().to_ascii_lowercase())
        .unwrap_or_default();
    for (token, suffix) in [("br", "br"), ("gzip", "gz")] {
        let takes = accepted.split(',').any(|part| {
            let mut parts = part.split(';').map(str::trim);
            parts.next() == Some(token) && !parts.any(|p| matches!(p, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        });
        if takes && let Ok(body) = fs::read(assets::sibling(file, suffix)) {
            return Ok((body, Some(token)));
        }
    }
    Ok((fs::read(file)?, None))
}

fn mime(file: &Path) -> &'static str {
    match file.extension().and_then(|e| e.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("json" | "webmanifest") => "application/json",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt" | "md" | "yaml") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn plain(status: u16, text: &str) -> Response<io::Cursor<Vec<u8>>> {
    Response::from_string(text).with_status_code(status)
}

#[expect(clippy::expect_used, reason = "names and values are ASCII constants of this file")]
fn header(name: &'static str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("a plain header")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_in_the_folder_is_served() {
        let dist = std::env::temp_dir().join(format!("drydock-serve-{}", std::process::id()));
        fs::create_dir_all(dist.join("assets-1")).unwrap();
        fs::write(dist.join("index.html"), "index").unwrap();
        fs::write(dist.join("assets-1/app.js"), "js").unwrap();
        let found = |path: &str| {
            locate(&dist, path).map(|f| f.strip_prefix(&dist).unwrap().to_string_lossy().into_owned())
        };
        assert_eq!(found("/").as_deref(), Some("index.html"));
        assert_eq!(found("/assets-1/app.js").as_deref(), Some("assets-1/app.js"));
        assert_eq!(found("/lesson/services").as_deref(), Some("index.html"));
        assert_eq!(found("/assets-1/gone.js"), None);
        for bad in ["/../Cargo.toml", "/assets-1/../../x", "/%2e%2e/x", "/.git/config", "/c:/x", "/..\\x"] {
            assert_eq!(found(bad), None, "{bad}");
        }
        fs::remove_dir_all(dist).unwrap();
    }
}
