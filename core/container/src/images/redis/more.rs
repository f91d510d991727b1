//! Commands people try besides the first ones: more of strings, keys, lists, sets and hashes.

use super::data::{Bytes, Data, Stored, not_integer, number, ok, syntax, wrong_type};
use super::resp::Reply;
use drydock_machinery::sort::Arrange;
use imbl::{OrdSet, Vector};

fn float(word: &[u8]) -> Option<f64> {
    std::str::from_utf8(word).ok()?.parse().ok().filter(|f: &f64| f.is_finite())
}
fn bulks(list: impl IntoIterator<Item = Bytes>) -> Reply {
    Reply::Many(list.into_iter().map(Reply::Bulk).collect())
}
fn wrong_count(name: &str) -> Reply {
    Reply::Error(format!("ERR wrong number of arguments for '{}' command", name.to_lowercase()))
}

/// Least arguments of each.
const NEEDS: &[(&str, usize)] = &[
    ("PSETEX", 3),
    ("MSETNX", 2),
    ("GETEX", 1),
    ("GETRANGE", 3),
    ("SETRANGE", 3),
    ("INCRBYFLOAT", 2),
    ("RENAMENX", 2),
    ("COPY", 2),
    ("EXPIREAT", 2),
    ("PEXPIREAT", 2),
    ("RANDOMKEY", 0),
    ("SCAN", 1),
    ("TOUCH", 1),
    ("OBJECT", 2),
    ("MEMORY", 1),
    ("LPUSHX", 2),
    ("RPUSHX", 2),
    ("LREM", 3),
    ("LTRIM", 3),
    ("LSET", 3),
    ("LINSERT", 4),
    ("RPOPLPUSH", 2),
    ("LMOVE", 4),
    ("SPOP", 1),
    ("SRANDMEMBER", 1),
    ("SINTER", 1),
    ("SUNION", 1),
    ("SDIFF", 1),
    ("SMOVE", 3),
    ("SMISMEMBER", 2),
    ("HMSET", 3),
    ("HMGET", 2),
    ("HVALS", 1),
    ("HSETNX", 3),
    ("HSTRLEN", 2),
    ("HINCRBYFLOAT", 3),
    ("HSCAN", 2),
    ("SSCAN", 2),
    ("WAIT", 2),
    ("LOLWUT", 0),
    ("DEBUG", 1),
    ("RESET", 0),
    ("SLOWLOG", 1),
    ("ACL", 1),
    ("MODULE", 1),
    ("LATENCY", 1),
    ("DRYDOCK.EXPIRES", 2),
    ("EXPIRETIME", 1),
    ("SORT", 1),
];

