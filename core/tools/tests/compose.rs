//! docker compose on a laptop with an engine: a project from its file to nothing left of it.

// A test may fail by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::disallowed_methods, dead_code)]

#[path = "docker_support/mod.rs"]
mod docker_support;

use docker_support::{Case, Run, world::World};

struct Project(World);

impl Project {
    /// A world with these files in `~/app`, which is the working folder.
    fn new(files: &[(&str, &str)]) -> Project {
        let mut project = Project(World::new());
        project.sh("docker pull -q busybox");
        for (name, text) in files {
            project.sh(&format!("mkdir -p $(dirname ~/app/{name}); cat > ~/app/{name} <<'END'\n{text}\nEND"));
        }
        project
    }
    fn sh(&mut self, script: &str) -> Run {
        let script = format!("cd ~/app 2>/dev/null; {script}");
        let argv = ["bash", "-c", &script].map(String::from).to_vec();
        let got = self.0.run(&Case { argv, ..Case::default() });
        if std::env::var("VERBOSE").is_ok() {
            println!("$ {script}\nrc {}\n{}---\n{}", got.rc, got.stdout, got.stderr);
        }
        got
    }
    fn lines(&mut self, script: &str) -> Vec<String> {
        self.sh(script).stderr.lines().map(str::to_string).collect()
    }
}

const TWO: &str = "services:
  web:
    image: busybox
    command: sh -c 'echo web up; sleep 1000'
    environment: ['MODE=${MODE:-dev}']
    depends_on: [db]
    ports: ['8080:80']
  db:
    image: busybox
    command: sleep 1000
    volumes: ['data:/data']
volumes:
  data:
";

#[test]
fn up_and_down() {
    let mut p = Project::new(&[("compose.yaml", TWO)]);
    let up = p.lines("docker compose up -d -t 1");
    assert_eq!(
        up,
        [
            " Network app_default  Creating",
            " Network app_default  Created",
            " Volume \"app_data\"  Creating",
            " Volume \"app_data\"  Created",
            " Container app-db-1  Creating",
            " Container app-db-1  Created",
            " Container app-web-1  Creating",
            " Container app-web-1  Created",
            " Container app-db-1  Starting",
            " Container app-db-1  Started",
            " Container app-web-1  Starting",
            " Container app-web-1  Started",
        ]
    );
    assert_eq!(
        p.lines("docker compose up -d"),
        [" Container app-db-1  Running", " Container app-web-1  Running"]
    );
    let ps = p.sh("docker compose ps").stdout;
    assert!(ps.starts_with("NAME        IMAGE     COMMAND"), "{ps}");
    assert!(ps.contains("app-web-1   busybox   \"sh -c 'echo web up;…\"   web"), "{ps}");
    assert_eq!(p.sh("docker compose exec web sh -c 'echo $MODE'").stdout, "dev\n");
    assert_eq!(p.sh("docker compose logs web").stdout, "web-1  | web up\n");
    assert_eq!(p.sh("docker compose port web 80").stdout, "0.0.0.0:8080\n");
    let changed = p.lines("MODE=prod docker compose up -d -t 0");
    assert!(changed.contains(&" Container app-web-1  Recreated".to_string()), "{changed:?}");
    assert_eq!(p.sh("docker compose exec -T web sh -c 'echo $MODE'").stdout, "prod\n");
    assert_eq!(
        p.sh("docker compose ls").stdout,
        "NAME                STATUS              CONFIG FILES\napp                 running(2)          /home/learner/app/compose.yaml\n"
    );
    let down = p.lines("docker compose down -v -t 0");
    assert_eq!(
        down,
        [
            " Container app-web-1  Stopping",
            " Container app-web-1  Stopped",
            " Container app-web-1  Removing",
            " Container app-web-1  Removed",
            " Container app-db-1  Stopping",
            " Container app-db-1  Stopped",
            " Container app-db-1  Removing",
            " Container app-db-1  Removed",
            " Volume app_data  Removing",
            " Volume app_data  Removed",
            " Network app_default  Removing",
            " Network app_default  Removed",
        ]
    );
    assert_eq!(p.sh("docker ps -aq; docker volume ls -q; docker network ls -q --filter name=app").stdout, "");
    assert_eq!(p.lines("docker compose down"), ["Warning: No resource found to remove for project \"app\"."]);
}

