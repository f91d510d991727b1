//! Transcripts: what is typed and what is printed, one text file a case.
//!
//! A line `$ command` is typed at the learner's terminal; the lines below it are what it printed, stderr
//! lines after `! `, and `? 1` is an exit status other than 0. `@ 30s` lets simulated time pass, `@ ^C`
//! interrupts, `@ undo` and `@ redo` travel, `@ save PATH` with lines after `| ` saves a file, `@ hash`
//! does nothing but is a good place to look. Lines before the first of these are the case's description.

use drydock_sandbox::{CommandResult, Input, Sandbox};
use std::path::Path;

/// One step of a case with what is expected of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The line as written, without its expectations.
    pub line: String,
    /// Lines after `| `.
    pub text: String,
    pub expected: String,
}

/// A case: its description and steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    pub about: String,
    pub steps: Vec<Step>,
}

/// What playing a case gave.
pub struct Played {
    pub steps: Vec<Step>,
    pub hash: u64,
    pub sandbox: Sandbox,
}

/// All cases of a folder by name.
pub fn read_all(dir: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> =
        std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.sort();
    files
        .into_iter()
        .filter(|p| p.extension().is_some_and(|e| e == "txt"))
        .filter_map(|p| {
            let name = p.file_stem()?.to_string_lossy().into_owned();
            Some((name, std::fs::read_to_string(&p).ok()?))
        })
        .collect()
}

pub fn parse(source: &str) -> Case {
    let mut case = Case::default();
    for line in source.lines() {
        if line.starts_with("$ ") || line.starts_with("@ ") {
            case.steps.push(Step { line: line.into(), text: String::new(), expected: String::new() });
            continue;
        }
        match (case.steps.last_mut(), line.strip_prefix("| ").or((line == "|").then_some(""))) {
            (None, _) => case.about += &format!("{line}\n"),
            (Some(step), Some(text)) if step.line.starts_with("@ save ") => step.text += &format!("{text}\n"),
            (Some(step), _) => step.expected += &format!("{line}\n"),
        }
    }
    for step in &mut case.steps {
        // One empty line between steps is layout.
        let trimmed = step.expected.trim_end_matches('\n').len();
        step.expected.truncate(trimmed);
        if !step.expected.is_empty() {
            step.expected.push('\n');
        }
    }
    case
}

/// Writes a case as a file again.
pub fn print(about: &str, steps: &[Step]) -> String {
    let mut out = about.trim_end().to_string() + "\n";
    for step in steps {
        out += &format!("\n{}\n", step.line);
        step.text.lines().for_each(|l| out += &format!("| {l}\n"));
        out += &step.expected;
    }
    out
}

/// Plays a case from a fresh world; expectations become what really was printed.
pub fn play(case: &Case) -> Played {
    let mut sandbox = Sandbox::new(1);
    let mut steps = Vec::new();
    for step in &case.steps {
        let mut printed = String::new();
        if let Some(command) = step.line.strip_prefix("$ ") {
            if let Some(result) = sandbox.run_line(command) {
                printed = show(&result);
            }
            sandbox.advance(1_000, usize::MAX);
        } else if let Some(order) = step.line.strip_prefix("@ ") {
            obey(&mut sandbox, order, &step.text);
        }
        steps.push(Step { expected: printed, ..step.clone() });
    }
    Played { steps, hash: sandbox.hash(), sandbox }
}

fn obey(sandbox: &mut Sandbox, order: &str, text: &str) {
    match order {
        "^C" => sandbox.apply(Input::Interrupt { tty: 0 }),
        "^D" => sandbox.apply(Input::Eof { tty: 0 }),
        // The way back to before the last change, whatever was only looked at since.
        "undo" => _ = sandbox.undo(),
        "redo" => _ = sandbox.redo(),
        "settle" => _ = sandbox.settle(120_000),
        "hash" => {}
        order => match order.split_once(' ') {
            Some(("save", path)) => sandbox.apply(Input::File { path: path.into(), text: text.into() }),
            Some(("off", name)) => sandbox.apply(Input::Node { name: name.into(), on: false }),
            Some(("on", name)) => sandbox.apply(Input::Node { name: name.into(), on: true }),
            Some(("type", line)) => sandbox.apply(Input::Line { tty: 0, text: line.into() }),
            _ => {
                let ms = order.strip_suffix('s').and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) * 1_000;
                sandbox.advance(ms, usize::MAX);
            }
        },
    }
}

fn show(result: &CommandResult) -> String {
    let mut out = String::new();
    result.stdout.lines().for_each(|l| out += &format!("{l}\n"));
    result.stderr.lines().for_each(|l| out += &format!("! {l}\n"));
    if result.status != 0 {
        out += &format!("? {}\n", result.status);
    }
    // Empty lines at the end would be taken for layout.
    out.truncate(out.trim_end_matches('\n').len());
    if !out.is_empty() {
        out.push('\n');
    }
    out
}
