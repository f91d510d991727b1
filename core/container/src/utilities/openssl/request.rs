//! `openssl req`: signing requests and self-signed certificates.

use super::certificate::{Plan, sign};
use super::key::{self, Public};
use super::show;
use super::{Given, output, save};
use crate::sys::Sys;
use drydock_machinery::der;

pub(super) const SHA256_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
const EXTENSION_REQUEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 14];
/// Parts of a name: letters, object id, string type.
pub(super) const NAMES: &[(&str, &[u8])] = &[
    ("CN", &[0x55, 4, 3]),
    ("C", &[0x55, 4, 6]),
    ("L", &[0x55, 4, 7]),
    ("ST", &[0x55, 4, 8]),
    ("O", &[0x55, 4, 10]),
    ("OU", &[0x55, 4, 11]),
    ("emailAddress", &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1]),
];

/// A name from `/CN=jane/O=dev`.
pub(super) fn name(subject: &str) -> Result<Vec<u8>, String> {
    if !subject.starts_with('/') {
        return Err(format!(
            "req: subject name is expected to be in the format /type0=value0/type1=value1/type2=... where characters may be escaped by \\. This name is not in that format: '{subject}'\n"
        ));
    }
    let mut parts = Vec::new();
    for piece in subject.replace("\\/", "\u{1}").split('/').filter(|p| !p.is_empty()) {
        let Some((letters, value)) = piece.split_once('=') else {
            return Err(format!(
                "req: Hit end of string before finding the '=', skipping value for RDN type string '{piece}'\n"
            ));
        };
        let Some((_, id)) = NAMES.iter().find(|n| n.0.eq_ignore_ascii_case(letters.trim())) else {
            return Err(format!("req: Skipping unknown subject name attribute \"{letters}\"\n"));
        };
        if value.is_empty() {
            continue;
        }
        let tag = if letters == "C" { 0x13 } else { der::UTF8_STRING };
        let value = value.replace('\u{1}', "/");
        let pair = [der::write(der::OBJECT_ID, id), der::write(tag, value.as_bytes())];
        parts.push(der::construct(der::SET, &[der::construct(der::SEQUENCE, &pair)]));
    }
    Ok(der::construct(der::SEQUENCE, &parts))
}

pub(super) fn algorithm() -> Vec<u8> {
    der::construct(der::SEQUENCE, &[der::write(der::OBJECT_ID, SHA256_RSA), der::write(der::NULL, &[])])
}

