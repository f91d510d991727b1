//! Waits until deleted objects are gone: the second half of `kubectl delete`, `replace --force` and
//! `run --rm`. Follows kubectl's `wait.IsDeleted`: a GET, then list and watch by name.

use super::Failure;
use super::builder::Info;
use super::client::{Client, JSON};
use super::watching::{Event, Next, Watching};
use drydock_container::{Sys, Wait};
use std::collections::VecDeque;

/// An object that should go.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Doomed {
    pub info: Info,
    /// What was deleted; another uid under the name is something new. Empty when unknown.
    pub uid: String,
}

/// The objects still to go, one after the other.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Deleting {
    client: Client,
    queue: VecDeque<Doomed>,
    current: Option<(Doomed, Watching)>,
    /// Simulated milliseconds.
    deadline: u64,
}

/// How far the waiting is.
pub enum Progress {
    Done,
    Wait(Vec<Wait>),
}

impl Deleting {
    /// `timeout` in milliseconds; 0 means a week, as kubectl has it.
    #[must_use]
    pub fn new(client: &Client, doomed: Vec<Doomed>, now: u64, timeout: i64) -> Deleting {
        let timeout = u64::try_from(timeout).unwrap_or(0);
        let timeout = if timeout == 0 { 7 * 24 * 3_600_000 } else { timeout };
        Deleting { client: client.clone(), queue: doomed.into(), current: None, deadline: now + timeout }
    }
    /// Goes on as far as it can now.
    ///
    /// # Errors
    /// The server's, or `timed out waiting for the condition on pods/web`.
    pub fn poll(&mut self, sys: &mut Sys<'_>) -> Result<Progress, Failure> {
        loop {
            let Some((doomed, watching)) = &mut self.current else {
                let Some(doomed) = self.queue.pop_front() else { return Ok(Progress::Done) };
                match self.client.get(sys, &doomed.info.path(), JSON) {
                    Err(failure) if failure.is_not_found() => {}
                    Err(failure) => return Err(failure),
                    Ok(object) if is_other(&object, &doomed.uid) => {}
                    Ok(_) => self.current = Some((doomed.clone(), Watching::new(&self.client, &doomed.info))),
                }
                continue;
            };
            let gone = match watching.next(sys)? {
                Next::Event(Event::Seen(object)) => is_other(&object, &doomed.uid),
                Next::Event(Event::Absent | Event::Deleted(_)) => true,
                Next::Wait(on) => {
                    if sys.now() >= self.deadline {
                        watching.close(sys);
                        let what = format!("{}/{}", doomed.info.resource.plural, doomed.info.name);
                        return Err(Failure::Message(format!(
                            "timed out waiting for the condition on {what}"
                        )));
                    }
                    return Ok(Progress::Wait(vec![on, Wait::Until(self.deadline)]));
                }
            };
            if gone {
                watching.close(sys);
                self.current = None;
            }
        }
    }
}

fn is_other(object: &drydock_machinery::Value, uid: &str) -> bool {
    !uid.is_empty() && object["metadata"]["uid"].text() != uid
}
