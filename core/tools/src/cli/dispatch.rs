//! From a command line to the command that runs: cobra's `Find`, then flags, required flags, the run
//! function; and the process machine around it.

use super::flags::{find_long, find_short, known, parse};
use super::{Command, Error, Flag, Flow, Invocation, Outcome, Parsed, Style};
use drydock_container::fd::{Read, STDIN};
use drydock_container::machine::{Behave, Handled};
use drydock_container::{Machine, Signal, Step, Sys, Wait};
use drydock_machinery::text;
use std::hash::{Hash, Hasher};

/// A command that was found, and the words left for it.
pub struct Chosen {
    pub command: &'static Command,
    pub path: String,
    pub words: Vec<String>,
}

/// Walks down the commands as cobra's `Find` does: the first word that is no flag (nor a flag's
/// value) names the next one.
#[must_use]
pub fn choose(style: &'static Style, words: &[String]) -> Chosen {
    let mut at = Chosen { command: style.root, path: style.root.name.into(), words: words.to_vec() };
    while let Some(place) = first_argument(at.command, style.global, &at.words) {
        let Some(next) = at.words.get(place).and_then(|word| at.command.subcommand(word)) else { break };
        if style.root_flags_first && std::ptr::eq(at.command, style.root) {
            at.words.drain(..=place);
        } else {
            at.words.remove(place);
        }
        at.path = format!("{} {}", at.path, next.name);
        at.command = next;
    }
    at
}

/// Where the first positional argument stands.
fn first_argument(command: &Command, global: &'static [Flag], words: &[String]) -> Option<usize> {
    let known = known(command, global);
    let mut skip = false;
    for (place, word) in words.iter().enumerate() {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word == "--" {
            return None;
        }
        if let Some(long) = word.strip_prefix("--") {
            skip = !long.contains('=') && find_long(&known, long).is_none_or(|f| f.alone.is_empty());
            // An unknown flag may be the subcommand's own switch; cobra takes its next word away too,
            // unless it is help.
            if long == "help" {
                skip = false;
            }
        } else if word.len() > 1 && word.starts_with('-') {
            let letter = word.chars().nth(1).unwrap_or('-');
            skip = word.len() == 2
                && letter != 'h'
                && find_short(&known, letter).is_none_or(|f| f.alone.is_empty());
        } else if !word.is_empty() {
            return Some(place);
        }
    }
    None
}

/// Runs a command line to its end or to the machine that goes on with it.
pub fn dispatch(
    style: &'static Style,
    sys: &mut Sys<'_>,
    words: &[String],
    stdin: Option<Vec<u8>>,
) -> Outcome {
    let (chosen, parsed) = match prepare(style, sys, words)? {
        Some(found) => found,
        None => return Ok(Flow::Done(0)),
    };
    let mut invocation = Invocation {
        sys,
        style,
        command: chosen.command,
        path: chosen.path,
        args: parsed.args,
        dash: parsed.dash,
        flags: parsed.flags,
        stdin,
    };
    (chosen.command.run)(&mut invocation)
}

/// Finds the command and parses its flags; none when help was asked for and printed.
fn prepare(
    style: &'static Style,
    sys: &mut Sys<'_>,
    words: &[String],
) -> Result<Option<(Chosen, Parsed)>, Error> {
    let chosen = choose(style, words);
    // A word that names no command is reported before any flag is looked at.
    if std::ptr::eq(chosen.command, style.root)
        && let Some(word) =
            first_argument(style.root, style.global, &chosen.words).and_then(|p| chosen.words.get(p))
    {
        return Err(unknown(style, word));
    }
    let parsed = parse(chosen.command, style.global, &chosen.words)
        .map_err(|message| (style.flag_error)(chosen.command, &chosen.path, &message))?;
    if parsed.help {
        let text = (style.help)(style, chosen.command, &chosen.path);
        sys.print(&text);
        return Ok(None);
    }
    let missing: Vec<String> = chosen
        .command
        .own_flags()
        .filter(|f| f.required && !parsed.flags.changed(f.name))
        .map(|f| format!("\"{}\"", f.name))
        .collect();
    if !missing.is_empty() {
        return Err(Error::new(format_args!("required flag(s) {} not set", missing.join(", "))));
    }
    Ok(Some((chosen, parsed)))
}

fn unknown(style: &Style, word: &str) -> Error {
    let names = style.root.subcommands.iter().filter(|c| !c.hidden).map(|c| c.name);
    (style.unknown)(word, &text::suggestions(word, names))
}

/// Whether the command line reads stdin as a file, so that all of it is gathered first.
fn reads_stdin(style: &'static Style, words: &[String]) -> bool {
    let chosen = choose(style, words);
    let Ok(parsed) = parse(chosen.command, style.global, &chosen.words) else { return false };
    if (chosen.command.takes_stdin)(&parsed) && !parsed.help {
        return true;
    }
    ["filename", "from-file", "from-env-file", "patch-file"].iter().any(|flag| {
        parsed.flags.list(flag).iter().any(|v| v == "-" || v.ends_with("=-") || v == "/dev/stdin")
    }) || (parsed.args.iter().any(|a| a == "-" || a == "-=-")
        && parsed.dash.is_none()
        && parsed.flags.has("env"))
}

/// The first state of a program of this style.
pub fn launch(style: &'static Style, _sys: &mut Sys<'_>) -> Box<dyn Machine> {
    Box::new(Main { style, stdin: Vec::new(), ready: false, rest: None })
}

/// The process: gathers stdin if needed, runs the command, then whatever it goes on with.
#[derive(Clone)]
struct Main {
    style: &'static Style,
    stdin: Vec<u8>,
    ready: bool,
    rest: Option<Box<dyn Machine>>,
}

impl Hash for Main {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.stdin.hash(state);
        self.ready.hash(state);
        self.rest.as_ref().map(|m| m.digest()).hash(state);
    }
}

impl Behave for Main {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(rest) = &mut self.rest {
            return rest.step(sys);
        }
        let words: Vec<String> = sys.args().iter().skip(1).map(|a| a.to_string()).collect();
        let gathers = reads_stdin(self.style, &words);
        if gathers && !self.ready {
            match sys.read(STDIN, usize::MAX) {
                Read::Data(data) => {
                    self.stdin.extend(data);
                    return Step::Again;
                }
                Read::Block => return Step::wait(Wait::Readable(STDIN)),
                Read::End | Read::Failed(_) => self.ready = true,
            }
        }
        let stdin = gathers.then(|| std::mem::take(&mut self.stdin));
        match dispatch(self.style, sys, &words, stdin) {
            Ok(Flow::Done(code)) => Step::Exit(code),
            Ok(Flow::Continue(machine)) => {
                self.rest = Some(machine);
                Step::Again
            }
            Err(error) => {
                sys.eprint(&error.text);
                Step::Exit(error.code)
            }
        }
    }
    fn signal(&mut self, signal: Signal) -> Handled {
        self.rest.as_mut().map_or(Handled::Default, |m| m.signal(signal))
    }
}
