use super::*;
use crate::value;

fn docker(text: &str, value: &Value) -> String {
    let result = Template::parse_as(Dialect::Docker, "", text).and_then(|t| t.execute(value));
    result.unwrap_or_else(|e| e.to_string())
}

#[test]
fn dockers_functions() {
    let v = value!({"Names": "a,b", "Ports": [80, 443], "Labels": {"x": "<1>"}});
    for (text, expected) in [
        ("{{json .Labels}}", r#"{"x":"<1>"}"#),
        ("{{range split .Names \",\"}}[{{.}}]{{end}}", "[a][b]"),
        ("{{join .Ports \" \"}} {{upper .Names}} {{.Names | title}}", "80 443 A,B A,B"),
        ("{{.Nope}}", "<no value>"),
        ("{{len .Ports}} {{index .Ports 1}} {{(index .Ports 0)}}", "2 443 80"),
        ("{{pad .Names 1 2}}|{{truncate .Names 1}}", " a,b  |a"),
        ("{{.foo", "template: :1: unclosed action"),
        ("{{nope .}}", "template: :1: function \"nope\" not defined"),
    ] {
        assert_eq!(docker(text, &v), expected, "{text}");
    }
}

#[test]
fn helms_functions_and_definitions() {
    let mut chart =
        Template::parse_as(Dialect::Helm, "web/templates/d.yaml", "x:{{ include \"l\" . | nindent 2 }}\n")
            .unwrap();
    chart
        .add(
            "web/templates/_helpers.tpl",
            "{{- define \"l\" -}}\napp: {{ .Values.name | default \"web\" | quote }}\n{{- end }}",
        )
        .unwrap();
    let v = value!({"Values": {"a": {"b": [1]}}});
    assert_eq!(chart.execute(&v).unwrap(), "x:\n  app: \"web\"\n");
    let run = |text: &str| {
        Template::parse_as(Dialect::Helm, "t", text).and_then(|t| t.execute(&v)).map_err(|e| e.0)
    };
    assert_eq!(run("{{ toYaml .Values.a | indent 2 }}"), Ok("  b:\n  - 1".into()));
    assert_eq!(run("{{ if and .Values.a (not .Values.z) }}y{{ else }}n{{ end }}"), Ok("y".into()));
    assert_eq!(run("{{ trunc 3 \"abcdef\" }}-{{ \"a-b-\" | trimSuffix \"-\" }}"), Ok("abc-a-b".into()));
    assert_eq!(
        run("{{ required \"name is needed\" .Values.name }}"),
        Err("template: t:1:3: executing \"t\" at <required \"name is needed\" .Values.name>: error calling required: name is needed".into())
    );
}

#[test]
fn hostile_templates_end() {
    let recursive = "{{define \"a\"}}{{template \"a\" .}}{{end}}{{template \"a\" .}}";
    assert!(docker(recursive, &Value::Null).contains("exceeded maximum template depth"));
    assert!(docker(&"{{if .}}".repeat(10_000), &Value::Null).contains("nested too deeply"));
    assert!(docker(&format!("{{{{{}", "(".repeat(100_000)), &Value::Null).contains("nested too deeply"));
    let loops = format!("{}x{}", "{{range .}}".repeat(9), "{{end}}".repeat(9));
    let list: Value = (0..9).map(|_| value!([1, 2, 3, 4, 5, 6, 7, 8, 9])).collect();
    assert!(docker(&loops.replace("{{range .}}", "{{range $}}"), &list).contains("too many steps"));
}
