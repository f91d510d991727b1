//! A stand-in for the lesson player while it is being built: same names, one lesson.
#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::indexing_slicing)]
use crate::world::{FrameMark, Phase, Sandbox};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Run,
    Type,
    Copy,
    Open { path: String, line: Option<u32> },
    Save { path: String },
    Apply,
}
#[derive(Clone, Debug, PartialEq)]
pub enum Span {
    Text(String),
    Strong(Vec<Span>),
    Emphasis(Vec<Span>),
    Code { text: String, action: Option<Action> },
    Link { url: String, spans: Vec<Span> },
    Focus { target: String, spans: Vec<Span> },
}
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    Paragraph(Vec<Span>),
    List { ordered: bool, items: Vec<Vec<Block>> },
    Code { language: String, text: String, action: Option<Action> },
    Note { kind: String, blocks: Vec<Block> },
    Task(String),
    Quiz(String),
    Heading(Vec<Span>),
}
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Section {
    pub id: String,
    pub title: String,
    pub blocks: Vec<Block>,
}
#[derive(Clone, Debug, PartialEq, Default)]
pub struct QuizText {
    pub question: Vec<Span>,
    pub options: BTreeMap<String, Vec<Span>>,
    pub explain: Vec<Span>,
}
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Text {
    pub title: String,
    pub summary: String,
    pub sections: Vec<Section>,
    pub tasks: BTreeMap<String, Vec<Span>>,
    pub hints: BTreeMap<String, Vec<Span>>,
    pub quizzes: BTreeMap<String, QuizText>,
}
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Task {
    pub id: String,
}
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Quiz {
    pub id: String,
    pub options: Vec<String>,
}
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Step {
    pub id: String,
    pub tasks: Vec<Task>,
    pub quiz: Vec<Quiz>,
}
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Lesson {
    pub id: String,
    pub version: u32,
    pub track: String,
    pub minutes: u32,
    pub steps: Vec<Step>,
    pub text: BTreeMap<String, Text>,
}
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Course {
    pub lessons: Vec<Lesson>,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    Locked,
    Open,
    Holding,
    Done,
}
#[derive(Clone, Debug, PartialEq)]
pub struct Reason;
#[derive(Clone, Debug, PartialEq)]
pub struct TaskView {
    pub state: TaskState,
    pub hint_level: u8,
    pub reason: Option<Reason>,
    pub assisted: bool,
}
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct PlayerSave {
    pub lesson: String,
    pub step: usize,
}
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Player {
    step: usize,
    done: bool,
    hint: u8,
    quiz: Option<bool>,
}

