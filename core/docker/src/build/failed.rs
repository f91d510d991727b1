//! The container of a failed step stays, as the classic builder leaves it for people to look into.

use super::job::Job;
use super::plan::{Planned, Work};
use crate::Docker;
use crate::container::Status;
use drydock_container::Machines;
use drydock_container::filesystem::Filesystem;
use drydock_machinery::{Value, value};
use drydock_network::http::{Body, Method, Request};
use std::sync::Arc;

impl Docker {
    /// Keeps what a failed step has left as an exited container with a name of its own.
    pub(crate) fn keep_failed(
        &mut self,
        machines: &mut Machines,
        job: &Job,
        planned: &Planned,
        id: &str,
        root: Arc<Filesystem>,
        code: i32,
    ) {
        if job.options.keep || job.line.image.is_empty() {
            return;
        }
        let Some(Work::Run { argv, env, .. }) = &planned.work else { return };
        let texts = |list: Vec<String>| Value::from_items(list.into_iter().map(Value::from).collect());
        let body = value!({
            "Image": format!("sha256:{}", job.line.image),
            "Entrypoint": Value::from_items(Vec::new()),
            "Cmd": texts(argv.clone()),
            "Env": texts(env.iter().map(|(k, v)| format!("{k}={v}")).collect())
        });
        let request = Request::new(Method::Post, "/containers/create").body(Body::Json(body));
        let answer = self.handle(machines, &request);
        let made = answer.body.json().unwrap_or_default()["Id"].text().to_string();
        let (Some(container), now) = (self.containers.get(made.as_str()).cloned(), machines.clock.now) else {
            return;
        };
        let mut container = Arc::unwrap_or_clone(container);
        if let Some(space) = machines.space_mut(container.space) {
            space.root = root;
        }
        container.state.status = Status::Exited;
        container.state.exit_code = code;
        container.state.started = Some(now);
        container.state.finished = Some(now);
        container.id = id.into();
        container.image_name = crate::ids::short(&job.line.image).into();
        // The id that was shown while it ran is the one it keeps.
        self.containers.remove(made.as_str());
        self.names.insert(container.name.clone(), container.id.clone());
        self.spaces.insert(container.space, container.id.clone());
        self.containers.insert(container.id.clone(), Arc::new(container));
    }
}
