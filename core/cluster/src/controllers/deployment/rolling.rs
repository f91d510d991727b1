//! The arithmetic of rolling updates and of proportional scaling, on plain numbers.
//!
//! Follows `pkg/controller/deployment` (`rolling.go`, `sync.go`, `util/deployment_util.go`) of
//! Kubernetes 1.33: every function here answers "to how many replicas does each set go now?".

use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;

/// What the arithmetic needs to know of one ReplicaSet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// `spec.replicas`.
    pub replicas: i64,
    /// `status.availableReplicas`.
    pub available: i64,
    /// Annotation `deployment.kubernetes.io/max-replicas`, 0 when absent.
    pub max_replicas: i64,
    /// Creation order; older sets give way first.
    pub age: u32,
}

/// What it needs to know of the Deployment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    pub replicas: i64,
    pub surge: i64,
    pub unavailable: i64,
    /// `status.replicas`, the base of proportional scaling where a set has no annotation.
    pub status_replicas: i64,
}

/// An `IntOrString` of `total`: percentages round up or down, anything unreadable is 0.
#[must_use]
pub fn scaled(value: &Value, total: i64, round_up: bool) -> i64 {
    match value {
        Value::Int(n) => *n,
        other => {
            let percent = other.text().strip_suffix('%').and_then(|p| p.parse::<i64>().ok()).unwrap_or(0);
            let product = percent.saturating_mul(total);
            if round_up {
                product.div_euclid(100) + i64::from(product.rem_euclid(100) != 0)
            } else {
                product.div_euclid(100)
            }
        }
    }
}

impl Budget {
    /// Resolves `spec.strategy`: both zero would never move, so one pod may then be unavailable.
    #[must_use]
    pub fn of(replicas: i64, strategy: &Value, status_replicas: i64) -> Budget {
        if strategy["type"] == "Recreate" {
            return Budget { replicas, surge: 0, unavailable: 0, status_replicas };
        }
        let rolling = &strategy["rollingUpdate"];
        let or_quarter = |v: &Value| if v.is_null() { Value::from("25%") } else { v.clone() };
        let surge = scaled(&or_quarter(&rolling["maxSurge"]), replicas, true);
        let mut unavailable = scaled(&or_quarter(&rolling["maxUnavailable"]), replicas, false);
        if surge == 0 && unavailable == 0 {
            unavailable = 1;
        }
        Budget { replicas, surge, unavailable: unavailable.min(replicas), status_replicas }
    }
    /// Pods that must stay available.
    #[must_use]
    pub fn minimum(&self) -> i64 {
        self.replicas - self.unavailable
    }
}

/// Where the new set goes: as far as the surge allows, at once for Recreate.
#[must_use]
pub fn new_set_size(budget: &Budget, recreate: bool, new: i64, total: i64) -> i64 {
    if recreate || new > budget.replicas {
        return budget.replicas;
    }
    let room = budget.replicas + budget.surge - total;
    if room <= 0 { new } else { new + room.min(budget.replicas - new) }
}

/// Where the old sets go: first those pods that are not available anyway, then as many as the minimum
/// allows; oldest first. Sizes come back in the order of `olds`.
#[must_use]
pub fn old_set_sizes(budget: &Budget, new: Set, olds: &[Set]) -> Vec<i64> {
    let mut sizes: Vec<i64> = olds.iter().map(|s| s.replicas).collect();
    let total: i64 = sizes.iter().sum::<i64>() + new.replicas;
    let coming = new.replicas - new.available;
    let spare = total - budget.minimum() - coming;
    if spare <= 0 {
        return sizes;
    }
    let mut order: Vec<usize> = (0..olds.len()).collect();
    order.arrange_by_key(|at| olds.get(*at).map_or(0, |s| s.age));
    let mut cleaned = 0;
    for at in &order {
        let (Some(size), Some(set)) = (sizes.get_mut(*at), olds.get(*at)) else { continue };
        let unhealthy = (*size - set.available).max(0).min(spare - cleaned);
        *size -= unhealthy;
        cleaned += unhealthy;
    }
    let available = olds.iter().map(|s| s.available).sum::<i64>() + new.available;
    let mut left = (available - budget.minimum()).max(0);
    for at in &order {
        let Some(size) = sizes.get_mut(*at) else { continue };
        let down = left.min(*size);
        *size -= down;
        left -= down;
    }
    sizes
}

