//! The PORTS column. Follows `formatter.DisplayablePorts`: ports published under their own number, and
//! those not published, merge into ranges; the others follow one by one.

use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;
use std::collections::BTreeMap;

struct Port {
    ip: String,
    private: i64,
    public: i64,
    protocol: String,
}

/// `0.0.0.0:8888->80/tcp, [::]:8888->80/tcp`.
#[must_use]
pub fn display(list: &Value) -> String {
    let mut ports: Vec<Port> = list
        .items()
        .iter()
        .map(|p| Port {
            ip: p["IP"].text().into(),
            private: p["PrivatePort"].int(),
            public: p["PublicPort"].int(),
            protocol: p["Type"].text().into(),
        })
        .collect();
    ports.arrange_by(|a, b| {
        (a.private, &a.ip, a.public, &a.protocol).cmp(&(b.private, &b.ip, b.public, &b.protocol))
    });
    let mut groups: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut order: Vec<String> = Vec::new();
    let (mut ranges, mut single) = (Vec::new(), Vec::new());
    for port in &ports {
        let mut key = port.protocol.clone();
        if !port.ip.is_empty() {
            if port.public != port.private {
                let outside = join(&port.ip, &port.public.to_string());
                single.push(format!("{outside}->{}/{}", port.private, port.protocol));
                continue;
            }
            key = format!("{}/{}", port.ip, port.protocol);
        }
        match groups.get_mut(&key) {
            None => {
                groups.insert(key.clone(), (port.private, port.private));
                order.push(key);
            }
            Some(group) if port.private == group.1 + 1 => group.1 = port.private,
            Some(group) => {
                ranges.push(range(&key, *group));
                *group = (port.private, port.private);
            }
        }
    }
    ranges.extend(order.iter().filter_map(|key| groups.get(key).map(|group| range(key, *group))));
    ranges.extend(single);
    ranges.join(", ")
}

fn range(key: &str, (first, last): (i64, i64)) -> String {
    let (ip, protocol) = key.rsplit_once('/').unwrap_or(("", key));
    let numbers = if first == last { first.to_string() } else { format!("{first}-{last}") };
    if ip.is_empty() {
        return format!("{numbers}/{protocol}");
    }
    format!("{}->{numbers}/{protocol}", join(ip, &numbers))
}

/// Address and port, an IPv6 address in brackets.
#[must_use]
pub fn join(ip: &str, port: &str) -> String {
    if ip.contains(':') { format!("[{ip}]:{port}") } else { format!("{ip}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_machinery::value;

    fn port(ip: &str, private: i64, public: i64, kind: &str) -> Value {
        value!({"IP": ip, "PrivatePort": private, "PublicPort": public, "Type": kind})
    }
    #[test]
    fn ranges_and_mappings() {
        let list = value!([
            (port("0.0.0.0", 7000, 7000, "tcp")),
            (port("0.0.0.0", 7001, 7001, "tcp")),
            (port("0.0.0.0", 80, 32_768, "tcp")),
            (port("::", 80, 32_768, "tcp")),
            (port("127.0.0.1", 90, 9000, "udp")),
            (port("", 3306, 0, "tcp"))
        ]);
        assert_eq!(
            display(&list),
            "3306/tcp, 0.0.0.0:7000-7001->7000-7001/tcp, 0.0.0.0:32768->80/tcp, [::]:32768->80/tcp, 127.0.0.1:9000->90/udp"
        );
    }
}
