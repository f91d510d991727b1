//! Looking without touching: files, objects, events and logs for the page and for checks. Every look
//! works on a copy, so that nothing a request does on the way can stay.

use crate::history::Sandbox;
use crate::world::World;
use drydock_container::filesystem::{Content, normalise};
use drydock_machinery::sort::Arrange;
use drydock_machinery::time::Timestamp;
use drydock_machinery::{Value, yaml};
use drydock_network::http::{Body, Request};

/// A name in a folder of the laptop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    pub name: String,
    pub is_dir: bool,
}

/// An event about an object, as `kubectl describe` lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    pub age_ms: u64,
    /// `Normal` or `Warning`.
    pub event_type: String,
    pub reason: String,
    pub message: String,
    pub count: i64,
    pub source: String,
}

impl World {
    /// GET of a path of the API server as its administrator; `None` for anything but 200.
    #[must_use]
    pub fn read(&self, path: &str) -> Option<Value> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut request = Request::get(path);
        for pair in query.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            request = request.query(name, value);
        }
        let mut copy = self.clone();
        let response = copy.request(&request);
        if response.status == 200 { response.body.json().ok() } else { None }
    }
    /// GET of a path whose answer is text.
    ///
    /// # Errors
    /// The server's message.
    pub fn read_text(&self, request: &Request) -> Result<String, String> {
        let mut copy = self.clone();
        let response = copy.request(request);
        let text = match &response.body {
            Body::Stream(stream) => {
                let mut text = String::new();
                while let drydock_container::machines::Frame::Bytes { bytes, .. } =
                    copy.cluster.read_stream(&mut copy.machines, *stream)
                {
                    text.push_str(&String::from_utf8_lossy(&bytes));
                }
                text
            }
            body => String::from_utf8_lossy(&body.bytes()).into_owned(),
        };
        if response.is_success() {
            Ok(text)
        } else {
            Err(response.body.json().map_or(text, |v| v["message"].text().to_string()))
        }
    }
    fn home_path(path: &str) -> String {
        let path = path
            .strip_prefix('~')
            .map_or_else(|| path.to_string(), |rest| format!("{}{rest}", crate::boot::HOME));
        normalise(crate::boot::HOME, &path)
    }
    /// A text file of the laptop; `~` is the learner's home.
    #[must_use]
    pub fn read_file(&self, path: &str) -> Option<String> {
        let real = self.machines.real_path(self.laptop, crate::boot::HOME, &Self::home_path(path)).ok()?;
        match &self.machines.inode_at(self.laptop, &real)?.content {
            Content::File(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        }
    }
    pub(crate) fn save_file(&mut self, path: &str, text: &str) {
        crate::boot::put_file(&mut self.machines, self.laptop, &Self::home_path(path), text);
    }
    pub(crate) fn remove_file(&mut self, path: &str) {
        let path = Self::home_path(path);
        let located = self.machines.locate(self.laptop, &path);
        if let Some(fs) = self.machines.filesystem_mut(self.laptop, located.volume) {
            // A name that is gone already is what was asked for.
            _ = fs.unlink(&located.path);
        }
    }
    /// Names in a folder of the laptop, folders first.
    #[must_use]
    pub fn files(&self, dir: &str) -> Vec<FileEntry> {
        let path = Self::home_path(dir);
        let located = self.machines.locate(self.laptop, &path);
        let Some(fs) = self.machines.filesystem(self.laptop, located.volume) else { return Vec::new() };
        let mut entries: Vec<FileEntry> = fs
            .list(&located.path)
            .map(|(name, inode)| FileEntry {
                name: name.to_string(),
                is_dir: inode.content == Content::Directory,
            })
            .collect();
        entries.arrange_by_key(|e| !e.is_dir);
        entries
    }
    /// The events about one object, oldest first.
    #[must_use]
    pub fn events(&self, namespace: &str, kind: &str, name: &str) -> Vec<EventRow> {
        let place = if namespace.is_empty() { "default" } else { namespace };
        let selector = format!("involvedObject.kind={kind},involvedObject.name={name}");
        let path = format!("/api/v1/namespaces/{place}/events?fieldSelector=");
        let request = Request::get(path.split('?').next().unwrap_or("")).query("fieldSelector", selector);
        let mut copy = self.clone();
        let Ok(list) = copy.request(&request).body.json() else { return Vec::new() };
        let now = self.machines.clock.unix();
        let mut rows: Vec<EventRow> = list["items"]
            .items()
            .iter()
            .map(|e| {
                let last = Timestamp::parse(e["lastTimestamp"].text()).map_or(now, |t| t.0);
                EventRow {
                    age_ms: (now - last).max(0) as u64 * 1000,
                    event_type: e["type"].text().to_string(),
                    reason: e["reason"].text().to_string(),
                    message: e["message"].text().to_string(),
                    count: e["count"].int().max(1),
                    source: e["source"]["component"].text().to_string(),
                }
            })
            .collect();
        rows.arrange_by_key(|r| std::cmp::Reverse(r.age_ms));
        rows
    }
}

impl Sandbox {
    /// See [`World::read`].
    #[must_use]
    pub fn read(&self, path: &str) -> Option<Value> {
        self.world().read(path)
    }
    #[must_use]
    pub fn read_file(&self, path: &str) -> Option<String> {
        self.world().read_file(path)
    }
    #[must_use]
    pub fn files(&self, dir: &str) -> Vec<FileEntry> {
        self.world().files(dir)
    }
    #[must_use]
    pub fn events(&self, namespace: &str, kind: &str, name: &str) -> Vec<EventRow> {
        self.world().events(namespace, kind, name)
    }
    /// The last `tail` lines of a container's log.
    ///
    /// # Errors
    /// The API server's message.
    pub fn logs(
        &self,
        namespace: &str,
        pod: &str,
        container: Option<&str>,
        tail: usize,
    ) -> Result<String, String> {
        let mut request = Request::get(format!("/api/v1/namespaces/{namespace}/pods/{pod}/log"))
            .query("tailLines", tail.to_string());
        if let Some(container) = container {
            request = request.query("container", container);
        }
        self.world().read_text(&request)
    }
    /// What the laptop's engine answers to a GET, as YAML.
    #[must_use]
    pub fn engine_yaml(&self, path: &str) -> Option<String> {
        self.world().engine(path).map(|v| yaml::emit(&v))
    }
    /// See [`World::container_logs`].
    #[must_use]
    pub fn container_logs(&self, name: &str, lines: usize) -> Option<String> {
        self.world().container_logs(name, lines)
    }
    /// See [`World::engine`].
    #[must_use]
    pub fn engine(&self, path: &str) -> Option<Value> {
        self.world().engine(path)
    }
    /// An object as `kubectl get -o yaml` prints it.
    #[must_use]
    pub fn yaml(&self, path: &str) -> Option<String> {
        self.read(path).map(|v| yaml::emit(&v))
    }
}
