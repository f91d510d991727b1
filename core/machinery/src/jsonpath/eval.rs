//! The evaluator: every node turns a list of values into a list of values; `range` and `end` repeat the
//! nodes between them.

use super::{Bound, Node};
use crate::Value;
use std::cmp::Ordering;

type Eval<T> = Result<T, String>;

/// Values one template may touch: nested ranges over everything would never end.
const MOST: usize = 2_000_000;

struct Evaluator<'a> {
    nodes: &'a [Node],
    allow_missing: bool,
    begin: usize,
    within: usize,
    end: usize,
    /// Position of the `end` met last.
    last_end: usize,
    touched: usize,
}

/// The values of each text and expression in turn.
pub(super) fn results(nodes: &[Node], value: &Value, allow_missing: bool) -> Eval<Vec<Vec<Value>>> {
    let mut evaluator =
        Evaluator { nodes, allow_missing, begin: 0, within: 0, end: 0, last_end: 0, touched: 0 };
    evaluator.run(0, value)
}

/// One group of results as text.
pub(super) fn print(group: &[Value]) -> String {
    let texts: Vec<String> = group
        .iter()
        .map(|value| match value {
            Value::Map(_) | Value::List(_) | Value::Null => crate::json::to_string(value),
            _ => crate::text::go_print(value),
        })
        .collect();
    texts.join(" ")
}

impl Evaluator<'_> {
    fn run(&mut self, from: usize, value: &Value) -> Eval<Vec<Vec<Value>>> {
        let mut groups = Vec::new();
        let mut at = from;
        let nodes = self.nodes;
        while let Some(node) = nodes.get(at) {
            let results = self.walk(vec![value.clone()], node)?;
            if self.end > 0 && self.end <= self.within {
                self.end -= 1;
                self.last_end = at;
                break;
            }
            if self.begin > 0 {
                self.begin -= 1;
                self.within += 1;
                if results.is_empty() {
                    // The body is walked all the same, to find its end.
                    self.run(at + 1, &Value::Null)?;
                }
                for value in &results {
                    groups.extend(self.run(at + 1, value)?);
                }
                self.within -= 1;
                if self.last_end > at {
                    at = self.last_end;
                }
            } else {
                groups.push(results);
            }
            at += 1;
        }
        Ok(groups)
    }
    fn list(&mut self, values: Vec<Value>, nodes: &[Node]) -> Eval<Vec<Value>> {
        nodes.iter().try_fold(values, |values, node| self.walk(values, node))
    }
    fn walk(&mut self, values: Vec<Value>, node: &Node) -> Eval<Vec<Value>> {
        self.touched += values.len() + 1;
        if self.touched > MOST {
            return Err("template touches too many values".into());
        }
        match node {
            Node::List(nodes) => self.list(values, nodes),
            Node::Text(text) => Ok(vec![Value::from(text)]),
            Node::Constant(value) => Ok(values.iter().map(|_| value.clone()).collect()),
            Node::Field(name) => self.field(&values, name),
            Node::Slice(bounds) => slice(&values, bounds),
            Node::Wildcard => Ok(values.iter().flat_map(children).collect()),
            Node::Recursive => {
                let mut out = Vec::new();
                self.descend(&values, &mut out)?;
                Ok(out)
            }
            Node::Union(parts) => {
                let mut out = Vec::new();
                for part in parts {
                    out.extend(self.list(values.clone(), part)?);
                }
                Ok(out)
            }
            Node::Filter { left, operator, right } => self.filter(&values, left, operator, right),
            Node::Identifier(name) => {
                match name.as_str() {
                    "range" => self.begin += 1,
                    "end" if self.within > 0 => self.end += 1,
                    "end" => return Err("not in range, nothing to end".into()),
                    _ => return Err(format!("unrecognized identifier {name}")),
                }
                Ok(if name == "range" { values } else { Vec::new() })
            }
        }
    }
    fn field(&self, values: &[Value], name: &str) -> Eval<Vec<Value>> {
        let found: Vec<Value> = values.iter().filter_map(|value| value.find(name).cloned()).collect();
        if found.is_empty() && !values.is_empty() && !self.allow_missing {
            return Err(format!("{name} is not found"));
        }
        Ok(found)
    }
    fn descend(&mut self, values: &[Value], out: &mut Vec<Value>) -> Eval<()> {
        for value in values {
            let inner = children(value);
            if inner.is_empty() {
                continue;
            }
            self.touched += inner.len();
            if self.touched > MOST {
                return Err("template touches too many values".into());
            }
            out.push(value.clone());
            self.descend(&inner, out)?;
        }
        Ok(())
    }
    fn filter(
        &mut self,
        values: &[Value],
        left: &[Node],
        operator: &str,
        right: &[Node],
    ) -> Eval<Vec<Value>> {
        let mut out = Vec::new();
        for value in values {
            let Value::List(items) = value else {
                let text = crate::text::go_print(value);
                return Err(format!("{text} is not array or slice and cannot be filtered"));
            };
            for item in items.iter() {
                let lefts = self.list(vec![item.clone()], left);
                if operator == "exists" {
                    if lefts.is_ok_and(|found| !found.is_empty()) {
                        out.push(item.clone());
                    }
                    continue;
                }
                let Some(a) = single(lefts?)? else { continue };
                let Some(b) = single(self.list(vec![item.clone()], right)?)? else { continue };
                if compare(&a, operator, &b)? {
                    out.push(item.clone());
                }
            }
        }
        Ok(out)
    }
}