#[test]
fn models_that_make_no_sense() {
    for (text, rc, expected) in [
        (
            "services: {web: {imagee: x}}",
            15,
            "validating /home/learner/app/compose.yaml: services.web Additional property imagee is not allowed",
        ),
        (
            "services: {web: {}}",
            15,
            "service \"web\" has neither an image nor a build context specified: invalid compose project",
        ),
        (
            "services: {a: {image: x, depends_on: [b]}}",
            15,
            "service \"a\" depends on undefined service \"b\": invalid compose project",
        ),
        (
            "services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}",
            15,
            "dependency cycle detected: a -> b -> a",
        ),
        (
            "services: {a: {image: x, networks: [n]}}",
            15,
            "service \"a\" refers to undefined network n: invalid compose project",
        ),
        (
            "services: {a: {image: x, volumes: ['v:/v']}}",
            15,
            "service \"a\" refers to undefined volume v: invalid compose project",
        ),
        (
            "services: {a: {image: '${A:?set A}'}}",
            15,
            "error while interpolating services.a.image: required variable A is missing a value: set A",
        ),
    ] {
        let mut p = Project::new(&[("compose.yaml", text)]);
        let got = p.sh("docker compose config");
        assert_eq!((got.rc, got.stderr.trim_end()), (rc, expected));
    }
    let mut p = Project::new(&[("x", "")]);
    let got = p.sh("docker compose up");
    assert_eq!((got.rc, got.stderr.as_str()), (14, "no configuration file provided: not found\n"));
    assert_eq!(p.sh("docker compose nope").rc, 16);
    assert_eq!(p.sh("docker-compose up --nope").stderr, "unknown flag: --nope\n");
}

#[test]
fn builds_health_scale_and_runs() {
    let compose = "services:
  db:
    image: busybox
    command: sh -c 'sleep 3; touch /ok; sleep 1000'
    healthcheck: {test: ['CMD', 'test', '-f', '/ok'], interval: 1s, retries: 20}
  web:
    build: .
    depends_on: {db: {condition: service_healthy}}
  once:
    image: busybox
    profiles: [tools]
    command: sh -c 'echo once $$WHO'
    environment: {WHO: me}
";
    let mut p = Project::new(&[
        ("compose.yaml", compose),
        ("Dockerfile", "FROM busybox\nRUN echo built > /b\nCMD [\"sleep\",\"1000\"]"),
    ]);
    let up = p.lines("docker compose up -d");
    assert!(up.contains(&"#1 [web internal] load build definition from Dockerfile".to_string()), "{up:?}");
    let at = |text: &str| up.iter().position(|l| l == text).unwrap_or_else(|| panic!("{text}: {up:?}"));
    assert!(at(" Container app-db-1  Waiting") < at(" Container app-db-1  Healthy"));
    assert!(at(" Container app-db-1  Healthy") < at(" Container app-web-1  Starting"));
    assert_eq!(p.sh("docker compose exec web cat /b").stdout, "built\n");
    p.sh("docker compose up -d --scale web=3");
    assert_eq!(p.sh("docker compose ps -q web | wc -l").stdout.trim(), "3");
    let run = p.sh("docker compose run --rm once");
    assert_eq!((run.rc, run.stdout.as_str()), (0, "once me\n"), "{}", run.stderr);
    assert_eq!(p.sh("docker compose run --rm once sh -c 'exit 7'").rc, 7);
    assert_eq!(p.sh("docker compose ps -aq once").stdout, "");
    assert_eq!(p.sh("docker compose stop -t 0 && docker compose ps -q").stdout, "");
    assert_eq!(p.sh("docker compose down --rmi local -t 0; docker images -q app-web").stdout, "");
}

#[test]
fn attached_until_all_have_ended() {
    let compose = "services:\n  a: {image: busybox, command: echo from a}\n  long: {image: busybox, command: sh -c 'sleep 2; echo late; exit 3'}\n";
    let mut p = Project::new(&[("compose.yaml", compose)]);
    let got = p.sh("docker compose up");
    assert_eq!(
        got.stdout,
        "Attaching to a-1, long-1\na-1     | from a\na-1 exited with code 0\nlong-1  | late\nlong-1 exited with code 3\n",
        "{}",
        got.stderr
    );
}
