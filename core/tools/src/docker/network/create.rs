//! `docker network create`.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Kind, Outcome};
use crate::docker::api::Engine;
use crate::docker::options::{checks, variables};
use crate::docker::usage;
use drydock_machinery::{Value, value};
use std::net::IpAddr;

pub const COMMAND: Command = Command {
    name: "create",
    usage: "[OPTIONS] NETWORK",
    short: "Make a network",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::bool("attachable", '\0', false, "Let containers be attached by hand"),
    Flag::new(Kind::Array, "aux-address", '\0', "[]", "Addresses others have already (name=address)")
        .called("map"),
    Flag::string("config-from", '\0', "", "Network to copy the configuration of"),
    Flag::bool("config-only", '\0', false, "Only a configuration, no network"),
    Flag::string("driver", 'd', "bridge", "Driver of the network"),
    Flag::slice("gateway", '\0', "Gateway of the subnet"),
    Flag::bool("ingress", '\0', false, "Swarm's routing mesh"),
    Flag::bool("internal", '\0', false, "No way out of the network"),
    Flag::slice("ip-range", '\0', "Part of the subnet to give addresses from"),
    Flag::string("ipam-driver", '\0', "default", "Driver that gives addresses"),
    Flag::new(Kind::Array, "ipam-opt", '\0', "[]", "Option of that driver").called("map"),
    Flag::bool("ipv4", '\0', true, "IPv4 addresses"),
    Flag::bool("ipv6", '\0', false, "IPv6 addresses"),
    Flag::array("label", '\0', "Label of the network").checked("list", checks::label),
    Flag::new(Kind::Array, "opt", 'o', "[]", "Option of the driver").called("map"),
    Flag::string("scope", '\0', "", "How far the network reaches"),
    Flag::slice("subnet", '\0', "Subnet in CIDR notation"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 1)?;
    let name = invocation.arg(0).unwrap_or("").to_string();
    let pools = pools(invocation).map_err(|text| Error::raw(text + "\n"))?;
    let mut body = value!({
        "Driver": (invocation.str("driver")), "Scope": (invocation.str("scope")),
        "IPAM": {
            "Driver": (invocation.str("ipam-driver")), "Options": (variables::pairs(&invocation.list("ipam-opt"))),
            "Config": (pools)
        },
        "Internal": (invocation.bool("internal")), "Attachable": (invocation.bool("attachable")),
        "Ingress": (invocation.bool("ingress")), "ConfigOnly": (invocation.bool("config-only")),
        "ConfigFrom": null, "Options": (variables::pairs(&invocation.list("opt"))),
        "Labels": (variables::pairs(&invocation.list("label"))), "Name": (name)
    });
    if invocation.changed("ipv6") {
        body = body.with("EnableIPv6", invocation.bool("ipv6"));
    }
    if invocation.changed("ipv4") {
        body = body.with("EnableIPv4", invocation.bool("ipv4"));
    }
    if !invocation.str("config-from").is_empty() {
        body = body.with("ConfigFrom", value!({"Network": (invocation.str("config-from"))}));
    }
    let engine = Engine::connect(invocation)?;
    let created = engine.post(invocation.sys, "/networks/create", body)?;
    invocation.print(&format!("{}\n", created["Id"].text()));
    Ok(Flow::Done(0))
}

/// One address pool a subnet, with the range, gateway and taken addresses that lie in it.
fn pools(invocation: &Invocation<'_, '_>) -> Result<Value, String> {
    let (subnets, ranges, gateways) =
        (invocation.list("subnet"), invocation.list("ip-range"), invocation.list("gateway"));
    if subnets.len() < ranges.len() || subnets.len() < gateways.len() {
        return Err("every ip-range or gateway must have a corresponding subnet".into());
    }
    let mut pools: Vec<(String, Value)> = Vec::new();
    for subnet in &subnets {
        for (other, _) in &pools {
            let (parsed, other) = (cidr(subnet)?, cidr(other)?);
            if within(parsed, other.0) || within(other, parsed.0) {
                return Err("multiple overlapping subnet configuration is not supported".into());
            }
        }
        pools.push((subnet.clone(), value!({"Subnet": subnet})));
    }
    for range in &ranges {
        let address = cidr(range)?.0;
        place(&mut pools, address, "IPRange", range, || format!("no matching subnet for range {range}"))?;
    }
    for gateway in &gateways {
        let address: IpAddr =
            gateway.parse().map_err(|_| format!("no matching subnet for gateway {gateway}"))?;
        place(&mut pools, address, "Gateway", gateway, || {
            format!("no matching subnet for gateway {gateway}")
        })?;
    }
    for pair in invocation.list("aux-address") {
        let (key, text) = pair.split_once('=').unwrap_or((&pair, ""));
        let missing = || format!("no matching subnet for aux-address {text}");
        let address: IpAddr = text.parse().map_err(|_| missing())?;
        let Some((_, pool)) = pools.iter_mut().find(|(s, _)| cidr(s).is_ok_and(|c| within(c, address)))
        else {
            return Err(missing());
        };
        *pool = pool.with("AuxiliaryAddresses", pool["AuxiliaryAddresses"].with(key, text));
    }
    Ok(pools.into_iter().map(|(_, pool)| pool).collect())
}

fn place(
    pools: &mut [(String, Value)],
    address: IpAddr,
    key: &str,
    text: &str,
    missing: impl Fn() -> String,
) -> Result<(), String> {
    for (subnet, pool) in pools {
        if within(cidr(subnet)?, address) {
            if pool.find(key).is_some() {
                let what = if key == "Gateway" { "gateways" } else { "ranges" };
                return Err(format!(
                    "cannot configure multiple {what} ({text}, {}) on the same subnet ({subnet})",
                    pool[key].text()
                ));
            }
            *pool = pool.with(key, text);
            return Ok(());
        }
    }
    Err(missing())
}

fn cidr(text: &str) -> Result<(IpAddr, u32), String> {
    let bad = || format!("invalid CIDR address: {text}");
    let (address, bits) = text.split_once('/').ok_or_else(bad)?;
    let address: IpAddr = address.parse().map_err(|_| bad())?;
    let bits: u32 = bits.parse().map_err(|_| bad())?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    if bits > most { Err(bad()) } else { Ok((address, bits)) }
}

fn within((network, bits): (IpAddr, u32), address: IpAddr) -> bool {
    let number = |a: IpAddr| match a {
        IpAddr::V4(a) => (u128::from(u32::from(a)), 32),
        IpAddr::V6(a) => (u128::from(a), 128),
    };
    let ((a, size), (b, other)) = (number(network), number(address));
    size == other && (bits == 0 || (a >> (size - bits)) == (b >> (size - bits)))
}
