//! Checks on objects of the cluster: fields, counts, pods, rollouts, events, logs.

use super::format::{Compare, Op, Pods, Range, Resource, Rollout};
use super::{Context, Reason, Verdict};
use drydock_machinery::Value;
use drydock_machinery::quantity::Quantity;
use drydock_machinery::selector::LabelSelector;
use drydock_sandbox::World;
use std::collections::BTreeSet;

fn unknown(about: &str, actual: impl Into<String>) -> Reason {
    Reason::new("unknown", about).wanted("", actual)
}

/// Objects a check speaks of.
fn find(world: &World, check: &Resource, namespace: &str) -> Result<Vec<Value>, Reason> {
    let namespace = check.namespace.as_deref().unwrap_or(namespace);
    let objects = world.list(&check.kind, namespace).ok_or_else(|| unknown(&check.kind, "no such kind"))?;
    let selector = match &check.selector {
        Some(text) => Some(LabelSelector::parse(text).map_err(|e| unknown(text, e))?),
        None => None,
    };
    Ok(objects
        .into_iter()
        .filter(|o| check.name.as_deref().is_none_or(|n| o["metadata"]["name"] == n))
        .filter(|o| selector.as_ref().is_none_or(|s| s.matches(&o["metadata"]["labels"])))
        .collect())
}

pub(super) fn resource(check: &Resource, context: &Context<'_>) -> Verdict {
    let about = crate::course::focus(check);
    let all = find(context.world, check, context.namespace)?;
    let mut miss = None;
    let matching: Vec<&Value> = all
        .iter()
        .filter(|object| {
            check.conditions.iter().all(|(path, op)| match holds(object, path, op) {
                Ok(()) => true,
                Err((expected, actual)) => {
                    let reason = Reason::new("differs", about.clone()).path(path).wanted(expected, actual);
                    miss.get_or_insert(reason);
                    false
                }
            })
        })
        .collect();
    if check.absent {
        return if matching.is_empty() { Ok(()) } else { Err(Reason::new("present", about)) };
    }
    if let Some(range) = check.count {
        return if range.holds(matching.len() as f64) {
            Ok(())
        } else {
            Err(miss.unwrap_or_else(|| {
                Reason::new("count", about).wanted(range.to_string(), matching.len().to_string())
            }))
        };
    }
    let Some(object) = matching.first() else {
        return Err(if all.is_empty() {
            Reason::new("missing", about)
        } else {
            miss.unwrap_or_else(|| Reason::new("missing", about))
        });
    };
    for (key, want_same) in [(&check.same, true), (&check.changed, false)] {
        let Some(key) = key else { continue };
        let before = find(
            context.before,
            &Resource { conditions: Default::default(), ..check.clone() },
            context.namespace,
        )?;
        let Some(old) = before.first() else { return Err(Reason::new("missing", about)) };
        let (was, is) = (&old["metadata"][key.as_str()], &object["metadata"][key.as_str()]);
        if (was == is) != want_same {
            let wanted = if want_same { show(was) } else { format!("≠ {}", show(was)) };
            return Err(Reason::new("differs", about)
                .path(format!("metadata.{key}"))
                .wanted(wanted, show(is)));
        }
    }
    Ok(())
}

