//! The thread that owns the world: answers requests between ticks, lets simulated time follow the wall
//! clock (or a hand on `--control`) and feeds open streams, each moment's news before the next moment.

use drydock_container::machines::Frame;
use drydock_network::http::{Body, Request, Response, Stream};
use drydock_sandbox::World;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

/// Wall time between two looks at the clock and the streams.
const TICK: Duration = Duration::from_millis(5);
/// Simulated time per tick at full speed.
const MAX_MS: u64 = 1_000;
/// Wall time a tick may take while streams are fed at every moment.
const BUDGET: Duration = Duration::from_millis(50);
/// Frames that wait for a slow client; then its stream is not read until it has caught up.
const FRAMES: usize = 64;
/// With a hand on the time: a client that has been silent for so long waits for something.
const QUIET: Duration = Duration::from_millis(100);
/// With a hand on the time: a client that asks the same again after so long slept between.
const ASLEEP: Duration = Duration::from_millis(450);
/// What sleeping clients sleep: multiples of this, in milliseconds (client-go and kubectl poll every 0.5,
/// 1 or 5 s).
const NAP_MS: u64 = 500;

/// How simulated time follows the wall clock.
#[derive(Clone, Copy, Debug)]
pub enum Speed {
    Times(f64),
    Max,
    /// Not at all: it moves by [`Hand`].
    Held,
}

/// Moves of simulated time by hand.
#[derive(Clone, Copy, Debug)]
pub enum Hand {
    /// Milliseconds pass now, not beyond what is allowed.
    Advance(u64),
    /// Time goes to this moment.
    Until(u64),
    /// Up to this moment, time passes while clients wait for something.
    Allow(u64),
    Look,
}

/// What a hand on the time sees.
#[derive(Clone, Copy, Debug)]
pub struct Sight {
    pub now: u64,
    /// Requests answered so far.
    pub requests: u64,
    /// Streams open, tunnels not counted.
    pub streams: usize,
    /// Wall milliseconds since a client last asked or was told something.
    pub quiet_ms: u64,
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
    Hand { hand: Hand, reply: oneshot::Sender<Sight> },
}

/// A response, with its frames where it is a stream.
pub struct Reply {
    pub response: Response,
    pub frames: Option<mpsc::Receiver<Frame>>,
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
    /// Moves simulated time.
    pub async fn hand(&self, hand: Hand) -> Option<Sight> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Job::Hand { hand, reply }).ok()?;
        answer.await.ok()
    }
}

/// Starts the world's thread.
pub fn start(world: World, speed: Speed) -> Driver {
    let (jobs, inbox) = channel();
    std::thread::spawn(move || {
        let now = Instant::now();
        let serving = Serving {
            world,
            streams: BTreeMap::new(),
            allowed: 0,
            requests: 0,
            asked: BTreeSet::new(),
            last: now,
            active: now,
        };
        serving.run(speed, &inbox);
    });
    Driver(jobs)
}

/// A stream's way to its connection.
struct Out {
    frames: mpsc::Sender<Frame>,
    /// The tunnel of a port-forward: it waits for nothing.
    tunnel: bool,
}

struct Serving {
    world: World,
    streams: BTreeMap<Stream, Out>,
    /// See [`Hand::Allow`].
    allowed: u64,
    requests: u64,
    /// What was asked since time was allowed last.
    asked: BTreeSet<String>,
    /// When the last request was answered.
    last: Instant,
    /// When a client last asked, wrote or was told something.
    active: Instant,
}

