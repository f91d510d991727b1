//! `openssl x509` and `openssl verify`: certificates signed, shown and checked.

use super::key::{self, Public, drawn};
use super::request::{self, algorithm};
use super::show;
use super::{Given, cannot_open, output, save};
use crate::sys::Sys;
use drydock_machinery::der;
use drydock_machinery::time::Timestamp;

/// What to sign.
pub(super) struct Plan<'a> {
    pub(super) subject: &'a [u8],
    pub(super) key: &'a Public,
    pub(super) issuer: &'a [u8],
    pub(super) signer: &'a Public,
    pub(super) days: i64,
    pub(super) extensions: Vec<Vec<u8>>,
    pub(super) serial: Option<Vec<u8>>,
}

fn moment(unix: i64) -> Vec<u8> {
    let text = Timestamp(unix).to_rfc3339().replace(['-', ':', 'T'], "");
    match Timestamp(unix).civil().year {
        1950..=2049 => der::write(der::UTC_TIME, text.get(2..).unwrap_or("").as_bytes()),
        _ => der::write(der::GENERALIZED_TIME, text.as_bytes()),
    }
}

/// Signs; gives PEM.
pub(super) fn sign(sys: &mut Sys<'_>, plan: &Plan<'_>) -> String {
    let mut serial = plan.serial.clone().unwrap_or_else(|| drawn(sys, 20));
    if let Some(first) = serial.first_mut() {
        *first &= 0x7f;
    }
    let now = sys.unix();
    let validity = der::construct(der::SEQUENCE, &[moment(now), moment(now + plan.days * 86_400)]);
    let mut parts = Vec::new();
    if !plan.extensions.is_empty() {
        parts.push(der::write(0xa0, &der::integer(&[2])));
    }
    parts.extend([
        der::integer(&serial),
        algorithm(),
        plan.issuer.to_vec(),
        validity,
        plan.subject.to_vec(),
        plan.key.der(),
    ]);
    if !plan.extensions.is_empty() {
        parts.push(der::write(0xa3, &der::construct(der::SEQUENCE, &plan.extensions)));
    }
    let body = der::construct(der::SEQUENCE, &parts);
    let signature = der::bit_string(&plan.signer.signature(&body));
    der::pem_encode("CERTIFICATE", &der::construct(der::SEQUENCE, &[body, algorithm(), signature]))
}

/// A certificate's parts.
pub(super) struct Certificate {
    pub(super) version: u8,
    pub(super) serial: Vec<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) subject: Vec<u8>,
    /// Unix seconds.
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) key: Public,
    pub(super) extensions: Vec<Vec<u8>>,
    pub(super) signature: Vec<u8>,
    body: Vec<u8>,
    whole: Vec<u8>,
}

fn time(element: der::Element<'_>) -> Option<i64> {
    let text = std::str::from_utf8(element.body).ok()?;
    let full = match element.tag {
        der::UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        der::UTC_TIME => format!("19{text}"),
        _ => text.to_string(),
    };
    let number = |from: usize| full.get(from..from + 2)?.parse::<u32>().ok();
    let year = full.get(..4)?.parse().ok()?;
    Some(Timestamp::from_civil(year, number(4)?, number(6)?, number(8)?, number(10)?, number(12)?).0)
}

pub(super) fn read(pem: &str) -> Option<Certificate> {
    let bytes = der::pem_decode("CERTIFICATE", pem)?;
    let (whole, _) = der::read(&bytes)?;
    let mut outer = der::elements(whole.body);
    let body = outer.next()?;
    let signature = outer.nth(1)?.body.get(1..)?.to_vec();
    let version = if der::elements(body.body).next()?.tag == 0xa0 { 3 } else { 1 };
    let mut parts = der::elements(body.body).filter(|e| e.tag != 0xa0);
    let serial = parts.next()?.body.to_vec();
    parts.next()?;
    let issuer = parts.next()?.raw.to_vec();
    let validity = parts.next()?;
    let mut times = der::elements(validity.body);
    let (from, to) = (time(times.next()?)?, time(times.next()?)?);
    let subject = parts.next()?.raw.to_vec();
    let key = Public::read(parts.next()?.raw)?;
    let list = parts.find(|e| e.tag == 0xa3).and_then(|e| der::elements(e.body).next());
    let extensions = list.iter().flat_map(|l| der::elements(l.body)).map(|e| e.raw.to_vec()).collect();
    let (body, whole) = (body.raw.to_vec(), whole.raw.to_vec());
    Some(Certificate { version, serial, issuer, subject, from, to, key, extensions, signature, body, whole })
}

