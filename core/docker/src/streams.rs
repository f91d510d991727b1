//! What goes on after an answer. A handle names an entry here; the client reads it in frames.

use crate::Docker;
use crate::events::{self, Following};
use crate::logs::Reader;
use drydock_container::engine::exec::ExecHandle;
use drydock_container::machines::{Frame, Outside};
use drydock_container::wait::Key;
use drydock_container::{Machines, SpaceId};
use drydock_machinery::Value;
use drydock_network::http::{Body, Request, Response, Stream};
use imbl::Vector;
use std::sync::Arc;

/// The socket's address as programs name it.
pub const SOCKET: &str = "unix:///var/run/docker.sock";
/// Bytes taken from a process' output at once.
const MOST: usize = 64 * 1024;

/// One stream's state.
#[derive(Clone, Debug)]
pub enum Streaming {
    /// JSON messages that were made and not yet read; `done` when no more will come.
    Messages {
        queue: Vector<Value>,
        done: bool,
    },
    /// A container's output: attach, logs.
    Output(Reader),
    /// A session of exec; over when its process has ended and all was read.
    Exec {
        exec: Arc<str>,
        handle: ExecHandle,
        text: Option<Arc<str>>,
    },
    Events(Following),
    /// `docker stats` without `--no-stream`: a report a second.
    Stats {
        container: Arc<str>,
        queue: Vector<Value>,
        done: bool,
    },
}

/// Bytes for a process' terminal or standard input. More than a pipe holds is kept for it.
pub(crate) fn push_input(machines: &mut Machines, tty: u32, stdin: u32, bytes: &[u8]) {
    if tty != 0 {
        machines.feed(tty, bytes);
    } else if let Some(pipe) = machines.pipes.get_mut(&stdin)
        && pipe.readers > 0
        && pipe.len() < drydock_machinery::limits::FILE_BYTES
    {
        Arc::make_mut(pipe).push(bytes);
        machines.wake(Key::Pipe(stdin));
    }
}

