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

/// Records by lower-case absolute name without the final dot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dns {
    records: OrdMap<Arc<str>, Record>,
}

impl Dns {
    pub fn set(&mut self, name: &str, record: Record) {
        self.records.insert(name.to_ascii_lowercase().into(), record);
    }
    pub fn remove(&mut self, name: &str) {
        self.records.remove(name.to_ascii_lowercase().as_str());
    }
    /// The addresses of one absolute name, following aliases.
    #[must_use]
    pub fn absolute(&self, name: &str) -> Option<Found> {
        let mut at: Arc<str> = name.trim_end_matches('.').to_ascii_lowercase().into();
        for _ in 0..8 {
            match self.records.get(&at)? {
                Record::A(ips) => return Some(Found { name: at, ips: ips.iter().copied().collect() }),
                Record::Cname(to) => at = to.trim_end_matches('.').to_ascii_lowercase().into(),
            }
        }
        None
    }
    /// Looks `name` up as glibc's resolver does: with at least `ndots` dots first as it is, then with
    /// each search domain, else the other way round. A final dot means absolute. None is NXDOMAIN.
    #[must_use]
    pub fn resolve(&self, resolver: &Resolver, name: &str) -> Option<Found> {
        if name.ends_with('.') {
            return self.absolute(name);
        }
        let dots = name.bytes().filter(|b| *b == b'.').count();
        let searched =
            || resolver.search.iter().find_map(|domain| self.absolute(&format!("{name}.{domain}")));
        if dots >= usize::from(resolver.ndots) {
            self.absolute(name).or_else(searched)
        } else {
            searched().or_else(|| self.absolute(name))
        }
    }
}
