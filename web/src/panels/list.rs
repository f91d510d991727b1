//! The map in words: the same pods, services, workloads and nodes as tables, in the same order.
use crate::map::layout::is_system;
use crate::map::look;
use crate::shared::Shared;
use crate::state::{Action, Subject};
use crate::ui::{Ui, age};
use crate::world::{Frame, Phase};
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct Props {
    pub ui: Ui,
    pub frame: Shared<Frame>,
    pub system: bool,
    pub selected: Option<Subject>,
}

/// Rows drawn at most of one kind.
const MOST: usize = 500;

/// See the module's head.
#[component]
pub fn List(props: &Props) -> Html {
    let (ui, t, frame) = (&props.ui, props.ui.text(), &props.frame);
    let seen = |namespace: &str| props.system || !is_system(namespace);
    let name = |kind: &str, namespace: &str, name: &str| {
        let subject = Subject::new(kind, namespace, name);
        html! { <td><button class="link" onclick={ui.on(Action::Select(Some(subject)))}>{ name }</button></td> }
    };
    let class = |kind: &str, namespace: &str, name: &str| {
        let here = props
            .selected
            .as_ref()
            .is_some_and(|s| s.kind == kind && s.namespace == namespace && s.name == name);
        here.then_some("is-selected")
    };
    let head = |title: &'static str, columns: &[&'static str]| {
        html! { <thead><tr><th>{ title }</th>{ for columns.iter().map(|c| html! { <th>{ *c }</th> }) }</tr></thead> }
    };
    html! {
        <div class="list">
            <table class="table">
                { head(t.pods, &[t.namespace, t.status, t.ready, t.restarts, t.age, t.place]) }
                <tbody>
                    { for frame.pods.iter().filter(|p| !p.container && seen(&p.namespace)).take(MOST).map(|pod| html! {
                        <tr key={pod.id} class={class("Pod", &pod.namespace, &pod.name)}>
                            { name("Pod", &pod.namespace, &pod.name) }<td>{ &pod.namespace }</td>
                            <td><span class="state" data-look={look::name(pod.phase)}>{ &pod.status }</span></td>
                            <td>{ &pod.ready }</td><td>{ pod.restarts }</td>
                            <td>{ age(frame.now_ms.saturating_sub(pod.created_ms)) }</td><td>{ pod.node.as_deref().unwrap_or("—") }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
            if frame.pods.iter().any(|p| p.container) {
                <table class="table">
                    { head(t.containers, &[t.image, t.status, t.age]) }
                    <tbody>
                        { for frame.pods.iter().filter(|p| p.container).take(MOST).map(|c| html! {
                            <tr key={c.id} class={class("Container", "", &c.name)}>
                                { name("Container", "", &c.name) }<td>{ &c.image }</td>
                                <td><span class="state" data-look={look::name(c.phase)}>{ &c.status }</span></td>
                                <td>{ age(frame.now_ms.saturating_sub(c.created_ms)) }</td>
                            </tr>
                        }) }
                    </tbody>
                </table>
            }
            <table class="table">
                { head(t.services, &[t.namespace, "Type", "Cluster-IP", "Ports", t.endpoints]) }
                <tbody>
                    { for frame.services.iter().filter(|s| seen(&s.namespace)).take(MOST).map(|s| html! {
                        <tr key={s.id} class={class("Service", &s.namespace, &s.name)}>
                            { name("Service", &s.namespace, &s.name) }<td>{ &s.namespace }</td><td>{ &s.kind }</td>
                            <td>{ &s.cluster_ip }</td><td>{ &s.ports }</td>
                            <td>{ format!("{}/{}", s.ready.len(), s.ready.len() + s.not_ready.len()) }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
            <table class="table">
                { head(t.workloads, &[t.namespace, "Kind", t.ready]) }
                <tbody>
                    { for frame.workloads.iter().filter(|w| seen(&w.namespace)).take(MOST).map(|w| html! {
                        <tr key={w.id} class={class(&w.kind, &w.namespace, &w.name)}>
                            { name(&w.kind, &w.namespace, &w.name) }<td>{ &w.namespace }</td><td>{ &w.kind }</td>
                            <td>{ format!("{}/{}", w.ready, w.desired) }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
            <table class="table">
                { head(t.nodes, &[t.status, "CPU", t.memory]) }
                <tbody>
                    { for frame.nodes.iter().filter(|n| !n.laptop).take(MOST).map(|n| html! {
                        <tr class={class("Node", "", &n.name)}>
                            { name("Node", "", &n.name) }
                            <td><span class="state" data-look={look::name(if n.ready { Phase::Ready } else { Phase::Failing })}>
                                { if n.ready { "Ready" } else { "NotReady" } }{ if n.schedulable { "" } else { ",SchedulingDisabled" } }
                            </span></td>
                            <td>{ format!("{}m / {}m", n.cpu_used_milli, n.cpu_total_milli) }</td>
                            <td>{ format!("{} / {} MiB", n.memory_used >> 20, n.memory_total >> 20) }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}
