//! Events as the cluster records them, newest first.
use crate::ui::{Ui, age};
use crate::world::EventRow;
use drydock_machinery::sort::Arrange;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
    pub events: Vec<EventRow>,
}

/// Rows drawn at most.
const MOST: usize = 200;

/// See the module's head.
#[component]
pub fn Events(props: &Props) -> Html {
    let t = props.ui.text();
    if props.events.is_empty() {
        return html! { <p class="empty-state">{ t.no_events }</p> };
    }
    let mut rows: Vec<&EventRow> = props.events.iter().collect();
    rows.arrange_by_key(|e| e.age_ms);
    html! {
        <div class="events">
            { for rows.into_iter().take(MOST).map(|event| {
                let warning = event.event_type == "Warning";
                html! {
                    <div class={classes!("event", warning.then_some("warning"))}>
                        <time>{ age(event.age_ms) }</time>
                        <div>
                            <span class="reason">{ if warning { "⚠ " } else { "" } }{ &event.reason }</span>
                            <span class="muted">{ " · " }{ &event.source }{ if event.count > 1 { format!(" ×{}", event.count) } else { String::new() } }</span>
                        </div>
                        <p>{ &event.message }</p>
                    </div>
                }
            }) }
        </div>
    }
}
