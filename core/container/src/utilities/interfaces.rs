//! Interfaces and sockets: ip, ifconfig, netstat, ss.

use super::accounts::user_name;
use super::support::own_name;
use crate::sys::Sys;
use drydock_network::address::Ip;

pub fn ip(sys: &mut Sys<'_>) -> i32 {
    let args = sys.args();
    let what = args.iter().skip(1).find(|a| !a.starts_with('-')).map_or("addr", |a| &**a).to_string();
    let address = sys.address().unwrap_or_default();
    match what.as_str() {
        w if "address".starts_with(w) => sys.print(&format!(
            "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default\n    link/ether 02:42:{:02x}:{:02x}:{:02x}:{:02x} brd ff:ff:ff:ff:ff:ff link-netnsid 0\n    inet {address}/24 scope global eth0\n       valid_lft forever preferred_lft forever\n",
            address.0 >> 24, address.0 >> 16 & 255, address.0 >> 8 & 255, address.0 & 255
        )),
        w if "route".starts_with(w) => {
            let gateway = Ip((address.0 & !255) + 1);
            sys.print(&format!("default via {gateway} dev eth0\n{}/24 dev eth0 proto kernel scope link src {address}\n", Ip(address.0 & !255)));
        }
        w if "link".starts_with(w) => sys.print("1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\n2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default\n"),
        other => {
            sys.eprint(&format!("Object \"{other}\" is unknown, try \"ip help\".\n"));
            return 1;
        }
    }
    0
}

pub fn ifconfig(sys: &mut Sys<'_>) -> i32 {
    let address = sys.address().unwrap_or_default();
    sys.print(&format!("eth0      Link encap:Ethernet  HWaddr 02:42:0A:00:00:02\n          inet addr:{address}  Bcast:{}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1\n\nlo        Link encap:Local Loopback\n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n", Ip(address.0 | 255)));
    0
}

/// netstat -tln and ss -tln: the ports listened on.
pub fn listening(sys: &mut Sys<'_>) -> i32 {
    let own = own_name(sys);
    let Some(net) = sys.process().and_then(|p| sys.machines.space(p.space)).map(|s| s.net) else { return 1 };
    let found: Vec<(u16, u32, String, u32)> = sys
        .machines
        .listeners
        .iter()
        .filter(|((n, port), _)| *n == net && *port > 9)
        .filter_map(|((_, port), pid)| {
            let process = sys.machines.process(*pid)?;
            Some((*port, process.ns_pid, crate::pseudo::comm(process).to_string(), process.uid))
        })
        .collect();
    let with_programs = sys.args().iter().any(|a| a.starts_with('-') && a.contains('p'));
    if own == "ss" {
        sys.print("State    Recv-Q   Send-Q     Local Address:Port     Peer Address:Port  Process\n");
        for (port, pid, name, _) in found {
            let tail =
                if with_programs { format!("users:((\"{name}\",pid={pid},fd=6))") } else { String::new() };
            sys.print(&format!(
                "LISTEN   0        511              0.0.0.0:{port:<12} 0.0.0.0:*      {tail}\n"
            ));
        }
        return 0;
    }
    sys.print("Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ");
    sys.print(if with_programs { "PID/Program name    \n" } else { "\n" });
    for (port, pid, name, uid) in found {
        let _ = user_name(sys, uid);
        let tail = if with_programs { format!("{pid}/{name}") } else { String::new() };
        sys.print(&format!(
            "tcp        0      0 {:<23} {:<23} LISTEN      {tail}\n",
            format!("0.0.0.0:{port}"),
            "0.0.0.0:*"
        ));
    }
    0
}
