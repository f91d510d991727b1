//! Judging the types of an expression before it is ever evaluated (`cel-go/checker`): all that is wrong, in
//! the checker's words and with the place.

use super::signatures;
use super::types::Ty;
use super::{COMPREHENSIONS, Expr, Node, located, parse};
use drydock_machinery::Value;

/// The type of an expression over these names.
///
/// # Errors
/// Everything that is wrong, each problem with the line it is in.
pub(crate) fn check(text: &str, names: &[(&str, Ty)]) -> Result<Ty, String> {
    let expr = parse(text)?;
    let mut checker = Checker {
        names: names.iter().map(|(n, ty)| ((*n).to_string(), ty.clone())).collect(),
        problems: Vec::new(),
    };
    let ty = checker.judge(&expr);
    match checker.problems.is_empty() {
        true => Ok(ty),
        false => {
            let lines = checker.problems.iter().map(|(at, what)| located(text, *at, what));
            Err(lines.collect::<Vec<_>>().join("\n"))
        }
    }
}

struct Checker {
    names: Vec<(String, Ty)>,
    problems: Vec<(usize, String)>,
}

impl Checker {
    fn problem(&mut self, at: usize, what: String) -> Ty {
        self.problems.push((at, what));
        Ty::Dyn
    }
    fn judge(&mut self, expr: &Expr) -> Ty {
        let at = expr.at;
        match &expr.node {
            Node::Literal(value) => match value {
                Value::Null => Ty::Null,
                Value::Bool(_) => Ty::Bool,
                Value::Int(_) => Ty::Int,
                Value::Float(_) => Ty::Double,
                _ => Ty::Text,
            },
            Node::Name(name) => match self.names.iter().rev().find(|n| n.0 == *name) {
                Some((_, ty)) => ty.clone(),
                // Names of types stand for themselves.
                None if is_type(name) => Ty::Type,
                None => self.problem(at, format!("undeclared reference to '{name}' (in container '')")),
            },
            Node::Member(inner, name, maybe) => {
                let inner = self.judge(inner);
                let found = self.member(at, inner, name);
                if *maybe { Ty::Optional(found.into()) } else { found }
            }
            Node::Index(inner, index, maybe) => {
                let (inner, index) = (self.judge(inner), self.judge(index));
                let found = self.index(at, inner, &index);
                if *maybe { Ty::Optional(found.into()) } else { found }
            }
            Node::Not(inner) => {
                let inner = self.judge(inner);
                match inner.fits(&Ty::Bool) {
                    true => Ty::Bool,
                    false => self.mismatch(at, "!_", &[inner]),
                }
            }
            Node::Negate(inner) => match self.judge(inner) {
                ty @ (Ty::Int | Ty::Double | Ty::Dyn | Ty::Duration) => ty,
                ty => self.mismatch(at, "-_", &[ty]),
            },
            Node::Choice(test, yes, no) => {
                let all = [self.judge(test), self.judge(yes), self.judge(no)];
                match &all {
                    [test, yes, no] if test.fits(&Ty::Bool) && yes.fits(no) => {
                        if *yes == Ty::Dyn || *yes == Ty::Null { no.clone() } else { yes.clone() }
                    }
                    _ => self.mismatch(at, "_?_:_", &all),
                }
            }
            Node::List(items) => {
                let mut inner: Option<Ty> = None;
                for item in items {
                    let ty = self.judge(item);
                    match &inner {
                        Some(known) if !ty.fits(known) => {
                            let what = format!("expected type '{known}' but found '{ty}'");
                            self.problem(item.at, what);
                        }
                        Some(_) => {}
                        None => inner = Some(ty),
                    }
                }
                Ty::List(inner.unwrap_or(Ty::Dyn).into())
            }
            Node::Map(entries) => {
                let mut inner = (Ty::Dyn, Ty::Dyn);
                for (key, value) in entries {
                    inner = (self.judge(key), self.judge(value));
                }
                Ty::Map(inner.0.into(), inner.1.into())
            }
            Node::Binary(operator, left, right) => {
                let (left, right) = (self.judge(left), self.judge(right));
                match binary(operator, &left, &right) {
                    Some(ty) => ty,
                    None => {
                        let name =
                            if *operator == "in" { "@in".to_string() } else { format!("_{operator}_") };
                        self.mismatch(at, &name, &[left, right])
                    }
                }
            }
            Node::Call(name, receiver, arguments) => self.call(expr, name, receiver.as_deref(), arguments),
        }
    }
    fn member(&mut self, at: usize, inner: Ty, name: &str) -> Ty {
        match inner {
            Ty::Dyn => Ty::Dyn,
            Ty::Map(_, value) => *value,
            Ty::Optional(inner) => {
                let found = self.member(at, *inner, name);
                Ty::Optional(found.into())
            }
            object @ Ty::Object(..) => match object.field(name) {
                Some(ty) => ty,
                None => self.problem(at, format!("undefined field '{}'", escaped(name))),
            },
            other => self.problem(at, format!("type '{other}' does not support field selection")),
        }
    }
    fn index(&mut self, at: usize, inner: Ty, index: &Ty) -> Ty {
        match inner {
            Ty::Dyn => Ty::Dyn,
            Ty::List(item) if index.fits(&Ty::Int) => *item,
            Ty::Map(key, value) if index.fits(&key) => *value,
            Ty::Optional(inner) => {
                let found = self.index(at, *inner, index);
                Ty::Optional(found.into())
            }
            other => self.mismatch(at, "_[_]", &[other, index.clone()]),
        }
    }
    fn mismatch(&mut self, at: usize, name: &str, given: &[Ty]) -> Ty {
        let given: Vec<String> = given.iter().map(Ty::to_string).collect();
        self.problem(
            at,
            format!("found no matching overload for '{name}' applied to '({})'", given.join(", ")),
        )
    }
    fn call(&mut self, expr: &Expr, name: &str, receiver: Option<&Expr>, arguments: &[Expr]) -> Ty {
        let at = expr.at;
        if name == "has" && receiver.is_none() {
            return match arguments {
                [one] if matches!(one.node, Node::Member(..)) => {
                    self.judge(one);
                    Ty::Bool
                }
                _ => self.problem(at, "invalid argument to has() macro".into()),
            };
        }
        if let (Some(receiver), [first, rest @ ..]) = (receiver, arguments)
            && let Node::Name(variable) = &first.node
            && COMPREHENSIONS.contains(&name)
            && !rest.is_empty()
        {
            return self.comprehension(name, receiver, variable, rest);
        }
        let spaced = expr.qualified();
        let name = spaced.as_deref().unwrap_or(name);
        let receiver = receiver.filter(|_| spaced.is_none()).map(|r| self.judge(r));
        let given: Vec<Ty> = arguments.iter().map(|a| self.judge(a)).collect();
        if !signatures::is_known(name) {
            return self.problem(at, format!("undeclared reference to '{name}' (in container '')"));
        }
        if let Some(ty) = signatures::result(name, receiver.as_ref(), &given) {
            return match (name, given.first()) {
                ("optional.of" | "optional.ofNonZeroValue", Some(inner)) => {
                    Ty::Optional(inner.clone().into())
                }
                _ => ty,
            };
        }
        match receiver {
            None => self.mismatch(at, name, &given),
            Some(own) => {
                let given: Vec<String> = given.iter().map(Ty::to_string).collect();
                let given = given.join(", ");
                self.problem(
                    at,
                    format!("found no matching overload for '{name}' applied to '{own}.({given})'"),
                )
            }
        }
    }
    fn comprehension(&mut self, name: &str, receiver: &Expr, variable: &str, rest: &[Expr]) -> Ty {
        let range = self.judge(receiver);
        let item = match &range {
            Ty::Dyn => Ty::Dyn,
            Ty::List(item) => (**item).clone(),
            Ty::Map(key, _) => (**key).clone(),
            other => {
                let what = format!(
                    "expression of type '{other}' cannot be range of a comprehension (must be list, map, or dynamic)"
                );
                self.problem(receiver.at, what)
            }
        };
        self.names.push((variable.to_string(), item.clone()));
        let types: Vec<Ty> = rest.iter().map(|r| self.judge(r)).collect();
        self.names.pop();
        let (first, last) =
            (types.first().cloned().unwrap_or(Ty::Dyn), types.last().cloned().unwrap_or(Ty::Dyn));
        let asks = name != "map" || types.len() > 1;
        if asks && !first.fits(&Ty::Bool) {
            let place = rest.first().map_or(receiver.at, |r| r.at);
            return match name {
                "all" => self.mismatch(place, "_&&_", &[Ty::Bool, first]),
                "exists" => self.mismatch(place, "_||_", &[Ty::Bool, first]),
                _ => self.mismatch(
                    place,
                    "_?_:_",
                    &[first, Ty::List(item.clone().into()), Ty::List(item.into())],
                ),
            };
        }
        match name {
            "map" => Ty::List(last.into()),
            "filter" => Ty::List(item.into()),
            _ => Ty::Bool,
        }
    }
}

