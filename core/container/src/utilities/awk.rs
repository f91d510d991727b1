//! awk: BEGIN and END, patterns and ranges, fields, variables, arrays, print and printf, control flow,
//! the string functions, `getline`-less; `-F -v -f`. Left out: user functions, getline, pipes and
//! redirections of print other than to /dev/stderr.

mod eval;
mod expression;
mod parse;
mod run;
mod syntax;
mod value;

use self::parse::parse;
use self::syntax::Program;
use self::value::Value;
use super::filter::{Filter, Flow, ended, filtering};
use super::support::{Opts, Spec};
use crate::sys::Sys;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Clone, Hash)]
pub struct Awk {
    program: Arc<Program>,
    vars: BTreeMap<Arc<str>, Value>,
    arrays: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Value>>,
    record: String,
    fields: Vec<Arc<str>>,
    /// Ranges under way.
    active: Vec<bool>,
    steps: u64,
    exit: Option<i32>,
    out: String,
    began: bool,
}

impl Filter for Awk {
    fn file(&mut self, _: &mut Sys<'_>, name: &Arc<str>) {
        self.vars
            .insert("FILENAME".into(), Value::Text(if &**name == "-" { "".into() } else { name.clone() }));
        self.vars.insert("FNR".into(), Value::Number(0.0));
    }
    fn line(&mut self, sys: &mut Sys<'_>, line: &[u8], _: bool) -> Flow {
        if !self.program.rules.iter().any(|r| r.when.is_empty() || r.when == "END") {
            return Flow::Stop;
        }
        for name in ["NR", "FNR"] {
            let next = self.var(name).number() + 1.0;
            self.vars.insert(name.into(), Value::Number(next));
        }
        let text = String::from_utf8_lossy(line).into_owned();
        self.set_record(&text);
        if self.rules(sys, "") { Flow::More } else { Flow::Stop }
    }
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: crate::Errno) {
        sys.eprint(&format!("awk: warning: command line argument `{name}' : {errno}\n"));
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        if self.exit.is_none() {
            self.rules(sys, "END");
        }
        self.exit.unwrap_or(if failed { 2 } else { 0 })
    }
}

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
        Some(file) => match sys.read_file(file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(errno) => {
                sys.eprint(&format!("awk: fatal: cannot open source file `{file}' for reading: {errno}\n"));
                return ended(2);
            }
        },
        None if args.is_empty() => {
            sys.eprint("Usage: awk [POSIX or GNU style options] -f progfile [--] file ...\nUsage: awk [POSIX or GNU style options] [--] 'program' file ...\n");
            return ended(2);
        }
        None => args.remove(0).to_string(),
    };
    let program = match parse(&source) {
        Ok(program) => program,
        Err(text) => {
            sys.eprint(&format!("awk: cmd. line:1: {source}\nawk: cmd. line:1: {text}\n"));
            return ended(2);
        }
    };
    let unescaped = |t: &str| {
        let (bytes, _) = crate::shell::escape::unescape(t, crate::shell::escape::Style::Format);
        Arc::<str>::from(String::from_utf8_lossy(&bytes).as_ref())
    };
    let mut vars: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    for (name, text) in [("FS", " "), ("OFS", " "), ("ORS", "\n"), ("SUBSEP", "\u{1c}")] {
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
    let mut arrays = BTreeMap::new();
    let environment = sys.environment().into_iter().map(|(k, v)| (k, Value::Input(v))).collect();
    arrays.insert(Arc::from("ENVIRON"), environment);
    let reads = program.rules.iter().any(|r| r.when != "BEGIN");
    let active = vec![false; program.rules.len()];
    let mut awk = Awk {
        program: Arc::new(program),
        vars,
        arrays,
        record: String::new(),
        fields: Vec::new(),
        active,
        steps: 0,
        exit: None,
        out: String::new(),
        began: false,
    };
    let goes_on = awk.begin(sys);
    if !goes_on || !reads {
        return ended(awk.exit.unwrap_or(0));
    }
    filtering(awk, &args)
}
