//! Rules of roles: what one allows, whether some cover others, and their short text
//! (`pkg/registry/rbac/validation/policy_compact.go`, `rule.go`, v1.33).

use crate::auth::authorize::Attributes;
use drydock_machinery::{Value, quote, value};

fn has(list: &Value, text: &str) -> bool {
    list.items().iter().any(|item| item == text)
}

fn has_or_all(list: &Value, text: &str) -> bool {
    has(list, "*") || has(list, text)
}

/// True when a rule allows what is asked.
pub(crate) fn allows(rule: &Value, asked: &Attributes<'_>) -> bool {
    if !has_or_all(&rule["verbs"], asked.verb) {
        return false;
    }
    if asked.resource.is_empty() {
        return rule["nonResourceURLs"].items().iter().any(|url| path_matches(url.text(), asked.path));
    }
    let names = &rule["resourceNames"];
    has_or_all(&rule["apiGroups"], asked.group)
        && resource_matches(&rule["resources"], asked.resource, asked.subresource)
        && (names.is_empty() || has(names, asked.name))
}

fn resource_matches(list: &Value, resource: &str, subresource: &str) -> bool {
    list.items().iter().any(|item| match item.text() {
        "*" => true,
        text => match text.split_once('/') {
            None => subresource.is_empty() && text == resource,
            Some((of, sub)) => sub == subresource && !sub.is_empty() && (of == "*" || of == resource),
        },
    })
}

fn path_matches(pattern: &str, path: &str) -> bool {
    pattern == "*"
        || pattern == path
        || pattern.strip_suffix('*').is_some_and(|start| path.starts_with(start.trim_end_matches('*')))
}

/// A rule of one verb and one resource (or path), as [`covers`] takes rules apart.
fn broken_down(rule: &Value) -> Vec<Value> {
    let mut parts = Vec::new();
    for group in rule["apiGroups"].items() {
        for resource in rule["resources"].items() {
            for verb in rule["verbs"].items() {
                let part = value!({"apiGroups": [group], "resources": [resource], "verbs": [verb]});
                match rule["resourceNames"].items() {
                    [] => parts.push(part),
                    names => {
                        parts.extend(names.iter().map(|name| part.with("resourceNames", value!([name]))))
                    }
                }
            }
        }
    }
    for url in rule["nonResourceURLs"].items() {
        for verb in rule["verbs"].items() {
            parts.push(value!({"nonResourceURLs": [url], "verbs": [verb]}));
        }
    }
    parts
}

/// The parts of `wanted` that no rule of `owned` covers.
#[must_use]
pub fn missing(owned: &[Value], wanted: &[Value]) -> Vec<Value> {
    let parts = wanted.iter().flat_map(broken_down);
    parts.filter(|part| !owned.iter().any(|rule| covers(rule, part))).collect()
}

fn covers(owner: &Value, part: &Value) -> bool {
    let all = |field: &str, fits: &dyn Fn(&str) -> bool| part[field].items().iter().all(|t| fits(t.text()));
    let names = &owner["resourceNames"];
    let names_match = names.is_empty()
        || !part["resourceNames"].is_empty() && all("resourceNames", &|name| has(names, name));
    let resource = |text: &str| {
        let list = &owner["resources"];
        has_or_all(list, text) || text.split_once('/').is_some_and(|(_, sub)| has(list, &format!("*/{sub}")))
    };
    let url = |path: &str| owner["nonResourceURLs"].items().iter().any(|u| path_matches(u.text(), path));
    all("verbs", &|verb| has_or_all(&owner["verbs"], verb))
        && all("apiGroups", &|group| has_or_all(&owner["apiGroups"], group))
        && all("resources", &resource)
        && all("nonResourceURLs", &url)
        && names_match
}

/// Rules about the same resource as one: their verbs together.
#[must_use]
pub fn compact(rules: &[Value]) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for rule in rules {
        let one = |field: &str| rule[field].items().len() == 1;
        let simple = one("apiGroups")
            && one("resources")
            && rule["nonResourceURLs"].is_empty()
            && rule["resourceNames"].items().len() <= 1;
        let same = |other: &&mut Value| {
            ["apiGroups", "resources", "resourceNames", "nonResourceURLs"]
                .iter()
                .all(|field| other[*field] == rule[*field])
        };
        match out.iter_mut().find(same).filter(|_| simple) {
            Some(known) => {
                let mut verbs = known["verbs"].clone();
                for verb in rule["verbs"].items().iter().filter(|v| !has(&known["verbs"], v.text())) {
                    verbs = verbs.with_item(verb);
                }
                *known = known.with("verbs", verbs);
            }
            None => out.push(rule.clone()),
        }
    }
    out
}

