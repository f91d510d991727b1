//! The whole page: one state, one place where messages change it, and the panes that show it.
use crate::driver;
use crate::icons::{self, icon};
use crate::inspect::inspect;
use crate::keys;
use crate::panels::bar::Bar;
use crate::panels::browser::Browser;
use crate::panels::coverage::Coverage;
use crate::panels::editor::Editor;
use crate::panels::events::Events;
use crate::panels::files::Files;
use crate::panels::gutter::{self, Gutter};
use crate::panels::help::Help;
use crate::panels::inspector::Inspector;
use crate::panels::lesson::{LessonPane, LessonView, TABS};
use crate::panels::list::List;
use crate::panels::map::MapPane;
use crate::panels::share::Share;
use crate::panels::terminal::Terminal;
use crate::panels::timeline::Timeline;
use crate::session;
use crate::shared::Shared;
use crate::state::{Action, After, MapTab, Pane, Sheet, State};
use crate::store::{self, Settings};
use crate::ui::Ui;
use crate::world::Lessons;
use std::cell::RefCell;
use std::rc::Rc;
use yew::prelude::*;

pub enum Msg {
    /// The learner did something.
    Do(Action),
    /// A frame of the screen, at this real time in ms.
    Frame(f64),
    /// The page is about to be hidden or closed.
    Leaving,
    Export,
    StartAfresh,
}

/// See the module's head.
pub struct App {
    /// Shared with the callbacks that only ask (completion, diagnostics).
    state: Rc<RefCell<State>>,
    course: Shared<Lessons>,
    lessons: Shared<Vec<crate::world::Lesson>>,
    done: Shared<Vec<String>>,
    lesson: (u64, Shared<LessonView>),
    settings: Settings,
    ui: Ui,
    last_frame: f64,
    saved_at: f64,
    dirty: bool,
    complete: Callback<(u32, String, usize), crate::world::Completion>,
    diagnose: Callback<String, Vec<crate::world::Diagnostic>>,
    packed: Callback<(), String>,
    _keys: keys::Listener,
}

/// Where the learner's files lie.
const HOME: &str = "/home/learner";

/// The session is kept this often while only time passes, in real ms.
const SAVE_EVERY_MS: f64 = 5_000.0;

/// What the page is opened with.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub course: Shared<Lessons>,
}

impl Component for App {
    type Message = Msg;
    type Properties = Props;

    fn create(ctx: &Context<App>) -> App {
        let settings = store::settings();
        gutter::restore(&settings);
        let (lang, dark) = (session::lang(&settings), session::dark(&settings));
        let course = ctx.props().course.clone();
        let opened = session::open(&course, lang, dark);
        let state = Rc::new(RefCell::new(opened.state));
        let frame = ctx.link().callback(Msg::Frame);
        driver::every_frame(move |time| frame.emit(time));
        let (asked, judged) = (state.clone(), state.clone());
        let complete = Callback::from(move |(tty, line, cursor): (u32, String, usize)| {
            asked.borrow().sandbox.complete(tty, &line, cursor)
        });
        let diagnose = Callback::from(move |text: String| judged.borrow().sandbox.diagnose(&text));
        let (kept, lessons) = (state.clone(), course.clone());
        let packed = Callback::from(move |()| session::packed(&kept.borrow(), &lessons));
        let mut app = App {
            state,
            lessons: Shared::new(course.lessons.clone()),
            course,
            done: Shared::new(opened.finished),
            lesson: (u64::MAX, Shared::default()),
            settings,
            ui: Ui { lang, send: ctx.link().callback(Msg::Do) },
            last_frame: driver::now(),
            saved_at: driver::now(),
            dirty: false,
            complete,
            diagnose,
            packed,
            _keys: keys::listen(ctx.link().callback(Msg::Do), ctx.link().callback(|()| Msg::Leaving)),
        };
        app.refresh_lesson();
        app
    }

