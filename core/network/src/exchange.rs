//! One message to a server and its answer: the unit of traffic in the sandbox. A TCP connection that
//! carries several HTTP requests is several exchanges.

use crate::address::Ip;
use crate::http::{Request, Response};
use std::sync::Arc;

/// What is sent to a port.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Payload {
    /// Opens a connection and closes it: a TCP probe, `nc -z`.
    Connect,
    Http(Request),
    /// Any other protocol, one message.
    Bytes(Arc<[u8]>),
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Answer {
    Connected,
    Http(Response),
    Bytes(Arc<[u8]>),
}

/// Why nothing came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// Nobody listens on the port (RST).
    Refused,
    /// Packets vanish: the client's own deadline passed.
    TimedOut,
    /// The server accepted and closed without an answer.
    Reset,
    /// No route to that address.
    Unreachable,
}

/// Where an exchange goes: an address as the client dialled it, before any translation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    pub ip: Ip,
    pub port: u16,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.ip, self.port)
    }
}
