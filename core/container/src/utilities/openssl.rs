//! openssl: keys, requests, certificates, digests, random bytes, passwords, as OpenSSL 3.0 prints them.
//! Structures (PKCS#1, #8, #10, X.509) are the real ones and read back by this program; the numbers in
//! them are drawn from the world's chance and no primes, and signatures are digests bound to the signer's
//! modulus, so that only what was signed here verifies here. Left out: elliptic curves, encrypted keys,
//! PKCS#12, revocation lists, TLS itself.

mod certificate;
mod codes;
mod key;
mod request;
mod show;

use super::filter::{Start, ended, gathering};
use super::support::Opts;
use crate::sys::Sys;
use std::sync::Arc;

/// Arguments after the subcommand: `-name value` and the rest.
pub(super) struct Given {
    words: Vec<Arc<str>>,
}

impl Given {
    pub(super) fn has(&self, name: &str) -> bool {
        self.words.iter().any(|w| w.trim_start_matches('-') == name && w.starts_with('-'))
    }
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let at = self.words.iter().position(|w| w.starts_with('-') && w.trim_start_matches('-') == name)?;
        self.words.get(at + 1).map(|w| &**w)
    }
    /// Words that are no options and no option's value.
    pub(super) fn rest(&self, valued: &[&str]) -> Vec<&str> {
        let mut out = Vec::new();
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            match word.strip_prefix('-') {
                Some(name) if !name.is_empty() => {
                    if valued.contains(&name.trim_start_matches('-')) {
                        words.next();
                    }
                }
                _ => out.push(&**word),
            }
        }
        out
    }
}

/// What openssl says about a file it cannot open.
pub(super) fn cannot_open(sys: &mut Sys<'_>, what: &str, file: &str, errno: crate::Errno) -> i32 {
    let number = if errno == crate::Errno::Enoent { 2 } else { 13 };
    sys.eprint(&format!(
        "Could not open file or uri for loading {what} from {file}\n40A7B2C1D97F0000:error:16000069:STORE routines:ossl_store_get0_loader_int:unregistered scheme:../crypto/store/store_register.c:237:scheme=file\n40A7B2C1D97F0000:error:8000000{number}:system library:file_open:{errno}:../providers/implementations/storemgmt/file_store.c:266:calling stat({file})\n"
    ));
    1
}

/// Writes to `-out` or stdout.
pub(super) fn output(sys: &mut Sys<'_>, given: &Given, text: &str) -> i32 {
    match given.value("out") {
        Some(file) => save(sys, file, text),
        None => {
            sys.print(text);
            0
        }
    }
}

pub(super) fn save(sys: &mut Sys<'_>, file: &str, text: &str) -> i32 {
    match sys.write_file(file, text.as_bytes(), false) {
        Ok(()) => 0,
        Err(errno) => {
            sys.eprint(&format!("Can't open \"{file}\" for writing, {errno}\n"));
            1
        }
    }
}

pub fn openssl(sys: &mut Sys<'_>) -> Start {
    let args = sys.args();
    let Some(verb) = args.get(1).cloned() else {
        sys.print("help:\n\nStandard commands\nasn1parse         ca                ciphers           cms               \ndgst              enc               genpkey           genrsa            \npasswd            rand              req               rsa               \ns_client          verify            version           x509              \n");
        return ended(0);
    };
    let given = Given { words: args.iter().skip(2).cloned().collect() };
    let reads_stdin = match &*verb {
        "base64" | "enc" | "x509" | "req" | "rsa" | "pkey" | "asn1parse" => {
            given.value("in").is_none() && !given.has("new") && !given.has("newkey") && !given.has("x509")
        }
        "dgst" | "sha256" | "sha1" | "sha512" | "md5" | "sha224" | "sha384" => {
            given.rest(&["hmac", "out", "sign", "verify", "signature"]).is_empty()
        }
        "passwd" => given.has("stdin"),
        _ => false,
    };
    if reads_stdin {
        // The words are read again once stdin has ended.
        return gathering(Opts::default(), &[], |sys, _, data| {
            let args = sys.args();
            let verb = args.get(1).cloned().unwrap_or_default();
            let given = Given { words: args.iter().skip(2).cloned().collect() };
            run(sys, &verb, &given, data)
        });
    }
    let data = match given.value("in") {
        Some(file) => match sys.read_file(file) {
            Ok(bytes) => bytes,
            Err(errno) => {
                let what = match &*verb {
                    "x509" if given.has("req") => "certificate request",
                    "x509" => "certificate",
                    "req" => "certificate request",
                    "rsa" | "pkey" => "private key",
                    _ => {
                        sys.eprint(&format!("Can't open \"{file}\" for reading, {errno}\n"));
                        return ended(1);
                    }
                };
                let code = cannot_open(sys, what, file, errno);
                sys.eprint(&match &*verb {
                    "x509" if given.has("req") => "Unable to load certificate request input\n".to_string(),
                    "req" => "Unable to load X509 request\n".to_string(),
                    "rsa" => String::new(),
                    _ => format!("Unable to load {what}\n"),
                });
                return ended(code);
            }
        },
        None => Arc::from([]),
    };
    ended(run(sys, &verb, &given, &data))
}

fn run(sys: &mut Sys<'_>, verb: &str, given: &Given, data: &[u8]) -> i32 {
    match verb {
        "version" => {
            sys.print("OpenSSL 3.0.17 1 Jul 2025 (Library: OpenSSL 3.0.17 1 Jul 2025)\n");
            0
        }
        "genrsa" | "genpkey" => key::generate(sys, verb, given),
        "rsa" | "pkey" => key::rsa(sys, verb, given, data),
        "req" => request::req(sys, given, data),
        "x509" => certificate::x509(sys, given, data),
        "verify" => certificate::verify(sys, given),
        "rand" => codes::rand(sys, given),
        "base64" | "enc" => codes::base64(sys, verb, given, data),
        "dgst" | "sha256" | "sha1" | "sha512" | "md5" | "sha224" | "sha384" => {
            codes::dgst(sys, verb, given, data)
        }
        "passwd" => codes::passwd(sys, given, data),
        "s_client" => {
            let host = given.value("connect").unwrap_or("localhost:443").to_string();
            sys.eprint(&format!("s_client: {host}: this sandbox has no TLS to look into; curl -kv shows what a server answers\n"));
            1
        }
        "help" | "list" => 0,
        "ecparam" | "ec" | "pkcs12" | "ca" | "crl" | "smime" | "cms" | "s_server" | "speed" | "asn1parse"
        | "dhparam" | "pkcs8" | "prime" | "ts" => {
            sys.eprint(&format!("openssl {verb}: not simulated in this sandbox\n"));
            1
        }
        other => {
            sys.eprint(&format!("Invalid command '{other}'; type \"help\" for a list.\n"));
            1
        }
    }
}
