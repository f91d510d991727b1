//! Commands of the server itself, and those that wait.

use super::*;

impl Server {
    pub(super) fn info(&self, sys: &Sys<'_>, wanted: &str) -> String {
        let version = sys.env("REDIS_VERSION").unwrap_or_default();
        let uptime = (sys.now() - self.started) / 1000;
        let replicas = self.held.iter().filter(|h| matches!(h.1, Held::News)).count();
        let used = 1_000_000 + self.data.dump().len() * 3;
        let (keys, expiring) = (self.data.len(), self.data.expiring());
        let sections = [
            (
                "Server",
                format!(
                    "redis_version:{version}\r\nredis_git_sha1:00000000\r\nredis_mode:standalone\r\nos:Linux 6.6 x86_64\r\narch_bits:64\r\nprocess_id:1\r\ntcp_port:{}\r\nuptime_in_seconds:{uptime}\r\nuptime_in_days:{}\r\nexecutable:/data/redis-server\r\nconfig_file:\r\n",
                    self.port,
                    uptime / 86_400
                ),
            ),
            (
                "Clients",
                format!(
                    "connected_clients:1\r\nmaxclients:10000\r\nblocked_clients:{}\r\n",
                    self.held.len() - replicas
                ),
            ),
            (
                "Memory",
                format!(
                    "used_memory:{used}\r\nused_memory_human:{:.2}M\r\nmaxmemory:0\r\nmaxmemory_human:0B\r\nmaxmemory_policy:noeviction\r\nmem_allocator:jemalloc-5.3.0\r\n",
                    used as f64 / 1_048_576.0
                ),
            ),
            (
                "Persistence",
                format!(
                    "loading:0\r\nrdb_changes_since_last_save:0\r\nrdb_last_save_time:{}\r\nrdb_last_bgsave_status:ok\r\naof_enabled:{}\r\n",
                    self.saved,
                    u8::from(self.append)
                ),
            ),
            (
                "Stats",
                format!(
                    "total_connections_received:{0}\r\ntotal_commands_processed:{0}\r\nexpired_keys:0\r\nevicted_keys:0\r\n",
                    self.count
                ),
            ),
            (
                "Replication",
                match &self.leader {
                    None => format!(
                        "role:master\r\nconnected_slaves:{replicas}\r\nmaster_repl_offset:{}\r\n",
                        if replicas > 0 { self.version * 42 } else { 0 }
                    ),
                    Some((host, port)) => format!(
                        "role:slave\r\nmaster_host:{host}\r\nmaster_port:{port}\r\nmaster_link_status:{}\r\nslave_read_only:1\r\nconnected_slaves:0\r\n",
                        if matches!(self.follow, Follow::Asked(_)) { "up" } else { "down" }
                    ),
                },
            ),
            ("CPU", "used_cpu_sys:0.1\r\nused_cpu_user:0.1\r\n".into()),
            ("Cluster", "cluster_enabled:0\r\n".into()),
            (
                "Keyspace",
                if keys == 0 {
                    String::new()
                } else {
                    format!("db0:keys={keys},expires={expiring},avg_ttl=0\r\n")
                },
            ),
        ];
        let all = wanted.is_empty() || ["all", "default", "everything"].contains(&wanted);
        let shown = sections.iter().filter(|s| all || s.0.eq_ignore_ascii_case(wanted));
        shown.map(|(name, text)| format!("# {name}\r\n{text}")).collect::<Vec<_>>().join("\r\n")
    }
    pub(super) fn config(&mut self, args: &[String]) -> Reply {
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        match words.as_slice() {
            [get, patterns @ ..] if get.eq_ignore_ascii_case("get") && !patterns.is_empty() => {
                let mut out = Vec::new();
                for (name, or) in SETTINGS {
                    if patterns.iter().any(|p| {
                        crate::images::redis::data::glob(p.to_lowercase().as_bytes(), name.as_bytes())
                    }) {
                        let set = match *name {
                            "requirepass" => self.password.as_ref().map(|p| p.to_string()),
                            "port" => Some(self.port.to_string()),
                            name => self.settings.get(name).cloned(),
                        };
                        out.extend([bulk(name), bulk(&set.unwrap_or_else(|| (*or).into()))]);
                    }
                }
                Reply::Many(out)
            }
            [set, name, value] if set.eq_ignore_ascii_case("set") => {
                let name = name.to_lowercase();
                if !SETTINGS.iter().any(|s| s.0 == name) {
                    return Reply::Error(format!(
                        "ERR Unknown option or number of arguments for CONFIG SET - '{name}'"
                    ));
                }
                match name.as_str() {
                    "requirepass" => {
                        self.password = Some(Arc::from(*value)).filter(|p: &Arc<str>| !p.is_empty())
                    }
                    "appendonly" => self.append = *value == "yes",
                    _ => {}
                }
                self.settings.insert(name, (*value).to_string());
                ok()
            }
            [word] if ["rewrite", "resetstat"].iter().any(|w| word.eq_ignore_ascii_case(w)) => {
                match word.eq_ignore_ascii_case("rewrite") {
                    true => Reply::Error("ERR The server is running without a config file".into()),
                    false => ok(),
                }
            }
            _ => Reply::Error("ERR wrong number of arguments for 'config' command".into()),
        }
    }
    /// A command's reply; none for one that has to wait.
    pub(super) fn run(&mut self, sys: &mut Sys<'_>, incoming: &Incoming, words: &[Bytes]) -> Option<Reply> {
        let name = words.first().map(|w| String::from_utf8_lossy(w).to_ascii_uppercase()).unwrap_or_default();
        let args: Vec<String> =
            words.iter().skip(1).map(|w| String::from_utf8_lossy(w).into_owned()).collect();
        let first = args.first().map(|a| a.to_ascii_lowercase()).unwrap_or_default();
        self.count += 1;
        let writes = WRITES.contains(&name.as_str());
        if writes && self.leader.is_some() {
            return Some(Reply::Error("READONLY You can't write against a read only replica.".into()));
        }
        Some(match name.as_str() {
            "SAVE" | "BGSAVE" => match (self.save(sys), name.as_str()) {
                (false, _) => Reply::Error("ERR".into()),
                (true, "SAVE") => ok(),
                (true, _) => Reply::Status("Background saving started".into()),
            },
            "BGREWRITEAOF" => Reply::Status("Background append only file rewriting started".into()),
            "LASTSAVE" => Reply::Number(self.saved),
            "INFO" => bulk(&self.info(sys, &first)),
            "CONFIG" => self.config(&args),
            "ROLE" => Reply::Many(match &self.leader {
                None => vec![bulk("master"), Reply::Number(0), Reply::Many(Vec::new())],
                Some((host, port)) => vec![
                    bulk("slave"),
                    bulk(host),
                    Reply::Number((*port).into()),
                    bulk("connected"),
                    Reply::Number(0),
                ],
            }),
            "REPLICAOF" | "SLAVEOF" => {
                self.leader = match args.as_slice() {
                    [host, port] if !host.eq_ignore_ascii_case("no") => {
                        port.parse().ok().map(|p| (Arc::from(host.as_str()), p))
                    }
                    _ => None,
                };
                self.follow = Follow::Start;
                ok()
            }
            "CLIENT" => match first.as_str() {
                "id" => Reply::Number(self.count as i64 + 2),
                "getname" => Reply::Nil,
                "list" => bulk(&format!(
                    "id={} addr={}:52344 laddr={}:{} fd=8 name= age=0 idle=0 flags=N db=0 cmd=client|list user=default\n",
                    self.count + 2,
                    incoming.from,
                    sys.address().unwrap_or_default(),
                    self.port
                )),
                _ => ok(),
            },
            "BLPOP" | "BRPOP" => {
                let Some((wait, keys)) = args.split_last().filter(|a| !a.1.is_empty()) else {
                    return Some(Reply::Error(format!(
                        "ERR wrong number of arguments for '{}' command",
                        name.to_lowercase()
                    )));
                };
                let Ok(seconds) = wait.parse::<f64>() else {
                    return Some(Reply::Error("ERR timeout is not a float or out of range".into()));
                };
                let keys: Vec<Bytes> = keys.iter().map(|k| k.as_bytes().to_vec()).collect();
                let left = name == "BLPOP";
                match self.pop(sys, &keys, left) {
                    Some(reply) => reply,
                    None => {
                        let until =
                            if seconds > 0.0 { sys.now() + (seconds.min(1e6) * 1000.0) as u64 } else { 0 };
                        self.held.push((incoming.id, Held::Pop(keys, left, until)));
                        return None;
                    }
                }
            }
            // How replicas of the sandbox keep up; the real ones stream.
            "DRYDOCK.FOLLOW" => {
                if first == self.version.to_string() {
                    self.held.push((incoming.id, Held::News));
                    return None;
                }
                Reply::Many(vec![Reply::Number(self.version as i64), Reply::Bulk(self.data.dump())])
            }
            "SUBSCRIBE" | "PSUBSCRIBE" | "MONITOR" | "SYNC" | "PSYNC" | "WATCH" | "MULTI" | "EXEC"
            | "DISCARD" | "EVAL" | "EVALSHA" | "SCRIPT" | "XADD" | "XREAD" | "XRANGE" | "CLUSTER"
            | "FUNCTION" => {
                Reply::Error(format!("ERR {} is not simulated in the sandbox", name.to_lowercase()))
            }
            "PUBLISH" => Reply::Number(0),
            _ => {
                let reply = self.data.command(sys.now(), words);
                if writes && !matches!(reply, Reply::Error(_)) {
                    self.changed(sys);
                }
                reply
            }
        })
    }
    /// A value off one of the lists, if there is one.
    pub(super) fn pop(&mut self, sys: &mut Sys<'_>, keys: &[Bytes], left: bool) -> Option<Reply> {
        for key in keys {
            let word = if left { "LPOP" } else { "RPOP" };
            match self.data.command(sys.now(), &[word.as_bytes().to_vec(), key.clone()]) {
                Reply::Bulk(value) => {
                    self.changed(sys);
                    return Some(Reply::Many(vec![Reply::Bulk(key.clone()), Reply::Bulk(value)]));
                }
                error @ Reply::Error(_) => return Some(error),
                _ => {}
            }
        }
        None
    }
    /// Serves those who wait; gives when to look again.
    pub(super) fn serve_held(&mut self, sys: &mut Sys<'_>) -> Option<u64> {
        let mut next = None;
        let mut still = Vec::new();
        for (id, held) in std::mem::take(&mut self.held) {
            let gone = sys.machines.exchanges.get(&id).is_none_or(|e| e.answer.is_some());
            let reply = match &held {
                _ if gone => continue,
                Held::Pop(keys, left, until) => match self.pop(sys, &keys.clone(), *left) {
                    None if *until != 0 && *until <= sys.now() => Some(Reply::Nil),
                    found => found,
                },
                Held::News => None,
            };
            match reply {
                Some(reply) => sys.respond(id, Answer::Bytes(reply.encode().into())),
                None => {
                    if let Held::Pop(_, _, until) = &held
                        && *until != 0
                    {
                        next = Some(next.map_or(*until, |n: u64| n.min(*until)));
                    }
                    still.push((id, held));
                }
            }
        }
        self.held = still;
        next
    }
}
