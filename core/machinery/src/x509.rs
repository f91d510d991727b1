//! X.509 certificates and PKCS#10 requests (RFC 5280, RFC 2986) of the simulation's one authority.
//! Structures are the real ones, so that requests made elsewhere can be read and what is signed here can
//! be looked into. Signatures are keyed digests in the place of RSA: only this authority makes them and
//! only it can check them.

use crate::der::{self, Element};
use crate::hash::sha256;
use crate::time::Timestamp;

/// Who a certificate is about: common name and organizations are user and groups to Kubernetes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    pub common_name: String,
    pub organizations: Vec<String>,
}

/// What a certificate says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    pub subject: Subject,
    pub issuer: Subject,
    /// Unix seconds.
    pub not_before: i64,
    pub not_after: i64,
    /// It may be shown by a client (extended key usage).
    pub client: bool,
    /// The simulation's authority signed it.
    pub trusted: bool,
    /// SHA-256 of the DER bytes.
    pub fingerprint: String,
}

/// A signing request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub subject: Subject,
    /// The subject and the public key as they stand in the request.
    pub subject_der: Vec<u8>,
    pub key_der: Vec<u8>,
}

/// What to sign.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    pub subject_der: &'a [u8],
    pub key_der: &'a [u8],
    pub serial: u64,
    pub not_before: i64,
    pub not_after: i64,
    pub client: bool,
    pub server: bool,
    pub authority: bool,
}

const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const ORGANIZATION: &[u8] = &[0x55, 4, 10];
const SHA256_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 19];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];
const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
const AUTHORITY: &str = "kubernetes";

impl Subject {
    #[must_use]
    pub fn new(common_name: &str, organizations: &[&str]) -> Subject {
        Subject {
            common_name: common_name.into(),
            organizations: organizations.iter().map(ToString::to_string).collect(),
        }
    }
    /// The Name: organizations first, as kubeadm and Go write it.
    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        let part = |id: &[u8], text: &str| {
            let pair = [der::write(der::OBJECT_ID, id), der::write(der::UTF8_STRING, text.as_bytes())];
            der::construct(der::SET, &[der::construct(der::SEQUENCE, &pair)])
        };
        let mut parts: Vec<Vec<u8>> = self.organizations.iter().map(|o| part(ORGANIZATION, o)).collect();
        if !self.common_name.is_empty() {
            parts.push(part(COMMON_NAME, &self.common_name));
        }
        der::construct(der::SEQUENCE, &parts)
    }
    fn read(name: Element<'_>) -> Subject {
        let mut subject = Subject::default();
        for pair in der::elements(name.body).flat_map(|set| der::elements(set.body)) {
            let mut parts = der::elements(pair.body);
            let (Some(id), Some(text)) = (parts.next(), parts.next()) else { continue };
            let text = String::from_utf8_lossy(text.body).into_owned();
            match id.body {
                COMMON_NAME => subject.common_name = text,
                ORGANIZATION => subject.organizations.push(text),
                _ => {}
            }
        }
        subject
    }
}

/// A public key nobody has the private part of, for subjects that bring none.
#[must_use]
pub fn public_key(about: &str) -> Vec<u8> {
    let algorithm = [der::write(der::OBJECT_ID, RSA), der::write(der::NULL, &[])];
    let mut modulus = stretched(about.as_bytes(), 256);
    if let Some(first) = modulus.first_mut() {
        *first |= 0x80;
    }
    let key = der::construct(der::SEQUENCE, &[der::integer(&modulus), der::integer(&[1, 0, 1])]);
    der::construct(der::SEQUENCE, &[der::construct(der::SEQUENCE, &algorithm), der::bit_string(&key)])
}

/// Bytes that follow from a text.
#[must_use]
pub fn stretched(about: &[u8], length: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(length + 32);
    let mut block = sha256(about);
    while out.len() < length {
        out.extend_from_slice(&block);
        block = sha256(&block);
    }
    out.truncate(length);
    out
}

/// The authority's signature under anything: certificates and tokens.
#[must_use]
pub fn signature(signed: &[u8]) -> Vec<u8> {
    let mut keyed = b"drydock certificate authority\n".to_vec();
    keyed.extend_from_slice(signed);
    stretched(&keyed, 256)
}

