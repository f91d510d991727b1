//! The page: a learner's view of one simulated world.
use yew::prelude::*;

/// The whole page.
#[component]
pub fn App() -> Html {
    html! { <main><h1>{ "Drydock" }</h1></main> }
}

/// Puts the app in the place of the static skeleton.
pub fn start() {
    console_error_panic_hook::set_once();
    let Some(host) = web_sys::window().and_then(|w| w.document()).and_then(|d| d.get_element_by_id("app"))
    else {
        return;
    };
    host.set_inner_html("");
    yew::Renderer::<App>::with_root(host).render();
}
