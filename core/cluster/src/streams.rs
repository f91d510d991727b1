//! What goes on after an answer: watches, followed logs, sessions in containers. A handle names an
//! entry here; the door gives it out, the client reads it in frames.

use crate::cluster::Cluster;
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
        }
    }
    pub fn write_stream(&mut self, _machines: &mut Machines, _stream: Stream, _channel: u8, _bytes: &[u8]) {}
    pub fn close_stream(&mut self, _machines: &mut Machines, stream: Stream) {
        self.streams.open.remove(&stream.0);
    }
    /// True while any stream is open: only then are processes woken on writes.
    #[must_use]
    pub fn has_streams(&self) -> bool {
        !self.streams.open.is_empty()
    }
}
