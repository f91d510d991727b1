//! Calls on db itself.

use super::*;

pub(super) fn db(data: &mut Data, caller: &mut Caller<'_>, chain: &[Link]) -> Ran {
    let out = call(data, caller, chain)?;
    // db.runCommand("ping").ok
    let fields = chain.get(1..).filter(|c| !c.is_empty() && c.iter().all(|l| l.args.is_none()));
    let answers = chain.first().is_some_and(|f| {
        f.args.is_some()
            && ["runCommand", "adminCommand", "hello", "isMaster", "stats", "serverStatus"]
                .contains(&&*f.name)
    });
    match (out, fields) {
        (Out::Value(value), Some(fields)) if answers => {
            let path: Vec<&str> = fields.iter().map(|f| f.name.as_str()).collect();
            Ok(value.get(&path.join(".")).cloned().map_or(Out::Nothing, Out::Value))
        }
        (out, _) => Ok(out),
    }
}

fn call(data: &mut Data, caller: &mut Caller<'_>, chain: &[Link]) -> Ran {
    let Some((first, rest)) = chain.split_first() else { return Ok(Out::Value(text(&caller.database))) };
    let arg = |n: usize| first.args.as_ref().and_then(|a| a.get(n)).cloned();
    let name = caller.database.clone();
    let Some(_) = &first.args else {
        if rest.is_empty() {
            return Ok(Out::Value(text(&format!("{name}.{}", first.name))));
        }
        // db.a.b.find(): a collection's name may have dots.
        let calls = rest.iter().position(|l| l.args.is_some()).unwrap_or(rest.len());
        let mut collection = first.name.clone();
        for link in rest.iter().take(calls) {
            collection += &format!(".{}", link.name);
        }
        return method(data, caller, &name, &collection, rest.get(calls..).unwrap_or(&[]));
    };
    match first.name.as_str() {
        "getCollection" => match arg(0) {
            Some(Bson::Text(collection)) => method(data, caller, &name, &collection, rest),
            _ => Err("MongoshInvalidInputError: [COMMON-10001] Missing required argument at position 0 (Database.getCollection)".into()),
        },
        "getSiblingDB" | "getMongo" => {
            let other = match arg(0) {
                Some(Bson::Text(other)) => other,
                _ => name.clone(),
            };
            let back = std::mem::replace(&mut caller.database, other);
            let out = if first.name == "getMongo" { Ok(Out::Value(text("mongodb://127.0.0.1:27017/?directConnection=true&serverSelectionTimeoutMS=2000"))) } else { db(data, caller, rest) };
            caller.database = back;
            out
        }
        "getName" => Ok(Out::Value(text(&name))),
        "version" => Ok(Out::Value(text(caller.version))),
        "hello" | "isMaster" => Ok(Out::Value(doc(&[(if first.name == "hello" { "isWritablePrimary" } else { "ismaster" }, Bson::Bool(true)), ("maxBsonObjectSize", Bson::Int(16_777_216)), ("maxMessageSizeBytes", Bson::Int(48_000_000)), ("maxWriteBatchSize", Bson::Int(100_000)), ("localTime", Bson::Date(caller.now)), ("connectionId", Bson::Int(7)), ("minWireVersion", Bson::Int(0)), ("maxWireVersion", Bson::Int(25)), ("readOnly", Bson::Bool(false)), ("ok", Bson::Int(1))]))),
        "runCommand" | "adminCommand" => {
            let command = match arg(0) {
                Some(Bson::Text(t)) => t,
                Some(Bson::Doc(f)) => f.first().map(|f| f.0.clone()).unwrap_or_default(),
                _ => String::new(),
            };
            match command.as_str() {
                "ping" => Ok(Out::Value(ok())),
                "hello" | "isMaster" | "ismaster" => db(data, caller, &[Link { name: "hello".into(), args: Some(Vec::new()) }]),
                "buildInfo" | "buildinfo" => Ok(Out::Value(doc(&[("version", text(caller.version)), ("ok", Bson::Int(1))]))),
                "listDatabases" => Ok(Out::Value(doc(&[("databases", Bson::Array(data.databases.keys().map(|n| doc(&[("name", text(n))])).collect())), ("ok", Bson::Int(1))]))),
                "shutdown" => Err("MongoServerError: shutdown must run from localhost when running db without auth".into()),
                other => Err(format!("MongoServerError[CommandNotFound]: no such command: '{other}'")),
            }
        }
        "getCollectionNames" => {
            guard(caller, "listCollections")?;
            let names = data.databases.get(&name).into_iter().flat_map(|d| d.keys().map(|n| text(n))).collect();
            Ok(Out::Value(Bson::Array(names)))
        }
        "createCollection" => {
            guard(caller, "create")?;
            let Some(Bson::Text(collection)) = arg(0) else { return Err("MongoshInvalidInputError: [COMMON-10001] Missing required argument at position 0 (Database.createCollection)".into()) };
            let database = data.databases.entry(name.clone()).or_default();
            if database.contains_key(&collection) {
                return Err(format!("MongoServerError[NamespaceExists]: Collection {name}.{collection} already exists."));
            }
            database.insert(collection, Vec::new());
            Ok(Out::Value(ok()))
        }
        "dropDatabase" => {
            guard(caller, "dropDatabase")?;
            data.databases.remove(&name);
            data.indexes.retain(|i| i.0 != name);
            let out = if caller.old { doc(&[("dropped", text(&name)), ("ok", Bson::Int(1))]) } else { doc(&[("ok", Bson::Int(1)), ("dropped", text(&name))]) };
            Ok(Out::Value(out))
        }
        "stats" => {
            guard(caller, "dbStats")?;
            let content = data.databases.get(&name);
            let docs: usize = content.into_iter().flat_map(|d| d.values().map(Vec::len)).sum();
            Ok(Out::Value(doc(&[("db", text(&name)), ("collections", Bson::Int(content.map_or(0, BTreeMap::len) as i64)), ("views", Bson::Int(0)), ("objects", Bson::Int(docs as i64)), ("dataSize", Bson::Int(docs as i64 * 64)), ("storageSize", Bson::Int(size(docs).0 as i64)), ("indexes", Bson::Int(content.map_or(0, BTreeMap::len) as i64)), ("ok", Bson::Int(1))])))
        }
        "serverStatus" => {
            guard(caller, "serverStatus")?;
            Ok(Out::Value(doc(&[("host", text("mongo")), ("version", text(caller.version)), ("process", text("mongod")), ("ok", Bson::Int(1))])))
        }
        "createUser" => {
            guard(caller, "createUser")?;
            let Some(user @ Bson::Doc(_)) = arg(0) else { return Err("MongoshInvalidInputError: [COMMON-10001] Missing required property: \"user\"".into()) };
            let field = |n: &str| match user.get(n) {
                Some(Bson::Text(t)) => Some(t.clone()),
                _ => None,
            };
            let (Some(who), Some(password)) = (field("user"), field("pwd")) else { return Err("MongoshInvalidInputError: [COMMON-10001] Missing required property: \"user\"".into()) };
            if data.users.iter().any(|u| u.0 == who && u.1 == name) {
                return Err(format!("MongoServerError[Location51003]: User \"{who}@{name}\" already exists"));
            }
            let roles = match user.get("roles") {
                Some(Bson::Array(list)) => list.iter().filter_map(|r| match r {
                    Bson::Text(t) => Some(t.clone()),
                    r => r.get("role").map(|t| t.inspect().trim_matches('\'').to_string()),
                }).collect(),
                _ => Vec::new(),
            };
            data.users.push((who, name, crate::sql::store::digest(&password).to_string(), roles));
            Ok(Out::Value(ok()))
        }
        "getUsers" => Ok(Out::Value(doc(&[("users", Bson::Array(data.users.iter().filter(|u| u.1 == name).map(user_doc).collect())), ("ok", Bson::Int(1))]))),
        "dropUser" => {
            let who = arg(0).map(|a| a.inspect().trim_matches('\'').to_string()).unwrap_or_default();
            let before = data.users.len();
            data.users.retain(|u| !(u.0 == who && u.1 == name));
            if data.users.len() == before { Err(format!("MongoServerError[UserNotFound]: User '{who}@{name}' not found")) } else { Ok(Out::Value(ok())) }
        }
        "auth" => {
            let words: Vec<String> = first.args.iter().flatten().map(|a| a.inspect().trim_matches('\'').to_string()).collect();
            let known = matches!(words.as_slice(), [who, password] if data.users.iter().any(|u| u.0 == *who && u.1 == name && *u.2 == *crate::sql::store::digest(password)));
            if known { Ok(Out::Value(ok())) } else { Err("MongoServerError[AuthenticationFailed]: Authentication failed.".into()) }
        }
        other => Err(format!("TypeError: db.{other} is not a function")),
    }
}

pub(super) fn user_doc(user: &(String, String, String, Vec<String>)) -> Bson {
    let roles = user.3.iter().map(|r| doc(&[("role", text(r)), ("db", text(&user.1))])).collect();
    doc(&[
        ("_id", text(&format!("{}.{}", user.1, user.0))),
        ("user", text(&user.0)),
        ("db", text(&user.1)),
        ("roles", Bson::Array(roles)),
        ("mechanisms", Bson::Array(vec![text("SCRAM-SHA-1"), text("SCRAM-SHA-256")])),
    ])
}
