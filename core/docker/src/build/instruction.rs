//! What a Dockerfile's instructions say, checked by their own rules. Follows moby/buildkit
//! `frontend/dockerfile/instructions` (v0.13): arity, flags, error texts with their line.

use super::arguments::{healthcheck, run, transfer};
use super::dockerfile::{Dockerfile, Fault, Heredoc, Node};
use super::mounts::Mount;
use drydock_machinery::{quote, text};

/// `RUN`, `CMD` and `ENTRYPOINT`: a shell's line, or words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CommandLine {
    pub words: Vec<String>,
    /// Exec form: the words are the arguments.
    pub exec: bool,
}

/// `COPY` and `ADD`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Transfer {
    pub add: bool,
    pub sources: Vec<String>,
    pub destination: String,
    pub from: String,
    pub chown: String,
    pub chmod: String,
    pub link: bool,
    pub parents: bool,
    pub exclude: Vec<String>,
    pub checksum: String,
    pub heredocs: Vec<Heredoc>,
}

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pair {
    pub name: String,
    pub value: String,
}

/// `HEALTHCHECK`; an empty test with `none` false leaves the command to the base image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Healthcheck {
    /// `NONE`, or `CMD`/`CMD-SHELL` and its words.
    pub test: Vec<String>,
    /// Nanoseconds; 0 for the default.
    pub interval: i64,
    pub timeout: i64,
    pub start_period: i64,
    pub start_interval: i64,
    pub retries: i64,
}

/// What an instruction does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    Arg(Vec<(String, Option<String>)>),
    Cmd(CommandLine),
    Entrypoint(CommandLine),
    Env(Vec<Pair>),
    Expose(Vec<String>),
    Healthcheck(Healthcheck),
    Label(Vec<Pair>),
    Maintainer(String),
    Onbuild(String),
    Run { line: CommandLine, heredocs: Vec<Heredoc>, mounts: Vec<Mount>, network: String },
    Shell(Vec<String>),
    Stopsignal(String),
    Transfer(Transfer),
    User(String),
    Volume(Vec<String>),
    Workdir(String),
}

/// An instruction with its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Instruction {
    pub what: What,
    pub keyword: String,
    pub original: String,
    pub lines: (usize, usize),
}

/// One stage: `FROM` and what follows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stage {
    pub base: String,
    /// Lower case; "" for none.
    pub name: String,
    pub platform: String,
    pub original: String,
    pub lines: (usize, usize),
    pub instructions: Vec<Instruction>,
}

/// A whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Plan {
    /// `ARG`s in front of the first `FROM`.
    pub arguments: Vec<Instruction>,
    pub stages: Vec<Stage>,
}

const KEYWORDS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Checks every instruction and groups them by stage.
///
/// # Errors
/// `dockerfile parse error on line N: …`.
pub fn stages(file: &Dockerfile) -> Result<Plan, Fault> {
    let mut plan = Plan::default();
    for node in &file.nodes {
        let wrong = |why: String| {
            Fault::at(format!("dockerfile parse error on line {}: {why}", node.lines.0), node.lines)
        };
        if node.keyword.eq_ignore_ascii_case("from") {
            plan.stages.push(from(node).map_err(wrong)?);
            continue;
        }
        let instruction = instruction(node).map_err(wrong)?;
        match plan.stages.last_mut() {
            Some(stage) => stage.instructions.push(instruction),
            None if matches!(instruction.what, What::Arg(_)) => plan.arguments.push(instruction),
            None => return Err(Fault::at("no build stage in current context", node.lines)),
        }
    }
    if plan.stages.is_empty() {
        return Err(Fault::new("dockerfile contains no stages to build"));
    }
    Ok(plan)
}

fn from(node: &Node) -> Result<Stage, String> {
    let flags = take_flags(node, &[("platform", false)])?;
    let platform = flags.into_iter().next().map(|f| f.1).unwrap_or_default();
    let (base, name) = match node.args.as_slice() {
        [base] => (base, String::new()),
        [base, word, name] if word.eq_ignore_ascii_case("as") => {
            let lower = name.to_lowercase();
            let valid = lower.starts_with(|c: char| c.is_ascii_lowercase())
                && lower.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b));
            if !valid {
                let name = quote::go(name);
                return Err(format!(
                    "invalid name for build stage: {name}, name can't start with a number or contain symbols"
                ));
            }
            (base, lower)
        }
        _ => return Err("FROM requires either one or three arguments".into()),
    };
    Ok(Stage {
        base: base.clone(),
        name,
        platform,
        original: node.original.clone(),
        lines: node.lines,
        instructions: Vec::new(),
    })
}

