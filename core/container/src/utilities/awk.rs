//! awk: patterns and ranges, fields, arrays, functions of one's own, getline, print to files and pipes,
//! the string functions, RS as a character, as text or as blank lines; `-F -v -f`. Follows gawk 5.2. Left
//! out: coprocesses, sockets, arrays of arrays, switch; rand's numbers are its own.

mod call;
mod drive;
mod eval;
mod expression;
mod functions;
mod parse;
mod run;
mod syntax;
mod value;

use self::drive::{Effect, Known};
use self::parse::parse;
use self::syntax::Program;
use self::value::Value;
use super::filter::{Input, ended};
use super::support::{Opts, Spec};
use crate::sys::Sys;
use imbl::OrdMap;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a function's parameter is.
#[derive(Clone, Debug, PartialEq, Hash)]
#[allow(private_interfaces)]
pub(super) enum Local {
    Value(Value),
    /// An array, by its global name.
    Array(Arc<str>),
    /// Nothing yet: used as an array it becomes this one.
    Maybe(Arc<str>),
}

#[derive(Clone, Hash)]
pub struct Awk {
    program: Arc<Program>,
    vars: OrdMap<Arc<str>, Value>,
    arrays: OrdMap<Arc<str>, OrdMap<Arc<str>, Value>>,
    /// Parameters of the functions that run.
    frames: Vec<BTreeMap<Arc<str>, Local>>,
    record: String,
    fields: Vec<Arc<str>>,
    /// Ranges under way.
    active: Vec<bool>,
    /// What is left of files and commands that getline reads.
    reads: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    steps: u64,
    exit: Option<i32>,
    unix: i64,
    drawn: u64,
    /// Arrays made for functions.
    made: u64,
    /// What the present rules did so far.
    effects: Vec<Effect>,
    /// What they have been told so far, and how much of it they used this time.
    known: Vec<Known>,
    used: usize,
    driver: drive::Driver,
}

const PLACE: &str = "awk: cmd. line:1:";

pub fn awk(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "F:v:f:",
        long: &[("field-separator=", 'F'), ("assign=", 'v'), ("file=", 'f')],
        code: 2,
    };

    let opts = match Opts::read_leading(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let mut args = opts.args.clone();
    let source = match opts.value('f') {
        Some("-" | "/dev/stdin") => return Box::new(drive::Late::new(opts)),
        Some(file) => match sys.read_file(file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(errno) => {
                sys.eprint(&format!("awk: fatal: cannot open source file `{file}' for reading: {errno}\n"));
                return ended(2);
            }
        },
        None if args.is_empty() => {
            sys.eprint("Usage: awk [POSIX or GNU style options] -f progfile [--] file ...\nUsage: awk [POSIX or GNU style options] [--] 'program' file ...\n");
            return ended(1);
        }
        None => args.remove(0).to_string(),
    };
    match start(sys, &opts, &source, &args) {
        Ok(awk) => awk,
        Err(code) => ended(code),
    }
}

/// A program with its source at hand.
fn start(sys: &mut Sys<'_>, opts: &Opts, source: &str, args: &[Arc<str>]) -> Result<Box<Awk>, i32> {
    let program = match parse(source) {
        Ok(program) => program,
        Err(text) => {
            if text.starts_with(['e', 'f']) {
                sys.eprint(&format!("{PLACE} {text}\n"));
            } else {
                sys.eprint(&format!("{PLACE} {source}\n{PLACE} {text}\n"));
            }
            return Err(if text.starts_with('f') { 2 } else { 1 });
        }
    };
    let unescaped = |t: &str| {
        let (bytes, _) = crate::shell::escape::unescape(t, crate::shell::escape::Style::Format);
        Arc::<str>::from(String::from_utf8_lossy(&bytes).as_ref())
    };
    let mut vars: OrdMap<Arc<str>, Value> = OrdMap::new();
    for (name, text) in [
        ("FS", " "),
        ("OFS", " "),
        ("ORS", "\n"),
        ("RS", "\n"),
        ("SUBSEP", "\u{1c}"),
        ("OFMT", "%.6g"),
        ("CONVFMT", "%.6g"),
    ] {
        vars.insert(name.into(), Value::Text(text.into()));
    }
    if let Some(separator) = opts.value('F') {
        let separator = if separator == "t" { "\t".into() } else { unescaped(separator) };
        vars.insert("FS".into(), Value::Text(separator));
    }
    for pair in opts.values('v') {
        if let Some((name, value)) = pair.split_once('=') {
            vars.insert(name.into(), Value::Input(unescaped(value)));
        }
    }
    let mut arrays = OrdMap::new();
    let environment = sys.environment().into_iter().map(|(k, v)| (k, Value::Input(v))).collect();
    arrays.insert(Arc::from("ENVIRON"), environment);
    let own: OrdMap<Arc<str>, Value> = std::iter::once(Arc::from("awk"))
        .chain(args.iter().cloned())
        .enumerate()
        .map(|(at, word)| (Arc::from(at.to_string()), Value::Input(word)))
        .collect();
    vars.insert("ARGC".into(), Value::Number(own.len() as f64));
    arrays.insert(Arc::from("ARGV"), own);
    // `name=value` among the files is an assignment.
    let mut files = Vec::new();
    for word in args {
        match word.split_once('=').filter(|(name, _)| crate::shell::lexer::is_name(name)) {
            Some((name, value)) => _ = vars.insert(name.into(), Value::Input(unescaped(value))),
            None => files.push(word.clone()),
        }
    }
    let active = vec![false; program.rules.len()];
    Ok(Box::new(Awk {
        driver: drive::Driver::new(&program, Input::new(&files)),
        program: Arc::new(program),
        vars,
        arrays,
        frames: Vec::new(),
        record: String::new(),
        fields: Vec::new(),
        active,
        reads: BTreeMap::new(),
        steps: 0,
        exit: None,
        unix: sys.unix(),
        drawn: 0,
        made: 0,
        effects: Vec::new(),
        known: Vec::new(),
        used: 0,
    }))
}
