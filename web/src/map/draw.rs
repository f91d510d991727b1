//! SVG of a laid-out scene. Tiles and pills are buttons to keyboards and screen readers; lines and
//! moving dots are hidden from them, the list beside the map says the same in words.
use super::flights::{Flight, Flights, LEG_MS, Part};
use super::layout::{self, Berth, Detail, Pill, Rect, Scene, Ship};
use super::{look, route};
use crate::state::{Action, Look, Subject};
use crate::ui::Ui;
use crate::world::{Frame, Place, PodView, ServiceView};
use std::collections::BTreeMap;
use yew::prelude::*;

/// A dock as one draws it: walls left, right and below, open at the top, with the name in the opening.
pub fn berth(ui: &Ui, frame: &Frame, berth: &Berth, selected: Option<&Subject>) -> Html {
    let t = ui.text();
    let Rect { x, y, w, h } = berth.rect;
    let edge = format!("M{} {y}V{}H{}V{y}", x + 0.5, y + h - 0.5, x + w - 0.5);
    let Some(node) = frame.nodes.get(berth.node) else { return html! {} };
    let subject = Subject::new("Node", "", &node.name);
    let is_selected = selected == Some(&subject);
    let share =
        |used: i64, total: i64| if total > 0 { (used as f64 / total as f64).clamp(0.0, 1.0) } else { 0.0 };
    let gauges = [
        (share(node.cpu_used_milli, node.cpu_total_milli), t.cpu, "cpu"),
        (share(node.memory_used, node.memory_total), t.memory, "mem"),
    ];
    let wide = w > 340.0 && !node.laptop;
    let class = classes!(
        "berth",
        (!node.ready).then_some("not-ready"),
        (!node.schedulable && !node.control_plane).then_some("cordoned"),
        is_selected.then_some("is-selected"),
    );
    let note = match (node.ready, node.schedulable) {
        (false, _) => "NotReady",
        (true, false) if !node.control_plane => "SchedulingDisabled",
        _ => "",
    };
    html! {
        <g {class} data-node={node.name.clone()}>
            <rect class="berth-wall" x={n(x)} y={n(y)} width={n(w)} height={n(h)} />
            <path class="berth-edge" d={edge} />
            if node.laptop {
                <text class="heading" x={n(x + 12.0)} y={n(y + 15.0)}>{ t.laptop }</text>
            } else {
            <g class="berth-title" role="button" tabindex="-1" aria-label={format!("{} {} {note}", t.node, node.name)}
                onclick={ui.on(Action::Select(Some(subject.clone())))} onkeydown={enter(ui, &subject)}>
                <rect class="ring" x={n(x + 6.0)} y={n(y + 5.0)} width={n(node.name.len() as f64 * 7.0 + 14.0)} height="20" rx="3" />
                <text class="heading" x={n(x + 12.0)} y={n(y + 15.0)}>{ &node.name }</text>
            </g>
            }
            <text class="tiny warn" x={n(x + 24.0 + node.name.len() as f64 * 7.0)} y={n(y + 15.0)} fill="var(--err)">{ note }</text>
            if wide {
                { for gauges.iter().enumerate().map(|(at, (share, name, short))| {
                    let gx = x + w - 244.0 + at as f64 * 120.0;
                    html! {
                        <g><title>{ format!("{name} {:.0}%", share * 100.0) }</title>
                            <text class="dim tiny" x={n(gx)} y={n(y + 15.0)}>{ *short }</text>
                            <rect class="gauge" x={n(gx + 32.0)} y={n(y + 13.0)} width="72" height="4" />
                            <rect class={classes!("gauge-fill", (*share > 0.85).then_some("tight"))} x={n(gx + 32.0)} y={n(y + 13.0)} width={n(72.0 * share)} height="4" />
                        </g>
                    }
                }) }
            }
        </g>
    }
}

