//! One command of the transcript with its output: text nodes only, whatever a program prints.
use crate::ansi;
use crate::shared::Shared;
use crate::transcript::Entry;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct EntryProps {
    pub entry: Shared<Entry>,
    pub cut: AttrValue,
}

/// One command with its output; text nodes only.
#[component]
pub fn EntryView(props: &EntryProps) -> Html {
    let entry = &props.entry;
    let painted = ansi::paint(&entry.output);
    html! {
        <div class="entry">
            if entry.line.is_some() || !entry.prompt.is_empty() {
                <span class="entry-line">
                    <span class="prompt">{ &entry.prompt }</span>{ entry.line.clone().unwrap_or_default() }
                </span>
            }
            if entry.cut { <span class="muted">{ &props.cut }{ "\n" }</span> }
            if !painted.spans.is_empty() {
                <pre>{ for painted.spans.iter().map(|s| if s.class.is_empty() {
                    html! { { &s.text } }
                } else {
                    html! { <span class={s.class.clone()}>{ &s.text }</span> }
                }) }</pre>
            }
        </div>
    }
}
