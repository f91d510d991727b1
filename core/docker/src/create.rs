//! `POST /containers/create`: what was asked for is checked, merged with the image's configuration and
//! kept; the container gets a name, an id and a space that does not run yet. Follows `daemon/create.go`
//! of moby 26.1.

use crate::check;
use crate::container::{Container, Endpoint, State};
use crate::door::Call;
use crate::fault::Fault;
use crate::json::Json;
use crate::mounts::Planned;
use crate::system::answer;
use crate::volumes::is_name;
use crate::{ids, json};
use drydock_container::images::Image;
use drydock_container::spec::Config;
use drydock_container::{ContainerSpec, Machines, Signal};
use drydock_machinery::Value;
use drydock_network::address::Ip;
use drydock_network::http::Response;
use imbl::OrdMap;
use std::sync::Arc;

/// Where the engine puts its init into containers that ask for one.
pub const INIT: &str = "/sbin/docker-init";

/// Answers the request.
///
/// # Errors
/// As dockerd: bad settings, no image, a name in use, mounts that cannot be.
pub fn create(call: &mut Call<'_>) -> Result<Response, Fault> {
    let body = call.body()?;
    if !body.is_map() {
        return Err(Fault::invalid("config cannot be empty in order to create a container"));
    }
    let name = call.param("name").to_string();
    let (id, warnings) = call.docker.create(call.machines, &body, &name)?;
    Ok(answer(201, &json!({"Id": id, "Warnings": Json::strings(warnings)})))
}

