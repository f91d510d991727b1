//! `--network` with its short and long form, and the endpoints they come to.

use crate::cli::Flags;
use drydock_machinery::{Value, value};

/// One network to attach to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    pub target: String,
    pub aliases: Vec<String>,
    pub ip: String,
    pub ip6: String,
    pub mac: String,
    pub driver_options: Vec<String>,
    pub links: Vec<String>,
}

/// Reads `net` or `name=net,alias=x,ip=…`.
///
/// # Errors
/// `invalid field key a:b`.
pub fn parse(text: &str) -> Result<Attachment, String> {
    let mut found = Attachment::default();
    if !text.contains('=') {
        found.target = text.into();
        return Ok(found);
    }
    for field in text.split(',') {
        let Some((key, value)) = field.split_once('=') else {
            return Err(format!("invalid field {field}"));
        };
        match key.trim().to_lowercase().as_str() {
            "name" => found.target = value.into(),
            "alias" => found.aliases.push(value.into()),
            "ip" => found.ip = value.into(),
            "ip6" => found.ip6 = value.into(),
            "mac-address" => found.mac = value.into(),
            "driver-opt" => found.driver_options.push(value.into()),
            "link-local-ip" | "gw-priority" => {}
            other => return Err(format!("invalid field key {other}")),
        }
    }
    if found.target.is_empty() {
        return Err("network name/id is not specified".into());
    }
    Ok(found)
}

/// Not one of the modes that are no networks of the user's.
#[must_use]
pub fn is_user_defined(mode: &str) -> bool {
    !matches!(mode, "" | "default" | "bridge" | "host" | "none") && !mode.starts_with("container:")
}

/// The network mode and the endpoints, by network.
///
/// # Errors
/// Combinations the client refuses.
pub fn endpoints(flags: &Flags) -> Result<(String, Value), String> {
    let mut list = Vec::new();
    for text in flags.list("network").iter().chain(&flags.list("net")) {
        list.push(parse(text)?);
    }
    if list.is_empty() {
        list.push(Attachment { target: "default".into(), ..Attachment::default() });
    }
    let user = list.iter().filter(|n| is_user_defined(&n.target)).count();
    if list.len() > 1 && user != list.len() {
        return Err(
            "conflicting options: cannot attach both user-defined and non-user-defined network-modes".into(),
        );
    }
    if let Some(first) = list.first_mut() {
        let aliases: Vec<String> =
            flags.list("network-alias").into_iter().chain(flags.list("net-alias")).collect();
        if !aliases.is_empty() && !is_user_defined(&first.target) {
            return Err("network-scoped aliases are only supported for user-defined networks".into());
        }
        first.aliases.extend(aliases);
        if flags.changed("ip") {
            first.ip = flags.str("ip").into();
        }
        if flags.changed("ip6") {
            first.ip6 = flags.str("ip6").into();
        }
        if flags.changed("mac-address") {
            first.mac = flags.str("mac-address").into();
        }
        if is_user_defined(&first.target) {
            first.links = flags.list("link");
        }
    }
    let mode = list.first().map_or_else(|| "default".to_string(), |n| n.target.clone());
    let mut map = Value::empty_map();
    // Modes that are no networks have no endpoint, but for the default one.
    let without = |mode: &str| matches!(mode, "host" | "none" | "") || mode.starts_with("container:");
    for network in list.iter().filter(|n| !without(&n.target)) {
        if map.find(&network.target).is_some() {
            return Err(format!("network \"{}\" is specified multiple times", network.target));
        }
        map = map.with(network.target.as_str(), endpoint(network));
    }
    Ok((mode, map))
}

/// An `EndpointSettings` document.
#[must_use]
pub fn endpoint(network: &Attachment) -> Value {
    let texts = |items: &[String]| -> Value {
        if items.is_empty() { Value::Null } else { items.iter().map(Value::from).collect() }
    };
    let mut ipam = Value::empty_map();
    for (key, ip) in [("IPv4Address", &network.ip), ("IPv6Address", &network.ip6)] {
        if !ip.is_empty() {
            ipam = ipam.with(key, ip.as_str());
        }
    }
    let ipam = if ipam.is_empty() { Value::Null } else { ipam };
    let options = if network.driver_options.is_empty() {
        Value::Null
    } else {
        super::variables::pairs(&network.driver_options)
    };
    value!({
        "IPAMConfig": (ipam), "Links": (texts(&network.links)), "Aliases": (texts(&network.aliases)),
        "MacAddress": (network.mac.as_str()), "DriverOpts": (options), "GwPriority": 0, "NetworkID": "",
        "EndpointID": "", "Gateway": "", "IPAddress": "", "IPPrefixLen": 0, "IPv6Gateway": "",
        "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0, "DNSNames": null
    })
}
