//! Name service as CoreDNS and a resolver with search domains give it: short and full names, SRV-less
//! A records, NXDOMAIN. Records are put in by the cluster's DNS and the engine's networks.

use crate::address::Ip;
use imbl::{OrdMap, Vector};
use std::sync::Arc;

/// A resolver's configuration: `/etc/resolv.conf`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Resolver {
    pub nameserver: Ip,
    pub search: Vec<Arc<str>>,
    pub ndots: u8,
    /// Whose records are asked, where many servers share one address: the server inside each container
    /// (127.0.0.11). 0.0.0.0 for `nameserver` itself.
    pub scope: Ip,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    A(Vector<Ip>),
    Cname(Arc<str>),
}

/// What a lookup found: the name that answered and its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub name: Arc<str>,
    pub ips: Vec<Ip>,
}

/// Records by server and lower-case absolute name without the final dot. The server 0.0.0.0 stands for
/// all of them: names of the internet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dns {
    records: OrdMap<(Ip, Arc<str>), Record>,
}

/// Every name server knows these.
const EVERYWHERE: Ip = Ip(0);

impl Dns {
    /// A record every name server gives.
    pub fn set(&mut self, name: &str, record: Record) {
        self.set_at(EVERYWHERE, name, record);
    }
    pub fn remove(&mut self, name: &str) {
        self.remove_at(EVERYWHERE, name);
    }
    /// A record that only one name server gives: the cluster's, a container network's.
    pub fn set_at(&mut self, server: Ip, name: &str, record: Record) {
        self.records.insert((server, key(name)), record);
    }
    pub fn remove_at(&mut self, server: Ip, name: &str) {
        self.records.remove(&(server, key(name)));
    }
    /// The addresses of one absolute name as `server` gives them, following aliases.
    #[must_use]
    pub fn absolute(&self, server: Ip, name: &str) -> Option<Found> {
        let mut at = key(name);
        for _ in 0..8 {
            let own = self.records.get(&(server, at.clone()));
            match own.or_else(|| self.records.get(&(EVERYWHERE, at.clone())))? {
                Record::A(ips) => return Some(Found { name: at, ips: ips.iter().copied().collect() }),
                Record::Cname(to) => at = key(to),
            }
        }
        None
    }
    /// Looks `name` up as glibc's resolver does: with at least `ndots` dots first as it is, then with
    /// each search domain, else the other way round. A final dot means absolute. None is NXDOMAIN.
    #[must_use]
    pub fn resolve(&self, resolver: &Resolver, name: &str) -> Option<Found> {
        let server = if resolver.scope == EVERYWHERE { resolver.nameserver } else { resolver.scope };
        if name.ends_with('.') {
            return self.absolute(server, name);
        }
        let dots = name.bytes().filter(|b| *b == b'.').count();
        let absolute = |name: &str| self.absolute(server, name);
        let searched = || resolver.search.iter().find_map(|domain| absolute(&format!("{name}.{domain}")));
        if dots >= usize::from(resolver.ndots) {
            absolute(name).or_else(searched)
        } else {
            searched().or_else(|| absolute(name))
        }
    }
}

fn key(name: &str) -> Arc<str> {
    name.trim_end_matches('.').to_ascii_lowercase().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_domains_dots_and_servers_decide() {
        let cluster = Ip::new(10, 96, 0, 10);
        let mut dns = Dns::default();
        let at = |n: u8| Record::A(Vector::unit(Ip::new(10, 0, 0, n)));
        dns.set_at(cluster, "web.shop.svc.cluster.local", at(1));
        dns.set_at(cluster, "out.shop.svc.cluster.local", Record::Cname("Example.com.".into()));
        dns.set("example.com", at(2));
        let search = ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"].map(Arc::from).to_vec();
        let pod = Resolver { nameserver: cluster, search, ndots: 5, ..Resolver::default() };
        let laptop = Resolver { nameserver: Ip::new(192, 168, 65, 7), ndots: 1, ..Resolver::default() };
        let name = |resolver: &Resolver, n: &str| dns.resolve(resolver, n).map(|f| f.name.to_string());
        let web = Some("web.shop.svc.cluster.local".to_string());
        assert_eq!(name(&pod, "web"), web);
        assert_eq!(name(&pod, "WEB.shop"), web);
        assert_eq!(name(&pod, "web.shop.svc.cluster.local."), web);
        assert_eq!(name(&pod, "out"), Some("example.com".into()));
        assert_eq!(name(&pod, "nope"), None);
        assert_eq!(name(&laptop, "web.shop.svc.cluster.local"), None);
        assert_eq!(name(&laptop, "example.com"), Some("example.com".into()));
    }
}
