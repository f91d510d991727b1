//! `docker-machine`: only what old lessons ask of it, the address of the machine that runs Docker.

use drydock_container::machine::Once;
use drydock_container::{Program, Sys};

/// The executable.
pub const PROGRAM: Program =
    Program { name: "docker-machine", about: "tells where Docker runs", start: |_| Box::new(Once(run)) };

fn run(sys: &mut Sys<'_>) -> i32 {
    let words: Vec<String> = sys.args().iter().skip(1).map(|a| a.to_string()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["ip", ..] => sys.print("127.0.0.1\n"),
        ["ls", ..] => {
            sys.print("NAME      ACTIVE   DRIVER   STATE     URL                         SWARM   DOCKER    ERRORS\n");
            sys.print(
                "default   *        local    Running   unix:///var/run/docker.sock           v28.2.2   \n",
            );
        }
        ["status", ..] => sys.print("Running\n"),
        ["active", ..] => sys.print("default\n"),
        ["env", ..] => sys.print("# Docker runs on this machine: there is nothing to set.\n"),
        ["version" | "--version" | "-v", ..] => sys.print("docker-machine version 0.16.2, build bd45ab13\n"),
        [] | ["help" | "--help" | "-h", ..] => {
            sys.print("Usage: docker-machine [OPTIONS] COMMAND [arg...]\n\nCommands:\n  active  Show which machine is used\n  env     Show what to set to use a machine\n  ip      Show a machine's address\n  ls      Show the machines\n  status  Show a machine's state\n");
        }
        [other, ..] => {
            sys.eprint(&format!(
                "docker-machine: '{other}' needs other machines than this laptop, which has none.\n"
            ));
            return 1;
        }
    }
    0
}
