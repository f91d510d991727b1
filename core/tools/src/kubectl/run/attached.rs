//! `kubectl run -i`, `-it`, `--attach`: waits until the pod runs, attaches, takes the container's exit
//! code for its own and, with `--rm`, deletes the pod.

use crate::cli::{Flow, Invocation, Outcome};
use crate::kubectl::attach::HINT;
use crate::kubectl::client::{Client, JSON, content};
use crate::kubectl::session::{self, Progress, Session, Wanted};
use crate::kubectl::watching::{Event, Next, Watching};
use crate::kubectl::{Failure, podpick};
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Signal, Step, Sys, Wait};
use drydock_machinery::{Value, quote, value};
use drydock_network::http::{Method, Request};

/// Goes on with the pod that was created.
pub fn start(invocation: &mut Invocation<'_, '_>, client: Client, pod: &Value) -> Outcome {
    let metadata = &pod["metadata"];
    let path = format!("/api/v1/namespaces/{}/pods", metadata["namespace"].text());
    let timeout = u64::try_from(invocation.duration("pod-running-timeout")).unwrap_or(60_000);
    let quiet = invocation.bool("quiet");
    let stdin = invocation.bool("stdin");
    Ok(Flow::Continue(Box::new(Attached {
        watching: Watching::at(&client, &path, metadata["name"].text()),
        client,
        pod: pod.clone(),
        stage: Stage::Starting,
        timeout,
        deadline: invocation.sys.now() + timeout,
        restart: invocation.str("restart").into(),
        remove: invocation.bool("rm"),
        stdin,
        tty: invocation.bool("tty"),
        leave_open: invocation.bool("leave-stdin-open"),
        quiet,
        result: (0, String::new()),
    })))
}

#[derive(Clone, Hash)]
enum Stage {
    /// Until the pod runs or is over.
    Starting,
    Attached(Session),
    /// Until its phase tells the exit code.
    Ending,
    Cleaning,
}

#[derive(Clone, Hash)]
struct Attached {
    client: Client,
    watching: Watching,
    pod: Value,
    stage: Stage,
    timeout: u64,
    deadline: u64,
    restart: String,
    remove: bool,
    stdin: bool,
    tty: bool,
    leave_open: bool,
    quiet: bool,
    /// Exit code, and what to say on stderr at the very end.
    result: (i32, String),
}

/// What a stage came to.
enum Turn {
    Go(Stage),
    Wait(Vec<Wait>),
}

