//! The servers that no container is: the laptop's container engine behind its socket, the cluster, and
//! what is known of the internet.

use drydock_cluster::Cluster;
use drydock_container::machines::{Frame, Outside};
use drydock_container::{Machines, SpaceId};
use drydock_docker::Docker;
use drydock_docker::streams::SOCKET;
use drydock_network::exchange::{Answer, Payload, Target};
use drydock_network::http::{Request, Response, Stream};

/// Both doors for the length of a step.
pub struct Doors<'a> {
    pub docker: &'a mut Docker,
    pub cluster: &'a mut Cluster,
}

impl Outside for Doors<'_> {
    fn request(
        &mut self,
        machines: &mut Machines,
        from: SpaceId,
        to: &str,
        request: &Request,
    ) -> Option<Response> {
        // The socket is a file of the laptop: containers do not see it.
        if to == SOCKET && from == self.docker.host {
            return Some(self.docker.handle(machines, request));
        }
        if let Some(answer) = drydock_docker::cloud::answer(machines, to, request) {
            return Some(answer);
        }
        let answer = self.cluster.request(machines, from, to, request);
        answer.or_else(|| crate::internet::answer(to, request))
    }
    fn connect(&mut self, machines: &mut Machines, to: Target, payload: &Payload) -> Option<Answer> {
        self.cluster.connect(machines, to, payload)
    }
    fn read(&mut self, machines: &mut Machines, stream: Stream) -> Frame {
        if self.docker.has_stream(stream) {
            return self.docker.read_stream(machines, stream);
        }
        self.cluster.read(machines, stream)
    }
    fn write(&mut self, machines: &mut Machines, stream: Stream, channel: u8, bytes: &[u8]) {
        if self.docker.has_stream(stream) {
            return self.docker.write_stream(machines, stream, channel, bytes);
        }
        Outside::write(self.cluster, machines, stream, channel, bytes);
    }
    fn close(&mut self, machines: &mut Machines, stream: Stream) {
        if self.docker.has_stream(stream) {
            return self.docker.close_stream(machines, stream);
        }
        self.cluster.close(machines, stream);
    }
}
