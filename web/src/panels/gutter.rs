//! The line between two panes, to be dragged or moved with the arrow keys. Sizes are percentages in a
//! CSS property of the page's root.
use crate::store;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, PointerEvent};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The CSS property it sets, e.g. `--lesson`.
    pub property: AttrValue,
    pub label: AttrValue,
    /// Lies between panes side by side (else one above the other).
    pub vertical: bool,
    /// The pane at its far side grows when it moves back.
    #[prop_or_default]
    pub reversed: bool,
    #[prop_or_default]
    pub style: AttrValue,
    pub usual: u32,
    pub least: u32,
    pub most: u32,
}

fn root() -> Option<HtmlElement> {
    web_sys::window()?.document()?.document_element()?.dyn_into().ok()
}

/// Sets a size and keeps it.
fn resize(property: &str, percent: u32) {
    if let Some(root) = root() {
        let _ = root.style().set_property(property, &format!("{percent}%"));
    }
    let mut settings = store::settings();
    settings.sizes.insert(property.to_owned(), percent);
    store::keep_settings(&settings);
}

/// Sets the sizes of last time.
pub fn restore(settings: &store::Settings) {
    let Some(root) = root() else { return };
    for (property, percent) in &settings.sizes {
        let _ = root.style().set_property(property, &format!("{percent}%"));
    }
}

/// See the module's head.
#[component]
pub fn Gutter(props: &Props) -> Html {
    let dragging = use_state(|| false);
    let at = use_mut_ref(|| None::<u32>);
    let (property, vertical, reversed) = (props.property.clone(), props.vertical, props.reversed);
    let (least, most, usual) = (props.least, props.most, props.usual);

    let down = {
        let dragging = dragging.clone();
        Callback::from(move |e: PointerEvent| {
            e.prevent_default();
            if let Some(target) = e.target().and_then(|t| t.dyn_into::<Element>().ok()) {
                let _ = target.set_pointer_capture(e.pointer_id());
            }
            dragging.set(true);
        })
    };
    let moved = {
        let (dragging, property, at) = (dragging.clone(), property.clone(), at.clone());
        Callback::from(move |e: PointerEvent| {
            if !*dragging {
                return;
            }
            let Some(parent) =
                e.target().and_then(|t| t.dyn_into::<Element>().ok()).and_then(|t| t.parent_element())
            else {
                return;
            };
            let area = parent.get_bounding_client_rect();
            let share = if vertical {
                (f64::from(e.client_x()) - area.left()) / area.width()
            } else {
                (f64::from(e.client_y()) - area.top()) / area.height()
            };
            let share = if reversed { 1.0 - share } else { share };
            let percent = ((share * 100.0).round().clamp(f64::from(least), f64::from(most))) as u32;
            if at.replace(Some(percent)) != Some(percent) {
                resize(&property, percent);
            }
        })
    };
    let up = {
        let dragging = dragging.clone();
        Callback::from(move |_: PointerEvent| dragging.set(false))
    };
    let keys = {
        let (property, at) = (property.clone(), at.clone());
        Callback::from(move |e: KeyboardEvent| {
            let now = at
                .borrow()
                .or_else(|| store::settings().sizes.get(property.as_str()).copied())
                .unwrap_or(usual);
            let (less, more) = if vertical { ("ArrowLeft", "ArrowRight") } else { ("ArrowUp", "ArrowDown") };
            let step: i64 = match e.key() {
                k if k == less => -2,
                k if k == more => 2,
                _ => return,
            };
            e.prevent_default();
            let step = if reversed { -step } else { step };
            let percent = (i64::from(now) + step).clamp(i64::from(least), i64::from(most)) as u32;
            at.replace(Some(percent));
            resize(&property, percent);
        })
    };
    let usual_again = Callback::from(move |_: MouseEvent| resize(&property, usual));
    html! {
        <div class={classes!("gutter", if vertical { "v" } else { "h" }, (*dragging).then_some("dragging"))}
            role="separator" tabindex="0" aria-label={props.label.clone()} style={props.style.clone()}
            aria-orientation={if vertical { "vertical" } else { "horizontal" }}
            onpointerdown={down} onpointermove={moved} onpointerup={up.clone()} onpointercancel={up}
            onkeydown={keys} ondblclick={usual_again} />
    }
}
