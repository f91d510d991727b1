//! The player: which step, which tasks are done, which hint comes next. It looks at a sandbox and never
//! changes it but by inputs the learner could have made, too.

use crate::check::{Context, Reason, evaluate};
use crate::course::{Act, Hint, Lesson, Mode, Step, Task};
use drydock_machinery::time::parse_go_duration;
use drydock_sandbox::{Config, Input, Sandbox, World};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Longest simulated time the setup may take to become quiet, if the lesson does not say.
const SETTLE_MS: u64 = 60_000;

/// Where a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskState {
    /// Waits for other tasks.
    Locked,
    Open,
    Done,
}

/// A task as the page shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskView {
    pub state: TaskState,
    /// Hints revealed so far.
    pub hint_level: usize,
    /// What the check saw last, while the task is open.
    pub reason: Option<Reason>,
    /// The solution was played.
    pub assisted: bool,
}

/// Progress that is kept between visits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayerSave {
    pub lesson: String,
    pub version: u32,
    pub seed: u64,
    pub step: usize,
    pub done: BTreeSet<String>,
    pub assisted: BTreeSet<String>,
    pub hints: BTreeMap<String, usize>,
    /// Inputs of the sandbox' log before each step that was begun.
    pub starts: Vec<usize>,
}

/// A lesson being played.
#[derive(Clone, Debug)]
pub struct Player {
    lesson: Lesson,
    save: PlayerSave,
    /// The world when the step began.
    before: World,
    reasons: BTreeMap<String, Reason>,
    /// What the world looked like when it was last looked at.
    seen: Option<(u64, u64)>,
}

