//! YAML in colour: to be read, and under the editor's text field with what is wrong underlined.
use crate::highlight;
use crate::shared::Shared;
use crate::world::{Diagnostic, Severity};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct LinesProps {
    pub count: usize,
    pub problems: Shared<Vec<Diagnostic>>,
}

/// Line numbers, marked where something is wrong.
#[component]
pub fn Lines(props: &LinesProps) -> Html {
    html! {
        <div class="edit-lines" aria-hidden="true">
            { for (1..=props.count).map(|n| {
                let bad = props.problems.iter().any(|p| p.line == n);
                html! { <span class={classes!(bad.then_some("bad"))}>{ n }</span> }
            }) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
pub struct HighlightedProps {
    pub text: Shared<String>,
    pub yaml: bool,
    pub problems: Shared<Vec<Diagnostic>>,
}

/// The coloured text under the area, with what is wrong underlined.
#[component]
pub fn Highlighted(props: &HighlightedProps) -> Html {
    if !props.yaml {
        return html! { <>{ (*props.text).clone() }{ "\n" }</> };
    }
    html! {
        { for highlight::lines(&props.text).into_iter().enumerate().map(|(at, pieces)| {
            let problem = props.problems.iter().find(|p| p.line == at + 1);
            html! { <>{ line(&pieces, problem) }{ "\n" }</> }
        }) }
    }
}

fn line(pieces: &[highlight::Piece], problem: Option<&Diagnostic>) -> Html {
    let mut at = 0;
    html! {
        { for pieces.iter().map(|(ink, text)| {
            let (from, to) = (at, at + text.chars().count());
            at = to;
            // Whole pieces are underlined: they are the words a message is about.
            let wrong = problem.filter(|p| from < p.column - 1 + p.length.max(1) && to > p.column.saturating_sub(1) && !text.trim().is_empty());
            let mark = wrong.map(|p| if p.severity == Severity::Error { "squiggle" } else { "squiggle warn" });
            if ink.class().is_empty() && mark.is_none() {
                html! { { *text } }
            } else {
                html! { <span class={classes!(ink.class(), mark)}>{ *text }</span> }
            }
        }) }
    }
}

#[derive(Properties, PartialEq)]
pub struct ColouredProps {
    pub text: AttrValue,
}

/// YAML in colour, to be read.
#[component]
pub fn Coloured(props: &ColouredProps) -> Html {
    html! {
        { for highlight::lines(&props.text).iter().map(|pieces| html! { <>{ line(pieces, None) }{ "\n" }</> }) }
    }
}