impl Attached {
    fn name(&self) -> &str {
        self.pod["metadata"]["name"].text()
    }
    /// Watches until `ready` says yes.
    fn until(&mut self, sys: &mut Sys<'_>, ready: fn(&Value) -> bool) -> Result<Option<Vec<Wait>>, Failure> {
        loop {
            match self.watching.next(sys)? {
                Next::Event(Event::Seen(pod)) => {
                    let done = ready(&pod);
                    self.pod = pod;
                    if done {
                        self.watching.close(sys);
                        return Ok(None);
                    }
                }
                Next::Event(Event::Deleted(_)) => {
                    let name = quote::go(self.name());
                    return Err(Failure::Message(format!("pods {name} not found")));
                }
                Next::Event(Event::Absent) => {}
                Next::Wait(on) => {
                    if sys.now() >= self.deadline {
                        self.watching.close(sys);
                        return Err("timed out waiting for the condition".into());
                    }
                    return Ok(Some(vec![on, Wait::Until(self.deadline)]));
                }
            }
        }
    }
    fn starting(&mut self, sys: &mut Sys<'_>) -> Result<Turn, Failure> {
        if let Some(waits) = self.until(sys, started)? {
            return Ok(Turn::Wait(waits));
        }
        let container = self.pod["spec"]["containers"][0]["name"].text().to_string();
        if is_over(&self.pod) {
            // Too late to attach: what it printed is in its log.
            let request = Request::get(podpick::pod_path(&self.pod, "log"))
                .header("Accept", content::JSON)
                .query("container", container.as_str());
            let log = self.client.send(sys, request)?;
            sys.write(drydock_container::fd::STDOUT, &log.body.bytes());
            return Ok(Turn::Go(self.ending(sys)));
        }
        let mut tty = session::terminal(sys, self.stdin, self.tty, self.quiet);
        if !tty && self.tty {
            tty = true;
        }
        if self.stdin && !self.quiet {
            sys.eprint(HINT);
        }
        let wanted = Wanted { subresource: "attach", command: Vec::new(), container, stdin: self.stdin, tty };
        Ok(Turn::Go(Stage::Attached(Session::open(sys, &self.client, &self.pod, &wanted)?)))
    }
    /// After the session: waits for the exit code where one is to come.
    fn ending(&mut self, sys: &mut Sys<'_>) -> Stage {
        if self.leave_open || !["Never", "OnFailure"].contains(&self.restart.as_str()) {
            if !self.quiet && !self.remove {
                let (name, container) = (self.name(), self.pod["spec"]["containers"][0]["name"].text());
                let flags = if self.tty { "-i -t" } else { "-i" };
                let line = format!(
                    "Session ended, resume using 'kubectl attach {name} -c {container} {flags}' command when the pod is running\n"
                );
                if self.stdin {
                    sys.print(&line);
                }
            }
            return Stage::Cleaning;
        }
        let path = format!("/api/v1/namespaces/{}/pods", self.pod["metadata"]["namespace"].text());
        self.watching = Watching::at(&self.client, &path, self.name());
        self.deadline = sys.now() + self.timeout;
        Stage::Ending
    }
    fn take_exit_code(&mut self) {
        if self.pod["status"]["phase"] == "Succeeded" {
            return;
        }
        let metadata = &self.pod["metadata"];
        let (namespace, name) = (metadata["namespace"].text(), metadata["name"].text());
        let ended = &self.pod["status"]["containerStatuses"][0]["state"]["terminated"];
        self.result = match ended["exitCode"].int() {
            0 => (1, format!("error: pod {namespace}/{name} failed with unknown exit code\n")),
            code => {
                let (reason, message) = (ended["reason"].text(), ended["message"].text());
                let code = i32::try_from(code).unwrap_or(1);
                (code, format!("pod {namespace}/{name} terminated ({reason})\n{message}"))
            }
        };
    }
    fn clean(&mut self, sys: &mut Sys<'_>) -> Result<(), Failure> {
        if !self.remove {
            return Ok(());
        }
        let path = podpick::pod_path(&self.pod, "");
        let path = path.trim_end_matches('/');
        self.client.get(sys, path, JSON)?;
        let body = value!({"propagationPolicy": "Background"});
        self.client.call(sys, Client::write(Method::Delete, path, content::JSON, body))?;
        sys.print(&format!("pod {} deleted\n", quote::go(self.name())));
        Ok(())
    }
    fn turn(&mut self, sys: &mut Sys<'_>) -> Result<Turn, Failure> {
        match std::mem::replace(&mut self.stage, Stage::Cleaning) {
            Stage::Starting => self.starting(sys),
            Stage::Attached(mut session) => match session.poll(sys)? {
                Progress::Wait(on) => {
                    self.stage = Stage::Attached(session);
                    Ok(Turn::Wait(on))
                }
                Progress::Done(_) => Ok(Turn::Go(self.ending(sys))),
            },
            Stage::Ending => {
                let ready = if self.restart == "OnFailure" { has_succeeded } else { is_over };
                match self.until(sys, ready)? {
                    Some(waits) => Ok(Turn::Wait(waits)),
                    None => {
                        self.take_exit_code();
                        Ok(Turn::Go(Stage::Cleaning))
                    }
                }
            }
            Stage::Cleaning => Ok(Turn::Go(Stage::Cleaning)),
        }
    }
}

fn started(pod: &Value) -> bool {
    let running = pod["status"]["phase"] == "Running"
        && pod["status"]["conditions"].items().iter().any(|c| c["type"] == "Ready" && c["status"] == "True");
    running || is_over(pod)
}

fn is_over(pod: &Value) -> bool {
    ["Succeeded", "Failed"].contains(&pod["status"]["phase"].text())
}

fn has_succeeded(pod: &Value) -> bool {
    pod["status"]["phase"] == "Succeeded"
}

impl Behave for Attached {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let starting = matches!(self.stage, Stage::Starting);
        let ending = matches!(self.stage, Stage::Ending);
        if matches!(self.stage, Stage::Cleaning) {
            if let Err(failure) = self.clean(sys) {
                sys.eprint(&format!("{}\n", failure.describe()));
            }
            sys.eprint(&self.result.1);
            return Step::Exit(self.result.0);
        }
        match self.turn(sys) {
            Ok(Turn::Go(stage)) => {
                self.stage = stage;
                Step::Again
            }
            Ok(Turn::Wait(waits)) => {
                if starting {
                    self.stage = Stage::Starting;
                } else if ending {
                    self.stage = Stage::Ending;
                }
                Step::Wait(waits)
            }
            Err(failure) => {
                self.result = (1, failure.describe() + "\n");
                self.stage = Stage::Cleaning;
                Step::Again
            }
        }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        match &mut self.stage {
            Stage::Attached(session) => session.signal(signal),
            _ => Handled::Default,
        }
    }
}
