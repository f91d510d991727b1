//! How each action changes the state.
use crate::action::{Action, After};
use crate::state::{Look, MapTab, Pane, SLICE_TASKS, Speed, State, Toast};
use crate::transcript::Terminal;
use crate::world::Input;

/// After a line, this much simulated time passes at once, so that the answer comes with the next frame.
const ANSWER_MS: u64 = 400;

impl State {
    /// Gives the world an input and lets the answer come at once.
    fn input(&mut self, input: Input) {
        self.sandbox.apply(input);
        for _ in 0..ANSWER_MS / 10 {
            // A command that computes without end gets its time frame by frame instead.
            let passed = self.sandbox.advance(10, SLICE_TASKS);
            if passed < 10 || !self.is_busy() {
                break;
            }
        }
        self.was_busy = self.is_busy();
        self.look_at_terminals();
        self.refresh_history();
        self.observe_lesson(true);
    }

    /// Does one thing.
    pub fn reduce(&mut self, action: Action) -> After {
        match action {
            Action::Line { tty, text } => {
                self.front = Pane::Terminal;
                if !self.sandbox.has_keys() {
                    self.input(Input::Keys { tty, text: String::new() });
                }
                self.input(Input::Line { tty, text });
            }
            Action::Keys { tty, text } => self.input(Input::Keys { tty, text }),
            Action::Interrupt { tty } => self.input(Input::Interrupt { tty }),
            Action::Eof { tty } => self.input(Input::Eof { tty }),
            Action::Stop { tty } => self.input(Input::Stop { tty }),
            Action::OpenTerminal => {
                let tty = self.terminals.iter().map(|t| t.tty).max().map_or(0, |t| t + 1);
                self.sandbox.apply(Input::Terminal { tty });
                self.sandbox.advance(50, SLICE_TASKS);
                self.terminals.edit().push(Terminal::new(tty));
                self.terminal = self.terminals.len() - 1;
                self.look_at_terminals();
            }
            Action::ShowTerminal(at) => {
                self.terminal = at.min(self.terminals.len().saturating_sub(1));
                return After::DRAW;
            }
            Action::Fill(text) => {
                self.fill = (self.fill.0 + 1, text);
                self.front = Pane::Terminal;
                return After::DRAW;
            }
            Action::Speed(Speed::Settle) => {
                if self.speed != Speed::Settle {
                    self.before_settle = self.speed;
                }
                self.speed = Speed::Settle;
            }
            Action::Speed(speed) => {
                self.speed = speed;
                return After::DRAW;
            }
            Action::Undo => {
                let label = self.sandbox.history().last().map(|h| h.label.clone());
                if !self.can_undo() || !self.sandbox.undo() {
                    return After::NOTHING;
                }
                self.toast = label.map(|detail| Toast { text: self.lang.text().undone.to_owned(), detail });
                self.start_over_views();
            }
            Action::Redo => {
                if !self.sandbox.redo() {
                    return After::NOTHING;
                }
                self.toast = None;
                self.start_over_views();
            }
            Action::Goto(ms) => {
                self.sandbox.goto(ms.max(self.begun_ms()));
                self.start_over_views();
            }
            Action::Select(subject) => {
                if subject.is_some() && subject != self.selected {
                    self.container = None;
                    if let Some(subject) = &subject {
                        self.sandbox.apply(Input::Opened { what: subject.path() });
                        self.front = Pane::Inspector;
                        self.selected = Some(subject.clone());
                        self.observe_lesson(true);
                    }
                    if self.look == Look::Logs && subject.as_ref().is_some_and(|s| s.kind != "Pod") {
                        self.look = Look::Overview;
                    }
                } else if subject.is_none() && self.front == Pane::Inspector {
                    self.front = Pane::Map;
                }
                self.selected = subject;
                return After::DRAW;
            }
            Action::MapTab(tab) => self.map_tab = tab,
            Action::Browse(address) => {
                self.input(Input::Browse { address });
                self.map_tab = MapTab::Browser;
                self.front = Pane::Map;
            }
            Action::Look(look) => self.look = look,
            Action::Container(container) => self.container = container,
            Action::System(system) => self.system = system,
            Action::Front(pane) => self.front = pane,
            Action::Maximise(pane) => self.maximised = pane,
            Action::OpenFile { path, line } => {
                let text = self.sandbox.read_file(&path).unwrap_or_default();
                if self.editing.as_ref().is_none_or(|e| e.program.is_none()) {
                    self.open(path, text, line, None);
                }
                self.folder = None;
                self.front = Pane::Editor;
            }
            Action::Files(folder) => {
                self.front = if folder.is_some() { Pane::Editor } else { Pane::Terminal };
                self.folder = folder;
                return After::DRAW;
            }
            Action::SaveFile { text, apply } => return self.save_file(text, apply),
            Action::CloseFile { text } => {
                if let Some((_, tty)) = self.editing.take().and_then(|e| e.program) {
                    self.input(Input::Edit { tty, text });
                }
                self.front = Pane::Terminal;
            }
            Action::Lang(lang) => {
                self.lang = lang;
                self.lesson_version += 1;
            }
            Action::Theme(dark) => self.dark = dark,
            Action::Sheet(sheet) => self.sheet = sheet,
            Action::Dismiss => self.toast = None,
            Action::CourseList(open) => {
                self.course_list = open;
                self.front = Pane::Lesson;
            }
            Action::StartLesson(_) => {}
            Action::Step(step) => {
                if let Some(course) = &mut self.course {
                    course.player.go(step, &self.sandbox);
                }
                self.observe_lesson(true);
            }
            Action::NextStep => {
                if let Some(course) = &mut self.course {
                    course.player.go(course.player.step() + 1, &self.sandbox);
                }
                self.observe_lesson(true);
            }
            Action::Hint(task) => {
                if let Some(course) = &mut self.course {
                    course.player.reveal_hint(&task);
                }
                self.observe_lesson(true);
            }
            Action::Solve(task) => {
                if let Some(course) = &mut self.course {
                    course.player.solve(&task, &mut self.sandbox);
                }
                self.look_at_terminals();
                self.refresh_history();
                self.observe_lesson(true);
            }
            Action::Answer { quiz, option } => {
                self.sandbox.apply(Input::Answer { quiz, option });
                self.refresh_history();
                self.observe_lesson(true);
            }
            Action::WriteFile { path, text } => {
                self.sandbox.apply(Input::File { path: path.clone(), text: text.clone() });
                self.open(path, text, None, None);
                self.front = Pane::Editor;
                self.refresh_history();
            }
        }
        After::SAVE
    }

    fn save_file(&mut self, text: String, apply: bool) -> After {
        let Some(editing) = &mut self.editing else { return After::NOTHING };
        let path = editing.path.clone();
        editing.saved.clone_from(&text);
        self.sandbox.apply(Input::File { path: path.clone(), text });
        if apply && !self.is_busy() {
            let tty = self.tty();
            let short = path.strip_prefix("/home/learner/").map_or(path.clone(), |p| p.to_owned());
            self.input(Input::Line { tty, text: format!("kubectl apply -f {}", quoted(&short)) });
        }
        self.refresh_history();
        self.observe_lesson(true);
        After::SAVE
    }
}

/// A word for the shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./~:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
