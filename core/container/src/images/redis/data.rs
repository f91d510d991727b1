//! redis' keys and values and its commands. Error texts as redis 7 gives them.

use super::resp::Reply;
use imbl::{OrdMap, OrdSet, Vector};

pub(super) type Bytes = Vec<u8>;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stored {
    Text(Bytes),
    List(Vector<Bytes>),
    Set(OrdSet<Bytes>),
    Hash(OrdMap<Bytes, Bytes>),
    /// Members and the bits of their scores.
    Sorted(OrdMap<Bytes, u64>),
}

/// All keys of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Data {
    pub(super) keys: OrdMap<Bytes, Stored>,
    /// When keys vanish, in simulated milliseconds.
    pub(super) expires: OrdMap<Bytes, u64>,
    bytes: usize,
}

pub(super) fn wrong_type() -> Reply {
    Reply::Error("WRONGTYPE Operation against a key holding the wrong kind of value".into())
}
pub(super) fn not_integer() -> Reply {
    Reply::Error("ERR value is not an integer or out of range".into())
}
pub(super) fn syntax() -> Reply {
    Reply::Error("ERR syntax error".into())
}
pub(super) fn ok() -> Reply {
    Reply::Status("OK".into())
}
pub(super) fn number(word: &[u8]) -> Option<i64> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