/// The end of input.
pub(crate) fn close_input(machines: &mut Machines, tty: u32, stdin: u32) {
    if tty != 0 {
        machines.end_of_input(tty);
    } else if stdin != 0 {
        machines.close_input(stdin);
    }
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
    /// Whether a stream's bytes come from a terminal: then the HTTP server sends them as they are.
    #[must_use]
    pub fn is_raw(&self, stream: Stream) -> bool {
        match self.streams.get(&stream.0).map(|s| &**s) {
            Some(Streaming::Output(reader)) => reader.tty,
            Some(Streaming::Exec { handle, .. }) => handle.tty != 0,
            _ => false,
        }
    }
    /// An answer whose status and body come later as the one frame of its stream; see the crate's head.
    pub fn later(&mut self, machines: &mut Machines) -> (Stream, Response) {
        let (stream, _) = self.messages(machines);
        (stream, Response::new(102, Body::Stream(stream)))
    }
    /// A stream of messages with status 200.
    pub fn messages(&mut self, machines: &mut Machines) -> (Stream, Response) {
        let stream = self.open_stream(machines, Streaming::Messages { queue: Vector::new(), done: false });
        let response = Response::new(200, Body::Stream(stream)).header("Content-Type", "application/json");
        (stream, response)
    }
    /// Adds a message to a stream of messages.
    pub fn say(&mut self, machines: &mut Machines, stream: Stream, message: Value) {
        if let Some(Streaming::Messages { queue, .. } | Streaming::Stats { queue, .. }) =
            self.streams.get_mut(&stream.0).map(Arc::make_mut)
        {
            queue.push_back(message);
            machines.wake(Key::Streams);
        }
    }
    /// No more messages come.
    pub fn end_stream(&mut self, machines: &mut Machines, stream: Stream) {
        if let Some(Streaming::Messages { done, .. } | Streaming::Stats { done, .. }) =
            self.streams.get_mut(&stream.0).map(Arc::make_mut)
        {
            *done = true;
            machines.wake(Key::Streams);
        }
    }
    /// The next frame; `End` for a stream that is over or unknown.
    pub fn read_stream(&mut self, machines: &mut Machines, stream: Stream) -> Frame {
        let Some(mut state) = self.streams.remove(&stream.0) else { return Frame::End };
        let frame = match Arc::make_mut(&mut state) {
            Streaming::Messages { queue, done } | Streaming::Stats { queue, done, .. } => {
                match queue.pop_front() {
                    Some(message) => Frame::Json(message),
                    None if *done => Frame::End,
                    None => Frame::Pending,
                }
            }
            Streaming::Output(reader) => reader.next(self, machines),
            Streaming::Exec { exec, handle, text } => {
                let mut frame = None;
                if let Some(text) = text.take() {
                    frame = Some(Frame::Bytes { channel: 1, bytes: text.as_bytes().to_vec() });
                }
                for (pipe, channel) in [(handle.stdout, 1), (handle.stderr, 2)] {
                    if frame.is_none()
                        && pipe != 0
                        && let Some(bytes) = machines.take_output(pipe, MOST).filter(|b| !b.is_empty())
                    {
                        frame = Some(Frame::Bytes { channel, bytes });
                    }
                }
                let running = self.execs.get(exec).is_some_and(|e| e.running);
                match frame {
                    Some(frame) => frame,
                    None if running => Frame::Pending,
                    None => {
                        machines.close_exec(*handle);
                        Frame::End
                    }
                }
            }
            Streaming::Events(following) => match events::next(self, machines, following) {
                Ok(Some(event)) => Frame::Json(event),
                Ok(None) => Frame::Pending,
                Err(()) => Frame::End,
            },
        };
        if frame != Frame::End {
            self.streams.insert(stream.0, state);
        }
        frame
    }
    /// Input from the client: channel 0 is data, 255 ends it.
    pub fn write_stream(&mut self, machines: &mut Machines, stream: Stream, channel: u8, bytes: &[u8]) {
        let Some(state) = self.streams.get(&stream.0).cloned() else { return };
        let ends = match &*state {
            Streaming::Exec { handle, .. } => Some((handle.tty, handle.stdin)),
            Streaming::Output(reader) if reader.stdin => {
                let container =
                    self.containers.get(&reader.container).map(|c| (c.space, c.state.status.is_up()));
                let Some((space, up)) = container else { return };
                let once =
                    self.containers.get(&reader.container).is_some_and(|c| c.config["StdinOnce"].bool());
                if channel == 255 && !once {
                    return;
                }
                if !up {
                    // Kept until there is a process to read it.
                    if let Some(container) = self.container_mut(&reader.container) {
                        if channel == 0 {
                            let kept = container.input.iter().chain(bytes).copied();
                            container.input = kept.take(drydock_machinery::limits::FILE_BYTES).collect();
                        } else {
                            container.input_closed = true;
                        }
                    }
                    return;
                }
                machines.space(space).map(|s| (s.tty, s.stdin))
            }
            _ => None,
        };
        let Some((tty, stdin)) = ends else { return };
        match channel {
            0 => push_input(machines, tty, stdin, bytes),
            255 => close_input(machines, tty, stdin),
            _ => {}
        }
    }
    /// The client has gone.
    pub fn close_stream(&mut self, machines: &mut Machines, stream: Stream) {
        self.cancel_build(machines, stream.0);
        let Some(state) = self.streams.remove(&stream.0) else { return };
        match &*state {
            // Its process goes on; what it prints goes nowhere.
            Streaming::Exec { exec, handle, .. } => {
                if !self.execs.get(exec).is_some_and(|e| e.running) {
                    machines.close_exec(*handle);
                } else if handle.stdin != 0 {
                    machines.close_input(handle.stdin);
                }
            }
            Streaming::Output(reader) if reader.stdin => {
                let once = self.containers.get(&reader.container).filter(|c| c.config["StdinOnce"].bool());
                if let Some(space) = once.and_then(|c| machines.space(c.space)) {
                    let (tty, stdin) = (space.tty, space.stdin);
                    if tty == 0 {
                        close_input(machines, tty, stdin);
                    }
                }
            }
            _ => {}
        }
        self.pending.retain(|p| p.stream != stream);
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
