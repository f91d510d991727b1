//! What client and server say to each other: lists of texts, each with its length before it. The real
//! protocols carry the same in more messages; an exchange of the sandbox is one message and its answer.

use super::describe::Drawn;
use super::engine::Outcome;
use super::fault::Fault;

/// First bytes of every message.
const MAGIC: &[u8] = b"\x01sql\n";

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    Login {
        user: String,
        password: Option<String>,
        database: Option<String>,
        socket: bool,
    },
    Query {
        session: u32,
        text: String,
    },
    /// psql's backslash commands about the catalogue.
    Meta {
        session: u32,
        command: String,
    },
    /// A dump's text: database, tables, options.
    Dump {
        session: u32,
        database: String,
        tables: Vec<String>,
        options: Vec<String>,
    },
    Quit {
        session: u32,
    },
    /// Is anybody there? mysqladmin ping, pg_isready.
    Ping,
    /// mysqladmin shutdown.
    Shutdown {
        session: u32,
    },
}

/// What a server answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Fault(Fault),
    /// Number, version, banner, database.
    Session {
        id: u32,
        version: String,
        user: String,
    },
    Results(Vec<Outcome>),
    Drawn(Vec<Drawn>),
    Text(String),
    /// Ready, starting up.
    Pong(bool),
}

/// Packs texts.
#[must_use]
pub fn pack(parts: &[String]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    for part in parts {
        out.extend(format!("{}:", part.len()).as_bytes());
        out.extend(part.as_bytes());
    }
    out
}

/// Unpacks texts; none for what is no message of this kind.
#[must_use]
pub fn unpack(bytes: &[u8]) -> Option<Vec<String>> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let mut out = Vec::new();
    while !rest.is_empty() {
        let colon = rest.iter().position(|b| *b == b':')?;
        let (length, after) = rest.split_at_checked(colon)?;
        let length: usize = std::str::from_utf8(length).ok()?.parse().ok()?;
        let (text, after) = after.get(1..)?.split_at_checked(length)?;
        out.push(String::from_utf8_lossy(text).into_owned());
        rest = after;
    }
    Some(out)
}

fn optional(text: &Option<String>) -> String {
    text.as_ref().map_or("-".into(), |t| format!("+{t}"))
}
fn read_optional(text: &str) -> Option<String> {
    text.strip_prefix('+').map(String::from)
}

impl Ask {
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        pack(&match self {
            Ask::Login { user, password, database, socket } => {
                vec![
                    "login".into(),
                    user.clone(),
                    optional(password),
                    optional(database),
                    u8::from(*socket).to_string(),
                ]
            }
            Ask::Query { session, text } => vec!["query".into(), session.to_string(), text.clone()],
            Ask::Meta { session, command } => vec!["meta".into(), session.to_string(), command.clone()],
            Ask::Dump { session, database, tables, options } => {
                vec![
                    "dump".into(),
                    session.to_string(),
                    database.clone(),
                    tables.join("\n"),
                    options.join("\n"),
                ]
            }
            Ask::Quit { session } => vec!["quit".into(), session.to_string()],
            Ask::Ping => vec!["ping".into()],
            Ask::Shutdown { session } => vec!["shutdown".into(), session.to_string()],
        })
    }
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Ask> {
        let parts = unpack(bytes)?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let lines = |t: &str| t.split('\n').filter(|l| !l.is_empty()).map(String::from).collect();
        Some(match *parts.as_slice() {
            ["login", user, password, database, socket] => Ask::Login {
                user: user.into(),
                password: read_optional(password),
                database: read_optional(database),
                socket: socket == "1",
            },
            ["query", session, text] => Ask::Query { session: session.parse().ok()?, text: text.into() },
            ["meta", session, command] => {
                Ask::Meta { session: session.parse().ok()?, command: command.into() }
            }
            ["dump", session, database, tables, options] => Ask::Dump {
                session: session.parse().ok()?,
                database: database.into(),
                tables: lines(tables),
                options: lines(options),
            },
            ["quit", session] => Ask::Quit { session: session.parse().ok()? },
            ["shutdown", session] => Ask::Shutdown { session: session.parse().ok()? },
            ["ping"] => Ask::Ping,
            _ => return None,
        })
    }
}