/// Rounds half away from zero, as Go's `RoundToInt32` of a quotient.
fn rounded(numerator: i64, denominator: i64) -> i64 {
    let twice = numerator.saturating_mul(2);
    let shifted = if numerator >= 0 { twice + denominator } else { twice - denominator };
    shifted.checked_div(denominator.saturating_mul(2)).unwrap_or(0)
}

/// Proportional scaling of the active sets in the middle of a rollout: each gets its share of what is
/// added or taken, the largest one the leftover. Sizes come back in the order of `sets`.
#[must_use]
pub fn proportional(budget: &Budget, sets: &[Set]) -> Vec<i64> {
    let total: i64 = sets.iter().map(|s| s.replicas).sum();
    let allowed = if budget.replicas > 0 { budget.replicas + budget.surge } else { 0 };
    let to_add = allowed - total;
    let mut sizes: Vec<i64> = sets.iter().map(|s| s.replicas).collect();
    if to_add == 0 {
        return sizes;
    }
    let mut order: Vec<usize> = (0..sets.len()).collect();
    // The largest first; among equals the newest when growing, the oldest when shrinking.
    order.arrange_by_key(|at| {
        let set = sets.get(*at).copied().unwrap_or_default();
        let age = i64::from(set.age);
        (-set.replicas, if to_add > 0 { -age } else { age })
    });
    let mut added = 0;
    for at in &order {
        let (Some(set), Some(size)) = (sets.get(*at), sizes.get_mut(*at)) else { continue };
        let share = proportion(budget, *set, to_add, added);
        *size += share;
        added += share;
    }
    if let Some(size) = order.first().and_then(|at| sizes.get_mut(*at)) {
        *size = (*size + to_add - added).max(0);
    }
    sizes
}

fn proportion(budget: &Budget, set: Set, to_add: i64, added: i64) -> i64 {
    if set.replicas == 0 || to_add == added {
        return 0;
    }
    let before = if set.max_replicas > 0 { set.max_replicas } else { budget.status_replicas };
    let fraction = if budget.replicas == 0 {
        -set.replicas
    } else if before == 0 {
        0
    } else {
        rounded(set.replicas.saturating_mul(budget.replicas + budget.surge), before) - set.replicas
    };
    let allowed = to_add - added;
    if to_add > 0 { fraction.min(allowed) } else { fraction.max(allowed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    fn budget(replicas: i64, surge: i64, unavailable: i64) -> Budget {
        Budget { replicas, surge, unavailable, status_replicas: replicas }
    }
    fn set(replicas: i64, available: i64, age: u32) -> Set {
        Set { replicas, available, max_replicas: 0, age }
    }

    #[test]
    fn percentages_round_towards_more_surge_and_less_outage() {
        let b = Budget::of(
            3,
            &value!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}),
            3,
        );
        assert_eq!((b.surge, b.unavailable), (1, 0));
        let b = Budget::of(10, &value!({"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}), 10);
        assert_eq!((b.surge, b.unavailable), (3, 2));
        let b = Budget::of(5, &value!({"rollingUpdate": {"maxSurge": 0, "maxUnavailable": "10%"}}), 5);
        assert_eq!((b.surge, b.unavailable), (0, 1));
        assert_eq!(Budget::of(5, &value!({"type": "Recreate"}), 5).unavailable, 0);
    }
    #[test]
    fn a_rolling_update_never_goes_below_the_minimum() {
        let b = budget(3, 1, 0);
        assert_eq!(new_set_size(&b, false, 0, 3), 1);
        assert_eq!(old_set_sizes(&b, set(1, 0, 2), &[set(3, 3, 1)]), [3]);
        assert_eq!(old_set_sizes(&b, set(1, 1, 2), &[set(3, 3, 1)]), [2]);
    }
    #[test]
    fn pods_that_do_not_serve_go_first() {
        let b = budget(10, 3, 2);
        assert_eq!(old_set_sizes(&b, set(5, 0, 3), &[set(6, 6, 1), set(2, 0, 2)]), [6, 2]);
        assert_eq!(old_set_sizes(&b, set(3, 3, 3), &[set(8, 8, 1), set(2, 0, 2)]), [5, 0]);
    }
    #[test]
    fn scaling_in_mid_rollout_keeps_the_proportions() {
        // Deployment of 10 with maxSurge 3, at 8 old and 5 new, scaled to 15.
        let sets = [Set { max_replicas: 13, ..set(8, 8, 1) }, Set { max_replicas: 13, ..set(5, 0, 2) }];
        assert_eq!(proportional(&budget(15, 3, 2), &sets), [11, 7]);
        assert_eq!(proportional(&budget(0, 0, 0), &sets), [0, 0]);
    }
}
