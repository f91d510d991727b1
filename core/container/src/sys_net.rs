//! System calls on the network: names, exchanges as a client, ports as a server.

use crate::errno::Errno;
use crate::exchange::{Incoming, Phase};
use crate::sys::Sys;
use drydock_network::address::Ip;
use drydock_network::dns::Found;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::routing::Route;

impl Sys<'_> {
    /// The addresses of a name: a literal address, `/etc/hosts`, then DNS with search domains.
    #[must_use]
    pub fn resolve(&self, name: &str) -> Option<Vec<Ip>> {
        self.lookup(name).map(|found| found.ips)
    }
    /// As [`Sys::resolve`], with the full name that answered.
    #[must_use]
    pub fn lookup(&self, name: &str) -> Option<Found> {
        if let Some(ip) = Ip::parse(name) {
            return Some(Found { name: name.into(), ips: vec![ip] });
        }
        let space = self.machines.space(self.process()?.space)?;
        let net = self.machines.net(space.net)?;
        let hosts = self.machines.hosts_of(space);
        let ips: Vec<Ip> =
            hosts.into_iter().filter(|h| h.1.eq_ignore_ascii_case(name)).map(|h| h.0).collect();
        if !ips.is_empty() {
            return Some(Found { name: name.into(), ips });
        }
        // A name server that is a service without backends answers nobody.
        let server = Target { ip: net.resolver.nameserver, port: 53 };
        if matches!(self.machines.routing.route(net.address, server, 0), Route::Refused { .. }) {
            return None;
        }
        self.machines.dns.resolve(&net.resolver, name)
    }
    /// The address of the caller's network namespace.
    #[must_use]
    pub fn address(&self) -> Option<Ip> {
        let space = self.machines.space(self.process()?.space)?;
        self.machines.net(space.net).map(|n| n.address)
    }
    /// Sends a message; wait for `Wait::Answer` with the number given back.
    pub fn send(&mut self, to: Target, payload: Payload, timeout_ms: u64) -> u64 {
        let net =
            self.process().and_then(|p| self.machines.space(p.space)).map(|s| s.net).unwrap_or_default();
        self.machines.send_from(self.pid, net, to, payload, timeout_ms)
    }
    /// The answer, once there is one; it can be taken once.
    pub fn answer(&mut self, id: u64) -> Option<Result<Answer, Failure>> {
        match self.machines.exchanges.get(&id) {
            None => Some(Err(Failure::Reset)),
            Some(exchange) if exchange.client != self.pid || exchange.phase != Phase::Done => None,
            Some(_) => self.machines.take_exchange(id),
        }
    }
    /// Takes a port of the caller's network namespace.
    ///
    /// # Errors
    /// EADDRINUSE.
    pub fn listen(&mut self, port: u16) -> Result<(), Errno> {
        self.machines.listen_as(self.pid, port)
    }
    /// Gives a port back.
    pub fn unlisten(&mut self, port: u16) {
        self.machines.unlisten_as(self.pid, port);
    }
    /// The next message that came in on any of the caller's ports.
    pub fn accept(&mut self) -> Option<Incoming> {
        self.machines.accept_as(self.pid)
    }
    /// Answers a message.
    pub fn respond(&mut self, id: u64, answer: Answer) {
        self.machines.answer_exchange(id, Ok(answer), 0);
    }
    /// Answers a message after `ms` milliseconds of work.
    pub fn respond_after(&mut self, id: u64, answer: Answer, ms: u64) {
        self.machines.answer_exchange(id, Ok(answer), ms);
    }
    /// Closes a connection without an answer.
    pub fn reset(&mut self, id: u64) {
        self.machines.answer_exchange(id, Err(Failure::Reset), 0);
    }
}
