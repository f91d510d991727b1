//! Calls on a collection.

use super::*;
use drydock_machinery::sort::Arrange;

pub(super) fn method(
    data: &mut Data,
    caller: &mut Caller<'_>,
    database: &str,
    collection: &str,
    chain: &[Link],
) -> Ran {
    let Some((call, rest)) = chain.split_first() else {
        return Ok(Out::Value(text(&format!("{database}.{collection}"))));
    };
    let args = call.args.clone().unwrap_or_default();
    let empty = Bson::Doc(Vec::new());
    let arg = |n: usize| args.get(n).unwrap_or(&empty);
    let server = |e: String| format!("MongoServerError: {e}");
    let old = caller.old;
    let command = match call.name.as_str() {
        "insertOne" | "insertMany" | "insert" | "save" => "insert",
        "updateOne" | "updateMany" | "update" | "replaceOne" => "update",
        "deleteOne" | "deleteMany" | "remove" => "delete",
        "aggregate" | "countDocuments" => "aggregate",
        _ => "find",
    };
    guard(caller, command)?;
    let docs = data.databases.get(database).and_then(|d| d.get(collection)).cloned().unwrap_or_default();
    let matching = |filter: &Bson| -> Result<Vec<usize>, String> {
        let mut out = Vec::new();
        for (n, d) in docs.iter().enumerate() {
            if query::fits(d, filter).map_err(server)? {
                out.push(n);
            }
        }
        Ok(out)
    };
    let picked = |found: &[usize]| found.iter().filter_map(|n| docs.get(*n)).cloned().collect::<Vec<Bson>>();
    let number = |n: usize| Bson::Int(n as i64);
    let acknowledged = ("acknowledged", Bson::Bool(true));
    match call.name.as_str() {
        "insertOne" | "insertMany" | "insert" | "save" => {
            let list = match args.first() {
                Some(Bson::Array(list)) => list.clone(),
                Some(d @ Bson::Doc(_)) => vec![d.clone()],
                _ => {
                    return Err(format!(
                        "MongoshInvalidInputError: [COMMON-10001] Missing required argument at position 0 (Collection.{})",
                        call.name
                    ));
                }
            };
            let all: usize = data.databases.values().flat_map(|d| d.values().map(Vec::len)).sum();
            if all + list.len() > limits::SQL_ROWS {
                return Err(server("the sandbox's limit of documents is exceeded".into()));
            }
            let mut ids = Vec::new();
            for mut d in list {
                if d.get("_id").is_none() {
                    let id = Bson::Id((caller.ids)());
                    if let Bson::Doc(fields) = &mut d {
                        fields.insert(0, ("_id".into(), id));
                    }
                }
                let id = d.get("_id").cloned().unwrap_or(Bson::Null);
                let there =
                    data.databases.entry(database.into()).or_default().entry(collection.into()).or_default();
                let unique: Vec<Bson> = data
                    .indexes
                    .iter()
                    .filter(|i| i.0 == database && i.1 == collection && i.3.get("unique").is_some())
                    .filter_map(|i| i.3.get("key").cloned())
                    .collect();
                let clash = there.iter().any(|o| o.get("_id") == Some(&id));
                let other = unique.iter().find_map(|key| match key {
                    Bson::Doc(fields) => fields
                        .first()
                        .map(|f| f.0.clone())
                        .filter(|f| d.get(f).is_some() && there.iter().any(|o| o.get(f) == d.get(f))),
                    _ => None,
                });
                if clash || other.is_some() {
                    let (field, value) = other.map_or(("_id".to_string(), id), |f| {
                        (f.clone(), d.get(&f).cloned().unwrap_or(Bson::Null))
                    });
                    return Err(server(format!(
                        "E11000 duplicate key error collection: {database}.{collection} index: {field}_{} dup key: {{ {field}: {} }}",
                        if field == "_id" { "" } else { "1" },
                        value.one_line()
                    )));
                }
                there.push(d);
                ids.push(id);
            }
            let numbered =
                || Bson::Doc(ids.iter().enumerate().map(|(n, id)| (n.to_string(), id.clone())).collect());
            Ok(match call.name.as_str() {
                "insertOne" => Out::Value(doc(&[
                    acknowledged,
                    ("insertedId", ids.first().cloned().unwrap_or(Bson::Null)),
                ])),
                "insertMany" if old => Out::Value(doc(&[acknowledged, ("insertedIds", Bson::Array(ids))])),
                _ if old && ids.len() == 1 => Out::Text("WriteResult({ \"nInserted\" : 1 })".into()),
                _ => Out::Value(doc(&[acknowledged, ("insertedIds", numbered())])),
            })
        }
        "find" | "findOne" => {
            let mut found = picked(&matching(arg(0))?);
            let mut projection = args.get(1).cloned();
            let (mut pretty, mut count, mut list, mut skip, mut limit) = (false, false, false, 0, usize::MAX);
            for link in rest {
                let value = link.args.as_ref().and_then(|a| a.first()).cloned().unwrap_or(Bson::Null);
                let n = value.number().unwrap_or(0.0).max(0.0) as usize;
                match link.name.as_str() {
                    "sort" => query::sort(&mut found, &value),
                    "limit" => limit = if n == 0 { usize::MAX } else { n },
                    "skip" => skip = n,
                    "pretty" => pretty = true,
                    "count" | "size" | "itcount" => count = true,
                    "toArray" => list = true,
                    "projection" => projection = Some(value),
                    "hint" | "batchSize" | "maxTimeMS" | "next" | "hasNext" => {}
                    other => {
                        return Err(format!(
                            "TypeError: db.{collection}.find(...).{other} is not a function"
                        ));
                    }
                }
            }
            let found: Vec<Bson> = found
                .into_iter()
                .skip(skip)
                .take(limit)
                .map(|d| projection.as_ref().map_or(d.clone(), |p| query::project(&d, p)))
                .collect();
            Ok(match call.name.as_str() {
                _ if count => Out::Value(number(found.len())),
                "findOne" => Out::Value(found.into_iter().next().unwrap_or(Bson::Null)),
                _ if list => Out::Value(Bson::Array(found)),
                _ => Out::Docs(found, pretty),
            })
        }
        "countDocuments" | "count" | "estimatedDocumentCount" => {
            Ok(Out::Value(number(matching(arg(0))?.len())))
        }
        "distinct" => {
            let Some(Bson::Text(field)) = args.first() else {
                return Err("MongoshInvalidInputError: [COMMON-10001] Missing required argument at position 0 (Collection.distinct)".into());
            };
            let mut values: Vec<Bson> = Vec::new();
            for d in picked(&matching(arg(1))?) {
                if let Some(v) = d.get(field).filter(|v| !values.contains(v)) {
                    values.push(v.clone());
                }
            }
            values.arrange_by(Bson::order);
            Ok(Out::Value(Bson::Array(values)))
        }
        "aggregate" => {
            let stages = match args.first() {
                Some(Bson::Array(list)) => list.clone(),
                _ => args.clone(),
            };
            Ok(Out::Docs(query::aggregate(docs, &stages).map_err(server)?, false))
        }
        "updateOne" | "updateMany" | "update" | "replaceOne" | "findOneAndUpdate" | "deleteOne"
        | "deleteMany" | "remove" | "findOneAndDelete" => {
            if args.is_empty() {
                return Err(format!(
                    "MongoshInvalidInputError: [COMMON-10001] Missing required argument at position 0 (Collection.{})",
                    call.name
                ));
            }
            let mut found = matching(arg(0))?;
            let many = call.name.ends_with("Many")
                || call.name == "remove"
                || arg(2).get("multi") == Some(&Bson::Bool(true));
            if !many {
                found.truncate(1);
            }
            if matches!(call.name.as_str(), "deleteOne" | "deleteMany" | "remove" | "findOneAndDelete") {
                let gone = picked(&found);
                if let Some(there) = data.databases.get_mut(database).and_then(|d| d.get_mut(collection)) {
                    there.retain(|d| !gone.contains(d));
                }
                return Ok(match call.name.as_str() {
                    "findOneAndDelete" => Out::Value(gone.into_iter().next().unwrap_or(Bson::Null)),
                    "remove" if old => Out::Text(format!("WriteResult({{ \"nRemoved\" : {} }})", gone.len())),
                    _ => Out::Value(doc(&[acknowledged, ("deletedCount", number(gone.len()))])),
                });
            }
            let replace = call.name == "replaceOne"
                || (call.name == "update"
                    && !matches!(arg(1), Bson::Doc(f) if f.iter().any(|f| f.0.starts_with('$'))));
            let changed = |d: &Bson, inserting: bool| -> Result<Bson, String> {
                if !replace {
                    return query::update(d, arg(1), inserting).map_err(|e| {
                        match e.starts_with("Update document") {
                            true => format!("MongoInvalidArgumentError: {e}"),
                            false => server(e),
                        }
                    });
                }
                let mut new = arg(1).clone();
                if let (Bson::Doc(fields), Some(id)) = (&mut new, d.get("_id")) {
                    fields.retain(|f| f.0 != "_id");
                    fields.insert(0, ("_id".into(), id.clone()));
                }
                Ok(new)
            };
            let mut modified = 0;
            let mut upserted = Bson::Null;
            for at in &found {
                let Some(d) = docs.get(*at) else { continue };
                let new = changed(d, false)?;
                modified += usize::from(new != *d);
                if let Some(slot) = data
                    .databases
                    .get_mut(database)
                    .and_then(|x| x.get_mut(collection))
                    .and_then(|x| x.get_mut(*at))
                {
                    *slot = new;
                }
            }
            if found.is_empty() && arg(2).get("upsert") == Some(&Bson::Bool(true)) {
                let mut base = Bson::Doc(vec![("_id".into(), Bson::Id((caller.ids)()))]);
                if let Bson::Doc(fields) = arg(0) {
                    for (k, v) in
                        fields.iter().filter(|f| !f.0.starts_with('$') && !matches!(&f.1, Bson::Doc(_)))
                    {
                        base.set(k, v.clone());
                    }
                }
                let new = changed(&base, true)?;
                upserted = new.get("_id").cloned().unwrap_or(Bson::Null);
                data.databases
                    .entry(database.into())
                    .or_default()
                    .entry(collection.into())
                    .or_default()
                    .push(new);
            }
            if call.name == "findOneAndUpdate" {
                return Ok(Out::Value(picked(&found).into_iter().next().unwrap_or(Bson::Null)));
            }
            if old && call.name == "update" {
                return Ok(Out::Text(format!(
                    "WriteResult({{ \"nMatched\" : {}, \"nUpserted\" : {}, \"nModified\" : {modified} }})",
                    found.len(),
                    u8::from(upserted != Bson::Null)
                )));
            }
            let up = number(usize::from(upserted != Bson::Null));
            Ok(Out::Value(match old {
                true => doc(&[
                    acknowledged,
                    ("matchedCount", number(found.len())),
                    ("modifiedCount", number(modified)),
                ]),
                false => doc(&[
                    acknowledged,
                    ("insertedId", upserted),
                    ("matchedCount", number(found.len())),
                    ("modifiedCount", number(modified)),
                    ("upsertedCount", up),
                ]),
            }))
        }
        "drop" => {
            data.indexes.retain(|i| !(i.0 == database && i.1 == collection));
            let there = data.databases.get_mut(database).is_some_and(|d| d.remove(collection).is_some());
            Ok(Out::Value(Bson::Bool(there || !old)))
        }
        "renameCollection" => {
            let Some(Bson::Text(to)) = args.first() else {
                return Err("MongoshInvalidInputError: [COMMON-10001] Missing required argument at position 0 (Collection.renameCollection)".into());
            };
            let Some(d) = data.databases.get_mut(database) else {
                return Err(server("source namespace does not exist".into()));
            };
            let Some(content) = d.remove(collection) else {
                return Err(server("source namespace does not exist".into()));
            };
            d.insert(to.clone(), content);
            Ok(Out::Value(ok()))
        }
        "createIndex" | "ensureIndex" => {
            let Bson::Doc(keys) = arg(0) else {
                return Err("MongoshInvalidInputError: [COMMON-10001] Missing required argument at position 0 (Collection.createIndex)".into());
            };
            let name: Vec<String> =
                keys.iter().map(|(k, v)| format!("{k}_{}", v.inspect().trim_matches('\''))).collect();
            let name = name.join("_");
            let mut stored = doc(&[("v", Bson::Int(2)), ("key", arg(0).clone()), ("name", text(&name))]);
            if arg(1).get("unique") == Some(&Bson::Bool(true)) {
                stored.set("unique", Bson::Bool(true));
            }
            data.indexes.retain(|i| !(i.0 == database && i.1 == collection && i.2 == name));
            data.databases.entry(database.into()).or_default().entry(collection.into()).or_default();
            data.indexes.push((database.into(), collection.into(), name.clone(), stored));
            Ok(Out::Value(text(&name)))
        }
        "getIndexes" => {
            let mut list = vec![doc(&[
                ("v", Bson::Int(2)),
                ("key", doc(&[("_id", Bson::Int(1))])),
                ("name", text("_id_")),
            ])];
            list.extend(
                data.indexes.iter().filter(|i| i.0 == database && i.1 == collection).map(|i| i.3.clone()),
            );
            Ok(Out::Value(Bson::Array(list)))
        }
        "stats" => Ok(Out::Value(doc(&[
            ("ok", Bson::Int(1)),
            ("ns", text(&format!("{database}.{collection}"))),
            ("count", number(docs.len())),
            ("size", number(docs.len() * 64)),
        ]))),
        other => Err(format!("TypeError: db.{collection}.{other} is not a function")),
    }
}