/// Whether a field satisfies a condition; else what was wanted and what is there.
fn holds(object: &Value, path: &str, op: &Op) -> Result<(), (String, String)> {
    let parts = split_path(path);
    let mut found = Vec::new();
    collect(object, &parts, &mut found);
    let seen = || match found.as_slice() {
        [] => "-".to_string(),
        values => values.iter().map(|v| show(v)).collect::<Vec<_>>().join(", "),
    };
    let compare = match op {
        Op::Equals(value) => Compare { eq: Some(value.clone()), ..Compare::default() },
        Op::Compare(compare) => compare.clone(),
    };
    let any = |test: &dyn Fn(&Value) -> bool| found.iter().any(|v| test(v));
    let number = |v: &Value| Quantity::parse(&show(v)).ok().map(|q| q.milli() as f64 / 1000.0);
    let mut wanted = Vec::new();
    let mut ok = true;
    let mut need = |good: bool, text: String| {
        ok &= good;
        wanted.push(text);
    };
    if let Some(eq) = &compare.eq {
        need(any(&|v| same_value(v, eq)), plain(eq));
    }
    if let Some(ne) = &compare.ne {
        need(!any(&|v| same_value(v, ne)), format!("≠ {}", plain(ne)));
    }
    if let Some(list) = &compare.one_of {
        let text = list.iter().map(plain).collect::<Vec<_>>().join(" | ");
        need(any(&|v| list.iter().any(|w| same_value(v, w))), text);
    }
    if let Some(n) = compare.gte {
        need(any(&|v| number(v).is_some_and(|m| m >= n)), format!("≥ {n}"));
    }
    if let Some(n) = compare.lte {
        need(any(&|v| number(v).is_some_and(|m| m <= n)), format!("≤ {n}"));
    }
    if let Some(exists) = compare.exists {
        need(found.is_empty() != exists, if exists { "*".into() } else { "-".into() });
    }
    if let Some(text) = &compare.contains {
        need(any(&|v| show(v).contains(text.as_str())), format!("…{text}…"));
    }
    if ok { Ok(()) } else { Err((wanted.join(", "), seen())) }
}

/// Dots separate, a backslash keeps one: `metadata.labels.app\.kubernetes\.io/name`.
fn split_path(path: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        match c {
            '.' => parts.push(String::new()),
            '\\' => parts.iter_mut().last().into_iter().for_each(|p| p.extend(chars.next())),
            c => parts.iter_mut().last().into_iter().for_each(|p| p.push(c)),
        }
    }
    parts
}

fn collect<'a>(value: &'a Value, path: &[String], found: &mut Vec<&'a Value>) {
    if value.is_list() {
        return value.items().iter().for_each(|v| collect(v, path, found));
    }
    match path.split_first() {
        None if value.is_null() => {}
        None => found.push(value),
        Some((key, rest)) => collect(value.get(key), rest, found),
    }
}

fn show(value: &Value) -> String {
    value.as_str().map_or_else(|| drydock_machinery::json::to_string(value), String::from)
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), String::from)
}

/// Equal after normalising: images by their full reference, quantities by amount, numbers as text.
fn same_value(value: &Value, wanted: &serde_json::Value) -> bool {
    let (have, want) = (show(value), plain(wanted));
    have == want || image(&have) == image(&want) && have.contains(['/', ':']) | want.contains(['/', ':'])
}

fn image(reference: &str) -> String {
    let name = reference.strip_prefix("docker.io/").unwrap_or(reference);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains(':') || name.contains('@') { name.to_string() } else { format!("{name}:latest") }
}

fn select<'a>(pods: &'a [Value], check: &Pods) -> Result<Vec<&'a Value>, Reason> {
    let selector = match &check.selector {
        Some(text) => Some(LabelSelector::parse(text).map_err(|e| unknown(text, e))?),
        None => None,
    };
    Ok(pods
        .iter()
        .filter(|p| check.name.as_deref().is_none_or(|n| p["metadata"]["name"] == n))
        .filter(|p| selector.as_ref().is_none_or(|s| s.matches(&p["metadata"]["labels"])))
        .collect())
}

pub(super) fn is_ready(pod: &Value) -> bool {
    pod["metadata"]["deletionTimestamp"].is_null()
        && pod["status"]["conditions"].items().iter().any(|c| c["type"] == "Ready" && c["status"] == "True")
}