impl crate::Docker {
    /// Makes a container from the body of a request. Gives its id and warnings.
    ///
    /// # Errors
    /// See [`create`].
    pub fn create(
        &mut self,
        machines: &mut Machines,
        body: &Value,
        name: &str,
    ) -> Result<(Arc<str>, Vec<String>), Fault> {
        let asked_host = body["HostConfig"].clone();
        let (cpus, _) = machines.host_size(self.host);
        let warnings = check::settings(body, &asked_host, cpus)?;
        let image_name = body["Image"].text();
        let record = self.images.find(image_name)?;
        let image = record.image.clone();
        let mut config = merged(body, &image);
        let (path, args) = command(&config)?;
        let id = self.fresh_id();
        let name = self.reserve_name(name, &id)?;
        let made = self.finish(machines, body, &asked_host, &mut config, &image, (&id, &name), (path, args));
        if let Err(fault) = made {
            self.names.remove(&*name);
            return Err(fault);
        }
        self.note_container(machines, &id, "create", &[]);
        Ok((id, warnings))
    }
    /// Takes a name for a container, or makes one up.
    ///
    /// # Errors
    /// A name that may not be one, or is in use.
    pub(crate) fn reserve_name(&mut self, name: &str, id: &Arc<str>) -> Result<Arc<str>, Fault> {
        let name = name.strip_prefix('/').unwrap_or(name);
        if name.is_empty() {
            let name: Arc<str> = self.fresh_name().into();
            self.names.insert(name.clone(), id.clone());
            return Ok(name);
        }
        if !is_name(name) {
            return Err(Fault::invalid(format!(
                "Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
            )));
        }
        if let Some(owner) = self.names.get(name) {
            return Err(Fault::conflict(format!(
                "Conflict. The container name \"/{name}\" is already in use by container \"{owner}\". You have to remove (or rename) that container to be able to reuse that name."
            )));
        }
        let name: Arc<str> = name.into();
        self.names.insert(name.clone(), id.clone());
        Ok(name)
    }
    #[allow(clippy::too_many_arguments)]
    fn finish(
        &mut self,
        machines: &mut Machines,
        body: &Value,
        asked_host: &Value,
        config: &mut Value,
        image: &Arc<Image>,
        (id, name): (&Arc<str>, &Arc<str>),
        (path, args): (Arc<str>, Arc<[Arc<str>]>),
    ) -> Result<(), Fault> {
        let host_config = crate::hostconfig::completed(asked_host);
        let mode = match host_config["NetworkMode"].text() {
            "" | "default" => "bridge",
            mode => mode,
        }
        .to_string();
        let links = self.check_links(&host_config)?;
        let ends = endpoints(body, &mode, links);
        for (name, end) in &ends {
            let network = self.network(name).cloned();
            if let Some(text) = crate::network::join::wrong_settings(network.as_deref(), name, end) {
                return Err(Fault::invalid(format!("invalid config for network {name}: {text}")));
            }
        }
        let Planned { points, mounts } = self.plan_mounts(machines, config, &host_config, image)?;
        let hostname: Arc<str> = match (body["Hostname"].text(), mode.as_str()) {
            ("", "host") => machines.space(self.host).map_or_else(|| "dock".into(), |s| s.hostname.clone()),
            ("", _) => ids::short(id).into(),
            (given, _) => given.into(),
        };
        if !mode.starts_with("container:") {
            *config = config.with("Hostname", &hostname);
        }
        let full_hostname: Arc<str> = match config["Domainname"].text() {
            "" => hostname,
            domain => format!("{hostname}.{domain}").into(),
        };
        let init = host_config["Init"].bool();
        let space_config = Arc::new(process_config(config, &host_config, image, (&path, &args), init));
        let net = machines.add_net(Ip::default(), self.host);
        let space = machines.create_container(ContainerSpec {
            image: image.clone(),
            config: space_config,
            hostname: full_hostname,
            host: self.host,
            net,
            mounts: mounts.into(),
        });
        self.made += 1;
        let container = Container {
            id: id.clone(),
            number: self.made,
            name: name.clone(),
            created: machines.clock.now,
            image_name: body["Image"].shared(),
            image: image.clone(),
            endpoints: ends,
            config: config.clone(),
            host_config,
            path,
            args,
            space,
            net,
            state: State::default(),
            ports: Arc::default(),
            mounts: points.into(),
            execs: imbl::Vector::new(),
            kill_at: 0,
            restart_at: 0,
            health_at: 0,
            starts: 0,
            input: Arc::default(),
            input_closed: false,
        };
        self.spaces.insert(space, id.clone());
        self.containers.insert(id.clone(), Arc::new(container));
        Ok(())
    }
    /// `--link name:alias` by the old bridge: the containers must be there.
    fn check_links(&self, host_config: &Value) -> Result<Vec<Arc<str>>, Fault> {
        let mut links = Vec::new();
        for link in host_config["Links"].items() {
            let (name, _) = link.text().split_once(':').unwrap_or((link.text(), ""));
            let found = self.container(name).map_err(|fault| {
                // The client would pull an image where it meets a 404.
                Fault::invalid(format!("could not get container for {name}: {}", fault.message))
            })?;
            if found.network_mode() == "host" {
                return Err(Fault::conflict(
                    "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
                ));
            }
            links.push(link.shared());
        }
        Ok(links)
    }
}

/// The places on networks that were asked for.
fn endpoints(body: &Value, mode: &str, links: Vec<Arc<str>>) -> OrdMap<Arc<str>, Endpoint> {
    let mut out = OrdMap::new();
    if mode.starts_with("container:") {
        return out;
    }
    let asked = &body["NetworkingConfig"]["EndpointsConfig"];
    let mut order = 0;
    let mut add = |name: &str, settings: &Value, links: &[Arc<str>]| {
        order += 1;
        let mut end = endpoint(settings, order);
        if end.links.is_empty() {
            end.links = links.into();
        }
        out.insert(Arc::from(name), end);
    };
    let named = |name: &str| asked.find(name).or_else(|| asked.find("default").filter(|_| name == "bridge"));
    add(mode, named(mode).unwrap_or(&Value::Null), &links);
    for (name, settings) in asked.entries() {
        let name = if name.text() == "default" { "bridge" } else { name.text() };
        if name != mode {
            add(name, settings, &[]);
        }
    }
    out
}

