//! `kubectl certificate approve|deny`: decides on certificate signing requests.

use super::Failure;
use super::client::{Client, JSON, content};
use super::common;
use super::failure::aggregate;
use super::output::Output;
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::printers;
use drydock_machinery::{Timestamp, Value, value};
use drydock_network::http::Method;

pub const COMMAND: Command = Command {
    name: "certificate",
    usage: "certificate SUBCOMMAND",
    short: "Modify certificate resources",
    long: "Modify certificate resources.",
    subcommands: &[&APPROVE, &DENY],
    run: |invocation| {
        if let Some(word) = invocation.arg(0) {
            return Err(super::unknown_subcommand(invocation, word));
        }
        let help = invocation.help();
        invocation.print(&help);
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};
const APPROVE: Command = Command {
    name: "approve",
    usage: "approve (-f FILENAME | NAME)",
    short: "Approve a certificate signing request",
    long: "Approve a certificate signing request.\n\n kubectl certificate approve allows a cluster admin to approve a certificate signing request (CSR). This action tells a certificate signing controller to issue a certificate to the requester with the attributes requested in the CSR.",
    examples: "# Approve CSR 'csr-sqgzp'\nkubectl certificate approve csr-sqgzp",
    flags: &[common::FILES, printers::FLAGS, FLAGS],
    run: |invocation| decide(invocation, "Approved", "approved"),
    ..Command::BASE
};
const DENY: Command = Command {
    name: "deny",
    usage: "deny (-f FILENAME | NAME)",
    short: "Deny a certificate signing request",
    long: "Deny a certificate signing request.\n\n kubectl certificate deny allows a cluster admin to deny a certificate signing request (CSR). This action tells a certificate signing controller to not to issue a certificate to the requester.",
    examples: "# Deny CSR 'csr-sqgzp'\nkubectl certificate deny csr-sqgzp",
    flags: &[common::FILES, printers::FLAGS, FLAGS],
    run: |invocation| decide(invocation, "Denied", "denied"),
    ..Command::BASE
};

const FLAGS: &[Flag] = &[Flag::bool("force", '\0', false, "Update the CSR even if it is already approved.")];
const PATH: &str = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

fn decide(invocation: &mut Invocation<'_, '_>, condition: &str, done: &str) -> Outcome {
    let mut output = Output::from_flags(invocation)?;
    let names = invocation.args.clone();
    if names.is_empty() && invocation.list("filename").is_empty() {
        return Err(Error::new("one or more CSRs must be specified as <name> or -f <filename>"));
    }
    let mut client = Client::new(invocation)?;
    client.discover(invocation.sys)?;
    let mut failures = Vec::new();
    for name in names {
        match one(invocation, &client, &name, condition) {
            Ok(request) => output.print(invocation.sys, &request, done)?,
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(Flow::Done(0)) } else { Err(aggregate(&failures)) }
}

fn one(
    invocation: &mut Invocation<'_, '_>,
    client: &Client,
    name: &str,
    condition: &str,
) -> Result<Value, Failure> {
    let path = format!("{PATH}/{name}");
    let found = client.get(invocation.sys, &path, JSON)?;
    let conditions = found["status"]["conditions"].items();
    if !invocation.bool("force") && conditions.iter().any(|c| c["type"] == condition) {
        return Ok(found);
    }
    let now = Timestamp(invocation.sys.unix()).to_rfc3339();
    let (reason, message) = match condition {
        "Approved" => ("KubectlApprove", "This CSR was approved by kubectl certificate approve."),
        _ => ("KubectlDeny", "This CSR was denied by kubectl certificate deny."),
    };
    let mut all: Vec<Value> = conditions.iter().filter(|c| c["type"] != condition).cloned().collect();
    all.push(value!({
        "type": condition,
        "status": "True",
        "reason": reason,
        "message": message,
        "lastUpdateTime": now
    }));
    let body = found.with_at(&["status", "conditions"], all);
    client.call(invocation.sys, Client::write(Method::Put, &format!("{path}/approval"), content::JSON, body))
}
