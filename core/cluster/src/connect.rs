//! Subresources that reach into a container: log, exec, attach, port-forward. The kubelet answers.

use crate::cluster::Cluster;
use crate::rest::Call;
use crate::status::Status;
use drydock_container::Machines;
use drydock_network::http::Response;

impl Cluster {
    pub(crate) fn connect(&mut self, _machines: &mut Machines, _call: &Call<'_>) -> Result<Response, Status> {
        Err(Status::bad_request("Upgrade request required"))
    }
}
