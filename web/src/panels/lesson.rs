//! The lesson pane: the text of one step, its tasks as they come true, hints, quizzes, and the way on.
use crate::icons::{self, icon};
use crate::panels::prose::{self, spans};
use crate::shared::Shared;
use crate::state::{Action, Pane};
use crate::ui::Ui;
use crate::world::{Block, Lesson, QuizText, Span, TaskState};
use std::collections::BTreeMap;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// A task as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskLine {
    pub id: String,
    pub text: Vec<Span>,
    pub state: TaskState,
    /// What the check saw, in the page's language.
    pub reason: Option<String>,
    pub hints: Vec<Vec<Span>>,
    pub more_hints: bool,
    pub assisted: bool,
}

/// The lesson as it is shown: made anew whenever the player or the language changed.
#[derive(Clone, Debug, Default)]
pub struct LessonView {
    pub title: String,
    pub section: String,
    pub blocks: Vec<Block>,
    pub tasks: Vec<TaskLine>,
    pub quizzes: BTreeMap<String, (QuizText, Option<bool>)>,
    pub step: usize,
    pub steps: usize,
    pub can_advance: bool,
    pub finished: bool,
    /// Index of the lesson after this one.
    pub next: Option<usize>,
    pub number: usize,
}

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
    pub view: Shared<LessonView>,
    pub tty: u32,
    pub front: bool,
    /// The list of lessons is shown instead.
    pub listing: bool,
    pub lessons: Shared<Vec<Lesson>>,
    pub done: Shared<Vec<String>>,
}

/// See the module's head.
#[component]
pub fn LessonPane(props: &Props) -> Html {
    let (ui, t, view) = (&props.ui, props.ui.text(), &props.view);
    let body = use_node_ref();
    use_effect_with((view.number, view.step), {
        let body = body.clone();
        move |_| {
            if let Some(body) = body.cast::<web_sys::Element>() {
                body.set_scroll_top(0);
            }
        }
    });
    let inset = |block: &Block| inset(ui, props, block);
    html! {
        <section id="lesson" tabindex="-1" aria-label={t.lesson} class={classes!("pane", "lesson", props.front.then_some("is-front"))}>
            <div class="pane-head">
                <div class="tabs" role="tablist" aria-label={t.lesson}>
                    <button class="tab" role="tab" aria-selected={(!props.listing).to_string()} onclick={ui.on(Action::CourseList(false))}>{ t.lesson }</button>
                    <button class="tab" role="tab" id="course" aria-selected={props.listing.to_string()} onclick={ui.on(Action::CourseList(true))}>{ t.course }</button>
                </div>
                <span class="grow" />
                if !props.listing { <span class="muted">{ format!("{} {}/{}", t.step, view.step + 1, view.steps.max(1)) }</span> }
            </div>
            if props.listing {
                <div class="pane-body"><CourseList ui={ui.clone()} lessons={props.lessons.clone()} done={props.done.clone()} current={view.number} /></div>
            } else {
                <div ref={body} class="pane-body prose">
                    if view.step == 0 { <h1>{ &view.title }</h1> }
                    if view.section != view.title { <h2 style={if view.step == 0 { "margin-top:0" } else { "margin-top:0;font-size:20px" }}>{ &view.section }</h2> }
                    { prose::blocks(ui, props.tty, &view.blocks, &inset) }
                </div>
                { foot(ui, props) }
            }
        </section>
    }
}

fn foot(ui: &Ui, props: &Props) -> Html {
    let (t, view) = (ui.text(), &props.view);
    html! {
        <div class="lesson-foot">
            if !view.tasks.is_empty() { <h3>{ t.tasks }</h3> }
            <div role="list">{ for view.tasks.iter().map(|task| html! { <Task key={task.id.clone()} ui={ui.clone()} task={task.clone()} tty={props.tty} /> }) }</div>
            if view.finished {
                <div class="finish" role="status"><h2>{ t.finished }</h2><p>{ t.finished_more }</p></div>
            }
            <div class="lesson-nav">
                if view.step > 0 {
                    <button class="button" id="previous-step" onclick={ui.on(Action::Step(view.step - 1))}>{ icon(icons::BACK) }{ t.previous_step }</button>
                }
                <span class="grow" />
                if view.finished {
                    if let Some(next) = view.next {
                        <button class="button primary" id="next-lesson" onclick={ui.on(Action::StartLesson(next))}>{ t.next_lesson }{ icon(icons::NEXT) }</button>
                    }
                } else if view.step + 1 < view.steps {
                    <button class={classes!("button", view.can_advance.then_some("primary"))} id="next-step" disabled={!view.can_advance}
                        onclick={ui.on(Action::NextStep)}>{ t.next_step }{ icon(icons::NEXT) }</button>
                }
            </div>
        </div>
    }
}

/// A task or quiz where the text put it. Tasks stand at the foot, always in view; the text only asks.
fn inset(ui: &Ui, props: &Props, block: &Block) -> Html {
    match block {
        Block::Quiz(id) => match props.view.quizzes.get(id) {
            Some((quiz, answered)) => html! {
                <Quiz key={id.clone()} ui={ui.clone()} id={id.clone()} quiz={quiz.clone()} answered={*answered} tty={props.tty} />
            },
            None => html! {},
        },
        _ => html! {},
    }
}

