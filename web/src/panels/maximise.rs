//! The button in a pane's head that gives the pane the whole page, and back.
use crate::icons::{self, icon};
use crate::state::{Action, Pane};
use crate::ui::Ui;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct MaximiseProps {
    pub ui: Ui,
    pub pane: Pane,
    pub maximised: Option<Pane>,
}

/// Gives a pane the whole page, and back.
#[component]
pub fn MaximiseButton(props: &MaximiseProps) -> Html {
    let t = props.ui.text();
    let is = props.maximised == Some(props.pane);
    let label = if is { t.restore_size } else { t.maximise };
    html! {
        <button class="button quiet icon-only maximise" title={label} aria-label={label} aria-pressed={is.to_string()}
            onclick={props.ui.on(Action::Maximise((!is).then_some(props.pane)))}>
            { icon(if is { icons::SHRINK } else { icons::GROW }) }
        </button>
    }
}