/// The roadstead: pods that wait for a node.
pub fn waiting(ui: &Ui, rect: Rect) -> Html {
    html! { <text class="dim" x={n(rect.x)} y={n(rect.y + 13.0)}>{ ui.text().waiting }</text> }
}

/// The strip of the control plane: parts light up when they have just worked.
pub fn strip(ui: &Ui, scene: &Scene, flights: &Flights) -> Html {
    let Rect { x, y, w, h } = scene.strip;
    let narrow = w < 520.0;
    let label = if narrow { 0.0 } else { 100.0 };
    let count = Part::ALL.len() as f64;
    let gap = 8.0;
    let each = ((w - label - gap * (count - 1.0)) / count).max(40.0);
    html! {
        <g class="plane" aria-hidden="true">
            if !narrow { <text class="dim" x={n(x)} y={n(y + h / 2.0)}>{ ui.text().control_plane }</text> }
            { for Part::ALL.iter().enumerate().map(|(at, part)| {
                let px = x + label + at as f64 * (each + gap);
                html! {
                    <g class={classes!("plane-part", flights.is_lit(*part).then_some("lit"))}>
                        <rect x={n(px + 0.5)} y={n(y + 2.5)} width={n(each)} height={n(h - 5.0)} rx="3" />
                        <text class={if narrow { "tiny dim" } else { "dim" }} text-anchor="middle" x={n(px + each / 2.0)} y={n(y + h / 2.0)}>
                            { if narrow { part.name().split(' ').next().unwrap_or("") } else { part.name() } }
                        </text>
                    </g>
                }
            }) }
        </g>
    }
}

#[derive(Properties, PartialEq)]
pub struct ShipProps {
    pub ui: Ui,
    pub pod: PodView,
    pub rect: Rect,
    pub detail: Detail,
    pub selected: bool,
    pub related: bool,
}

/// A pod's tile.
#[component]
pub fn ShipView(props: &ShipProps) -> Html {
    let (ui, pod) = (&props.ui, &props.pod);
    let Rect { w, h, .. } = props.rect;
    let subject = Subject::of(pod);
    let kind = if pod.container { ui.text().container } else { ui.text().pod };
    let place = format!("transform:translate({:.1}px,{:.1}px)", props.rect.x, props.rect.y);
    let (glyph, solid) = look::glyph(pod.phase);
    let cut = (h / 5.0).min(6.0);
    let hull = format!(
        "M.5 .5H{a}V{b}L{c} {d}H{e}L.5 {b}Z",
        a = w - 0.5,
        b = h - cut - 0.5,
        c = w - cut,
        d = h - 0.5,
        e = cut
    );
    let label = format!("{kind} {}, {}, {}", pod.name, pod.status, pod.node.as_deref().unwrap_or("-"));
    let class = classes!(
        "ship",
        props.selected.then_some("is-selected"),
        (props.related || props.selected).then_some("is-related")
    );
    html! {
        <g {class} style={place} role="button" tabindex="-1" aria-label={label}
            data-pod={pod.name.clone()} data-phase={look::word(pod.phase)} data-look={look::name(pod.phase)}
            onclick={ui.on(Action::Select(Some(subject.clone())))} onkeydown={enter(ui, &subject)}>
            <title>{ format!("{}\n{} {}", pod.name, pod.status, pod.ready) }</title>
            <rect class="ring" x="-3" y="-3" width={n(w + 6.0)} height={n(h + 6.0)} rx="4" />
            <path class="hull" d={hull} />
            if props.detail <= Detail::Glyph {
                <path class={classes!("glyph", solid.then_some("solid"))} d={glyph}
                    transform={format!("translate({} {})", if props.detail == Detail::Full { 7.0 } else { w / 2.0 - 5.0 }, h / 2.0 - 6.0)} />
            }
            if props.detail == Detail::Full {
                <text class="mono tiny" x="22" y={n(h / 2.0 - 1.0)}>{ layout::short_name(pod) }</text>
            }
            if pod.restarts > 0 && props.detail == Detail::Full {
                <g class="badge" transform={format!("translate({} -5)", w - 13.0)}>
                    <rect width="18" height="14" rx="7" /><text class="tiny" x="9" y="7.5" text-anchor="middle">{ pod.restarts.min(99) }</text>
                </g>
            }
        </g>
    }
}

