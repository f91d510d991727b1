//! The map pane: tabs for the drawing, the list that says the same in words, and the cluster's events;
//! at its foot what just happened and why.
use crate::map::draw::{self, ShipView};
use crate::map::flights::Flights;
use crate::map::layout::{self, Memory, Scene};
use crate::map::look;
use crate::map::walk;
use crate::panels::maximise::MaximiseButton;
use crate::shared::Shared;
use crate::state::{Action, Look, MapTab, Pane, Subject};
use crate::ui::Ui;
use crate::world::{Frame, Phase};
use drydock_machinery::sort::Arrange;
use std::collections::BTreeSet;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
    pub frame: Shared<Frame>,
    pub flights: Shared<Flights>,
    pub selected: Option<Subject>,
    pub tab: MapTab,
    pub system: bool,
    pub now_text: Option<(String, u32)>,
    pub front: bool,
    pub maximised: bool,
    /// The list or the events, when their tab is open.
    pub children: Html,
}

/// See the module's head.
#[component]
pub fn MapPane(props: &Props) -> Html {
    let (ui, t) = (&props.ui, props.ui.text());
    let tab = |tab: MapTab, name: &'static str, count: Option<usize>| {
        html! {
            <button class="tab" role="tab" aria-selected={(props.tab == tab).to_string()} onclick={ui.on(Action::MapTab(tab))}>
                { name }if let Some(count) = count { <span class="count">{ count }</span> }
            </button>
        }
    };
    let pods: usize = layout::census(&props.frame, props.system).iter().sum();
    let system = ui.on(Action::System(!props.system));
    let why = {
        let ui = ui.clone();
        Callback::from(move |_: MouseEvent| ui.send(Action::Look(Look::Why)))
    };
    html! {
        <section id="map" tabindex="-1" aria-label={t.map}
            class={classes!("pane", "map", props.front.then_some("is-front"), props.maximised.then_some("is-max"))}>
            <div class="pane-head">
                <div class="tabs" role="tablist" aria-label={t.map}>
                    { tab(MapTab::Map, t.map, None) }
                    { tab(MapTab::List, t.list, Some(pods)) }
                    { tab(MapTab::Events, t.events, None) }
                    { tab(MapTab::Browser, t.browser, None) }
                </div>
                <span class="grow" />
                if props.tab != MapTab::Browser {
                <button class="button quiet" id="system" aria-pressed={props.system.to_string()} onclick={system}>{ t.show_system }</button>
                }
                <MaximiseButton ui={ui.clone()} pane={Pane::Map} maximised={props.maximised.then_some(Pane::Map)} />
            </div>
            if props.tab == MapTab::Map {
                <Drawing ui={ui.clone()} frame={props.frame.clone()} flights={props.flights.clone()}
                    selected={props.selected.clone()} system={props.system} />
                <div class="map-foot">
                    <span class="say-now" role="status">
                        { props.now_text.as_ref().map_or(t.all_quiet, |n| n.0.as_str()) }
                    </span>
                    if props.now_text.is_some() && props.selected.is_some() { <button class="link" onclick={why}>{ t.why }</button> }
                    <Legend ui={ui.clone()} frame={props.frame.clone()} system={props.system} />
                </div>
            } else {
                <div class="pane-body">{ props.children.clone() }</div>
            }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct LegendProps {
    ui: Ui,
    frame: Shared<Frame>,
    system: bool,
}

/// What the looks mean, with their counts; only those that occur.
#[component]
fn Legend(props: &LegendProps) -> Html {
    let phases = [Phase::Ready, Phase::Creating, Phase::Failing, Phase::Terminating, Phase::Succeeded];
    let counts = layout::census(&props.frame, props.system);
    html! {
        <span class="legend">
            { for phases.iter().zip(counts).zip(props.ui.text().looks).filter(|((_, count), _)| *count > 0).map(|((phase, count), word)| {
                let (glyph, solid) = look::glyph(*phase);
                html! {
                    <span class="ship" data-look={look::name(*phase)} style="opacity:1">
                        <svg viewBox="-2 -1 14 12" aria-hidden="true"><path class={classes!("glyph", solid.then_some("solid"))} d={glyph} /></svg>
                        { format!("{count} {word}") }
                    </span>
                }
            }) }
        </span>
    }
}

#[derive(Properties, PartialEq)]
struct DrawingProps {
    ui: Ui,
    frame: Shared<Frame>,
    flights: Shared<Flights>,
    selected: Option<Subject>,
    system: bool,
}

/// The SVG, as wide as its pane.
#[component]
fn Drawing(props: &DrawingProps) -> Html {
    let (ui, frame) = (&props.ui, &props.frame);
    let body = use_node_ref();
    let size = use_state(|| (0.0_f64, 0.0_f64));
    let memory = use_mut_ref(Memory::default);
    use_effect_with(body.clone(), {
        let size = size.clone();
        move |body| {
            let element = body.cast::<Element>();
            let measured = element.clone();
            let measure = Closure::<dyn FnMut()>::new(move || {
                if let Some(e) = &measured {
                    size.set((f64::from(e.client_width()), f64::from(e.client_height())));
                }
            });
            let observer = ResizeObserver::new(measure.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(element)) = (&observer, &element) {
                observer.observe(element);
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(measure);
            }
        }
    });
    let content = if size.0 > 0.0 {
        let scene = layout::layout(frame, props.system, size.0, size.1, &mut memory.borrow_mut());
        drawing(ui, frame, &scene, props)
    } else {
        html! {}
    };
    let deselect = {
        let ui = ui.clone();
        Callback::from(move |e: MouseEvent| {
            let on_ground =
                e.target().and_then(|t| t.dyn_into::<Element>().ok()).is_some_and(|t| t.tag_name() == "svg");
            if on_ground {
                ui.send(Action::Select(None));
            }
        })
    };
    html! { <div ref={body} class="pane-body map-body" onclick={deselect}>{ content }</div> }
}

fn drawing(ui: &Ui, frame: &Frame, scene: &Scene, props: &DrawingProps) -> Html {
    let selected = props.selected.as_ref();
    let related = related(frame, selected);
    let is_related = |id: u32| related.contains(&id);
    let chosen = |kind: &str, namespace: &str, name: &str| {
        selected.is_some_and(|s| s.kind == kind && s.namespace == namespace && s.name == name)
    };
    // Order by creation, not by place: a moved tile keeps its element and slides.
    let mut ships: Vec<_> =
        scene.ships.iter().filter_map(|s| frame.pods.get(s.pod).map(|p| (p, s))).collect();
    ships.arrange_by_key(|(pod, _)| pod.id);
    let arrows = Callback::from(|e: KeyboardEvent| {
        if walk::arrow(&e) {
            e.prevent_default();
        }
    });
    let view_box = format!("0 0 {:.0} {:.0}", scene.width, scene.height);
    html! {
        <svg width={format!("{:.0}", scene.width)} height={format!("{:.0}", scene.height - 4.0)} viewBox={view_box}
            class={classes!(selected.is_some().then_some("has-selection"))} role="group" tabindex="0" aria-label={ui.text().map} onkeydown={arrows}>
            { draw::strip(ui, scene, &props.flights) }
            { for scene.berths.iter().map(|b| draw::berth(ui, frame, b, selected)) }
            { scene.waiting.map(|rect| draw::waiting(ui, rect)).unwrap_or_default() }
            { for scene.trays.iter().map(|tray| html! {
                <g aria-hidden="true">
                    <rect class="tray" x={format!("{:.1}", tray.rect.x)} y={format!("{:.1}", tray.rect.y)}
                        width={format!("{:.1}", tray.rect.w)} height={format!("{:.1}", tray.rect.h)} rx="3" />
                    if scene.detail <= layout::Detail::Glyph {
                        <text class="dim tiny" x={format!("{:.1}", tray.rect.x + 8.0)} y={format!("{:.1}", tray.rect.y + tray.rect.h - 9.0)}>{ &tray.label }</text>
                    }
                </g>
            }) }
            { draw::wires(frame, scene, &|service, pod| is_related(service) && is_related(pod)) }
            { for ships.into_iter().map(|(pod, ship)| html! {
                <ShipView key={pod.id} ui={ui.clone()} pod={pod.clone()} rect={ship.rect} detail={scene.detail}
                    selected={chosen("Pod", &pod.namespace, &pod.name)} related={is_related(pod.id)} />
            }) }
            { for scene.pills.iter().filter_map(|pill| {
                let service = frame.services.get(pill.service)?;
                Some(draw::pill(ui, service, pill, chosen("Service", &service.namespace, &service.name), is_related(service.id)))
            }) }
            { draw::flights(frame, scene, &props.flights) }
            if scene.ships.is_empty() {
                <text class="dim" x={format!("{:.0}", scene.width / 2.0)} y={format!("{:.0}", scene.height - 24.0)} text-anchor="middle">{ ui.text().no_pods }</text>
            }
            if scene.hidden_nodes > 0 {
                <text class="dim" x="16" y={format!("{:.0}", scene.height - 12.0)}>{ format!("+{} {}", scene.hidden_nodes, ui.text().more_nodes) }</text>
            }
        </svg>
    }
}

/// Ids of what belongs to the selected thing: a service's pods, a pod's services, a node's pods, an
/// owner's pods.
fn related(frame: &Frame, selected: Option<&Subject>) -> BTreeSet<u32> {
    let mut ids = BTreeSet::new();
    let Some(subject) = selected else { return ids };
    let same = |namespace: &str, name: &str| subject.namespace == namespace && subject.name == name;
    match subject.kind.as_str() {
        "Service" => {
            for service in frame.services.iter().filter(|s| same(&s.namespace, &s.name)) {
                ids.insert(service.id);
                ids.extend(service.ready.iter().chain(&service.not_ready));
            }
        }
        "Pod" | "Container" => {
            for pod in frame.pods.iter().filter(|p| Subject::of(p) == *subject) {
                ids.insert(pod.id);
                ids.extend(frame.services.iter().filter(|s| s.ready.contains(&pod.id)).map(|s| s.id));
            }
        }
        "Node" => {
            ids.extend(frame.pods.iter().filter(|p| p.node.as_deref() == Some(&subject.name)).map(|p| p.id));
        }
        kind => {
            // A Deployment owns pods through its ReplicaSets.
            let mut owners: BTreeSet<(&str, &str)> = BTreeSet::from([(kind, subject.name.as_str())]);
            for workload in frame.workloads.iter().filter(|w| w.namespace == subject.namespace) {
                if workload.owner.as_ref().is_some_and(|o| o.kind == kind && o.name == subject.name) {
                    owners.insert((&workload.kind, &workload.name));
                }
            }
            let owned = |p: &&crate::world::PodView| {
                p.namespace == subject.namespace
                    && p.owner.as_ref().is_some_and(|o| owners.contains(&(o.kind.as_str(), o.name.as_str())))
            };
            ids.extend(frame.pods.iter().filter(owned).map(|p| p.id));
        }
    }
    ids
}
