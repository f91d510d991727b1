use super::*;
use crate::value;

fn one(text: &str) -> Value {
    load(text).unwrap().remove(0).value
}

#[test]
fn spans_and_duplicates() {
    let doc = load("# c\nspec:\n  containers:\n  - name: a\n    imagee: b\n    name: c\n").unwrap().remove(0);
    assert_eq!(doc.spans.get("spec.containers[0].imagee"), Some((5, 5)));
    assert_eq!(doc.spans.get("spec.containers[0]"), Some((4, 5)));
    assert_eq!(doc.value["spec"]["containers"][0]["name"], "c");
    assert_eq!(
        doc.duplicates,
        [Duplicate { key: "name".into(), path: "spec.containers[0].name".into(), line: 6 }]
    );
}

#[test]
fn splitting_follows_kubectls_reader() {
    assert_eq!(split("---\na: 1\n--- # c\nb: 2\n---x\nc"), [(1, "---\na: 1\n"), (4, "b: 2\n---x\nc")]);
    assert_eq!(split(""), []);
    assert_eq!(split("a\n---\n---\nb\n---"), [(1, "a\n"), (3, "---\nb\n")]);
}

#[test]
fn several_documents() {
    let docs = load("a: 1\n---\nb: 2\n---\n").unwrap();
    assert_eq!(docs.len(), 3);
    assert_eq!((docs[1].value.clone(), docs[2].value.clone()), (value!({"b": 2}), Value::Null));
}

#[test]
fn hostile_input_is_refused() {
    assert!(load(&"[".repeat(100_000)).is_err());
    assert!(load(&"- ".repeat(50_000)).is_err());
    assert!(load(&"{a: ".repeat(50_000)).is_err());
    let mut laughs = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
    for i in 1..10 {
        let line = format!("*a{},", i - 1).repeat(9);
        laughs.push_str(&format!("a{i}: &a{i} [{}]\n", line.trim_end_matches(',')));
    }
    assert_eq!(load(&laughs).unwrap_err().message, "document contains excessive aliasing");
}

#[test]
fn emitted_text_reads_back() {
    let v =
        value!({"a": ["x", {"b": "y\nz\n", "c": {}}, [], [[1, 2], [{"d": null}]]], "": "yes", "k: v": 1.5});
    assert_eq!(one(&emit(&v)), v);
    assert_eq!(emit(&value!("x")), "x\n");
    assert_eq!(emit(&value!(["a\nb\n"])), "- |\n  a\n  b\n");
}
