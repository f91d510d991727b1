//! `kubectl auth whoami`: the user the server takes this client for.

use crate::cli::{Command, Flow};
use crate::kubectl::Client;
use crate::kubectl::client::content;
use crate::printers::{self, Printer};
use drydock_machinery::tabwriter::TabWriter;
use drydock_machinery::{Value, value};
use drydock_network::http::Method;

pub const COMMAND: Command = Command {
    name: "whoami",
    usage: "whoami",
    short: "Experimental: Check self subject attributes",
    long: "Experimental: Check who you are and your attributes (groups, extra).",
    examples: "# Your own name and groups\nkubectl auth whoami",
    flags: &[printers::FLAGS],
    run: |invocation| {
        if !invocation.args.is_empty() {
            return Err(
                invocation.usage_error(format_args!("unexpected arguments: [{}]", invocation.args.join(" ")))
            );
        }
        let printer = Printer::from_flags(invocation)?;
        let client = Client::new(invocation)?;
        let body = value!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview", "metadata": {}, "status": {"userInfo": {}}});
        let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
        let answer = client.call(invocation.sys, Client::write(Method::Post, path, content::PROTO, body))?;
        let text = match printer {
            Some(printer) => {
                let metadata = value!({"creationTimestamp": null});
                let shown = answer
                    .with("apiVersion", "authentication.k8s.io/v1")
                    .with("kind", "SelfSubjectReview")
                    .with(
                        "metadata",
                        if answer["metadata"].entries().is_empty() {
                            metadata
                        } else {
                            answer["metadata"].clone()
                        },
                    );
                printer.typed().print(&shown)?
            }
            None => {
                let user = &answer["status"]["userInfo"];
                let mut out = TabWriter::kubectl();
                out.write("ATTRIBUTE\tVALUE\n");
                for (title, field) in [("Username", "username"), ("UID", "uid")] {
                    if !user[field].is_empty() {
                        out.write(&format!("{title}\t{}\n", user[field].text()));
                    }
                }
                let joined = |list: &Value| {
                    let parts: Vec<&str> = list.items().iter().map(Value::text).collect();
                    format!("[{}]", parts.join(" "))
                };
                if !user["groups"].items().is_empty() {
                    out.write(&format!("Groups\t{}\n", joined(&user["groups"])));
                }
                for (key, values) in user["extra"].entries() {
                    out.write(&format!("Extra: {key}\t{}\n", joined(values)));
                }
                out.flush()
            }
        };
        invocation.print(&text);
        Ok(Flow::Done(0))
    },
    ..Command::BASE
};
