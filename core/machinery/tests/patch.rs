//! Strategic merge patches against recordings of `kubectl patch --local --type strategic` (v1.32).

use drydock_machinery::{json, patch, schema};

#[test]
fn patches_as_kubectl_patches() {
    let mut lines =
        include_str!("data/strategic.jsonl").lines().map(|line| json::parse(line.as_bytes()).unwrap());
    let base = lines.next().unwrap()["base"].clone();
    let ty = schema::builtin().kind("apps/v1", "Deployment").unwrap();
    let mut wrong = Vec::new();
    for case in lines {
        let got = match patch::strategic(&base, &case["patch"], schema::builtin(), ty) {
            Ok(value) => json::to_string(&value),
            Err(e) => format!("error: {e}"),
        };
        let real = match case.find("result") {
            Some(value) => json::to_string(value),
            None => case["error"].text().to_owned(),
        };
        if got.trim() != real.trim() {
            wrong.push(format!("{}\n   got {got}\n  real {real}", json::to_string(&case["patch"])));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
