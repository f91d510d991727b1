//! The page's state and the one place where it changes. Knows nothing of Yew or the browser: real time
//! comes in as numbers, so that everything here runs in native tests too.
pub use crate::action::{Action, After};
use crate::inspect;
use crate::map::flights::Flights;
use crate::shared::Shared;
pub use crate::subject::Subject;
use crate::text::Lang;
use crate::transcript::Terminal;
use crate::world::{Browser, EventRow, Frame, FrameMark, HistoryEntry, Input, Player, Sandbox};
use std::collections::BTreeMap;

/// How fast simulated time passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speed {
    Paused,
    X1,
    X4,
    X16,
    /// As fast as it goes, until nothing changes any more.
    Settle,
}

impl Speed {
    /// Simulated milliseconds per real one.
    pub fn factor(self) -> f64 {
        match self {
            Speed::Paused | Speed::Settle => 0.0,
            Speed::X1 => 1.0,
            Speed::X4 => 4.0,
            Speed::X16 => 16.0,
        }
    }

    /// As in `data-speed`.
    pub fn word(self) -> &'static str {
        match self {
            Speed::Paused => "pause",
            Speed::X1 => "1",
            Speed::X4 => "4",
            Speed::X16 => "16",
            Speed::Settle => "settle",
        }
    }
}

/// Panes, in the order in which F6 walks them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Lesson,
    Map,
    Inspector,
    Terminal,
    Editor,
}

/// Tabs of the map pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapTab {
    Map,
    List,
    Events,
    Browser,
}

/// What can lie over the panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    Help,
    Share,
    Coverage,
}

/// Tabs of the inspector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Overview,
    Yaml,
    Events,
    Logs,
    Why,
}

/// The file in the editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editing {
    /// Grows with every file that is opened: the key of the text field.
    pub number: u64,
    pub path: String,
    /// As it was opened or last saved.
    pub saved: String,
    /// The line to show first, from 1.
    pub line: Option<u32>,
    /// The program in the terminal that waits for this edit, and its terminal.
    pub program: Option<(String, u32)>,
}

/// What a line over the page says for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    pub text: String,
    pub detail: String,
}

/// A running lesson.
#[derive(Clone)]
pub struct Course {
    /// Index in the course.
    pub lesson: usize,
    pub player: Player,
    /// Inputs of the log that set the lesson up: undo stops there.
    pub begun: usize,
    /// Simulated time at which the learner came.
    pub begun_ms: u64,
}

impl Course {
    /// A lesson whose world was set up, or restored, in `sandbox`.
    pub fn new(lesson: usize, player: Player, sandbox: &Sandbox) -> Course {
        let begun = player.save().starts.first().copied().unwrap_or(0);
        let later: u64 = sandbox
            .log()
            .inputs
            .iter()
            .skip(begun)
            .map(|input| if let Input::Advance { ms } = input { *ms } else { 0 })
            .sum();
        Course { lesson, player, begun, begun_ms: sandbox.now().saturating_sub(later) }
    }
}

/// See the module's head.
pub struct State {
    pub sandbox: Sandbox,
    pub frame: Shared<Frame>,
    pub flights: Shared<Flights>,
    pub terminals: Shared<Vec<Terminal>>,
    pub terminal: usize,
    pub history: Shared<Vec<HistoryEntry>>,
    pub speed: Speed,
    pub selected: Option<Subject>,
    pub map_tab: MapTab,
    pub look: Look,
    pub container: Option<String>,
    pub system: bool,
    pub front: Pane,
    pub maximised: Option<Pane>,
    pub editing: Option<Editing>,
    /// The folder whose files are shown.
    pub folder: Option<String>,
    /// Counts fills, and the text of the last.
    pub fill: (u64, String),
    pub lang: Lang,
    pub dark: bool,
    pub sheet: Option<Sheet>,
    pub course_list: bool,
    pub toast: Option<Toast>,
    pub course: Option<Course>,
    /// Grows when the lesson's view may have changed.
    pub lesson_version: u64,
    /// The latest thing that happened, as a sentence, and the note that explains it.
    pub now_text: Option<(String, u32)>,
    mark: FrameMark,
    /// The latest note about each object.
    causes: BTreeMap<u32, u32>,
    pub(crate) before_settle: Speed,
    toast_since: Option<f64>,
    owed_ms: f64,
    observed_ms: u64,
    opened: u64,
    pub(crate) was_busy: bool,
}

/// Simulated time handed out at once; the budget is looked at in between.
const SLICE_MS: u64 = 40;
/// Tasks run at most in one slice.
pub const SLICE_TASKS: usize = 4_000;
/// A toast goes by itself after this much real time.
const TOAST_MS: f64 = 8_000.0;
/// Settling gives up after this much simulated time: some worlds never rest.
const SETTLE_LIMIT_MS: u64 = 30 * 60 * 1000;

