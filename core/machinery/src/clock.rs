//! Simulated time: now, what is still to come, chance, and the trace of what caused what.

use crate::digest::mix;
use crate::limits;
use crate::queue::{Actor, Queue, Task};
use crate::random::Random;
use imbl::Vector;
use std::sync::Arc;

/// Something that happened, and the note of what made it happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub time: u64,
    /// Number of the causing note; 0 for none.
    pub cause: u32,
    pub actor: Actor,
    /// What it is about: an object's id, a process, a line of input; the actor knows.
    pub about: u64,
    /// A short phrase for people; shared where it repeats.
    pub text: Option<Arc<str>>,
}

/// The latest notes, numbered from 1 for the world's whole life.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    notes: Vector<Note>,
    dropped: u32,
}

impl Trace {
    /// The note with this number, while it is kept.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&Note> {
        let at = number.checked_sub(self.dropped)?.checked_sub(1)?;
        self.notes.get(at as usize)
    }
    /// The chain of causes from `number` back to the first one kept.
    pub fn why(&self, number: u32) -> impl Iterator<Item = (u32, &Note)> {
        let mut next = number;
        std::iter::from_fn(move || {
            let at = next;
            let note = self.get(at)?;
            next = note.cause;
            Some((at, note))
        })
    }
    /// Number of the newest note.
    #[must_use]
    pub fn last(&self) -> u32 {
        self.dropped + self.notes.len() as u32
    }
    /// Notes after `number`, oldest first.
    pub fn since(&self, number: u32) -> impl Iterator<Item = (u32, &Note)> {
        let skip = number.saturating_sub(self.dropped) as usize;
        let first = self.dropped + skip as u32 + 1;
        self.notes.iter().skip(skip).enumerate().map(move |(i, note)| (first + i as u32, note))
    }
}

/// Time, chance and causes of one world.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// Milliseconds since the world began.
    pub now: u64,
    /// Unix seconds at which the world began.
    pub epoch: i64,
    pub seed: u64,
    pub random: Random,
    pub queue: Queue,
    pub trace: Trace,
    /// The note under whose effect code runs right now; 0 for none.
    pub cause: u32,
}

impl Clock {
    #[must_use]
    pub fn new(seed: u64, epoch: i64) -> Clock {
        Clock {
            now: 0,
            epoch,
            seed,
            random: Random::new(seed),
            queue: Queue::default(),
            trace: Trace::default(),
            cause: 0,
        }
    }
    /// Unix time in milliseconds.
    #[must_use]
    pub fn unix_ms(&self) -> i64 {
        self.epoch.saturating_mul(1000).saturating_add_unsigned(self.now)
    }
    /// Unix time in whole seconds.
    #[must_use]
    pub fn unix(&self) -> i64 {
        self.unix_ms().div_euclid(1000)
    }
    /// Lets `actor` run at `delay` milliseconds from now, for the present cause.
    pub fn after(&mut self, delay: u64, actor: Actor, key: u64) {
        self.queue.push(self.now.saturating_add(delay), Task { actor, key, cause: self.cause });
    }
    /// Writes down that something happened because of the present cause, and makes it the present
    /// cause of what follows. Gives back the note's number.
    pub fn note(&mut self, actor: Actor, about: u64, text: Option<Arc<str>>) -> u32 {
        let note = Note { time: self.now, cause: self.cause, actor, about, text };
        self.trace.notes.push_back(note);
        if self.trace.notes.len() > limits::TRACE_NOTES {
            self.trace.notes.pop_front();
            self.trace.dropped += 1;
        }
        self.cause = self.trace.last();
        self.cause
    }
    /// Chance that depends only on the seed and on what it is about, not on what was drawn before.
    #[must_use]
    pub fn chance(&self, about: u64, below: u64) -> u64 {
        mix(mix(self.seed, about), 0xD1CE).checked_rem(below).unwrap_or(0)
    }
    /// Takes out the next task if it is due by `until`, and moves time to it.
    pub fn next(&mut self, until: u64) -> Option<Task> {
        if self.queue.next_time()? > until {
            return None;
        }
        let (time, task) = self.queue.pop()?;
        self.now = self.now.max(time);
        self.cause = task.cause;
        Some(task)
    }
    /// Content hash of time, chance and pending work.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let random = crate::Digest::of(&self.random);
        [self.now, self.epoch as u64, self.seed, random, self.queue.hash()].into_iter().fold(0, mix)
    }
}