pub(super) fn pods(check: &Pods, context: &Context<'_>) -> Verdict {
    let namespace = check.namespace.as_deref().unwrap_or(context.namespace);
    let about = format!("Pod {}", check.name.as_deref().or(check.selector.as_deref()).unwrap_or("*"));
    let list = |world: &World| world.list("Pod", namespace).unwrap_or_default();
    let now = list(context.world);
    let selected = select(&now, check)?;
    if let Some(range) = check.gone {
        let uids: BTreeSet<&str> = now.iter().map(|p| p["metadata"]["uid"].text()).collect();
        let before = list(context.before);
        let gone =
            select(&before, check)?.iter().filter(|p| !uids.contains(p["metadata"]["uid"].text())).count();
        if !range.holds(gone as f64) {
            return Err(Reason::new("present", about));
        }
    }
    let status_reason = |pod: &Value| {
        pod["status"]["containerStatuses"].items().iter().any(|c| {
            let wanted = check.reason.as_deref().unwrap_or("");
            ["waiting", "terminated"].iter().any(|s| c["state"][*s]["reason"] == wanted)
                || c["lastState"]["terminated"]["reason"] == wanted
        })
    };
    let restarts = |pod: &Value| {
        pod["status"]["containerStatuses"].items().iter().map(|c| c["restartCount"].int()).sum::<i64>()
    };
    let matching = selected
        .iter()
        .filter(|p| check.ready.is_none_or(|r| is_ready(p) == r))
        .filter(|p| check.phase.as_deref().is_none_or(|phase| p["status"]["phase"] == phase))
        .filter(|p| check.reason.is_none() || status_reason(p))
        .filter(|p| check.restarts.is_none_or(|r| r.holds(restarts(p) as f64)))
        .count();
    let range = check.count.unwrap_or(Range::Between { gte: Some(1.0), lte: None });
    if range.holds(matching as f64) {
        return Ok(());
    }
    Err(match selected.len() {
        0 => Reason::new("missing", about),
        n => Reason::new("count", about).wanted(range.to_string(), format!("{matching}/{n}")),
    })
}

pub(super) fn rollout(check: &Rollout, context: &Context<'_>) -> Verdict {
    let namespace = check.namespace.as_deref().unwrap_or(context.namespace);
    let about = format!("Deployment/{}", check.deployment);
    let list = context.world.list("Deployment", namespace).unwrap_or_default();
    let Some(object) = list.iter().find(|d| d["metadata"]["name"] == check.deployment.as_str()) else {
        return Err(Reason::new("missing", about));
    };
    let (spec, status) = (&object["spec"], &object["status"]);
    let wanted = spec["replicas"].int();
    if let Some(range) = check.replicas
        && !range.holds(wanted as f64)
    {
        return Err(Reason::new("differs", about)
            .path("spec.replicas")
            .wanted(range.to_string(), wanted.to_string()));
    }
    if let Some(wanted) = &check.image {
        let images: Vec<&str> =
            spec["template"]["spec"]["containers"].items().iter().map(|c| c["image"].text()).collect();
        if !images.iter().any(|i| image(i) == image(wanted)) {
            return Err(Reason::new("differs", about).path("image").wanted(wanted, images.join(", ")));
        }
    }
    let observed = status["observedGeneration"].int() >= object["metadata"]["generation"].int();
    let done = observed
        && status["updatedReplicas"].int() == wanted
        && status["availableReplicas"].int() == wanted
        && status["replicas"].int() == wanted;
    if done {
        Ok(())
    } else {
        Err(Reason::new("notReady", about)
            .wanted("", format!("{}/{wanted}", status["availableReplicas"].int())))
    }
}

pub(super) fn event(about: Option<&str>, reason: &str, context: &Context<'_>) -> Verdict {
    let list = |world: &World| world.list("Event", context.namespace).unwrap_or_default();
    let hits = |events: &[Value]| -> i64 {
        events
            .iter()
            .filter(|e| e["reason"] == reason)
            .filter(|e| {
                let object = &e["involvedObject"];
                about.is_none_or(|a| {
                    a.split_once('/') == Some((object["kind"].text(), object["name"].text()))
                        || a == object["kind"].text()
                })
            })
            .map(|e| e["count"].int().max(1))
            .sum()
    };
    if hits(&list(context.world)) > hits(&list(context.before)) {
        Ok(())
    } else {
        Err(Reason::new("notYet", reason))
    }
}

pub(super) fn log(pods: &str, contains: &str, context: &Context<'_>) -> Verdict {
    let selector = LabelSelector::parse(pods).map_err(|e| unknown(pods, e))?;
    let list = context.world.list("Pod", context.namespace).unwrap_or_default();
    let found = list.iter().filter(|p| selector.matches(&p["metadata"]["labels"])).any(|pod| {
        let path =
            format!("/api/v1/namespaces/{}/pods/{}/log", context.namespace, pod["metadata"]["name"].text());
        context.world.text_at(&path).is_ok_and(|text| text.contains(contains))
    });
    if found { Ok(()) } else { Err(Reason::new("notYet", contains)) }
}
