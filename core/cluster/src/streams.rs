//! What goes on after an answer: watches, followed logs, sessions in containers. A handle names an
//! entry here; the door gives it out, the client reads it in frames.

use crate::cluster::Cluster;
use crate::kubelet::exec::{self, Attached, Session};
use crate::kubelet::logs::{self, Following};
use crate::kubelet::portforward::{self, Forward};
use crate::watch::Watch;
use drydock_container::Machines;
use drydock_container::machines::Frame;
use drydock_network::http::Stream;
use imbl::OrdMap;
use std::sync::Arc;

/// One stream's state.
#[derive(Clone, Debug)]
pub enum StreamState {
    Watch(Arc<Watch>),
    /// `logs -f`.
    Log(Arc<Following>),
    Exec(Arc<Session>),
    Attach(Arc<Attached>),
    /// One message through `port-forward`.
    Forward(Arc<Forward>),
}

/// Streams by number.
#[derive(Clone, Debug, Default)]
pub struct Streams {
    open: OrdMap<u64, StreamState>,
}

impl Cluster {
    /// Registers a stream and gives its handle.
    pub fn open_stream(&mut self, machines: &mut Machines, state: StreamState) -> Stream {
        let number = machines.fresh_id();
        self.streams.open.insert(number, state);
        Stream(number)
    }
    /// The next frame; `End` for a stream that is over or unknown.
    pub fn read_stream(&mut self, machines: &mut Machines, stream: Stream) -> Frame {
        match self.streams.open.get(&stream.0).cloned() {
            None => Frame::End,
            Some(StreamState::Watch(watch)) => {
                let mut watch = Watch::clone(&watch);
                let frame = watch.next(self, machines);
                if frame == Frame::End {
                    self.streams.open.remove(&stream.0);
                } else {
                    self.streams.open.insert(stream.0, StreamState::Watch(Arc::new(watch)));
                }
                frame
            }
            Some(StreamState::Log(following)) => {
                let mut following = Following::clone(&following);
                let frame = logs::next(self, machines, &mut following);
                self.keep(stream, &frame, StreamState::Log(Arc::new(following)));
                frame
            }
            Some(StreamState::Attach(attached)) => {
                let mut attached = Attached::clone(&attached);
                let frame = exec::read_attached(self, machines, &mut attached);
                self.keep(stream, &frame, StreamState::Attach(Arc::new(attached)));
                frame
            }
            Some(StreamState::Exec(session)) => {
                let (frame, last) = exec::read(machines, &session);
                if last {
                    self.streams.open.remove(&stream.0);
                }
                frame
            }
            Some(StreamState::Forward(forward)) => {
                let (frame, last) = portforward::read(self, &forward);
                if last {
                    self.streams.open.remove(&stream.0);
                }
                frame
            }
        }
    }
    fn keep(&mut self, stream: Stream, frame: &Frame, state: StreamState) {
        if *frame == Frame::End {
            self.streams.open.remove(&stream.0);
        } else {
            self.streams.open.insert(stream.0, state);
        }
    }
    pub fn write_stream(&mut self, machines: &mut Machines, stream: Stream, channel: u8, bytes: &[u8]) {
        match self.stream_state(stream.0) {
            Some(StreamState::Exec(session)) => exec::write(machines, &session, channel, bytes),
            Some(StreamState::Attach(attached)) => exec::write_attached(machines, &attached, channel, bytes),
            _ => {}
        }
    }
    pub fn close_stream(&mut self, machines: &mut Machines, stream: Stream) {
        match self.streams.open.remove(&stream.0) {
            Some(StreamState::Exec(session)) => exec::close(self, machines, &session),
            Some(StreamState::Forward(forward)) => {
                _ = self.control.kubelets.forwards.remove(&forward.exchange)
            }
            _ => {}
        }
    }
    pub(crate) fn stream_state(&self, stream: u64) -> Option<StreamState> {
        self.streams.open.get(&stream).cloned()
    }
    /// Replaces the state of an open stream.
    pub(crate) fn set_stream(&mut self, stream: u64, state: StreamState) {
        if let Some(entry) = self.streams.open.get_mut(&stream) {
            *entry = state;
        }
    }
    /// True while any stream is open: only then are processes woken on writes.
    #[must_use]
    pub fn has_streams(&self) -> bool {
        !self.streams.open.is_empty()
    }
}