fn is_type(name: &str) -> bool {
    let types = ["int", "uint", "double", "string", "bool", "bytes", "list", "map", "null_type", "type"];
    types.contains(&name)
}

/// A field's name as an expression has to write it.
fn escaped(name: &str) -> String {
    name.replace('-', "__dash__").replace('.', "__dot__").replace('/', "__slash__")
}

fn binary(operator: &str, a: &Ty, b: &Ty) -> Option<Ty> {
    use Ty::{Bool, Bytes, Double, Duration, Dyn, Int, List, Text, Time, Uint};
    let number = |ty: &Ty| matches!(ty, Int | Uint | Double | Dyn);
    let one = || if *a == Dyn { b.clone() } else { a.clone() };
    let any = *a == Dyn || *b == Dyn;
    match operator {
        "&&" | "||" => (a.fits(&Bool) && b.fits(&Bool)).then_some(Bool),
        "==" | "!=" => a.fits(b).then_some(Bool),
        "<" | "<=" | ">" | ">=" => {
            let ordered = |ty: &Ty| matches!(ty, Bool | Text | Bytes | Time | Duration | Dyn);
            (number(a) && number(b) || ordered(a) && ordered(b) && a.fits(b) || any).then_some(Bool)
        }
        "in" => match b {
            Dyn => Some(Bool),
            List(item) => a.fits(item).then_some(Bool),
            Ty::Map(key, _) => a.fits(key).then_some(Bool),
            _ => None,
        },
        "+" => match (a, b) {
            (Time, Duration) | (Duration, Time) => Some(Time),
            (Int | Uint | Double | Text | Bytes | Duration, _) if a == b => Some(a.clone()),
            (List(x), List(y)) if x.fits(y) => Some(a.clone()),
            _ if any => Some(one()),
            _ => None,
        },
        "-" => match (a, b) {
            (Time, Time) => Some(Duration),
            (Time, Duration) => Some(Time),
            (Int | Uint | Double | Duration, _) if a == b => Some(a.clone()),
            _ if any => Some(one()),
            _ => None,
        },
        "%" => (matches!(a, Int | Uint | Dyn) && (a == b || any)).then(one),
        _ => (number(a) && (a == b || any)).then(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    fn judged(rule: &str) -> Result<String, String> {
        let schema = value!({"type": "object", "properties": {
            "min": {"type": "integer"}, "name": {"type": "string"}, "when": {"type": "string", "format": "date-time"},
            "tags": {"type": "array", "items": {"type": "string"}}, "port": {"x-kubernetes-int-or-string": true},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}}}});
        check(rule, &[("self", Ty::of_schema(&schema, false))]).map(|ty| ty.to_string())
    }

    #[test]
    fn types_are_known_before_anything_is_evaluated() {
        for (rule, ty) in [
            ("self.min <= 3 && self.name.startsWith('a')", "bool"),
            ("self.tags.map(t, size(t))", "list(int)"),
            ("self.labels.all(k, self.labels[k] != '')", "bool"),
            ("self.port == 80 || self.port == 'http'", "bool"),
            ("timestamp('2020-01-01T00:00:00Z') - self.when", "duration"),
            ("quantity('1Gi').isGreaterThan(quantity('1Mi'))", "bool"),
            ("self.?name.orValue('x')", "string"),
            ("!format.dns1123Label().validate(self.name).hasValue()", "bool"),
            ("sets.contains(self.tags, ['a']) ? 1 : 2", "int"),
        ] {
            assert_eq!(judged(rule), Ok(ty.to_string()), "{rule}");
        }
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        for (rule, at, what) in [
            ("self.nope > 1", 5, "undefined field 'nope'"),
            ("self.name > 1", 11, "found no matching overload for '_>_' applied to '(string, int)'"),
            ("foo(self.min)", 4, "undeclared reference to 'foo' (in container '')"),
            ("selff.min == 1", 1, "undeclared reference to 'selff' (in container '')"),
            (
                "self.name.startsWith(1)",
                21,
                "found no matching overload for 'startsWith' applied to 'string.(int)'",
            ),
            ("self.min.x == 1", 9, "type 'int' does not support field selection"),
            (
                "self.min ==",
                12,
                "Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}",
            ),
        ] {
            let want = format!("ERROR: <input>:1:{at}: {what}\n | {rule}\n | {}^", ".".repeat(at - 1));
            assert_eq!(judged(rule), Err(want), "{rule}");
        }
    }
}
