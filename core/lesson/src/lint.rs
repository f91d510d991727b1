//! The linter: what a lesson must have before it may be played.

use crate::course::{API_VERSION, Act, Lesson, Task};
use crate::text::{Block, Text, plain};
use std::collections::BTreeSet;

/// Everything that is wrong with a lesson, as sentences.
#[must_use]
pub fn lint(lesson: &Lesson) -> Vec<String> {
    let mut faults = Vec::new();
    if lesson.api_version != API_VERSION {
        faults.push(format!("apiVersion {} is not {API_VERSION}", lesson.api_version));
    }
    if lesson.id.is_empty()
        || !lesson.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        faults.push(format!("id {:?}: lower-case letters, digits and dashes only", lesson.id));
    }
    for (name, var) in &lesson.vars {
        if var.pick.is_empty()
            || var.pick.iter().any(|p| !p.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        {
            faults.push(format!("vars.{name}: picks must be plain names"));
        }
    }
    let setup = lesson.setup.apply.iter().chain(lesson.setup.files.values());
    for name in setup.filter(|n| !lesson.files.contains_key(*n)) {
        faults.push(format!("setup: no file {name}"));
    }
    let mut seen = BTreeSet::new();
    for step in &lesson.steps {
        let tasks = step.tasks.iter().map(|t| t.id.as_str());
        for id in [step.id.as_str()].into_iter().chain(tasks).chain(step.quiz.iter().map(|q| q.id.as_str())) {
            if !seen.insert(id.to_string()) {
                faults.push(format!("id {id} is used twice"));
            }
        }
        for task in &step.tasks {
            lint_task(lesson, task, &mut faults);
        }
        for quiz in step.quiz.iter().filter(|q| !q.options.contains(&q.answer)) {
            faults.push(format!("{}: the answer is not among the options", quiz.id));
        }
    }
    for language in &lesson.languages {
        match lesson.text.get(language) {
            Some(text) => lint_text(lesson, language, text, &mut faults),
            None => faults.push(format!("no text in {language}")),
        }
    }
    parity(lesson, &mut faults);
    faults
}

fn lint_task(lesson: &Lesson, task: &Task, faults: &mut Vec<String>) {
    if task.also_passes.is_empty() {
        faults.push(format!("{}: needs one alternative in also_passes", task.id));
    }
    if task.must_not_pass.is_empty() && task.passes_before.is_none() {
        faults.push(format!("{}: needs one near miss in must_not_pass", task.id));
    }
    if task.hints.is_empty() && task.passes_before.is_none() {
        faults.push(format!("{}: has no hints", task.id));
    }
    let all = [&task.solution].into_iter().chain(&task.also_passes).chain(&task.must_not_pass).flatten();
    for act in all {
        if let Act::Write { from, .. } = act
            && !lesson.files.contains_key(from)
        {
            faults.push(format!("{}: no file {from}", task.id));
        }
    }
}

fn lint_text(lesson: &Lesson, language: &str, text: &Text, faults: &mut Vec<String>) {
    let mut fault = |what: String| faults.push(format!("text.{language}: {what}"));
    if text.title.is_empty() || text.summary.is_empty() {
        fault("needs a title and a summary".into());
    }
    for step in &lesson.steps {
        let Some(section) = text.sections.iter().find(|s| s.id == step.id) else {
            fault(format!("no section {{#{}}}", step.id));
            continue;
        };
        for task in &step.tasks {
            if text.tasks.get(&task.id).is_none_or(|t| plain(t).trim().is_empty()) {
                fault(format!("no words for task {}", task.id));
            }
            if !mentions(&section.blocks, |b| matches!(b, Block::Task(id) if *id == task.id)) {
                fault(format!("task {} is not in section {}", task.id, step.id));
            }
            for hint in &task.hints {
                let key = format!("{}.{}", task.id, hint.id());
                if text.hints.get(&key).is_none_or(|t| plain(t).trim().is_empty()) {
                    fault(format!("no words for hint {key}"));
                }
            }
        }
        for quiz in &step.quiz {
            let complete = text.quizzes.get(&quiz.id).is_some_and(|q| {
                !q.question.is_empty()
                    && !q.explain.is_empty()
                    && quiz.options.iter().all(|o| q.options.contains_key(o))
            });
            if !complete {
                fault(format!("question {} is not complete", quiz.id));
            }
        }
    }
    if !text.sections.iter().any(|s| s.id == "done") {
        fault("no section {#done} for the end".into());
    }
}

fn mentions(blocks: &[Block], test: impl Fn(&Block) -> bool + Copy) -> bool {
    blocks.iter().any(|b| {
        test(b)
            || match b {
                Block::Note { blocks, .. } => mentions(blocks, test),
                Block::List { items, .. } => items.iter().any(|i| mentions(i, test)),
                _ => false,
            }
    })
}

/// All languages have the same sections, and the same commands to press in the same order.
fn parity(lesson: &Lesson, faults: &mut Vec<String>) {
    let mut texts = lesson.text.iter();
    let Some((first, base)) = texts.next() else { return };
    let shape = |text: &Text| {
        let sections: Vec<String> = text.sections.iter().map(|s| s.id.clone()).collect();
        let mut code = Vec::new();
        text.sections.iter().for_each(|s| actions(&s.blocks, &mut code));
        (sections, code)
    };
    for (language, text) in texts {
        let (a, b) = (shape(base), shape(text));
        if a.0 != b.0 {
            faults.push(format!("{first} and {language} have different sections: {:?}, {:?}", a.0, b.0));
        }
        if a.1 != b.1 {
            faults.push(format!("{first} and {language} have different commands: {:?}, {:?}", a.1, b.1));
        }
    }
}

/// Code with an action, in reading order.
pub fn actions(blocks: &[Block], out: &mut Vec<String>) {
    use crate::text::Span;
    fn spans(list: &[Span], out: &mut Vec<String>) {
        for span in list {
            match span {
                Span::Code { text, action: Some(_) } => out.push(text.clone()),
                Span::Strong(inner) | Span::Emphasis(inner) => spans(inner, out),
                _ => {}
            }
        }
    }
    for block in blocks {
        match block {
            Block::Paragraph(list) | Block::Heading(list) => spans(list, out),
            Block::List { items, .. } => items.iter().for_each(|i| actions(i, out)),
            Block::Note { blocks, .. } => actions(blocks, out),
            Block::Code { text, action: Some(_), .. } => out.push(text.clone()),
            Block::Code { .. } | Block::Task(_) | Block::Quiz(_) => {}
        }
    }
}
