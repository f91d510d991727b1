//! Questions that lesson checks ask of a world: objects by kind, commands that were run, requests sent in
//! a copy.

use crate::history::Sandbox;
use crate::world::World;
use drydock_cluster::kinds::Kind;
use drydock_container::tty::{Done, Kind as ChunkKind};
use drydock_machinery::Value;
use drydock_network::address::Ip;
use drydock_network::exchange::{Answer, Failure, Payload, Target};
use drydock_network::http::Request;

impl World {
    fn kind_named(&self, name: &str) -> Option<&Kind> {
        let lower = name.to_ascii_lowercase();
        let plain = lower.split('.').next().unwrap_or(&lower);
        self.cluster.kinds().map(|(_, kind)| kind).find(|k| {
            k.plural == plain
                || k.singular == plain
                || k.short.contains(&plain)
                || k.kind.eq_ignore_ascii_case(plain)
        })
    }
    /// The plural name of a kind under any of its names.
    #[must_use]
    pub fn plural(&self, name: &str) -> Option<String> {
        self.kind_named(name).map(|k| k.plural.to_string())
    }
    /// Objects of a kind, as served. Cluster-scoped kinds ignore the namespace. `docker/container`, `image`,
    /// `network` and `volume` are those of the laptop's engine, as `docker inspect` shows them. `None` for an
    /// unknown kind.
    #[must_use]
    pub fn list(&self, kind: &str, namespace: &str) -> Option<Vec<Value>> {
        if let Some(kind) = kind.strip_prefix("docker/") {
            return self.engine_objects(kind);
        }
        let kind = self.kind_named(kind)?;
        let root = if kind.group.is_empty() {
            format!("/api/{}", kind.version)
        } else {
            format!("/apis/{}/{}", kind.group, kind.version)
        };
        let path = if kind.namespaced {
            format!("{root}/namespaces/{namespace}/{}", kind.plural)
        } else {
            format!("{root}/{}", kind.plural)
        };
        Some(self.read(&path)?["items"].items().to_vec())
    }
    /// What the engine has of a kind, each with `metadata.name` and `metadata.uid` added, so that checks can
    /// speak of it as of any object.
    fn engine_objects(&self, kind: &str) -> Option<Vec<Value>> {
        let named = |list: &Value, key: &str| -> Vec<String> {
            list.items().iter().map(|o| o[key].text().to_string()).collect()
        };
        let (list, path, key) = match kind {
            "container" => ("/containers/json?all=1", "/containers/*/json", "Id"),
            "image" => ("/images/json", "/images/*/json", "Id"),
            "network" => ("/networks", "/networks/*", "Id"),
            "volume" => ("/volumes", "/volumes/*", "Name"),
            _ => return None,
        };
        let all = self.engine(list)?;
        let keys = named(if kind == "volume" { &all["Volumes"] } else { &all }, key);
        Some(
            keys.iter()
                .filter_map(|key| self.engine(&path.replace('*', key)))
                .map(|object| {
                    let name = object["Name"].text().trim_start_matches('/').to_string();
                    let uid = object["Id"].text().to_string();
                    object.with_at(&["metadata", "name"], name).with_at(&["metadata", "uid"], uid)
                })
                .collect(),
        )
    }
    /// The body of a GET whose answer is text.
    ///
    /// # Errors
    /// The server's message.
    pub fn text_at(&self, path: &str) -> Result<String, String> {
        self.read_text(&Request::get(path))
    }
    /// The namespace of the laptop's current context.
    #[must_use]
    pub fn namespace(&self) -> String {
        let config = self.read_file("~/.kube/config").unwrap_or_default();
        let Ok(documents) = drydock_machinery::yaml::load(&config) else { return "default".into() };
        let Some(value) = documents.first().map(|d| &d.value) else { return "default".into() };
        let current = &value["current-context"];
        let context = value["contexts"].items().iter().find(|c| c["name"] == *current);
        context
            .map(|c| c["context"]["namespace"].text())
            .filter(|n| !n.is_empty())
            .unwrap_or("default")
            .to_string()
    }
    /// Command lines that came to their end at a terminal, oldest first.
    #[must_use]
    pub fn commands(&self, tty: u32) -> Vec<Done> {
        self.machines.tty(tty).map_or_else(Vec::new, |t| t.done.iter().cloned().collect())
    }
    #[must_use]
    pub fn printed_len(&self, tty: u32) -> u64 {
        self.machines.tty(tty).map_or(0, |t| t.printed())
    }
    /// What commands printed at a terminal from chunk `from` on.
    #[must_use]
    pub fn printed(&self, tty: u32, from: u64) -> String {
        let Some(tty) = self.machines.tty(tty) else { return String::new() };
        let skip = from.saturating_sub(tty.dropped) as usize;
        let shown = |k: ChunkKind| matches!(k, ChunkKind::Stdout | ChunkKind::Stderr);
        tty.output.iter().skip(skip).filter(|c| shown(c.kind)).map(|c| &*c.text).collect()
    }
    /// Sends a GET and lets time pass until it is answered: status and body. `from` is `laptop`, `node`
    /// or `pod` (any ready pod of the namespace).
    ///
    /// # Errors
    /// What curl would say of it, in a few words.
    pub fn ask(
        &mut self,
        from: &str,
        namespace: &str,
        url: &str,
        timeout_ms: u64,
    ) -> Result<(u16, String), String> {
        let rest = url.strip_prefix("http://").ok_or("only http:// can be asked")?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse::<u16>().map_err(|_| "bad port")?),
            None => (authority, 80),
        };
        let net = self.cluster.vantage(&self.machines, from, namespace).or_else(|| {
            let space = self.machines.space(self.laptop)?;
            (from == "laptop").then_some(space.net)
        });
        let net = net.ok_or_else(|| format!("no ready {from} to ask from"))?;
        let ip = match from {
            "laptop" => self.resolve(host),
            _ => Ip::parse(host).or_else(|| {
                let resolver = self.machines.net(net).map(|n| n.resolver.clone()).unwrap_or_default();
                self.machines.dns.resolve(&resolver, host)?.ips.first().copied()
            }),
        };
        let ip = ip.ok_or_else(|| format!("could not resolve host {host}"))?;
        let request = Request::get(if path.is_empty() { "/" } else { path })
            .header("Host", authority)
            .header("User-Agent", "curl/8.5.0");
        let exchange = self.machines.probe(net, Target { ip, port }, Payload::Http(request), timeout_ms);
        let end = self.machines.clock.now + timeout_ms + 1_000;
        loop {
            if let Some(over) = self.machines.take_exchange(exchange) {
                return match over {
                    Ok(Answer::Http(response)) => {
                        Ok((response.status, String::from_utf8_lossy(&response.body.bytes()).into_owned()))
                    }
                    Ok(_) => Err("no HTTP answer".into()),
                    Err(Failure::Refused) => Err("connection refused".into()),
                    Err(Failure::TimedOut) => Err("timed out".into()),
                    Err(Failure::Reset) => Err("connection reset".into()),
                    Err(Failure::Unreachable) => Err("no route to host".into()),
                };
            }
            let now = self.machines.clock.now;
            if now >= end {
                return Err("timed out".into());
            }
            let next = self.machines.clock.queue.next_time().unwrap_or(end);
            self.run_for(next.saturating_sub(now).clamp(1, end - now), usize::MAX);
        }
    }
}

impl Sandbox {
    /// A pair that moves whenever the cluster or a terminal does.
    #[must_use]
    pub fn activity(&self) -> (u64, u64) {
        self.world().activity()
    }
}
