//! Waiting for one object as client-go's informers do: list it by name, then watch from the list's
//! version; list again when a watch ends. Used by wait, delete, rollout status and run.

use super::client::{Client, JSON};
use super::{Failure, builder::Info};
use drydock_container::machines::Frame;
use drydock_container::{Sys, Wait};
use drydock_machinery::Value;
use drydock_network::http::{Request, Stream};
use std::collections::VecDeque;

/// One object under observation.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Watching {
    client: Client,
    /// The collection's path.
    path: String,
    name: String,
    stream: Option<Stream>,
    pending: VecDeque<Event>,
    /// The object was there when last seen.
    present: bool,
    /// Watches ask for bookmarks as informers do.
    bookmarks: bool,
}

/// What became of the object.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Event {
    /// It is there, in this state.
    Seen(Value),
    /// The list did not have it.
    Absent,
    Deleted(Value),
}

/// What [`Watching::next`] came to.
pub enum Next {
    Event(Event),
    /// Nothing now: wait for this.
    Wait(Wait),
}

impl Watching {
    #[must_use]
    pub fn new(client: &Client, info: &Info) -> Watching {
        Watching::at(client, &info.resource.path(&info.namespace), &info.name)
    }
    /// Of the object `name` in the collection at `path`.
    #[must_use]
    pub fn at(client: &Client, path: &str, name: &str) -> Watching {
        Watching {
            client: client.clone(),
            path: path.into(),
            name: name.into(),
            stream: None,
            pending: VecDeque::new(),
            present: false,
            bookmarks: true,
        }
    }
    fn selected(&self) -> Request {
        Request::get(self.path.as_str())
            .header("Accept", JSON)
            .query("fieldSelector", format!("metadata.name={}", self.name))
    }
    fn open(&mut self, sys: &mut Sys<'_>) -> Result<Stream, Failure> {
        let request = self.selected().query("limit", "500").query("resourceVersion", "0");
        let list = self.client.call(sys, request)?;
        match super::builder::items_of(&list).into_iter().next() {
            Some(object) => {
                self.present = true;
                self.pending.push_back(Event::Seen(object));
            }
            None => {
                // An informer that lists again finds out what a broken watch did not tell.
                let event = if self.present { Event::Deleted(Value::Null) } else { Event::Absent };
                self.present = false;
                self.pending.push_back(event);
            }
        }
        let version = list["metadata"]["resourceVersion"].shared();
        let seconds = 300 + sys.machines.clock.chance(u64::from(sys.pid), 300);
        let request = self
            .selected()
            .query("allowWatchBookmarks", "true")
            .query("resourceVersion", version)
            .query("timeoutSeconds", seconds.to_string())
            .query("watch", "true");
        let stream = self.client.open(sys, request)?;
        self.stream = Some(stream);
        Ok(stream)
    }
    /// The next thing that happened.
    ///
    /// # Errors
    /// The server refuses to list or watch.
    pub fn next(&mut self, sys: &mut Sys<'_>) -> Result<Next, Failure> {
        let mut ends = 0;
        // A watch that ends at once forever would spin.
        while ends < 2 {
            if let Some(event) = self.pending.pop_front() {
                return Ok(Next::Event(event));
            }
            let stream = match self.stream {
                Some(stream) => stream,
                None => {
                    self.open(sys)?;
                    continue;
                }
            };
            match sys.read_stream(stream) {
                Frame::Pending => return Ok(Next::Wait(Wait::Stream(stream))),
                Frame::End => {
                    self.stream = None;
                    ends += 1;
                }
                Frame::Json(event) => {
                    let object = event["object"].clone();
                    match event["type"].text() {
                        "ADDED" | "MODIFIED" => {
                            self.present = true;
                            self.pending.push_back(Event::Seen(object));
                        }
                        "DELETED" => {
                            self.present = false;
                            self.pending.push_back(Event::Deleted(object));
                        }
                        "ERROR" => {
                            self.stream = None;
                            ends += 1;
                        }
                        _ => {}
                    }
                }
                Frame::Bytes { .. } => {}
            }
        }
        Ok(Next::Wait(Wait::Until(sys.now() + 1000)))
    }
    /// Opens the watch even if nothing of it is needed, as an informer does before it tells what it
    /// listed; then ends it.
    pub fn close(&mut self, sys: &mut Sys<'_>) {
        if let Some(stream) = self.stream.take() {
            sys.close_stream(stream);
        }
    }
}
