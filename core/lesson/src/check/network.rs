//! Checks on traffic: endpoints of services, and requests sent in a copy of the world.

use super::format::{Endpoints, Expect, Probe};
use super::{Context, Reason, Verdict};
use drydock_machinery::Value;
use std::collections::BTreeSet;

pub(super) fn endpoints(check: &Endpoints, context: &Context<'_>) -> Verdict {
    let namespace = check.namespace.as_deref().unwrap_or(context.namespace);
    let about = format!("Service/{}", check.service);
    let list = |kind: &str| context.world.list(kind, namespace).unwrap_or_default();
    if !list("Service").iter().any(|s| s["metadata"]["name"] == check.service.as_str()) {
        return Err(Reason::new("missing", about));
    }
    let owned = check.backed_by.as_deref().map(|owner| pods_of(owner, &list("ReplicaSet"), &list("Pod")));
    let ready = list("EndpointSlice")
        .iter()
        .filter(|s| s["metadata"]["labels"]["kubernetes.io/service-name"] == check.service.as_str())
        .flat_map(|s| s["endpoints"].items().to_vec())
        .filter(|e| e["conditions"]["ready"].as_bool() != Some(false))
        .filter(|e| owned.as_ref().is_none_or(|pods| pods.contains(e["targetRef"]["uid"].text())))
        .count();
    if check.ready.holds(ready as f64) {
        Ok(())
    } else {
        Err(Reason::new("count", format!("{about} endpoints"))
            .wanted(check.ready.to_string(), ready.to_string()))
    }
}

/// UIDs of the pods an owner keeps, directly or through its replica sets.
fn pods_of(owner: &str, sets: &[Value], pods: &[Value]) -> BTreeSet<String> {
    let (kind, name) = owner.split_once('/').unwrap_or(("Deployment", owner));
    let owns = |object: &Value, kind: &str, name: &str| {
        object["metadata"]["ownerReferences"].items().iter().any(|r| r["kind"] == kind && r["name"] == name)
    };
    let via: Vec<&str> =
        sets.iter().filter(|s| owns(s, kind, name)).map(|s| s["metadata"]["name"].text()).collect();
    pods.iter()
        .filter(|p| owns(p, kind, name) || via.iter().any(|set| owns(p, "ReplicaSet", set)))
        .map(|p| p["metadata"]["uid"].text().to_string())
        .collect()
}

pub(super) fn probe(probe: &Probe, expect: &Expect, context: &Context<'_>) -> Verdict {
    let mut copy = context.world.clone();
    let (mut good, mut seen, mut bodies) = (0u32, Vec::new(), BTreeSet::new());
    let n = probe.n.clamp(1, 500);
    for _ in 0..n {
        let outcome = copy.ask(&probe.from, context.namespace, &probe.url, 5_000);
        let (ok, text) = match outcome {
            Ok((status, body)) => {
                let fits = expect.status.is_none_or(|s| s == status)
                    && expect.body_contains.as_deref().is_none_or(|t| body.contains(t));
                let line: String = body.lines().next().unwrap_or("").chars().take(60).collect();
                bodies.insert(body);
                (fits, format!("{status} {line}"))
            }
            Err(failure) => (false, failure),
        };
        good += u32::from(ok);
        if !ok && !seen.contains(&text) {
            seen.push(text);
        }
    }
    let share = f64::from(good) / f64::from(n);
    let enough = expect.share.map_or(good == n, |range| range.holds(share));
    let varied = expect.distinct.is_none_or(|range| range.holds(bodies.len() as f64));
    if enough && varied {
        return Ok(());
    }
    let wanted = match (&expect.body_contains, expect.status) {
        (Some(text), _) => text.clone(),
        (None, Some(status)) => status.to_string(),
        (None, None) => expect.distinct.map_or_else(String::new, |d| d.to_string()),
    };
    Err(Reason::new("noAnswer", probe.url.clone()).wanted(wanted, seen.join("; ")))
}