    fn update(&mut self, ctx: &Context<App>, msg: Msg) -> bool {
        let after = match msg {
            Msg::Frame(time) => {
                let elapsed = time - self.last_frame;
                self.last_frame = time;
                let after = self.state.borrow_mut().tick(elapsed, driver::BUDGET_MS, &driver::now);
                self.dirty |= after.draw;
                if self.dirty && time - self.saved_at > SAVE_EVERY_MS {
                    self.save();
                }
                after
            }
            Msg::Do(action) => self.act(action),
            Msg::Leaving => {
                self.save();
                After::NOTHING
            }
            Msg::Export => {
                session::export(&self.state.borrow(), &self.course);
                After::NOTHING
            }
            Msg::StartAfresh => {
                session::forget();
                let opened = session::open(&self.course, self.ui.lang, self.state.borrow().dark);
                *self.state.borrow_mut() = opened.state;
                After::SAVE
            }
        };
        if after.save {
            self.save();
        }
        if after.draw {
            self.refresh_lesson();
            self.ui = Ui { lang: self.state.borrow().lang, send: self.ui.send.clone() };
        }
        let _ = ctx;
        after.draw
    }

    fn rendered(&mut self, _: &Context<Self>, first: bool) {
        // The prompt is there and the cluster alive: what a visitor waited for.
        if first && let Some(performance) = web_sys::window().and_then(|w| w.performance()) {
            let _ = performance.mark("drydock-ready");
        }
    }
    fn view(&self, ctx: &Context<App>) -> Html {
        let state = self.state.borrow();
        let view = &self.lesson.1;
        let has_side = state.selected.is_some();
        let maximised = state.maximised;
        let step = (view.steps > 1).then_some((view.step, view.steps));
        html! {
            <div class="shell">
                <Bar ui={self.ui.clone()} title={view.title.clone()} {step} can_undo={state.can_undo()}
                    can_redo={state.sandbox.can_redo()} speed={state.speed} dark={state.dark} sheet={state.sheet} />
                <main class={classes!("panes", has_side.then_some("has-side"), maximised.map(|_| "maximised"))}>
                    <LessonPane ui={self.ui.clone()} view={view.clone()} tty={state.tty()} front={state.front == Pane::Lesson}
                        listing={state.course_list} lessons={self.lessons.clone()} done={self.done.clone()} />
                    { self.map(&state) }
                    { self.side(&state) }
                    { self.bottom(&state) }
                    { self.gutters(has_side) }
                </main>
                { self.tabs(&state) }
                <Timeline ui={self.ui.clone()} history={state.history.clone()} begun_ms={state.begun_ms()} seconds={state.frame.now_ms / 1000} speed={state.speed} />
                { match state.sheet {
                    Some(Sheet::Help) => html! {
                        <Help ui={self.ui.clone()} on_fresh={ctx.link().callback(|()| Msg::StartAfresh)} />
                    },
                    Some(Sheet::Share) => html! {
                        <Share ui={self.ui.clone()} packed={self.packed.clone()} on_export={ctx.link().callback(|()| Msg::Export)} />
                    },
                    Some(Sheet::Coverage) => html! { <Coverage ui={self.ui.clone()} /> },
                    None => html! {},
                } }
                if let Some(toast) = &state.toast {
                    <div class="toast" role="status"><span>{ &toast.text }{ " " }<code>{ &toast.detail }</code></span>
                        <button class="button quiet icon-only" aria-label={self.ui.text().close} onclick={self.ui.on(Action::Dismiss)}>{ icon(icons::CLOSE) }</button></div>
                }
            </div>
        }
    }
}

impl App {
    fn act(&mut self, action: Action) -> After {
        match &action {
            Action::Lang(lang) => {
                self.settings.lang = Some(lang.code().to_owned());
                session::show_lang(*lang);
                self.keep_settings();
            }
            Action::Theme(dark) => {
                self.settings.theme = Some(if *dark { "dark" } else { "light" }.to_owned());
                session::show_theme(*dark);
                self.keep_settings();
            }
            Action::StartLesson(at) => {
                let mut state = self.state.borrow_mut();
                session::start(&mut state, &self.course, *at);
                return After::SAVE;
            }
            _ => {}
        }
        // Named for the guard outside, should this never come back.
        store::flight(session::describe(&action).as_deref());
        let after = self.state.borrow_mut().reduce(action);
        store::flight(None);
        after
    }

    fn keep_settings(&mut self) {
        self.settings.sizes = store::settings().sizes;
        store::keep_settings(&self.settings);
    }

    fn save(&mut self) {
        self.dirty = false;
        self.saved_at = driver::now();
        let state = self.state.borrow();
        session::keep(&state, &self.course, &self.done);
    }

    fn refresh_lesson(&mut self) {
        let state = self.state.borrow();
        if self.lesson.0 == state.lesson_version {
            return;
        }
        let view = session::lesson_view(&state, &self.course);
        if view.finished
            && let Some(lesson) = self.course.lessons.get(view.number)
            && !self.done.contains(&lesson.id)
        {
            self.done.edit().push(lesson.id.clone());
        }
        self.lesson = (state.lesson_version, Shared::new(view));
    }