/// Checks one instruction that is no `FROM`.
///
/// # Errors
/// What follows `dockerfile parse error on line N: `.
pub fn instruction(node: &Node) -> Result<Instruction, String> {
    let keyword = node.keyword.to_ascii_uppercase();
    let what = match &*keyword {
        "ADD" | "COPY" => transfer(node, &keyword)?,
        "ARG" => argument(node)?,
        "CMD" => What::Cmd(plain(node, command_line(node))?),
        "ENTRYPOINT" => What::Entrypoint(plain(node, command_line(node))?),
        "ENV" => What::Env(pairs(node, "ENV")?),
        "LABEL" => What::Label(pairs(node, "LABEL")?),
        "EXPOSE" => What::Expose(plain(node, some(node, "EXPOSE")?)?),
        "HEALTHCHECK" => What::Healthcheck(healthcheck(node)?),
        "MAINTAINER" => What::Maintainer(plain(node, one(node, "MAINTAINER")?)?),
        "ONBUILD" => What::Onbuild(plain(node, onbuild(node)?)?),
        "RUN" => run(node)?,
        "SHELL" => {
            take_flags(node, &[])?;
            match (node.json, node.args.as_slice()) {
                (true, []) => return Err("SHELL requires at least one argument".into()),
                (true, words) => What::Shell(words.to_vec()),
                (false, _) => return Err("SHELL requires the arguments to be in JSON form".into()),
            }
        }
        "STOPSIGNAL" => What::Stopsignal(plain(node, one(node, "STOPSIGNAL")?)?),
        "USER" => What::User(plain(node, one(node, "USER")?)?),
        "VOLUME" => {
            let paths = plain(node, some(node, "VOLUME")?)?;
            if paths.iter().any(|p| p.trim().is_empty()) {
                return Err("VOLUME specified can not be an empty string".into());
            }
            What::Volume(paths)
        }
        "WORKDIR" => What::Workdir(plain(node, one(node, "WORKDIR")?)?),
        _ => return Err(with_suggestion(format!("unknown instruction: {keyword}"), &keyword, KEYWORDS)),
    };
    Ok(Instruction { what, keyword, original: node.original.clone(), lines: node.lines })
}

/// ` (did you mean X?)` where something is near.
fn with_suggestion(error: String, typed: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|k| (text::levenshtein(typed, k), *k))
        .filter(|(distance, _)| *distance > 0 && *distance < 3)
        .min_by_key(|(distance, _)| *distance);
    near.map_or(error.clone(), |(_, k)| format!("{error} (did you mean {k}?)"))
}

/// The flags given, of those that there are: name, and whether it stands alone.
pub(super) fn take_flags(node: &Node, known: &[(&str, bool)]) -> Result<Vec<(String, String)>, String> {
    let mut out: Vec<(String, String)> = Vec::new();
    for flag in &node.flags {
        let bare = flag.trim_start_matches("--");
        let (name, value) = bare.split_once('=').map_or((bare, None), |(n, v)| (n, Some(v)));
        let Some((_, is_bool)) = known.iter().find(|k| k.0 == name) else {
            let names: Vec<&str> = known.iter().map(|k| k.0).collect();
            return Err(with_suggestion(format!("unknown flag: {name}"), name, &names));
        };
        if out.iter().any(|f| f.0 == name) && !matches!(name, "mount" | "exclude") {
            return Err(format!("duplicate flag specified: {name}"));
        }
        let value = match (is_bool, value) {
            (false, None) => return Err(format!("missing a value on flag: {name}")),
            (true, Some("")) => return Err(format!("missing a value on flag: {name}")),
            (true, None) => "true",
            (true, Some(value)) if !matches!(&*value.to_lowercase(), "true" | "false") => {
                return Err(format!("expecting boolean value for flag {name}, not: {value}"));
            }
            (_, Some(value)) => value,
        };
        out.push((name.to_string(), value.to_string()));
    }
    Ok(out)
}