#[derive(Properties, PartialEq)]
struct TaskProps {
    ui: Ui,
    task: TaskLine,
    tty: u32,
}

#[component]
fn Task(props: &TaskProps) -> Html {
    let (ui, task) = (&props.ui, &props.task);
    let t = ui.text();
    let (state, word) = match task.state {
        TaskState::Locked => ("locked", t.locked),
        TaskState::Open => ("active", ""),
        TaskState::Done => ("done", t.done),
    };
    let open = task.state == TaskState::Open;
    html! {
        <div class="task" role="listitem" data-task={task.id.clone()} data-state={state}>
            <svg class="task-mark" viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6.5" /><path d="m5 8.2 2.2 2.2L11.2 6" /></svg>
            <span class="task-text">{ spans(ui, props.tty, &task.text) }
                if state == "done" { <span class="visually-hidden">{ word }</span> }
                if task.assisted { <span class="muted">{ " · " }{ t.assisted }</span> }
            </span>
            if open && task.more_hints {
                <button class="button quiet task-hint" onclick={ui.on(Action::Hint(task.id.clone()))}>
                    { if task.hints.is_empty() { t.hint } else { t.more_hint } }
                </button>
            } else if open && !task.hints.is_empty() {
                <button class="button quiet task-hint" onclick={ui.on(Action::Solve(task.id.clone()))}>{ t.solve }</button>
            }
            if let Some(reason) = task.reason.as_ref().filter(|_| open) {
                <p class="task-state fail">{ reason }</p>
            } else if state == "locked" {
                <p class="task-state">{ word }</p>
            }
            if open {
                { for task.hints.iter().map(|hint| html! { <p class="hint">{ spans(ui, props.tty, hint) }</p> }) }
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct QuizProps {
    ui: Ui,
    id: String,
    quiz: QuizText,
    answered: Option<bool>,
    tty: u32,
}

/// A question: with options to choose from, or with a field for what the cluster says.
#[component]
fn Quiz(props: &QuizProps) -> Html {
    let (ui, t, quiz) = (&props.ui, props.ui.text(), &props.quiz);
    let typed = use_node_ref();
    let choose = |option: &String| ui.on(Action::Answer { quiz: props.id.clone(), option: option.clone() });
    let submit = {
        let (ui, id, typed) = (ui.clone(), props.id.clone(), typed.clone());
        Callback::from(move |e: SubmitEvent| {
            e.prevent_default();
            if let Some(field) = typed.cast::<HtmlInputElement>() {
                ui.send(Action::Answer { quiz: id.clone(), option: field.value() });
            }
        })
    };
    html! {
        <fieldset class="quiz" data-quiz={props.id.clone()}>
            <legend>{ spans(ui, props.tty, &quiz.question) }</legend>
            if quiz.options.is_empty() {
                <form onsubmit={submit} class="bar-group">
                    <input ref={typed} class="field mono" aria-label={t.your_answer} autocomplete="off" spellcheck="false" />
                    <button class="button">{ t.check_answer }</button>
                </form>
            } else {
                <div>
                    { for quiz.options.iter().map(|(option, text)| html! {
                        <label class="option">
                            <input type="radio" name={format!("quiz-{}", props.id)} value={option.clone()} onclick={choose(option)} />
                            <span>{ spans(ui, props.tty, text) }</span>
                        </label>
                    }) }
                </div>
            }
            <div role="status">
                if let Some(right) = props.answered {
                    if right {
                        <p class="quiz-result right"><strong>{ "✓ " }{ t.right }</strong>{ " " }{ spans(ui, props.tty, &quiz.explain) }</p>
                    } else {
                        <p class="quiz-result wrong">{ t.wrong }</p>
                    }
                }
            </div>
        </fieldset>
    }
}

#[derive(Properties, PartialEq)]
struct CourseProps {
    ui: Ui,
    lessons: Shared<Vec<Lesson>>,
    done: Shared<Vec<String>>,
    current: usize,
}

#[component]
fn CourseList(props: &CourseProps) -> Html {
    let (ui, t) = (&props.ui, props.ui.text());
    let mut track = "";
    html! {
        <div class="course">
            { for props.lessons.iter().enumerate().map(|(at, lesson)| {
                let title = lesson.text.get(ui.lang.code()).map_or(lesson.id.as_str(), |x| x.title.as_str());
                let heading = (lesson.track != track).then(|| html! { <h2>{ &lesson.track }</h2> });
                track = &lesson.track;
                let done = props.done.contains(&lesson.id);
                html! {
                    <>
                        { heading.unwrap_or_default() }
                        <button class="course-item" aria-current={(at == props.current).then_some("true")} onclick={ui.on(Action::StartLesson(at))}>
                            <span>{ title }</span>
                            if done { <span class="state" data-look="run">{ t.done }</span> }
                            <span class="minutes">{ format!("{} {}", lesson.minutes, t.minutes) }</span>
                        </button>
                    </>
                }
            }) }
        </div>
    }
}

/// The panes that a phone shows one at a time.
pub const TABS: [(Pane, &str); 4] = [
    (Pane::Lesson, icons::LESSON),
    (Pane::Map, icons::MAP),
    (Pane::Terminal, icons::SHELL),
    (Pane::Editor, icons::FILE),
];