    fn map(&self, state: &State) -> Html {
        let ui = &self.ui;
        let inner = match state.map_tab {
            MapTab::Map => html! {},
            MapTab::List => {
                html! { <List ui={ui.clone()} frame={state.frame.clone()} system={state.system} selected={state.selected.clone()} /> }
            }
            MapTab::Browser => {
                let (browser, reachable) = state.browser();
                html! { <Browser ui={ui.clone()} {browser} {reachable} /> }
            }
            MapTab::Events => html! { <Events ui={ui.clone()} events={state.all_events()} /> },
        };
        html! {
            <MapPane ui={ui.clone()} frame={state.frame.clone()} flights={state.flights.clone()} selected={state.selected.clone()}
                tab={state.map_tab} system={state.system} now_text={state.now_text.clone()} front={state.front == Pane::Map}
                maximised={state.maximised == Some(Pane::Map)}>{ inner }</MapPane>
        }
    }

    fn side(&self, state: &State) -> Html {
        match (state.selected.clone(), inspect(state)) {
            (Some(subject), Some(inspected)) => html! {
                <Inspector ui={self.ui.clone()} {subject} {inspected} look={state.look} container={state.container.clone()}
                    front={state.front == Pane::Inspector} />
            },
            _ => html! {},
        }
    }

    fn bottom(&self, state: &State) -> Html {
        let is_max = matches!(state.maximised, Some(Pane::Terminal | Pane::Editor));
        let front = matches!(state.front, Pane::Terminal | Pane::Editor);
        // On a phone the editor's tab shows the files when none is open.
        let folder = state
            .folder
            .clone()
            .or_else(|| (state.front == Pane::Editor && state.editing.is_none()).then(|| HOME.to_owned()));
        let class = classes!(
            "bottom",
            (state.editing.is_some() || folder.is_some()).then_some("has-editor"),
            front.then_some("is-front"),
            is_max.then_some("is-max")
        );
        html! {
            <div {class}>
                <Terminal ui={self.ui.clone()} terminals={state.terminals.clone()} shown={state.terminal} fill={state.fill.clone()}
                    complete={self.complete.clone()} front={state.front == Pane::Terminal} maximised={state.maximised == Some(Pane::Terminal)} />
                if let Some(folder) = folder {
                    <Files ui={self.ui.clone()} entries={state.sandbox.files(&folder)} {folder} front={state.front == Pane::Editor} />
                } else if let Some(editing) = state.editing.clone() {
                    <Editor ui={self.ui.clone()} {editing} diagnose={self.diagnose.clone()} front={state.front == Pane::Editor}
                        maximised={state.maximised == Some(Pane::Editor)} />
                }
            </div>
        }
    }

    fn gutters(&self, has_side: bool) -> Html {
        let t = self.ui.text();
        let at = |style: &'static str| AttrValue::from(style);
        html! {
            <>
                <Gutter property="--lesson" label={format!("{}: {}", t.resize, t.lesson)} vertical=true usual=28 least=20 most=50
                    style={at("left:max(340px,var(--lesson))")} />
                <Gutter property="--top" label={format!("{}: {}", t.resize, t.map)} vertical=false usual=58 least=20 most=85
                    style={at("top:var(--top);left:max(340px,var(--lesson));right:0")} />
                if has_side {
                    <Gutter property="--side" label={format!("{}: {}", t.resize, t.inspector)} vertical=true reversed=true usual=28 least=18 most=50
                        style={at("left:calc(100% - max(300px,var(--side)));bottom:calc(100% - var(--top))")} />
                }
            </>
        }
    }

    /// On a phone: one pane at a time.
    fn tabs(&self, state: &State) -> Html {
        let t = self.ui.text();
        let names = [t.lesson, t.map, t.terminal, t.editor];
        html! {
            <nav class="bottom-tabs" role="tablist">
                { for TABS.iter().zip(names).map(|((pane, path), name)| {
                    let here = state.front == *pane || (*pane == Pane::Map && state.front == Pane::Inspector);
                    html! {
                        <button role="tab" aria-selected={here.to_string()} onclick={self.ui.on(Action::Front(*pane))}>{ icon(path) }{ name }</button>
                    }
                }) }
            </nav>
        }
    }
}
