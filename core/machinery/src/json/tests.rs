use super::*;
use crate::{Value, value};

#[test]
fn reads_and_writes() {
    let text = r#"{"b":[1,-2.5,1e3,"\u0041\ud83d\ude00\n",true,null],"a":{}}"#;
    let v = parse(text.as_bytes()).unwrap();
    assert_eq!(v, value!({"a": {}, "b": [1, (-2.5), 1000.0, "A😀\n", true, null]}));
    assert_eq!(to_string(&v), r#"{"a":{},"b":[1,-2.5,1000,"A😀\n",true,null]}"#);
    assert_eq!(to_string(&value!("<a&b>\u{2028}\u{1}")), r#""\u003ca\u0026b\u003e\u2028\u0001""#);
    assert_eq!(
        to_pretty(&value!({"a": [1], "b": {}, "c": []})),
        "{\n    \"a\": [\n        1\n    ],\n    \"b\": {},\n    \"c\": []\n}"
    );
    assert_eq!(
        [float(1e21), float(1e-7), float(0.000001), float(100.0)],
        ["1e+21", "1e-7", "0.000001", "100"]
    );
    assert_eq!(parse(b"9223372036854775807").unwrap(), Value::Int(i64::MAX));
    assert_eq!(parse(b"9223372036854775808").unwrap(), Value::Float(9_223_372_036_854_775_808.0));
}

#[test]
fn errors_are_gos() {
    for (text, message) in [
        ("", "unexpected end of JSON input"),
        ("{", "unexpected end of JSON input"),
        ("{a", "invalid character 'a' looking for beginning of object key string"),
        (r#"{"a" 1}"#, "invalid character '1' after object key"),
        (r#"{"a":1 "b"}"#, "invalid character '\"' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("[1,]", "invalid character ']' looking for beginning of value"),
        ("nul", "unexpected end of JSON input"),
        ("nulx", "invalid character 'x' in literal null (expecting 'l')"),
        ("1 x", "invalid character 'x' after top-level value"),
        ("\"a\nb\"", "invalid character '\\n' in string literal"),
        ("\"\\x\"", "invalid character 'x' in string escape code"),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ("-", "unexpected end of JSON input"),
    ] {
        assert_eq!(parse(text.as_bytes()).unwrap_err().message, message, "{text}");
    }
    let e = parse("{\"이\":\n  나}".as_bytes()).unwrap_err();
    assert_eq!((e.line, e.column), (2, 3));
}

#[test]
fn duplicates_are_listed_and_the_last_wins() {
    let (v, duplicates) = parse_strict(b"{\"spec\":{\"l\":[{\"a\":1,\n\"a\":2}]}}").unwrap();
    assert_eq!(v["spec"]["l"][0]["a"], Value::Int(2));
    assert_eq!(duplicates, [Duplicate { key: "a".into(), path: "spec.l[0].a".into(), line: 2 }]);
}

#[test]
fn hostile_nesting_is_refused() {
    for open in ["[", "{\"a\":"] {
        assert_eq!(parse(open.repeat(100_000).as_bytes()).unwrap_err().message, "exceeded max depth");
    }
}
