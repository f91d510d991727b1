//! Node servers of "Kubernetes in Action" (luksa/kubia and its relatives), with their texts and log
//! lines. None handles SIGTERM, so as PID 1 they end only by SIGKILL, as the real ones do.

use crate::images::serve::{App, Reply, Visit, start};
use crate::images::{Catalogued, Draft, base, linux, web};
use crate::machine::Machine;
use crate::sys::Sys;
use drydock_network::exchange::Answer;
use drydock_network::http::Method;
use std::sync::Arc;

pub const KUBIA: Catalogued = Catalogued {
    names: &["docker.io/luksa/kubia"],
    tags: &["latest", "v1", "v2", "v3", "v4"],
    make: |_, tag, programs| draft("kubia", tag, programs),
};
pub const UNHEALTHY: Catalogued = Catalogued {
    names: &["docker.io/luksa/kubia-unhealthy"],
    tags: &["latest"],
    make: |_, tag, programs| draft("kubia-unhealthy", tag, programs),
};
pub const PET: Catalogued = Catalogued {
    names: &["docker.io/luksa/kubia-pet", "docker.io/luksa/kubia-pet-peers"],
    tags: &["latest"],
    make: |_, tag, programs| draft("kubia-pet", tag, programs),
};

fn draft(family: &'static str, tag: &str, programs: crate::program::Programs) -> Draft {
    let created = 1_490_000_000;
    let mut root = base::debian(programs, created, &linux::debian_release("10"));
    root.program("/usr/local/bin/node", "node", 30_000_000);
    root.programs("/usr/bin", &["curl", "wget", "git", "ps", "kill", "free", "top", "ping"]);
    root.link("/usr/local/bin/nodejs", "node");
    root.file("/app.js", &format!("// {family} {tag}\n{}", source(family, tag)));
    let mut env = linux::path();
    env.push(("NPM_CONFIG_LOGLEVEL".into(), "info".into()));
    env.push(("NODE_VERSION".into(), "7.10.1".into()));
    Draft {
        family,
        version: tag.into(),
        base: "node-7",
        base_size: 660_000_000,
        layers: 9,
        size: 660_002_048,
        entrypoint: &["node", "app.js"],
        env,
        created,
        root: root.fs,
        ..Draft::default()
    }
}

/// A server of this behaviour, for learners who look.
fn source(family: &str, tag: &str) -> String {
    let body = match (family, tag) {
        ("kubia-unhealthy", _) => {
            "  count++;\n  if (count > 5) { res.writeHead(500); res.end(\"I'm not well. Please restart me!\"); return; }\n  res.end(\"You've hit \" + os.hostname() + \"\\n\");\n"
        }
        ("kubia-pet", _) => "  // POST stores its body in /var/data/kubia.txt, GET shows it\n",
        (_, "latest") => "  res.end(\"You've hit \" + os.hostname() + \"\\n\");\n",
        _ => "  res.end(\"This is \" + version + \" running in pod \" + os.hostname() + \"\\n\");\n",
    };
    format!(
        "const http = require('http');\nconst os = require('os');\nconst version = '{tag}';\nlet count = 0;\n\
         console.log(\"Kubia server starting...\");\nhttp.createServer((req, res) => {{\n\
         \x20 console.log(\"Received request from \" + req.connection.remoteAddress);\n{body}}}).listen(8080);\n"
    )
}

/// Starts the server of a script whose first line names the family and tag.
pub(super) fn start_family(sys: &mut Sys<'_>, line: &str) -> Box<dyn Machine> {
    let (family, tag) = line.split_once(' ').unwrap_or((line, "latest"));
    let state = State { family: family.into(), tag: tag.into(), count: 0 };
    sys.print("Kubia server starting...\n");
    start(
        sys,
        &APP,
        8080,
        state,
        "events.js:160\n      throw er; // Unhandled 'error' event\n      ^\n\nError: listen EADDRINUSE :::8080\n",
    )
}

#[derive(Clone, Hash)]
struct State {
    family: Arc<str>,
    tag: Arc<str>,
    count: u32,
}

static APP: App<State> = App { name: "kubia", handle, on_term: None };

fn handle(state: &mut State, sys: &mut Sys<'_>, visit: &Visit<'_>) -> Reply {
    state.count += 1;
    let host = sys.hostname();
    if &*state.family != "kubia-pet" {
        sys.print(&format!("Received request from ::ffff:{}\n", visit.from));
    }
    let (status, text) = match (&*state.family, &*state.tag) {
        ("kubia-unhealthy", _) if state.count > 5 => (500, "I'm not well. Please restart me!".to_string()),
        ("kubia-pet", _) => pet(sys, visit, &host),
        ("kubia", "v3") if state.count >= 5 => {
            (500, format!("Some internal error has occurred! This is pod {host}\n"))
        }
        ("kubia", "latest") | ("kubia-unhealthy", _) => (200, format!("You've hit {host}\n")),
        (_, tag) => (200, format!("This is {tag} running in pod {host}\n")),
    };
    Reply::Now(node_reply(sys.unix(), visit, status, &text))
}

/// Stores the body of a POST, shows it on a GET.
fn pet(sys: &mut Sys<'_>, visit: &Visit<'_>, host: &str) -> (u16, String) {
    const FILE: &str = "/var/data/kubia.txt";
    if visit.request.method == Method::Post {
        let stored = sys.write_file(FILE, &visit.request.body.bytes(), false);
        if stored.is_err() {
            return (500, format!("cannot write {FILE}\n"));
        }
        sys.print("New data has been received and stored.\n");
        return (200, format!("Data stored on pod {host}\n"));
    }
    let data = sys
        .read_file(FILE)
        .map_or_else(|_| "No data posted yet".into(), |b| String::from_utf8_lossy(&b).into_owned());
    (200, format!("You've hit {host}\nData stored on this pod: {data}\n"))
}

/// Node's default headers.
fn node_reply(unix: i64, visit: &Visit<'_>, status: u16, text: &str) -> Answer {
    let date = web::http_date(unix);
    let headers = [("Date", &*date), ("Connection", "keep-alive"), ("Transfer-Encoding", "chunked")];
    web::reply(visit.request, status, &headers, text.as_bytes())
}
