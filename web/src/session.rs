//! Opening, keeping and leaving a session: what was saved is restored, what broke the page last time is
//! left out, and a first visitor lands in the first lesson with its cluster alive.
use crate::panels::lesson::{LessonView, TaskLine};
use crate::share;
use crate::shared::Shared;
use crate::state::{Action, Course, State, Toast};
use crate::store::{self, Session, Settings};
use crate::text::Lang;
use crate::world::{Input, Lessons, Player, Sandbox};
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, HtmlElement, Url};

/// Everybody's world is the same until they differ by what they do.
const SEED: u64 = 1;

/// A session that was opened.
pub struct Opened {
    pub state: State,
    pub finished: Vec<String>,
}

/// The course as it was packed.
pub fn course(json: &str) -> Lessons {
    Lessons::from_json(json).unwrap_or_default()
}

/// The language of the page, as `static/early.js` found it.
pub fn lang(settings: &Settings) -> Lang {
    let shown = root().and_then(|r| r.get_attribute("lang"));
    Lang::of(settings.lang.as_deref().or(shown.as_deref()).unwrap_or("en"))
}

/// Whether the page is dark now.
pub fn dark(settings: &Settings) -> bool {
    match settings.theme.as_deref() {
        Some(theme) => theme == "dark",
        None => web_sys::window()
            .and_then(|w| w.match_media("(prefers-color-scheme: dark)").ok().flatten())
            .is_some_and(|m| m.matches()),
    }
}

fn root() -> Option<HtmlElement> {
    web_sys::window()?.document()?.document_element()?.dyn_into().ok()
}

/// Tells the page's root which language is shown.
pub fn show_lang(lang: Lang) {
    if let Some(root) = root() {
        let _ = root.set_attribute("lang", lang.code());
    }
}

/// Tells the page's root which theme is shown.
pub fn show_theme(dark: bool) {
    if let Some(root) = root() {
        let _ = root.set_attribute("data-theme", if dark { "dark" } else { "light" });
    }
}

/// Opens what was saved, or the first lesson.
pub fn open(course: &Lessons, lang: Lang, dark: bool) -> Opened {
    let broken = store::broken_flight();
    let carried = share::carried();
    let Some(saved) = store::session().or_else(|| share::unpack(carried.as_deref()?)) else {
        store::flight(None);
        let mut state = fresh(course, 0, lang, dark);
        if carried.is_some() {
            state.toast = Some(Toast { text: lang.text().link_refused.to_owned(), detail: String::new() });
        }
        return Opened { state, finished: Vec::new() };
    };
    // Restoring may break too: then it is restoring that the guard names, and the next try is fresh.
    store::flight(Some("restore"));
    let at =
        saved.lesson.as_ref().and_then(|id| course.lessons.iter().position(|l| l.id == *id)).unwrap_or(0);
    let loaded = if broken.as_deref() == Some("restore") {
        Err(String::new())
    } else {
        Sandbox::load(&saved.log).map_err(|e| e.to_string())
    };
    let state = match loaded {
        Ok(sandbox) => {
            let player =
                course.lessons.get(at).and_then(|l| Player::resume(l, saved.player.clone(), &sandbox));
            let course = player.map(|player| Course::new(at, player, &sandbox));
            let mut state = State::new(sandbox, course, lang, dark);
            if state.editing.is_none()
                && let Some(draft) = store::draft()
            {
                state.reduce(Action::OpenFile { path: draft.path, line: None });
            }
            if let Some(cause) = broken {
                state.toast = Some(Toast { text: lang.text().restored_without.to_owned(), detail: cause });
            }
            state
        }
        Err(error) => {
            let mut state = fresh(course, at, lang, dark);
            state.toast = Some(Toast { text: lang.text().not_restored.to_owned(), detail: error });
            state
        }
    };
    store::flight(None);
    Opened { state, finished: saved.finished }
}

/// The beginning of a lesson.
fn fresh(course: &Lessons, at: usize, lang: Lang, dark: bool) -> State {
    match course.lessons.get(at) {
        Some(lesson) => {
            let (player, sandbox) = Player::new(lesson, SEED);
            let course = Course::new(at, player, &sandbox);
            State::new(sandbox, Some(course), lang, dark)
        }
        None => State::new(Sandbox::new(SEED), None, lang, dark),
    }
}

/// Starts a lesson in a world of its own.
pub fn start(state: &mut State, course: &Lessons, at: usize) {
    let mut next = fresh(course, at, state.lang, state.dark);
    next.lesson_version = state.lesson_version + 1;
    *state = next;
}

