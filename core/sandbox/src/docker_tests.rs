//! The docker client at the learner's terminal: sessions, signals, detaching, following.

use crate::input::Input;
use crate::world::{Config, World};

/// A laptop alone, with busybox pulled.
fn laptop() -> World {
    let mut world = World::new(&Config { cluster: false, ..Config::default() });
    line(&mut world, "docker pull -q busybox", 30_000);
    world
}

fn line(world: &mut World, text: &str, ms: u64) {
    world.apply(&Input::Line { tty: 0, text: text.into() });
    world.apply(&Input::Advance { ms });
}

/// Everything the terminal shows but what was typed.
fn shown(world: &World) -> String {
    let tty = world.machines.tty(0).unwrap();
    tty.output.iter().filter(|c| c.kind != drydock_container::tty::Kind::Echo).map(|c| &*c.text).collect()
}

/// What a command adds to the terminal.
fn adds(world: &mut World, text: &str, ms: u64) -> String {
    let before = shown(world).len();
    line(world, text, ms);
    shown(world).get(before..).unwrap_or("").to_string()
}

#[test]
fn a_session_in_a_container() {
    let mut world = laptop();
    assert!(adds(&mut world, "docker run -it --rm --name box busybox sh", 1_000).ends_with("/ # "));
    assert_eq!(adds(&mut world, "echo inside; hostname | wc -c", 1_000), "inside\n13\n/ # ");
    assert!(adds(&mut world, "exit 7", 2_000).ends_with("learner@dock:~$ "));
    assert_eq!(adds(&mut world, "echo $?; docker ps -aq", 1_000), "7\nlearner@dock:~$ ");
}

#[test]
fn control_keys_reach_the_container() {
    let mut world = laptop();
    line(&mut world, "docker run -it --rm busybox sh", 1_000);
    line(&mut world, "sleep 1000", 1_000);
    let before = shown(&world).len();
    world.apply(&Input::Interrupt { tty: 0 });
    world.apply(&Input::Advance { ms: 1_000 });
    assert!(shown(&world).get(before..).unwrap_or("").ends_with("/ # "), "the shell inside goes on");
    world.apply(&Input::Eof { tty: 0 });
    world.apply(&Input::Advance { ms: 2_000 });
    assert!(shown(&world).ends_with("learner@dock:~$ "), "Ctrl-D ends it");
    // Without a terminal the signal is passed on by --sig-proxy; sleep as PID 1 ignores it.
    line(
        &mut world,
        "docker run --name proxy busybox sh -c 'trap \"echo caught; exit 3\" INT; while true; do sleep 1; done'",
        2_000,
    );
    world.apply(&Input::Interrupt { tty: 0 });
    world.apply(&Input::Advance { ms: 3_000 });
    assert!(shown(&world).contains("caught\n"), "{}", shown(&world));
    assert_eq!(adds(&mut world, "echo $?", 1_000), "3\nlearner@dock:~$ ");
}

#[test]
fn detaching_and_attaching_again() {
    let mut world = laptop();
    line(&mut world, "docker run -it --name box busybox sh", 1_000);
    assert!(adds(&mut world, "\u{10}\u{11}", 1_000).ends_with("learner@dock:~$ "));
    assert!(
        adds(&mut world, "docker ps --format '{{.Names}} {{.State}}'", 1_000).starts_with("box running\n")
    );
    line(&mut world, "docker attach box", 1_000);
    assert!(adds(&mut world, "echo back", 1_000).contains("back\n"));
    line(&mut world, "exit", 1_000);
    assert!(
        adds(&mut world, "docker ps -a --format '{{.Names}} {{.State}}'", 1_000).starts_with("box exited\n")
    );
    line(&mut world, "docker start box", 1_000);
    assert!(adds(&mut world, "docker exec -it box sh", 1_000).ends_with("/ # "));
    assert!(adds(&mut world, "exit", 1_000).ends_with("learner@dock:~$ "));
}

#[test]
fn following_goes_on_until_interrupted() {
    let mut world = laptop();
    line(
        &mut world,
        "docker run -d --name loop busybox sh -c 'i=0; while true; do i=$((i+1)); echo line $i; sleep 1; done'",
        2_500,
    );
    let first = adds(&mut world, "docker logs -f loop", 1_500);
    assert!(first.starts_with("line 1\n"), "{first}");
    let before = shown(&world).len();
    world.apply(&Input::Advance { ms: 3_000 });
    assert!(shown(&world).get(before..).unwrap_or("").matches("line ").count() >= 3);
    world.apply(&Input::Interrupt { tty: 0 });
    world.apply(&Input::Advance { ms: 500 });
    assert!(shown(&world).ends_with("learner@dock:~$ "));
    // Two containers that ignore TERM are stopped in ten seconds, not in twenty.
    line(&mut world, "docker run -d --name more busybox sleep 1000", 1_000);
    let before = world.machines.clock.now;
    line(&mut world, "docker stop loop more", 11_500);
    assert!(shown(&world).ends_with("loop\nmore\nlearner@dock:~$ "), "{}", world.machines.clock.now - before);
}
