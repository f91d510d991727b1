//! Keys, requests and certificates as text.

use super::certificate::Certificate;
use super::key::Public;
use super::request::{NAMES, Request};
use drydock_machinery::der;
use drydock_machinery::time::Timestamp;

pub(super) fn hex_upper(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}

/// `Nov 21 16:45:08 2026 GMT`
pub(super) fn date(unix: i64) -> String {
    let t = Timestamp(unix).civil();
    format!("{} {:>2} {:02}:{:02}:{:02} {} GMT", t.month_name(), t.day, t.hour, t.minute, t.second, t.year)
}

/// `CN = jane, O = dev`
pub(super) fn name(raw: &[u8]) -> String {
    let Some((whole, _)) = der::read(raw) else { return String::new() };
    let mut parts = Vec::new();
    for pair in der::elements(whole.body).flat_map(|set| der::elements(set.body)) {
        let mut words = der::elements(pair.body);
        let (Some(id), Some(value)) = (words.next(), words.next()) else { continue };
        let letters = NAMES.iter().find(|n| n.1 == id.body).map_or("?", |n| n.0);
        parts.push(format!("{letters} = {}", String::from_utf8_lossy(value.body)));
    }
    parts.join(", ")
}

/// Bytes in hexadecimal, so many a row.
fn rows(bytes: &[u8], per_row: usize, indent: usize) -> String {
    let all: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let rows: Vec<String> =
        all.chunks(per_row).map(|r| format!("{}{}", " ".repeat(indent), r.join(":"))).collect();
    rows.join(":\n") + "\n"
}

fn modulus(key: &Public, indent: usize) -> String {
    let mut bytes = key.modulus.clone();
    if bytes.first().is_some_and(|b| b & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    rows(&bytes, 15, indent)
}

fn public_text(key: &Public) -> String {
    format!(
        "        Subject Public Key Info:\n            Public Key Algorithm: rsaEncryption\n                Public-Key: ({} bit)\n                Modulus:\n{}                Exponent: 65537 (0x10001)\n",
        key.bits(),
        modulus(key, 20)
    )
}

pub(super) fn private_text(key: &Public, rsa: &[u8]) -> String {
    let mut out = format!(
        "Private-Key: ({} bit, 2 primes)\nmodulus:\n{}publicExponent: 65537 (0x10001)\n",
        key.bits(),
        modulus(key, 4)
    );
    let Some((whole, _)) = der::read(rsa) else { return out };
    let labels = ["privateExponent", "prime1", "prime2", "exponent1", "exponent2", "coefficient"];
    for (label, number) in labels.iter().zip(der::elements(whole.body).skip(3)) {
        out.push_str(&format!("{label}:\n{}", rows(number.body, 15, 4)));
    }
    out
}

fn signature_text(signature: &[u8]) -> String {
    format!(
        "    Signature Algorithm: sha256WithRSAEncryption\n    Signature Value:\n{}",
        rows(signature, 18, 8)
    )
}

pub(super) fn request_text(request: &Request) -> String {
    let mut out = format!(
        "Certificate Request:\n    Data:\n        Version: 1 (0x0)\n        Subject: {}\n{}        Attributes:\n",
        name(&request.subject),
        public_text(&request.key)
    );
    if request.extensions.is_empty() {
        out.push_str("            (none)\n            Requested Extensions:\n");
    } else {
        out.push_str("            Requested Extensions:\n");
        out.push_str(&extensions(&request.extensions, 16));
    }
    out + &signature_text(&request.signature)
}

pub(super) fn certificate_text(certificate: &Certificate) -> String {
    let Certificate { version, serial, issuer, subject, from, to, key, extensions: list, signature, .. } =
        certificate;
    let trimmed = serial.strip_prefix(&[0]).unwrap_or(serial);
    let number = match trimmed.len() {
        0..=8 => {
            let n = trimmed.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
            format!(" {n} (0x{n:x})\n")
        }
        _ => format!("\n{}", rows(serial, 64, 12)),
    };
    let mut out = format!(
        "Certificate:\n    Data:\n        Version: {version} (0x{:x})\n        Serial Number:{number}        Signature Algorithm: sha256WithRSAEncryption\n        Issuer: {}\n        Validity\n            Not Before: {}\n            Not After : {}\n        Subject: {}\n{}",
        version - 1,
        name(issuer),
        date(*from),
        date(*to),
        name(subject),
        public_text(key)
    );
    if !list.is_empty() {
        out.push_str("        X509v3 extensions:\n");
        out.push_str(&extensions(list, 12));
    }
    out + &signature_text(signature)
}

/// Extensions with their names, indented.
pub(super) fn extensions(list: &[Vec<u8>], indent: usize) -> String {
    let pad = " ".repeat(indent);
    let mut out = String::new();
    for raw in list {
        let Some((whole, _)) = der::read(raw) else { continue };
        let parts: Vec<der::Element<'_>> = der::elements(whole.body).collect();
        let (Some(id), Some(value)) = (parts.first(), parts.last()) else { continue };
        let critical = if parts.len() > 2 { " critical" } else { " " };
        let inner = der::read(value.body).map(|e| e.0);
        let members = || inner.iter().flat_map(|e| der::elements(e.body)).collect::<Vec<_>>();
        let (title, text) = match id.body {
            [0x55, 0x1d, 17] => {
                let names: Vec<String> = members()
                    .iter()
                    .map(|e| match e.tag {
                        0x82 => format!("DNS:{}", String::from_utf8_lossy(e.body)),
                        0x81 => format!("email:{}", String::from_utf8_lossy(e.body)),
                        0x86 => format!("URI:{}", String::from_utf8_lossy(e.body)),
                        _ => format!(
                            "IP Address:{}",
                            e.body.iter().map(u8::to_string).collect::<Vec<_>>().join(".")
                        ),
                    })
                    .collect();
                ("X509v3 Subject Alternative Name", names.join(", "))
            }
            [0x55, 0x1d, 19] => {
                let ca = members().iter().any(|e| e.tag == 1 && e.body == [0xff]);
                ("X509v3 Basic Constraints", format!("CA:{}", if ca { "TRUE" } else { "FALSE" }))
            }
            [0x55, 0x1d, 37] => {
                let uses: Vec<&str> = members()
                    .iter()
                    .map(|e| match e.body.last() {
                        Some(1) => "TLS Web Server Authentication",
                        Some(2) => "TLS Web Client Authentication",
                        _ => "Code Signing",
                    })
                    .collect();
                ("X509v3 Extended Key Usage", uses.join(", "))
            }
            [0x55, 0x1d, 15] => {
                const NAMES: [&str; 7] = [
                    "Digital Signature",
                    "Non Repudiation",
                    "Key Encipherment",
                    "Data Encipherment",
                    "Key Agreement",
                    "Certificate Sign",
                    "CRL Sign",
                ];
                let mask = inner.and_then(|e| e.body.get(1).copied()).unwrap_or(0);
                let uses: Vec<&str> =
                    NAMES.iter().enumerate().filter(|(n, _)| mask & 0x80 >> n != 0).map(|n| *n.1).collect();
                ("X509v3 Key Usage", uses.join(", "))
            }
            _ => continue,
        };
        out.push_str(&format!("{pad}{title}:{critical}\n{pad}    {text}\n"));
    }
    out
}
