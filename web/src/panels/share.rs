//! The sheet behind "Share": a link that carries the session, the session as a file, and the way back from a
//! shared one.
use crate::icons::{self, icon};
use crate::share;
use crate::state::Action;
use crate::ui::Ui;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
    /// The session as text.
    pub packed: Callback<(), String>,
    pub on_export: Callback<()>,
}

/// See the module's head.
#[component]
pub fn Share(props: &Props) -> Html {
    let (ui, t) = (&props.ui, props.ui.text());
    let copied = use_state(|| false);
    let refused = use_state(|| false);
    let field = use_node_ref();
    // As it was when the sheet was opened: a link that changes by the second cannot be copied by hand.
    let link = use_memo((), |()| share::link(&props.packed.emit(())));
    let copy = {
        let (field, copied) = (field.clone(), copied.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(field) = field.cast::<HtmlTextAreaElement>() else { return };
            field.select();
            // Where the clipboard is closed to the page, the text is selected for the keys.
            if let Some(window) = web_sys::window().filter(web_sys::Window::is_secure_context) {
                let _ = window.navigator().clipboard().write_text(&field.value());
                copied.set(true);
            }
        })
    };
    let import = {
        let refused = refused.clone();
        Callback::from(move |event: Event| {
            let file =
                event.target_dyn_into::<HtmlInputElement>().and_then(|i| i.files()).and_then(|f| f.get(0));
            let (Some(file), refused) = (file, refused.clone()) else { return };
            yew::platform::spawn_local(async move {
                let text = wasm_bindgen_futures::JsFuture::from(file.text()).await.ok();
                match text.and_then(|t| t.as_string()).filter(|t| share::unpack(t).is_some()) {
                    Some(packed) => share::enter(&packed),
                    None => refused.set(true),
                }
            });
        })
    };
    let export = props.on_export.reform(|_: MouseEvent| ());
    html! {
        <aside class="sheet" id="share-sheet" aria-label={t.share}>
            <button class="button quiet icon-only close" aria-label={t.close} onclick={ui.on(Action::Sheet(None))}>
                { icon(icons::CLOSE) }
            </button>
            <h2>{ t.share }</h2>
            if let Some(link) = (*link).clone() {
                <p>{ t.share_text }</p>
                <div><textarea id="share-link" ref={field} rows="3" readonly=true aria-label={t.share_link} value={link} /></div>
                <p class="bar-group"><button id="share-copy" class="button primary" onclick={copy}>{ if *copied { t.copied } else { t.copy } }</button></p>
            } else {
                <p>{ t.share_long }</p>
            }
            <h3>{ t.share_file }</h3>
            <p class="bar-group">
                <button class="button" onclick={export}>{ icon(icons::SHARE) }{ t.export }</button>
                <label class="button">{ t.import }<input id="import" type="file" accept=".txt,text/plain" onchange={import} /></label>
            </p>
            if *refused {
                <p role="alert">{ t.import_refused }</p>
            }
            if share::carried().is_some() {
                <h3>{ t.shared_now }</h3>
                <p>{ t.shared_kept }</p>
                <p class="bar-group"><button id="share-leave" class="button" onclick={|_: MouseEvent| share::leave()}>{ t.shared_leave }</button></p>
            }
        </aside>
    }
}