impl Serving {
    fn run(mut self, speed: Speed, inbox: &Receiver<Job>) {
        let (mut last, mut owed) = (Instant::now(), 0.0);
        loop {
            match inbox.recv_timeout(TICK) {
                Ok(job) => {
                    self.handle(job);
                    while let Ok(job) = inbox.try_recv() {
                        self.handle(job);
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
                Speed::Held => self.awaited(),
            };
            last = now;
            if ms > 0 {
                let target = self.now().saturating_add(ms);
                let held = matches!(speed, Speed::Held);
                self.pass(target, Some(now + BUDGET), held);
                // What the budget left undone is owed, unless it can never be caught up.
                if let Speed::Times(n) = speed {
                    owed += (target.saturating_sub(self.now()) as f64).min(1_000.0 * n);
                }
            }
            self.pump();
        }
    }
    fn now(&self) -> u64 {
        self.world.machines.clock.now
    }
    /// How long time may pass because somebody waits.
    fn awaited(&self) -> u64 {
        let waits = self.streams.values().any(|out| !out.tunnel);
        if waits && self.active.elapsed() >= QUIET { self.allowed.saturating_sub(self.now()) } else { 0 }
    }
    /// Lets time pass to a moment. With open streams every moment is told before the next one comes, so
    /// that ages and orders are those of the moment. `one` stops after the first news.
    fn pass(&mut self, target: u64, deadline: Option<Instant>, one: bool) {
        while self.now() < target {
            let left = target - self.now();
            if self.streams.is_empty() {
                self.world.run_for(left, 200_000);
                if deadline.is_some() {
                    return;
                }
                continue;
            }
            self.world.run_for(left, 1);
            if self.pump() && one || deadline.is_some_and(|d| Instant::now() > d) {
                return;
            }
        }
    }
    /// Feeds all streams; whether there was news.
    fn pump(&mut self) -> bool {
        let mut told = false;
        let world = &mut self.world;
        self.streams.retain(|stream, out| pump(world, *stream, &out.frames, &mut told));
        if told {
            self.active = Instant::now();
        }
        told
    }
    fn handle(&mut self, job: Job) {
        match job {
            Job::Request { door, request, reply } => {
                self.nap(&request);
                self.requests += 1;
                let tunnel = request.path.ends_with("/portforward") && request.param("ports").is_none();
                let response = match door {
                    Door::Cluster => self.world.request(&request),
                    Door::Docker => self.world.request_docker(&request),
                };
                let raw = matches!(response.body, Body::Stream(stream) if self.world.docker.is_raw(stream));
                self.world.run_for(0, usize::MAX);
                let frames = match response.body {
                    Body::Stream(stream) => {
                        let (out, frames) = mpsc::channel(FRAMES);
                        let mut told = false;
                        if pump(&mut self.world, stream, &out, &mut told) {
                            self.streams.insert(stream, Out { frames: out, tunnel });
                        }
                        Some(frames)
                    }
                    _ => None,
                };
                (self.last, self.active) = (Instant::now(), Instant::now());
                // A client that went away does not want its answer.
                _ = reply.send(Reply { response, frames, raw });
            }
            Job::Write { stream, channel, bytes } => {
                self.world.write_stream(stream, channel, &bytes);
                self.world.run_for(0, usize::MAX);
                self.active = Instant::now();
            }
            Job::Close(stream) => {
                self.world.close_stream(stream);
                self.streams.remove(&stream);
            }
            Job::Hand { hand, reply } => {
                let now = self.now();
                match hand {
                    Hand::Advance(ms) => self.pass((now + ms).min(self.allowed.max(now)), None, false),
                    Hand::Until(moment) => self.pass(moment, None, false),
                    Hand::Allow(moment) => {
                        self.allowed = moment;
                        self.asked.clear();
                    }
                    Hand::Look => {}
                }
                _ = reply.send(Sight {
                    now: self.now(),
                    requests: self.requests,
                    streams: self.streams.values().filter(|out| !out.tunnel).count(),
                    quiet_ms: u64::try_from(self.active.elapsed().as_millis()).unwrap_or(u64::MAX),
                });
            }
        }
    }
    /// A client that polls slept between its questions: so much time has passed, as far as allowed.
    fn nap(&mut self, request: &Request) {
        let slept = self.last.elapsed();
        let again = !self.asked.insert(format!("{:?} {} {:?}", request.method, request.path, request.query));
        if !again
            || slept < ASLEEP
            || self.now() >= self.allowed
            || self.streams.values().any(|out| !out.tunnel)
        {
            return;
        }
        let slept = u64::try_from(slept.as_millis()).unwrap_or(u64::MAX);
        let naps = ((slept + NAP_MS / 2) / NAP_MS).max(1);
        let target = (self.now() + naps * NAP_MS).min(self.allowed);
        self.pass(target, None, false);
    }
}

/// Moves what a stream has to its connection, as fast as that takes it. False when either has ended.
fn pump(world: &mut World, stream: Stream, out: &mpsc::Sender<Frame>, told: &mut bool) -> bool {
    loop {
        let place = match out.try_reserve() {
            Ok(place) => place,
            Err(TrySendError::Full(())) => return true,
            Err(TrySendError::Closed(())) => {
                world.close_stream(stream);
                return false;
            }
        };
        match world.read_stream(stream) {
            Frame::Pending => return true,
            Frame::End => {
                *told = true;
                return false;
            }
            frame => {
                *told = true;
                place.send(frame);
            }
        }
    }
}
