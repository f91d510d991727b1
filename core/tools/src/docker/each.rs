//! One request for each argument: stop, start, kill, rm and their like. All are sent at once, as the
//! real client does, and reported in the order they were named.

use super::api::{Engine, Failure, Pending, Reply};
use crate::cli::{Flow, Outcome};
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys};
use drydock_network::http::Request;
use std::hash::{Hash, Hasher};

/// What a command makes of an answer.
#[derive(Clone, Copy)]
pub struct Report {
    /// What to print on stdout when it went well; the argument comes with it.
    pub done: fn(&str, &Reply) -> String,
    /// What is printed on stdout after all arguments are through.
    pub last: fn(&str, &Reply) -> String,
    /// The line for stderr when it did not; empty to say nothing. True makes the command fail.
    pub failed: fn(&str, &Failure) -> (String, bool),
    /// The last line on stderr after failures, from the arguments that failed.
    pub summary: fn(&[String]) -> String,
}

impl Report {
    /// Prints the name, or the daemon's words.
    pub const NAME: Report = Report {
        done: |name, _| format!("{name}\n"),
        last: |_, _| String::new(),
        failed: |_, failure| (format!("{}\n", failure.text), true),
        summary: |_| String::new(),
    };
}

/// Sends all requests and reports when they are answered.
///
/// # Errors
/// None here: failures are part of the report.
pub fn each(
    sys: &mut Sys<'_>,
    engine: &Engine,
    names: &[String],
    request: impl Fn(&str) -> Request,
    report: Report,
) -> Outcome {
    let under_way = names.iter().map(|name| (name.clone(), engine.begin(sys, request(name)))).collect();
    let mut all = Each { under_way, at: 0, failed: Vec::new(), last: String::new(), code: 0, report };
    Ok(match all.advance(sys) {
        Step::Exit(code) => Flow::Done(code),
        _ => Flow::Continue(Box::new(all)),
    })
}

#[derive(Clone)]
struct Each {
    under_way: Vec<(String, Pending)>,
    at: usize,
    failed: Vec<String>,
    last: String,
    code: i32,
    report: Report,
}

impl Hash for Each {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.under_way, self.at, &self.failed, &self.last, self.code).hash(state);
    }
}

impl Each {
    fn advance(&mut self, sys: &mut Sys<'_>) -> Step {
        while let Some((name, pending)) = self.under_way.get_mut(self.at) {
            match pending.poll(sys) {
                Err(wait) => return Step::wait(wait),
                Ok(Ok(reply)) => {
                    let text = (self.report.done)(name, &reply);
                    sys.print(&text);
                    self.last += &(self.report.last)(name, &reply);
                }
                Ok(Err(failure)) => {
                    let (text, fails) = (self.report.failed)(name, &failure);
                    sys.eprint(&text);
                    if fails {
                        self.code = 1;
                        self.failed.push(name.clone());
                    }
                }
            }
            self.at += 1;
        }
        sys.print(&self.last);
        if !self.failed.is_empty() {
            let text = (self.report.summary)(&self.failed);
            sys.eprint(&text);
        }
        Step::Exit(self.code)
    }
}

impl Behave for Each {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        self.advance(sys)
    }
}