impl Player {
    /// Sets up the lesson's world and stands at its first step.
    #[must_use]
    pub fn new(lesson: &Lesson, seed: u64) -> (Player, Sandbox) {
        let seed = lesson.sim.seed.unwrap_or(seed);
        let lesson = with_vars(lesson, seed);
        let sandbox = set_up(&lesson, seed);
        let save = PlayerSave {
            lesson: lesson.id.clone(),
            version: lesson.version,
            seed,
            starts: vec![sandbox.log().inputs.len()],
            ..PlayerSave::default()
        };
        let before = sandbox.experiment();
        (Player { lesson, save, before, reasons: BTreeMap::new(), seen: None }, sandbox)
    }
    /// Goes on where a visit ended. `sandbox` is the replayed world; progress of another version of the
    /// lesson is not taken over.
    #[must_use]
    pub fn resume(lesson: &Lesson, save: PlayerSave, sandbox: &Sandbox) -> Option<Player> {
        if save.lesson != lesson.id || save.version != lesson.version || save.step >= lesson.steps.len() {
            return None;
        }
        let lesson = with_vars(lesson, save.seed);
        let mut log = sandbox.log().clone();
        log.inputs.truncate(save.starts.last().copied().unwrap_or(0));
        let before = Sandbox::replay(&log).experiment();
        Some(Player { lesson, save, before, reasons: BTreeMap::new(), seen: None })
    }
    #[must_use]
    pub fn lesson(&self) -> &Lesson {
        &self.lesson
    }
    #[must_use]
    pub fn save(&self) -> &PlayerSave {
        &self.save
    }
    /// Number of the step, from 0.
    #[must_use]
    pub fn step(&self) -> usize {
        self.save.step
    }
    fn current(&self) -> Option<&Step> {
        self.lesson.steps.get(self.save.step)
    }
    /// Looks at the world; true when the state of any task changed. Cheap while nothing happened.
    pub fn observe(&mut self, sandbox: &Sandbox) -> bool {
        let seen = sandbox.activity();
        if self.seen == Some(seen) {
            return false;
        }
        self.seen = Some(seen);
        let Some(step) = self.current().cloned() else { return false };
        let mut changed = false;
        for task in &step.tasks {
            let done = self.save.done.contains(&task.id);
            if (done && task.mode == Mode::Latch) || !self.is_open(task) {
                continue;
            }
            match self.check(task, sandbox.world()) {
                Ok(()) => {
                    changed |= self.save.done.insert(task.id.clone());
                    self.reasons.remove(&task.id);
                }
                Err(reason) => {
                    changed |= self.save.done.remove(&task.id);
                    changed |= self.reasons.insert(task.id.clone(), reason.clone()) != Some(reason);
                }
            }
        }
        changed
    }
    /// Whether a task's check holds now; else what is missing.
    ///
    /// # Errors
    /// The reason why not.
    pub fn check(&self, task: &Task, world: &World) -> Result<(), Reason> {
        let answers = |quiz: &str| self.right_answer(quiz);
        let context = Context {
            world,
            before: &self.before,
            namespace: &world.namespace(),
            answers: &answers,
            depth: 0,
        };
        evaluate(&task.check, &context)
    }
    fn right_answer(&self, quiz: &str) -> Option<String> {
        self.lesson.steps.iter().flat_map(|s| &s.quiz).find(|q| q.id == quiz).map(|q| q.answer.clone())
    }
    fn is_open(&self, task: &Task) -> bool {
        task.needs.iter().all(|id| self.save.done.contains(id))
    }
    fn find(&self, id: &str) -> Option<&Task> {
        self.lesson.steps.iter().flat_map(|s| &s.tasks).find(|t| t.id == id)
    }
    #[must_use]
    pub fn task(&self, id: &str) -> TaskView {
        let state = match self.find(id) {
            _ if self.save.done.contains(id) => TaskState::Done,
            Some(task) if self.is_open(task) => TaskState::Open,
            _ => TaskState::Locked,
        };
        TaskView {
            state,
            hint_level: self.save.hints.get(id).copied().unwrap_or(0),
            // That nothing was done yet, everybody knows.
            reason: self.reasons.get(id).filter(|r| r.code != "notYet").cloned(),
            assisted: self.save.assisted.contains(id),
        }
    }
    /// Reveals one more hint, if there is one.
    pub fn reveal_hint(&mut self, id: &str) {
        let Some(count) = self.find(id).map(|t| t.hints.len()) else { return };
        let level = self.save.hints.entry(id.to_string()).or_default();
        *level = (*level + 1).min(count);
    }
    /// The revealed hints of a task, as keys of the text: those that fit what the world looks like come
    /// first.
    #[must_use]
    pub fn hints(&self, id: &str, sandbox: &Sandbox) -> Vec<String> {
        let Some(task) = self.find(id) else { return Vec::new() };
        let answers = |quiz: &str| self.right_answer(quiz);
        let world = sandbox.world();
        let context = Context {
            world,
            before: &self.before,
            namespace: &world.namespace(),
            answers: &answers,
            depth: 0,
        };
        let fits = |hint: &&Hint| match hint {
            Hint::Always(_) => false,
            Hint::When { when, .. } => evaluate(when, &context).is_ok(),
        };
        let first = task.hints.iter().filter(fits);
        let then = task.hints.iter().filter(|h| matches!(h, Hint::Always(_)));
        let level = self.task(id).hint_level;
        first.chain(then).take(level).map(|h| format!("{id}.{}", h.id())).collect()
    }
    /// Plays a task's solution in the learner's own world and marks the task as assisted.
    pub fn solve(&mut self, id: &str, sandbox: &mut Sandbox) {
        let Some(task) = self.find(id).cloned() else { return };
        self.save.assisted.insert(task.id.clone());
        perform(&self.lesson, &task.solution, sandbox);
    }
    /// Whether every task of the step is done and every question answered right.
    #[must_use]
    pub fn can_advance(&self, sandbox: &Sandbox) -> bool {
        let Some(step) = self.current() else { return false };
        let answers = &sandbox.world().answers;
        step.tasks.iter().all(|t| self.save.done.contains(&t.id))
            && step.quiz.iter().all(|q| answers.get(q.id.as_str()).is_some_and(|a| **a == *q.answer))
    }
    /// Goes to another step, done or not. The next one begins with the world as it is.
    pub fn go(&mut self, step: usize, sandbox: &Sandbox) {
        if step >= self.lesson.steps.len() {
            return;
        }
        if step > self.save.step {
            self.save.starts.resize(step, sandbox.log().inputs.len());
            self.save.starts.push(sandbox.log().inputs.len());
            self.before = sandbox.experiment();
        }
        self.save.step = step;
        self.reasons.clear();
        self.seen = None;
    }
    /// Whether all steps are done.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.lesson.steps.iter().flat_map(|s| &s.tasks).all(|t| self.save.done.contains(&t.id))
    }
}

