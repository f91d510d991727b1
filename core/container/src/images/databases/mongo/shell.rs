//! What mongosh's statements do to a server's collections, and what they print.
//!
//! Left out: replica sets, sharding, indexes that speed anything up, transactions, change streams,
//! JavaScript beyond calls on `db`.

use drydock_machinery::sort::Arrange;
mod database;
use database::{db, user_doc};
mod collection;
use collection::method;

use super::bson::Bson;
use super::query;
use super::script::{Link, Script, read};
use drydock_machinery::limits;
use std::collections::BTreeMap;

/// A server's documents and users.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Data {
    /// Documents by database and collection, in the order they came.
    pub databases: BTreeMap<String, BTreeMap<String, Vec<Bson>>>,
    /// Name, database, password, roles.
    pub users: Vec<(String, String, String, Vec<String>)>,
    /// Indexes besides `_id_`: database, collection, name, keys.
    pub indexes: Vec<(String, String, String, Bson)>,
}

/// Who asks, when, and how it is printed.
pub struct Caller<'a> {
    pub database: String,
    /// Signed in, or nobody needs to be.
    pub known: bool,
    pub old: bool,
    pub version: &'a str,
    pub now: i64,
    pub ids: &'a mut dyn FnMut() -> String,
}

/// What a line printed, and the database it leaves one in.
pub struct Said {
    pub text: String,
    pub error: bool,
    pub database: String,
    pub end: bool,
}

enum Out {
    Nothing,
    Value(Bson),
    /// A cursor's documents.
    Docs(Vec<Bson>, bool),
    Text(String),
    End,
}

type Ran = Result<Out, String>;

fn doc(fields: &[(&str, Bson)]) -> Bson {
    Bson::Doc(fields.iter().map(|(k, v)| ((*k).to_string(), v.clone())).collect())
}
fn text(t: &str) -> Bson {
    Bson::Text(t.into())
}
fn ok() -> Bson {
    doc(&[("ok", Bson::Int(1))])
}

/// Runs a line.
pub fn run(data: &mut Data, caller: &mut Caller<'_>, line: &str) -> Said {
    let mut said = Said { text: String::new(), error: false, database: caller.database.clone(), end: false };
    let plain = line.trim().trim_end_matches(';').trim();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let simple = match *words.as_slice() {
        [] => Some(Ok(Out::Nothing)),
        ["show", what] => Some(show(data, caller, what)),
        ["use", name] => {
            let same = caller.database == name;
            caller.database = name.trim_matches(['"', '\'']).to_string();
            Some(Ok(Out::Text(if same && !caller.old { format!("already on db {name}") } else { format!("switched to db {}", caller.database) })))
        }
        ["exit" | "quit"] => Some(Ok(Out::End)),
        ["it"] => Some(Ok(Out::Text("no cursor".into()))),
        ["help"] => Some(Ok(Out::Text("\n  Shell Help:\n\n    use                                        Set current database\n    show                                       'show databases'/'show dbs': Print a list of all available databases\n                                               'show collections'/'show tables': Print a list of all collections for current database\n                                               'show users': Print a list of all users for current database\n    exit                                       Quit the MongoDB shell with exit/exit()/.exit\n\n  For more information on usage: https://mongodb.com/docs/manual/reference/method\n".into()))),
        _ => None,
    };
    let mut outs: Vec<Ran> = Vec::new();
    match simple {
        Some(out) => outs.push(out),
        None => match read(plain, caller.now, caller.ids) {
            Err(error) => outs.push(Err(error)),
            Ok(scripts) => {
                for script in scripts {
                    let out = statement(data, caller, script);
                    let failed = out.is_err();
                    outs.push(out);
                    if failed {
                        break;
                    }
                }
            }
        },
    }
    said.database = caller.database.clone();
    let last = outs.len().saturating_sub(1);
    for (n, out) in outs.into_iter().enumerate() {
        match out {
            Err(error) => {
                said.error = true;
                said.text += &format!("{error}\n");
            }
            Ok(Out::End) => said.end = true,
            // Only the last statement's value is shown.
            Ok(Out::Text(t)) => said.text += &format!("{t}\n"),
            Ok(out) if n == last => said.text += &shown(caller.old, out),
            Ok(_) => {}
        }
    }
    said
}

fn shown(old: bool, out: Out) -> String {
    match out {
        Out::Value(Bson::Text(t)) => format!("{t}\n"),
        Out::Value(v) if old => format!("{}\n", v.tabbed(0)),
        Out::Value(v) => format!("{}\n", v.inspect()),
        Out::Docs(docs, pretty) if old => {
            docs.iter().take(20).map(|d| if pretty { d.tabbed(0) } else { d.one_line() } + "\n").collect()
        }
        Out::Docs(docs, _) if docs.is_empty() => "\n".into(),
        Out::Docs(docs, _) => {
            let more = if docs.len() > 20 { "Type \"it\" for more\n" } else { "" };
            format!("{}\n{more}", Bson::Array(docs.into_iter().take(20).collect()).inspect())
        }
        Out::Nothing | Out::Text(_) | Out::End => String::new(),
    }
}