fn saved(state: &State, course: &Lessons) -> Session {
    let lesson = state.course.as_ref().and_then(|c| course.lessons.get(c.lesson));
    Session {
        lesson: lesson.map(|l| l.id.clone()),
        player: state.course.as_ref().map(|c| c.player.save().clone()).unwrap_or_default(),
        log: state.sandbox.save(),
        finished: Vec::new(),
    }
}

/// Keeps the session in this browser.
pub fn keep(state: &State, course: &Lessons, finished: &Shared<Vec<String>>) {
    store::keep_session(&Session { finished: (**finished).clone(), ..saved(state, course) });
}

/// The session as the text of a link or file.
pub fn packed(state: &State, course: &Lessons) -> String {
    share::pack(&saved(state, course))
}

/// Forgets the session.
pub fn forget() {
    store::forget_session();
}

/// What the guard calls this input, where it is one that the world sees.
pub fn describe(action: &Action) -> Option<String> {
    match action {
        Action::Line { text, .. } => Some(text.clone()),
        Action::Interrupt { .. } => Some("Ctrl-C".to_owned()),
        Action::SaveFile { .. } => Some("(save file)".to_owned()),
        Action::CloseFile { .. } => Some("(close editor)".to_owned()),
        Action::Goto(_) | Action::Undo | Action::Redo => Some("(time travel)".to_owned()),
        _ => None,
    }
}

/// Offers the session as a file.
pub fn export(state: &State, course: &Lessons) {
    let parts = js_sys::Array::of1(&packed(state, course).into());
    let options = BlobPropertyBag::new();
    options.set_type("text/plain");
    let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) else { return };
    let Ok(url) = Url::create_object_url_with_blob(&blob) else { return };
    let link = web_sys::window()
        .and_then(|w| w.document())
        .and_then(|d| d.create_element("a").ok())
        .and_then(|e| e.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(&url);
        link.set_download("drydock-session.txt");
        link.click();
    }
    let _ = Url::revoke_object_url(&url);
}

/// The lesson as the pane shows it.
pub fn lesson_view(state: &State, lessons: &Lessons) -> LessonView {
    let Some(course) = &state.course else { return LessonView::default() };
    let Some(lesson) = lessons.lessons.get(course.lesson) else { return LessonView::default() };
    let lang = state.lang.code();
    let Some(text) = lesson.text.get(lang).or_else(|| lesson.text.values().next()) else {
        return LessonView::default();
    };
    let player = &course.player;
    let at = player.step();
    // The player's own lesson: names that differ from learner to learner are filled in.
    let lesson = player.lesson();
    let answers = &state.sandbox.world().answers;
    let step = lesson.steps.get(at);
    let section =
        step.and_then(|s| text.sections.iter().find(|x| x.id == s.id)).or_else(|| text.sections.get(at));
    let from = player.save().starts.get(at).copied().unwrap_or(0);
    let tried = state.sandbox.log().inputs.iter().skip(from).any(Input::is_action);
    let tasks = step.map(|s| s.tasks.iter()).into_iter().flatten().map(|task| {
        let view = player.task(&task.id);
        let shown = player.hints(&task.id, &state.sandbox);
        TaskLine {
            id: task.id.clone(),
            text: text.tasks.get(&task.id).cloned().unwrap_or_default(),
            state: view.state,
            // Before the first try there is nothing to say about it.
            reason: view.reason.as_ref().filter(|_| tried).map(|r| r.sentence(lang)),
            more_hints: view.hint_level < task.hints.len(),
            hints: shown.iter().filter_map(|id| text.hints.get(id).cloned()).collect(),
            assisted: view.assisted,
        }
    });
    let quizzes = step.map(|s| s.quiz.iter()).into_iter().flatten().filter_map(|quiz| {
        Some((
            quiz.id.clone(),
            (text.quizzes.get(&quiz.id)?.clone(), answers.get(quiz.id.as_str()).map(|a| **a == *quiz.answer)),
        ))
    });
    LessonView {
        title: text.title.clone(),
        section: section.map(|s| s.title.clone()).unwrap_or_default(),
        blocks: section.map(|s| s.blocks.clone()).unwrap_or_default(),
        tasks: tasks.collect(),
        quizzes: quizzes.collect(),
        step: at,
        steps: lesson.steps.len(),
        can_advance: player.can_advance(&state.sandbox),
        finished: player.is_finished(),
        next: (course.lesson + 1 < lessons.lessons.len()).then_some(course.lesson + 1),
        number: course.lesson,
    }
}