impl State {
    /// A state that shows `sandbox`.
    pub fn new(sandbox: Sandbox, course: Option<Course>, lang: Lang, dark: bool) -> State {
        let mut state = State {
            sandbox,
            frame: Shared::default(),
            flights: Shared::default(),
            terminals: Shared::new(vec![Terminal::new(0)]),
            terminal: 0,
            history: Shared::default(),
            speed: Speed::X1,
            selected: None,
            map_tab: MapTab::Map,
            look: Look::Overview,
            container: None,
            system: false,
            front: Pane::Lesson,
            maximised: None,
            editing: None,
            folder: None,
            fill: (0, String::new()),
            lang,
            dark,
            sheet: None,
            course_list: false,
            toast: None,
            course,
            lesson_version: 0,
            now_text: None,
            mark: FrameMark::default(),
            causes: BTreeMap::new(),
            before_settle: Speed::X1,
            toast_since: None,
            owed_ms: 0.0,
            observed_ms: 0,
            opened: 0,
            was_busy: false,
        };
        state.start_over_views();
        state
    }

    /// After the world was replaced or moved in time: everything is looked at anew, nothing flies.
    pub(crate) fn start_over_views(&mut self) {
        self.mark = self.sandbox.mark();
        self.frame = Shared::new(self.sandbox.frame(self.mark));
        self.causes.clear();
        self.flights = Shared::default();
        self.now_text = None;
        self.terminals.edit().iter_mut().for_each(Terminal::reset);
        self.observed_ms = 0;
        self.look_at_terminals();
        self.refresh_history();
        self.observe_lesson(true);
    }

    pub(crate) fn refresh_history(&mut self) {
        let begun = self.begun_ms();
        // What set the lesson up is not the learner's doing.
        let entries = self.sandbox.history().into_iter().filter(|h| h.at_ms >= begun && h.label != "setup");
        self.history = Shared::new(entries.collect());
    }

    pub(crate) fn look_at_terminals(&mut self) -> bool {
        let mut terminals = (*self.terminals).clone();
        let mut changed = false;
        for terminal in &mut terminals {
            changed |= terminal.update(&self.sandbox);
        }
        if changed {
            self.terminals = Shared::new(terminals);
        }
        changed | self.look_for_editor()
    }

    /// A program in a terminal may have asked for the editor, or no longer wait for it.
    fn look_for_editor(&mut self) -> bool {
        let ttys: Vec<u32> = self.terminals.iter().map(|t| t.tty).collect();
        let asked = ttys.into_iter().find_map(|tty| self.sandbox.editing(tty).map(|edit| (tty, edit)));
        let waiting = self.editing.as_ref().and_then(|e| e.program.as_ref()).map(|p| p.1);
        match (asked, waiting) {
            (Some((tty, edit)), waiting) if waiting != Some(tty) => {
                self.open(
                    edit.path.to_string(),
                    edit.text.to_string(),
                    None,
                    Some((edit.program.to_string(), tty)),
                );
                self.front = Pane::Editor;
                true
            }
            (None, Some(_)) => {
                self.editing = None;
                true
            }
            _ => false,
        }
    }

    pub(crate) fn open(
        &mut self,
        path: String,
        text: String,
        line: Option<u32>,
        program: Option<(String, u32)>,
    ) {
        self.opened += 1;
        self.editing = Some(Editing { number: self.opened, path, saved: text, line, program });
    }

    /// Takes a new frame and what happened since the last.
    fn look_at_world(&mut self, now_real: f64) -> bool {
        // Rows are made only when there is something new in them, or another second to show.
        let same_second = self.sandbox.now() / 1000 == self.frame.now_ms / 1000;
        if same_second && self.sandbox.mark() == self.mark && self.sandbox.activity().0 == self.frame.version
        {
            return false;
        }
        let frame = self.sandbox.frame(self.mark);
        self.mark = frame.mark;
        let mut changed = false;
        if !frame.hops.is_empty() || !frame.beats.is_empty() {
            self.flights.edit().add(&frame.hops, &frame.beats, now_real);
            for beat in &frame.beats {
                if let Some(about) = beat.about {
                    self.causes.insert(about, beat.cause);
                }
            }
            if let Some(beat) = frame.beats.last() {
                self.now_text = Some((self.lang.deed(&beat.actor, &beat.text), beat.cause));
            }
            changed = true;
        }
        let seconds_passed = frame.now_ms / 1000 != self.frame.now_ms / 1000;
        if frame.version != self.frame.version || seconds_passed {
            self.frame = Shared::new(frame);
            changed = true;
        }
        changed
    }

