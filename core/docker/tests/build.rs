//! Builds through the Engine API, from a tar to an image: both builders.
// A test may fail by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use drydock_container::images::reference::Reference;
use drydock_container::machines::Frame;
use drydock_container::program::Programs;
use drydock_container::space::SpaceKind;
use drydock_container::tar::{Entry, pack};
use drydock_container::{Machines, images, shell, utilities};
use drydock_docker::Docker;
use drydock_machinery::{Clock, Value};
use drydock_network::address::Ip;
use drydock_network::http::{Body, Method, Request};

const PROGRAMS: Programs = Programs(&[utilities::PROGRAMS, shell::PROGRAMS, images::PROGRAMS]);

struct World {
    machines: Machines,
    docker: Docker,
}

fn world() -> World {
    let mut machines = Machines::new(Clock::new(1, 1_700_000_000), PROGRAMS);
    let host = machines.add_host("dock", Ip::new(10, 0, 0, 2), SpaceKind::Laptop);
    let mut docker = Docker::boot(&mut machines, host);
    let (_, image) = machines.find_image("busybox").unwrap();
    let id = docker.images.add(image, "");
    docker.images.tag(&Reference::parse("busybox").unwrap(), &id, 0);
    World { machines, docker }
}

impl World {
    /// Sends files as a context; gives every message of the answer.
    fn build(&mut self, query: &[(&str, &str)], files: &[(&str, &str)]) -> Vec<Value> {
        let buildkit = query.contains(&("version", "2"));
        let mut entries = Vec::new();
        for (path, text) in files {
            let mut add = |path: String| {
                entries.push(Entry::file(&path, text.as_bytes(), 0o644, 5));
            };
            if buildkit {
                if matches!(*path, "Dockerfile" | ".dockerignore") {
                    add(format!("dockerfile/{path}"));
                }
                add(format!("context/{path}"));
            } else {
                add((*path).to_string());
            }
        }
        let mut request = Request::new(Method::Post, "/v1.45/build").body(Body::Bytes(pack(&entries).into()));
        for (name, value) in query {
            request = request.query(name, *value);
        }
        let answer = self.docker.handle(&mut self.machines, &request);
        let Body::Stream(stream) = answer.body else {
            return vec![answer.body.json().unwrap()];
        };
        let mut out = Vec::new();
        loop {
            match self.docker.read_stream(&mut self.machines, stream) {
                Frame::Json(message) => out.push(message),
                Frame::End => return out,
                _ => {
                    let task = self.machines.clock.next(u64::MAX).expect("the build waits for nothing");
                    let (machines, docker) = (&mut self.machines, &mut self.docker);
                    if !machines.handle(&mut drydock_container::machines::Nowhere, task) {
                        docker.run_task(machines, task);
                    }
                    docker.take_notices(machines);
                }
            }
        }
    }
    fn classic(&mut self, files: &[(&str, &str)]) -> String {
        self.build(&[("t", "app:1")], files)
            .iter()
            .map(|m| format!("{}{}", m["stream"].text(), m["error"].text()))
            .collect()
    }
    /// Names of vertexes, with what came of them.
    fn buildkit(&mut self, query: &[(&str, &str)], files: &[(&str, &str)]) -> Vec<String> {
        let mut query = query.to_vec();
        query.push(("version", "2"));
        let mut names: Vec<String> = Vec::new();
        for message in self.build(&query, files) {
            let aux = message.get("aux");
            let at = aux["vertex"].int() as usize;
            if aux.find("name").is_some() {
                names.push(aux["name"].text().to_string());
            } else if let Some(name) = at.checked_sub(1).and_then(|n| names.get_mut(n)) {
                if aux["cached"].bool() {
                    name.push_str(" CACHED");
                }
                if let Some(error) = aux.find("error") {
                    name.push_str(&format!(" ERROR {}", error.text()));
                }
                if let Some(log) = aux.find("log") {
                    name.push_str(&format!(" | {}", log.text().trim()));
                }
            }
            if let Some(error) = message.find("error") {
                names.push(format!("failed: {}", error.text()));
            }
        }
        names
    }
}

