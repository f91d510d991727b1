//! Undo, redo and time travel: snapshots of the world beside its log. A snapshot is a reference count
//! per tree, so one is kept for every input.

use crate::input::Input;
use crate::log::{InputLog, LoadError};
use crate::world::{Config, World};

/// Snapshots kept; older moments are reached by replay from the oldest of them or from the start.
const SNAPSHOTS: usize = 512;
/// While time passes without input, a snapshot is kept at least this often, in milliseconds.
const EVERY_MS: u64 = 10_000;

/// The world as it was before an input (or in a long stretch of time without one).
#[derive(Clone, Debug)]
struct Snapshot {
    /// Inputs of the log that had been applied.
    at: usize,
    /// How much of the log's last `Advance` had passed, when the snapshot lies within it.
    part: u64,
    world: World,
}

/// One thing a person did, for the history list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    pub at_ms: u64,
    pub label: String,
    /// False for what was undone and can be redone.
    pub done: bool,
}

/// A world, the log that made it, and the way back.
#[derive(Clone, Debug)]
pub struct Sandbox {
    world: World,
    log: InputLog,
    snapshots: imbl::Vector<Snapshot>,
    /// Undone stretches of the log, the next one to redo last.
    undone: imbl::Vector<Vec<Input>>,
    /// Places in the log of the actions that changed the cluster or the laptop's files.
    changes: imbl::Vector<usize>,
}

