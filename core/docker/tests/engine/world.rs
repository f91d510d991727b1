//! A laptop with an engine and nothing else.

use drydock_container::machines::Frame;
use drydock_container::program::Programs;
use drydock_container::space::SpaceKind;
use drydock_container::{ExecSpec, Machines};
use drydock_docker::Docker;
use drydock_machinery::{Clock, Value, json};
use drydock_network::address::Ip;
use drydock_network::http::{Body, Method, Request, Response, Stream};
use std::sync::Arc;

static PROGRAMS: &[&[drydock_container::Program]] = &[
    drydock_docker::PROGRAMS,
    drydock_container::shell::PROGRAMS,
    drydock_container::utilities::PROGRAMS,
    drydock_container::images::PROGRAMS,
];

/// See the module's head.
pub struct World {
    pub machines: Machines,
    pub docker: Docker,
}

/// An answer that has been waited for.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub messages: Vec<Value>,
    /// Output by channel.
    pub out: String,
    pub err: String,
    pub bytes: Arc<[u8]>,
}

impl World {
    pub fn new() -> World {
        let mut machines = Machines::new(Clock::new(1, 1_767_603_600), Programs(PROGRAMS));
        let host = machines.add_host("dock", Ip::new(192, 168, 65, 1), SpaceKind::Laptop);
        let docker = Docker::boot(&mut machines, host);
        World { machines, docker }
    }
    /// Lets time pass.
    pub fn run(&mut self, ms: u64) {
        let until = self.machines.clock.now + ms;
        while let Some(task) = self.machines.clock.next(until) {
            let docker = &mut self.docker;
            if !self.machines.handle(docker, task) {
                self.docker.run_task(&mut self.machines, task);
            }
            self.docker.take_notices(&mut self.machines);
        }
        self.machines.clock.now = until;
    }
    pub fn send(&mut self, request: &Request) -> Response {
        let response = self.docker.handle(&mut self.machines, request);
        self.docker.take_notices(&mut self.machines);
        response
    }
    /// Asks and waits for the whole answer, for at most a minute.
    pub fn ask(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = Request::new(method, path);
        for pair in query.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            request = request.query(name, value);
        }
        if let Some(body) = body {
            request = request.body(Body::Json(body));
        }
        let response = self.send(&request);
        self.finish(response)
    }
    pub fn finish(&mut self, response: Response) -> Answer {
        let mut answer = Answer {
            status: response.status,
            body: response.body.json().unwrap_or_default(),
            messages: Vec::new(),
            out: String::new(),
            err: String::new(),
            bytes: response.body.bytes(),
        };
        if let Body::Stream(stream) = response.body {
            self.drain(stream, &mut answer);
            if answer.status == 102 {
                let late = answer.messages.first().cloned().unwrap_or_default();
                answer.status = late["status"].int() as u16;
                answer.body = late["body"].clone();
            }
        }
        answer
    }
    pub fn drain(&mut self, stream: Stream, answer: &mut Answer) {
        for _ in 0..6_000 {
            match self.docker.read_stream(&mut self.machines, stream) {
                Frame::Json(value) => answer.messages.push(value),
                Frame::Bytes { channel: 2, bytes } => answer.err += &String::from_utf8_lossy(&bytes),
                Frame::Bytes { bytes, .. } => answer.out += &String::from_utf8_lossy(&bytes),
                Frame::Pending => self.run(10),
                Frame::End => return,
            }
        }
        panic!("a stream that does not end: {answer:?}");
    }
    pub fn post(&mut self, path: &str, body: Value) -> Answer {
        self.ask(Method::Post, path, Some(body))
    }
    pub fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::Get, path, None)
    }
    pub fn pull(&mut self, name: &str) {
        let (name, tag) = name.split_once(':').unwrap_or((name, "latest"));
        let answer =
            self.ask(Method::Post, &format!("/v1.45/images/create?fromImage={name}&tag={tag}"), None);
        let last = answer.messages.last().cloned().unwrap_or_default();
        assert!(last["status"].text().starts_with("Status: "), "{answer:?}");
    }
    /// `docker create`.
    pub fn create(&mut self, name: &str, body: Value) -> Result<String, String> {
        let answer = self.post(&format!("/containers/create?name={name}"), body);
        match answer.status {
            201 => Ok(answer.body["Id"].text().to_string()),
            _ => Err(answer.body["message"].text().to_string()),
        }
    }
    /// `docker run`: output, errors, exit code.
    pub fn run_container(&mut self, name: &str, body: Value) -> (String, String, i64) {
        let id = match self.create(name, body) {
            Ok(id) => id,
            Err(text) => return (String::new(), text, 125),
        };
        let attach = Request::new(Method::Post, format!("/containers/{id}/attach"))
            .query("stream", "1")
            .query("stdout", "1")
            .query("stderr", "1");
        let attached = self.send(&attach);
        let wait =
            Request::new(Method::Post, format!("/containers/{id}/wait")).query("condition", "next-exit");
        let waiting = self.send(&wait);
        let started = self.ask(Method::Post, &format!("/containers/{id}/start"), None);
        if started.status >= 300 {
            return (String::new(), started.body["message"].text().to_string(), 125);
        }
        let output = self.finish(attached);
        let code = self.finish(waiting).messages.first().map_or(-1, |m| m["StatusCode"].int());
        (output.out, output.err, code)
    }
    /// `docker exec`.
    pub fn exec(&mut self, container: &str, argv: &[&str]) -> (String, String, i64) {
        let cmd: Value = argv.iter().map(|a| Value::from(*a)).collect();
        let body =
            Value::from_iter([("Cmd", cmd), ("AttachStdout", true.into()), ("AttachStderr", true.into())]);
        let made = self.post(&format!("/containers/{container}/exec"), body);
        if made.status != 201 {
            return (String::new(), made.body["message"].text().to_string(), 1);
        }
        let id = made.body["Id"].text().to_string();
        let output = self.post(&format!("/exec/{id}/start"), Value::empty_map());
        let code = self.get(&format!("/exec/{id}/json")).body["ExitCode"].int();
        (output.out, output.err, code)
    }
    /// Runs a command on the laptop itself.
    pub fn on_laptop(&mut self, argv: &[&str]) -> String {
        let spec = ExecSpec { argv: argv.iter().map(|a| Arc::from(*a)).collect(), ..ExecSpec::default() };
        let host = self.docker.host;
        let handle = self.machines.exec(&mut self.docker, host, spec).expect("starts");
        let mut text = Vec::new();
        for _ in 0..1_000 {
            match self.machines.take_output(handle.stdout, 65_536) {
                Some(bytes) => text.extend(bytes),
                None => break,
            }
            while let Some(bytes) = self.machines.take_output(handle.stderr, 65_536).filter(|b| !b.is_empty())
            {
                text.extend(bytes);
            }
            self.run(10);
        }
        String::from_utf8_lossy(&text).into_owned()
    }
    pub fn status(&mut self, name: &str) -> String {
        let answer = self.get("/containers/json?all=1");
        let rows = answer.body.items().iter();
        let mut found = rows.filter(|r| r["Names"][0].text() == format!("/{name}"));
        found.next().map_or(String::new(), |r| r["Status"].text().to_string())
    }
}

/// `{"Image": image, "Cmd": […]}`.
pub fn plain(image: &str, cmd: &[&str]) -> Value {
    let cmd: Value = if cmd.is_empty() { Value::Null } else { cmd.iter().map(|c| Value::from(*c)).collect() };
    Value::from_iter([("Image", Value::from(image)), ("Cmd", cmd)])
}

/// A body with this HostConfig as JSON text.
pub fn with_host(body: &Value, host: &str) -> Value {
    body.with("HostConfig", json::parse(host.as_bytes()).expect("is JSON"))
}
