//! What may follow in a docker line: commands, flags, containers, images, networks, volumes.
//!
//! Follows the real client's completion: running containers where only those can be meant, and names of
//! containers for `cp` with a colon behind.

use crate::complete::Candidate;
use crate::world::World;
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;
use drydock_network::http::Request;
use drydock_tools::cli::{Command, Flag};
use drydock_tools::docker::ROOT;

/// What a command's arguments name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Thing {
    Container,
    Running,
    Stopped,
    Paused,
    Image,
    Network,
    Volume,
    Any,
}

/// Commands by their place below `docker`, what they take, and how many of it; 0 for any number.
const ARGUMENTS: &[(&[&str], Thing, usize)] = &[
    (&["attach"], Thing::Running, 1),
    (&["commit"], Thing::Container, 1),
    (&["create"], Thing::Image, 1),
    (&["diff"], Thing::Container, 1),
    (&["exec"], Thing::Running, 1),
    (&["export"], Thing::Container, 1),
    (&["history"], Thing::Image, 1),
    (&["images"], Thing::Image, 1),
    (&["inspect"], Thing::Any, 0),
    (&["kill"], Thing::Running, 0),
    (&["logs"], Thing::Container, 1),
    (&["pause"], Thing::Running, 0),
    (&["port"], Thing::Running, 1),
    (&["push"], Thing::Image, 1),
    (&["rename"], Thing::Container, 1),
    (&["restart"], Thing::Container, 0),
    (&["rm"], Thing::Container, 0),
    (&["rmi"], Thing::Image, 0),
    (&["run"], Thing::Image, 1),
    (&["save"], Thing::Image, 0),
    (&["start"], Thing::Stopped, 0),
    (&["stats"], Thing::Running, 0),
    (&["stop"], Thing::Running, 0),
    (&["tag"], Thing::Image, 2),
    (&["top"], Thing::Running, 1),
    (&["unpause"], Thing::Paused, 0),
    (&["update"], Thing::Container, 0),
    (&["wait"], Thing::Running, 0),
    (&["container", "inspect"], Thing::Container, 0),
    (&["image", "inspect"], Thing::Image, 0),
    (&["image", "rm"], Thing::Image, 0),
    (&["network", "inspect"], Thing::Network, 0),
    (&["network", "rm"], Thing::Network, 0),
    (&["network", "connect"], Thing::Network, 1),
    (&["network", "disconnect"], Thing::Network, 1),
    (&["volume", "inspect"], Thing::Volume, 0),
    (&["volume", "rm"], Thing::Volume, 0),
];

/// Candidates for `word`, which follows the complete words `given` (`docker` first). Nothing when
/// files are meant.
pub(crate) fn docker(world: &World, given: &[&str], word: &str) -> Vec<Candidate> {
    let mut command: &'static Command = &ROOT;
    let (mut path, mut plain): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut words = given.iter().skip(1);
    while let Some(w) = words.next() {
        if w.starts_with('-') {
            if !w.contains('=') && takes_value(command, w) {
                words.next();
            }
            continue;
        }
        match command.subcommand(w).filter(|_| plain.is_empty()) {
            Some(sub) => {
                command = sub;
                path.push(sub.name);
            }
            None => plain.push(w),
        }
    }
    // What a container runs is completed by the container, not here.
    if !command.interspersed && !plain.is_empty() && !path.is_empty() {
        return Vec::new();
    }
    if let Some(found) = flag_value(world, command, given, word) {
        return found;
    }
    if word.starts_with('-') {
        return flags(command, word);
    }
    if !command.subcommands.is_empty() && plain.is_empty() {
        let mut all: Vec<&Command> =
            command.subcommands.iter().copied().filter(|c| !c.hidden && c.name.starts_with(word)).collect();
        all.arrange_by_key(|c| c.name);
        return all.iter().map(|c| candidate(c.name, c.short)).collect();
    }
    arguments(world, &path, &plain, word)
}

fn arguments(world: &World, path: &[&str], plain: &[&str], word: &str) -> Vec<Candidate> {
    if path.last() == Some(&"cp") {
        let found = list(world, Thing::Container, word);
        return found.into_iter().map(|c| Candidate { text: c.text + ":", ..c }).collect();
    }
    if let ["network", "connect" | "disconnect"] = path
        && plain.len() == 1
    {
        return list(world, Thing::Container, word);
    }
    // `docker container stop` takes what `docker stop` takes.
    let short: &[&str] = match path {
        ["container", "ls"] | ["image", "ls"] => &[],
        ["container" | "image", verb] => &[verb],
        other => other,
    };
    let known = |wanted: &[&str]| ARGUMENTS.iter().find(|(place, _, _)| *place == wanted);
    let Some((_, thing, most)) = known(path).or_else(|| known(short)) else { return Vec::new() };
    if *most > 0 && plain.len() >= *most {
        return Vec::new();
    }
    let found = list(world, *thing, word);
    found.into_iter().filter(|c| !plain.contains(&c.text.as_str())).collect()
}

fn candidate(text: &str, about: &str) -> Candidate {
    Candidate { text: text.to_string(), about: about.to_string() }
}