impl Data {
    fn list_at(&self, key: &[u8]) -> Result<Vector<Bytes>, Reply> {
        match self.keys.get(key) {
            None => Ok(Vector::new()),
            Some(Stored::List(list)) => Ok(list.clone()),
            Some(_) => Err(wrong_type()),
        }
    }
    fn put_list(&mut self, key: &[u8], list: Vector<Bytes>) {
        match list.is_empty() {
            true => _ = self.keys.remove(key),
            false => _ = self.keys.insert(key.to_vec(), Stored::List(list)),
        }
    }
    fn set_at(&self, key: &[u8]) -> Result<OrdSet<Bytes>, Reply> {
        match self.keys.get(key) {
            None => Ok(OrdSet::new()),
            Some(Stored::Set(set)) => Ok(set.clone()),
            Some(_) => Err(wrong_type()),
        }
    }
    fn text_at(&self, key: &[u8]) -> Result<Option<Bytes>, Reply> {
        match self.keys.get(key) {
            None => Ok(None),
            Some(Stored::Text(text)) => Ok(Some(text.clone())),
            Some(_) => Err(wrong_type()),
        }
    }
    /// The reply of one of these commands; none for any other.
    pub(super) fn more(&mut self, now: u64, name: &str, args: &[Bytes]) -> Option<Reply> {
        if name.starts_with('Z') {
            return self.sorted(name, args).map(|r| r.unwrap_or_else(|e| e));
        }
        let least = NEEDS.iter().find(|n| n.0 == name)?.1;
        if args.len() < least {
            return Some(wrong_count(name));
        }
        Some(self.another(now, name, args).unwrap_or_else(|error| error))
    }
    fn another(&mut self, now: u64, name: &str, args: &[Bytes]) -> Result<Reply, Reply> {
        let empty = Bytes::new();
        let arg = |n: usize| args.get(n).unwrap_or(&empty);
        let int = |n: usize| args.get(n).and_then(|a| number(a)).ok_or_else(not_integer);
        let key = arg(0).clone();
        let option = |n: usize| String::from_utf8_lossy(arg(n)).to_ascii_uppercase();
        Ok(match name {
            "PSETEX" => {
                let ms = int(1)?;
                self.keys.insert(key.clone(), Stored::Text(arg(2).clone()));
                self.expires.insert(key, now.saturating_add_signed(ms));
                ok()
            }
            "MSETNX" => {
                let taken = args.chunks(2).any(|p| p.first().is_some_and(|k| self.keys.contains_key(k)));
                for pair in args.chunks(2).filter(|_| !taken) {
                    if let [key, value] = pair {
                        self.keys.insert(key.clone(), Stored::Text(value.clone()));
                    }
                }
                Reply::Number(i64::from(!taken))
            }
            "GETEX" => {
                let old = self.text_at(&key)?;
                match option(1).as_str() {
                    "PERSIST" => _ = self.expires.remove(&key),
                    "EX" if old.is_some() => _ = self.expires.insert(key, now.saturating_add_signed(int(2)?.saturating_mul(1000))),
                    "PX" if old.is_some() => _ = self.expires.insert(key, now.saturating_add_signed(int(2)?)),
                    _ => {}
                }
                old.map_or(Reply::Nil, Reply::Bulk)
            }
            "GETRANGE" => {
                let text = self.text_at(&key)?.unwrap_or_default();
                let at = |n: i64| if n < 0 { (n + text.len() as i64).max(0) } else { n } as usize;
                let (from, to) = (at(int(1)?), at(int(2)?).saturating_add(1).min(text.len()));
                Reply::Bulk(text.get(from..to.max(from)).unwrap_or(&[]).to_vec())
            }
            "SETRANGE" => {
                let mut text = self.text_at(&key)?.unwrap_or_default();
                let from = usize::try_from(int(1)?).map_err(|_| Reply::Error("ERR offset is out of range".into()))?;
                if from > 1 << 20 {
                    return Err(Reply::Error("ERR string exceeds maximum allowed size (proto-max-bulk-len)".into()));
                }
                let end = from + arg(2).len();
                text.resize(text.len().max(end), 0);
                if let Some(part) = text.get_mut(from..end) {
                    part.copy_from_slice(arg(2));
                }
                let size = text.len() as i64;
                self.keys.insert(key, Stored::Text(text));
                Reply::Number(size)
            }
            "INCRBYFLOAT" => {
                let wrong = || Reply::Error("ERR value is not a valid float".into());
                let old = self.text_at(&key)?.map_or(Some(0.0), |t| float(&t)).ok_or_else(wrong)?;
                let text = format!("{}", old + float(arg(1)).ok_or_else(wrong)?).into_bytes();
                self.keys.insert(key, Stored::Text(text.clone()));
                Reply::Bulk(text)
            }
            "RENAMENX" | "COPY" => {
                let to = arg(1).clone();
                let replace = name == "COPY" && option(2) == "REPLACE";
                match (self.keys.get(&key).cloned(), self.keys.contains_key(&to) && !replace) {
                    (None, _) if name == "RENAMENX" => return Err(Reply::Error("ERR no such key".into())),
                    (None, _) | (_, true) => Reply::Number(0),
                    (Some(value), false) => {
                        self.keys.insert(to, value);
                        if name == "RENAMENX" {
                            self.keys.remove(&key);
                        }
                        Reply::Number(1)
                    }
                }
            }
            "DRYDOCK.EXPIRES" => {
                self.expires.insert(key, int(1)? as u64);
                ok()
            }
            "EXPIREAT" | "PEXPIREAT" | "EXPIRETIME" => return Err(Reply::Error(format!("ERR {} is not simulated in the sandbox", name.to_lowercase()))),
            "RANDOMKEY" => self.keys.keys().next().map_or(Reply::Nil, |k| Reply::Bulk(k.clone())),
            "TOUCH" => Reply::Number(args.iter().filter(|k| self.keys.contains_key(*k)).count() as i64),
            "SCAN" => {
                let pattern = args.windows(2).find_map(|w| match w {
                    [a, b] if a.eq_ignore_ascii_case(b"MATCH") => Some(b.clone()),
                    _ => None,
                });
                let fits = |k: &Bytes| pattern.as_ref().is_none_or(|p| super::data::glob(p, k));
                Reply::Many(vec![Reply::Bulk(b"0".to_vec()), bulks(self.keys.keys().filter(|k| fits(k)).cloned())])
            }
            "HSCAN" | "SSCAN" => {
                let list: Vec<Bytes> = match self.keys.get(&key) {
                    None => Vec::new(),
                    Some(Stored::Hash(map)) if name == "HSCAN" => map.iter().flat_map(|(f, v)| [f.clone(), v.clone()]).collect(),
                    Some(Stored::Set(set)) if name == "SSCAN" => set.iter().cloned().collect(),
                    Some(_) => return Err(wrong_type()),
                };
                Reply::Many(vec![Reply::Bulk(b"0".to_vec()), bulks(list)])
            }
            "OBJECT" => match self.keys.get(arg(1)) {
                None => Reply::Nil,
                Some(value) if key.eq_ignore_ascii_case(b"ENCODING") => Reply::Bulk(
                    match value {
                        Stored::Text(t) if number(t).is_some() => "int",
                        Stored::Text(t) if t.len() <= 44 => "embstr",
                        Stored::Text(_) => "raw",
                        _ => "listpack",
                    }
                    .as_bytes()
                    .to_vec(),
                ),
                Some(_) => Reply::Number(1),
            },
            "MEMORY" => match (option(0).as_str(), self.keys.get(arg(1))) {
                ("USAGE", None) => Reply::Nil,
                ("USAGE", Some(Stored::Text(t))) => Reply::Number(48 + (t.len() + arg(1).len()) as i64),
                ("USAGE", Some(_)) => Reply::Number(96),
                _ => return Err(Reply::Error(format!("ERR unknown subcommand '{}'. Try MEMORY HELP.", String::from_utf8_lossy(&key)))),
            },
            "LPUSHX" | "RPUSHX" if !self.keys.contains_key(&key) => Reply::Number(0),
            "LPUSHX" | "RPUSHX" => self.list(name.trim_end_matches('X'), key, args.get(1..).unwrap_or(&[])),
            "LREM" => {
                let (list, count) = (self.list_at(&key)?, int(1)?);
                let mut left = if count == 0 { usize::MAX } else { count.unsigned_abs() as usize };
                let mut kept: Vec<Bytes> = Vec::new();
                let before = list.len();
                let all: Vec<Bytes> = if count < 0 { list.iter().rev().cloned().collect() } else { list.iter().cloned().collect() };
                for value in all {
                    if left > 0 && value == *arg(2) {
                        left -= 1;
                    } else {
                        kept.push(value);
                    }
                }
                if count < 0 {
                    kept.reverse();
                }
                let gone = before - kept.len();
                self.put_list(&key, kept.into());
                Reply::Number(gone as i64)
            }
            "LTRIM" => {
                let list = self.list_at(&key)?;
                let at = |n: i64| if n < 0 { n + list.len() as i64 } else { n };
                let (from, to) = (at(int(1)?).max(0) as usize, (at(int(2)?) + 1).max(0) as usize);
                self.put_list(&key, list.iter().skip(from).take(to.saturating_sub(from)).cloned().collect());
                ok()
            }
            "LSET" => {
                let mut list = self.list_at(&key)?;
                let at = int(1)?;
                let at = if at < 0 { at + list.len() as i64 } else { at };
                if list.is_empty() {
                    return Err(Reply::Error("ERR no such key".into()));
                }
                match usize::try_from(at).ok().and_then(|n| list.get_mut(n)) {
                    Some(slot) => *slot = arg(2).clone(),
                    None => return Err(Reply::Error("ERR index out of range".into())),
                }
                self.put_list(&key, list);
                ok()
            }
            "LINSERT" => {
                let mut list = self.list_at(&key)?;
                let after = usize::from(option(1) == "AFTER");
                let Some(at) = list.iter().position(|v| v == arg(2)) else { return Ok(Reply::Number(if list.is_empty() { 0 } else { -1 })) };
                list.insert(at + after, arg(3).clone());
                let size = list.len() as i64;
                self.put_list(&key, list);
                Reply::Number(size)
            }
            "RPOPLPUSH" | "LMOVE" => {
                let (from_left, to_left) = if name == "LMOVE" { (option(2) == "LEFT", option(3) == "LEFT") } else { (false, true) };
                self.list_at(arg(1))?;
                let mut list = self.list_at(&key)?;
                let Some(value) = (if from_left { list.pop_front() } else { list.pop_back() }) else { return Ok(Reply::Nil) };
                self.put_list(&key, list);
                let mut to = self.list_at(arg(1))?;
                if to_left { to.push_front(value.clone()) } else { to.push_back(value.clone()) }
                self.put_list(arg(1), to);
                Reply::Bulk(value)
            }
            "SPOP" | "SRANDMEMBER" => {
                let mut set = self.set_at(&key)?;
                let many = args.len() > 1;
                let count = if many { int(1)?.unsigned_abs() as usize } else { 1 };
                let picked: Vec<Bytes> = set.iter().take(count).cloned().collect();
                if name == "SPOP" {
                    for member in &picked {
                        set.remove(member);
                    }
                    match set.is_empty() {
                        true => _ = self.keys.remove(&key),
                        false => _ = self.keys.insert(key, Stored::Set(set)),
                    }
                }
                if many { bulks(picked) } else { picked.into_iter().next().map_or(Reply::Nil, Reply::Bulk) }
            }
            "SINTER" | "SUNION" | "SDIFF" => {
                let mut sets = args.iter().map(|k| self.set_at(k)).collect::<Result<Vec<_>, _>>()?.into_iter();
                let first = sets.next().unwrap_or_default();
                bulks(sets.fold(first, |all, set| match name {
                    "SINTER" => all.intersection(set),
                    "SUNION" => all.union(set),
                    _ => all.relative_complement(set),
                }))
            }
            "SMOVE" => {
                let (mut from, mut to) = (self.set_at(&key)?, self.set_at(arg(1))?);
                if from.remove(arg(2)).is_none() {
                    return Ok(Reply::Number(0));
                }
                to.insert(arg(2).clone());
                match from.is_empty() {
                    true => _ = self.keys.remove(&key),
                    false => _ = self.keys.insert(key, Stored::Set(from)),
                }
                self.keys.insert(arg(1).clone(), Stored::Set(to));
                Reply::Number(1)
            }
            "SMISMEMBER" => {
                let set = self.set_at(&key)?;
                Reply::Many(args.iter().skip(1).map(|m| Reply::Number(set.contains(m).into())).collect())
            }
            "HMSET" => match self.hash_of("HSET", key, args.get(1..).unwrap_or(&[])) {
                Reply::Number(_) => ok(),
                error => error,
            },
            "HMGET" | "HVALS" | "HSTRLEN" | "HSETNX" | "HINCRBYFLOAT" => {
                let mut map = match self.keys.get(&key) {
                    None => imbl::OrdMap::new(),
                    Some(Stored::Hash(map)) => map.clone(),
                    Some(_) => return Err(wrong_type()),
                };
                let field = arg(1).clone();
                match name {
                    "HMGET" => return Ok(Reply::Many(args.iter().skip(1).map(|f| map.get(f).map_or(Reply::Nil, |v| Reply::Bulk(v.clone()))).collect())),
                    "HVALS" => return Ok(bulks(map.values().cloned())),
                    "HSTRLEN" => return Ok(Reply::Number(map.get(&field).map_or(0, |v| v.len() as i64))),
                    "HSETNX" if map.contains_key(&field) => return Ok(Reply::Number(0)),
                    _ => {}
                }
                let reply = if name == "HSETNX" {
                    map.insert(field, arg(2).clone());
                    Reply::Number(1)
                } else {
                    let wrong = || Reply::Error("ERR hash value is not a float".into());
                    let old = map.get(&field).map_or(Some(0.0), |t| float(t)).ok_or_else(wrong)?;
                    let text = format!("{}", old + float(arg(2)).ok_or_else(wrong)?).into_bytes();
                    map.insert(field, text.clone());
                    Reply::Bulk(text)
                };
                self.keys.insert(key, Stored::Hash(map));
                reply
            }
            "SORT" => {
                let mut list: Vec<Bytes> = match self.keys.get(&key) {
                    Some(Stored::Set(set)) => set.iter().cloned().collect(),
                    _ => self.list_at(&key)?.iter().cloned().collect(),
                };
                let alpha = args.iter().any(|a| a.eq_ignore_ascii_case(b"ALPHA"));
                if !alpha && list.iter().any(|v| float(v).is_none()) {
                    return Err(Reply::Error("ERR One or more scores can't be converted into double".into()));
                }
                list.arrange_by(|a, b| if alpha { a.cmp(b) } else { float(a).unwrap_or(0.0).total_cmp(&float(b).unwrap_or(0.0)) });
                if args.iter().any(|a| a.eq_ignore_ascii_case(b"DESC")) {
                    list.reverse();
                }
                bulks(list)
            }
            "WAIT" => Reply::Number(0),
            "RESET" => Reply::Status("RESET".into()),
            "LOLWUT" => Reply::Bulk(b"Redis ver. 7.4.5\n".to_vec()),
            "ACL" if option(0) == "WHOAMI" => Reply::Bulk(b"default".to_vec()),
            "SLOWLOG" | "MODULE" | "LATENCY" | "ACL" => Reply::Many(Vec::new()),
            "DEBUG" => return Err(Reply::Error("ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.".into())),
            _ => return Err(syntax()),
        })
    }
}
