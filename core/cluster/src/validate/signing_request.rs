//! Certificate signing requests (`pkg/apis/certificates/validation`, v1.33).
//!
//! Left out: what the kube-apiserver's own signers demand of the request's contents.

use crate::field::{Errors, Path};
use drydock_machinery::{Value, hash, names, quote};

const SPEC: Path<'static> = Path::new("spec");
const USAGES: &[&str] = &[
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
];

pub fn validate(new: &Value, _old: Option<&Value>, errors: &mut Errors) {
    let spec = &new["spec"];
    let bytes = hash::base64_decode(spec["request"].text()).unwrap_or_default();
    if !String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE REQUEST-----") {
        let detail = "PEM block type must be CERTIFICATE REQUEST";
        errors.invalid(&SPEC.child("request"), &spec["request"], detail);
    }
    let list = SPEC.child("usages");
    let usages = spec["usages"].items();
    if usages.is_empty() {
        errors.required(&list, "usages must be provided");
    }
    for (at, usage) in usages.iter().enumerate().filter(|(_, u)| !USAGES.contains(&u.text())) {
        errors.unsupported(&list.index(at), usage, USAGES);
    }
    for (at, usage) in usages.iter().enumerate() {
        if usages.iter().take(at).any(|u| u == usage) {
            errors.duplicate(&list.index(at), usage);
        }
    }
    signer(spec["signerName"].text(), &SPEC.child("signerName"), errors);
    if let Some(seconds) = spec["expirationSeconds"].as_int().filter(|s| *s < 600) {
        let detail = "may not specify a duration less than 600 seconds (10 minutes)";
        errors.invalid(&SPEC.child("expirationSeconds"), seconds, detail);
    }
}

fn signer(name: &str, path: &Path<'_>, errors: &mut Errors) {
    if name == "kubernetes.io/legacy-unknown" {
        errors.invalid(path, name, "the legacy signerName is not allowed via this API version");
        return;
    }
    if name.is_empty() {
        errors.required(path, "signerName must be provided");
        return;
    }
    let Some((domain, rest)) = name.split_once('/') else {
        let detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
        errors.invalid(path, name, detail);
        return;
    };
    let mut label = |part: &str, whole: &str| {
        for wrong in names::is_dns1123_label(part) {
            errors.invalid(path, whole, &format!("validating label {}: {wrong}", quote::go(part)));
        }
    };
    domain.split('.').for_each(|part| label(part, domain));
    rest.split('.').for_each(|part| label(part, rest));
    if domain.split('.').count() < 2 {
        let detail = "should be a domain with at least two segments separated by dots";
        errors.invalid(path, domain, detail);
    }
}