fn write_fault(out: &mut Vec<String>, f: &Fault) {
    out.extend([
        f.code.to_string(),
        f.state.clone(),
        f.text.clone(),
        optional(&f.at.map(|a| a.to_string())),
        f.detail.clone(),
        f.hint.clone(),
    ]);
}

struct Parts(std::vec::IntoIter<String>);

impl Parts {
    fn text(&mut self) -> Option<String> {
        self.0.next()
    }
    fn number<T: std::str::FromStr>(&mut self) -> Option<T> {
        self.0.next()?.parse().ok()
    }
    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count: usize = self.number()?;
        let mut out = Vec::new();
        for _ in 0..count {
            out.push(one(self)?);
        }
        Some(out)
    }
    fn fault(&mut self) -> Option<Fault> {
        Some(Fault {
            code: self.number()?,
            state: self.text()?,
            text: self.text()?,
            at: read_optional(&self.text()?).and_then(|a| a.parse().ok()),
            detail: self.text()?,
            hint: self.text()?,
        })
    }
}

fn texts(out: &mut Vec<String>, list: &[String]) {
    out.push(list.len().to_string());
    out.extend(list.iter().cloned());
}

impl Reply {
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Reply::Fault(f) => {
                out.push("fault".into());
                write_fault(&mut out, f);
            }
            Reply::Session { id, version, user } => {
                out.extend(["session".into(), id.to_string(), version.clone(), user.clone()])
            }
            Reply::Text(text) => out.extend(["text".into(), text.clone()]),
            Reply::Pong(ready) => out.extend(["pong".into(), u8::from(*ready).to_string()]),
            Reply::Drawn(list) => {
                out.extend(["drawn".into(), list.len().to_string()]);
                for d in list {
                    out.push(d.title.clone());
                    texts(&mut out, &d.columns);
                    out.push(d.rows.len().to_string());
                    d.rows.iter().for_each(|r| texts(&mut out, r));
                    texts(&mut out, &d.notes);
                }
            }
            Reply::Results(list) => {
                out.extend(["results".into(), list.len().to_string()]);
                for outcome in list {
                    match outcome {
                        Outcome::Rows { columns, rows, tag } => {
                            out.extend(["rows".into(), tag.clone(), columns.len().to_string()]);
                            columns
                                .iter()
                                .for_each(|(n, number)| out.push(format!("{}{n}", u8::from(*number))));
                            out.push(rows.len().to_string());
                            rows.iter().flatten().for_each(|c| out.push(optional(c)));
                        }
                        Outcome::Done { tag, affected, info, notices } => {
                            out.extend(["done".into(), tag.clone(), affected.to_string(), info.clone()]);
                            texts(&mut out, notices);
                        }
                        Outcome::Failed(f) => {
                            out.push("failed".into());
                            write_fault(&mut out, f);
                        }
                    }
                }
            }
        }
        pack(&out)
    }
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Reply> {
        let mut p = Parts(unpack(bytes)?.into_iter());
        Some(match p.text()?.as_str() {
            "fault" => Reply::Fault(p.fault()?),
            "session" => Reply::Session { id: p.number()?, version: p.text()?, user: p.text()? },
            "text" => Reply::Text(p.text()?),
            "pong" => Reply::Pong(p.text()? == "1"),
            "drawn" => Reply::Drawn(p.list(|p| {
                Some(Drawn {
                    title: p.text()?,
                    columns: p.list(Parts::text)?,
                    rows: p.list(|p| p.list(Parts::text))?,
                    notes: p.list(Parts::text)?,
                })
            })?),
            "results" => Reply::Results(p.list(|p| {
                Some(match p.text()?.as_str() {
                    "rows" => {
                        let tag = p.text()?;
                        let columns = p.list(|p| {
                            p.text().map(|t| (t.get(1..).unwrap_or("").to_string(), t.starts_with('1')))
                        })?;
                        let width = columns.len();
                        let rows =
                            p.list(|p| (0..width).map(|_| p.text().map(|c| read_optional(&c))).collect())?;
                        Outcome::Rows { columns, rows, tag }
                    }
                    "done" => Outcome::Done {
                        tag: p.text()?,
                        affected: p.number()?,
                        info: p.text()?,
                        notices: p.list(Parts::text)?,
                    },
                    _ => Outcome::Failed(p.fault()?),
                })
            })?),
            _ => return None,
        })
    }
}
