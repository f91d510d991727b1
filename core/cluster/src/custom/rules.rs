//! `x-kubernetes-validations`: rules a schema demands of its values
//! (`apiextensions-apiserver/pkg/apiserver/schema/cel`, v1.33), judged with their types when the definition
//! is written. Left out: the estimated cost of a rule.

use super::schema::{counterpart, type_of};
use crate::cel::run::{Scope, run};
use crate::cel::types::Ty;
use crate::cel::worth::{Worth, of_schema};
use crate::cel::{self, Expr, check};
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
        ask(rule, schema, value, old, path, errors);
    }
    match value {
        Value::List(items) => {
            // Only items that are known by their keys have a past.
            let keyed = schema["x-kubernetes-list-type"] == "map";
            let known = old.filter(|_| keyed).map_or(&[][..], Value::items);
            for (at, item) in items.iter().enumerate() {
                let before = counterpart(schema, item, at, known);
                judge(schema.get("items"), item, before, &path.index(at), errors, depth - 1);
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

/// What is wrong with a rule of a schema itself, as errors below `path`.
pub(crate) fn misread(rule: &Value, schema: &Value, root: bool, path: &Path<'_>, errors: &mut Errors) {
    const REASONS: &[&str] =
        &["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"];
    let (text, message) = (rule["rule"].text(), &rule["message"]);
    if text.trim().is_empty() {
        errors.required(&path.child("rule"), "rule is not specified");
        return;
    }
    if !message.is_null() && message.text().trim().is_empty() {
        errors.invalid(&path.child("message"), message, "message must be non-empty if specified");
    } else if message.text().contains(['\n', '\r']) {
        errors.invalid(&path.child("message"), message, "message must not contain line breaks");
    } else if text.contains(['\n', '\r']) && message.is_null() {
        let detail = "message must be specified if rule contains line breaks";
        errors.required(&path.child("message"), detail);
    }
    let reason = rule["reason"].text();
    if !rule["reason"].is_null() && !REASONS.contains(&reason) {
        errors.unsupported(&path.child("reason"), reason, REASONS);
    }
    let own = Ty::of_schema(schema, root);
    let past = if rule["optionalOldSelf"].bool() { Ty::Optional(own.clone().into()) } else { own.clone() };
    let names = [("self", own), ("oldSelf", past)];
    let mut fail = |field: &str, detail: String| errors.invalid(&path.child(field), rule, &detail);
    match check::check(text, &names) {
        Err(why) => fail("rule", format!("compilation failed: {why}")),
        Ok(Ty::Bool | Ty::Dyn) => {}
        Ok(_) => fail("rule", "cel expression must evaluate to a bool".into()),
    }
    let said = rule["messageExpression"].text();
    if said.is_empty() {
        return;
    }
    match check::check(said, &names) {
        Err(why) => fail("messageExpression", format!("messageExpression compilation failed: {why}")),
        Ok(Ty::Text | Ty::Dyn) => {}
        Ok(_) => fail("messageExpression", "messageExpression must evaluate to a string".into()),
    }
}

/// A rule as complaints about it name it.
fn name(rule: &Value) -> &str {
    match rule["message"].text().trim() {
        "" => rule["rule"].text().trim(),
        message => message,
    }
}

fn ask(
    rule: &Value,
    schema: &Value,
    value: &Value,
    old: Option<&Value>,
    path: &Path<'_>,
    errors: &mut Errors,
) {
    let Ok(expr) = cel::parse(rule["rule"].text()) else { return };
    let optional = rule["optionalOldSelf"].bool();
    if expr.mentions("oldSelf") && old.is_none() && !optional {
        return;
    }
    let shown = type_of(value);
    let message = match evaluate(&expr, schema, value, old, optional) {
        Ok(Worth::Data(Value::Bool(true))) => return,
        Err(why) => {
            let detail = if why.starts_with("no such overload") {
                format!(
                    "'{why}': call arguments did not match a supported operator, function or macro signature for rule: {}",
                    name(rule)
                )
            } else if why.starts_with("operation cancelled") {
                format!(
                    "'{why}': no further validation rules will be run due to call cost exceeds limit for rule: {}",
                    name(rule)
                )
            } else {
                format!("{why} evaluating rule: {}", name(rule))
            };
            errors.invalid(path, shown, &detail);
            return;
        }
        Ok(_) => message(rule, schema, value, old),
    };
    let place = rule["fieldPath"].text();
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

fn evaluate(
    expr: &Expr,
    schema: &Value,
    value: &Value,
    old: Option<&Value>,
    optional: bool,
) -> Result<Worth, String> {
    let mut names = vec![("self", of_schema(schema, value))];
    let past = old.map(|old| of_schema(schema, old));
    if optional {
        names.push(("oldSelf", Worth::Optional(past.map(Box::new))));
    } else if let Some(past) = past {
        names.push(("oldSelf", past));
    }
    run(expr, &mut Scope::new(names))
}

fn message(rule: &Value, schema: &Value, value: &Value, old: Option<&Value>) -> String {
    if let Ok(expr) = cel::parse(rule["messageExpression"].text())
        && let Ok(said) = evaluate(&expr, schema, value, old, rule["optionalOldSelf"].bool())
        && let Ok(said) = said.text()
        && !said.trim().is_empty()
        && !said.contains('\n')
    {
        return said.trim().to_string();
    }
    match rule["message"].text().trim() {
        "" => format!("failed rule: {}", name(rule)),
        message => message.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    fn said(rule: &str, value: Value, old: Option<Value>) -> Vec<String> {
        let schema = value!({"x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-validations": [{"rule": rule}]});
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
            "quantity('1Gi').isGreaterThan(quantity('1Mi')) && quantity('1500m').add(1).compareTo(quantity('2500m')) == 0",
            "cidr('10.0.0.0/8').containsIP('10.1.2.3') && !cidr('10.0.0.0/8').containsIP(ip('11.0.0.1'))",
            "isIP('::1') && !isIP('x') && ip('127.0.0.1').isLoopback() && ip.isCanonical('10.0.0.1')",
            "url('https://a.b:8080/c?d=e').getPort() == '8080' && url('https://a.b/c?d=e').getQuery()['d'] == ['e']",
            "duration('90m') > duration('1h') && duration('90m').getHours() == 1",
            "timestamp('2020-01-02T00:00:00Z') - timestamp('2020-01-01T00:00:00Z') == duration('24h')",
            "'%s has %d of %.1f'.format(['a', 2, 3.0]) == 'a has 2 of 3.0'",
            "self.?gone.orValue(7) == 7 && self.?min.hasValue() && optional.of(3).value() == 3",
            "format.dns1123Label().validate('A_b').hasValue() && !format.dns1123Label().validate('a-b').hasValue()",
            "sets.contains(self.tags, ['a']) && !sets.intersects(self.tags, ['z']) && 'a,b'.split(',') == self.tags",
            "self.name.find('[0-9]+') == '1' && 'aXbXc'.replace('X', '-') == 'a-b-c' && [1, 3].max() == 3 && [1, 3].sum() == 4",
            "type(self.min) == type(1) && int('5') == 5 && string(self.min) == '2'",
        ] {
            assert_eq!(said(good, spec.clone(), None), [""; 0], "{good}");
        }
        for (bad, why) in [
            ("self.min > self.max", "spec: Invalid value: \"object\": failed rule: self.min > self.max"),
            (
                "self.name > 1",
                "spec: Invalid value: \"object\": 'no such overload': call arguments did not match a supported operator, function or macro signature for rule: self.name > 1",
            ),
            (
                "1 / (self.min - 2) > 0",
                "spec: Invalid value: \"object\": division by zero evaluating rule: 1 / (self.min - 2) > 0",
            ),
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
    }
}
