//! Subresources that reach into a container: log, exec, attach, port-forward. The kubelet answers.

use crate::cluster::Cluster;
use crate::kubelet::exec::{self, ExecOptions};
use crate::kubelet::logs::{self, LogOptions, Logs};
use crate::kubelet::portforward;
use crate::rest::Call;
use crate::status::Status;
use crate::streams::StreamState;
use drydock_container::Machines;
use drydock_machinery::Value;
use drydock_network::http::{Body, Request, Response};
use std::sync::Arc;

impl Cluster {
    pub(crate) fn connect(&mut self, machines: &mut Machines, call: &Call<'_>) -> Result<Response, Status> {
        let Some(pod) = self.find(call.id, call.namespace, call.name).cloned() else {
            return Err(Status::not_found(&call.kind, call.name));
        };
        let request = call.request;
        let upgrades = request.headers.get("Upgrade").is_some();
        if call.subresource != "log" && !upgrades {
            return Err(Status::bad_request("Upgrade request required"));
        }
        let stream = match call.subresource {
            "log" => {
                let options = log_options(machines, request)?;
                match logs::read(self, machines, &pod, &options)? {
                    Logs::Text(bytes) => {
                        return Ok(Response::new(200, Body::Bytes(bytes.into()))
                            .header("Content-Type", "text/plain"));
                    }
                    Logs::Follow(following) => {
                        machines.watched_logs.insert(following.space);
                        let stream = self.open_stream(machines, StreamState::Log(Arc::new(following)));
                        return Ok(
                            Response::new(200, Body::Stream(stream)).header("Content-Type", "text/plain")
                        );
                    }
                }
            }
            "exec" => exec::exec(self, machines, &pod, &exec_options(request))?,
            "attach" => exec::attach(self, machines, &pod, &exec_options(request))?,
            "portforward" => {
                let Some(ports) = request.param("ports") else {
                    let stream = portforward::tunnel(self, machines, &pod)?;
                    return Ok(Response::new(101, Body::Stream(stream)));
                };
                let Ok(port) = ports.parse() else {
                    return Err(Status::bad_request("you must specify at least 1 port"));
                };
                let body = request.body.json().unwrap_or_default();
                portforward::forward(self, machines, &pod, port, &body)?
            }
            _ => return Err(Status::bad_request("Upgrade request required")),
        };
        Ok(Response::new(101, Body::Stream(stream)))
    }
}

fn flag(request: &Request, name: &str) -> bool {
    request.param(name).is_some_and(|v| v == "true" || v == "1")
}

fn number(request: &Request, name: &str) -> Result<Option<i64>, Status> {
    let Some(text) = request.param(name) else { return Ok(None) };
    match text.parse::<i64>() {
        Ok(n) => Ok(Some(n)),
        Err(_) => {
            let text =
                format!("strconv.ParseInt: parsing {}: invalid syntax", drydock_machinery::quote::go(text));
            Err(Status::bad_request(text))
        }
    }
}

fn log_options(machines: &Machines, request: &Request) -> Result<LogOptions, Status> {
    let time = request.param("sinceTime").map_or(Value::Null, Value::from);
    Ok(LogOptions {
        container: request.param("container").unwrap_or("").into(),
        follow: flag(request, "follow"),
        previous: flag(request, "previous"),
        timestamps: flag(request, "timestamps"),
        since: logs::since(machines, number(request, "sinceSeconds")?, &time),
        tail: number(request, "tailLines")?.and_then(|n| usize::try_from(n).ok()),
        limit: number(request, "limitBytes")?.and_then(|n| usize::try_from(n).ok()),
    })
}

fn exec_options(request: &Request) -> ExecOptions {
    ExecOptions {
        container: request.param("container").unwrap_or("").into(),
        command: request.query.iter().filter(|q| &*q.0 == "command").map(|q| q.1.clone()).collect(),
        stdin: flag(request, "stdin"),
        tty: flag(request, "tty"),
    }
}
