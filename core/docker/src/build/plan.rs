//! From a Dockerfile to the work of each stage: bases, names, scopes of arguments, the configuration
//! after every instruction, and the line of history each one leaves. Follows BuildKit's `dockerfile2llb`
//! and, where its words differ, the classic builder's dispatchers.

use super::config::{Config, ports};
use super::dockerfile::{Heredoc, heredoc};
use super::expand::Expand;
use super::instruction::{CommandLine, Instruction, Pair, Transfer, What};
use super::mounts::Mount;
use drydock_machinery::quote;
use drydock_machinery::sort::Arrange;

pub use super::target::{base_of, global_args, stage_named, target};

/// Arguments every build may be given without declaring them.
const PREDEFINED: &[&str] = &[
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// Values from `--build-arg`.
pub type Given = Vec<(String, Option<String>)>;

/// Work on files.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Work {
    Run {
        argv: Vec<String>,
        env: Vec<(String, String)>,
        cwd: String,
        user: String,
        mounts: Vec<Mount>,
        script: Option<Heredoc>,
        network: String,
    },
    /// Destination absolute, a slash at its end kept.
    Transfer {
        transfer: Transfer,
        destination: String,
    },
    Workdir(String),
}

/// An instruction ready to be carried out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Planned {
    /// As BuildKit shows it, without its place in brackets.
    pub name: String,
    /// What history says of it.
    pub created_by: String,
    pub work: Option<Work>,
    pub lines: (usize, usize),
    /// The configuration after it.
    pub config: Config,
}

/// What instructions see and change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scope {
    pub config: Config,
    /// Declared arguments in their order; unset ones have no value.
    pub args: Vec<(String, Option<String>)>,
}

/// How a build words things.
#[derive(Clone, Copy, Debug)]
pub struct Manner<'a> {
    pub escape: char,
    pub given: &'a Given,
    /// Values of the arguments before the first FROM.
    pub global: &'a [(String, Option<String>)],
    pub buildkit: bool,
}

impl Scope {
    /// ENV wins over ARG.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        if let Some(value) = self.config.env_value(name) {
            return Some(value.to_string());
        }
        self.args.iter().rev().find(|a| a.0 == name).and_then(|a| a.1.clone())
    }
    /// Declared arguments with values that no variable hides, and predefined ones that were given.
    #[must_use]
    pub fn run_args(&self, given: &Given) -> Vec<(String, String)> {
        let mut out: Vec<(String, String)> = Vec::new();
        for (name, value) in &self.args {
            let Some(value) = value else { continue };
            if self.config.env_value(name).is_none() {
                out.retain(|a| a.0 != *name);
                out.push((name.clone(), value.clone()));
            }
        }
        for (name, value) in given {
            if let (true, Some(value)) = (PREDEFINED.contains(&name.as_str()), value) {
                out.retain(|a| a.0 != *name);
                out.push((name.clone(), value.clone()));
            }
        }
        out
    }
}