fn t(s: &str) -> Span {
    Span::Text(s.into())
}
fn c(s: &str) -> Span {
    Span::Code { text: s.into(), action: None }
}
impl Course {
    pub fn from_json(_: &str) -> Result<Course, String> {
        let text = |ko: bool| {
            let p = |k: &str, e: &str| if ko { k.to_owned() } else { e.to_owned() };
            Text {
                title: p("파드 하나를 지워 보세요", "Delete one pod"), summary: String::new(),
                sections: vec![Section { id: "look".into(), title: p("지우고 지켜보기", "Delete and watch"), blocks: vec![
                    Block::Paragraph(vec![t(&p("클러스터가 돌고 있어요. ", "A cluster is running. ")), c("web"), t(&p(" 파드 세 개가 요청을 받고 있죠. 하나를 지우면 클러스터가 어떻게 할까요?", " has three pods that answer requests. Delete one of them: what will the cluster do?"))]),
                    Block::Paragraph(vec![t(&p("먼저 파드를 살펴보세요.", "First look at the pods."))]),
                    Block::Code { language: "sh".into(), text: "kubectl get pods".into(), action: Some(Action::Run) },
                    Block::Paragraph(vec![t(&p("그중 하나의 이름으로 지우세요: ", "Then delete one by its name: ")), Span::Code { text: "kubectl delete pod web-7d9c5b8f4-hqvmr".into(), action: Some(Action::Run) }, t(". "), t(&p("지도에서 ", "On the map, watch ")), Span::Focus { target: "Service/default/web".into(), spans: vec![t(&p("서비스 web", "the service web"))] }, t(&p("의 선을 지켜보세요.", " and its lines."))]),
                    Block::Task("again".into()),
                    Block::Note { kind: "tip".into(), blocks: vec![Block::Paragraph(vec![t(&p("무엇을 해도 되돌릴 수 있어요.", "Whatever you do can be undone."))])] },
                    Block::Heading(vec![t(&p("원하는 상태", "Desired state"))]),
                    Block::Code { language: "yaml".into(), text: "spec:\n  replicas: 3 # wanted\n  selector:\n    matchLabels: {app: web}\n".into(), action: Some(Action::Save { path: "~/x.yaml".into() }) },
                    Block::Quiz("why".into()),
                ] }, Section { id: "two".into(), title: p("더 해 보기", "Go on"), blocks: vec![Block::Paragraph(vec![t("kubectl scale")])] }],
                tasks: [("again".to_owned(), vec![t(&p("파드 하나가 사라져도 다시 셋이 된다", "One pod goes, and there are three again"))])].into(),
                hints: [("again.1".to_owned(), vec![t(&p("이름은 ", "The names are in ")), c("kubectl get pods"), t(&p("에 나와요.", "."))])].into(),
                quizzes: [("why".to_owned(), QuizText { question: vec![t(&p("누가 새 파드를 만들었을까요?", "Who made the new pod?"))], options: [("a".to_owned(), vec![t("scheduler")]), ("b".to_owned(), vec![t("ReplicaSet controller")])].into(), explain: vec![t(&p("ReplicaSet 컨트롤러가 개수를 맞춰요.", "The ReplicaSet controller keeps the count."))] })].into(),
            }
        };
        let lesson = |id: &str| Lesson {
            id: id.into(),
            version: 1,
            track: "kubernetes".into(),
            minutes: 5,
            steps: vec![
                Step {
                    id: "look".into(),
                    tasks: vec![Task { id: "again".into() }],
                    quiz: vec![Quiz { id: "why".into(), options: vec!["a".into(), "b".into()] }],
                },
                Step { id: "two".into(), ..Default::default() },
            ],
            text: [("ko".to_owned(), text(true)), ("en".to_owned(), text(false))].into(),
        };
        Ok(Course { lessons: vec![lesson("first-pod"), lesson("self-healing")] })
    }
}
impl Player {
    pub fn new(_: &Lesson, seed: u64) -> (Player, Sandbox) {
        let mut s = Sandbox::new(seed);
        s.advance(5000, 10000);
        (Player::default(), s)
    }
    pub fn resume(_: &Lesson, save: PlayerSave) -> Player {
        Player { step: save.step, ..Default::default() }
    }
    pub fn observe(&mut self, s: &Sandbox) -> bool {
        let was = self.done;
        self.done |= s.frame(FrameMark::default()).pods.iter().any(|p| p.phase == Phase::Terminating);
        was != self.done
    }
    pub fn step(&self) -> usize {
        self.step
    }
    pub fn can_advance(&self) -> bool {
        self.done
    }
    pub fn next_step(&mut self) {
        self.step += 1
    }
    pub fn go(&mut self, step: usize) {
        self.step = step
    }
    pub fn task(&self, _: &str) -> TaskView {
        TaskView {
            state: if self.done { TaskState::Done } else { TaskState::Open },
            hint_level: self.hint,
            reason: (!self.done && self.hint > 0).then_some(Reason),
            assisted: false,
        }
    }
    pub fn reason_text(&self, _: &Reason, lang: &str) -> String {
        if lang == "ko" { "아직 파드를 지우지 않았어요." } else { "No pod has been deleted yet." }.into()
    }
    pub fn reveal_hint(&mut self, _: &str) {
        self.hint = 1
    }
    pub fn hints(&self, task: &str, _: &Sandbox) -> Vec<String> {
        if self.hint > 0 { vec![format!("{task}.1")] } else { vec![] }
    }
    pub fn solve(&mut self, _: &str, s: &mut Sandbox) {
        s.apply(crate::world::Input::Line { tty: 0, text: "kubectl get pods".into() });
    }
    pub fn answer(&mut self, _: &str, option: &str) {
        self.quiz = Some(option == "b")
    }
    pub fn answered(&self, _: &str) -> Option<bool> {
        self.quiz
    }
    pub fn is_finished(&self) -> bool {
        self.done && self.step == 1
    }
    pub fn save(&self) -> PlayerSave {
        PlayerSave { lesson: "first-pod".into(), step: self.step }
    }
}
