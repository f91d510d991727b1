//! Short descriptions of the fields a learner meets most, in our own words, for `kubectl explain` and
//! the editor. `describe.txt`: `=core.v1.Container` begins a type (its own description may follow),
//! `image the text` describes a field.

use std::collections::BTreeMap;
use std::sync::LazyLock;

type Texts = BTreeMap<(&'static str, &'static str), &'static str>;

static TEXTS: LazyLock<Texts> = LazyLock::new(|| {
    let mut texts = Texts::new();
    let mut current = "";
    for line in include_str!("describe.txt").lines() {
        if let Some(head) = line.strip_prefix('=') {
            let (name, text) = head.split_once(' ').unwrap_or((head, ""));
            current = name;
            texts.insert((name, ""), text);
        } else if let Some((field, text)) = line.split_once(' ') {
            texts.insert((current, field), text);
        }
    }
    texts
});

/// A short description of a field (`("core.v1.Container", "image")`), or of the type itself with an
/// empty field.
#[must_use]
pub fn description(type_name: &str, field: &str) -> Option<&'static str> {
    TEXTS.get(&(type_name, field)).copied().filter(|text| !text.is_empty())
}