/// A request's parts.
pub(super) struct Request {
    pub(super) subject: Vec<u8>,
    pub(super) key: Public,
    /// Raw extensions asked for.
    pub(super) extensions: Vec<Vec<u8>>,
    pub(super) info: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

pub(super) fn read(pem: &str) -> Option<Request> {
    let bytes = der::pem_decode("CERTIFICATE REQUEST", pem)
        .or_else(|| der::pem_decode("NEW CERTIFICATE REQUEST", pem))?;
    let (whole, _) = der::read(&bytes)?;
    let mut outer = der::elements(whole.body);
    let info = outer.next()?;
    let signature = outer.nth(1)?.body.get(1..)?.to_vec();
    let mut parts = der::elements(info.body).skip(1);
    let (subject, key) = (parts.next()?, parts.next()?);
    let mut extensions = Vec::new();
    if let Some(attributes) = parts.next() {
        for attribute in der::elements(attributes.body) {
            let list = der::elements(attribute.body).nth(1).and_then(|set| der::elements(set.body).next());
            extensions.extend(list.iter().flat_map(|l| der::elements(l.body)).map(|e| e.raw.to_vec()));
        }
    }
    Some(Request {
        subject: subject.raw.to_vec(),
        key: Public::read(key.raw)?,
        extensions,
        info: info.raw.to_vec(),
        signature,
    })
}

fn make(subject: &[u8], key: &Public, extensions: &[Vec<u8>]) -> String {
    let attributes = if extensions.is_empty() {
        vec![0xa0, 0]
    } else {
        let list = der::construct(der::SET, &[der::construct(der::SEQUENCE, extensions)]);
        der::write(
            0xa0,
            &der::construct(der::SEQUENCE, &[der::write(der::OBJECT_ID, EXTENSION_REQUEST), list]),
        )
    };
    let info = der::construct(der::SEQUENCE, &[der::integer(&[0]), subject.to_vec(), key.der(), attributes]);
    let signature = der::bit_string(&key.signature(&info));
    der::pem_encode("CERTIFICATE REQUEST", &der::construct(der::SEQUENCE, &[info, algorithm(), signature]))
}

/// `subjectAltName=DNS:a,IP:1.2.3.4` and friends as extensions.
pub(super) fn extension(text: &str) -> Option<Vec<u8>> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let critical = value.starts_with("critical");
    let words: Vec<&str> = value.split(',').map(str::trim).filter(|w| *w != "critical").collect();
    let (id, body): (&[u8], Vec<u8>) = match name {
        "subjectAltName" => {
            let mut parts = Vec::new();
            for word in words {
                let (kind, value) = word.split_once(':')?;
                parts.push(match kind {
                    "DNS" => der::write(0x82, value.as_bytes()),
                    "email" => der::write(0x81, value.as_bytes()),
                    "URI" => der::write(0x86, value.as_bytes()),
                    "IP" => der::write(
                        0x87,
                        &value.split('.').filter_map(|n| n.parse::<u8>().ok()).collect::<Vec<_>>(),
                    ),
                    _ => return None,
                });
            }
            (&[0x55, 0x1d, 17], der::construct(der::SEQUENCE, &parts))
        }
        "basicConstraints" => {
            let ca = words.iter().any(|w| w.eq_ignore_ascii_case("CA:TRUE"));
            (
                &[0x55, 0x1d, 19],
                der::construct(der::SEQUENCE, &if ca { vec![vec![1, 1, 0xff]] } else { vec![] }),
            )
        }
        "extendedKeyUsage" => {
            let ids: Vec<Vec<u8>> = words
                .iter()
                .filter_map(|w| match *w {
                    "serverAuth" => Some(1),
                    "clientAuth" => Some(2),
                    "codeSigning" => Some(3),
                    _ => None,
                })
                .map(|n| der::write(der::OBJECT_ID, &[0x2b, 6, 1, 5, 5, 7, 3, n]))
                .collect();
            (&[0x55, 0x1d, 37], der::construct(der::SEQUENCE, &ids))
        }
        "keyUsage" => {
            const BITS: [&str; 7] = [
                "digitalSignature",
                "nonRepudiation",
                "keyEncipherment",
                "dataEncipherment",
                "keyAgreement",
                "keyCertSign",
                "cRLSign",
            ];
            let mask = BITS
                .iter()
                .enumerate()
                .filter(|(_, b)| words.contains(b))
                .fold(0u8, |m, (n, _)| m | 0x80 >> n);
            (&[0x55, 0x1d, 15], der::write(der::BIT_STRING, &[mask.trailing_zeros().min(7) as u8, mask]))
        }
        _ => return None,
    };
    let mut parts = vec![der::write(der::OBJECT_ID, id)];
    if critical {
        parts.push(vec![1, 1, 0xff]);
    }
    parts.push(der::write(der::OCTET_STRING, &body));
    Some(der::construct(der::SEQUENCE, &parts))
}

/// The subject and extensions of a `-config` file with `prompt = no`.
fn from_config(text: &str) -> (Option<String>, Vec<Vec<u8>>) {
    let mut section = "";
    let (mut subject, mut alternatives, mut extensions) = (String::new(), Vec::new(), Vec::new());
    for line in text.lines().map(|l| l.split('#').next().unwrap_or("").trim()).filter(|l| !l.is_empty()) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            section = name.trim();
            continue;
        }
        let Some((key, value)) = line.split_once('=').map(|(k, v)| (k.trim(), v.trim())) else { continue };
        if section.contains("alt") {
            alternatives.push(format!("{}:{value}", key.split('.').next().unwrap_or("DNS")));
        } else if section.contains("dn") || section.contains("distinguished") {
            let letters = match key {
                "commonName" => "CN",
                "organizationName" => "O",
                "countryName" => "C",
                other => other,
            };
            subject.push_str(&format!("/{letters}={value}"));
        } else if key != "subjectAltName" || !value.starts_with('@') {
            extensions.extend(extension(&format!("{key}={value}")));
        }
    }
    if !alternatives.is_empty() {
        extensions.extend(extension(&format!("subjectAltName={}", alternatives.join(","))));
    }
    (Some(subject).filter(|s| !s.is_empty()), extensions)
}

