//! `kubectl create token`: asks the server for a token of a service account and prints it.

use super::{name_and_rest, wrap};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::kubectl::client::{Client, content};
use crate::kubectl::output::Output;
use crate::printers;
use drydock_container::fd::STDOUT;
use drydock_machinery::{Value, value};
use drydock_network::http::Method;

pub const COMMAND: Command = Command {
    name: "token",
    usage: "token SERVICE_ACCOUNT_NAME",
    short: "Request a service account token",
    long: "Request a service account token.",
    examples: "# Request a token to authenticate to the kube-apiserver as the service account \"myapp\" in the current namespace\nkubectl create token myapp\n\n# Request a token with a custom expiration\nkubectl create token myapp --duration 10m",
    flags: &[FLAGS, printers::FLAGS],
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::array(
        "audience",
        '\0',
        "Audience of the requested token. If unset, defaults to requesting a token for use with the Kubernetes API server. May be repeated to request a token valid for multiple audiences.",
    ),
    Flag::duration(
        "duration",
        "0s",
        "Requested lifetime of the issued token. If not set or if set to 0, the lifetime will be determined by the server automatically.",
    ),
    Flag::string(
        "bound-object-kind",
        '\0',
        "",
        "Kind of an object to bind the token to. Supported kinds are Node, Pod, Secret.",
    ),
    Flag::string("bound-object-name", '\0', "", "Name of an object to bind the token to."),
    Flag::string(
        "bound-object-uid",
        '\0',
        "",
        "UID of an object to bind the token to. Requires --bound-object-kind and --bound-object-name.",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let mut output = Output::from_flags(invocation)?;
    let client = Client::new(invocation)?;
    let duration = invocation.duration("duration");
    if duration < 0 {
        return Err(Error::new("--duration must be greater than or equal to 0"));
    }
    if duration % 1000 != 0 {
        return Err(Error::new("--duration cannot be expressed in units less than seconds"));
    }
    let mut spec = value!({"audiences": null, "boundObjectRef": null, "expirationSeconds": null});
    let audiences = invocation.list("audience");
    if !audiences.is_empty() {
        spec = spec.with("audiences", audiences.iter().map(Value::from).collect::<Value>());
    }
    if duration > 0 {
        spec = spec.with("expirationSeconds", duration / 1000);
    }
    if let Some(bound) = bound_object(invocation)? {
        spec = spec.with("boundObjectRef", bound);
    }
    let body = value!({
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "metadata": {"creationTimestamp": null},
        "spec": spec,
        "status": {"token": "", "expirationTimestamp": null}
    });
    let path = format!("/api/v1/namespaces/{}/serviceaccounts/{name}/token", client.namespace());
    let request = Client::write(Method::Post, &path, content::PROTO, body);
    let answer =
        client.call(invocation.sys, request).map_err(|failure| wrap(failure, "failed to create token: "))?;
    let token = answer["status"]["token"].text();
    if token.is_empty() {
        return Err(Error::new("failed to create token: no token in server response"));
    }
    if output.is_message() {
        // A newline is for people only.
        let end = if invocation.sys.is_tty(STDOUT) { "\n" } else { "" };
        invocation.print(&format!("{token}{end}"));
    } else {
        output.print_typed(invocation.sys, &answer, "created")?;
    }
    Ok(Flow::Done(0))
}

fn bound_object(invocation: &Invocation<'_, '_>) -> Result<Option<Value>, Error> {
    let kind = invocation.str("bound-object-kind");
    let (name, uid) = (invocation.str("bound-object-name"), invocation.str("bound-object-uid"));
    if kind.is_empty() {
        return match (name, uid) {
            ("", "") => Ok(None),
            ("", _) => {
                Err(Error::new("--bound-object-uid can only be set if --bound-object-kind is provided"))
            }
            _ => Err(Error::new("--bound-object-name can only be set if --bound-object-kind is provided")),
        };
    }
    if !["Node", "Pod", "Secret"].contains(&kind) {
        return Err(Error::new("supported --bound-object-kind values are Node, Pod, Secret"));
    }
    if name.is_empty() {
        return Err(Error::new("--bound-object-name is required if --bound-object-kind is provided"));
    }
    let bound = value!({"apiVersion": "v1", "kind": kind, "name": name});
    Ok(Some(if uid.is_empty() { bound } else { bound.with("uid", uid) }))
}
