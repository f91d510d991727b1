//! Any kind without a describer of its own: every field, named in words.

use super::page::{Page, line};
use super::{Ask, events};
use crate::kubectl::Failure;
use crate::printers::go_format;
use drydock_machinery::{Value, text};

/// Shown in the head already, or to nobody.
const SKIPPED: [&str; 5] = [
    ".metadata.managedFields",
    ".metadata.name",
    ".metadata.namespace",
    ".metadata.labels",
    ".metadata.annotations",
];

pub fn describe(ask: &mut Ask<'_, '_, '_>, object: &Value) -> Result<String, Failure> {
    let happened = ask.events_of(object);
    let mut page = ask.page();
    page.head(object);
    fields(&mut page, 0, object, "");
    events::write(&mut page, happened);
    Ok(page.finish())
}

fn fields(page: &mut Page, level: usize, map: &Value, prefix: &str) {
    for (key, value) in map.entries() {
        let path = format!("{prefix}.{key}");
        if SKIPPED.contains(&path.as_str()) {
            continue;
        }
        let title = words(key.text());
        match value {
            Value::Map(_) => {
                line!(page, level, "{title}:");
                fields(page, level + 1, value, &path);
            }
            Value::List(items) => {
                line!(page, level, "{title}:");
                for item in items.iter() {
                    if item.is_map() {
                        fields(page, level + 1, item, &path);
                    } else {
                        line!(page, level + 1, "{}", go_format::plain(item));
                    }
                }
            }
            other => line!(page, level, "{title}:\t{}", go_format::plain(other)),
        }
    }
}

/// `creationTimestamp` as `Creation Timestamp`, known acronyms in capitals; names with anything but
/// letters and hyphens stay.
fn words(name: &str) -> String {
    if name.chars().any(|c| !c.is_alphabetic() && c != '-') {
        return name.into();
    }
    let shown: Vec<String> = split(name)
        .into_iter()
        .map(|part| {
            let upper = part.to_uppercase();
            if ["API", "URL", "UID", "OSB", "GUID"].contains(&upper.as_str()) {
                upper
            } else {
                text::title(&part)
            }
        })
        .collect();
    shown.join(" ")
}

/// Camel case into words; of several capitals before a small letter the last begins the next word.
fn split(name: &str) -> Vec<String> {
    let class = |c: char| {
        if c.is_lowercase() {
            1
        } else if c.is_uppercase() {
            2
        } else {
            4
        }
    };
    let mut runs: Vec<(u8, String)> = Vec::new();
    for c in name.chars() {
        match runs.last_mut() {
            Some((kind, run)) if *kind == class(c) => run.push(c),
            _ => runs.push((class(c), c.to_string())),
        }
    }
    for at in 1..runs.len() {
        let (head, tail) = runs.split_at_mut(at);
        if let (Some((2, upper)), Some((1, lower))) = (head.last_mut(), tail.first_mut())
            && let Some(last) = upper.pop()
        {
            lower.insert(0, last);
        }
    }
    runs.into_iter().map(|r| r.1).filter(|r| !r.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_in_words() {
        for (name, shown) in [
            ("creationTimestamp", "Creation Timestamp"),
            ("apiVersion", "API Version"),
            ("uid", "UID"),
            ("clusterIPs", "Cluster I Ps"),
            ("openAPIV3Schema", "openAPIV3Schema"),
        ] {
            assert_eq!(super::words(name), shown);
        }
    }
}
