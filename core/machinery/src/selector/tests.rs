use super::*;
use crate::value;

#[test]
fn selectors_print_and_match() {
    let labels = value!({"app": "web", "tier": "front", "n": "5"});
    for (text, printed, matches) in [
        ("", "", true),
        ("app=web", "app=web", true),
        ("tier==front,app!=api", "app!=api,tier==front", true),
        ("app in (web, api)", "app in (api,web)", true),
        ("app notin (web)", "app notin (web)", false),
        ("!gone,app", "app,!gone", true),
        ("n>4,n<6", "n>4,n<6", true),
        ("app=", "app=", false),
        ("gone!=x", "gone!=x", true),
        ("in=x", "in=x", false),
        ("app in (,web)", "app in (,web)", true),
    ] {
        let selector = LabelSelector::parse(text).unwrap();
        assert_eq!(selector.to_string(), printed, "{text}");
        assert_eq!(selector.matches(&labels), matches, "{text}");
    }
}

/// Against recordings of `kubectl create pdb --selector=… --dry-run=client` (v1.32).
#[test]
fn the_grammar_is_kubectls() {
    let comparable = |mut selector: LabelSelector| {
        for requirement in &mut selector.requirements {
            if matches!(requirement.operator, Operator::Equals | Operator::DoubleEquals) {
                requirement.operator = Operator::In;
            }
        }
        selector
    };
    for line in include_str!("../../tests/data/selectors.jsonl").lines() {
        let case = crate::json::parse(line.as_bytes()).unwrap();
        let text = case["selector"].text();
        let got = LabelSelector::parse(text).map(comparable);
        let real = match case.find("value") {
            Some(value) => Ok(comparable(LabelSelector::from_value(value).unwrap())),
            None => Err(case["error"].text().to_owned()),
        };
        assert_eq!(got, real, "{text}");
    }
}

#[test]
fn selectors_from_objects() {
    let labels = value!({"app": "web"});
    let from = |v: &Value| LabelSelector::from_value(v).unwrap();
    assert!(!from(&Value::Null).matches(&labels));
    assert!(from(&value!({})).matches(&labels));
    let selector = value!({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]});
    assert!(from(&selector).matches(&labels));
    assert_eq!(format_value(&selector), "app=web,!x");
    assert_eq!(format_value(&Value::Null), "<none>");
    let wrong = value!({"matchExpressions": [{"key": "x", "operator": "Like"}]});
    assert_eq!(
        LabelSelector::from_value(&wrong),
        Err("\"Like\" is not a valid label selector operator".into())
    );
}

#[test]
fn field_selectors() {
    let selector = FieldSelector::parse("metadata.name=a\\,b,status.phase!=Running").unwrap();
    assert_eq!(selector.to_string(), "metadata.name=a\\,b,status.phase!=Running");
    assert!(selector.matches(|path| if path == "metadata.name" { "a,b" } else { "" }));
    assert_eq!(FieldSelector::parse("x"), Err("invalid selector: 'x'; can't understand 'x'".into()));
}
