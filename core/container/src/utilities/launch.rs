//! Programs that become another program: env, nohup, nice.

use super::filter::ended;
use super::support::{Flavor, Opts, Spec, done, flavor, own_name, usage};
use crate::errno::Errno;
use crate::machine::{Behave, Step};
use crate::sys::Sys;
use imbl::OrdMap;
use std::sync::Arc;

/// Becomes the program, as the last thing env and nohup do.
#[derive(Clone, Hash)]
pub struct Become {
    argv: Vec<Arc<str>>,
    env: Option<OrdMap<Arc<str>, Arc<str>>>,
}

impl Become {
    /// Becomes a program with the environment as it is.
    #[must_use]
    pub fn new(argv: Vec<Arc<str>>) -> Become {
        Become { argv, env: None }
    }
}

impl Behave for Become {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let (Some(env), Some(process)) = (self.env.take(), sys.machines.process_mut(sys.pid)) {
            process.env = env;
            process.implicit_env = false;
        }
        let own = own_name(sys);
        match sys.exec(self.argv.clone()) {
            Ok(step) => step,
            Err(errno) => {
                let name = self.argv.first().cloned().unwrap_or_default();
                Step::Exit(cannot_run(sys, &own, &name, errno))
            }
        }
    }
}

/// The complaint about a program that does not start, and the status for it.
pub(super) fn cannot_run(sys: &mut Sys<'_>, own: &str, name: &str, errno: Errno) -> i32 {
    let text = match (own, flavor(sys)) {
        (_, Flavor::Busybox) => format!("{own}: can't execute '{name}': {errno}\n"),
        ("xargs", _) => format!("xargs: {name}: {errno}\n"),
        ("env", _) => format!("env: '{name}': {errno}\n"),
        (own, _) => format!("{own}: failed to run command '{name}': {errno}\n"),
    };
    sys.eprint(&text);
    if errno == Errno::Enoent { 127 } else { 126 }
}

pub fn env(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec {
        short: "iu:0C:",
        long: &[("ignore-environment", 'i'), ("unset=", 'u'), ("null", '0'), ("chdir=", 'C')],
        code: 125,
    };
    let given: Vec<Arc<str>> =
        sys.args().iter().skip(1).map(|a| if &**a == "-" { Arc::from("-i") } else { a.clone() }).collect();
    let opts = match Opts::parse_leading(sys, &SPEC, &given) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    let mut env = if opts.has('i') { OrdMap::new() } else { sys.environment() };
    for name in opts.values('u') {
        env.remove(&name);
    }
    let mut words = opts.args.as_slice();
    while let [first, rest @ ..] = words {
        let Some((name, value)) = first.split_once('=') else { break };
        env.insert(name.into(), value.into());
        words = rest;
    }
    if let Some(dir) = opts.value('C')
        && let Err(errno) = sys.chdir(dir)
    {
        return ended(done(sys, 125, &format!("cannot change directory to '{dir}': {errno}")));
    }
    if words.is_empty() {
        let end = if opts.has('0') { "\0" } else { "\n" };
        for (name, value) in sys.machines.in_order(sys.pid, &env) {
            sys.print(&format!("{name}={value}{end}"));
        }
        return ended(0);
    }
    Box::new(Become { argv: words.to_vec(), env: Some(env) })
}

pub fn nohup(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    let words: Vec<Arc<str>> = sys.args().iter().skip(1).cloned().collect();
    if words.is_empty() {
        return ended(usage(sys, 125, "missing operand"));
    }
    if sys.is_tty(1) {
        sys.eprint("nohup: ignoring input and appending output to 'nohup.out'\n");
        let options = crate::OpenOptions { write: true, create: true, append: true, ..Default::default() };
        if let Ok(fd) = sys.open("nohup.out", options) {
            let _ = sys.dup2(fd, 1);
            if sys.is_tty(2) {
                let _ = sys.dup2(fd, 2);
            }
            let _ = sys.close(fd);
        }
    }
    Box::new(Become { argv: words, env: None })
}

pub fn nice(sys: &mut Sys<'_>) -> Box<dyn crate::Machine> {
    const SPEC: Spec = Spec { short: "n:", long: &[("adjustment=", 'n')], code: 125 };
    let opts = match Opts::read_leading(sys, &SPEC) {
        Ok(opts) => opts,
        Err(code) => return ended(code),
    };
    if opts.args.is_empty() {
        sys.print("0\n");
        return ended(0);
    }
    Box::new(Become { argv: opts.args, env: None })
}
