//! Small images of the course: a crashing one, a slow one, the pod's pause container, hello-world.

use crate::images::serve::{App, Reply, Visit, start};
use crate::images::web;
use crate::images::{Catalogued, Draft, base, linux};
use crate::machine::{Behave, Handled, Machine, Once, Step};
use crate::program::{Program, Programs};
use crate::signal::Signal;
use crate::sys::Sys;
use crate::wait::Wait;

/// A scratch image with one program and nothing else.
pub(super) fn scratch(
    programs: Programs,
    family: &'static str,
    version: &str,
    path: &str,
    program: &str,
    size: u64,
) -> Draft {
    let created = 1_700_000_000;
    let mut root = base::Root::new(programs, created);
    root.program(path, program, size);
    root.dir("/tmp", 0o1777);
    Draft {
        family,
        version: version.into(),
        base: family,
        base_size: size,
        layers: 2,
        size,
        env: linux::path(),
        cwd: "/",
        created,
        root: root.fs,
        ..Draft::default()
    }
}

pub const PAUSE: Catalogued = Catalogued {
    names: &["registry.k8s.io/pause", "k8s.gcr.io/pause"],
    tags: &["3.1", "3.2", "3.5", "3.6", "3.7", "3.8", "3.9", "3.10", "latest"],
    make: |_, tag, programs| Draft {
        entrypoint: &["/pause"],
        user: "65535:65535",
        layers: 1,
        ..scratch(programs, "pause", tag, "/pause", "pause", 736_000)
    },
};
pub const HELLO_WORLD: Catalogued = Catalogued {
    names: &["docker.io/library/hello-world"],
    tags: &["latest", "linux"],
    make: |_, _, programs| Draft {
        cmd: &["/hello"],
        layers: 1,
        ..scratch(programs, "hello-world", "1", "/hello", "hello-world", 10_072)
    },
};
pub const CRASH: Catalogued = Catalogued {
    names: &["docker.io/drydock/crash"],
    tags: &["latest", "1.0"],
    make: |_, tag, programs| Draft {
        entrypoint: &["/app"],
        ..scratch(programs, "drydock-crash", tag, "/app", "crash", 8_400_000)
    },
};
pub const SLOW_START: Catalogued = Catalogued {
    names: &["docker.io/drydock/slow-start"],
    tags: &["latest", "1.0"],
    make: |_, tag, programs| Draft {
        entrypoint: &["/app"],
        exposed: &["8080/tcp"],
        ..scratch(programs, "drydock-slow-start", tag, "/app", "slow-start", 9_100_000)
    },
};
pub const PROGRAMS: &[Program] = &[
    Program { name: "pause", about: "holds a pod's namespaces", start: |_| Box::new(Pause(false)) },
    Program { name: "hello-world", about: "greets and ends", start: |_| Box::new(Once(hello)) },
    Program {
        name: "crash",
        about: "fails after two seconds",
        start: |sys| Box::new(Crash(sys.now() + 2_000)),
    },
    Program { name: "slow-start", about: "is not ready for its first 20 seconds", start: slow_start },
];

/// Waits; ends with 0 on SIGINT and SIGTERM.
#[derive(Clone, Hash)]
pub(super) struct Pause(pub(super) bool);
impl Behave for Pause {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if self.0 {
            sys.eprint("Shutting down, got signal: Terminated\n");
            return Step::Exit(0);
        }
        Step::wait(Wait::Signal)
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        self.0 |= matches!(signal, Signal::Term | Signal::Int);
        if self.0 { Handled::Caught } else { Handled::Default }
    }
}

fn hello(sys: &mut Sys<'_>) -> i32 {
    sys.print(
        "\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n\n\
         To generate this message, Docker took the following steps:\n\
         \x201. The Docker client contacted the Docker daemon.\n\
         \x202. The Docker daemon pulled the \"hello-world\" image from the Docker Hub.\n    (amd64)\n\
         \x203. The Docker daemon created a new container from that image which runs the\n    \
         executable that produces the output you are currently reading.\n\
         \x204. The Docker daemon streamed that output to the Docker client, which sent it\n    to your terminal.\n\n\
         To try something more ambitious, you can run an Ubuntu container with:\n $ docker run -it ubuntu bash\n\n\
         Share images, automate workflows, and more with a free Docker ID:\n https://hub.docker.com/\n\n\
         For more examples and ideas, visit:\n https://docs.docker.com/get-started/\n\n",
    );
    0
}

/// Says what it lacks and fails at the moment given.
#[derive(Clone, Hash)]
struct Crash(u64);
impl Behave for Crash {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if sys.now() < self.0 {
            return Step::wait(Wait::Until(self.0));
        }
        sys.print("starting up\n");
        sys.eprint("fatal: cannot read /etc/app/config.yaml: no such file or directory\n");
        Step::Exit(1)
    }
}

static SLOW: App<u64> = App { name: "slow-start", handle: slow, on_term: Some(0) };
fn slow_start(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let ready = sys.now() + 20_000;
    sys.print("warming up caches, this takes 20 seconds\n");
    start(sys, &SLOW, 8080, ready, "listen tcp :8080: bind: address already in use\n")
}
fn slow(ready: &mut u64, sys: &mut Sys<'_>, visit: &Visit<'_>) -> Reply {
    let (now, unix) = (sys.now(), sys.unix());
    let is_ready = now >= *ready;
    let (status, text) = match &*visit.request.path {
        "/ready" | "/readyz" if is_ready => (200, "ready\n".to_string()),
        "/healthz" | "/livez" | "/health" => (200, "ok\n".to_string()),
        _ if !is_ready => (503, format!("warming up, {} s left\n", (*ready - now).div_ceil(1000))),
        "/" => (200, format!("Hello from {}\n", sys.hostname())),
        _ => (404, "404 page not found\n".to_string()),
    };
    Reply::Now(web::text(visit.request, unix, status, &text))
}
