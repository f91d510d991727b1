//! Figures of the container engine: a pull, fifty containers, copies of a world that has them, a build
//! of ten steps, and the shell inside a container.

use super::bench::Figure;
use drydock_container::machines::Frame;
use drydock_machinery::value;
use drydock_network::http::{Body, Method, Request};
use drydock_sandbox::{Config, Input, World};
use std::time::Instant;

/// Asks the engine and lets time pass until the whole answer is there.
fn ask(world: &mut World, request: &Request) -> u16 {
    let response = world.request_docker(request);
    if let Body::Stream(stream) = response.body {
        for _ in 0..100_000 {
            match world.read_stream(stream) {
                Frame::End => break,
                Frame::Pending => _ = world.run_for(10, usize::MAX),
                Frame::Json(_) | Frame::Bytes { .. } => {}
            }
        }
    }
    response.status
}

/// Types a command into the first terminal and waits for its end.
fn typed(world: &mut World, line: &str) {
    world.apply(&Input::Line { tty: 0, text: line.into() });
    for _ in 0..100_000 {
        if !world.is_busy(0) {
            return;
        }
        world.run_for(10, usize::MAX);
    }
}

pub fn figures() -> Vec<Figure> {
    let mut world = World::new(&Config { cluster: false, ..Config::default() });
    let ms = |begin: Instant| begin.elapsed().as_secs_f64() * 1000.0;
    let begin = Instant::now();
    let pull =
        Request::new(Method::Post, "/images/create").query("fromImage", "nginx").query("tag", "latest");
    ask(&mut world, &pull);
    let pulled = ms(begin);
    let begin = Instant::now();
    for n in 0..50 {
        let create = Request::new(Method::Post, "/containers/create")
            .query("name", format!("web-{n}"))
            .body(Body::Json(value!({"Image": "nginx"})));
        ask(&mut world, &create);
        ask(&mut world, &Request::new(Method::Post, format!("/containers/web-{n}/start")));
    }
    world.run_for(2_000, usize::MAX);
    let started = ms(begin);
    const COPIES: u32 = 1_000;
    let begin = Instant::now();
    let copies: Vec<World> = (0..COPIES).map(|_| world.clone()).collect();
    let copied = ms(begin) * 1000.0 / f64::from(COPIES);
    drop(copies);
    let steps: String = (1..10).map(|n| format!("RUN echo {n} > /step{n}\n")).collect();
    typed(&mut world, "mkdir -p /tmp/ten && cd /tmp/ten");
    typed(&mut world, &format!("printf 'FROM busybox\n{steps}' > Dockerfile"));
    let begin = Instant::now();
    typed(&mut world, "docker build -q -t ten .");
    let built = ms(begin);
    let begin = Instant::now();
    typed(&mut world, "docker build -q -t ten .");
    let again = ms(begin);
    let begin = Instant::now();
    typed(&mut world, "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done");
    let shell = 20_000.0 / begin.elapsed().as_secs_f64();
    vec![
        Figure { name: "docker pull of nginx", value: pulled, unit: "ms" },
        Figure { name: "50 containers created and started", value: started, unit: "ms" },
        Figure { name: "copy of a world with 50 containers", value: copied, unit: "us" },
        Figure { name: "docker build of 10 steps", value: built, unit: "ms" },
        Figure { name: "the same build from its cache", value: again, unit: "ms" },
        Figure { name: "shell loop", value: shell, unit: "rounds/s" },
    ]
}
