//! Laws that hold for any value: what is printed reads back, patches lead where they were made to.

use drydock_machinery::{Quantity, Value, json, patch, schema, tabwriter::TabWriter, value, yaml};
use proptest::collection::vec;
use proptest::prelude::*;

/// Not `<<`, which the real emitter writes plainly and then cannot read as a key; not U+2028, a line
/// break of YAML 1.1 that our scanner, of YAML 1.2, does not know.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,12}",
        "[a-z#:'\"\\-?\\[\\]{}&*!|>%@`, \n\t]{0,10}",
        "(yes|no|on|null|~|1e3|0x1f|012|1_0|\\.5|2001-01-01|12:30|-|---|=)",
        "[가-힣é\u{feff}🚢 ]{0,5}",
        "([a-z]{1,9} ){10,20}",
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-1e9..1e9f64)
            .prop_map(|f| Value::Float(f + 0.25))
            .prop_filter("broken", |v| { json::to_string(v).parse::<i64>().is_err() }),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from_items),
            vec((text(), inner), 0..5).prop_map(|entries| entries.into_iter().collect()),
        ]
    })
}

fn any_map() -> impl Strategy<Value = Value> {
    vec(("[a-d]", any_value()), 0..5).prop_map(|entries| entries.into_iter().collect())
}

fn container() -> impl Strategy<Value = Value> {
    let env = vec(("[A-C]", "[x-z]"), 0..4).prop_map(|pairs| named(pairs, "value"));
    let ports = vec(1..4i64, 0..3).prop_map(|mut ports| {
        ports.sort_unstable();
        ports.dedup();
        ports.into_iter().map(|n| value!({"containerPort": n})).collect::<Value>()
    });
    ("[a-d]", "[x-z]", env, ports, vec("[a-c]", 0..3)).prop_map(|(name, image, env, ports, command)| {
        let command: Value = command.into_iter().map(Value::from).collect();
        value!({"name": name, "image": image, "env": env, "ports": ports, "command": command})
    })
}

/// A list of maps with different names.
fn named(pairs: Vec<(String, String)>, field: &str) -> Value {
    let mut seen = std::collections::BTreeSet::new();
    let kept = pairs.into_iter().filter(|(name, _)| seen.insert(name.clone()));
    kept.map(|(name, held)| Value::empty_map().with("name", name).with(field, held)).collect()
}

fn deployment() -> impl Strategy<Value = Value> {
    let containers = vec(container(), 1..4).prop_map(|containers| {
        let mut seen = std::collections::BTreeSet::new();
        containers.into_iter().filter(|c| seen.insert(c["name"].text().to_owned())).collect::<Value>()
    });
    let labels = vec(("[a-c]", "[x-z]"), 0..3)
        .prop_map(|pairs| pairs.into_iter().map(|(k, v)| (k, v.into())).collect::<Value>());
    let finalizers = vec("[f-i]", 0..3).prop_map(|mut names| {
        names.sort();
        names.dedup();
        names.into_iter().map(Value::from).collect::<Value>()
    });
    (0..5i64, containers, labels, finalizers).prop_map(|(replicas, containers, labels, finalizers)| {
        value!({"metadata": {"labels": labels, "finalizers": finalizers}, "spec": {"replicas": replicas,
            "template": {"spec": {"containers": containers}}}})
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_reads_back(v in any_value()) {
        prop_assert_eq!(&json::parse(json::to_string(&v).as_bytes()).unwrap(), &v);
        prop_assert_eq!(&json::parse(json::to_pretty(&v).as_bytes()).unwrap(), &v);
    }

    #[test]
    fn yaml_reads_back(v in any_value()) {
        let emitted = yaml::emit(&v);
        let docs = yaml::load(&emitted).map_err(|e| TestCaseError::fail(format!("{e}\n{emitted}")))?;
        prop_assert_eq!(docs.len(), 1);
        prop_assert_eq!(&docs[0].value, &v, "{}", emitted);
    }

    #[test]
    fn yaml_never_panics(source in "[a-z0-9 :\\-\\[\\]{}#&*!|>'\"%@,?\n\t]{0,60}") {
        let _ = yaml::load(&source);
        let _ = yaml::split(&source);
    }

    #[test]
    fn merge_patches_lead_to_their_goal(a in any_map(), b in any_map()) {
        let (a, b) = (without_nulls(&a), without_nulls(&b));
        prop_assert_eq!(patch::merge(&a, &patch::merge_diff(&a, &b)), b);
        prop_assert_eq!(patch::merge(&a, &Value::empty_map()), a);
    }

    #[test]
    fn strategic_patches_lead_to_their_goal(a in deployment(), b in deployment()) {
        let ty = schema::builtin().kind("apps/v1", "Deployment").unwrap();
        let patch = patch::strategic_two_way(&a, &b, schema::builtin(), ty).unwrap();
        let got = patch::strategic(&a, &patch, schema::builtin(), ty).unwrap();
        prop_assert_eq!(settled(&got), settled(&b), "{}", json::to_string(&patch));
        // What apply makes when nobody else changed the object leads there too.
        let patch = patch::strategic_diff(&a, &b, &a, schema::builtin(), ty).unwrap();
        let got = patch::strategic(&a, &patch, schema::builtin(), ty).unwrap();
        prop_assert_eq!(settled(&got), settled(&b), "{}", json::to_string(&patch));
        // Nothing to do is an empty patch.
        prop_assert_eq!(patch::strategic_diff(&b, &b, &b, schema::builtin(), ty).unwrap(), Value::empty_map());
    }

    #[test]
    fn quantities_keep_their_amount(whole in 0..100_000u64, part in 0..1000u32, unit in 0..12usize) {
        let suffix = ["", "m", "k", "M", "G", "Ki", "Mi", "Gi", "n", "u", "e3", "T"][unit];
        let text = format!("{whole}.{part:03}{suffix}");
        let q = Quantity::parse(&text).unwrap();
        let again = Quantity::parse(&q.canonical()).unwrap();
        prop_assert_eq!(q, again);
        prop_assert_eq!(q.canonical(), again.canonical());
    }

    #[test]
    fn tables_keep_their_cells(rows in vec(vec("[a-z가-힣]{0,8}", 1..5), 1..6)) {
        let mut w = TabWriter::kubectl();
        for row in &rows {
            w.write(&(row.join("\t") + "\n"));
        }
        let out = w.flush();
        prop_assert_eq!(out.lines().count(), rows.len());
        for (line, row) in out.lines().zip(&rows) {
            for cell in row {
                prop_assert!(line.contains(cell.as_str()));
            }
        }
    }
}

fn without_nulls(v: &Value) -> Value {
    match v {
        Value::Map(entries) => {
            entries.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (*k, without_nulls(v))).collect()
        }
        _ => v.clone(),
    }
}

/// An object as the API keeps it: an empty list is no list.
fn settled(v: &Value) -> Value {
    match v {
        Value::Map(entries) => entries
            .iter()
            .map(|(k, v)| (*k, settled(v)))
            .filter(|(_, v)| !(v.is_list() && v.is_empty()))
            .collect(),
        Value::List(items) => items.iter().map(settled).collect(),
        _ => v.clone(),
    }
}
