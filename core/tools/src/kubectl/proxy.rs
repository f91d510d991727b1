//! `kubectl proxy`: requests to a local port go on to the API server with the user's identity.

use super::{Client, Failure};
use crate::cli::{Command, Flag, Flow};
use drydock_container::machine::Behave;
use drydock_container::{Errno, Step, Sys, Wait};
use drydock_network::exchange::{Answer, Payload};
use drydock_network::http::{Body, Response};

pub const COMMAND: Command = Command {
    name: "proxy",
    usage: "proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix]",
    short: "Run a proxy to the Kubernetes API server",
    long: "Creates a proxy server or application-level gateway between localhost and the Kubernetes API server.",
    flags: &[&[
        Flag::int("port", 'p', "8001", "The port on which to run the proxy. Set to 0 to pick a random port."),
        Flag::string("address", '\0', "127.0.0.1", "The IP address on which to serve on."),
        Flag::string("api-prefix", '\0', "/", "Prefix to serve the proxied API under."),
        Flag::string(
            "www",
            'w',
            "",
            "Also serve static files from the given directory under the specified prefix.",
        ),
        Flag::string(
            "www-prefix",
            'P',
            "/static/",
            "Prefix to serve static files under, if static file directory is specified.",
        ),
    ]],
    run: |invocation| {
        let client = Client::new(invocation)?;
        let machine = Proxy::new(invocation.sys, client, invocation.int("port")).map_err(|errno| {
            Failure::message(format!("listen tcp 127.0.0.1:{}: bind: {errno}", invocation.int("port")))
        })?;
        let text = format!("Starting to serve on {}:{}\n", invocation.str("address"), machine.port);
        invocation.print(&text);
        Ok(Flow::Continue(Box::new(machine)))
    },
    ..Command::BASE
};

/// A listening proxy.
#[derive(Clone, Hash)]
pub struct Proxy {
    client: Client,
    pub port: u16,
}

impl Proxy {
    /// Listens on a port of the laptop; 0 picks one.
    ///
    /// # Errors
    /// The port is taken or is none.
    pub fn new(sys: &mut Sys<'_>, client: Client, port: i64) -> Result<Proxy, Errno> {
        let wanted = u16::try_from(port).map_err(|_| Errno::Einval)?;
        let candidates = if wanted == 0 { 40_001..=40_100 } else { wanted..=wanted };
        let mut refused = Errno::Einval;
        for port in candidates {
            match sys.listen(port) {
                Ok(()) => return Ok(Proxy { client, port }),
                Err(errno) => refused = errno,
            }
        }
        Err(refused)
    }
}

impl Behave for Proxy {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        while let Some(incoming) = sys.accept() {
            let Payload::Http(request) = incoming.payload else {
                sys.reset(incoming.id);
                continue;
            };
            let answer = match self.client.send(sys, request) {
                // What goes on for ever cannot be one answer.
                Ok(response) if matches!(response.body, Body::Stream(_)) => {
                    Response::text(501, "the sandbox' proxy passes no streams on\n")
                }
                Ok(response) => response,
                Err(failure) => Response::text(502, &format!("{}\n", failure.text())),
            };
            sys.respond(incoming.id, Answer::Http(answer));
        }
        Step::wait(Wait::Accept)
    }
}
