//! Addresses and URLs (`k8s.io/apiserver/pkg/cel/library/{ip,cidr,urls}.go`).

use super::run::Outcome;
use super::worth::{Worth, overload};
use drydock_machinery::names;
use std::net::IpAddr;

fn bits(ip: IpAddr) -> (u128, u8) {
    match ip {
        IpAddr::V4(ip) => (u128::from(u32::from(ip)), 32),
        IpAddr::V6(ip) => (u128::from(ip), 128),
    }
}

fn of_bits(bits: u128, width: u8) -> IpAddr {
    match width {
        32 => IpAddr::from(u32::try_from(bits).unwrap_or(0).to_be_bytes()),
        _ => IpAddr::from(bits.to_be_bytes()),
    }
}

fn masked(ip: IpAddr, length: u8) -> IpAddr {
    let (number, width) = bits(ip);
    let shift = u32::from(width.saturating_sub(length));
    of_bits(number.checked_shr(shift).unwrap_or(0).checked_shl(shift).unwrap_or(0), width)
}

fn parse_ip(text: &str) -> Result<IpAddr, String> {
    let ip: IpAddr =
        text.parse().map_err(|_| format!("IP Address '{text}' parse error during conversion from string: ParseAddr(\"{text}\"): unable to parse IP"))?;
    match ip {
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some() => {
            Err(format!("IPv4-mapped IPv6 address \"{text}\" is not allowed"))
        }
        ip => Ok(ip),
    }
}

fn parse_cidr(text: &str) -> Result<(IpAddr, u8), String> {
    let wrong = || {
        format!(
            "network address parse error during conversion from string: netip.ParsePrefix(\"{text}\"): no '/'"
        )
    };
    let (ip, length) = text.split_once('/').ok_or_else(wrong)?;
    let (ip, length) = (parse_ip(ip)?, length.parse::<u8>().map_err(|_| wrong())?);
    if names::is_cidr(text).is_empty() || length <= bits(ip).1 { Ok((ip, length)) } else { Err(wrong()) }
}

fn holds((net, length): (IpAddr, u8), ip: IpAddr) -> bool {
    bits(net).1 == bits(ip).1 && masked(ip, length) == masked(net, length)
}

/// Scheme, authority, path and query of an absolute address or path.
fn parts(url: &str) -> (&str, &str, &str, &str) {
    let url = url.split_once('#').map_or(url, |p| p.0);
    let (rest, query) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = rest.split_once("://").map_or(("", rest), |(scheme, rest)| (scheme, rest));
    if scheme.is_empty() {
        return ("", "", rest, query);
    }
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    (scheme, authority.rsplit('@').next().unwrap_or(authority), path, query)
}

fn parse_url(text: &str) -> Result<String, String> {
    let (scheme, ..) = parts(text);
    let good = scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || text.starts_with('/');
    let wrong = |why: &str| format!("URL parse error during conversion from string: parse \"{text}\": {why}");
    match good && !text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        true => Ok(text.to_string()),
        false => Err(wrong("invalid URI for request")),
    }
}

fn port_of(authority: &str) -> (&str, &str) {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, port),
        _ => (authority, ""),
    }
}

pub(super) fn function(name: &str, all: &[Worth]) -> Option<Outcome> {
    let first = all.first()?;
    let text = || first.text();
    let other = || all.get(1).ok_or_else(overload);
    Some(match (name, first) {
        ("ip", Worth::Cidr(ip, _)) => Ok(Worth::Ip(*ip)),
        ("ip", _) => text().and_then(parse_ip).map(Worth::Ip),
        ("isIP", _) => text().map(|t| parse_ip(t).is_ok().into()),
        ("ip.isCanonical", _) => text().and_then(|t| Ok((parse_ip(t)?.to_string() == t).into())),
        ("cidr", _) => text().and_then(parse_cidr).map(|(ip, length)| Worth::Cidr(ip, length)),
        ("isCIDR", _) => text().map(|t| parse_cidr(t).is_ok().into()),
        ("url", _) => text().and_then(parse_url).map(Worth::Url),
        ("isURL", _) => text().map(|t| parse_url(t).is_ok().into()),
        ("family", Worth::Ip(ip)) => Ok((if ip.is_ipv4() { 4 } else { 6 }).into()),
        ("isUnspecified", Worth::Ip(ip)) => Ok(ip.is_unspecified().into()),
        ("isLoopback", Worth::Ip(ip)) => Ok(ip.is_loopback().into()),
        ("isLinkLocalMulticast", Worth::Ip(ip)) => Ok(local_multicast(*ip).into()),
        ("isLinkLocalUnicast", Worth::Ip(ip)) => Ok(local_unicast(*ip).into()),
        ("isGlobalUnicast", Worth::Ip(ip)) => {
            let special = ip.is_unspecified() || ip.is_loopback() || ip.is_multicast() || local_unicast(*ip);
            let broadcast = matches!(ip, IpAddr::V4(v4) if v4.is_broadcast());
            Ok((!special && !broadcast).into())
        }
        ("containsIP", Worth::Cidr(net, length)) => other().and_then(|ip| {
            let ip = if let Worth::Ip(ip) = ip { *ip } else { parse_ip(ip.text()?)? };
            Ok(holds((*net, *length), ip).into())
        }),
        ("containsCIDR", Worth::Cidr(net, length)) => other().and_then(|inner| {
            let (ip, inner) =
                if let Worth::Cidr(ip, inner) = inner { (*ip, *inner) } else { parse_cidr(inner.text()?)? };
            Ok((inner >= *length && holds((*net, *length), ip)).into())
        }),
        ("masked", Worth::Cidr(net, length)) => Ok(Worth::Cidr(masked(*net, *length), *length)),
        ("prefixLength", Worth::Cidr(_, length)) => Ok(i64::from(*length).into()),
        ("getScheme", Worth::Url(url)) => Ok(parts(url).0.into()),
        ("getHost", Worth::Url(url)) => Ok(parts(url).1.into()),
        ("getHostname", Worth::Url(url)) => {
            Ok(port_of(parts(url).1).0.trim_start_matches('[').trim_end_matches(']').into())
        }
        ("getPort", Worth::Url(url)) => Ok(port_of(parts(url).1).1.into()),
        ("getEscapedPath", Worth::Url(url)) => Ok(parts(url).2.into()),
        ("getQuery", Worth::Url(url)) => {
            let mut found: Vec<(String, Vec<Worth>)> = Vec::new();
            for (key, value) in parts(url).3.split('&').filter_map(|p| p.split_once('=')) {
                match found.iter_mut().find(|f| f.0 == key) {
                    Some(known) => known.1.push(value.into()),
                    None => found.push((key.to_string(), vec![value.into()])),
                }
            }
            Ok(Worth::Map(found.into_iter().map(|(key, values)| (key, Worth::list(values))).collect()))
        }
        _ => return None,
    })
}

fn local_unicast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.segments().first().is_some_and(|s| s & 0xffc0 == 0xfe80),
    }
}

fn local_multicast(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.octets().starts_with(&[224, 0, 0]),
        IpAddr::V6(v6) => v6.segments().first().is_some_and(|s| s & 0xff0f == 0xff02),
    }
}
