//! What depends on the pods that are there already: topology spread constraints and inter-pod
//! (anti-)affinity. Counted once per scheduling attempt, then asked per node. Follows
//! `podtopologyspread` and `interpodaffinity` of Kubernetes 1.33, with the cluster's default spreading.

use super::affinity;
use super::filters::Refusal;
use super::rooms::{Room, Rooms};
use crate::access::selector_matches;
use crate::object::Object;
use crate::store::Store;
use drydock_machinery::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One spread constraint with the pods counted per domain.
#[derive(Clone, Debug)]
struct Spread {
    key: String,
    max_skew: i64,
    /// DoNotSchedule; else it only scores.
    hard: bool,
    /// 1 when the pod itself is among those counted.
    own: i64,
    domains: BTreeMap<String, i64>,
    least: i64,
}

/// A required affinity term with the domains in which it finds pods.
#[derive(Clone, Debug)]
struct Near {
    key: String,
    found: BTreeMap<String, i64>,
    /// The first pod of a group that wants to be near itself may go anywhere.
    first: bool,
}

/// See the module's head.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    spreads: Vec<Spread>,
    near: Vec<Near>,
    apart: Vec<Near>,
    /// (topology key, value) which pods already there keep this one out of.
    forbidden: Vec<(String, String)>,
    /// (topology key, value, weight) of preferences, own and others'.
    preferred: Vec<(String, String, i64)>,
}

fn label<'a>(room: &'a Room, key: &str) -> Option<&'a str> {
    if key == "kubernetes.io/hostname" && room.labels[key].is_null() {
        return Some(&room.name);
    }
    room.labels.get(key).as_str()
}

/// Namespaces a term looks into: its own list, else the pod's.
fn looks_at(term: &Value, own: &str, other: &str) -> bool {
    let list = term["namespaces"].items();
    if !term["namespaceSelector"].is_null() && term["namespaceSelector"].is_empty() {
        return true;
    }
    if list.is_empty() { own == other } else { list.iter().any(|n| *n == other) }
}

fn term_matches(term: &Value, namespace: &str, pod: &Object) -> bool {
    looks_at(term, namespace, &pod.namespace) && selects(&term["labelSelector"], pod.labels())
}

/// A selector that is there but empty selects everything; none selects nothing.
fn selects(selector: &Value, labels: &Value) -> bool {
    if selector.is_null() {
        return false;
    }
    let empty = selector["matchLabels"].is_empty() && selector["matchExpressions"].is_empty();
    empty || selector_matches(selector, labels)
}

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

