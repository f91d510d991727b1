//! The laptop's browser: an address line and the page it leads to. A page comes from a simulated server and
//! is strange input: it is shown in a frame that may run and load nothing.
use crate::icons::{self, icon};
use crate::state::Action;
use crate::ui::Ui;
use crate::world::{Browser as View, Page};
use web_sys::HtmlInputElement;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
    pub browser: View,
    /// Addresses that lead somewhere.
    pub reachable: Vec<String>,
}

/// See the module's head.
#[component]
pub fn Browser(props: &Props) -> Html {
    let (ui, t, view) = (&props.ui, props.ui.text(), &props.browser);
    let field = use_node_ref();
    let go = {
        let (ui, field) = (ui.clone(), field.clone());
        Callback::from(move |e: SubmitEvent| {
            e.prevent_default();
            let typed = field.cast::<HtmlInputElement>().map(|f| f.value()).unwrap_or_default();
            if !typed.trim().is_empty() {
                ui.send(Action::Browse(typed));
            }
        })
    };
    html! {
        <div class="browser">
            <form class="browser-bar" onsubmit={go}>
                <input ref={field} id="address" class="field mono grow" key={view.address.to_string()} value={view.address.to_string()}
                    placeholder="http://localhost:8080/" aria-label={t.address} autocomplete="off" autocapitalize="off" spellcheck="false" inputmode="url" />
                <button class="button">{ icon(icons::NEXT) }{ t.go }</button>
            </form>
            if !props.reachable.is_empty() {
                <div class="browser-known">
                    { for props.reachable.iter().map(|address| html! {
                        <button key={address.clone()} class="link mono" onclick={ui.on(Action::Browse(address.clone()))}>{ address }</button>
                    }) }
                </div>
            }
            <div class="browser-page" aria-live="polite">{ page(props) }</div>
        </div>
    }
}

fn page(props: &Props) -> Html {
    let (t, view) = (props.ui.text(), &props.browser);
    match &view.page {
        None if view.is_loading() => html! { <p class="empty-state">{ t.loading }</p> },
        None => html! { <p class="empty-state">{ t.browser_empty }</p> },
        Some(Page::Failed(code)) => html! {
            <div class="empty-state"><p>{ t.browser_failed }</p><p class="mono muted">{ *code }</p></div>
        },
        Some(Page::Document { status, content_type, text }) => html! {
            <>
                if *status >= 400 { <p class="browser-status" data-look="err">{ *status }</p> }
                if content_type.starts_with("text/html") {
                    <iframe title={view.address.to_string()} sandbox="" referrerpolicy="no-referrer" srcdoc={text.to_string()} />
                } else {
                    <pre>{ text.to_string() }</pre>
                }
            </>
        },
    }
}