const FILE: &str = "FROM busybox\nWORKDIR /app\nCOPY a.txt .\nRUN echo building && cat a.txt > b.txt\nENV MODE=prod\nCMD [\"cat\",\"b.txt\"]\n";

#[test]
fn classic_steps_are_cached_by_parent_and_content() {
    let mut w = world();
    let first = w.classic(&[("Dockerfile", FILE), ("a.txt", "A")]);
    assert!(
        first.contains("Step 4/6 : RUN echo building && cat a.txt > b.txt\n ---> Running in "),
        "{first}"
    );
    assert!(first.contains("building\n ---> Removed intermediate container "), "{first}");
    assert!(first.ends_with("Successfully tagged app:1\n"), "{first}");
    let again = w.classic(&[("Dockerfile", FILE), ("a.txt", "A")]);
    assert_eq!(again.matches("Using cache").count(), 5, "{again}");
    let changed = w.classic(&[("Dockerfile", FILE), ("a.txt", "B")]);
    assert_eq!(changed.matches("Using cache").count(), 1, "{changed}");
}

#[test]
fn classic_failures_say_what_the_engine_says() {
    let mut w = world();
    let of = |w: &mut World, text: &str| w.classic(&[("Dockerfile", text)]);
    assert!(
        of(&mut w, "FROM busybox\nRUN exit 3\n")
            .ends_with("The command '/bin/sh -c exit 3' returned a non-zero code: 3")
    );
    assert!(
        of(&mut w, "FROM busybox\nCOPY ../x /x\n")
            .ends_with("COPY failed: forbidden path outside the build context: ../x ()")
    );
    assert!(
        of(&mut w, "FROM busybox\nCOPY x /x\n")
            .ends_with("excluded by .dockerignore: stat x: file does not exist")
    );
    assert!(
        of(&mut w, "FROM busybox\nRUN nosuch\n").contains("\u{1b}[91m/bin/sh: nosuch: not found\n\u{1b}[0m")
    );
}

#[test]
fn buildkit_vertexes_cache_and_stages() {
    let mut w = world();
    let files = [("Dockerfile", FILE), ("a.txt", "A")];
    let first = w.buildkit(&[("t", "app:1")], &files);
    assert_eq!(
        first,
        [
            "[internal] load build definition from Dockerfile",
            "[internal] load metadata for docker.io/library/busybox:latest",
            "[internal] load .dockerignore",
            "[1/4] FROM docker.io/library/busybox:latest",
            "[internal] load build context",
            "[2/4] WORKDIR /app",
            "[3/4] COPY a.txt .",
            "[4/4] RUN echo building && cat a.txt > b.txt | building",
            "exporting to image",
        ]
    );
    let again = w.buildkit(&[], &files);
    assert_eq!(again.iter().filter(|n| n.ends_with("CACHED")).count(), 3, "{again:?}");
    let fresh = w.buildkit(&[("nocache", "1")], &files);
    assert_eq!(fresh.iter().filter(|n| n.ends_with("CACHED")).count(), 1, "{fresh:?}");
    let changed = w.buildkit(&[], &[("Dockerfile", FILE), ("a.txt", "B")]);
    assert_eq!(changed.iter().filter(|n| n.ends_with("CACHED")).count(), 1, "{changed:?}");
    let stages = w.buildkit(
        &[("t", "ms")],
        &[("Dockerfile", "FROM busybox AS b\nRUN mkdir /out && echo x > /out/bin\nFROM busybox AS unused\nRUN false\nFROM busybox\nCOPY --from=b /out/bin /bin/app\nENTRYPOINT [\"cat\"]\n")],
    );
    assert_eq!(
        stages.get(3..).unwrap(),
        [
            "[b 1/2] FROM docker.io/library/busybox:latest CACHED",
            "[b 2/2] RUN mkdir /out && echo x > /out/bin",
            "[stage-2 2/2] COPY --from=b /out/bin /bin/app",
            "exporting to image",
        ]
    );
    let id = w.docker.images.find("ms").unwrap();
    assert_eq!(id.image.entrypoint.iter().map(|t| &**t).collect::<Vec<_>>(), ["cat"]);
    assert!(id.image.root.get("/bin/app").is_some());
}