impl Sandbox {
    /// The default world for a seed.
    #[must_use]
    pub fn new(seed: u64) -> Sandbox {
        Sandbox::with(Config { seed, ..Config::default() })
    }
    #[must_use]
    pub fn with(config: Config) -> Sandbox {
        let world = World::new(&config);
        Sandbox {
            world,
            log: InputLog::new(config),
            snapshots: imbl::Vector::new(),
            undone: imbl::Vector::new(),
            changes: imbl::Vector::new(),
        }
    }
    /// Rebuilds a world from its log.
    #[must_use]
    pub fn replay(log: &InputLog) -> Sandbox {
        let mut sandbox = Sandbox::with(log.config.clone());
        for input in &log.inputs {
            sandbox.apply(input.clone());
        }
        sandbox
    }
    /// The save file, see [`InputLog`].
    #[must_use]
    pub fn save(&self) -> String {
        self.log.to_text()
    }
    /// Opens a save file.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn load(text: &str) -> Result<Sandbox, LoadError> {
        Ok(Sandbox::replay(&InputLog::from_text(text)?))
    }
    /// Opens a save file without the last thing that was done in it: the way back when that one broke
    /// the page.
    ///
    /// # Errors
    /// See [`LoadError`].
    pub fn load_without_last(text: &str) -> Result<Sandbox, LoadError> {
        let mut log = InputLog::from_text(text)?;
        let last = log.inputs.iter().rposition(Input::is_action).unwrap_or(0);
        log.inputs.truncate(last);
        Ok(Sandbox::replay(&log))
    }
    #[must_use]
    pub fn log(&self) -> &InputLog {
        &self.log
    }
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }
    /// A copy of the world to try something on: nothing done to it comes back.
    #[must_use]
    pub fn experiment(&self) -> World {
        self.world.clone()
    }
    /// Applies an input and writes it down. A new action forgets what was undone.
    pub fn apply(&mut self, input: Input) {
        match input {
            Input::Advance { ms } => _ = self.advance(ms, usize::MAX),
            input => {
                if input.is_action() {
                    self.undone.clear();
                    self.remember(0);
                }
                let before = self.world.clone();
                self.world.apply(&input);
                // What still runs may yet change something.
                if input.is_action() && (self.world.differs_from(&before) || self.world.is_busy(0)) {
                    self.changes.push_back(self.log.inputs.len());
                }
                self.log.push(input);
            }
        }
    }
    /// Lets time pass, in steps of at most `max_tasks`; gives the milliseconds that passed.
    pub fn advance(&mut self, ms: u64, max_tasks: usize) -> u64 {
        let mut passed = 0;
        while passed < ms {
            let part = match self.log.inputs.last() {
                Some(Input::Advance { ms }) => *ms,
                _ => 0,
            };
            // Snapshots lie at fixed places within a stretch, however it was cut into calls.
            let step = (EVERY_MS - part % EVERY_MS).min(ms - passed);
            let went = self.world.run_for(step, max_tasks);
            if went > 0 {
                self.log.push(Input::Advance { ms: went });
                passed += went;
            }
            if went < step {
                break;
            }
            if (part + went).is_multiple_of(EVERY_MS) {
                self.remember(part + went);
            }
        }
        passed
    }
    /// Lets time pass until nothing has been written to the cluster for 3 s, the terminals are quiet, or
    /// `max_ms` are over. Gives the milliseconds that passed.
    pub fn settle(&mut self, max_ms: u64) -> u64 {
        let (mut passed, mut quiet) = (0, 0);
        while passed < max_ms && quiet < 3_000 {
            let before = self.world.activity();
            let went = self.advance(250.min(max_ms - passed), usize::MAX);
            passed += went;
            quiet = if self.world.activity() == before && !self.world.is_busy(0) { quiet + went } else { 0 };
        }
        passed
    }
    fn remember(&mut self, part: u64) {
        let at = self.log.inputs.len();
        self.snapshots.push_back(Snapshot { at, part, world: self.world.clone() });
        if self.snapshots.len() > SNAPSHOTS {
            self.snapshots.pop_front();
        }
    }
    #[must_use]
    pub fn can_undo(&self) -> bool {
        self.log.inputs.iter().any(Input::is_action)
    }
    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
    /// Back to just before the last thing that changed something: looking at things on the way is not
    /// worth a step. Where nothing was changed, back before the last thing that was done.
    pub fn undo(&mut self) -> bool {
        let done = || self.log.inputs.iter().rposition(Input::is_action);
        let Some(last) = self.changes.last().copied().or_else(done) else { return false };
        let undone = self.log.inputs.split_off(last);
        for stretch in stretches(undone, &self.changes, last) {
            self.undone.push_back(stretch);
        }
        self.forget_after(last);
        self.rewind(last);
        true
    }
    fn forget_after(&mut self, at: usize) {
        while self.changes.last().is_some_and(|change| *change >= at) {
            self.changes.pop_back();
        }
    }
    /// Does again what was undone last, with the time that passed after it.
    pub fn redo(&mut self) -> bool {
        let Some(inputs) = self.undone.pop_back() else { return false };
        let rest = std::mem::take(&mut self.undone);
        for input in inputs {
            self.apply(input);
        }
        self.undone = rest;
        true
    }
    /// Goes to a moment of this world's past. What came after can be redone.
    pub fn goto(&mut self, ms: u64) {
        let mut now = self.start_ms();
        if ms >= self.world.machines.clock.now {
            return;
        }
        let mut keep = 0;
        let mut part = 0;
        for input in &self.log.inputs {
            let length = if let Input::Advance { ms } = input { *ms } else { 0 };
            if now + length > ms {
                part = ms.saturating_sub(now);
                break;
            }
            now += length;
            keep += 1;
        }
        let mut later = self.log.inputs.split_off(keep);
        if part > 0 {
            if let Some(Input::Advance { ms }) = later.first_mut() {
                *ms -= part;
            }
            self.log.inputs.push(Input::Advance { ms: part });
        }
        for stretch in stretches(later, &self.changes, keep) {
            self.undone.push_back(stretch);
        }
        self.forget_after(keep);
        self.rewind(self.log.inputs.len());
    }
    fn start_ms(&self) -> u64 {
        let passed: u64 =
            self.log.inputs.iter().map(|i| if let Input::Advance { ms } = i { *ms } else { 0 }).sum();
        self.world.machines.clock.now.saturating_sub(passed)
    }
    /// Rebuilds the world of the log's first `at` inputs from the nearest snapshot.
    fn rewind(&mut self, at: usize) {
        let log = self.log.inputs.clone();
        let fits = |s: &Snapshot| {
            s.at < at
                || (s.at == at
                    && (s.part == 0
                        || matches!(log.get(at.wrapping_sub(1)), Some(Input::Advance { ms }) if *ms >= s.part)))
        };
        while self.snapshots.last().is_some_and(|s| !fits(s)) {
            self.snapshots.pop_back();
        }
        let (world, from, part) = match self.snapshots.last() {
            Some(s) => (s.world.clone(), s.at, s.part),
            None => (World::new(&self.log.config), 0, 0),
        };
        // A snapshot within a stretch of time has that stretch as its last input.
        let done = if part > 0 { from - 1 } else { from };
        self.world = world;
        for (i, input) in log.iter().enumerate().skip(done) {
            match input {
                Input::Advance { ms } if i == done && part > 0 => {
                    _ = self.world.run_for(ms - part, usize::MAX)
                }
                Input::Advance { ms } => _ = self.world.run_for(*ms, usize::MAX),
                input => self.world.apply(input),
            }
        }
    }
    /// What was done and undone, oldest first.
    #[must_use]
    pub fn history(&self) -> Vec<HistoryEntry> {
        let mut now = self.start_ms();
        let mut entries = Vec::new();
        let undone = self.undone.iter().rev().flatten().map(|i| (i, false));
        for (input, done) in self.log.inputs.iter().map(|i| (i, true)).chain(undone) {
            if let Input::Advance { ms } = input {
                now += ms;
            } else if input.is_action() {
                entries.push(HistoryEntry { at_ms: now, label: input.label(), done });
            }
        }
        entries
    }
    /// Simulated milliseconds since the world began.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.world.machines.clock.now
    }
    /// Simulated unix seconds.
    #[must_use]
    pub fn unix(&self) -> i64 {
        self.world.machines.clock.unix()
    }
    /// Content hash of the world.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.world.hash()
    }
}

/// Cuts inputs into redo steps, each beginning with a change; gives the last one first. `first` is the
/// place in the log of the first of them.
fn stretches(inputs: Vec<Input>, changes: &imbl::Vector<usize>, first: usize) -> Vec<Vec<Input>> {
    let mut steps: Vec<Vec<Input>> = Vec::new();
    for (at, input) in inputs.into_iter().enumerate() {
        match steps.last_mut() {
            Some(step) if !changes.contains(&(first + at)) => step.push(input),
            _ => steps.push(vec![input]),
        }
    }
    steps.reverse();
    steps
}
