//! A lesson's text as elements: from packed blocks, text nodes only. Commands in it look like keys:
//! a click puts one at the prompt, Shift-click or the button beside it runs it.
use crate::highlight;
use crate::icons::{self, icon};
use crate::state::{Action, Subject};
use crate::ui::Ui;
use crate::world::{Block, Deed, Span};
use yew::prelude::*;

/// Draws what stands where the text names a task or a quiz.
pub type Inset<'a> = &'a dyn Fn(&Block) -> Html;

/// Blocks of text.
pub fn blocks(ui: &Ui, tty: u32, blocks: &[Block], inset: Inset) -> Html {
    html! { { for blocks.iter().map(|b| block(ui, tty, b, inset)) } }
}

fn block(ui: &Ui, tty: u32, block: &Block, inset: Inset) -> Html {
    match block {
        Block::Paragraph(content) => match content.as_slice() {
            // A command that has a paragraph to itself is a row of its own.
            [Span::Code { text, action: Some(Deed::Run) }] => command(ui, tty, text, false),
            content => html! { <p>{ spans(ui, tty, content) }</p> },
        },
        Block::Heading(content) => html! { <h3>{ spans(ui, tty, content) }</h3> },
        Block::List { ordered, items } => {
            let items = items.iter().map(|item| html! { <li>{ list_item(ui, tty, item, inset) }</li> });
            if *ordered {
                html! { <ol>{ for items }</ol> }
            } else {
                html! { <ul>{ for items }</ul> }
            }
        }
        Block::Code { language, text, action } => code(ui, tty, language, text, action.as_ref()),
        Block::Note { kind, blocks: inner } => {
            html! { <div class={classes!("note", kind.clone())} role="note">{ blocks(ui, tty, inner, inset) }</div> }
        }
        Block::Task(_) | Block::Quiz(_) => inset(block),
    }
}

/// A list's item of one paragraph needs no paragraph around it.
fn list_item(ui: &Ui, tty: u32, item: &[Block], inset: Inset) -> Html {
    match item {
        [Block::Paragraph(content)] => spans(ui, tty, content),
        many => blocks(ui, tty, many, inset),
    }
}

/// A line of text with its markup.
pub fn spans(ui: &Ui, tty: u32, content: &[Span]) -> Html {
    html! { { for content.iter().map(|span| one(ui, tty, span)) } }
}

fn one(ui: &Ui, tty: u32, span: &Span) -> Html {
    match span {
        Span::Text(text) => html! { { text } },
        Span::Strong(inner) => html! { <strong>{ spans(ui, tty, inner) }</strong> },
        Span::Emphasis(inner) => html! { <em>{ spans(ui, tty, inner) }</em> },
        Span::Code { text, action: None } => html! { <code>{ text }</code> },
        Span::Code { text, action: Some(action) } => deed(ui, tty, text, action),
        Span::Link { url, spans: inner } => {
            // Lessons may come from elsewhere: only the two harmless schemes lead anywhere.
            let safe = url.starts_with("https://") || url.starts_with('#');
            if safe {
                html! { <a href={url.clone()} target="_blank" rel="noopener noreferrer">{ spans(ui, tty, inner) }</a> }
            } else {
                spans(ui, tty, inner)
            }
        }
        Span::Focus { target, spans: inner } => {
            let subject = Subject::parse(target);
            html! { <button class="link" onclick={ui.on(Action::Select(subject))}>{ spans(ui, tty, inner) }</button> }
        }
    }
}

/// Code in the line that one can do something with.
fn deed(ui: &Ui, tty: u32, text: &str, action: &Deed) -> Html {
    match action {
        Deed::Run => command(ui, tty, text, true),
        Deed::Open { path, line } => {
            let open = Action::OpenFile { path: home(path), line: Some(*line) };
            html! { <button class="link" onclick={ui.on(open)}><code>{ text }</code></button> }
        }
        Deed::Type | Deed::Copy | Deed::Save { .. } => html! { <code>{ text }</code> },
    }
}

/// `~/x` → `/home/learner/x`.
pub fn home(path: &str) -> String {
    match path.strip_prefix("~/") {
        Some(rest) => format!("/home/learner/{rest}"),
        None if path.starts_with('/') => path.to_owned(),
        None => format!("/home/learner/{path}"),
    }
}

/// A command as a key to be pressed.
fn command(ui: &Ui, tty: u32, text: &str, inline: bool) -> Html {
    let t = ui.text();
    let run = Action::Line { tty, text: text.to_owned() };
    let fill = {
        let (ui, run, text) = (ui.clone(), run.clone(), text.to_owned());
        Callback::from(move |e: MouseEvent| {
            ui.send(if e.shift_key() { run.clone() } else { Action::Fill(text.clone()) });
        })
    };
    html! {
        <span class={classes!("command", inline.then_some("inline"))}>
            <button class="command-text" title={t.put_in_prompt} onclick={fill}>{ text }</button>
            if !inline {
                <button class="command-run" onclick={ui.on(run)}>{ icon(icons::RUN) }{ t.run }</button>
            }
        </span>
    }
}

fn code(ui: &Ui, tty: u32, language: &str, text: &str, action: Option<&Deed>) -> Html {
    let t = ui.text();
    let body = text.trim_end_matches('\n');
    if let Some(Deed::Run) = action {
        return html! { { for body.lines().filter(|l| !l.trim().is_empty()).map(|line| command(ui, tty, line, false)) } };
    }
    let button = match action {
        Some(Deed::Save { path }) => {
            let write = Action::WriteFile { path: home(path), text: text.to_owned() };
            html! { <button class="button" onclick={ui.on(write)}>{ t.save_as }{ " " }<code>{ path }</code></button> }
        }
        _ => html! {},
    };
    let coloured = if matches!(language, "yaml" | "yml") {
        html! { for line in highlight::lines(body) { <>{ for line.iter().map(|(ink, text)| html! { <span class={ink.class()}>{ *text }</span> }) }{ "\n" }</> } }
    } else {
        html! { { body } }
    };
    html! { <><pre><code>{ coloured }</code></pre>if action.is_some() { <p>{ button }</p> }</> }
}