fn plain<T>(node: &Node, value: T) -> Result<T, String> {
    take_flags(node, &[]).map(|_| value)
}
fn one(node: &Node, keyword: &str) -> Result<String, String> {
    node.args.first().cloned().ok_or_else(|| format!("{keyword} requires exactly one argument"))
}
pub(super) fn some(node: &Node, keyword: &str) -> Result<Vec<String>, String> {
    if node.args.is_empty() {
        return Err(format!("{keyword} requires at least one argument"));
    }
    Ok(node.args.clone())
}
pub(super) fn command_line(node: &Node) -> CommandLine {
    CommandLine { words: node.args.clone(), exec: node.json }
}

fn pairs(node: &Node, keyword: &str) -> Result<Vec<Pair>, String> {
    take_flags(node, &[])?;
    some(node, keyword)?;
    let mut out = Vec::new();
    for pair in node.args.chunks(2) {
        let [name, value] = pair else { continue };
        if name.is_empty() {
            return Err(format!("{keyword} names can not be blank"));
        }
        out.push(Pair { name: name.clone(), value: value.clone() });
    }
    Ok(out)
}

fn argument(node: &Node) -> Result<What, String> {
    take_flags(node, &[])?;
    let mut out = Vec::new();
    for word in some(node, "ARG")? {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name.to_string(), Some(value.to_string())),
            None => (word.clone(), None),
        };
        if name.is_empty() {
            return Err("ARG names can not be blank".into());
        }
        out.push((name, value));
    }
    Ok(What::Arg(out))
}

fn onbuild(node: &Node) -> Result<String, String> {
    let trigger = some(node, "ONBUILD")?.remove(0);
    let keyword = trigger.split_whitespace().next().unwrap_or("").to_ascii_uppercase();
    match &*keyword {
        "ONBUILD" => Err("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed".into()),
        "MAINTAINER" | "FROM" => Err(format!("{keyword} isn't allowed as an ONBUILD trigger")),
        _ => Ok(trigger),
    }
}

#[cfg(test)]
mod tests {
    use super::super::dockerfile::parse;
    use super::*;

    fn fault(text: &str) -> String {
        let file = match parse(text) {
            Ok(file) => file,
            Err(fault) => return fault.text,
        };
        stages(&file).unwrap_err().text
    }

    #[test]
    fn error_texts_of_the_builder() {
        for (text, expected) in [
            (
                "FROM a\nRUNN echo",
                "dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)",
            ),
            ("RUN echo", "no build stage in current context"),
            ("FROM", "dockerfile parse error on line 1: FROM requires either one or three arguments"),
            ("FROM a b", "dockerfile parse error on line 1: FROM requires either one or three arguments"),
            ("FROM a\nENV", "dockerfile parse error on line 2: ENV requires at least one argument"),
            (
                "FROM a\nMAINTAINER\nWORKDIR",
                "dockerfile parse error on line 2: MAINTAINER requires exactly one argument",
            ),
            (
                "FROM a\nCOPY x",
                "dockerfile parse error on line 2: COPY requires at least two arguments, but only one was provided. Destination could not be determined",
            ),
            (
                "FROM a\nCOPY --form=x a b",
                "dockerfile parse error on line 2: unknown flag: form (did you mean from?)",
            ),
            (
                "FROM a\nONBUILD FROM x",
                "dockerfile parse error on line 2: FROM isn't allowed as an ONBUILD trigger",
            ),
            (
                "FROM a\nSHELL bash",
                "dockerfile parse error on line 2: SHELL requires the arguments to be in JSON form",
            ),
            (
                "FROM a\nHEALTHCHECK x",
                "dockerfile parse error on line 2: Unknown type \"X\" in HEALTHCHECK (try CMD)",
            ),
            (
                "FROM a AS 1x",
                "dockerfile parse error on line 1: invalid name for build stage: \"1x\", name can't start with a number or contain symbols",
            ),
            ("# nothing", "file with no instructions"),
        ] {
            assert_eq!(fault(text), expected);
        }
    }
    #[test]
    fn malformed_json_is_shell_form() {
        let plan = stages(&parse("FROM a\nENTRYPOINT [\"echo\"\nCMD\n").unwrap()).unwrap();
        let What::Entrypoint(line) = &plan.stages[0].instructions[0].what else { panic!() };
        assert_eq!((line.exec, line.words.as_slice()), (false, ["[\"echo\"".to_string()].as_slice()));
    }
}