impl Surroundings {
    /// Counts what matters to this pod. Costs nothing for a pod without constraints in a cluster in
    /// which no pod has anti-affinity.
    #[must_use]
    pub fn of(pod: &Object, store: &Store, rooms: &Rooms, with_affinity: &[Arc<Object>]) -> Surroundings {
        let spec = pod.spec();
        let mut result = Surroundings::default();
        let constraints = spec["topologySpreadConstraints"].items();
        let terms = |kind: &str, list: &str| spec.at(&["affinity", kind, list]).items().to_vec();
        let near = terms("podAffinity", REQUIRED);
        let apart = terms("podAntiAffinity", REQUIRED);
        let likes = terms("podAffinity", PREFERRED);
        let dislikes = terms("podAntiAffinity", PREFERRED);
        let wants = !constraints.is_empty()
            || !near.is_empty()
            || !apart.is_empty()
            || !likes.is_empty()
            || !dislikes.is_empty();
        if wants {
            let mut spreads: Vec<Spread> = constraints.iter().map(|c| spread_of(c, pod)).collect();
            let mut nears: Vec<Near> = near.iter().map(near_of).collect();
            let mut aparts: Vec<Near> = apart.iter().map(near_of).collect();
            for room in rooms.iter() {
                for (spread, constraint) in spreads.iter_mut().zip(constraints) {
                    if let Some(domain) = label(room, &spread.key)
                        && counts_node(constraint, spec, room)
                    {
                        spread.domains.entry(domain.to_string()).or_default();
                    }
                }
                for other in store.pods_on(room.id).filter(|p| p.deleting.is_none() && !p.is_finished()) {
                    for (spread, constraint) in spreads.iter_mut().zip(constraints) {
                        if other.namespace == pod.namespace
                            && selects(&constraint["labelSelector"], other.labels())
                            && counts_node(constraint, spec, room)
                            && let Some(domain) = label(room, &spread.key)
                        {
                            *spread.domains.entry(domain.to_string()).or_default() += 1;
                        }
                    }
                    for (terms, list) in [(&near, &mut nears), (&apart, &mut aparts)] {
                        for (term, near) in terms.iter().zip(list.iter_mut()) {
                            if term_matches(term, &pod.namespace, other)
                                && let Some(domain) = label(room, &near.key)
                            {
                                *near.found.entry(domain.to_string()).or_default() += 1;
                            }
                        }
                    }
                    for (list, sign) in [(&likes, 1), (&dislikes, -1)] {
                        for weighted in list {
                            let term = &weighted["podAffinityTerm"];
                            let key = term["topologyKey"].text();
                            if term_matches(term, &pod.namespace, other)
                                && let Some(domain) = label(room, key)
                            {
                                let weight = sign * weighted["weight"].int();
                                result.preferred.push((key.into(), domain.into(), weight));
                            }
                        }
                    }
                }
            }
            for spread in &mut spreads {
                spread.least = spread.domains.values().min().copied().unwrap_or(0);
            }
            let nothing = nears.iter().all(|n| n.found.is_empty());
            let itself = near.iter().all(|t| term_matches(t, &pod.namespace, pod));
            for near in &mut nears {
                near.first = nothing && itself;
            }
            result.spreads = spreads;
            result.near = nears;
            result.apart = aparts;
        }
        // Symmetry: those already there may not want this one beside them.
        for other in with_affinity {
            let Some(room) = other.node.and_then(|n| rooms.get(n)) else { continue };
            let theirs = |list: &str| other.spec().at(&["affinity", "podAntiAffinity", list]).items();
            for term in theirs(REQUIRED) {
                let key = term["topologyKey"].text();
                if term_matches(term, &other.namespace, pod)
                    && let Some(domain) = label(room, key)
                {
                    result.forbidden.push((key.into(), domain.into()));
                }
            }
            for weighted in theirs(PREFERRED) {
                let term = &weighted["podAffinityTerm"];
                let key = term["topologyKey"].text();
                if term_matches(term, &other.namespace, pod)
                    && let Some(domain) = label(room, key)
                {
                    result.preferred.push((key.into(), domain.into(), -weighted["weight"].int()));
                }
            }
        }
        result
    }
    /// True when nothing here prefers one node to another.
    #[must_use]
    pub fn is_neutral(&self) -> bool {
        self.spreads.is_empty()
            && self.near.is_empty()
            && self.apart.is_empty()
            && self.forbidden.is_empty()
            && self.preferred.is_empty()
    }
    /// PodTopologySpread's filter.
    #[must_use]
    pub fn spread_refusal(&self, room: &Room) -> Option<Refusal> {
        const TEXT: &str = "node(s) didn't match pod topology spread constraints";
        let refuse = |resolvable: bool, text: String| {
            Some(Refusal { plugin: "PodTopologySpread", reasons: vec![text], resolvable })
        };
        for spread in self.spreads.iter().filter(|s| s.hard) {
            let Some(domain) = label(room, &spread.key) else {
                return refuse(false, format!("{TEXT} (missing required label)"));
            };
            let here = spread.domains.get(domain).copied().unwrap_or(0);
            if here + spread.own - spread.least > spread.max_skew {
                return refuse(true, TEXT.into());
            }
        }
        None
    }
    /// InterPodAffinity's filter.
    #[must_use]
    pub fn affinity_refusal(&self, room: &Room) -> Option<Refusal> {
        let refuse = |resolvable: bool, text: &str| {
            Some(Refusal { plugin: "InterPodAffinity", reasons: vec![text.into()], resolvable })
        };
        let has = |near: &Near| label(room, &near.key).is_some_and(|d| near.found.contains_key(d));
        let satisfied = |near: &Near| has(near) || (near.first && label(room, &near.key).is_some());
        if !self.near.iter().all(satisfied) {
            return refuse(false, "node(s) didn't match pod affinity rules");
        }
        if self.apart.iter().any(has) {
            return refuse(true, "node(s) didn't match pod anti-affinity rules");
        }
        if self.forbidden.iter().any(|(key, domain)| label(room, key) == Some(domain)) {
            return refuse(true, "node(s) didn't satisfy existing pods anti-affinity rules");
        }
        None
    }
    /// Soft constraints: fewer matching pods in the node's domain are better. Thousandths.
    #[must_use]
    pub fn spread_cost(&self, room: &Room) -> Option<i64> {
        let mut cost = None;
        for spread in self.spreads.iter().filter(|s| !s.hard) {
            let domain = label(room, &spread.key)?;
            let here = spread.domains.get(domain).copied().unwrap_or(0);
            let weight = log_weight(spread.domains.len() as i64 + 2);
            *cost.get_or_insert(0) += here * weight + (spread.max_skew - 1) * 1000;
        }
        cost
    }
    /// Sum of the weights of satisfied preferences.
    #[must_use]
    pub fn affinity_gain(&self, room: &Room) -> i64 {
        let here = self.preferred.iter().filter(|(key, domain, _)| label(room, key) == Some(domain));
        here.map(|p| p.2).sum()
    }
}

/// ln(n) in thousandths from integer arithmetic: floats may differ between platforms.
#[must_use]
pub fn log_weight(n: i64) -> i64 {
    let n = n.max(1) as u64;
    let whole = u64::from(n.ilog2());
    // Between two powers of two, linear: the weight only balances constraints against each other.
    let fraction = ((n - (1 << whole)) * 1000) >> whole;
    ((whole * 1000 + fraction) * 693 / 1000) as i64
}

fn spread_of(constraint: &Value, pod: &Object) -> Spread {
    Spread {
        key: constraint["topologyKey"].text().into(),
        max_skew: constraint["maxSkew"].int(),
        hard: constraint["whenUnsatisfiable"] != "ScheduleAnyway",
        own: i64::from(selects(&constraint["labelSelector"], pod.labels())),
        domains: BTreeMap::new(),
        least: 0,
    }
}

fn near_of(term: &Value) -> Near {
    Near { key: term["topologyKey"].text().into(), found: BTreeMap::new(), first: false }
}

/// Which nodes' domains count: those the pod's own affinity allows (policy Honor) and, if asked for,
/// those whose taints it tolerates.
fn counts_node(constraint: &Value, spec: &Value, room: &Room) -> bool {
    let affinity =
        constraint["nodeAffinityPolicy"] == "Ignore" || affinity::allows(spec, &room.labels, &room.name);
    let taints = constraint["nodeTaintsPolicy"] != "Honor"
        || affinity::untolerated(&spec["tolerations"], &room.taints, &["NoSchedule", "NoExecute"]).is_none();
    affinity && taints
}

/// True for a pod whose wishes about other pods have to be asked when others are placed.
#[must_use]
pub fn has_anti_affinity(spec: &Value) -> bool {
    let affinity = &spec["affinity"]["podAntiAffinity"];
    !affinity.is_empty()
}