/// A service's pill: its name, type, and how many endpoints are ready.
pub fn pill(ui: &Ui, service: &ServiceView, pill: &Pill, selected: bool, related: bool) -> Html {
    let t = ui.text();
    let Rect { w, h, .. } = pill.rect;
    let subject = Subject::new("Service", &service.namespace, &service.name);
    let place = format!("transform:translate({:.1}px,{:.1}px)", pill.rect.x, pill.rect.y);
    let (ready, all) = (service.ready.len(), service.ready.len() + service.not_ready.len());
    let most = ((w - 20.0) / 7.2) as usize;
    let name = if service.name.chars().count() > most {
        format!("{}…", service.name.chars().take(most.saturating_sub(1)).collect::<String>())
    } else {
        service.name.clone()
    };
    let class = classes!(
        "pill",
        (ready == 0).then_some("empty"),
        selected.then_some("is-selected"),
        (related || selected).then_some("is-related")
    );
    let outside = matches!(service.kind.as_str(), "LoadBalancer" | "NodePort");
    let label = format!("{} {}, {}, {ready}/{all} {}", t.service, service.name, service.kind, t.endpoints);
    html! {
        <g {class} style={place} role="button" tabindex="-1" aria-label={label} data-service={service.name.clone()}
            onclick={ui.on(Action::Select(Some(subject.clone())))} onkeydown={enter(ui, &subject)}>
            <title>{ format!("{} {} {}\n{}", service.name, service.kind, service.cluster_ip, service.ports) }</title>
            <rect class="ring" x="-3" y="-3" width={n(w + 6.0)} height={n(h + 6.0)} rx={n(h / 2.0 + 3.0)} />
            <rect class="pill-box" x="0.5" y="0.5" width={n(w - 1.0)} height={n(h - 1.0)} rx={n(h / 2.0)} />
            if outside {
                <path class="wire" d={format!("M-16 {y}H-2M-6 {a}L-2 {y}L-6 {b}", y = h / 2.0, a = h / 2.0 - 3.5, b = h / 2.0 + 3.5)} />
            }
            <text class="heading" x="16" y="14">{ name }</text>
            if ready == 0 && all == 0 {
                <text class="tiny warn" x="16" y="28">{ t.no_endpoints }</text>
            } else {
                <text class="tiny dim" x="16" y="28">
                    { if w > 110.0 { format!("{} · {ready}/{all}", short_type(&service.kind)) } else { format!("{ready}/{all}") } }
                </text>
            }
        </g>
    }
}

fn short_type(kind: &str) -> &str {
    match kind {
        "LoadBalancer" => "LB",
        other => other,
    }
}

/// The lines of all pills, in their order.
pub fn wires(frame: &Frame, scene: &Scene, related: &dyn Fn(u32, u32) -> bool) -> Html {
    let ships: BTreeMap<u32, &Ship> =
        scene.ships.iter().filter_map(|s| frame.pods.get(s.pod).map(|p| (p.id, s))).collect();
    // Beyond this, lines would be a grey field that says nothing.
    let most = if scene.detail == Detail::Full { 40 } else { 24 };
    html! {
        <g aria-hidden="true">
            { for scene.pills.iter().enumerate().filter_map(|(lane, pill)| Some((lane, pill, frame.services.get(pill.service)?)))
                .flat_map(|(lane, pill, service)| {
                    let ships = &ships;
                    service.ready.iter().take(most).filter_map(move |id| {
                        let ship = ships.get(id)?;
                        let d = route::rounded(&route::wire(scene, pill.rect, lane, ship), 5.0);
                        let class = classes!("wire", related(service.id, *id).then_some("is-related"));
                        Some(html! { <path key={format!("{}-{id}", service.id)} {class} d={d} /> })
                    }).collect::<Vec<_>>()
                }) }
        </g>
    }
}

