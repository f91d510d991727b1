//! Exchanges under way: routed by kube-proxy's tables, delivered to the listener's backlog after a
//! simulated latency, answered, and given to the client. Times out, refuses and resets as TCP does.
//! Addresses that belong to no network namespace are answered by [`Outside`] or swallow packets.
//!
//! Left out: windows, segments and retransmission; a connection is as long as one message.

use crate::errno::Errno;
use crate::machines::{Machines, Notice, Outside, actor};
use crate::process::Pid;
use crate::space::{NetId, Published, SpaceId};
use crate::wait::Key;
use drydock_machinery::limits;
use drydock_network::address::Ip;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::routing::Route;
use std::sync::Arc;

/// How far an exchange has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// On its way to the server.
    Sent,
    /// In the backlog of its listener, or being worked on.
    Arrived,
    /// The answer is on its way back.
    Answered,
    /// The client can take the answer.
    Done,
}

/// A message under way.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Exchange {
    pub phase: Phase,
    /// The client process; 0 for the layer above.
    pub client: Pid,
    pub from: NetId,
    /// What was dialled, and where it was routed.
    pub dialled: Target,
    pub to: Target,
    pub payload: Payload,
    pub answer: Option<Result<Answer, Failure>>,
    /// The server process, once the message arrived.
    pub server: Pid,
    pub started: u64,
    /// When the client gives up.
    pub deadline: u64,
    /// When the answer arrives at the client.
    pub due: u64,
    /// The routed service (`routing::Service::about`); 0 for none.
    pub about: u64,
    /// The address the server sees instead of the client's, for what came in by a published port.
    pub masked: Option<Ip>,
}

/// One finished exchange, for the map and for telemetry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Hop {
    pub exchange: u64,
    pub from: NetId,
    /// The address of the client.
    pub source: Ip,
    pub dialled: Target,
    pub to: Target,
    /// The routed service; 0 for none.
    pub about: u64,
    pub started: u64,
    pub ended: u64,
    /// The HTTP status; 0 for other protocols.
    pub status: u16,
    /// Why there was no answer.
    pub failure: Option<Failure>,
    /// Sent by the layer above: a probe.
    pub probe: bool,
    pub path: Option<Arc<str>>,
}

/// A message a server takes out of its backlog.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    pub id: u64,
    pub payload: Payload,
    pub from: Ip,
    /// The port it came in on.
    pub port: u16,
}

/// What a server on this port speaks: inside the sandbox TLS is a matter of the port.
fn scheme(port: u16) -> &'static str {
    if matches!(port, 443 | 6443) { "https" } else { "http" }
}

