//! `x-kubernetes-validations`: rules a schema demands of its values
//! (`apiextensions-apiserver/pkg/apiserver/schema/cel`, v1.33).
//!
//! Left out: functions of Kubernetes' own libraries (`quantity`, `url`, `ip`, `format`) – a rule that uses
//! them is not judged, see the coverage register.

use super::cel::run::{Scope, run};
use super::cel::{self, Expr};
use super::schema::type_of;
use crate::field::{Errors, Path};
use drydock_machinery::Value;

/// Asks the rules of a tree.
pub(crate) fn judge(
    schema: &Value,
    value: &Value,
    old: Option<&Value>,
    path: &Path<'_>,
    errors: &mut Errors,
    depth: usize,
) {
    if depth == 0 || old.is_some_and(|old| old == value) {
        return;
    }
    for rule in schema.get("x-kubernetes-validations").items() {
        ask(rule, value, old, path, errors);
    }
    match value {
        Value::List(items) => {
            let known = old.map_or(&[][..], Value::items);
            for (at, item) in items.iter().enumerate() {
                judge(schema.get("items"), item, known.get(at), &path.index(at), errors, depth - 1);
            }
        }
        Value::Map(entries) => {
            for (key, inner) in entries.iter() {
                let property = schema["properties"].find(key.text());
                let property = property.unwrap_or_else(|| schema.get("additionalProperties"));
                let before = old.and_then(|old| old.find(key.text()));
                judge(property, inner, before, &path.child(key.text()), errors, depth - 1);
            }
        }
        _ => {}
    }
}

/// The words of a rule that cannot be read; `None` for good ones.
pub(crate) fn unreadable(rule: &str) -> Option<String> {
    cel::parse(rule).err()
}

fn ask(rule: &Value, value: &Value, old: Option<&Value>, path: &Path<'_>, errors: &mut Errors) {
    let text = rule["rule"].text();
    let Ok(expr) = cel::parse(text) else { return };
    let transition = expr.mentions("oldSelf");
    if transition && old.is_none() && !rule["optionalOldSelf"].bool() {
        return;
    }
    let outcome = evaluate(&expr, value, old);
    let message = match outcome {
        Ok(Value::Bool(true)) => return,
        // What the simulation does not know says nothing.
        Err(why) if why.starts_with("undeclared reference") => return,
        Err(why) => format!("{why} evaluating rule: {}", text.trim()),
        Ok(_) => message(rule, value, old),
    };
    let place = rule["fieldPath"].text();
    let shown = type_of(value);
    // A path below the value is named as it stands in the rule.
    let full = format!("{path}{place}");
    let full = full.strip_prefix('.').unwrap_or(&full);
    let path = if place.is_empty() { *path } else { Path::new(full) };
    match rule["reason"].text() {
        "FieldValueRequired" => errors.required(&path, &message),
        "FieldValueForbidden" => errors.forbidden(&path, &message),
        "FieldValueDuplicate" => errors.duplicate(&path, shown),
        _ => errors.invalid(&path, shown, &message),
    }
}

fn evaluate(expr: &Expr, value: &Value, old: Option<&Value>) -> Result<Value, String> {
    let mut names = vec![("self", value.clone())];
    if let Some(old) = old {
        names.push(("oldSelf", old.clone()));
    }
    run(expr, &mut Scope::new(names))
}

fn message(rule: &Value, value: &Value, old: Option<&Value>) -> String {
    if let Ok(expr) = cel::parse(rule["messageExpression"].text())
        && let Ok(said) = evaluate(&expr, value, old)
        && !said.text().trim().is_empty()
    {
        return said.text().to_string();
    }
    match rule["message"].text() {
        "" => format!("failed rule: {}", rule["rule"].text().trim()),
        message => message.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    fn said(rule: &str, value: Value, old: Option<Value>) -> Vec<String> {
        let schema = value!({"x-kubernetes-validations": [{"rule": rule}]});
        let mut errors = Errors::default();
        judge(&schema, &value, old.as_ref(), &Path::new("spec"), &mut errors, 50);
        errors.0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn rules_hold_or_do_not() {
        let spec = value!({"min": 2, "max": 5, "name": "web-1", "tags": ["a", "b"], "labels": {"k": "v"}});
        for good in [
            "self.min <= self.max",
            "self.name.startsWith('web') && self.name.matches('^[a-z]+-[0-9]$')",
            "self.tags.all(t, size(t) == 1) && 'a' in self.tags && !('z' in self.tags)",
            "!has(self.gone) || self.gone > 3",
            "has(self.min) ? self.min + 3 == self.max : false",
            "self.labels.exists(k, self.labels[k] == 'v')",
            "self.tags.map(t, t + '!') == ['a!', 'b!'] && self.tags.filter(t, t != 'a').size() == 1",
            "self.min * 2 == 4 && self.max % 2 == 1 && -self.min < 0",
            "quantity('1Gi').isGreaterThan(quantity('1Mi'))",
        ] {
            assert_eq!(said(good, spec.clone(), None), [""; 0], "{good}");
        }
        for (bad, why) in [
            ("self.min > self.max", "spec: Invalid value: \"object\": failed rule: self.min > self.max"),
            (
                "self.none == 1",
                "spec: Invalid value: \"object\": no such key: none evaluating rule: self.none == 1",
            ),
        ] {
            assert_eq!(said(bad, spec.clone(), None), [why]);
        }
        let fixed = "self.name == oldSelf.name";
        assert_eq!(said(fixed, spec.clone(), None), [""; 0]);
        let other = value!({"name": "other"});
        assert_eq!(said(fixed, spec, Some(other)).len(), 1);
        assert!(unreadable("self.x ==").is_some() && unreadable("self.x == 1").is_none());
    }
}
