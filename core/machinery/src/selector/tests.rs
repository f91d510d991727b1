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

#[test]
fn selector_errors_are_the_real_ones() {
    for (text, error) in [
        ("a,", "found '', expected: identifier after ','"),
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a=(b)", "unable to parse requirement: found '(', expected: identifier"),
        (
            "a in ()",
            "unable to parse requirement: values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty",
        ),
        (
            "n>x",
            "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
        ),
        (
            "a=b_",
            "unable to parse requirement: values[0][a]: Invalid value: \"b_\": a valid label must be an empty string or \
             consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character \
             (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is \
             '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
        ),
    ] {
        assert_eq!(LabelSelector::parse(text), Err(error.to_owned()), "{text}");
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
