//! CertificateSigningRequests: who asks for what, and what was decided.

use super::page::{date, line};
use super::{Ask, events};
use crate::kubectl::Failure;
use drydock_machinery::{Value, hash, x509};

pub fn describe(ask: &mut Ask<'_, '_, '_>, request: &Value) -> Result<String, Failure> {
    let (metadata, spec, status) = (&request["metadata"], &request["spec"], &request["status"]);
    let text = hash::base64_decode(spec["request"].text()).unwrap_or_default();
    let Some(asked) = x509::request(&String::from_utf8_lossy(&text)) else {
        return Err("Error parsing CSR: PEM block type must be CERTIFICATE REQUEST".into());
    };
    let happened = ask.events_of(request);
    let mut page = ask.page();
    line!(page, 0, "Name:\t{}", metadata["name"].text());
    page.labels("Labels", &metadata["labels"]);
    page.annotations("Annotations", &metadata["annotations"]);
    line!(page, 0, "CreationTimestamp:\t{}", date(&metadata["creationTimestamp"]));
    line!(page, 0, "Requesting User:\t{}", spec["username"].text());
    if !spec["signerName"].is_empty() {
        line!(page, 0, "Signer:\t{}", spec["signerName"].text());
    }
    if let Some(seconds) = spec["expirationSeconds"].as_int() {
        let spent = drydock_machinery::time::human_duration(seconds);
        line!(page, 0, "Requested Duration:\t{spent}");
    }
    line!(page, 0, "Status:\t{}", state(status));
    page.line(0, "Subject:");
    line!(page, 0, "\tCommon Name:\t{}", asked.subject.common_name);
    line!(page, 0, "\tSerial Number:\t");
    if !asked.subject.organizations.is_empty() {
        line!(page, 0, "\tOrganization:\t{}", asked.subject.organizations.join("\n\t\t"));
    }
    events::write(&mut page, happened);
    Ok(page.finish())
}

/// As in the table: decided, and issued or failed.
fn state(status: &Value) -> String {
    let has = |kind: &str| status["conditions"].items().iter().any(|c| c["type"] == kind);
    let mut words = Vec::new();
    if has("Denied") {
        words.push("Denied");
    } else if has("Approved") {
        words.push("Approved");
    } else {
        words.push("Pending");
    }
    if has("Failed") {
        words.push("Failed");
    }
    if !status["certificate"].is_empty() {
        words.push("Issued");
    }
    words.join(",")
}
