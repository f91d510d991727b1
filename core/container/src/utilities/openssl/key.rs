//! RSA keys: PKCS#8 and PKCS#1 in PEM. The modulus is the product of two drawn numbers.

use super::{Given, cannot_open, output};
use crate::sys::Sys;
use drydock_machinery::der;

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];

/// Bytes drawn from the world's chance.
pub(super) fn drawn(sys: &mut Sys<'_>, length: usize) -> Vec<u8> {
    let random = &mut sys.machines.clock.random;
    let mut out: Vec<u8> = Vec::with_capacity(length + 8);
    while out.len() < length {
        out.extend(random.next_u64().to_be_bytes());
    }
    out.truncate(length);
    out
}

/// The product of two big-endian numbers.
fn product(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut sums = vec![0u32; a.len() + b.len()];
    for (i, x) in a.iter().rev().enumerate() {
        let mut carry = 0u32;
        for (j, y) in b.iter().rev().enumerate() {
            if let Some(place) = sums.get_mut(i + j) {
                let sum = *place + u32::from(*x) * u32::from(*y) + carry;
                *place = sum & 0xff;
                carry = sum >> 8;
            }
        }
        let mut at = i + b.len();
        while carry > 0 {
            let Some(place) = sums.get_mut(at) else { break };
            let sum = *place + carry;
            *place = sum & 0xff;
            carry = sum >> 8;
            at += 1;
        }
    }
    sums.iter().rev().map(|s| *s as u8).collect()
}

fn algorithm() -> Vec<u8> {
    der::construct(der::SEQUENCE, &[der::write(der::OBJECT_ID, RSA), der::write(der::NULL, &[])])
}

/// A new key of so many bits: PKCS#8 in PEM.
pub(super) fn new_key(sys: &mut Sys<'_>, bits: usize) -> String {
    let half = (bits / 16).max(32);
    let odd = |mut n: Vec<u8>| {
        // Both top bits: the product has its full length.
        if let Some(first) = n.first_mut() {
            *first |= 0xc0;
        }
        if let Some(last) = n.last_mut() {
            *last |= 1;
        }
        n
    };
    let (p, q) = (odd(drawn(sys, half)), odd(drawn(sys, half)));
    let modulus = product(&p, &q);
    let private = odd(drawn(sys, half * 2));
    let numbers = [
        der::integer(&[0]),
        der::integer(&modulus),
        der::integer(&[1, 0, 1]),
        der::integer(&private),
        der::integer(&p),
        der::integer(&q),
        der::integer(&drawn(sys, half)),
        der::integer(&drawn(sys, half)),
        der::integer(&drawn(sys, half)),
    ];
    let rsa = der::construct(der::SEQUENCE, &numbers);
    let whole = [der::integer(&[0]), algorithm(), der::write(der::OCTET_STRING, &rsa)];
    der::pem_encode("PRIVATE KEY", &der::construct(der::SEQUENCE, &whole))
}

/// The public numbers of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Public {
    pub(super) modulus: Vec<u8>,
    pub(super) exponent: Vec<u8>,
}

impl Public {
    /// As SubjectPublicKeyInfo.
    pub(super) fn der(&self) -> Vec<u8> {
        let key = der::construct(der::SEQUENCE, &[der::integer(&self.modulus), der::integer(&self.exponent)]);
        der::construct(der::SEQUENCE, &[algorithm(), der::bit_string(&key)])
    }
    /// Reads a SubjectPublicKeyInfo.
    pub(super) fn read(info: &[u8]) -> Option<Public> {
        let (whole, _) = der::read(info)?;
        let bits = der::elements(whole.body).nth(1)?;
        let (key, _) = der::read(bits.body.get(1..)?)?;
        let mut numbers = der::elements(key.body);
        let trim = |b: &[u8]| b.strip_prefix(&[0]).unwrap_or(b).to_vec();
        Some(Public { modulus: trim(numbers.next()?.body), exponent: trim(numbers.next()?.body) })
    }
    pub(super) fn bits(&self) -> usize {
        let top = self.modulus.first().map_or(0, |b| b.leading_zeros() as usize);
        (self.modulus.len() * 8).saturating_sub(top)
    }
    /// This key's signature: bound to the modulus, checked the same way.
    pub(super) fn signature(&self, signed: &[u8]) -> Vec<u8> {
        use sha2::Digest;
        let mut block: Vec<u8> = sha2::Sha256::digest([&self.modulus, signed].concat()).to_vec();
        let mut out = Vec::new();
        while out.len() < self.modulus.len() {
            out.extend_from_slice(&block);
            block = sha2::Sha256::digest(&block).to_vec();
        }
        out.truncate(self.modulus.len());
        // Below the modulus, as a real one is.
        if let Some(first) = out.first_mut() {
            *first &= 0x7f;
        }
        out
    }
}