/// One instruction in its scope: changes the scope's configuration, and says what is left to do.
///
/// # Errors
/// What BuildKit finds wrong with it before anything runs.
pub fn prepare(instruction: &Instruction, scope: &mut Scope, manner: &Manner<'_>) -> Result<Planned, String> {
    let before = scope.clone();
    let lookup = |name: &str| before.value(name);
    let expand = Expand { escape: manner.escape, lookup: &lookup, shown: false };
    let shown = Expand { shown: true, ..expand };
    let mut name = shown.word(&instruction.original).unwrap_or_else(|_| instruction.original.clone());
    if let Some((_, rest)) = name.split_once(char::is_whitespace) {
        name = format!("{} {rest}", instruction.keyword);
    }
    let mut work = None;
    let config = &mut scope.config;
    let nop = |text: String| if manner.buildkit { text } else { format!("/bin/sh -c #(nop)  {text}") };
    let created_by = match &instruction.what {
        What::Arg(args) => {
            let mut text = String::from("ARG");
            for (name, default) in args {
                let default = default.as_ref().map(|d| expand.word(d)).transpose()?;
                let name = expand.word(name)?;
                let value = given_value(manner, &name)
                    .or(default)
                    .or_else(|| manner.global.iter().rev().find(|g| g.0 == name).and_then(|g| g.1.clone()));
                text.push_str(&format!(" {name}"));
                if let Some(value) = &value {
                    text.push_str(&format!("={value}"));
                }
                scope.args.push((name, value));
            }
            nop(text)
        }
        What::Env(pairs) => {
            let mut text = String::from("ENV");
            for pair in pairs {
                let pair = Pair { name: expand.word(&pair.name)?, value: expand.word(&pair.value)? };
                text.push_str(&format!(" {}={}", pair.name, pair.value));
                config.set_env(pair);
            }
            nop(text)
        }
        What::Label(pairs) => {
            let mut text = String::from("LABEL");
            for pair in pairs {
                let (name, value) = (expand.word(&pair.name)?, expand.word(&pair.value)?);
                text.push_str(&format!(" {name}={value}"));
                config.labels.insert(name, value);
            }
            nop(text)
        }
        What::Expose(words) => {
            let mut all = std::collections::BTreeSet::new();
            for word in words {
                for word in expand.words(word)? {
                    all.extend(ports(&word)?);
                }
            }
            config.exposed.extend(all.iter().cloned());
            if manner.buildkit {
                let shown: Vec<String> = all.iter().map(|p| format!("{p}:{{}}")).collect();
                format!("EXPOSE map[{}]", shown.join(" "))
            } else {
                let mut words = words.clone();
                words.arrange();
                nop(format!("EXPOSE {}", words.join(" ")))
            }
        }
        What::Cmd(line) => {
            config.set_cmd(line);
            nop(format!("CMD {}", go_list(config.cmd.as_deref().unwrap_or_default())))
        }
        What::Entrypoint(line) => {
            config.set_entrypoint(line);
            nop(format!("ENTRYPOINT {}", go_list(config.entrypoint.as_deref().unwrap_or_default())))
        }
        What::Healthcheck(check) => {
            config.healthcheck = Some(check.clone());
            let duration = |n: i64| quote::go(&drydock_machinery::time::go_duration_string(n / 1_000_000));
            nop(format!(
                "HEALTHCHECK &{{{} {} {} {} {} {}}}",
                go_list(&check.test),
                duration(check.interval),
                duration(check.timeout),
                duration(check.start_period),
                duration(check.start_interval),
                rune(check.retries)
            ))
        }
        What::Maintainer(author) => {
            config.author = expand.word(author)?;
            nop(format!("MAINTAINER {}", config.author))
        }
        What::Onbuild(trigger) => {
            config.onbuild.push(trigger.clone());
            nop(format!("ONBUILD {trigger}"))
        }
        What::Shell(words) => {
            config.shell = words.clone();
            nop(format!("SHELL [{}]", words.join(" ")))
        }
        What::Stopsignal(signal) => {
            let signal = expand.word(signal)?;
            if drydock_container::Signal::parse(&signal).is_none() {
                return Err(format!("Invalid signal: {signal}"));
            }
            let text = nop(format!("STOPSIGNAL {signal}"));
            config.stop_signal = signal;
            text
        }
        What::User(user) => {
            config.user = expand.word(user)?;
            nop(format!("USER {}", config.user))
        }
        What::Volume(paths) => {
            let mut shown = Vec::new();
            for path in paths {
                let path = expand.word(path)?;
                if path.is_empty() {
                    return Err("VOLUME specified can not be an empty string".into());
                }
                config.volumes.insert(path.clone());
                shown.push(path);
            }
            nop(format!("VOLUME [{}]", shown.join(" ")))
        }
        What::Workdir(path) => {
            let path = expand.word(path)?;
            config.workdir = config.below_workdir(&path);
            work = Some(Work::Workdir(config.workdir.clone()));
            if manner.buildkit {
                format!("WORKDIR {}", config.workdir)
            } else {
                format!("/bin/sh -c #(nop) WORKDIR {}", config.workdir)
            }
        }
        What::Run { line, heredocs, mounts, network } => {
            let mut mounts = mounts.clone();
            for mount in &mut mounts {
                for field in [&mut mount.from, &mut mount.source, &mut mount.target, &mut mount.id] {
                    *field = expand.word(field)?;
                }
                mount.target = scope.config.below_workdir(&mount.target);
            }
            let (line, script, note) = run_line(line, heredocs, manner)?;
            name.push_str(&note);
            run(&line, script, scope, manner, &mut work, (mounts, network.clone()))
        }
        What::Transfer(transfer) => copy(transfer, &expand, scope, &mut work, manner)?,
    };
    Ok(Planned { name, created_by, work, lines: instruction.lines, config: scope.config.clone() })
}

