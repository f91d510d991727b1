//! The configuration of the image that is being built, and what each instruction that touches no file
//! changes in it. Follows moby's `container.Config` and the dispatchers of both builders.

use super::instruction::{CommandLine, Healthcheck, Pair};
use drydock_machinery::{Value, value};
use std::collections::{BTreeMap, BTreeSet};

/// See the module's head. Environment keeps its order, as `docker inspect` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Config {
    pub env: Vec<(String, String)>,
    pub cmd: Option<Vec<String>>,
    pub entrypoint: Option<Vec<String>>,
    pub labels: BTreeMap<String, String>,
    pub user: String,
    pub workdir: String,
    pub exposed: BTreeSet<String>,
    pub volumes: BTreeSet<String>,
    pub stop_signal: String,
    pub healthcheck: Option<Healthcheck>,
    pub onbuild: Vec<String>,
    /// Empty for `/bin/sh -c`.
    pub shell: Vec<String>,
    pub author: String,
    /// CMD or ENTRYPOINT was in shell form, as BuildKit notes.
    pub args_escaped: bool,
    /// CMD was set in this stage: a later ENTRYPOINT leaves it.
    pub cmd_set: bool,
}

impl Config {
    /// The value of a variable.
    #[must_use]
    pub fn env_value(&self, name: &str) -> Option<&str> {
        self.env.iter().find(|e| e.0 == name).map(|e| e.1.as_str())
    }
    /// Sets a variable in its old place, or as the last.
    pub fn set_env(&mut self, pair: Pair) {
        match self.env.iter_mut().find(|e| e.0 == pair.name) {
            Some(slot) => slot.1 = pair.value,
            None => self.env.push((pair.name, pair.value)),
        }
    }
    /// The words that run a line in shell form.
    #[must_use]
    pub fn shell_words(&self) -> Vec<String> {
        if self.shell.is_empty() { vec!["/bin/sh".into(), "-c".into()] } else { self.shell.clone() }
    }
    /// The words of a CMD, ENTRYPOINT or RUN.
    #[must_use]
    pub fn words(&self, line: &CommandLine) -> Vec<String> {
        if line.exec {
            return line.words.clone();
        }
        let mut words = self.shell_words();
        words.push(line.words.join(" "));
        words
    }
    pub fn set_cmd(&mut self, line: &CommandLine) {
        self.cmd = Some(if line.words.is_empty() { Vec::new() } else { self.words(line) });
        self.args_escaped = !line.exec;
        self.cmd_set = true;
    }
    /// A new entry point takes away a CMD that came with the base image.
    pub fn set_entrypoint(&mut self, line: &CommandLine) {
        self.entrypoint = Some(if line.words.is_empty() { Vec::new() } else { self.words(line) });
        if !line.exec {
            self.args_escaped = true;
        }
        if !self.cmd_set {
            self.cmd = None;
        }
    }
    /// What a relative path means here.
    #[must_use]
    pub fn below_workdir(&self, path: &str) -> String {
        let base = if self.workdir.is_empty() { "/" } else { &self.workdir };
        drydock_container::filesystem::normalise(base, path)
    }
    /// As `docker inspect` shows it, fields in the order of the engine's Go struct.
    #[must_use]
    pub fn env_list(&self) -> Vec<String> {
        self.env.iter().map(|(name, value)| format!("{name}={value}")).collect()
    }
    /// A health check as the Engine API has it.
    #[must_use]
    pub fn healthcheck_value(&self) -> Value {
        let Some(check) = &self.healthcheck else { return Value::Null };
        let test = Value::from_items(check.test.iter().map(|t| Value::from(t.as_str())).collect());
        let mut out = value!({ "Test": test });
        for (name, n) in [
            ("Interval", check.interval),
            ("Timeout", check.timeout),
            ("StartPeriod", check.start_period),
            ("StartInterval", check.start_interval),
            ("Retries", check.retries),
        ] {
            if n != 0 {
                out = out.with(name, n);
            }
        }
        out
    }
    /// Content for cache keys and image ids.
    #[must_use]
    pub fn summary(&self) -> String {
        format!("{self:?}")
    }
}

/// A port of EXPOSE: `80`, `80/udp`, `8000-8002/tcp`, as the set shows it.
///
/// # Errors
/// go-connections' texts.
pub fn ports(word: &str) -> Result<Vec<String>, String> {
    let (numbers, proto) = word.split_once('/').unwrap_or((word, "tcp"));
    let proto = if proto.is_empty() { "tcp" } else { proto };
    if numbers.is_empty() {
        return Err(format!("No port specified: {word}<empty>"));
    }
    let lower = proto.to_ascii_lowercase();
    if !matches!(&*lower, "tcp" | "udp" | "sctp") {
        return Err(format!("Invalid proto: {proto}"));
    }
    // Host parts are read and dropped.
    let container = numbers.rsplit(':').next().unwrap_or(numbers);
    let (first, last) = container.split_once('-').unwrap_or((container, container));
    let parse = |n: &str| n.parse::<u16>().map_err(|_| format!("Invalid containerPort: {container}"));
    let (first, last) = (parse(first)?, parse(last)?);
    if last < first {
        return Err(format!("Invalid containerPort: {container}"));
    }
    Ok((first..=last).map(|n| format!("{n}/{lower}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_as_go_connections_reads_them() {
        assert_eq!(ports("80").unwrap(), ["80/tcp"]);
        assert_eq!(ports("53/UDP").unwrap(), ["53/udp"]);
        assert_eq!(ports("8000-8002").unwrap().len(), 3);
        assert_eq!(ports("abc").unwrap_err(), "Invalid containerPort: abc");
        assert_eq!(ports("1/x").unwrap_err(), "Invalid proto: x");
    }
    #[test]
    fn entrypoint_and_cmd() {
        let line = |text: &str, exec| CommandLine { words: vec![text.into()], exec };
        let mut config = Config { cmd: Some(vec!["base".into()]), ..Config::default() };
        config.set_entrypoint(&line("x", true));
        assert_eq!((config.cmd.clone(), config.entrypoint.clone()), (None, Some(vec!["x".into()])));
        config.set_cmd(&line("echo hi", false));
        assert_eq!(config.cmd, Some(vec!["/bin/sh".into(), "-c".into(), "echo hi".into()]));
        config.set_entrypoint(&line("y", true));
        assert!(config.cmd.is_some());
    }
}
