//! The thread that owns the world: answers requests between ticks, lets simulated time follow the wall
//! clock and feeds open streams.

use drydock_container::machines::Frame;
use drydock_network::http::{Body, Request, Response, Stream};
use drydock_sandbox::World;
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

/// Wall time between two looks at the clock and the streams.
const TICK: Duration = Duration::from_millis(5);
/// Simulated time per tick at full speed.
const MAX_MS: u64 = 1_000;

/// How simulated time follows the wall clock.
#[derive(Clone, Copy, Debug)]
pub enum Speed {
    Times(f64),
    Max,
}

/// Which of the world's two servers is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Cluster,
    Docker,
}

/// What a connection asks of the world.
enum Job {
    Request { door: Door, request: Request, reply: oneshot::Sender<Reply> },
    Write { stream: Stream, channel: u8, bytes: Vec<u8> },
    Close(Stream),
}

/// A response, with its frames where it is a stream.
pub struct Reply {
    pub response: Response,
    pub frames: Option<UnboundedReceiver<Frame>>,
    /// The stream is a terminal's.
    pub raw: bool,
}

/// A handle on the world's thread.
#[derive(Clone)]
pub struct Driver(Sender<Job>);

impl Driver {
    /// Asks the API server.
    pub async fn request(&self, request: Request) -> Option<Reply> {
        self.ask(Door::Cluster, request).await
    }
    /// Asks one of the doors.
    pub async fn ask(&self, door: Door, request: Request) -> Option<Reply> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Job::Request { door, request, reply }).ok()?;
        answer.await.ok()
    }
    pub fn write(&self, stream: Stream, channel: u8, bytes: Vec<u8>) {
        // The world's thread lives as long as the process.
        _ = self.0.send(Job::Write { stream, channel, bytes });
    }
    pub fn close(&self, stream: Stream) {
        _ = self.0.send(Job::Close(stream));
    }
}

/// Starts the world's thread.
pub fn start(world: World, speed: Speed) -> Driver {
    let (jobs, inbox) = channel();
    std::thread::spawn(move || run(world, speed, &inbox));
    Driver(jobs)
}

fn run(mut world: World, speed: Speed, inbox: &Receiver<Job>) {
    let mut streams: BTreeMap<Stream, UnboundedSender<Frame>> = BTreeMap::new();
    let (mut last, mut owed) = (Instant::now(), 0.0);
    loop {
        match inbox.recv_timeout(TICK) {
            Ok(job) => {
                handle(&mut world, &mut streams, job);
                while let Ok(job) = inbox.try_recv() {
                    handle(&mut world, &mut streams, job);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let now = Instant::now();
        let ms = match speed {
            Speed::Max => MAX_MS,
            Speed::Times(n) => {
                owed += now.duration_since(last).as_secs_f64() * 1000.0 * n;
                let whole = owed.floor();
                owed -= whole;
                whole as u64
            }
        };
        last = now;
        if ms > 0 {
            world.run_for(ms, 200_000);
        }
        streams.retain(|stream, out| pump(&mut world, *stream, out));
    }
}

fn handle(world: &mut World, streams: &mut BTreeMap<Stream, UnboundedSender<Frame>>, job: Job) {
    match job {
        Job::Request { door, request, reply } => {
            let response = match door {
                Door::Cluster => world.request(&request),
                Door::Docker => world.request_docker(&request),
            };
            world.run_for(0, usize::MAX);
            let raw = matches!(response.body, Body::Stream(stream) if world.docker.is_raw(stream));
            let frames = match response.body {
                Body::Stream(stream) => {
                    let (out, frames) = unbounded_channel();
                    if pump(world, stream, &out) {
                        streams.insert(stream, out);
                    }
                    Some(frames)
                }
                _ => None,
            };
            // A client that went away does not want its answer.
            _ = reply.send(Reply { response, frames, raw });
        }
        Job::Write { stream, channel, bytes } => {
            world.write_stream(stream, channel, &bytes);
            world.run_for(0, usize::MAX);
        }
        Job::Close(stream) => {
            world.close_stream(stream);
            streams.remove(&stream);
        }
    }
}

/// Moves what a stream has to its connection. False when either has ended.
fn pump(world: &mut World, stream: Stream, out: &UnboundedSender<Frame>) -> bool {
    loop {
        match world.read_stream(stream) {
            Frame::Pending => return !out.is_closed(),
            Frame::End => return false,
            frame => {
                if out.send(frame).is_err() {
                    world.close_stream(stream);
                    return false;
                }
            }
        }
    }
}