impl Machines {
    /// Sends a message on behalf of the layer above (a probe, a port-forward, an ingress). When it is
    /// over, `Notice::Exchanged` comes; take it with [`Machines::take_exchange`].
    pub fn probe(&mut self, from: NetId, to: Target, payload: Payload, timeout_ms: u64) -> u64 {
        self.send_from(0, from, to, payload, timeout_ms)
    }
    /// The answer of a finished exchange; forgets the exchange.
    pub fn take_exchange(&mut self, id: u64) -> Option<Result<Answer, Failure>> {
        if self.exchanges.get(&id)?.phase != Phase::Done {
            return None;
        }
        self.forget(id)?.answer.clone()
    }
    pub(crate) fn send_from(
        &mut self,
        client: Pid,
        from: NetId,
        dialled: Target,
        payload: Payload,
        timeout_ms: u64,
    ) -> u64 {
        let id = self.fresh_id();
        let now = self.clock.now;
        let source = self.net(from).map_or(Ip::default(), |n| n.address);
        let published = self.published_at(from, source, dialled);
        let route = match published {
            Some(published) => Route::Direct(published.to),
            None if dialled.ip.is_loopback() => Route::Direct(Target { ip: source, port: dialled.port }),
            None => self.routing.route(source, dialled, self.clock.chance(id, u64::MAX)),
        };
        let (to, about, refused) = match route {
            Route::Direct(to) => (to, 0, false),
            Route::Backend { to, about } => (to, about, false),
            Route::Refused { about } => (dialled, about, true),
        };
        let full = self.exchanges.len() >= limits::EXCHANGES;
        let exchange = Exchange {
            phase: Phase::Sent,
            client,
            from,
            dialled,
            to,
            payload,
            answer: (refused || full).then_some(Err(if full { Failure::TimedOut } else { Failure::Refused })),
            server: 0,
            started: now,
            deadline: now.saturating_add(timeout_ms.max(1)),
            due: 0,
            about,
            masked: published.map(|p| p.gateway),
        };
        self.exchanges.insert(id, Arc::new(exchange));
        // One way takes 0 or 1 ms; to oneself nothing.
        let delay = if to.ip == source { 0 } else { self.clock.chance(id ^ 0x5E4D, 2) };
        self.clock.after(delay, actor::EXCHANGE, id);
        id
    }
    /// The handler of `actor::EXCHANGE`: arrival, the answer's arrival, or the deadline.
    pub fn advance_exchange(&mut self, outside: &mut dyn Outside, id: u64) {
        let Some(exchange) = self.exchanges.get(&id) else { return };
        let now = self.clock.now;
        match exchange.phase {
            Phase::Sent if exchange.answer.is_some() => self.finish(id),
            Phase::Sent => self.arrive(outside, id),
            Phase::Answered if exchange.due <= now => self.finish(id),
            Phase::Arrived | Phase::Answered if exchange.deadline <= now => {
                let (server, key) = (exchange.server, id);
                self.backlog.remove(&(server, key));
                self.fail(id, Failure::TimedOut);
            }
            Phase::Arrived | Phase::Answered | Phase::Done => {}
        }
    }
    fn arrive(&mut self, outside: &mut dyn Outside, id: u64) {
        let Some(exchange) = self.exchanges.get_mut(&id).map(Arc::make_mut) else { return };
        exchange.phase = Phase::Arrived;
        let (to, dialled, from, masked) = (exchange.to, exchange.dialled, exchange.from, exchange.masked);
        let wait = exchange.deadline.saturating_sub(self.clock.now);
        let own = self.net(from).is_some_and(|n| n.address == to.ip);
        let net = if own { Some(from) } else { self.addresses.get(&to.ip).copied() };
        let cut_off = masked.is_none() && !own && self.is_cut_off(from, net);
        let net = net.filter(|_| !cut_off);
        let listener = net.and_then(|net| self.listeners.get(&(net, to.port)).copied());
        if let Some(server) = listener {
            let waiting = self.backlog.range((server, 0)..=(server, u64::MAX)).count();
            if waiting < limits::BACKLOG {
                if let Some(exchange) = self.exchanges.get_mut(&id) {
                    let exchange = Arc::make_mut(exchange);
                    exchange.server = server;
                    // The kernel completes the handshake: a bare connect needs no program.
                    if exchange.payload == Payload::Connect {
                        return self.answer_exchange(id, Ok(Answer::Connected), 0);
                    }
                }
                self.backlog.insert((server, id));
                self.wake(Key::Accept(server));
            }
            self.clock.after(wait, actor::EXCHANGE, id);
            return;
        }
        let answer = match self.exchanges.get(&id).map(|e| e.payload.clone()) {
            _ if cut_off => None,
            Some(Payload::Http(request)) => {
                let space = self.process(self.exchanges.get(&id).map_or(0, |e| e.client)).map(|p| p.space);
                let space = space.or_else(|| self.net(from).map(|n| n.host)).unwrap_or(SpaceId(0));
                // Whoever answers may be known by its own address or by the virtual one that was dialled.
                let url = |at: Target| format!("{}://{at}", scheme(at.port));
                let mut response = outside.request(self, space, &url(to), &request);
                if response.is_none() && dialled != to {
                    response = outside.request(self, space, &url(dialled), &request);
                }
                response.map(Answer::Http)
            }
            Some(payload) => outside.connect(self, to, &payload),
            None => None,
        };
        match (answer, net) {
            (Some(answer), _) => self.answer_exchange(id, Ok(answer), 0),
            // The host accepts for its published ports, and finds nobody behind them.
            (None, Some(_)) if masked.is_some() => self.answer_exchange(id, Err(Failure::Reset), 0),
            (None, Some(_)) => self.answer_exchange(id, Err(Failure::Refused), 0),
            // Nobody has this address: packets vanish until the client gives up.
            (None, None) => self.clock.after(wait, actor::EXCHANGE, id),
        }
    }
    /// Sends an answer on its way after `delay` milliseconds of the server's own.
    pub(crate) fn answer_exchange(&mut self, id: u64, answer: Result<Answer, Failure>, delay: u64) {
        let now = self.clock.now;
        let back = self.clock.chance(id ^ 0xBAC4, 2);
        let Some(exchange) = self.exchanges.get_mut(&id) else { return };
        if exchange.phase != Phase::Arrived {
            return;
        }
        let exchange = Arc::make_mut(exchange);
        let own = exchange.dialled.ip.is_loopback();
        let delay = delay.saturating_add(if own { 0 } else { back });
        exchange.answer = Some(answer);
        exchange.phase = Phase::Answered;
        exchange.due = now.saturating_add(delay);
        if delay == 0 {
            return self.finish(id);
        }
        self.clock.after(delay, actor::EXCHANGE, id);
    }
    fn fail(&mut self, id: u64, failure: Failure) {
        if let Some(exchange) = self.exchanges.get_mut(&id) {
            Arc::make_mut(exchange).answer = Some(Err(failure));
            self.finish(id);
        }
    }
    /// The client learns how it went; the hop is remembered.
    fn finish(&mut self, id: u64) {
        let now = self.clock.now;
        let Some(exchange) = self.exchanges.get_mut(&id).map(Arc::make_mut) else { return };
        exchange.phase = Phase::Done;
        let exchange = exchange.clone();
        let (status, failure) = match &exchange.answer {
            Some(Ok(Answer::Http(response))) => (response.status, None),
            Some(Ok(_)) => (0, None),
            Some(Err(failure)) => (0, Some(*failure)),
            None => (0, Some(Failure::TimedOut)),
        };
        self.traffic.push_back(Hop {
            exchange: id,
            from: exchange.from,
            source: self.net(exchange.from).map_or(Ip::default(), |n| n.address),
            dialled: exchange.dialled,
            to: exchange.to,
            about: exchange.about,
            started: exchange.started,
            ended: now,
            status,
            failure,
            probe: exchange.client == 0,
            path: match &exchange.payload {
                Payload::Http(request) => Some(request.path.clone()),
                _ => None,
            },
        });
        self.traffic_total += 1;
        while self.traffic.len() > limits::TRAFFIC {
            self.traffic.pop_front();
        }
        if exchange.client == 0 {
            self.notices.push_back(Notice::Exchanged { exchange: id });
        } else if self.process(exchange.client).is_some_and(|p| p.is_alive()) {
            self.wake(Key::Answer(id));
        } else {
            self.forget(id);
        }
    }
    fn forget(&mut self, id: u64) -> Option<Arc<Exchange>> {
        let exchange = self.exchanges.remove(&id)?;
        self.backlog.remove(&(exchange.server, id));
        Some(exchange)
    }
    /// The container port that a host's port leads to, if what is dialled is such a port.
    fn published_at(&self, from: NetId, source: Ip, dialled: Target) -> Option<Published> {
        if self.published.is_empty() {
            return None;
        }
        let own = dialled.ip.is_loopback();
        let ip = if own { source } else { dialled.ip };
        let net = if own { from } else { *self.addresses.get(&ip)? };
        let at = |ip: Ip| self.published.get(&(net, dialled.port, ip)).copied();
        at(if own { Ip::LOOPBACK } else { ip }).or_else(|| at(Ip::default()))
    }
    /// Whether no traffic passes between two network namespaces: containers without a network in common,
    /// and all that lies outside an internal network.
    fn is_cut_off(&self, from: NetId, to: Option<NetId>) -> bool {
        let Some(from) = self.net(from).filter(|n| !n.segments.is_empty()) else { return false };
        let there = to.and_then(|to| self.net(to)).map(|n| n.segments.clone()).unwrap_or_default();
        let shared = from.segments.iter().any(|s| there.contains(s));
        !shared && (from.internal || !there.is_empty())
    }
    /// Makes a process the listener of a port of its network namespace.
    pub(crate) fn listen_as(&mut self, pid: Pid, port: u16) -> Result<(), Errno> {
        let space = self.process(pid).ok_or(Errno::Esrch)?.space;
        let net = self.space(space).ok_or(Errno::Esrch)?.net;
        match self.listeners.get(&(net, port)) {
            Some(owner) if *owner != pid => Err(Errno::Eaddrinuse),
            _ => {
                self.listeners.insert((net, port), pid);
                Ok(())
            }
        }
    }
    pub(crate) fn unlisten_as(&mut self, pid: Pid, port: u16) {
        let net = self.process(pid).and_then(|p| self.space(p.space)).map(|s| s.net).unwrap_or_default();
        if self.listeners.get(&(net, port)) == Some(&pid) {
            self.listeners.remove(&(net, port));
        }
    }
    /// Address and name pairs of `/etc/hosts`, as parsed from what is there now.
    #[must_use]
    pub fn hosts_of(&self, space: &crate::Space) -> Vec<(Ip, Arc<str>)> {
        let Some(inode) = self.inode_at(space.id, "/etc/hosts") else { return Vec::new() };
        let crate::filesystem::Content::File(bytes) = &inode.content else { return Vec::new() };
        let text = String::from_utf8_lossy(bytes);
        let mut pairs = Vec::new();
        for line in text.lines() {
            let mut words = line.split('#').next().unwrap_or("").split_whitespace();
            let Some(ip) = words.next().and_then(Ip::parse) else { continue };
            pairs.extend(words.map(|name| (ip, Arc::from(name))));
        }
        pairs
    }
    /// The next message in a server's backlog.
    pub(crate) fn accept_as(&mut self, pid: Pid) -> Option<Incoming> {
        loop {
            let entry = *self.backlog.range((pid, 0)..=(pid, u64::MAX)).next()?;
            self.backlog.remove(&entry);
            let Some(exchange) = self.exchanges.get(&entry.1) else { continue };
            let from = match self.net(exchange.from) {
                _ if exchange.masked.is_some() => exchange.masked.unwrap_or_default(),
                _ if exchange.dialled.ip.is_loopback() => Ip::LOOPBACK,
                Some(net) => net.address,
                None => Ip::default(),
            };
            let (payload, port) = (exchange.payload.clone(), exchange.to.port);
            return Some(Incoming { id: entry.1, payload, from, port });
        }
    }
    /// A process is gone: its ports close, and what it had not answered is reset.
    pub(crate) fn close_connections(&mut self, pid: Pid) {
        let Some(net) = self.process(pid).and_then(|p| self.space(p.space)).map(|s| s.net) else { return };
        let ports: Vec<u16> =
            self.listeners.range((net, 0)..=(net, u16::MAX)).filter(|l| *l.1 == pid).map(|l| l.0.1).collect();
        if ports.is_empty() {
            return;
        }
        for port in ports {
            self.listeners.remove(&(net, port));
        }
        let open: Vec<u64> = self
            .exchanges
            .iter()
            .filter(|(_, e)| e.server == pid && e.phase == Phase::Arrived)
            .map(|(id, _)| *id)
            .collect();
        for id in open {
            self.backlog.remove(&(pid, id));
            self.answer_exchange(id, Err(Failure::Reset), 0);
        }
    }
}