fn load(sys: &mut Sys<'_>, file: &str, what: &str) -> Result<Certificate, i32> {
    let bytes = match sys.read_file(file) {
        Ok(bytes) => bytes,
        Err(errno) => return Err(cannot_open(sys, what, file, errno)),
    };
    read(&String::from_utf8_lossy(&bytes)).ok_or_else(|| {
        sys.eprint(&format!("Could not read {what} from {file}\nUnable to load {what}\n"));
        1
    })
}

pub(super) fn x509(sys: &mut Sys<'_>, given: &Given, data: &[u8]) -> i32 {
    let text = String::from_utf8_lossy(data).into_owned();
    if given.has("req") {
        return sign_request(sys, given, &text);
    }
    let Some(certificate) = read(&text) else {
        let file = given.value("in").unwrap_or("<stdin>").to_string();
        sys.eprint(&format!("Could not read certificate from {file}\nUnable to load certificate\n"));
        return 1;
    };
    let mut out = String::new();
    let dates = given.has("dates");
    for word in given.words.iter().filter_map(|w| w.strip_prefix('-')) {
        match word {
            "text" => out.push_str(&show::certificate_text(&certificate)),
            "subject" => out.push_str(&format!("subject={}\n", show::name(&certificate.subject))),
            "issuer" => out.push_str(&format!("issuer={}\n", show::name(&certificate.issuer))),
            "serial" => out.push_str(&format!("serial={}\n", show::hex_upper(&certificate.serial))),
            "startdate" => out.push_str(&format!("notBefore={}\n", show::date(certificate.from))),
            "enddate" => out.push_str(&format!("notAfter={}\n", show::date(certificate.to))),
            "dates" if dates => out.push_str(&format!(
                "notBefore={}\nnotAfter={}\n",
                show::date(certificate.from),
                show::date(certificate.to)
            )),
            "modulus" => out.push_str(&format!("Modulus={}\n", show::hex_upper(&certificate.key.modulus))),
            "pubkey" => out.push_str(&der::pem_encode("PUBLIC KEY", &certificate.key.der())),
            "fingerprint" => {
                let (name, digest) = if given.has("sha256") {
                    use sha2::Digest;
                    ("sha256", sha2::Sha256::digest(&certificate.whole).to_vec())
                } else {
                    ("SHA1", crate::utilities::sums::sha1(&certificate.whole).to_vec())
                };
                let hex: Vec<String> = digest.iter().map(|b| format!("{b:02X}")).collect();
                out.push_str(&format!("{name} Fingerprint={}\n", hex.join(":")));
            }
            "ext" => out.push_str(&show::extensions(&certificate.extensions, 0)),
            _ => {}
        }
    }
    let mut code = 0;
    if let Some(seconds) = given.value("checkend").and_then(|s| s.parse::<i64>().ok()) {
        let ends = certificate.to < sys.unix() + seconds;
        out.push_str(if ends { "Certificate will expire\n" } else { "Certificate will not expire\n" });
        code = i32::from(ends);
    }
    sys.print(&out);
    if given.has("noout") || given.value("checkend").is_some() {
        return code;
    }
    let pem = der::pem_encode("CERTIFICATE", &certificate.whole);
    output(sys, given, &pem)
}