fn given_value(manner: &Manner<'_>, name: &str) -> Option<String> {
    manner.given.iter().find(|g| g.0 == name).and_then(|g| g.1.clone())
}

/// The line a RUN with here-documents runs, the script it becomes, and what its name says of it.
fn run_line(
    line: &CommandLine,
    heredocs: &[Heredoc],
    manner: &Manner<'_>,
) -> Result<(CommandLine, Option<Heredoc>, String), String> {
    let (Some(first), true) = (heredocs.first(), manner.buildkit) else {
        return Ok((line.clone(), None, String::new()));
    };
    let [word] = line.words.as_slice() else {
        return Err(format!("parsing produced an invalid run command: {:?}", line.words));
    };
    let mut text = word.clone();
    if heredoc(word.trim(), manner.escape).is_none() {
        // Something reads the document: the shell gets it as it was written.
        for document in heredocs {
            text.push_str(&format!("\n{}{}", document.content, document.name));
        }
        return Ok((CommandLine { words: vec![text], exec: false }, None, String::new()));
    }
    let content = first.text();
    let summary = content.trim();
    let first_line = summary.lines().next().unwrap_or("");
    let note = format!(" ({first_line}{})", if summary.lines().count() > 1 { "..." } else { "" });
    if content.starts_with("#!") {
        let path = format!("/dev/pipes/{}", first.name);
        return Ok((CommandLine { words: vec![path], exec: true }, Some(first.clone()), note));
    }
    Ok((CommandLine { words: vec![content], exec: false }, None, note))
}

fn run(
    line: &CommandLine,
    script: Option<Heredoc>,
    scope: &Scope,
    manner: &Manner<'_>,
    work: &mut Option<Work>,
    (mounts, network): (Vec<Mount>, String),
) -> String {
    let config = &scope.config;
    let argv = config.words(line);
    let mut args = scope.run_args(manner.given);
    if !manner.buildkit {
        args.arrange();
    }
    let shown: Vec<String> = args.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let mut created_by = argv.join(" ");
    if !shown.is_empty() {
        created_by = format!("|{} {} {created_by}", shown.len(), shown.join(" "));
    }
    let mut env = config.env.clone();
    env.extend(args);
    *work = Some(Work::Run {
        argv,
        env,
        cwd: config.workdir.clone(),
        user: config.user.clone(),
        mounts,
        script,
        network,
    });
    if manner.buildkit { format!("RUN {created_by} # buildkit") } else { created_by }
}

fn copy(
    transfer: &Transfer,
    expand: &Expand<'_>,
    scope: &Scope,
    work: &mut Option<Work>,
    manner: &Manner<'_>,
) -> Result<String, String> {
    let mut out = transfer.clone();
    for field in [&mut out.destination, &mut out.from, &mut out.chown, &mut out.chmod, &mut out.checksum] {
        *field = expand.word(field)?;
    }
    for source in out.sources.iter_mut().chain(&mut out.exclude) {
        *source = expand.word(source)?;
    }
    for document in out.heredocs.iter_mut().filter(|d| d.expand) {
        document.content = expand.word(&document.content)?;
    }
    let folder = out.destination.ends_with('/') || out.destination == "." || out.destination.ends_with("/.");
    let mut destination = scope.config.below_workdir(&out.destination);
    if folder && destination != "/" {
        destination.push('/');
    }
    let keyword = if out.add { "ADD" } else { "COPY" };
    let mut text = String::from(keyword);
    if !out.chown.is_empty() {
        text.push_str(&format!(" --chown={}", out.chown));
    }
    if !out.chmod.is_empty() {
        text.push_str(&format!(" --chmod={}", out.chmod));
    }
    if out.link {
        text.push_str(" --link");
    }
    text.push_str(&format!(" {} {} # buildkit", out.sources.join(" "), out.destination));
    if !manner.buildkit {
        text = format!("/bin/sh -c #(nop) {keyword} ");
    }
    *work = Some(Work::Transfer { transfer: out, destination });
    Ok(text)
}

/// A list of strings as Go's `%q` prints it.
fn go_list(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| quote::go(w)).collect();
    format!("[{}]", quoted.join(" "))
}

/// A small number as Go's `%q` prints it.
fn rune(n: i64) -> String {
    let c = u32::try_from(n).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
    quote::go_rune(c)
}
