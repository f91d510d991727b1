//! IPv4 addresses and ranges.

/// An IPv4 address; ordered as a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ip(pub u32);

impl Ip {
    pub const LOOPBACK: Ip = Ip::new(127, 0, 0, 1);
    #[must_use]
    pub const fn new(a: u8, b: u8, c: u8, d: u8) -> Ip {
        Ip(u32::from_be_bytes([a, b, c, d]))
    }
    /// Dotted decimal without leading zeros, as Go's `netip.ParseAddr` takes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Ip> {
        let mut parts = text.split('.');
        let mut next = || {
            let part = parts.next()?;
            let plain = part.len() == 1 || !part.starts_with('0');
            (plain && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse::<u8>().ok())?
        };
        let ip = Ip::new(next()?, next()?, next()?, next()?);
        parts.next().is_none().then_some(ip)
    }
    #[must_use]
    pub fn is_loopback(self) -> bool {
        self.0 >> 24 == 127
    }
}

impl std::fmt::Display for Ip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d] = self.0.to_be_bytes();
        write!(f, "{a}.{b}.{c}.{d}")
    }
}

/// A range such as 10.96.0.0/16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    pub base: Ip,
    pub bits: u8,
}

impl Cidr {
    #[must_use]
    pub const fn new(base: Ip, bits: u8) -> Cidr {
        Cidr { base, bits }
    }
    #[must_use]
    pub fn parse(text: &str) -> Option<Cidr> {
        let (ip, bits) = text.split_once('/')?;
        let bits = bits.parse::<u8>().ok().filter(|b| *b <= 32)?;
        Some(Cidr { base: Ip::parse(ip)?, bits })
    }
    #[must_use]
    pub fn contains(self, ip: Ip) -> bool {
        let shift = 32 - u32::from(self.bits.min(32));
        u64::from(ip.0) >> shift == u64::from(self.base.0) >> shift
    }
    /// The `n`-th address of the range.
    #[must_use]
    pub fn nth(self, n: u32) -> Ip {
        Ip(self.base.0.wrapping_add(n))
    }
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.base, self.bits)
    }
}