fn find_flag(command: &Command, word: &str) -> Option<&'static Flag> {
    let long = word.strip_prefix("--");
    let short = word.strip_prefix('-').and_then(|s| s.chars().last());
    command.own_flags().find(|f| match long {
        Some(name) => f.name == name,
        None => Some(f.short) == short,
    })
}

fn takes_value(command: &Command, word: &str) -> bool {
    find_flag(command, word).is_some_and(|f| f.alone.is_empty())
}

fn flags(command: &Command, word: &str) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = command
        .own_flags()
        .filter(|f| !f.hidden)
        .map(|f| candidate(&format!("--{}", f.name), f.about))
        .filter(|c| c.text.starts_with(word))
        .collect();
    found.arrange_by(|a, b| a.text.cmp(&b.text));
    found
}

/// Values of the flag right before the word.
fn flag_value(world: &World, command: &Command, given: &[&str], word: &str) -> Option<Vec<Candidate>> {
    let last = *given.last()?;
    if !last.starts_with('-') || last.contains('=') || !takes_value(command, last) {
        return None;
    }
    let words = |values: &[&str]| -> Vec<Candidate> {
        values.iter().filter(|v| v.starts_with(word)).map(|v| candidate(v, "")).collect()
    };
    let flag = find_flag(command, last)?;
    Some(match flag.name {
        "network" | "net" => list(world, Thing::Network, word),
        "volumes-from" | "link" => list(world, Thing::Container, word),
        "volume" if !word.starts_with(['.', '/', '~']) => list(world, Thing::Volume, word),
        "restart" => words(&["always", "no", "on-failure", "unless-stopped"]),
        "pull" => words(&["always", "missing", "never"]),
        "type" => words(&["container", "image", "network", "plugin", "volume"]),
        "format" => words(&["json", "table"]),
        "signal" | "stop-signal" => words(&["HUP", "INT", "KILL", "QUIT", "TERM", "USR1", "USR2"]),
        "log-driver" => words(&["json-file", "local", "none"]),
        "driver" => words(&["bridge", "host", "local", "none"]),
        _ => return None,
    })
}

/// Names of what the engine has, as its API lists it.
fn list(world: &World, thing: Thing, word: &str) -> Vec<Candidate> {
    // The engine answers questions only in a world it may change: a copy.
    let mut copy = world.clone();
    let mut ask = |path: &str| {
        let request = Request::get(path).query("all", "1");
        copy.request_docker(&request).body.json().unwrap_or_default()
    };
    let mut found: Vec<Candidate> = Vec::new();
    let matches = |container: &Value| match (thing, container["State"].text()) {
        (Thing::Running, state) => state == "running",
        (Thing::Paused, state) => state == "paused",
        (Thing::Stopped, state) => state != "running" && state != "paused",
        _ => true,
    };
    if matches!(thing, Thing::Container | Thing::Running | Thing::Stopped | Thing::Paused | Thing::Any) {
        for container in ask("/v1.45/containers/json").items().iter().filter(|c| matches(c)) {
            for name in container["Names"].items() {
                let text = name.text().trim_start_matches('/');
                found.push(candidate(text, container["Image"].text()));
            }
        }
    }
    if matches!(thing, Thing::Image | Thing::Any) {
        for image in ask("/v1.45/images/json").items() {
            let tags = image["RepoTags"].items().iter().map(Value::text);
            for tag in tags.filter(|t| !t.starts_with("<none>")) {
                found.push(candidate(tag.strip_suffix(":latest").unwrap_or(tag), ""));
            }
        }
    }
    if matches!(thing, Thing::Network | Thing::Any) {
        let networks = ask("/v1.45/networks");
        found.extend(networks.items().iter().map(|n| candidate(n["Name"].text(), n["Driver"].text())));
    }
    if matches!(thing, Thing::Volume | Thing::Any) {
        let volumes = ask("/v1.45/volumes");
        found.extend(
            volumes["Volumes"].items().iter().map(|v| candidate(v["Name"].text(), v["Driver"].text())),
        );
    }
    found.retain(|c| c.text.starts_with(word));
    found.arrange_by(|a, b| a.text.cmp(&b.text));
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Input;
    use crate::world::Config;

    #[test]
    fn commands_flags_and_things() {
        let mut world = World::new(&Config { cluster: false, ..Config::default() });
        for line in
            ["docker create --name web nginx", "docker network create front", "docker volume create data"]
        {
            world.apply(&Input::Line { tty: 0, text: line.into() });
            world.apply(&Input::Advance { ms: 60_000 });
        }
        for (line, word, expected) in [
            ("docker", "ren", "rename"),
            ("docker container", "sto", "stop"),
            ("docker run", "--netw", "--network --network-alias"),
            ("docker run --network", "f", "front"),
            ("docker run -d", "ng", "nginx"),
            ("docker run nginx", "", ""),
            ("docker start", "", "web"),
            ("docker stop", "", ""),
            ("docker network rm", "f", "front"),
            ("docker network connect front", "", "web"),
            ("docker volume inspect", "", "data"),
            ("docker cp", "w", "web:"),
        ] {
            let given: Vec<&str> = line.split(' ').collect();
            let found: Vec<String> = docker(&world, &given, word).into_iter().map(|c| c.text).collect();
            assert_eq!(found.join(" "), expected, "{line} {word}");
        }
    }
}