/// Reads a private key, PKCS#8 or PKCS#1.
pub(super) fn read_private(pem: &str) -> Option<(Public, Vec<u8>)> {
    let rsa = match der::pem_decode("PRIVATE KEY", pem) {
        Some(bytes) => {
            let (whole, _) = der::read(&bytes)?;
            der::elements(whole.body).nth(2)?.body.to_vec()
        }
        None => der::pem_decode("RSA PRIVATE KEY", pem)?,
    };
    let public = {
        let (whole, _) = der::read(&rsa)?;
        let mut numbers = der::elements(whole.body).skip(1);
        let trim = |b: &[u8]| b.strip_prefix(&[0]).unwrap_or(b).to_vec();
        Public { modulus: trim(numbers.next()?.body), exponent: trim(numbers.next()?.body) }
    };
    Some((public, rsa))
}

/// The key in a file, with openssl's complaint where there is none.
pub(super) fn load(sys: &mut Sys<'_>, file: &str, what: &str) -> Result<Public, i32> {
    let bytes = match sys.read_file(file) {
        Ok(bytes) => bytes,
        Err(errno) => return Err(cannot_open(sys, what, file, errno)),
    };
    match read_private(&String::from_utf8_lossy(&bytes)) {
        Some((public, _)) => Ok(public),
        None => {
            sys.eprint(&format!("Could not read {what} from {file}\n40A7B2C1D97F0000:error:1E08010C:DECODER routines:OSSL_DECODER_from_bio:unsupported:../crypto/encode_decode/decoder_lib.c:101:No supported data to decode. Input type: PEM\n"));
            Err(1)
        }
    }
}

pub(super) fn generate(sys: &mut Sys<'_>, verb: &str, given: &Given) -> i32 {
    let mut bits = 2048;
    if verb == "genpkey" {
        let algorithm = given.value("algorithm").unwrap_or("");
        if !algorithm.eq_ignore_ascii_case("rsa") {
            sys.eprint(&match algorithm {
                "" => "genpkey: Use -help for summary.\n".to_string(),
                other => format!("openssl genpkey: {other} keys are not simulated in this sandbox\n"),
            });
            return 1;
        }
        if let Some(option) = given.value("pkeyopt").and_then(|o| o.strip_prefix("rsa_keygen_bits:")) {
            bits = option.parse().unwrap_or(2048);
        }
    } else if let Some(text) = given.rest(&["out", "passout", "rand", "writerand", "engine"]).first() {
        match text.parse::<usize>() {
            Ok(n) if n >= 512 => bits = n,
            Ok(_) => {
                sys.eprint("genrsa: Error generating RSA key\n40A7B2C1D97F0000:error:02000078:rsa routines:rsa_keygen:key size too small:../crypto/rsa/rsa_gen.c:82:\n");
                return 1;
            }
            Err(_) => {
                sys.eprint(&format!(
                    "genrsa: Can't parse \"{text}\" as a number\ngenrsa: Use -help for summary.\n"
                ));
                return 1;
            }
        }
    }
    if bits > 8192 {
        sys.eprint("openssl: keys of more than 8192 bits are not simulated in this sandbox\n");
        return 1;
    }
    let pem = new_key(sys, bits);
    let code = output(sys, given, &pem);
    if let Some(file) = given.value("out") {
        let file = file.to_string();
        let _ = sys.chmod(&file, 0o600);
    }
    code
}

/// `openssl rsa`, `openssl pkey`
pub(super) fn rsa(sys: &mut Sys<'_>, verb: &str, given: &Given, data: &[u8]) -> i32 {
    let text = String::from_utf8_lossy(data);
    if given.has("pubin") {
        let Some(public) = der::pem_decode("PUBLIC KEY", &text).and_then(|d| Public::read(&d)) else {
            sys.eprint("Could not read public key from <stdin>\n");
            return 1;
        };
        if given.has("modulus") {
            sys.print(&format!("Modulus={}\n", super::show::hex_upper(&public.modulus)));
        }
        return if given.has("noout") { 0 } else { output(sys, given, &text) };
    }
    let Some((public, rsa)) = read_private(&text) else {
        let file = given.value("in").unwrap_or("<stdin>").to_string();
        sys.eprint(&format!("Could not read private key from {file}\n"));
        return 1;
    };
    let mut out = String::new();
    if given.has("text") {
        out.push_str(&super::show::private_text(&public, &rsa));
    }
    if given.has("modulus") {
        out.push_str(&format!("Modulus={}\n", super::show::hex_upper(&public.modulus)));
    }
    if given.has("check") {
        out.push_str(if verb == "rsa" { "RSA key ok\n" } else { "Key is valid\n" });
    }
    sys.print(&out);
    if given.has("noout") {
        return 0;
    }
    if verb == "rsa" {
        sys.eprint("writing RSA key\n");
    }
    let pem = if given.has("pubout") {
        der::pem_encode("PUBLIC KEY", &public.der())
    } else if given.has("traditional") {
        der::pem_encode("RSA PRIVATE KEY", &rsa)
    } else {
        let whole = [der::integer(&[0]), algorithm(), der::write(der::OCTET_STRING, &rsa)];
        der::pem_encode("PRIVATE KEY", &der::construct(der::SEQUENCE, &whole))
    };
    output(sys, given, &pem)
}