fn single(mut found: Vec<Value>) -> Eval<Option<Value>> {
    if found.len() > 1 {
        return Err("can only compare one element at a time".into());
    }
    Ok(found.pop())
}

fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::List(items) => items.to_vec(),
        Value::Map(entries) => entries.iter().map(|e| e.1.clone()).collect(),
        _ => Vec::new(),
    }
}

/// Comparison as Go's templates do it: like with like only.
fn compare(a: &Value, operator: &str, b: &Value) -> Eval<bool> {
    let basic = |v: &Value| !matches!(v, Value::Null | Value::List(_) | Value::Map(_));
    if !basic(a) || !basic(b) {
        return Err("invalid type for comparison".into());
    }
    let ordering = match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => match operator {
            "==" => return Ok(a == b),
            "!=" => return Ok(a != b),
            _ => return Err("invalid type for comparison".into()),
        },
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        _ => match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => Some(a.cmp(b)),
            _ => return Err("incompatible types for comparison".into()),
        },
    };
    let Some(ordering) = ordering else { return Ok(operator == "!=") };
    match operator {
        "==" => Ok(ordering == Ordering::Equal),
        "!=" => Ok(ordering != Ordering::Equal),
        "<" => Ok(ordering == Ordering::Less),
        ">" => Ok(ordering == Ordering::Greater),
        "<=" => Ok(ordering != Ordering::Greater),
        ">=" => Ok(ordering != Ordering::Less),
        _ => Err(format!("unrecognized filter operator {operator}")),
    }
}

fn slice(values: &[Value], bounds: &[Bound; 3]) -> Eval<Vec<Value>> {
    let [first, second, third] = *bounds;
    let mut out = Vec::new();
    for value in values {
        let items = match value {
            Value::List(items) => items,
            Value::Null => continue,
            _ => return Err(format!("{} is not array or slice", go_type(value))),
        };
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let mut from = if first.known { first.value } else { 0 };
        if from < 0 {
            from += length;
        }
        let mut to = if second.known { second.value } else { length };
        if to < 0 || (to == 0 && second.derived) {
            to += length;
        }
        if from == to {
            return Ok(out);
        }
        if from >= length || from < 0 {
            return Err(format!("array index out of bounds: index {from}, length {length}"));
        }
        if to > length || to < 0 {
            return Err(format!("array index out of bounds: index {}, length {length}", to - 1));
        }
        if from > to {
            return Err(format!("starting index {from} is greater than ending index {to}"));
        }
        if third.known && third.value <= 0 {
            return Err("step must be > 0".into());
        }
        let step = if third.known { usize::try_from(third.value).unwrap_or(1) } else { 1 };
        let (skip, take) = (usize::try_from(from).unwrap_or(0), usize::try_from(to - from).unwrap_or(0));
        out.extend(items.iter().skip(skip).take(take).step_by(step).cloned());
    }
    Ok(out)
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::Map(_) => "map[string]interface {}",
        _ => "string",
    }
}
