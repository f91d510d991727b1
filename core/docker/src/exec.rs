//! Exec: further processes in a running container. Follows `daemon/exec.go` of moby 26.1.

use crate::container::Status;
use crate::door::Call;
use crate::fault::Fault;
use crate::json::{Json, Object, ToJson};
use crate::streams::Streaming;
use crate::system::answer;
use crate::{create, json};
use drydock_container::engine::exec::ExecHandle;
use drydock_container::machines::Nowhere;
use drydock_container::process::Pid;
use drydock_container::{ExecSpec, Machines};
use drydock_machinery::Value;
use drydock_network::http::{Body, Response};
use std::sync::Arc;

/// An exec instance.
#[derive(Clone, Debug, PartialEq)]
pub struct Exec {
    pub id: Arc<str>,
    pub container: Arc<str>,
    /// The request's body.
    pub config: Value,
    pub started: bool,
    pub running: bool,
    pub code: Option<i32>,
    pub handle: ExecHandle,
}

impl Exec {
    fn command(&self) -> Vec<Arc<str>> {
        create::strings(&self.config["Cmd"])
    }
}

/// `POST /containers/{id}/exec`.
///
/// # Errors
/// A container that does not run, or is paused; no command.
pub fn make(call: &mut Call<'_>, typed: &str) -> Result<Response, Fault> {
    let body = call.body()?;
    let container = call.docker.container(typed)?;
    if create::strings(&body["Cmd"]).is_empty() {
        return Err(Fault::invalid("No exec command specified"));
    }
    match container.state.status {
        Status::Running => {}
        Status::Paused => {
            return Err(Fault::conflict(format!(
                "Container {typed} is paused, unpause the container before exec"
            )));
        }
        Status::Restarting => {
            return Err(Fault::conflict(format!(
                "Container {} is restarting, wait until the container is running",
                container.id
            )));
        }
        _ => return Err(Fault::conflict(format!("container {} is not running", container.id))),
    }
    let id = call.docker.fresh_id();
    let exec = Exec {
        id: id.clone(),
        container: container.id.clone(),
        config: body,
        started: false,
        running: false,
        code: None,
        handle: ExecHandle::default(),
    };
    let action = format!("exec_create: {}", exec.command().join(" "));
    call.docker.execs.insert(id.clone(), Arc::new(exec));
    if let Some(container) = call.docker.container_mut(&container.id) {
        container.execs.push_back(id.clone());
    }
    call.docker.note_container(call.machines, &container.id, &action, &[("execID", &id)]);
    Ok(answer(201, &json!({"Id": id})))
}

/// `POST /exec/{id}/start`.
///
/// # Errors
/// No such exec; started before; a container that has ended meanwhile.
pub fn start(call: &mut Call<'_>, id: &str) -> Result<Response, Fault> {
    let body = call.body()?;
    let Some(exec) = call.docker.execs.get(id).cloned() else { return Err(no_exec(id)) };
    if exec.started {
        return Err(Fault::conflict(format!("Error: Exec command {id} is already running")));
    }
    let Some(container) = call.docker.containers.get(&exec.container).cloned() else {
        return Err(no_exec(id));
    };
    if container.state.status != Status::Running {
        return Err(Fault::conflict(format!("container {} is not running", container.id)));
    }
    let detach = body["Detach"].bool();
    let text = |field: &str| Some(exec.config[field].shared()).filter(|t| !t.is_empty());
    let spec = ExecSpec {
        argv: exec.command(),
        env: create::strings(&exec.config["Env"])
            .iter()
            .filter_map(|e| e.split_once('='))
            .map(|(k, v)| (Arc::from(k), Arc::from(v)))
            .collect(),
        tty: exec.config["Tty"].bool(),
        stdin: exec.config["AttachStdin"].bool() && !detach,
        cwd: text("WorkingDir"),
        user: text("User"),
    };
    let action = format!("exec_start: {}", exec.command().join(" "));
    let container_id = container.id.clone();
    call.docker.note_container(call.machines, &container_id, &action, &[("execID", id)]);
    let started = call.machines.exec(&mut Nowhere, container.space, spec);
    let (handle, refused) = match started {
        Ok(handle) => (handle, None),
        Err(error) => {
            let user = error.text.starts_with("unable to find");
            if user {
                forget(call, &exec, 126);
                return Err(Fault::invalid(error.text));
            }
            // runc's own message is what the session prints, and the code is always that of a refusal.
            (ExecHandle::default(), Some(error.exec_text()))
        }
    };
    let running = refused.is_none();
    let updated =
        Exec { started: true, running, code: refused.as_ref().map(|_| 126), handle, ..Exec::clone(&exec) };
    call.docker.execs.insert(exec.id.clone(), Arc::new(updated));
    if running {
        call.docker.exec_pids.insert(handle.pid, exec.id.clone());
    } else {
        drop_from_container(call, &exec);
    }
    if detach {
        let_go(call.machines, handle);
        return match refused {
            Some(text) => Err(Fault::invalid(text)),
            None => Ok(Response::new(200, Body::Empty)),
        };
    }
    let text = refused.map(|t| Arc::from(t + if exec.config["Tty"].bool() { "\r\n" } else { "\n" }));
    let kind = if handle.tty == 0 { "multiplexed" } else { "raw" };
    let state = Streaming::Exec { exec: exec.id.clone(), handle, text };
    let stream = call.docker.open_stream(call.machines, state);
    Ok(Response::new(101, Body::Stream(stream))
        .header("Content-Type", &format!("application/vnd.docker.{kind}-stream"))
        .header("Connection", "Upgrade")
        .header("Upgrade", "tcp"))
}

