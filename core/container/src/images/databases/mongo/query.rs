//! Filters, updates, sorting and projection of documents.

use super::bson::Bson;
use drydock_machinery::sort::Arrange;
use std::cmp::Ordering;

/// Whether a document fits a filter.
///
/// # Errors
/// Of an operator that is not known.
pub fn fits(doc: &Bson, filter: &Bson) -> Result<bool, String> {
    let Bson::Doc(fields) = filter else { return Ok(true) };
    for (key, wanted) in fields {
        let all = |list: &Bson| -> Result<Vec<bool>, String> {
            match list {
                Bson::Array(list) => list.iter().map(|f| fits(doc, f)).collect(),
                _ => Err(format!("{key} must be an array")),
            }
        };
        let hit = match key.as_str() {
            "$and" => all(wanted)?.into_iter().all(|b| b),
            "$or" => all(wanted)?.into_iter().any(|b| b),
            "$nor" => !all(wanted)?.into_iter().any(|b| b),
            key if key.starts_with('$') => {
                return Err(format!(
                    "unknown top level operator: {key}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField."
                ));
            }
            key => field(doc.get(key), wanted)?,
        };
        if !hit {
            return Ok(false);
        }
    }
    Ok(true)
}

fn same(value: &Bson, wanted: &Bson) -> bool {
    match (value, wanted) {
        (Bson::Text(t), Bson::Regex(p, any_case)) => matches(t, p, *any_case),
        (Bson::Array(list), w) if !matches!(w, Bson::Array(_)) => list.iter().any(|v| same(v, w)),
        _ => value.order(wanted).is_eq(),
    }
}

fn matches(text: &str, pattern: &str, any_case: bool) -> bool {
    let regex = regex_lite::RegexBuilder::new(pattern).case_insensitive(any_case).size_limit(1 << 18).build();
    regex.is_ok_and(|r| r.is_match(text))
}

