//! What kubectl v1.33 printed with `-o yaml` and `-o json`: it reads and prints again to the same bytes.

use drydock_machinery::{json, schema, yaml};

#[test]
fn recordings_print_again() {
    let mut wrong = Vec::new();
    let (mut yamls, mut jsons) = (0, 0);
    for line in include_str!("data/printed.jsonl").lines() {
        let case = json::parse(line.as_bytes()).unwrap();
        let text = case["text"].text();
        let got = if case["format"] == "yaml" {
            yamls += 1;
            let value = yaml::load(text).unwrap().remove(0).value;
            // Made on the client, objects show what Go's structs cannot leave out.
            if case["command"].text().starts_with("create ")
                && !case["command"].text().contains(" -f ")
                && let Some(ty) = schema::builtin().kind(value["apiVersion"].text(), value["kind"].text())
            {
                let bare = drydock_machinery::Value::from_entries(
                    value.entries().iter().filter(|(key, _)| key.text() != "status").cloned().collect(),
                );
                let typed = schema::go::typed(schema::builtin(), ty, &bare);
                if typed != value {
                    wrong.push(format!(
                        "{}\n typed {}\n  real {}",
                        case["command"].text(),
                        json::to_string(&typed),
                        json::to_string(&value)
                    ));
                }
            }
            yaml::emit(&value)
        } else {
            let value = json::parse(text.as_bytes()).unwrap();
            let Some(ty) = schema::builtin().kind(value["apiVersion"].text(), value["kind"].text()) else {
                continue;
            };
            jsons += 1;
            schema::go::to_pretty(schema::builtin(), ty, &value) + "\n"
        };
        if got != text {
            wrong.push(format!("{}\n{got}\n------\n{text}", case["command"].text()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(yamls > 40 && jsons > 1, "{yamls} {jsons}");
}
