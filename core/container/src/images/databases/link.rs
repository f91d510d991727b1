//! A client's connection to a database server: by its socket on the same machine or over the network.
//! Sockets are listened on as ports 1 to 9, which no network program has and no tool lists.

use crate::sql::wire::{Ask, Reply};
use crate::sys::Sys;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use std::sync::Arc;

/// The stand-ins for `/var/run/mysqld/mysqld.sock` and `/var/run/postgresql/.s.PGSQL.5432`.
pub const MYSQL_SOCKET: u16 = 1;
pub const POSTGRES_SOCKET: u16 = 2;
pub const MONGO_SOCKET: u16 = 3;

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Broken {
    /// No such host.
    Unknown,
    /// No socket file.
    NoSocket,
    Failed(Failure),
    /// The other side speaks something else.
    Strange,
}

#[derive(Clone, Debug, Hash)]
pub struct Link {
    /// None for the socket.
    pub host: Option<Arc<str>>,
    pub port: u16,
    /// The socket's file and its port.
    pub socket: (&'static str, u16),
    /// The address it was resolved to.
    pub address: Option<Target>,
    pending: u64,
    /// When the question was asked.
    pub asked: u64,
}

impl Link {
    #[must_use]
    pub fn new(host: Option<Arc<str>>, port: u16, socket: (&'static str, u16)) -> Link {
        Link { host, port, socket, address: None, pending: 0, asked: 0 }
    }
    /// Sends a question.
    ///
    /// # Errors
    /// When there is nobody to send it to.
    pub fn send(&mut self, sys: &mut Sys<'_>, ask: &Ask, timeout_ms: u64) -> Result<(), Broken> {
        self.send_bytes(sys, ask.encode(), timeout_ms)
    }
    /// As [`Link::send`], of a message of any protocol.
    ///
    /// # Errors
    /// When there is nobody to send it to.
    pub fn send_bytes(&mut self, sys: &mut Sys<'_>, bytes: Vec<u8>, timeout_ms: u64) -> Result<(), Broken> {
        let target = match &self.host {
            None => {
                if sys.stat(self.socket.0).is_err() {
                    return Err(Broken::NoSocket);
                }
                Target { ip: drydock_network::address::Ip::LOOPBACK, port: self.socket.1 }
            }
            Some(host) => {
                let ip = if &**host == "localhost" {
                    Some(drydock_network::address::Ip::LOOPBACK)
                } else {
                    sys.resolve(host).and_then(|i| i.first().copied())
                };
                Target { ip: ip.ok_or(Broken::Unknown)?, port: self.port }
            }
        };
        self.address = Some(target);
        self.asked = sys.now();
        self.pending = sys.send(target, Payload::Bytes(bytes.into()), timeout_ms);
        Ok(())
    }
    /// What to wait for while an answer is due.
    #[must_use]
    pub fn waiting(&self) -> Option<u64> {
        (self.pending != 0).then_some(self.pending)
    }
    /// The answer, once there is one.
    pub fn poll(&mut self, sys: &mut Sys<'_>) -> Option<Result<Reply, Broken>> {
        Some(match self.poll_bytes(sys)? {
            Ok(bytes) => Reply::decode(&bytes).ok_or(Broken::Strange),
            Err(broken) => Err(broken),
        })
    }
    pub fn poll_bytes(&mut self, sys: &mut Sys<'_>) -> Option<Result<Arc<[u8]>, Broken>> {
        let answer = sys.answer(self.pending)?;
        self.pending = 0;
        Some(match answer {
            Ok(Answer::Bytes(bytes)) => Ok(bytes),
            Ok(_) => Err(Broken::Strange),
            Err(failure) => Err(Broken::Failed(failure)),
        })
    }
    /// Seconds since the question, as clients print them.
    #[must_use]
    pub fn seconds(&self, sys: &Sys<'_>) -> String {
        let ms = sys.now().saturating_sub(self.asked);
        format!("{}.{:02}", ms / 1000, ms % 1000 / 10)
    }
}