/// A rule of one resource (and one name) or one path each, all its verbs with it.
#[must_use]
pub fn by_resource(rule: &Value) -> Vec<Value> {
    let verbs = &rule["verbs"];
    let mut parts = Vec::new();
    for group in rule["apiGroups"].items() {
        for resource in rule["resources"].items() {
            let part = value!({"apiGroups": [group], "resources": [resource], "verbs": verbs});
            match rule["resourceNames"].items() {
                [] => parts.push(part),
                names => parts.extend(names.iter().map(|name| part.with("resourceNames", value!([name])))),
            }
        }
    }
    let urls = rule["nonResourceURLs"].items().iter();
    parts.extend(urls.map(|url| value!({"nonResourceURLs": [url], "verbs": verbs})));
    parts
}

/// How Go prints a rule; kubectl sorts by it.
#[must_use]
pub fn go_string(rule: &Value) -> String {
    let list = |field: &str| {
        let texts: Vec<&str> = rule[field].items().iter().map(Value::text).collect();
        format!("[{}]", texts.join(" "))
    };
    format!(
        "{{Verbs:{} APIGroups:{} Resources:{} ResourceNames:{} NonResourceURLs:{}}}",
        list("verbs"),
        list("apiGroups"),
        list("resources"),
        list("resourceNames"),
        list("nonResourceURLs")
    )
}

/// `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`.
pub(crate) fn short(rule: &Value) -> String {
    let parts: Vec<String> = [
        ("apiGroups", "APIGroups"),
        ("resources", "Resources"),
        ("nonResourceURLs", "NonResourceURLs"),
        ("resourceNames", "ResourceNames"),
        ("verbs", "Verbs"),
    ]
    .iter()
    .filter(|(field, _)| !rule[*field].is_empty())
    .map(|(field, shown)| format!("{shown}:{}", quoted(rule[*field].items().iter().map(Value::text))))
    .collect();
    format!("{{{}}}", parts.join(", "))
}

/// Go's `%q` of a list of strings.
pub(crate) fn quoted<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.map(quote::go).collect();
    format!("[{}]", texts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::User;

    fn rule(groups: &[&str], resources: &[&str], verbs: &[&str]) -> Value {
        let list = |texts: &[&str]| texts.iter().map(|t| Value::from(*t)).collect::<Value>();
        value!({"apiGroups": (list(groups)), "resources": (list(resources)), "verbs": (list(verbs))})
    }

    #[test]
    fn subresources_are_allowed_by_name_only() {
        let user = User::new("bob", &[]);
        let asked = |resource, subresource| Attributes {
            verb: "get",
            resource,
            subresource,
            ..Attributes::of(&user)
        };
        let pods = rule(&[""], &["pods"], &["get"]);
        assert!(allows(&pods, &asked("pods", "")) && !allows(&pods, &asked("pods", "log")));
        let logs = rule(&[""], &["*/log"], &["get"]);
        assert!(allows(&logs, &asked("pods", "log")) && !allows(&logs, &asked("pods", "")));
        assert!(allows(&rule(&["*"], &["*"], &["*"]), &asked("pods", "exec")));
    }

    #[test]
    fn names_and_paths() {
        let user = User::new("bob", &[]);
        let named = rule(&[""], &["secrets"], &["get"]).with("resourceNames", value!(["a"]));
        let secret = Attributes { verb: "get", resource: "secrets", ..Attributes::of(&user) };
        assert!(allows(&named, &Attributes { name: "a", ..secret }));
        assert!(!allows(&named, &Attributes { name: "b", ..secret }) && !allows(&named, &secret));
        let urls = value!({"nonResourceURLs": ["/logs/*"], "verbs": ["get"]});
        let path = |path| Attributes { verb: "get", path, ..Attributes::of(&user) };
        assert!(allows(&urls, &path("/logs/x/y")) && !allows(&urls, &path("/metrics")));
    }

    #[test]
    fn what_is_missing_is_told_by_resource() {
        let owned = [rule(&[""], &["pods", "secrets"], &["get", "list"])];
        let wanted = [rule(&[""], &["pods"], &["get", "delete", "watch"]), rule(&[""], &["nodes"], &["*"])];
        let texts: Vec<String> = compact(&missing(&owned, &wanted)).iter().map(short).collect();
        assert_eq!(
            texts,
            [
                "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\" \"watch\"]}",
                "{APIGroups:[\"\"], Resources:[\"nodes\"], Verbs:[\"*\"]}"
            ]
        );
    }
}
