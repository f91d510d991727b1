//! Scores: which of the nodes that could take a pod suits best. The default profile's plugins with
//! their weights, normalised to 0..100 as in Kubernetes 1.33; ties are broken by the world's seed.
//! Left out: ImageLocality.

use super::affinity;
use super::demand::Demand;
use super::pods::{Surroundings, log_weight};
use super::rooms::Room;
use crate::object::Id;
use drydock_machinery::Value;
use drydock_machinery::digest::mix;
use std::sync::Arc;

/// Plugins in the order of [`Score::parts`], with their weights.
pub const PLUGINS: [(&str, i64); 6] = [
    ("TaintToleration", 3),
    ("NodeAffinity", 2),
    ("PodTopologySpread", 2),
    ("InterPodAffinity", 2),
    ("NodeResourcesFit", 1),
    ("NodeResourcesBalancedAllocation", 1),
];

/// One node's marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    pub node: Id,
    /// Normalised, not weighted.
    pub parts: [i64; 6],
    pub total: i64,
}

/// Marks every candidate. `siblings` gives the pods of the same controller on a node, which the
/// default spreading keeps apart.
#[must_use]
pub fn score(
    spec: &Value,
    demand: &Demand,
    around: &Surroundings,
    candidates: &[Arc<Room>],
    siblings: impl Fn(Id) -> i64,
) -> Vec<Score> {
    let weight = log_weight(candidates.len() as i64 + 2);
    let own_spread = !spec["topologySpreadConstraints"].is_empty();
    let raw = candidates.iter().map(|room| {
        let soft =
            |t: &&Value| t["effect"] == "PreferNoSchedule" && !affinity::tolerates(&spec["tolerations"], t);
        let spread = if own_spread {
            around.spread_cost(room).unwrap_or(0)
        } else {
            siblings(room.id) * weight + 2000
        };
        [
            room.taints.items().iter().filter(soft).count() as i64,
            affinity::preference(spec, &room.labels, &room.name),
            spread,
            around.affinity_gain(room),
            room.least_allocated(demand),
            room.balanced(demand),
        ]
    });
    let raw: Vec<[i64; 6]> = raw.collect();
    let column = |n: usize| raw.iter().filter_map(move |r| r.get(n).copied());
    let most = |n: usize| column(n).max().unwrap_or(0);
    let least = |n: usize| column(n).min().unwrap_or(0);
    let (taints, likes) = (most(0), most(1));
    let (spread_max, spread_min) = (most(2), least(2));
    let (gain_max, gain_min) = (most(3), least(3));
    let scores = raw.iter().zip(candidates).map(|([taint, like, spread, gain, fit, balance], room)| {
        let parts = [
            if taints == 0 { 100 } else { 100 - 100 * taint / taints },
            if likes == 0 { 0 } else { 100 * like / likes },
            if spread_max == 0 { 100 } else { 100 * (spread_max + spread_min - spread) / spread_max },
            if gain_max == gain_min { 0 } else { 100 * (gain - gain_min) / (gain_max - gain_min) },
            *fit,
            *balance,
        ];
        let total = parts.iter().zip(PLUGINS).map(|(part, (_, weight))| part * weight).sum();
        Score { node: room.id, parts, total }
    });
    scores.collect()
}

/// The best node; among equals, chance decides that depends only on seed, pod and node.
#[must_use]
pub fn best(scores: &[Score], seed: u64, pod: Id) -> Option<Id> {
    let tie = mix(seed, u64::from(pod));
    scores.iter().max_by_key(|s| (s.total, mix(tie, u64::from(s.node)))).map(|s| s.node)
}
