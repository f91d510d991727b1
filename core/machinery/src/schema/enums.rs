//! The values of fields that take one of a few words, as the API's OpenAPI documents list them.
//! `enums.txt`: `=core.v1.Container` begins a type, `imagePullPolicy Always IfNotPresent Never` is a
//! field with its values, `""` the empty one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

type Words = BTreeMap<(&'static str, &'static str), &'static [&'static str]>;

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Words::new();
    let mut current = "";
    for line in include_str!("enums.txt").lines() {
        match line.strip_prefix('=') {
            Some(name) => current = name,
            None => {
                let mut parts = line.split(' ');
                let field = parts.next().unwrap_or("");
                // The table lives as long as the process.
                let values: Vec<&'static str> = parts.map(|w| w.trim_matches('"')).collect();
                words.insert((current, field), values.leak());
            }
        }
    }
    words
});

/// The values a field may have (`("core.v1.Container", "imagePullPolicy")`), sorted; of a list, those of
/// its items. Empty for fields that take anything.
#[must_use]
pub fn enumeration(type_name: &str, field: &str) -> &'static [&'static str] {
    WORDS.get(&(type_name, field)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_names_a_field_of_the_table() {
        let schema = crate::schema::builtin();
        for (name, field) in WORDS.keys() {
            let ty = schema.types().find(|t| t.name == *name);
            assert!(ty.is_some_and(|t| t.field(field).is_some()), "{name} {field}");
        }
        assert_eq!(enumeration("core.v1.ContainerPort", "protocol"), ["SCTP", "TCP", "UDP"]);
    }
}