fn moment(unix: i64) -> Vec<u8> {
    let text = Timestamp(unix).to_rfc3339().replace(['-', ':', 'T'], "");
    match Timestamp(unix).civil().year {
        1950..=2049 => der::write(der::UTC_TIME, text.get(2..).unwrap_or("").as_bytes()),
        _ => der::write(der::GENERALIZED_TIME, text.as_bytes()),
    }
}

fn unix(time: Element<'_>) -> Option<i64> {
    let text = std::str::from_utf8(time.body).ok()?;
    let full = match time.tag {
        der::UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        der::UTC_TIME => format!("19{text}"),
        _ => text.to_string(),
    };
    let number = |from: usize, to: usize| full.get(from..to)?.parse::<u32>().ok();
    let year = i64::from(number(0, 4)?);
    let (month, day) = (number(4, 6)?, number(6, 8)?);
    let time = (number(8, 10)?, number(10, 12)?, number(12, 14)?);
    Some(Timestamp::from_civil(year, month, day, time.0, time.1, time.2).0)
}

fn extension(id: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let mut parts = vec![der::write(der::OBJECT_ID, id)];
    if critical {
        parts.push(vec![1, 1, 0xff]);
    }
    parts.push(der::write(der::OCTET_STRING, value));
    der::construct(der::SEQUENCE, &parts)
}

/// Signs a certificate; gives its PEM text.
#[must_use]
pub fn issue(order: &Order<'_>) -> String {
    let algorithm =
        der::construct(der::SEQUENCE, &[der::write(der::OBJECT_ID, SHA256_RSA), der::write(der::NULL, &[])]);
    // keyCertSign, or digitalSignature and keyEncipherment.
    let usage: &[u8] = if order.authority { &[3, 2, 2, 0xa4] } else { &[3, 2, 5, 0xa0] };
    let mut extensions = vec![extension(KEY_USAGE, true, usage)];
    let purposes = [(order.server, SERVER_AUTH), (order.client, CLIENT_AUTH)];
    let purposes: Vec<Vec<u8>> =
        purposes.iter().filter(|p| p.0).map(|p| der::write(der::OBJECT_ID, p.1)).collect();
    if !purposes.is_empty() {
        extensions.push(extension(EXTENDED_KEY_USAGE, false, &der::construct(der::SEQUENCE, &purposes)));
    }
    let constraints: Vec<Vec<u8>> = if order.authority { vec![vec![1, 1, 0xff]] } else { Vec::new() };
    extensions.push(extension(BASIC_CONSTRAINTS, true, &der::construct(der::SEQUENCE, &constraints)));
    let body = der::construct(
        der::SEQUENCE,
        &[
            der::write(0xa0, &der::write(der::INTEGER, &[2])),
            der::integer(&order.serial.to_be_bytes()),
            algorithm.clone(),
            Subject::new(AUTHORITY, &[]).der(),
            der::construct(der::SEQUENCE, &[moment(order.not_before), moment(order.not_after)]),
            order.subject_der.to_vec(),
            order.key_der.to_vec(),
            der::write(0xa3, &der::construct(der::SEQUENCE, &extensions)),
        ],
    );
    let signature = der::bit_string(&signature(&body));
    der::pem_encode("CERTIFICATE", &der::construct(der::SEQUENCE, &[body, algorithm, signature]))
}

/// The authority's own certificate, the same in every world.
#[must_use]
pub fn authority() -> String {
    issue(&Order {
        subject_der: &Subject::new(AUTHORITY, &[]).der(),
        key_der: &public_key(AUTHORITY),
        serial: 1,
        not_before: FOREVER.0,
        not_after: FOREVER.1,
        client: false,
        server: false,
        authority: true,
    })
}

/// The validity of what is there before any world begins: 2020 to 2046.
pub const FOREVER: (i64, i64) = (1_577_836_800, 2_398_377_600);

