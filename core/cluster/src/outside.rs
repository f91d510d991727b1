//! The API server as processes see it: the answer to requests no container answers.

use crate::auth::Door;
use crate::cluster::Cluster;
use drydock_container::machines::{Frame, Outside};
use drydock_container::{Machines, SpaceId};
use drydock_network::http::{Request, Response, Stream};

/// Where the laptop's kubeconfig points to, and the Service of the same in the cluster.
pub const SERVERS: &[&str] = &[
    "https://kubernetes",
    "https://kubernetes.default",
    "https://kubernetes.default.svc",
    "https://kubernetes.default.svc.cluster.local",
    "https://10.96.0.1",
    "https://10.96.0.1:443",
    "https://control-plane:6443",
    "https://127.0.0.1:6443",
];

impl Outside for Cluster {
    fn request(
        &mut self,
        machines: &mut Machines,
        _from: SpaceId,
        to: &str,
        request: &Request,
    ) -> Option<Response> {
        let to = to.strip_suffix('/').unwrap_or(to);
        let to = to.strip_suffix(":443").unwrap_or(to);
        SERVERS.contains(&to).then(|| self.handle_at(machines, request, Door::Network))
    }
    fn read(&mut self, machines: &mut Machines, stream: Stream) -> Frame {
        self.read_stream(machines, stream)
    }
    fn write(&mut self, machines: &mut Machines, stream: Stream, channel: u8, bytes: &[u8]) {
        self.write_stream(machines, stream, channel, bytes);
    }
    fn close(&mut self, machines: &mut Machines, stream: Stream) {
        self.close_stream(machines, stream);
    }
}