/// `EndpointSettings` of a request.
#[must_use]
pub fn endpoint(settings: &Value, order: u32) -> Endpoint {
    let texts = |v: &Value| v.items().iter().map(Value::shared).collect::<Arc<[Arc<str>]>>();
    Endpoint {
        aliases: texts(&settings["Aliases"]),
        links: texts(&settings["Links"]),
        wish: Ip::parse(settings["IPAMConfig"]["IPv4Address"].text()),
        mac_wish: settings["MacAddress"].shared(),
        driver_opts: settings["DriverOpts"].clone(),
        order,
        ..Endpoint::default()
    }
}

/// A list of strings, or nothing where there is none.
pub(crate) fn strings(value: &Value) -> Vec<Arc<str>> {
    match value.as_str() {
        Some(text) => vec![text.into()],
        None => value.items().iter().map(Value::shared).collect(),
    }
}

/// The request's configuration on top of the image's.
fn merged(body: &Value, image: &Image) -> Value {
    let mut config = body.without("HostConfig").without("NetworkingConfig");
    let list = |items: &[Arc<str>]| -> Value { items.iter().map(Value::from).collect() };
    if config["User"].text().is_empty() {
        config = config.with("User", &image.user);
    }
    let mut ports: Vec<(Arc<str>, Value)> =
        config["ExposedPorts"].entries().iter().map(|(k, v)| (Arc::from(k.text()), v.clone())).collect();
    for port in
        image.exposed.iter().filter(|p| !ports.iter().any(|q| q.0 == **p)).cloned().collect::<Vec<_>>()
    {
        ports.push((port, Value::empty_map()));
    }
    for (port, _) in body["HostConfig"]["PortBindings"].entries() {
        if !ports.iter().any(|p| *p.0 == *port.text()) {
            ports.push((port.text().into(), Value::empty_map()));
        }
    }
    if !ports.is_empty() {
        config = config.with("ExposedPorts", ports.iter().map(|(k, v)| (&**k, v.clone())).collect::<Value>());
    }
    let mut env = strings(&config["Env"]);
    let key = |e: &str| e.split('=').next().unwrap_or("").to_string();
    for entry in image_env(image) {
        if !env.iter().any(|e| key(e) == key(&entry)) {
            env.push(entry);
        }
    }
    // A name without a value takes the variable away.
    env.retain(|e| e.contains('='));
    config = config.with("Env", list(&env));
    let entrypoint = strings(&config["Entrypoint"]);
    let cleared = matches!(entrypoint.as_slice(), [one] if one.is_empty());
    if cleared {
        config = config.with("Entrypoint", Value::Null);
        if strings(&config["Cmd"]).is_empty() {
            config = config.with("Cmd", Value::Null);
        }
    } else if entrypoint.is_empty() {
        if strings(&config["Cmd"]).is_empty() {
            config = config.with("Cmd", if image.cmd.is_empty() { Value::Null } else { list(&image.cmd) });
        }
        let inherited = if image.entrypoint.is_empty() { Value::Null } else { list(&image.entrypoint) };
        config = config.with("Entrypoint", inherited);
    }
    let mut volumes: Vec<(Arc<str>, Value)> =
        config["Volumes"].entries().iter().map(|(k, v)| (Arc::from(k.text()), v.clone())).collect();
    for volume in image.volumes.iter() {
        if !volumes.iter().any(|v| v.0 == *volume) {
            volumes.push((volume.clone(), Value::empty_map()));
        }
    }
    let volumes: Value = volumes.iter().map(|(k, v)| (&**k, v.clone())).collect();
    config = config.with("Volumes", if volumes.is_empty() { Value::Null } else { volumes });
    if config["WorkingDir"].text().is_empty() {
        config = config.with("WorkingDir", &image.cwd);
    }
    let mut labels: Vec<(Arc<str>, Value)> =
        image.labels.iter().map(|(k, v)| (k.clone(), Value::from(v))).collect();
    labels.retain(|l| body["Labels"].find(&l.0).is_none());
    labels.extend(body["Labels"].entries().iter().map(|(k, v)| (Arc::from(k.text()), v.clone())));
    config = config.with("Labels", labels.iter().map(|(k, v)| (&**k, v.clone())).collect::<Value>());
    if let (Some(signal), "") = (image.stop_signal, config["StopSignal"].text()) {
        config = config.with("StopSignal", format!("SIG{}", signal.name()));
    }
    health(config, &image.extras.healthcheck)
}