/// Nobody reads what a detached process prints.
fn let_go(machines: &mut Machines, handle: ExecHandle) {
    if let Some(process) = machines.process_mut(handle.pid).filter(|_| handle.tty == 0) {
        process.fds.insert(1, drydock_container::Fd::Null);
        process.fds.insert(2, drydock_container::Fd::Null);
        machines.close_output(handle.stdout);
        machines.close_output(handle.stderr);
    }
}

fn forget(call: &mut Call<'_>, exec: &Exec, code: i32) {
    let updated = Exec { started: true, running: false, code: Some(code), ..exec.clone() };
    call.docker.execs.insert(exec.id.clone(), Arc::new(updated));
    drop_from_container(call, exec);
}

/// A container knows only of those that may run still.
fn drop_from_container(call: &mut Call<'_>, exec: &Exec) {
    if let Some(container) = call.docker.containers.get_mut(&exec.container).map(Arc::make_mut) {
        container.execs.retain(|e| *e != exec.id);
    }
}

fn no_exec(id: &str) -> Fault {
    Fault::not_found(format!("No such exec instance: {id}"))
}

impl crate::Docker {
    /// A process of an exec has ended.
    pub(crate) fn exec_ended(&mut self, machines: &mut Machines, pid: Pid, code: i32) {
        let Some(id) = self.exec_pids.remove(&pid) else { return };
        let Some(exec) = self.execs.get(&id).cloned() else { return };
        let updated = Exec { running: false, code: Some(code), ..Exec::clone(&exec) };
        self.execs.insert(id.clone(), Arc::new(updated));
        if let Some(container) = self.container_mut(&exec.container) {
            container.execs.retain(|e| *e != id);
        }
        let shown = code.to_string();
        self.note_container(machines, &exec.container, "exec_die", &[("execID", &id), ("exitCode", &shown)]);
        machines.wake(drydock_container::wait::Key::Streams);
    }
}

/// `GET /exec/{id}/json`.
///
/// # Errors
/// No such exec.
pub fn inspect(call: &Call<'_>, id: &str) -> Result<Response, Fault> {
    let Some(exec) = call.docker.execs.get(id) else { return Err(no_exec(id)) };
    let words = exec.command();
    let (path, args) = words.split_first().map_or(("", &[][..]), |(p, a)| (&**p, a));
    let flag = |name: &str| exec.config[name].bool();
    let mut process = Object::default();
    process.put("tty", flag("Tty")).put("entrypoint", path).put("arguments", Json::strings(args.iter()));
    process.put("privileged", flag("Privileged"));
    process.put_some("user", Some(exec.config["User"].text()).filter(|u| !u.is_empty()));
    let body = json!({
        "ID": &exec.id,
        "Running": exec.running,
        "ExitCode": exec.code.to_json(),
        "ProcessConfig": process.done(),
        "OpenStdin": flag("AttachStdin"),
        "OpenStderr": flag("AttachStderr"),
        "OpenStdout": flag("AttachStdout"),
        "CanRemove": exec.started && !exec.running,
        "ContainerID": &exec.container,
        "DetachKeys": "",
        "Pid": if exec.running { exec.handle.pid } else { 0 },
    });
    Ok(answer(200, &body))
}

/// `POST /exec/{id}/resize`.
///
/// # Errors
/// No such exec; sizes that are none.
pub fn resize(call: &mut Call<'_>, id: &str) -> Result<Response, Fault> {
    let Some(exec) = call.docker.execs.get(id).cloned() else { return Err(no_exec(id)) };
    let (height, width) = size(call)?;
    call.machines.resize(exec.handle.tty, width, height);
    Ok(Response::new(200, Body::Empty))
}

/// `h` and `w`.
///
/// # Errors
/// Go's words for what is no number.
pub fn size(call: &Call<'_>) -> Result<(u16, u16), Fault> {
    let number = |name: &str| {
        let text = call.param(name);
        text.parse::<u16>().map_err(|_| {
            Fault::invalid(format!(
                "invalid resize {}: {text:?}",
                if name == "h" { "height" } else { "width" }
            ))
        })
    };
    Ok((number("h")?, number("w")?))
}