impl Data {
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
    /// Runs one command at `now`.
    pub fn command(&mut self, now: u64, words: &[Bytes]) -> Reply {
        let gone: Vec<Bytes> = self.expires.iter().filter(|e| *e.1 <= now).map(|e| e.0.clone()).collect();
        for key in gone {
            self.keys.remove(&key);
            self.expires.remove(&key);
        }
        let Some((name, args)) = words.split_first() else { return Reply::Error("ERR empty command".into()) };
        let shown = String::from_utf8_lossy(name).into_owned();
        let name = shown.to_ascii_uppercase();
        let arity = |min: usize, max: usize| (min..=max).contains(&args.len());
        let many = usize::MAX;
        let fits = match name.as_str() {
            "PING" => arity(0, 1),
            "GET" | "STRLEN" | "INCR" | "DECR" | "TTL" | "PTTL" | "TYPE" | "PERSIST" | "LLEN"
            | "SMEMBERS" | "SCARD" | "HGETALL" | "HKEYS" | "HLEN" | "ECHO" | "KEYS" | "SELECT" | "GETDEL" => {
                arity(1, 1)
            }
            "SET" | "HSET" | "LPUSH" | "RPUSH" | "SADD" | "SREM" | "HDEL" | "MSET" => arity(2, many),
            "APPEND" | "INCRBY" | "DECRBY" | "EXPIRE" | "PEXPIRE" | "SISMEMBER" | "HGET" | "SETNX"
            | "RENAME" | "LINDEX" | "HEXISTS" | "GETSET" => arity(2, 2),
            "LRANGE" | "SETEX" | "HINCRBY" => arity(3, 3),
            "DEL" | "EXISTS" | "MGET" | "UNLINK" => arity(1, many),
            "LPOP" | "RPOP" => arity(1, 2),
            _ => true,
        };
        if !fits {
            return Reply::Error(format!(
                "ERR wrong number of arguments for '{}' command",
                shown.to_lowercase()
            ));
        }
        if self.bytes > 8 << 20
            && !matches!(name.as_str(), "GET" | "DEL" | "FLUSHALL" | "FLUSHDB" | "PING" | "KEYS" | "DBSIZE")
        {
            return Reply::Error("OOM command not allowed when used memory > 'maxmemory'.".into());
        }
        self.bytes += words.iter().map(Vec::len).sum::<usize>();
        let key = args.first().cloned().unwrap_or_default();
        let second = args.get(1).cloned().unwrap_or_default();
        match name.as_str() {
            "PING" => args.first().map_or(Reply::Status("PONG".into()), |a| Reply::Bulk(a.clone())),
            "ECHO" => Reply::Bulk(key),
            "SELECT" => match number(&key) {
                Some(0) => ok(),
                Some(1..=15) => Reply::Error("ERR the sandbox has one database".into()),
                Some(_) => Reply::Error("ERR DB index is out of range".into()),
                None => not_integer(),
            },
            "HELLO" => ok(),
            "COMMAND" => Reply::Many(Vec::new()),
            "TIME" => Reply::Many(vec![
                Reply::Bulk((now / 1000).to_string().into_bytes()),
                Reply::Bulk(b"0".to_vec()),
            ]),
            "DBSIZE" => Reply::Number(self.keys.len() as i64),
            "FLUSHALL" | "FLUSHDB" => {
                *self = Data::default();
                ok()
            }
            "SET" => self.set(now, args),
            "SETNX" if self.keys.contains_key(&key) => Reply::Number(0),
            "SETNX" => {
                self.keys.insert(key, Stored::Text(second));
                Reply::Number(1)
            }
            "SETEX" => match (number(&second), args.get(2)) {
                (Some(s), Some(value)) if s > 0 => {
                    self.keys.insert(key.clone(), Stored::Text(value.clone()));
                    self.expires.insert(key, now + s as u64 * 1000);
                    ok()
                }
                _ => Reply::Error("ERR invalid expire time in 'setex' command".into()),
            },
            "GETSET" => {
                let old = self.text(&key);
                self.keys.insert(key, Stored::Text(second));
                old.unwrap_or_else(|e| e)
            }
            "MSET" => {
                if !args.len().is_multiple_of(2) {
                    return Reply::Error("ERR wrong number of arguments for 'mset' command".into());
                }
                for pair in args.chunks(2) {
                    if let [key, value] = pair {
                        self.keys.insert(key.clone(), Stored::Text(value.clone()));
                    }
                }
                ok()
            }
            "MGET" => Reply::Many(args.iter().map(|k| self.text(k).unwrap_or(Reply::Nil)).collect()),
            "GET" => self.text(&key).unwrap_or_else(|e| e),
            "GETDEL" => {
                let old = self.text(&key);
                self.keys.remove(&key);
                old.unwrap_or_else(|e| e)
            }
            "STRLEN" => match self.text(&key) {
                Ok(Reply::Bulk(text)) => Reply::Number(text.len() as i64),
                Ok(_) => Reply::Number(0),
                Err(error) => error,
            },
            "APPEND" => match self.text(&key) {
                Err(error) => error,
                Ok(old) => {
                    let mut text = if let Reply::Bulk(text) = old { text } else { Vec::new() };
                    text.extend(second);
                    let size = text.len() as i64;
                    self.keys.insert(key, Stored::Text(text));
                    Reply::Number(size)
                }
            },
            "INCR" => self.add(&key, Some(1)),
            "DECR" => self.add(&key, Some(-1)),
            "INCRBY" => self.add(&key, number(&second)),
            "DECRBY" => self.add(&key, number(&second).and_then(i64::checked_neg)),
            "DEL" | "UNLINK" => {
                let gone = args.iter().filter(|k| self.keys.remove(*k).is_some()).count();
                for key in args {
                    self.expires.remove(key);
                }
                Reply::Number(gone as i64)
            }
            "EXISTS" => Reply::Number(args.iter().filter(|k| self.keys.contains_key(*k)).count() as i64),
            "RENAME" => match self.keys.remove(&key) {
                Some(value) => {
                    self.keys.insert(second, value);
                    ok()
                }
                None => Reply::Error("ERR no such key".into()),
            },
            "TYPE" => Reply::Status(
                match self.keys.get(&key) {
                    None => "none",
                    Some(Stored::Text(_)) => "string",
                    Some(Stored::List(_)) => "list",
                    Some(Stored::Set(_)) => "set",
                    Some(Stored::Hash(_)) => "hash",
                    Some(Stored::Sorted(_)) => "zset",
                }
                .into(),
            ),
            "KEYS" => Reply::Many(
                self.keys.keys().filter(|k| glob(&key, k)).map(|k| Reply::Bulk(k.clone())).collect(),
            ),
            "EXPIRE" | "PEXPIRE" => match number(&second) {
                None => not_integer(),
                Some(_) if !self.keys.contains_key(&key) => Reply::Number(0),
                Some(n) => {
                    let ms = if name == "EXPIRE" { n.saturating_mul(1000) } else { n };
                    self.expires.insert(key, now.saturating_add_signed(ms));
                    Reply::Number(1)
                }
            },
            "PERSIST" => Reply::Number(i64::from(self.expires.remove(&key).is_some())),
            "TTL" | "PTTL" => match (self.keys.contains_key(&key), self.expires.get(&key)) {
                (false, _) => Reply::Number(-2),
                (true, None) => Reply::Number(-1),
                (true, Some(at)) if name == "TTL" => Reply::Number(((at - now) as i64 + 500) / 1000),
                (true, Some(at)) => Reply::Number((at - now) as i64),
            },
            "LPUSH" | "RPUSH" | "LPOP" | "RPOP" | "LRANGE" | "LLEN" | "LINDEX" => {
                self.list(&name, key, args.get(1..).unwrap_or(&[]))
            }
            "SADD" | "SREM" | "SMEMBERS" | "SISMEMBER" | "SCARD" => {
                self.set_of(&name, key, args.get(1..).unwrap_or(&[]))
            }
            "HSET" | "HGET" | "HDEL" | "HGETALL" | "HKEYS" | "HLEN" | "HEXISTS" | "HINCRBY" => {
                self.hash_of(&name, key, args.get(1..).unwrap_or(&[]))
            }
            _ => {
                if let Some(reply) = self.more(now, &name, args) {
                    return reply;
                }
                let args: String =
                    args.iter().map(|a| format!("'{}' ", String::from_utf8_lossy(a))).collect();
                Reply::Error(format!("ERR unknown command '{shown}', with args beginning with: {args}"))
            }
        }
    }
    fn text(&self, key: &[u8]) -> Result<Reply, Reply> {
        match self.keys.get(key) {
            None => Ok(Reply::Nil),
            Some(Stored::Text(text)) => Ok(Reply::Bulk(text.clone())),
            Some(_) => Err(wrong_type()),
        }
    }
    fn set(&mut self, now: u64, args: &[Bytes]) -> Reply {
        let [key, value, options @ ..] = args else { return syntax() };
        let mut expires = None;
        let mut words = options.iter();
        while let Some(word) = words.next() {
            match word.to_ascii_uppercase().as_slice() {
                b"NX" if self.keys.contains_key(key) => return Reply::Nil,
                b"XX" if !self.keys.contains_key(key) => return Reply::Nil,
                b"NX" | b"XX" => {}
                unit @ (b"EX" | b"PX") => {
                    let scale = if unit == b"EX" { 1000 } else { 1 };
                    match words.next().and_then(|n| number(n)) {
                        Some(n) if n > 0 => expires = Some(now.saturating_add(n as u64 * scale)),
                        Some(_) => return Reply::Error("ERR invalid expire time in 'set' command".into()),
                        None => return not_integer(),
                    }
                }
                _ => return syntax(),
            }
        }
        self.keys.insert(key.clone(), Stored::Text(value.clone()));
        match expires {
            Some(at) => _ = self.expires.insert(key.clone(), at),
            None => _ = self.expires.remove(key),
        }
        ok()
    }
    fn add(&mut self, key: &[u8], by: Option<i64>) -> Reply {
        let Some(by) = by else { return not_integer() };
        let old = match self.text(key) {
            Ok(Reply::Bulk(text)) => number(&text),
            Ok(_) => Some(0),
            Err(error) => return error,
        };
        match old.and_then(|n| n.checked_add(by)) {
            None => not_integer(),
            Some(n) => {
                self.keys.insert(key.to_vec(), Stored::Text(n.to_string().into_bytes()));
                Reply::Number(n)
            }
        }
    }
    /// How many keys will vanish.
    #[must_use]
    pub fn expiring(&self) -> usize {
        self.expires.len()
    }
    /// All keys as a file: the commands that make them.
    #[must_use]
    pub fn dump(&self) -> Bytes {
        let mut out = b"REDIS0012\n".to_vec();
        let mut say = |words: Vec<Bytes>| {
            out.extend(Reply::Many(words.into_iter().map(Reply::Bulk).collect()).encode());
        };
        for (key, value) in &self.keys {
            match value {
                Stored::Text(text) => say(vec![b"SET".to_vec(), key.clone(), text.clone()]),
                Stored::List(list) => {
                    say([b"RPUSH".to_vec(), key.clone()].into_iter().chain(list.iter().cloned()).collect())
                }
                Stored::Set(set) => {
                    say([b"SADD".to_vec(), key.clone()].into_iter().chain(set.iter().cloned()).collect())
                }
                Stored::Hash(map) => {
                    let fields = map.iter().flat_map(|(f, v)| [f.clone(), v.clone()]);
                    say([b"HSET".to_vec(), key.clone()].into_iter().chain(fields).collect());
                }
                Stored::Sorted(map) => {
                    let members =
                        map.iter().flat_map(|(m, s)| [super::sorted::score_text(*s).into_bytes(), m.clone()]);
                    say([b"ZADD".to_vec(), key.clone()].into_iter().chain(members).collect());
                }
            }
        }
        for (key, at) in &self.expires {
            let words = [b"DRYDOCK.EXPIRES".to_vec(), key.clone(), at.to_string().into_bytes()];
            out.extend(Reply::Many(words.map(Reply::Bulk).to_vec()).encode());
        }
        out
    }
    /// Reads what [`Data::dump`] wrote; what is no dump is ignored.
    pub fn load(&mut self, bytes: &[u8]) {
        let Some(mut rest) = bytes.strip_prefix(b"REDIS0012\n") else { return };
        while let Some((Reply::Many(words), after)) = Reply::decode(rest) {
            let words: Vec<Bytes> =
                words.into_iter().map(|w| if let Reply::Bulk(b) = w { b } else { Vec::new() }).collect();
            self.command(0, &words);
            rest = after;
        }
    }
}