fn field(value: Option<&Bson>, wanted: &Bson) -> Result<bool, String> {
    let operators = matches!(wanted, Bson::Doc(f) if f.first().is_some_and(|f| f.0.starts_with('$')));
    let Bson::Doc(ops) = wanted else { return Ok(value.map_or(*wanted == Bson::Null, |v| same(v, wanted))) };
    if !operators {
        return Ok(value.is_some_and(|v| same(v, wanted)));
    }
    for (op, arg) in ops {
        let compared = |hit: fn(Ordering) -> bool| {
            let one = |v: &Bson| {
                (v.kind() == arg.kind() || (v.number().is_some() && arg.number().is_some()))
                    && hit(v.order(arg))
            };
            value.is_some_and(|v| match v {
                Bson::Array(list) => list.iter().any(one),
                v => one(v),
            })
        };
        let listed = || match arg {
            Bson::Array(list) => Ok(list.iter().any(|w| value.map_or(*w == Bson::Null, |v| same(v, w)))),
            _ => Err(format!("{op} needs an array")),
        };
        let hit = match op.as_str() {
            "$eq" => value.map_or(*arg == Bson::Null, |v| same(v, arg)),
            "$ne" => !value.map_or(*arg == Bson::Null, |v| same(v, arg)),
            "$gt" => compared(Ordering::is_gt),
            "$gte" => compared(Ordering::is_ge),
            "$lt" => compared(Ordering::is_lt),
            "$lte" => compared(Ordering::is_le),
            "$in" => listed()?,
            "$nin" => !listed()?,
            "$exists" => value.is_some() == (arg.number() != Some(0.0)),
            "$not" => !field(value, arg)?,
            "$regex" => match (value, arg) {
                (Some(Bson::Text(t)), Bson::Text(p) | Bson::Regex(p, _)) => {
                    let any_case = matches!(arg, Bson::Regex(_, true))
                        || ops
                            .iter()
                            .any(|o| o.0 == "$options" && matches!(&o.1, Bson::Text(t) if t.contains('i')));
                    matches(t, p, any_case)
                }
                _ => false,
            },
            "$options" => true,
            "$size" => matches!(value, Some(Bson::Array(l)) if arg.number() == Some(l.len() as f64)),
            "$type" => matches!((value, arg), (Some(v), Bson::Text(t)) if v.kind() == t),
            "$all" => match (value, arg) {
                (Some(v), Bson::Array(list)) => list.iter().all(|w| same(v, w)),
                _ => false,
            },
            other => return Err(format!("unknown operator: {other}")),
        };
        if !hit {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A document after an update.
///
/// # Errors
/// Of an unknown operator, and of an update without one.
pub fn update(doc: &Bson, change: &Bson, inserting: bool) -> Result<Bson, String> {
    let mut doc = doc.clone();
    let Bson::Doc(ops) = change else { return Err("Update document requires atomic operators".into()) };
    if ops.is_empty() || ops.iter().any(|o| !o.0.starts_with('$')) {
        return Err("Update document requires atomic operators".into());
    }
    for (op, fields) in ops {
        let Bson::Doc(fields) = fields else {
            return Err(format!(
                "Modifiers operate on fields but we found type {} instead. For example: {{$mod: {{<field>: ...}}}} not {{{op}: {}}}",
                fields.kind(),
                fields.one_line()
            ));
        };
        for (path, value) in fields {
            let old = doc.get(path).cloned();
            if path == "_id" && old.as_ref().is_some_and(|o| o != value) && op == "$set" {
                return Err(
                    "Performing an update on the path '_id' would modify the immutable field '_id'".into()
                );
            }
            match op.as_str() {
                "$set" => doc.set(path, value.clone()),
                "$setOnInsert" if inserting => doc.set(path, value.clone()),
                "$setOnInsert" => {}
                "$unset" => doc.unset(path),
                "$inc" | "$mul" => {
                    let old = match &old {
                        None => 0.0,
                        Some(o) => o.number().ok_or_else(|| format!("Cannot apply {op} to a value of non-numeric type. {{_id: {}}} has the field '{path}' of non-numeric type {}", doc.get("_id").map_or(String::new(), Bson::one_line), o.kind()))?,
                    };
                    let by = value.number().ok_or_else(|| {
                        format!(
                            "Cannot {} with non-numeric argument: {{{path}: {}}}",
                            if op == "$inc" { "increment" } else { "multiply" },
                            value.one_line()
                        )
                    })?;
                    doc.set(path, Bson::of_number(if op == "$inc" { old + by } else { old * by }));
                }
                "$push" | "$addToSet" => {
                    let mut list = match old {
                        Some(Bson::Array(list)) => list,
                        None => Vec::new(),
                        Some(other) => {
                            return Err(format!(
                                "The field '{path}' must be an array but is of type {} in document {{_id: {}}}",
                                other.kind(),
                                doc.get("_id").map_or(String::new(), Bson::one_line)
                            ));
                        }
                    };
                    let each = match value.get("$each") {
                        Some(Bson::Array(all)) => all.clone(),
                        _ => vec![value.clone()],
                    };
                    for item in each {
                        if op == "$push" || !list.contains(&item) {
                            list.push(item);
                        }
                    }
                    doc.set(path, Bson::Array(list));
                }
                "$pull" => {
                    if let Some(Bson::Array(mut list)) = old {
                        list.retain(|v| !same(v, value));
                        doc.set(path, Bson::Array(list));
                    }
                }
                "$rename" => {
                    if let (Some(old), Bson::Text(to)) = (old, value) {
                        doc.unset(path);
                        doc.set(to, old);
                    }
                }
                other => {
                    return Err(format!(
                        "Unknown modifier: {other}. Expected a valid update modifier or pipeline-style update specified as an array"
                    ));
                }
            }
        }
    }
    Ok(doc)
}

/// Sorts by fields, 1 up and -1 down.
pub fn sort(docs: &mut [Bson], by: &Bson) {
    let Bson::Doc(fields) = by else { return };
    docs.arrange_by(|a, b| {
        for (path, way) in fields {
            let (x, y) = (a.get(path).unwrap_or(&Bson::Null), b.get(path).unwrap_or(&Bson::Null));
            let order = if way.number().is_some_and(|n| n < 0.0) { y.order(x) } else { x.order(y) };
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    });
}

/// Only the fields asked for, or all but those.
#[must_use]
pub fn project(doc: &Bson, wanted: &Bson) -> Bson {
    let Bson::Doc(fields) = wanted else { return doc.clone() };
    let on = |v: &Bson| v.number() != Some(0.0);
    let including = fields.iter().any(|(k, v)| k != "_id" && on(v));
    if !including {
        let mut out = doc.clone();
        fields.iter().filter(|f| !on(&f.1)).for_each(|f| out.unset(&f.0));
        return out;
    }
    let mut out = Bson::Doc(Vec::new());
    if let (Some(id), false) = (doc.get("_id"), fields.iter().any(|(k, v)| k == "_id" && !on(v))) {
        out.set("_id", id.clone());
    }
    for (path, value) in fields.iter().filter(|f| f.0 != "_id") {
        match value {
            Bson::Text(from) => {
                if let Some(v) = from.strip_prefix('$').and_then(|f| doc.get(f)) {
                    out.set(path, v.clone());
                }
            }
            _ => {
                if let Some(v) = doc.get(path) {
                    out.set(path, v.clone());
                }
            }
        }
    }
    out
}

/// `$match`, `$sort`, `$limit`, `$skip`, `$project`, `$count` and `$group` with its usual sums.
///
/// # Errors
/// Of an unknown stage.
pub fn aggregate(mut docs: Vec<Bson>, stages: &[Bson]) -> Result<Vec<Bson>, String> {
    for stage in stages {
        let Bson::Doc(stage) = stage else {
            return Err("Each element of the 'pipeline' array must be an object".into());
        };
        let [(op, arg)] = stage.as_slice() else {
            return Err("A pipeline stage specification object must contain exactly one field.".into());
        };
        let count = arg.number().unwrap_or(0.0) as usize;
        match op.as_str() {
            "$match" => {
                let mut kept = Vec::new();
                for doc in docs {
                    if fits(&doc, arg)? {
                        kept.push(doc);
                    }
                }
                docs = kept;
            }
            "$sort" => sort(&mut docs, arg),
            "$limit" => docs.truncate(count),
            "$skip" => _ = docs.drain(..count.min(docs.len())),
            "$project" => docs = docs.iter().map(|d| project(d, arg)).collect(),
            "$count" => {
                docs = vec![Bson::Doc(vec![(
                    arg.inspect().trim_matches('\'').to_string(),
                    Bson::Int(docs.len() as i64),
                )])]
            }
            "$group" => docs = group(&docs, arg)?,
            other => return Err(format!("Unrecognized pipeline stage name: '{other}'")),
        }
    }
    Ok(docs)
}

fn value_of(doc: &Bson, expr: &Bson) -> Bson {
    match expr {
        Bson::Text(t) => t
            .strip_prefix('$')
            .map_or_else(|| expr.clone(), |path| doc.get(path).cloned().unwrap_or(Bson::Null)),
        Bson::Doc(fields) => Bson::Doc(fields.iter().map(|(k, v)| (k.clone(), value_of(doc, v))).collect()),
        other => other.clone(),
    }
}

fn group(docs: &[Bson], by: &Bson) -> Result<Vec<Bson>, String> {
    let Bson::Doc(fields) = by else { return Err("a group's fields must be specified in an object".into()) };
    let id = by.get("_id").ok_or("a group specification must include an _id")?;
    let mut groups: Vec<(Bson, Vec<&Bson>)> = Vec::new();
    for doc in docs {
        let key = value_of(doc, id);
        match groups.iter_mut().find(|g| g.0 == key) {
            Some((_, list)) => list.push(doc),
            None => groups.push((key, vec![doc])),
        }
    }
    let mut out = Vec::new();
    for (key, list) in groups {
        let mut made = Bson::Doc(vec![("_id".into(), key)]);
        for (name, rule) in fields.iter().filter(|f| f.0 != "_id") {
            let Bson::Doc(rule) = rule else {
                return Err(format!("The field '{name}' must be an accumulator object"));
            };
            let Some((op, arg)) = rule.first() else {
                return Err(format!("The field '{name}' must specify one accumulator"));
            };
            let values: Vec<Bson> = list.iter().map(|d| value_of(d, arg)).collect();
            let numbers: Vec<f64> = values.iter().filter_map(Bson::number).collect();
            let value = match op.as_str() {
                "$sum" => Bson::of_number(numbers.iter().sum()),
                "$avg" if numbers.is_empty() => Bson::Null,
                "$avg" => Bson::of_number(numbers.iter().sum::<f64>() / numbers.len() as f64),
                "$min" => values.iter().min_by(|a, b| a.order(b)).cloned().unwrap_or(Bson::Null),
                "$max" => values.iter().max_by(|a, b| a.order(b)).cloned().unwrap_or(Bson::Null),
                "$first" => values.first().cloned().unwrap_or(Bson::Null),
                "$last" => values.last().cloned().unwrap_or(Bson::Null),
                "$push" => Bson::Array(values),
                "$count" => Bson::Int(list.len() as i64),
                other => return Err(format!("unknown group operator '{other}'")),
            };
            made.set(name, value);
        }
        out.push(made);
    }
    Ok(out)
}