    pub(crate) fn observe_lesson(&mut self, force: bool) -> bool {
        let now = self.sandbox.now();
        if !force && now < self.observed_ms + 500 {
            return false;
        }
        self.observed_ms = now;
        let Some(course) = &mut self.course else { return false };
        let changed = course.player.observe(&self.sandbox);
        if changed || force {
            self.lesson_version += 1;
        }
        changed
    }

    /// Lets simulated time pass for one frame of the screen. `elapsed_ms` of real time went by; `clock`
    /// tells real time and `budget_ms` of it may be used.
    pub fn tick(&mut self, elapsed_ms: f64, budget_ms: f64, clock: &dyn Fn() -> f64) -> After {
        let started = clock();
        let speed_before = self.speed;
        match self.speed {
            Speed::Settle => {
                let limit = self.history.last().map_or(0, |h| h.at_ms) + SETTLE_LIMIT_MS;
                while clock() - started < budget_ms {
                    let passed = self.sandbox.settle(2_000);
                    if passed < 2_000 || self.sandbox.now() > limit {
                        self.speed = self.before_settle;
                        break;
                    }
                }
            }
            speed => {
                // A tab that slept does not catch up.
                self.owed_ms += elapsed_ms.clamp(0.0, 100.0) * speed.factor();
                if speed == Speed::Paused && self.is_busy() {
                    // A command was typed while time stands still: it alone gets the time it needs.
                    self.owed_ms += elapsed_ms.clamp(0.0, 100.0);
                }
                while self.owed_ms >= 1.0 {
                    let slice = (self.owed_ms as u64).min(SLICE_MS);
                    let passed = self.sandbox.advance(slice, SLICE_TASKS);
                    self.owed_ms -= passed.max(1) as f64;
                    if clock() - started > budget_ms {
                        // What cannot be simulated in time is not owed: the world slows down instead.
                        self.owed_ms = 0.0;
                        break;
                    }
                }
            }
        }
        let mut draw = self.speed != speed_before;
        draw |= self.look_at_world(started);
        draw |= self.look_at_terminals();
        let done = self.was_busy && !self.is_busy();
        self.was_busy = self.is_busy();
        draw |= self.observe_lesson(false) || (done && self.observe_lesson(true));
        match (&self.toast, self.toast_since) {
            (None, Some(_)) => self.toast_since = None,
            (Some(_), None) => self.toast_since = Some(started),
            (Some(_), Some(since)) if started > since + TOAST_MS => {
                self.toast = None;
                draw = true;
            }
            _ => {}
        }
        if !self.flights.flying.is_empty() || !self.flights.lit.is_empty() {
            let mut flights = (*self.flights).clone();
            if flights.expire(started) {
                self.flights = Shared::new(flights);
                draw = true;
            }
        }
        After { draw, save: done }
    }

    /// Whether a command runs in the terminal that is shown.
    pub fn is_busy(&self) -> bool {
        self.terminals.get(self.terminal).is_some_and(|t| self.sandbox.is_busy(t.tty))
    }

    /// Simulated time at which the learner came.
    pub fn begun_ms(&self) -> u64 {
        self.course.as_ref().map_or(0, |c| c.begun_ms)
    }

    /// Whether the learner did something that can be undone.
    pub fn can_undo(&self) -> bool {
        let begun = self.course.as_ref().map_or(0, |c| c.begun);
        self.sandbox.log().inputs.iter().skip(begun).any(Input::is_action)
    }

    /// All events of the cluster, newest last.
    pub fn all_events(&self) -> Vec<EventRow> {
        inspect::all_events(&self.sandbox, self.system)
    }

    /// The laptop's browser, and addresses it could open.
    pub fn browser(&self) -> (Browser, Vec<String>) {
        let world = self.sandbox.world();
        (world.browser.clone(), world.reachable())
    }

    /// The note of the latest change of what is selected.
    pub fn cause_of_selected(&self) -> Option<u32> {
        let subject = self.selected.as_ref()?;
        let same = |namespace: &str, name: &str| subject.namespace == namespace && subject.name == name;
        let id = match subject.kind.as_str() {
            "Pod" | "Container" => self.frame.pods.iter().find(|p| Subject::of(p) == *subject).map(|p| p.id),
            "Service" => self.frame.services.iter().find(|s| same(&s.namespace, &s.name)).map(|s| s.id),
            kind => self
                .frame
                .workloads
                .iter()
                .find(|w| w.kind == kind && same(&w.namespace, &w.name))
                .map(|w| w.id),
        };
        self.causes.get(&id?).copied()
    }

    /// The terminal that is shown.
    pub fn tty(&self) -> u32 {
        self.terminals.get(self.terminal).map_or(0, |t| t.tty)
    }
}