/// The health check's fields that were not given are the image's.
fn health(config: Value, image: &Value) -> Value {
    if !image.is_map() {
        return config;
    }
    let mut check = config["Healthcheck"].clone();
    if !check.is_map() {
        return config.with("Healthcheck", image);
    }
    for (key, value) in image.entries() {
        let missing = check.get(key.text());
        if missing.is_null() || missing.is_empty() || missing.as_int() == Some(0) {
            check = check.with(key.text(), value);
        }
    }
    config.with("Healthcheck", check)
}

/// An image's environment in order.
#[must_use]
pub fn image_env(image: &Image) -> Vec<Arc<str>> {
    if image.extras.env.len() >= image.env.len() {
        return image.extras.env.clone();
    }
    image.env.iter().map(|(k, v)| Arc::from(format!("{k}={v}"))).collect()
}

/// Path and arguments of the first process.
type Command = (Arc<str>, Arc<[Arc<str>]>);

fn command(config: &Value) -> Result<Command, Fault> {
    let words: Vec<Arc<str>> =
        strings(&config["Entrypoint"]).into_iter().chain(strings(&config["Cmd"])).collect();
    match words.split_first() {
        Some((path, args)) => Ok((path.clone(), args.into())),
        None => Err(Fault::invalid("no command specified")),
    }
}

fn process_config(
    config: &Value,
    host_config: &Value,
    image: &Image,
    (path, args): (&Arc<str>, &Arc<[Arc<str>]>),
    init: bool,
) -> Config {
    let mut order: Vec<Arc<str>> = vec!["PATH".into(), "HOSTNAME".into()];
    let mut env: OrdMap<Arc<str>, Arc<str>> = OrdMap::new();
    if config["Tty"].bool() {
        order.push("TERM".into());
        env.insert("TERM".into(), "xterm".into());
    }
    for entry in strings(&config["Env"]) {
        let (name, value) = entry.split_once('=').unwrap_or((&entry, ""));
        if !order.iter().any(|n| **n == *name) {
            order.push(name.into());
        }
        env.insert(name.into(), value.into());
    }
    env.entry("PATH".into()).or_insert_with(|| drydock_container::life::DEFAULT_PATH.into());
    let user = config["User"].shared();
    if !env.contains_key("HOME") {
        let home = drydock_container::engine::start::find_user(&image.root, &user);
        env.insert("HOME".into(), home.map_or_else(|_| "/".into(), |u| u.home));
    }
    let mut argv: Vec<Arc<str>> = if init { vec![INIT.into(), "--".into()] } else { Vec::new() };
    argv.push(path.clone());
    argv.extend(args.iter().cloned());
    let nano = host_config["NanoCpus"].int();
    let (quota, period) = (host_config["CpuQuota"].int(), host_config["CpuPeriod"].int());
    let cpu = match (nano, quota) {
        (n, _) if n > 0 => n / 1_000_000,
        (_, q) if q > 0 => q.saturating_mul(1000) / if period > 0 { period } else { 100_000 },
        _ => 0,
    };
    Config {
        argv: argv.into(),
        env,
        env_order: order.into(),
        cwd: config["WorkingDir"].shared(),
        user,
        tty: config["Tty"].bool(),
        stdin: config["OpenStdin"].bool(),
        read_only_root: host_config["ReadonlyRootfs"].bool(),
        stop_signal: Signal::parse(config["StopSignal"].text()),
        memory: u64::try_from(host_config["Memory"].int()).unwrap_or(0),
        cpu_milli: u64::try_from(cpu).unwrap_or(0),
    }
}
