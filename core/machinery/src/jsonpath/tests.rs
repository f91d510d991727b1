use super::*;
use crate::value;

#[test]
fn relaxed_forms_are_one() {
    for text in ["metadata.name", ".metadata.name", "{metadata.name}", "{.metadata.name}"] {
        assert_eq!(relaxed(text), Ok("{.metadata.name}".into()));
    }
    assert!(relaxed("{a").is_err() && relaxed("a}{b").is_err());
}

#[test]
fn hostile_templates_end() {
    let items: Value = (0..200).map(|n| value!({"n": n})).collect();
    let object = value!({"items": (&items)});
    let nested = format!("{}x{}", "{range $..}".repeat(20), "{end}".repeat(20));
    assert!(Template::parse(&nested).unwrap().execute(&object, true).is_err());
    assert!(Template::parse(&"{range .items[*]}".repeat(1000)).is_err());
    assert!(Template::parse(&format!("{{{}", "[?(".repeat(10_000))).is_err());
}
