//! REST: from an HTTP request to the door and back.

use crate::cluster::Cluster;
use crate::status::Status;
use drydock_container::Machines;
use drydock_network::http::{Request, Response};

impl Cluster {
    /// Answers one request to the API server.
    pub fn handle(&mut self, _machines: &mut Machines, _request: &Request) -> Response {
        let status = Status::no_such_resource();
        Response::json(status.code, status.value())
    }
}
