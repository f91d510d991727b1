//! The inspector: one object from five sides. Overview sets what is wanted beside what is.
use crate::icons::{self, icon};
use crate::inspect::{Inspected, Page, Row};
use crate::map::look;
use crate::panels::coloured::Coloured;
use crate::panels::events::Events;
use crate::state::{Action, Look, Subject};
use crate::ui::{Ui, clock};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
    pub subject: Subject,
    pub inspected: Inspected,
    pub look: Look,
    pub container: Option<String>,
    pub front: bool,
}

/// See the module's head.
#[component]
pub fn Inspector(props: &Props) -> Html {
    let (ui, t, subject) = (&props.ui, props.ui.text(), &props.subject);
    let tab = |look: Look, name: &'static str| {
        html! {
            <button class="tab" role="tab" aria-selected={(props.look == look).to_string()} onclick={ui.on(Action::Look(look))}>{ name }</button>
        }
    };
    let look_name = props.inspected.phase.map(look::name);
    let edit = format!(
        "kubectl edit {} {}{}",
        subject.kind.to_ascii_lowercase(),
        subject.name,
        in_namespace(subject)
    );
    html! {
        <section id="inspector" tabindex="-1" aria-label={t.inspector} class={classes!("pane", "side", props.front.then_some("is-front"))}>
            <div class="pane-head">
                <div class="tabs" role="tablist" aria-label={t.inspector}>
                    { tab(Look::Overview, t.overview) }
                    { tab(Look::Yaml, "YAML") }
                    if !subject.is_container() { { tab(Look::Events, t.events) } }
                    if subject.kind == "Pod" || subject.is_container() { { tab(Look::Logs, t.logs) } }
                    if !subject.is_container() { { tab(Look::Why, t.why) } }
                </div>
                <span class="grow" />
                <button class="button quiet icon-only" id="close-inspector" title={t.close} aria-label={t.close}
                    onclick={ui.on(Action::Select(None))}>{ icon(icons::CLOSE) }</button>
            </div>
            <div class="subject">
                <span class="kind">{ &subject.kind }{ if subject.namespace.is_empty() { String::new() } else { format!(" · {}", subject.namespace) } }</span>
                <h2>{ &subject.name }</h2>
                if !props.inspected.summary.is_empty() {
                    <p class="facts"><span class={classes!(look_name.map(|_| "state"))} data-look={look_name}>{ &props.inspected.summary }</span></p>
                }
            </div>
            <div class="pane-body">{ page(props) }</div>
            if props.look == Look::Yaml && props.inspected.page != Page::Gone && !subject.is_container() {
                <div class="edit-foot"><span class="grow mono">{ &edit }</span>
                    <button class="button" onclick={ui.on(Action::Fill(edit.clone()))}>{ t.edit_yaml }</button></div>
            }
        </section>
    }
}

fn in_namespace(subject: &Subject) -> String {
    match subject.namespace.as_str() {
        "" | "default" => String::new(),
        other => format!(" -n {other}"),
    }
}

fn page(props: &Props) -> Html {
    let (ui, t) = (&props.ui, props.ui.text());
    match &props.inspected.page {
        Page::Gone => html! { <p class="empty-state">{ t.gone }</p> },
        Page::Overview(rows) => compare(rows, t.wanted, t.actual),
        Page::Yaml(text) => html! { <pre class="code"><Coloured text={text.clone()} /></pre> },
        Page::Events(events) => html! { <Events ui={ui.clone()} events={events.clone()} /> },
        Page::Logs(Ok(text)) if text.is_empty() => {
            html! { <>{ containers(props) }<p class="empty-state">{ t.no_logs }</p></> }
        }
        Page::Logs(Ok(text)) => html! { <>{ containers(props) }<pre class="log">{ text }</pre></> },
        Page::Logs(Err(text)) => html! { <>{ containers(props) }<p class="empty-state mono">{ text }</p></> },
        Page::Why(steps) if steps.is_empty() => html! { <p class="empty-state">{ t.no_why }</p> },
        Page::Why(steps) => html! {
            <>
                <p class="muted" style="padding:12px 16px 0">{ t.why_lead }</p>
                <ol class="chain">
                    { for steps.iter().enumerate().map(|(at, step)| html! {
                        <li class={classes!((at + 1 == steps.len()).then_some("mine"))}>
                            { ui.lang.deed(&step.actor, &step.text) }<span class="muted">{ format!(" · {}", clock(step.at_ms)) }</span>
                        </li>
                    }) }
                </ol>
            </>
        },
    }
}

fn containers(props: &Props) -> Html {
    let names = &props.inspected.containers;
    if names.len() < 2 {
        return html! {};
    }
    let shown = props.container.as_ref().or(names.first());
    html! {
        <div class="subject"><div class="segments" role="group" aria-label="container">
            { for names.iter().map(|name| html! {
                <button class="button" aria-pressed={(Some(name) == shown).to_string()}
                    onclick={props.ui.on(Action::Container(Some(name.clone())))}>{ name }</button>
            }) }
        </div></div>
    }
}

fn compare(rows: &[Row], wanted: &'static str, actual: &'static str) -> Html {
    html! {
        <div class="compare" role="table">
            <span class="head" /><span class="head">{ wanted }</span><span class="head">{ actual }</span>
            { for rows.iter().map(|row| html! {
                <>
                    <span class="muted">{ &row.what }</span>
                    <span class="mono">{ &row.wanted }</span>
                    <span class={classes!("mono", row.differs.then_some("differs"))}>{ &row.actual }</span>
                </>
            }) }
        </div>
    }
}
