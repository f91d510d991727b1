//! What goes on after an answer. A handle names an entry here; the client reads it in frames.

use crate::Docker;
use drydock_container::machines::{Frame, Outside};
use drydock_container::wait::Key;
use drydock_container::{Machines, SpaceId};
use drydock_machinery::Value;
use drydock_network::http::{Body, Request, Response, Stream};
use imbl::Vector;
use std::sync::Arc;

/// The socket's address as programs name it.
pub const SOCKET: &str = "unix:///var/run/docker.sock";

/// One stream's state.
#[derive(Clone, Debug)]
pub enum Streaming {
    /// JSON messages that were made and not yet read; `done` when no more will come.
    Messages { queue: Vector<Value>, done: bool },
}

impl Docker {
    /// Registers a stream and gives its handle.
    pub fn open_stream(&mut self, machines: &mut Machines, state: Streaming) -> Stream {
        let number = machines.fresh_id();
        self.streams.insert(number, Arc::new(state));
        Stream(number)
    }
    /// Whether a handle is one of this engine's.
    #[must_use]
    pub fn has_stream(&self, stream: Stream) -> bool {
        self.streams.contains_key(&stream.0)
    }
    /// An answer whose status and body come later as the one frame of its stream; see the crate's head.
    pub fn later(&mut self, machines: &mut Machines) -> (Stream, Response) {
        let stream = self.open_stream(machines, Streaming::Messages { queue: Vector::new(), done: false });
        (stream, Response::new(102, Body::Stream(stream)))
    }
    /// Adds a message to a stream of messages.
    pub fn say(&mut self, machines: &mut Machines, stream: Stream, message: Value) {
        if let Some(Streaming::Messages { queue, .. }) = self.streams.get_mut(&stream.0).map(Arc::make_mut) {
            queue.push_back(message);
            machines.wake(Key::Streams);
        }
    }
    /// No more messages come.
    pub fn end_stream(&mut self, machines: &mut Machines, stream: Stream) {
        if let Some(Streaming::Messages { done, .. }) = self.streams.get_mut(&stream.0).map(Arc::make_mut) {
            *done = true;
            machines.wake(Key::Streams);
        }
    }
    /// The next frame; `End` for a stream that is over or unknown.
    pub fn read_stream(&mut self, _machines: &mut Machines, stream: Stream) -> Frame {
        let Some(state) = self.streams.get_mut(&stream.0).map(Arc::make_mut) else { return Frame::End };
        match state {
            Streaming::Messages { queue, done } => match queue.pop_front() {
                Some(message) => Frame::Json(message),
                None if *done => {
                    self.streams.remove(&stream.0);
                    Frame::End
                }
                None => Frame::Pending,
            },
        }
    }
    /// Input from the client.
    pub fn write_stream(&mut self, _machines: &mut Machines, _stream: Stream, _channel: u8, _bytes: &[u8]) {}
    /// The client has gone.
    pub fn close_stream(&mut self, machines: &mut Machines, stream: Stream) {
        self.cancel_build(machines, stream.0);
        self.streams.remove(&stream.0);
    }
}

impl Outside for Docker {
    fn request(
        &mut self,
        machines: &mut Machines,
        _: SpaceId,
        to: &str,
        request: &Request,
    ) -> Option<Response> {
        (to == SOCKET).then(|| self.handle(machines, request))
    }
    fn read(&mut self, machines: &mut Machines, stream: Stream) -> Frame {
        self.read_stream(machines, stream)
    }
    fn write(&mut self, machines: &mut Machines, stream: Stream, channel: u8, bytes: &[u8]) {
        self.write_stream(machines, stream, channel, bytes);
    }
    fn close(&mut self, machines: &mut Machines, stream: Stream) {
        self.close_stream(machines, stream);
    }
}