/// `*` and `?`, as KEYS matches.
pub(super) fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == b'?' || Some(c) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    t = from + 1;
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or(&[]).iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::super::resp::parse_command;
    use super::*;

    fn run(data: &mut Data, line: &str) -> String {
        let reply = data.command(1_000, &parse_command(line.as_bytes()));
        assert_eq!(Reply::decode(&reply.encode()), Some((reply.clone(), &[][..])));
        String::from_utf8(reply.encode()).unwrap().replace("\r\n", " ").trim_end().to_string()
    }

    #[test]
    fn commands_answer_as_redis_does() {
        let mut d = Data::default();
        for (line, reply) in [
            ("PING", "+PONG"),
            ("SET a 1", "+OK"),
            ("INCR a", ":2"),
            ("GET a", "$1 2"),
            ("GET none", "$-1"),
            ("LPUSH l x y", ":2"),
            ("LRANGE l 0 -1", "*2 $1 y $1 x"),
            ("INCR l", "-WRONGTYPE Operation against a key holding the wrong kind of value"),
            ("SET s abc", "+OK"),
            ("INCR s", "-ERR value is not an integer or out of range"),
            ("GET", "-ERR wrong number of arguments for 'get' command"),
            ("NOPE x", "-ERR unknown command 'NOPE', with args beginning with: 'x'"),
            ("HSET h f v g w", ":2"),
            ("HGETALL h", "*4 $1 f $1 v $1 g $1 w"),
            ("EXPIRE a 10", ":1"),
            ("TTL a", ":10"),
            ("TTL s", ":-1"),
            ("KEYS ?", "*4 $1 a $1 h $1 l $1 s"),
            ("DEL a b", ":1"),
        ] {
            assert_eq!(run(&mut d, line), reply, "{line}");
        }
        let mut copy = Data::default();
        copy.load(&d.dump());
        assert_eq!(copy.keys, d.keys);
    }
}
