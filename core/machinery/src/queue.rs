//! The one event queue: simulated time, then order of arrival, decides what runs next.

use crate::digest::mix;
use imbl::{OrdMap, Vector};

/// Who runs a task. Each crate that acts names its actors once, as constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor(pub u16);

/// What can happen later. Plain data, so that a world with pending work can be cloned, compared and
/// hashed. The meaning of `key` is the actor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    pub actor: Actor,
    pub key: u64,
    /// The note in the [`crate::clock::Trace`] that made this task: "why did this happen?"
    pub cause: u32,
}

/// Pending tasks. First in, first out within a millisecond: the same order as keys of
/// (time, sequence) give, at less than half their cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    tasks: OrdMap<u64, Vector<Task>>,
    len: usize,
    hash: u64,
    /// Tasks ever taken out.
    pub popped: u64,
}

fn hash_of(time: u64, task: Task) -> u64 {
    mix(time, mix(u64::from(task.actor.0), task.key))
}

impl Queue {
    pub fn push(&mut self, time: u64, task: Task) {
        self.hash = self.hash.wrapping_add(hash_of(time, task));
        self.len += 1;
        self.tasks.entry(time).or_default().push_back(task);
    }
    /// When the next task is due, in milliseconds of simulated time.
    #[must_use]
    pub fn next_time(&self) -> Option<u64> {
        self.tasks.get_min().map(|(time, _)| *time)
    }
    pub fn pop(&mut self) -> Option<(u64, Task)> {
        let time = self.next_time()?;
        let bucket = self.tasks.get_mut(&time)?;
        let task = bucket.pop_front()?;
        // Never leave an empty bucket behind: the first one is always due.
        if bucket.is_empty() {
            self.tasks.remove(&time);
        }
        self.hash = self.hash.wrapping_sub(hash_of(time, task));
        self.len -= 1;
        self.popped += 1;
        Some((time, task))
    }
    /// Pending tasks in order.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Task)> + '_ {
        self.tasks.iter().flat_map(|(time, bucket)| bucket.iter().map(|task| (*time, *task)))
    }
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
    /// Hash of the pending tasks, kept by difference.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.hash
    }
}