#[test]
fn buildkit_failures() {
    let mut w = world();
    let last = |w: &mut World, text: &str| w.buildkit(&[], &[("Dockerfile", text)]).pop().unwrap();
    for (text, expected) in [
        (
            "FROM busybox\nRUN exit 3\n",
            "failed: process \"/bin/sh -c exit 3\" did not complete successfully: exit code: 3",
        ),
        ("FROM busybox\nEXPOSE abc\n", "failed: Invalid containerPort: abc"),
        (
            "FROM Busybox\n",
            "failed: failed to parse stage name \"Busybox\": invalid reference format: repository name (library/Busybox) must be lowercase",
        ),
        (
            "FROM busybox\nUSER nosuch\nRUN id\n",
            "failed: process \"/bin/sh -c id\" did not complete successfully: unable to find user nosuch: no matching entries in passwd file",
        ),
        (
            "FROM busybox:nosuchtag\n",
            "failed: busybox:nosuchtag: failed to resolve source metadata for docker.io/library/busybox:nosuchtag: docker.io/library/busybox:nosuchtag: not found",
        ),
    ] {
        assert_eq!(last(&mut w, text), expected);
    }
    assert!(last(&mut w, "FROM busybox\nCOPY x /x\n").ends_with(": \"/x\": not found"));
}

#[test]
fn heredocs_arguments_mounts_and_history() {
    let mut w = world();
    let file = "ARG BASE=busybox\nFROM $BASE\nARG V=1\nENV VV=${V:-9}\nRUN echo v=$V vv=$VV\nRUN <<EOF\necho one\necho two\nEOF\nCOPY <<EOF /f\nhello $V\nEOF\nRUN cat /f\nRUN --mount=type=cache,target=/c echo x >> /c/n; cat /c/n\n";
    let shown = w.buildkit(&[("buildargs", "{\"V\":\"2\"}"), ("t", "args")], &[("Dockerfile", file)]);
    assert!(shown.contains(&"[stage-0 2/6] RUN echo v=2 vv=2 | v=2 vv=2".to_string()), "{shown:?}");
    assert!(shown.contains(&"[stage-0 3/6] RUN <<EOF (echo one...) | one | two".to_string()), "{shown:?}");
    assert!(shown.contains(&"[stage-0 5/6] RUN cat /f | hello 2".to_string()), "{shown:?}");
    let image = w.docker.images.find("args").unwrap().image.clone();
    let history: Vec<&str> = image.extras.history.iter().rev().take(3).map(|h| &*h.created_by).collect();
    assert_eq!(history[1], "RUN |1 V=2 /bin/sh -c cat /f # buildkit");
    assert!(image.root.get("/c").is_none(), "a mount point stays out of the layer");
}

#[test]
fn what_a_step_writes_to_a_volume_stays_only_with_buildkit() {
    let mut w = world();
    let file = "FROM busybox\nRUN mkdir /d && echo old > /d/o\nVOLUME /d\nRUN cat /d/o && echo x > /d/f && echo y > /kept\n";
    let classic = w.classic(&[("Dockerfile", file)]);
    assert!(classic.contains("\nold\n"), "{classic}");
    let root = w.docker.images.find("app:1").unwrap().image.root.clone();
    assert!(root.get("/d/f").is_none() && root.get("/d/o").is_some() && root.get("/kept").is_some());
    w.buildkit(&[("t", "app:1")], &[("Dockerfile", file)]);
    assert!(w.docker.images.find("app:1").unwrap().image.root.get("/d/f").is_some());
}