fn sign_request(sys: &mut Sys<'_>, given: &Given, text: &str) -> i32 {
    let Some(request) = request::read(text) else {
        sys.eprint("Unable to load certificate request input\n");
        return 1;
    };
    if request.signature != request.key.signature(&request.info) {
        sys.eprint("Certificate request self-signature did not match the contents\n");
        return 1;
    }
    sys.eprint(&format!("Certificate request self-signature ok\nsubject={}\n", show::name(&request.subject)));
    let days = given.value("days").and_then(|d| d.parse().ok()).unwrap_or(30);
    let mut extensions = Vec::new();
    if let Some(file) = given.value("extfile").map(str::to_string) {
        match sys.read_file(&file) {
            Ok(bytes) => {
                for line in String::from_utf8_lossy(&bytes).lines().filter(|l| l.contains('=')) {
                    extensions.extend(request::extension(line));
                }
            }
            Err(errno) => {
                sys.eprint(&format!("Can't open \"{file}\" for reading, {errno}\n"));
                return 1;
            }
        }
    } else if given.value("copy_extensions").is_some() {
        extensions = request.extensions.clone();
    }
    let set_serial =
        given.value("set_serial").and_then(|s| s.parse::<u64>().ok()).map(|n| n.to_be_bytes().to_vec());
    let (issuer, signer, serial_file) = match (
        given.value("CA"),
        given.value("signkey").or(given.value("key")),
    ) {
        (Some(file), _) => {
            let file = file.to_string();
            let authority = match load(sys, &file, "CA certificate") {
                Ok(authority) => authority,
                Err(code) => return code,
            };
            let key_file = given.value("CAkey").unwrap_or(&file).to_string();
            let signer = match key::load(sys, &key_file, "CA private key") {
                Ok(signer) => signer,
                Err(code) => return code,
            };
            if signer != authority.key {
                sys.eprint("CA certificate and CA private key do not match\n");
                return 1;
            }
            let stem = file.rsplit_once('.').map_or(&*file, |f| f.0).to_string();
            (authority.subject, signer, Some(format!("{stem}.srl")))
        }
        (None, Some(file)) => {
            let file = file.to_string();
            match key::load(sys, &file, "private key") {
                Ok(signer) => (request.subject.clone(), signer, None),
                Err(code) => return code,
            }
        }
        (None, None) => {
            sys.eprint("x509: We need a private key to sign with, use -signkey or -CAkey or -CA <file> with private key\n");
            return 1;
        }
    };
    let mut serial = set_serial;
    if let (None, Some(file)) = (&serial, serial_file) {
        let known = sys.read_file(&file).ok().map(|b| String::from_utf8_lossy(&b).trim().to_string());
        let number = match known {
            // One more than the last.
            Some(text) => {
                let pairs = text.as_bytes().chunks(2).filter_map(|p| std::str::from_utf8(p).ok());
                let mut bytes: Vec<u8> = pairs.filter_map(|p| u8::from_str_radix(p, 16).ok()).collect();
                for byte in bytes.iter_mut().rev() {
                    *byte = byte.wrapping_add(1);
                    if *byte != 0 {
                        break;
                    }
                }
                bytes
            }
            None => {
                let mut bytes = drawn(sys, 20);
                if let Some(first) = bytes.first_mut() {
                    *first &= 0x7f;
                }
                bytes
            }
        };
        let code = save(sys, &file, &format!("{}\n", show::hex_upper(&number)));
        if code != 0 {
            return code;
        }
        serial = Some(number);
    }
    let plan = Plan {
        subject: &request.subject,
        key: &request.key,
        issuer: &issuer,
        signer: &signer,
        days,
        extensions,
        serial,
    };
    let pem = sign(sys, &plan);
    output(sys, given, &pem)
}

pub(super) fn verify(sys: &mut Sys<'_>, given: &Given) -> i32 {
    let authority = match given.value("CAfile").map(str::to_string) {
        Some(file) => match load(sys, &file, "certificate") {
            Ok(authority) => Some(authority),
            Err(code) => return code,
        },
        None => None,
    };
    let files: Vec<String> = given
        .rest(&["CAfile", "untrusted", "purpose", "CApath", "verify_hostname"])
        .iter()
        .map(|f| f.to_string())
        .collect();
    let mut code = 0;
    for file in files {
        let certificate = match load(sys, &file, "certificate file") {
            Ok(certificate) => certificate,
            Err(failed) => {
                code = failed;
                continue;
            }
        };
        let own = certificate.subject == certificate.issuer;
        let trusted = authority.as_ref().is_some_and(|a| {
            a.subject == certificate.issuer && certificate.signature == a.key.signature(&certificate.body)
                || a.whole == certificate.whole
        });
        let why = match (trusted, certificate.to < sys.unix(), own) {
            (true, false, _) => None,
            (true, true, _) => Some((10, "certificate has expired")),
            (false, _, true) => Some((18, "self-signed certificate")),
            (false, _, false) => Some((20, "unable to get local issuer certificate")),
        };
        match why {
            None => sys.print(&format!("{file}: OK\n")),
            Some((number, text)) => {
                sys.eprint(&format!(
                    "{}\nerror {number} at 0 depth lookup: {text}\nerror {file}: verification failed\n",
                    show::name(&certificate.subject)
                ));
                code = 2;
            }
        }
    }
    code
}
