//! The rail at the foot: simulated time, a tick for everything the learner did, and the way back to
//! any of it.
use crate::shared::Shared;
use crate::state::{Action, Speed};
use crate::ui::{Ui, clock};
use crate::world::HistoryEntry;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
    pub history: Shared<Vec<HistoryEntry>>,
    /// Simulated time at which the learner came.
    pub begun_ms: u64,
    /// Simulated seconds of the world.
    pub seconds: u64,
    pub speed: Speed,
}

/// Ticks drawn at most: older ones are under the newer anyway.
const MOST_TICKS: usize = 200;

/// See the module's head.
#[component]
pub fn Timeline(props: &Props) -> Html {
    let (ui, t) = (&props.ui, props.ui.text());
    let now_ms = props.seconds * 1000;
    // The rail begins where the learner did: what was set up before is not theirs.
    let begin = props.begun_ms.min(now_ms);
    let span = (now_ms - begin).max(10_000) as f64;
    let at =
        |ms: u64| format!("left:{:.2}%", (ms.saturating_sub(begin) as f64 / span * 100.0).clamp(0.0, 100.0));
    let skip = props.history.len().saturating_sub(MOST_TICKS);
    let (class, word) = match props.speed {
        Speed::Paused => ("live paused", t.paused),
        Speed::Settle => ("live", t.settling),
        _ => ("live", t.live),
    };
    html! {
        <footer class="rail">
            <span class={class}>{ word }</span>
            <span class="clock" title={t.simulated}>{ clock(now_ms - begin) }</span>
            <div class="rail-track" role="group" aria-label={t.timeline}>
                { for props.history.iter().skip(skip).map(|entry| {
                    let label = format!("{} · {}", clock(entry.at_ms.saturating_sub(begin)), entry.label);
                    html! {
                        <button class={classes!("tick", "mine", (!entry.done).then_some("undone"))} style={at(entry.at_ms)} title={label.clone()} aria-label={label}
                            tabindex="-1" onclick={ui.on(Action::Goto(entry.at_ms))} />
                    }
                }) }
                <span class="rail-now" style={at(now_ms)} />
            </div>
        </footer>
    }
}
