//! The map by keyboard: it is one stop for Tab; arrows go from thing to thing, by where they lie.
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, SvgElement};

/// Moves the focus for an arrow key; whether it was one.
pub fn arrow(event: &KeyboardEvent) -> bool {
    let (dx, dy) = match event.key().as_str() {
        "ArrowRight" => (1.0, 0.0),
        "ArrowLeft" => (-1.0, 0.0),
        "ArrowDown" => (0.0, 1.0),
        "ArrowUp" => (0.0, -1.0),
        _ => return false,
    };
    let Some(map) = event.current_target().and_then(|t| t.dyn_into::<Element>().ok()) else { return false };
    let Ok(things) = map.query_selector_all("[role=button]") else { return false };
    let here = event.target().and_then(|t| t.dyn_into::<Element>().ok());
    let from = here.as_ref().filter(|e| e.get_attribute("role").as_deref() == Some("button")).map(middle);
    let mut best: Option<(f64, Element)> = None;
    for at in 0..things.length() {
        let Some(thing) = things.item(at).and_then(|t| t.dyn_into::<Element>().ok()) else { continue };
        let Some(from) = from else {
            // The first arrow enters the map.
            best = Some((0.0, thing));
            break;
        };
        let to = middle(&thing);
        let (along, across) = match dx == 0.0 {
            true => ((to.1 - from.1) * dy, (to.0 - from.0).abs()),
            false => ((to.0 - from.0) * dx, (to.1 - from.1).abs()),
        };
        // Things ahead, and rather in line than near.
        let cost = along + across * 3.0;
        if along > 2.0 && best.as_ref().is_none_or(|b| cost < b.0) {
            best = Some((cost, thing));
        }
    }
    if let Some((_, thing)) = best {
        if let Some(svg) = thing.dyn_ref::<SvgElement>() {
            let _ = svg.focus();
        } else if let Some(html) = thing.dyn_ref::<HtmlElement>() {
            let _ = html.focus();
        }
        thing.scroll_into_view_with_bool(false);
    }
    true
}

fn middle(element: &Element) -> (f64, f64) {
    let r = element.get_bounding_client_rect();
    (r.left() + r.width() / 2.0, r.top() + r.height() / 2.0)
}
