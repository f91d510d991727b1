//! Commands that need what this daemon does not offer: Swarm, plugins, trust, checkpoints. Each is
//! refused in the daemon's own words.

use crate::cli::{Command, Error, Flow, Invocation, Outcome};

const fn group(name: &'static str, short: &'static str) -> Command {
    Command { name, usage: "COMMAND", short, raw: true, run, ..Command::BASE }
}

pub const CONFIG: Command = group("config", "Manage configs of Swarm");
pub const NODE: Command = group("node", "Manage nodes of Swarm");
pub const SECRET: Command = group("secret", "Manage secrets of Swarm");
pub const SERVICE: Command = group("service", "Manage services of Swarm");
pub const STACK: Command = group("stack", "Manage stacks of Swarm");
pub const SWARM: Command = group("swarm", "Manage Swarm");
pub const PLUGIN: Command = group("plugin", "Manage plugins of the daemon");
pub const TRUST: Command = group("trust", "Manage signatures of images");
pub const CHECKPOINT: Command = group("checkpoint", "Manage checkpoints of containers");

const NO_SWARM: &str = "Error response from daemon: This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.\n";

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let name = invocation.command.name;
    let words: Vec<&str> = invocation.args.iter().map(String::as_str).collect();
    let text = match (name, words.as_slice()) {
        (_, [] | ["--help" | "-h", ..]) => {
            let help = invocation.help();
            if words.is_empty() {
                invocation.eprint(&help);
            } else {
                invocation.print(&help);
            }
            return Ok(Flow::Done(0));
        }
        ("plugin", ["ls" | "list", ..]) => {
            invocation.print("ID        NAME      DESCRIPTION   ENABLED\n");
            return Ok(Flow::Done(0));
        }
        ("swarm", ["leave", ..]) => "Error response from daemon: This node is not part of a swarm\n".to_string(),
        ("swarm", ["init" | "join", ..]) => {
            "Error response from daemon: swarm mode is not part of this sandbox; use Kubernetes for several nodes\n".into()
        }
        ("trust", ["inspect", name, ..]) => format!("no signatures or cannot access {name}\n"),
        ("plugin" | "trust", _) => format!(
            "Error response from daemon: docker {name} {} is not part of this sandbox\n",
            words.first().unwrap_or(&"")
        ),
        ("checkpoint", [verb, ..]) => format!(
            "docker checkpoint {verb} is only supported on a Docker daemon with experimental features enabled\n"
        ),
        _ => NO_SWARM.into(),
    };
    Err(Error::raw(text))
}
