//! redis' lists, sets and hashes: an empty one is no key.

use super::data::{Bytes, Data, Stored, not_integer, number, wrong_type};
use super::resp::Reply;
use imbl::{OrdMap, OrdSet, Vector};

impl Data {
    pub(super) fn list(&mut self, name: &str, key: Bytes, args: &[Bytes]) -> Reply {
        let mut list = match self.keys.get(&key) {
            None => Vector::new(),
            Some(Stored::List(list)) => list.clone(),
            Some(_) => return wrong_type(),
        };
        let at = |n: i64, len: usize| if n < 0 { n + len as i64 } else { n };
        let reply = match name {
            "LLEN" => return Reply::Number(list.len() as i64),
            "LINDEX" => {
                let Some(n) = args.first().and_then(|n| number(n)) else { return not_integer() };
                let found = usize::try_from(at(n, list.len())).ok().and_then(|n| list.get(n));
                return found.map_or(Reply::Nil, |v| Reply::Bulk(v.clone()));
            }
            "LRANGE" => {
                let (Some(from), Some(to)) =
                    (args.first().and_then(|n| number(n)), args.get(1).and_then(|n| number(n)))
                else {
                    return not_integer();
                };
                let from = at(from, list.len()).max(0) as usize;
                let to = at(to, list.len()).saturating_add(1).max(0) as usize;
                let part = list.iter().skip(from).take(to.saturating_sub(from));
                return Reply::Many(part.map(|v| Reply::Bulk(v.clone())).collect());
            }
            "LPOP" => list.pop_front().map_or(Reply::Nil, Reply::Bulk),
            "RPOP" => list.pop_back().map_or(Reply::Nil, Reply::Bulk),
            _ => {
                for value in args {
                    if name == "LPUSH" {
                        list.push_front(value.clone())
                    } else {
                        list.push_back(value.clone())
                    }
                }
                Reply::Number(list.len() as i64)
            }
        };
        if list.is_empty() {
            self.keys.remove(&key);
        } else {
            self.keys.insert(key, Stored::List(list));
        }
        reply
    }
    pub(super) fn set_of(&mut self, name: &str, key: Bytes, args: &[Bytes]) -> Reply {
        let mut set = match self.keys.get(&key) {
            None => OrdSet::new(),
            Some(Stored::Set(set)) => set.clone(),
            Some(_) => return wrong_type(),
        };
        let reply = match name {
            "SCARD" => return Reply::Number(set.len() as i64),
            "SMEMBERS" => return Reply::Many(set.iter().map(|v| Reply::Bulk(v.clone())).collect()),
            "SISMEMBER" => return Reply::Number(i64::from(args.first().is_some_and(|a| set.contains(a)))),
            "SADD" => {
                Reply::Number(args.iter().filter(|a| set.insert((*a).clone()).is_none()).count() as i64)
            }
            _ => Reply::Number(args.iter().filter(|a| set.remove(*a).is_some()).count() as i64),
        };
        if set.is_empty() {
            self.keys.remove(&key);
        } else {
            self.keys.insert(key, Stored::Set(set));
        }
        reply
    }
    pub(super) fn hash_of(&mut self, name: &str, key: Bytes, args: &[Bytes]) -> Reply {
        let mut map = match self.keys.get(&key) {
            None => OrdMap::new(),
            Some(Stored::Hash(map)) => map.clone(),
            Some(_) => return wrong_type(),
        };
        let field = args.first().cloned().unwrap_or_default();
        let reply = match name {
            "HLEN" => return Reply::Number(map.len() as i64),
            "HGET" => return map.get(&field).map_or(Reply::Nil, |v| Reply::Bulk(v.clone())),
            "HEXISTS" => return Reply::Number(i64::from(map.contains_key(&field))),
            "HKEYS" => return Reply::Many(map.keys().map(|k| Reply::Bulk(k.clone())).collect()),
            "HGETALL" => {
                return Reply::Many(
                    map.iter().flat_map(|(k, v)| [Reply::Bulk(k.clone()), Reply::Bulk(v.clone())]).collect(),
                );
            }
            "HINCRBY" => {
                let old = map.get(&field).map_or(Some(0), |v| number(v));
                let by = args.get(1).and_then(|n| number(n));
                let Some(sum) = old.zip(by).and_then(|(a, b)| a.checked_add(b)) else { return not_integer() };
                map.insert(field, sum.to_string().into_bytes());
                Reply::Number(sum)
            }
            "HDEL" => Reply::Number(args.iter().filter(|f| map.remove(*f).is_some()).count() as i64),
            _ if !args.len().is_multiple_of(2) => {
                return Reply::Error("ERR wrong number of arguments for 'hset' command".into());
            }
            _ => {
                let mut new = 0;
                for pair in args.chunks(2) {
                    if let [field, value] = pair {
                        new += i64::from(map.insert(field.clone(), value.clone()).is_none());
                    }
                }
                Reply::Number(new)
            }
        };
        if map.is_empty() {
            self.keys.remove(&key);
        } else {
            self.keys.insert(key, Stored::Hash(map));
        }
        reply
    }
}
