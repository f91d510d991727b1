//! The sheet behind the question mark: what this is, the keys, and the way to keep or drop a session.
use crate::icons::{self, icon};
use crate::state::{Action, Sheet};
use crate::ui::Ui;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
    pub on_fresh: Callback<()>,
}

/// See the module's head.
#[component]
pub fn Help(props: &Props) -> Html {
    let (ui, t) = (&props.ui, props.ui.text());
    let sure = use_state(|| false);
    let fresh = {
        let (sure, go) = (sure.clone(), props.on_fresh.clone());
        Callback::from(move |_: MouseEvent| if *sure { go.emit(()) } else { sure.set(true) })
    };
    let row = |keys: &[&'static str], what: &'static str| {
        html! { <><dt>{ for keys.iter().map(|k| html! { <><kbd>{ *k }</kbd>{ " " }</> }) }</dt><dd>{ what }</dd></> }
    };
    html! {
        <aside class="sheet" id="help-sheet" aria-label={t.help}>
            <button class="button quiet icon-only close" aria-label={t.close} onclick={ui.on(Action::Sheet(None))}>
                { icon(icons::CLOSE) }
            </button>
            <h2>{ t.about }</h2>
            <p>{ t.about_text }</p>
            <p><button id="coverage-open" class="button" onclick={ui.on(Action::Sheet(Some(Sheet::Coverage)))}>{ t.coverage_open }</button></p>
            <h3>{ t.keys }</h3>
            <dl>
                { row(&["F6", "⇧F6"], t.keys_panes) }
                { row(&["←→↑↓", "Enter", "Y", "L", "E", "W"], t.keys_map) }
                { row(&["Esc"], t.keys_leave) }
                { row(&["Tab"], t.keys_complete) }
                { row(&["↑", "↓"], t.keys_history) }
                { row(&["Ctrl R"], t.keys_search) }
                { row(&["Ctrl A", "E", "K", "U"], t.keys_line) }
                { row(&["Ctrl C", "D", "L"], t.keys_interrupt) }
                { row(&["Ctrl Enter"], t.keys_apply) }
                { row(&["F8", "⇧F8"], t.keys_time) }
            </dl>
            <h3>{ t.sandbox }</h3>
            <p class="bar-group">
                <button class="button" onclick={ui.on(Action::Sheet(Some(Sheet::Share)))}>{ icon(icons::SHARE) }{ t.share }</button>
                <button class="button" onclick={fresh}>{ if *sure { t.start_fresh_sure } else { t.start_fresh } }</button>
            </p>
        </aside>
    }
}
