//! What a compose command does, act by act: requests with their events, pulls, builds, waiting for
//! health. A queue that is worked off as a process; what comes later may be decided on the way.

use super::converge;
use super::logs::{Logs, View};
use super::model::Project;
use super::progress::{Progress, Status};
use crate::docker::api::{Engine, Failure, Messages, Next, Pending};
use crate::docker::build::{self, Follow, Mode};
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Signal, Step, Sys, Wait};
use drydock_machinery::Value;
use drydock_network::http::Request;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A request and the events around it.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Call {
    pub request: Request,
    /// `Container app-web-1`; "" to say nothing.
    pub id: String,
    pub before: &'static str,
    pub after: &'static str,
    /// Refusals with these statuses count as done.
    pub tolerated: &'static [u16],
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Hash)]
pub enum Act {
    Call(Call),
    /// All at once.
    All(Vec<Call>),
    Event(String, &'static str, Status),
    /// A service's image: whether a refusal ends the command.
    Pull(String, bool),
    Build(String),
    /// Containers are made, replaced and started as the project says.
    Converge,
    /// Until a container that a service depends on is as far as that service needs it.
    Await {
        container: String,
        service: String,
        condition: String,
    },
    /// Text for stdout.
    Print(String),
    /// Shows the output of these services' containers from now on.
    Attach(Vec<String>),
    Exit(i32),
}

/// What `up` and its like are asked for.
#[derive(Clone, Debug, Default, PartialEq, Hash)]
pub struct Options {
    /// Services in the order they are started.
    pub services: Vec<String>,
    pub force_recreate: bool,
    pub no_recreate: bool,
    pub no_start: bool,
    pub remove_orphans: bool,
    pub scale: BTreeMap<String, i64>,
    /// `-t`: seconds.
    pub timeout: Option<i64>,
    pub abort_on_exit: bool,
    pub exit_code_from: String,
    pub wait: bool,
    pub view: View,
    pub build: build::Plan,
    pub quiet_pull: bool,
    /// Seconds since the epoch at which the command began.
    pub began: i64,
}

/// See the module's head.
#[derive(Clone, Debug, Hash)]
pub struct Work {
    pub project: Arc<Project>,
    pub engine: Engine,
    pub progress: Progress,
    pub queue: VecDeque<Act>,
    pub options: Options,
    active: Vec<(Call, Option<Pending>)>,
    pull: Option<(String, Messages, bool)>,
    build: Option<Box<Follow>>,
    logs: Option<Logs>,
    /// Ctrl-C was pressed so often.
    interrupts: u32,
    code: i32,
}

impl Work {
    #[must_use]
    pub fn new(project: Project, engine: Engine, progress: Progress, options: Options) -> Work {
        Work {
            project: Arc::new(project),
            engine,
            progress,
            queue: VecDeque::new(),
            options,
            active: Vec::new(),
            pull: None,
            build: None,
            logs: None,
            interrupts: 0,
            code: 0,
        }
    }
    fn fail(&mut self, sys: &mut Sys<'_>, text: &str, code: i32) -> Step {
        self.progress.finish(sys);
        sys.eprint(&format!("{}\n", text.trim_end()));
        Step::Exit(code)
    }
    fn begin(&mut self, sys: &mut Sys<'_>, calls: Vec<Call>) {
        for call in calls {
            if !call.id.is_empty() && !call.before.is_empty() {
                self.progress.event(sys, &call.id, call.before, Status::Working);
            }
            let pending = self.engine.begin(sys, call.request.clone());
            self.active.push((call, Some(pending)));
        }
    }
    /// Polls requests under way; what to wait for, or the first failure.
    fn poll_active(&mut self, sys: &mut Sys<'_>) -> Result<Vec<Wait>, Failure> {
        let mut waits = Vec::new();
        for at in 0..self.active.len() {
            let Some((call, slot)) = self.active.get_mut(at) else { break };
            let Some(pending) = slot else { continue };
            match pending.poll(sys) {
                Err(wait) => waits.push(wait),
                Ok(result) => {
                    *slot = None;
                    let (id, after, tolerated) = (call.id.clone(), call.after, call.tolerated);
                    match result {
                        Err(failure) if !tolerated.contains(&failure.status) => {
                            if !id.is_empty() {
                                self.progress.event(sys, &id, "Error", Status::Error);
                            }
                            return Err(failure);
                        }
                        _ if id.is_empty() || after.is_empty() => {}
                        _ => self.progress.event(sys, &id, after, Status::Done),
                    }
                }
            }
        }
        if waits.is_empty() {
            self.active.clear();
        }
        Ok(waits)
    }
    fn ticking(&mut self, sys: &mut Sys<'_>, mut waits: Vec<Wait>) -> Step {
        if self.progress.is_drawn(sys) {
            self.progress.draw(sys);
            waits.push(Wait::Until(sys.machines.clock.now + 100));
        }
        Step::Wait(waits)
    }
    fn poll_pull(&mut self, sys: &mut Sys<'_>) -> Option<Step> {
        let (service, messages, _) = self.pull.as_mut()?;
        let service = service.clone();
        loop {
            match messages.next(sys) {
                Next::Message(message) => {
                    let error = message["error"].text().to_string();
                    if !error.is_empty() {
                        self.pull = None;
                        return Some(self.pull_failed(
                            sys,
                            &service,
                            &format!("Error response from daemon: {error}"),
                        ));
                    }
                    let (id, status) =
                        (message["id"].text().to_string(), message["status"].text().to_string());
                    let layer = id.len() == 12 && id.bytes().all(|b| b.is_ascii_hexdigit());
                    let moves = message["progressDetail"].find("current").is_some();
                    if layer && !moves && !self.options.quiet_pull {
                        let state = if status.ends_with("complete") || status == "Already exists" {
                            Status::Done
                        } else {
                            Status::Working
                        };
                        self.progress.say(sys, &id, &status, "", state);
                    }
                }
                Next::Wait(wait) => return Some(self.ticking(sys, vec![wait])),
                Next::End => {
                    self.pull = None;
                    self.progress.say(sys, &service, "Pulled", "", Status::Done);
                    return None;
                }
            }
        }
    }
    fn pull_failed(&mut self, sys: &mut Sys<'_>, service: &str, text: &str) -> Step {
        self.progress.say(sys, service, "Error", "", Status::Error);
        self.fail(sys, text, 18)
    }
    fn start_pull(&mut self, sys: &mut Sys<'_>, service: &str) -> Option<Step> {
        let image = self.project.image(service);
        let reference = match crate::docker::reference::Reference::parse(&image) {
            Ok(reference) => reference,
            Err(text) => return Some(self.fail(sys, &text, 1)),
        };
        self.progress.say(sys, service, "Pulling", "", Status::Working);
        match crate::docker::image::pull::request(sys, &self.engine, &reference, false, "") {
            Ok(messages) => {
                self.pull = Some((service.to_string(), messages, true));
                None
            }
            Err(failure) => Some(self.pull_failed(sys, service, &failure.text)),
        }
    }
    fn start_build(&mut self, sys: &mut Sys<'_>, service: &str) -> Option<Step> {
        let plan = super::builds::plan(sys, &self.project, service, &self.options.build);
        let context = match build::gather(sys, &plan) {
            Ok(context) => context,
            Err(text) => return Some(self.fail(sys, &text, 17)),
        };
        let secrets = super::builds::secrets(sys, &self.project, service);
        let request = build::request(&plan, &context, &secrets, true);
        let quiet = self.options.build.quiet || self.progress.quiet;
        let mode = if quiet {
            Mode::Quiet
        } else if sys.is_tty(drydock_container::fd::STDERR) && !self.progress.plain {
            Mode::Terminal
        } else {
            Mode::Plain
        };
        match self.engine.messages(sys, request) {
            Ok(messages) => {
                let follow = Follow::new(messages, mode, build::Finished::default(), sys).of_service(service);
                self.build = Some(Box::new(follow));
                None
            }
            Err(failure) => Some(self.fail(sys, &failure.text, 17)),
        }
    }
    /// A container that is waited for: done, or what to wait for, or why it will never be.
    fn awaited(
        &mut self,
        sys: &mut Sys<'_>,
        container: &str,
        service: &str,
        condition: &str,
    ) -> Result<bool, (String, i32)> {
        let id = format!("Container {container}");
        let inspected =
            self.engine.get(sys, format!("/containers/{container}/json")).map_err(|f| (f.text, 1))?;
        let state = inspected.get("State");
        let health = state["Health"]["Status"].text();
        let (status, exit) = (state["Status"].text(), state["ExitCode"].int());
        match condition {
            "service_completed_successfully" if status == "exited" && exit == 0 => {
                self.progress.event(sys, &id, "Exited", Status::Done);
                Ok(true)
            }
            "service_completed_successfully" if status == "exited" => {
                self.progress.event(sys, &id, "Error", Status::Error);
                Err((format!("service \"{service}\" didn't complete successfully: exit {exit}"), 1))
            }
            "service_healthy" | "wait" => {
                if health == "healthy"
                    || condition == "wait" && state["Health"].is_null() && status == "running"
                {
                    self.progress.event(sys, &id, "Healthy", Status::Done);
                    return Ok(true);
                }
                if health == "unhealthy" {
                    self.progress.event(sys, &id, "Error", Status::Error);
                    let prefix = if condition == "wait" { "" } else { "dependency failed to start: " };
                    return Err((format!("{prefix}container {container} is unhealthy"), 1));
                }
                if status == "exited" {
                    self.progress.event(sys, &id, "Error", Status::Error);
                    let prefix = if condition == "wait" { "" } else { "dependency failed to start: " };
                    return Err((format!("{prefix}container {container} exited ({exit})"), 1));
                }
                if state["Health"].is_null() {
                    self.progress.event(sys, &id, "Error", Status::Error);
                    return Err((
                        format!(
                            "dependency failed to start: container {container} has no healthcheck configured"
                        ),
                        1,
                    ));
                }
                Ok(false)
            }
            _ => Ok(condition != "service_completed_successfully"),
        }
    }
    fn attach(&mut self, sys: &mut Sys<'_>, services: &[String]) -> Result<(), Failure> {
        self.progress.finish(sys);
        let name = self.project.name.clone();
        let mut found = super::state::containers(sys, &self.engine, &name, false)?;
        found.retain(|f| services.contains(&f.service));
        let names: Vec<String> = found.iter().map(|f| f.short(&name)).collect();
        sys.print(&format!("Attaching to {}\n", names.join(", ")));
        let query = [("follow", "1".to_string()), ("since", self.options.began.to_string())];
        self.logs = Some(Logs::open(sys, &self.engine, &name, &found, self.options.view.clone(), &query));
        Ok(())
    }
    fn step_logs(&mut self, sys: &mut Sys<'_>) -> Step {
        let Some(mut logs) = self.logs.take() else { return Step::Exit(self.code) };
        if self.interrupts > 0 {
            logs.close(sys);
            sys.eprint("Gracefully stopping... (press Ctrl+C again to force)\n");
            self.code = 130;
            return self.stop_all(sys);
        }
        let waits = logs.poll(sys, &self.engine);
        let over = waits.is_empty();
        if self.options.abort_on_exit && !logs.ended.is_empty() {
            let from = &self.options.exit_code_from;
            let chosen = logs.ended.iter().find(|e| !from.is_empty() && e.0.starts_with(&format!("{from}-")));
            self.code = chosen.or(logs.ended.first()).map_or(0, |e| e.1 as i32);
            logs.close(sys);
            sys.eprint("Aborting on container exit...\n");
            return self.stop_all(sys);
        }
        if over {
            return Step::Exit(self.code);
        }
        self.logs = Some(logs);
        Step::Wait(waits)
    }
    fn stop_all(&mut self, sys: &mut Sys<'_>) -> Step {
        let name = self.project.name.clone();
        match super::state::containers(sys, &self.engine, &name, false) {
            Ok(found) => {
                let running: Vec<_> = found.into_iter().filter(|f| f.is_running()).collect();
                self.queue.extend(converge::stop(&self.project, &running, self.options.timeout));
                self.queue.push_back(Act::Exit(self.code));
                Step::Again
            }
            Err(failure) => self.fail(sys, &failure.text, 1),
        }
    }
    fn act(&mut self, sys: &mut Sys<'_>, act: Act) -> Option<Step> {
        match act {
            Act::Call(call) => self.begin(sys, vec![call]),
            Act::All(calls) => self.begin(sys, calls),
            Act::Event(id, text, state) => self.progress.event(sys, &id, text, state),
            Act::Pull(service, _) => return self.start_pull(sys, &service),
            Act::Build(service) => return self.start_build(sys, &service),
            Act::Print(text) => {
                self.progress.finish(sys);
                sys.print(&text);
            }
            Act::Converge => match converge::plan(sys, self) {
                Ok(acts) => {
                    for act in acts.into_iter().rev() {
                        self.queue.push_front(act);
                    }
                }
                Err(text) => return Some(self.fail(sys, &text, 1)),
            },
            Act::Await { container, service, condition } => {
                match self.awaited(sys, &container, &service, &condition) {
                    Ok(true) => {}
                    Ok(false) => {
                        let next = sys.machines.clock.now + 500;
                        self.queue.push_front(Act::Await { container, service, condition });
                        return Some(self.ticking(sys, vec![Wait::Until(next)]));
                    }
                    Err((text, code)) => return Some(self.fail(sys, &text, code)),
                }
            }
            Act::Attach(services) => {
                if let Err(failure) = self.attach(sys, &services) {
                    return Some(self.fail(sys, &failure.text, 1));
                }
            }
            Act::Exit(code) => {
                self.progress.finish(sys);
                return Some(Step::Exit(code));
            }
        }
        None
    }
    fn advance(&mut self, sys: &mut Sys<'_>) -> Step {
        loop {
            if !self.active.is_empty() {
                match self.poll_active(sys) {
                    Ok(waits) if waits.is_empty() => {}
                    Ok(waits) => return self.ticking(sys, waits),
                    Err(failure) => return self.fail(sys, &failure.text, 1),
                }
            }
            if self.pull.is_some()
                && let Some(step) = self.poll_pull(sys)
            {
                return step;
            }
            if let Some(follow) = &mut self.build {
                match follow.poll(sys) {
                    build::Progress::Wait(waits) => return Step::Wait(waits),
                    build::Progress::Built(_) => self.build = None,
                    build::Progress::Failed(text) => return self.fail(sys, &text, 17),
                }
            }
            if self.logs.is_some() {
                let step = self.step_logs(sys);
                if step != Step::Again {
                    return step;
                }
                continue;
            }
            if self.interrupts > 0 && self.code != 130 {
                self.progress.finish(sys);
                sys.eprint("canceled\n");
                return Step::Exit(130);
            }
            let Some(act) = self.queue.pop_front() else {
                self.progress.finish(sys);
                return Step::Exit(self.code);
            };
            if let Some(step) = self.act(sys, act) {
                return step;
            }
        }
    }
}

impl Behave for Work {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        self.advance(sys)
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        if matches!(signal, Signal::Int | Signal::Term) && self.interrupts == 0 {
            self.interrupts += 1;
            return Handled::Caught;
        }
        Handled::Default
    }
}

/// A POST without a body.
#[must_use]
pub fn post(path: String) -> Request {
    crate::docker::api::post(path, Value::Null)
}