/// A client's certificate that is valid in every world.
#[must_use]
pub fn client(subject: &Subject) -> String {
    issue(&Order {
        subject_der: &subject.der(),
        key_der: &public_key(&subject.common_name),
        serial: crate::hash::fnv64a(subject.common_name.as_bytes()) >> 1,
        not_before: FOREVER.0,
        not_after: FOREVER.1,
        client: true,
        server: false,
        authority: false,
    })
}

/// Reads the first certificate of a PEM text.
#[must_use]
pub fn certificate(pem: &str) -> Option<Certificate> {
    let bytes = der::pem_decode("CERTIFICATE", pem)?;
    let (whole, _) = der::read(&bytes)?;
    let mut outer = der::elements(whole.body);
    let body = outer.next()?;
    let signed = outer.nth(1)?;
    let mut parts = der::elements(body.body).filter(|e| e.tag != 0xa0);
    // serialNumber, signature
    parts.nth(1)?;
    let issuer = Subject::read(parts.next()?);
    let validity = parts.next()?;
    let mut times = der::elements(validity.body);
    let (not_before, not_after) = (unix(times.next()?)?, unix(times.next()?)?);
    let subject = Subject::read(parts.next()?);
    let extensions = parts.find(|e| e.tag == 0xa3)?;
    let client = extensions.body.windows(CLIENT_AUTH.len()).any(|w| w == CLIENT_AUTH);
    let trusted = signed.body.get(1..) == Some(&signature(body.raw));
    let fingerprint = crate::hash::sha256_hex(&bytes);
    Some(Certificate { subject, issuer, not_before, not_after, client, trusted, fingerprint })
}

/// Reads the first signing request of a PEM text.
#[must_use]
pub fn request(pem: &str) -> Option<Request> {
    let bytes = der::pem_decode("CERTIFICATE REQUEST", pem)?;
    let (whole, _) = der::read(&bytes)?;
    let info = der::elements(whole.body).next()?;
    let mut parts = der::elements(info.body);
    parts.next().filter(|version| version.tag == der::INTEGER)?;
    let (name, key) = (parts.next()?, parts.next()?);
    Some(Request { subject: Subject::read(name), subject_der: name.raw.to_vec(), key_der: key.raw.to_vec() })
}

/// A signing request of a subject, as `openssl req -new` makes it; PEM.
#[must_use]
pub fn make_request(subject: &Subject, key_der: &[u8]) -> String {
    let info = der::construct(
        der::SEQUENCE,
        &[der::write(der::INTEGER, &[0]), subject.der(), key_der.to_vec(), vec![0xa0, 0]],
    );
    let algorithm =
        der::construct(der::SEQUENCE, &[der::write(der::OBJECT_ID, SHA256_RSA), der::write(der::NULL, &[])]);
    let signed = der::bit_string(&stretched(&info, 256));
    der::pem_encode("CERTIFICATE REQUEST", &der::construct(der::SEQUENCE, &[info, algorithm, signed]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_authority_signs_it_can_read_back() {
        let subject = Subject::new("jane", &["dev", "qa"]);
        let read = certificate(&client(&subject)).expect("a certificate");
        assert_eq!((&read.subject, read.trusted, read.client), (&subject, true, true));
        assert_eq!((read.not_before, read.not_after), FOREVER);
        assert_eq!(read.issuer.common_name, "kubernetes");
    }

    #[test]
    fn a_changed_certificate_is_not_trusted() {
        let pem = client(&Subject::new("jane", &[]));
        let mut bytes = der::pem_decode("CERTIFICATE", &pem).expect("PEM");
        let at = bytes.windows(4).position(|w| w == b"jane").expect("the name");
        bytes[at] = b'k';
        let read = certificate(&der::pem_encode("CERTIFICATE", &bytes)).expect("a certificate");
        assert_eq!((read.subject.common_name.as_str(), read.trusted), ("kane", false));
        assert_eq!(certificate("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), None);
    }

    #[test]
    fn requests_made_by_openssl_are_read() {
        // `openssl req -new -newkey rsa:512 -subj /CN=myuser/O=dev`, shortened to what is looked at.
        let subject = Subject::new("myuser", &["dev"]);
        let read = request(&make_request(&subject, &public_key("k"))).expect("a request");
        assert_eq!((read.subject, read.key_der), (subject, public_key("k")));
    }
}