pub(super) fn req(sys: &mut Sys<'_>, given: &Given, data: &[u8]) -> i32 {
    let new = given.has("new") || given.has("newkey") || (given.has("x509") && given.value("in").is_none());
    if !new {
        return show_request(sys, given, data);
    }
    let public = match (given.value("key"), given.value("newkey")) {
        (Some(file), _) => {
            let file = file.to_string();
            match key::load(sys, &file, "private key") {
                Ok(public) => public,
                Err(code) => return code,
            }
        }
        (None, kind) => {
            let bits =
                kind.and_then(|k| k.strip_prefix("rsa:")).and_then(|b| b.parse().ok()).unwrap_or(2048usize);
            let pem = key::new_key(sys, bits.clamp(512, 8192));
            sys.eprint("...+.....+++++++++++++++++++++++++++++++++++++++*..+.......+.+...+++++++++++++++++++++++++++++++++++++++*.+\n.....+...+++++++++++++++++++++++++++++++++++++++*.+....+......+++++++++++++++++++++++++++++++++++++++*..+\n-----\n");
            if !(given.has("nodes") || given.has("noenc")) {
                sys.eprint("req: keys with a pass phrase are not simulated; say -nodes\n");
                return 1;
            }
            let file = given.value("keyout").unwrap_or("privkey.pem").to_string();
            let code = save(sys, &file, &pem);
            if code != 0 {
                return code;
            }
            let _ = sys.chmod(&file, 0o600);
            match key::read_private(&pem) {
                Some((public, _)) => public,
                None => return 1,
            }
        }
    };
    let config = given.value("config").map(str::to_string);
    let (from_file, mut extensions) = match config.and_then(|f| sys.read_file(&f).ok()) {
        Some(bytes) => from_config(&String::from_utf8_lossy(&bytes)),
        None => (None, Vec::new()),
    };
    for text in given.words.windows(2).filter_map(|w| match w {
        [name, value] if &**name == "-addext" => Some(value.clone()),
        _ => None,
    }) {
        match extension(&text) {
            Some(made) => extensions.push(made),
            None => {
                sys.eprint(&format!("Error adding request extensions from \"{text}\"\n"));
                return 1;
            }
        }
    }
    let Some(subject) = given.value("subj").map(str::to_string).or(from_file) else {
        sys.eprint("You are about to be asked to enter information that will be incorporated\ninto your certificate request.\nWhat you are about to enter is what is called a Distinguished Name or a DN.\nThere are quite a few fields but you can leave some blank\nFor some fields there will be a default value,\nIf you enter '.', the field will be left blank.\n-----\nCountry Name (2 letter code) [AU]:Error making certificate request\n");
        return 1;
    };
    let subject = match name(&subject) {
        Ok(subject) => subject,
        Err(text) => {
            sys.eprint(&text);
            return 1;
        }
    };
    let pem = if given.has("x509") {
        let days = given.value("days").and_then(|d| d.parse().ok()).unwrap_or(30);
        if !extensions.iter().any(|e| e.windows(3).any(|w| w == [0x55, 0x1d, 19])) {
            extensions.extend(extension("basicConstraints=critical,CA:TRUE"));
        }
        sign(
            sys,
            &Plan {
                subject: &subject,
                key: &public,
                issuer: &subject,
                signer: &public,
                days,
                extensions,
                serial: None,
            },
        )
    } else {
        make(&subject, &public, &extensions)
    };
    output(sys, given, &pem)
}

fn show_request(sys: &mut Sys<'_>, given: &Given, data: &[u8]) -> i32 {
    let text = String::from_utf8_lossy(data).into_owned();
    let Some(request) = read(&text) else {
        sys.eprint("Unable to load X509 request\n40A7B2C1D97F0000:error:0480006C:PEM routines:get_name:no start line:../crypto/pem/pem_lib.c:760:Expecting: CERTIFICATE REQUEST\n");
        return 1;
    };
    if given.has("verify") {
        let good = request.signature == request.key.signature(&request.info);
        sys.eprint(if good {
            "Certificate request self-signature verify OK\n"
        } else {
            "Certificate request self-signature verify failure\n"
        });
        if !good {
            return 1;
        }
    }
    let mut out = String::new();
    if given.has("text") {
        out.push_str(&show::request_text(&request));
    }
    if given.has("subject") {
        out.push_str(&format!("subject={}\n", show::name(&request.subject)));
    }
    if given.has("pubkey") {
        out.push_str(&der::pem_encode("PUBLIC KEY", &request.key.der()));
    }
    if given.has("modulus") {
        out.push_str(&format!("Modulus={}\n", show::hex_upper(&request.key.modulus)));
    }
    sys.print(&out);
    if given.has("noout") { 0 } else { output(sys, given, &text) }
}
