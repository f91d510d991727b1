//! jq: paths, `.[]`, slices, pipes, commas, literals, arithmetic, comparison, `and or not //`, if, object
//! and array construction, string interpolation and the common functions; `-r -c -e -n -s -j --arg`.
//! Left out: def, reduce, foreach, assignment operators, regular expressions beyond `test`.

mod eval;
mod functions;
mod parse;
mod value;

use self::eval::eval;
use self::parse::Expr;
use self::parse::Parser;
use self::value::string;
use self::value::{Vars, pretty, truth};
use super::filter::{Filter, Flow, ended, filtering};
use super::support::{Opts, Spec};
use crate::sys::Sys;
use drydock_machinery::{Value, json};
use std::sync::Arc;

#[derive(Clone, Hash)]
pub struct Jq {
    expr: Expr,
    opts: Opts,
    data: Vec<u8>,
    vars: Vec<(Arc<str>, Arc<str>)>,
}

impl Filter for Jq {
    fn raw(&self) -> bool {
        true
    }
    fn line(&mut self, _: &mut Sys<'_>, bytes: &[u8], _: bool) -> Flow {
        self.data.extend_from_slice(bytes);
        Flow::More
    }
    fn bad(&mut self, sys: &mut Sys<'_>, name: &Arc<str>, errno: crate::Errno) {
        sys.eprint(&format!("jq: error: Could not open {name}: {errno}\n"));
    }
    fn end(&mut self, sys: &mut Sys<'_>, failed: bool) -> i32 {
        let mut vars: Vars = Vars::new();
        for (name, text) in &self.vars {
            let value = match name.strip_prefix('=') {
                Some(_) => json::parse(text.as_bytes()).unwrap_or(Value::Null),
                None => string(text),
            };
            vars.insert(name.trim_start_matches('=').into(), value);
        }
        let mut inputs = Vec::new();
        let mut code = if failed { 2 } else { 0 };
        if self.opts.has('n') {
            inputs.push(Value::Null);
        } else if self.opts.has('R') {
            inputs.extend(String::from_utf8_lossy(&self.data).lines().map(string));
        } else {
            for document in documents(&self.data) {
                match json::parse(document) {
                    Ok(value) => inputs.push(value),
                    Err(error) => {
                        sys.eprint(&format!("jq: parse error: {error}\n"));
                        code = 2;
                        break;
                    }
                }
            }
        }
        if self.opts.has('s') {
            inputs = vec![Value::from_items(inputs)];
        }
        let mut last = None;
        for input in &inputs {
            match eval(&self.expr, input, &vars) {
                Ok(values) => {
                    for value in values {
                        let raw = self.opts.has('r') || self.opts.has('j');
                        let mut out = String::new();
                        if let (true, Some(text)) = (raw, value.as_str()) {
                            out.push_str(text);
                        } else if self.opts.has('c') {
                            out.push_str(&json::to_string(&value));
                        } else {
                            pretty(&value, 0, &mut out);
                        }
                        if !self.opts.has('j') {
                            out.push('\n');
                        }
                        sys.print(&out);
                        last = Some(value);
                    }
                }
                Err(text) => {
                    sys.eprint(&format!(
                        "jq: error (at <stdin>:{}): {text}\n",
                        self.data.iter().filter(|b| **b == b'\n').count()
                    ));
                    code = 5;
                }
            }
        }
        if self.opts.has('e') && code == 0 {
            code = match last {
                None => 4,
                Some(value) => i32::from(!truth(&value)),
            };
        }
        code
    }
}

/// Splits a stream of JSON documents at their ends.
fn documents(data: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    let (mut depth, mut quoted, mut escaped, mut start) = (0i64, false, false, None);
    for (at, byte) in data.iter().enumerate() {
        if quoted {
            match (escaped, byte) {
                (true, _) => escaped = false,
                (false, b'\\') => escaped = true,
                (false, b'"') => quoted = false,
                _ => {}
            }
        } else {
            match byte {
                b'"' => quoted = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
        }
        let blank = byte.is_ascii_whitespace() && !quoted;
        if start.is_none() && !blank {
            start = Some(at);
        }
        let closes = !quoted && depth == 0 && matches!(byte, b'}' | b']');
        if let Some(from) = start
            && depth <= 0
            && !quoted
            && (blank || closes)
        {
            let end = if closes { at + 1 } else { at };
            out.extend(data.get(from..end));
            start = None;
        }
    }
    if let Some(from) = start {
        out.extend(data.get(from..));
    }
    out
}

/// A filter ready to run, for yq.
pub(super) struct Compiled(Expr);

/// Reads a filter.
///
/// # Errors
/// What jq says about it.
pub(super) fn compile(source: &str) -> Result<Compiled, String> {
    let mut parser = Parser { text: source, at: 0, depth: 0 };
    let parsed = if source.trim().is_empty() { Ok(Expr::Identity) } else { parser.pipe() };
    parser.blanks();
    parsed.and_then(|e| if parser.at < source.len() { Err(parser.unexpected()) } else { Ok(Compiled(e)) })
}

/// What a filter makes of a value.
///
/// # Errors
/// What jq says about the value.
pub(super) fn results(filter: &Compiled, value: &Value) -> Result<Vec<Value>, String> {
    eval(&filter.0, value, &Vars::new())
}

pub fn jq(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "rcensjSMCRa",
        long: &[
            ("raw-output", 'r'),
            ("compact-output", 'c'),
            ("exit-status", 'e'),
            ("null-input", 'n'),
            ("slurp", 's'),
            ("join-output", 'j'),
            ("sort-keys", 'S'),
            ("raw-input", 'R'),
            ("tab", 't'),
            ("monochrome-output", 'M'),
            ("color-output", 'C'),
        ],
        code: 2,
    };
    let mut vars = Vec::new();
    let mut words = Vec::new();
    let args = sys.args();
    let mut rest = args.iter().skip(1);
    while let Some(word) = rest.next() {
        match &**word {
            "--arg" | "--argjson" => {
                let mark = if &**word == "--argjson" { "=" } else { "" };
                if let (Some(name), Some(value)) = (rest.next(), rest.next()) {
                    vars.push((Arc::from(format!("{mark}{name}")), value.clone()));
                }
            }
            _ => words.push(word.clone()),
        }
    }
    let opts = match Opts::parse_words(sys, &SPEC, &words) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let (source, files) = match opts.args.split_first() {
        Some((source, files)) => (source.clone(), files.to_vec()),
        None => (Arc::from("."), Vec::new()),
    };
    match compile(&source) {
        Ok(Compiled(expr)) => {
            let bare = opts.has('n') && files.is_empty();
            let jq = Jq { expr, opts, data: Vec::new(), vars };
            if bare {
                let mut jq = jq;
                return ended(jq.end(sys, false));
            }
            filtering(jq, &files)
        }
        Err(text) => {
            sys.eprint(&format!("jq: error: {text}\n{source}\njq: 1 compile error\n"));
            ended(3)
        }
    }
}
