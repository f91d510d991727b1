//! The coverage register as a page: what acts as the real thing, what is refused, what has no effect.
use crate::icons::{self, icon};
use crate::state::Action;
use crate::ui::Ui;
use crate::world::{CoverageRow, Covered, coverage};
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
}

/// See the module's head.
#[component]
pub fn Coverage(props: &Props) -> Html {
    let (ui, t) = (&props.ui, props.ui.text());
    let rows: Rc<Vec<CoverageRow>> = use_memo((), |()| coverage());
    let find = use_state(String::new);
    let only = use_state(|| Some(Covered::AcceptedNotSimulated));
    let word = |state: Covered| match state {
        Covered::Simulated => t.covered,
        Covered::Refused => t.refused,
        Covered::AcceptedNotSimulated => t.not_simulated,
    };
    let choice = |state: Option<Covered>| {
        let (chosen, only) = (*only == state, only.clone());
        let count = rows.iter().filter(|r| state.is_none_or(|s| r.state == s)).count();
        html! {
            <button class="button" aria-pressed={chosen.to_string()} disabled={count == 0}
                onclick={Callback::from(move |_: MouseEvent| only.set(state))}>
                { state.map_or(t.all, word) }<span class="count">{ count }</span>
            </button>
        }
    };
    let typed = {
        let find = find.clone();
        Callback::from(move |e: InputEvent| {
            if let Some(input) = e.target_dyn_into::<HtmlInputElement>() {
                find.set(input.value());
            }
        })
    };
    // What is looked for is looked for everywhere.
    let wanted = find.trim().to_lowercase();
    let shown: Vec<&CoverageRow> = rows
        .iter()
        .filter(|r| match wanted.as_str() {
            "" => only.is_none_or(|s| r.state == s),
            w => [&r.area, &r.thing, &r.note].iter().any(|text| text.to_lowercase().contains(w)),
        })
        .collect();
    html! {
        <aside class="sheet page" id="coverage-sheet" aria-label={t.coverage}>
            <button class="button quiet icon-only close" aria-label={t.close} onclick={ui.on(Action::Sheet(None))}>
                { icon(icons::CLOSE) }
            </button>
            <h2>{ t.coverage }</h2>
            <p>{ t.coverage_text }</p>
            <div class="coverage-tools">
                <input type="search" class="coverage-find" placeholder={t.coverage_find} aria-label={t.coverage_find} oninput={typed} />
                <div class="segments" role="group" aria-label={t.coverage}>
                    { choice(Some(Covered::AcceptedNotSimulated)) }
                    { choice(Some(Covered::Refused)) }
                    { choice(Some(Covered::Simulated)) }
                    { choice(None) }
                </div>
            </div>
            // A box of their own: rows that come and go must not move the field one types in.
            <div class="coverage-list">
                if shown.is_empty() {
                    <p class="muted">{ t.coverage_none }</p>
                }
                { for shown.chunk_by(|a, b| a.area == b.area).filter_map(|area| area.first().map(|first| (first, area))).map(|(first, area)| html! {
                    <section key={first.area.clone()}>
                        <h3 class="keep" lang="en">{ &first.area }</h3>
                        <dl class="coverage keep" lang="en">
                            { for area.iter().map(|row| html! {
                                <div class={classes!("coverage-row", row.state.name())}>
                                    <dt title={word(row.state)}>{ &row.thing }</dt>
                                    <dd>{ &row.note }</dd>
                                </div>
                            }) }
                        </dl>
                    </section>
                }) }
            </div>
        </aside>
    }
}