/// Requests on their way: circles where all is well, diamonds where not.
pub fn flights(frame: &Frame, scene: &Scene, flights: &Flights) -> Html {
    html! {
        <g aria-hidden="true">
            { for flights.flying.iter().filter_map(|flight| {
                let path = course(frame, scene, flight)?;
                let bad = flight.hop.status == 0 || flight.hop.status >= 500;
                let style = format!("offset-path:path('{path}');--t:{LEG_MS}ms");
                Some(if bad {
                    html! { <rect key={flight.number} class="flight bad" x="-3.5" y="-3.5" width="7" height="7" {style} /> }
                } else {
                    html! { <circle key={flight.number} class="flight" r="3.5" {style} /> }
                })
            }) }
        </g>
    }
}

fn course(frame: &Frame, scene: &Scene, flight: &Flight) -> Option<String> {
    let ship = |id: u32| scene.ships.iter().find(|s| frame.pods.get(s.pod).is_some_and(|p| p.id == id));
    let spot = |place: &Place| match place {
        Place::Pod(id) => ship(*id).map(|s| (s.rect.x + s.rect.w / 2.0, s.rect.y)),
        Place::Outside => None,
        Place::Laptop => Some((scene.bus, scene.height)),
        Place::Node(name) => scene
            .berths
            .iter()
            .find(|b| frame.nodes.get(b.node).is_some_and(|n| n.name == *name))
            .map(|b| (b.rect.x + 12.0, b.rect.y + 8.0)),
        Place::Api => Some((scene.strip.x + scene.strip.w / 3.0, scene.strip.y + scene.strip.h)),
    };
    let hop = &flight.hop;
    let lane = hop.via.and_then(|id| {
        scene.pills.iter().position(|p| frame.services.get(p.service).is_some_and(|s| s.id == id))
    });
    let points = match (lane.and_then(|l| scene.pills.get(l).map(|p| (l, p))), &hop.to) {
        (Some((lane, pill)), Place::Pod(id)) => {
            let start = spot(&hop.from).unwrap_or((0.0, pill.rect.y + pill.rect.h / 2.0));
            let mut points = vec![start, (pill.rect.x, pill.rect.y + pill.rect.h / 2.0)];
            points.extend(route::wire(scene, pill.rect, lane, ship(*id)?));
            points
        }
        (Some((_, pill)), _) => {
            let middle = (pill.rect.x + pill.rect.w / 2.0, pill.rect.y + pill.rect.h / 2.0);
            vec![spot(&hop.from).unwrap_or((0.0, middle.1)), middle]
        }
        (None, to) => {
            let to = spot(to)?;
            vec![spot(&hop.from).unwrap_or((0.0, to.1)), to]
        }
    };
    Some(route::rounded(&points, 5.0))
}

/// Enter and Space press what looks like a button; letters open a side of it, as in k9s.
fn enter(ui: &Ui, subject: &Subject) -> Callback<KeyboardEvent> {
    let (ui, subject) = (ui.clone(), subject.clone());
    Callback::from(move |e: KeyboardEvent| {
        if e.ctrl_key() || e.meta_key() || e.alt_key() {
            return;
        }
        let look = match (e.key().as_str(), e.code().as_str()) {
            ("Enter" | " ", _) => None,
            (_, "KeyD") => Some(Look::Overview),
            (_, "KeyY") => Some(Look::Yaml),
            (_, "KeyE") => Some(Look::Events),
            (_, "KeyL") if subject.kind == "Pod" || subject.is_container() => Some(Look::Logs),
            (_, "KeyW") => Some(Look::Why),
            _ => return,
        };
        e.prevent_default();
        ui.send(Action::Select(Some(subject.clone())));
        if let Some(look) = look {
            ui.send(Action::Look(look));
        }
    })
}

/// A coordinate as an attribute.
fn n(value: f64) -> String {
    format!("{value:.1}")
}