fn size(docs: usize) -> (f64, String) {
    let kib = 40.0 + (docs / 64) as f64 * 4.0;
    (kib * 1024.0, format!("{kib:.2} KiB"))
}

fn guard(caller: &Caller<'_>, command: &str) -> Result<(), String> {
    if caller.known {
        return Ok(());
    }
    Err(format!("MongoServerError[Unauthorized]: Command {command} requires authentication"))
}

fn show(data: &Data, caller: &Caller<'_>, what: &str) -> Ran {
    match what {
        "dbs" | "databases" => {
            guard(caller, "listDatabases")?;
            let mut names: Vec<(String, String)> =
                [("admin", "40.00 KiB"), ("config", "12.00 KiB"), ("local", "40.00 KiB")]
                    .map(|(n, s)| (n.to_string(), s.to_string()))
                    .to_vec();
            names.extend(
                data.databases
                    .iter()
                    .filter(|d| !d.1.is_empty())
                    .map(|(n, d)| (n.clone(), size(d.values().map(Vec::len).sum()).1)),
            );
            names.arrange();
            let widest = names.iter().map(|n| n.0.len()).max().unwrap_or(0);
            let lines: Vec<String> = names
                .iter()
                .map(|(n, s)| match caller.old {
                    true => format!("{n:<widest$}  0.000GB"),
                    false => format!("{n:<widest$}  {s:>9}"),
                })
                .collect();
            Ok(Out::Text(lines.join("\n")))
        }
        "collections" | "tables" => {
            guard(caller, "listCollections")?;
            let names: Vec<&str> = data
                .databases
                .get(&caller.database)
                .into_iter()
                .flat_map(|d| d.keys().map(String::as_str))
                .collect();
            Ok(if names.is_empty() { Out::Nothing } else { Out::Text(names.join("\n")) })
        }
        "users" => {
            guard(caller, "usersInfo")?;
            let list = data.users.iter().filter(|u| u.1 == caller.database).map(user_doc).collect();
            Ok(Out::Value(Bson::Array(list)))
        }
        "roles" | "profile" | "logs" | "log" => Ok(Out::Value(Bson::Array(Vec::new()))),
        other => Err(format!(
            "MongoshInvalidInputError: [COMMON-10001] '{other}' is not a valid argument for \"show\"."
        )),
    }
}

fn statement(data: &mut Data, caller: &mut Caller<'_>, script: Script) -> Ran {
    let chain = match script {
        Script::Value(value) => return Ok(Out::Value(value)),
        Script::Other(source) => {
            return Err(format!(
                "MongoshUnimplementedError: [COMMON-10002] the sandbox runs calls on db only, not: {}",
                source.lines().next().unwrap_or("")
            ));
        }
        Script::Chain(chain) => chain,
    };
    let Some((root, rest)) = chain.split_first() else { return Ok(Out::Nothing) };
    match root.name.as_str() {
        "db" => db(data, caller, rest),
        "rs" => match rest.first().map(|l| l.name.as_str()) {
            Some("status" | "conf" | "config" | "printReplicationInfo") => {
                Err("MongoServerError[NoReplicationEnabled]: not running with --replSet".into())
            }
            Some("initiate" | "add" | "reconfig") => Err(
                "MongoServerError[NoReplicationEnabled]: This node was not started with replication enabled."
                    .into(),
            ),
            _ => Err("MongoshUnimplementedError: [COMMON-10002] replica sets are not simulated".into()),
        },
        "sh" => Err("MongoshInvalidInputError: [SHAPI-10003] sh.status() only works on mongos".into()),
        "print" | "printjson" => {
            let args = root.args.clone().unwrap_or_default();
            let inner = |v: &Bson| match v {
                Bson::Text(t) => t.clone(),
                v if caller.old => v.tabbed(0),
                v => v.inspect(),
            };
            Ok(Out::Text(args.iter().map(inner).collect::<Vec<_>>().join(" ")))
        }
        "quit" | "exit" => Ok(Out::End),
        "version" => Ok(Out::Value(text("2.5.8"))),
        "use" => {
            if let Some(Bson::Text(name)) = root.args.as_ref().and_then(|a| a.first()) {
                caller.database = name.clone();
                return Ok(Out::Text(format!("switched to db {name}")));
            }
            Ok(Out::Nothing)
        }
        "cls" => Ok(Out::Nothing),
        other => Err(format!("ReferenceError: {other} is not defined")),
    }
}
