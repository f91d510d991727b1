//! Go templates against recordings of kubectl v1.32 (`label --local -o go-template=…`).

use drydock_machinery::{go_template::Template, json};

#[test]
fn prints_what_kubectl_prints() {
    let mut lines =
        include_str!("data/go-template.jsonl").lines().map(|line| json::parse(line.as_bytes()).unwrap());
    let object = lines.next().unwrap()["object"].clone();
    let mut wrong = Vec::new();
    for case in lines {
        let template = case["template"].text();
        let result = Template::parse(template).and_then(|t| t.execute_with(&object, case["missing"].bool()));
        let got = result.unwrap_or_else(|e| format!("error: {e}"));
        let real = match case.find("text") {
            Some(text) => text.text().to_owned(),
            None => format!("error: {}", case["error"].text()),
        };
        if got != real {
            wrong.push(format!("{template}\n   got {got}\n  real {real}"));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