/// The lesson with `${NAME}` replaced by what the seed picks.
#[must_use]
pub fn with_vars(lesson: &Lesson, seed: u64) -> Lesson {
    if lesson.vars.is_empty() {
        return lesson.clone();
    }
    let mut random = drydock_machinery::random::Random::new(seed);
    let Ok(mut text) = serde_json::to_string(lesson) else { return lesson.clone() };
    for (name, var) in &lesson.vars {
        let at = random.below(var.pick.len() as u64) as usize;
        let value = var.pick.get(at).cloned().unwrap_or_default();
        // Picks are plain names (the linter sees to it), so they need no JSON escapes.
        text = text.replace(&format!("${{{name}}}"), &value);
    }
    serde_json::from_str(&text).unwrap_or_else(|_| lesson.clone())
}

/// The world a lesson begins with.
#[must_use]
pub fn set_up(lesson: &Lesson, seed: u64) -> Sandbox {
    let default = Config::default();
    let mut sandbox = Sandbox::with(Config {
        seed,
        nodes: lesson.sim.nodes.unwrap_or(default.nodes),
        cluster: lesson.sim.cluster.unwrap_or(true),
        ..default
    });
    for name in &lesson.setup.apply {
        let manifest = lesson.files.get(name).map_or("", String::as_str);
        for (_, document) in drydock_machinery::yaml::split(manifest) {
            sandbox.apply(Input::Apply { manifest: document.to_string() });
            // A namespace needs a moment until it has the service account that its pods want.
            sandbox.advance(200, usize::MAX);
        }
    }
    for (path, name) in &lesson.setup.files {
        if let Some(text) = lesson.files.get(name) {
            sandbox.apply(Input::File { path: path.clone(), text: text.clone() });
        }
    }
    for line in &lesson.setup.run {
        sandbox.run_line(line);
    }
    if !lesson.setup.run.is_empty() {
        sandbox.run_line("clear");
    }
    let settle = lesson.setup.settle.as_deref().and_then(|t| parse_go_duration(t).ok());
    sandbox.settle(settle.map_or(SETTLE_MS, |ms| ms.max(0) as u64));
    sandbox
}

/// Makes moves as the learner would, waiting for each command.
pub fn perform(lesson: &Lesson, acts: &[Act], sandbox: &mut Sandbox) -> Vec<drydock_sandbox::CommandResult> {
    let mut results = Vec::new();
    for act in acts {
        match act {
            Act::Sh(line) => {
                for line in line.lines() {
                    results.extend(sandbox.run_line(line));
                }
            }
            Act::Fails(line) => {
                // An error that does not come is the error.
                let turned = |mut r: drydock_sandbox::CommandResult| {
                    r.status = i32::from(r.status == 0);
                    r
                };
                results.extend(sandbox.run_line(line).into_iter().map(turned));
            }
            Act::Write { path, from } => {
                let text = lesson.files.get(from).cloned().unwrap_or_default();
                sandbox.apply(Input::File { path: path.clone(), text });
            }
            Act::Edit { replace } => {
                if let Some(edit) = sandbox.editing(0) {
                    let text =
                        replace.iter().fold(edit.text.to_string(), |t, (a, b)| t.replace(a.as_str(), b));
                    sandbox.apply(Input::Edit { tty: 0, text: Some(text) });
                    sandbox.advance(500, usize::MAX);
                }
            }
            Act::Open(what) => sandbox.apply(Input::Opened { what: what.clone() }),
            Act::Interrupt(_) => {
                sandbox.apply(Input::Interrupt { tty: 0 });
                sandbox.advance(100, usize::MAX);
            }
            Act::Advance(text) => {
                let ms = parse_go_duration(text).unwrap_or(0).max(0) as u64;
                sandbox.advance(ms, usize::MAX);
            }
            Act::Answer { quiz, option } => {
                sandbox.apply(Input::Answer { quiz: quiz.clone(), option: option.clone() });
            }
        }
        sandbox.advance(500, usize::MAX);
    }
    results
}
