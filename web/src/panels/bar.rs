//! The bar on top: where one is in the course, undo and redo, the speed of time, language, theme, help.
use crate::icons::{self, icon};
use crate::state::{Action, Sheet, Speed};
use crate::ui::Ui;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
    pub title: String,
    /// The step shown, and how many there are.
    pub step: Option<(usize, usize)>,
    pub can_undo: bool,
    pub can_redo: bool,
    pub speed: Speed,
    pub dark: bool,
    pub sheet: Option<Sheet>,
}

/// See the module's head.
#[component]
pub fn Bar(props: &Props) -> Html {
    let (ui, t) = (&props.ui, props.ui.text());
    let speed = |speed: Speed, label: Html, name: String| {
        let pressed = props.speed == speed;
        html! {
            <button class="button" data-speed={speed.word()} aria-pressed={pressed.to_string()}
                title={name.clone()} aria-label={name} onclick={ui.on(Action::Speed(speed))}>{ label }</button>
        }
    };
    let toggle = |sheet: Sheet| Action::Sheet((props.sheet != Some(sheet)).then_some(sheet));
    let other = ui.lang.other();
    html! {
        <header class="bar">
            <span class="brand"><Mark /><span class="brand-name">{ "Drydock" }</span></span>
            <div class="where">
                <span class="where-title">{ &props.title }</span>
                if let Some((now, all)) = props.step {
                    <span class="steps" role="img" aria-label={format!("{} {}/{}", t.step, now + 1, all)}>
                        { for (0..all).map(|at| {
                            let class = match at.cmp(&now) {
                                std::cmp::Ordering::Less => "past",
                                std::cmp::Ordering::Equal => "now",
                                std::cmp::Ordering::Greater => "",
                            };
                            html! { <i {class} /> }
                        }) }
                    </span>
                }
            </div>
            <div class="bar-tools">
                <div class="bar-group">
                    <button id="undo" class="button quiet icon-only" disabled={!props.can_undo} title={t.undo} aria-label={t.undo}
                        onclick={ui.on(Action::Undo)}>{ icon(icons::UNDO) }</button>
                    <button id="redo" class="button quiet icon-only" disabled={!props.can_redo} title={t.redo} aria-label={t.redo}
                        onclick={ui.on(Action::Redo)}>{ icon(icons::REDO) }</button>
                </div>
                <div class="segments" role="group" aria-label={t.speed}>
                    { speed(Speed::Paused, icon(icons::PAUSE), t.pause.to_owned()) }
                    { speed(Speed::X1, html! { "1×" }, format!("{} 1×", t.speed)) }
                    { speed(Speed::X4, html! { "4×" }, format!("{} 4×", t.speed)) }
                    { speed(Speed::X16, html! { "16×" }, format!("{} 16×", t.speed)) }
                    { speed(Speed::Settle, icon(icons::SETTLE), t.settle.to_owned()) }
                </div>
                <div class="bar-group">
                    <button id="lang" class="button quiet keep" lang={other.code()} onclick={ui.on(Action::Lang(other))}>
                        <span class="keep" lang={other.code()}>{ short(t.other_language) }</span>
                    </button>
                    <button id="theme" class="button quiet icon-only" title={if props.dark { t.to_light } else { t.to_dark }}
                        aria-label={if props.dark { t.to_light } else { t.to_dark }}
                        onclick={ui.on(Action::Theme(!props.dark))}>{ icon(icons::THEME) }</button>
                    <button id="share" class="button quiet icon-only only-wide" title={t.share} aria-label={t.share}
                        aria-expanded={(props.sheet == Some(Sheet::Share)).to_string()}
                        onclick={ui.on(toggle(Sheet::Share))}>{ icon(icons::SHARE) }</button>
                    <button id="help" class="button quiet icon-only only-wide" title={t.help} aria-label={t.help}
                        aria-expanded={(props.sheet == Some(Sheet::Help)).to_string()}
                        onclick={ui.on(toggle(Sheet::Help))}>{ icon(icons::HELP) }</button>
                </div>
            </div>
        </header>
    }
}

/// The button names the language it leads to.
fn short(name: &'static str) -> &'static str {
    if name == "English" { "EN" } else { "한국어" }
}

/// The mark: a ship in its dock.
#[component]
pub fn Mark() -> Html {
    html! {
        <svg class="mark" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M2.5 4v12.5h15V4" /><path class="hull" d="M5.5 10.5h9L13 14H7zM8 10.5V7h4v3.5" />
        </svg>
    }
}
