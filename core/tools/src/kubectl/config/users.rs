//! `kubectl config set-credentials` beyond files, tokens and passwords: programs that give credentials, and
//! the providers of old.

use crate::cli::{Error, Flag, Invocation};
use crate::kubectl::Failure;
use drydock_machinery::{Value, value};

pub(super) const FLAGS: &[Flag] = &[
    Flag::string("auth-provider", '\0', "", "Auth provider for the user entry in kubeconfig"),
    Flag::slice("auth-provider-arg", '\0', "'key=value' arguments for the auth provider"),
    Flag::bool("embed-certs", '\0', false, "Embed client cert/key for the user entry in kubeconfig"),
    Flag::string(
        "exec-api-version",
        '\0',
        "",
        "API version of the exec credential plugin for the user entry in kubeconfig",
    ),
    Flag::slice(
        "exec-arg",
        '\0',
        "New arguments for the exec credential plugin command for the user entry in kubeconfig",
    ),
    Flag::string(
        "exec-command",
        '\0',
        "",
        "Command for the exec credential plugin for the user entry in kubeconfig",
    ),
    Flag::array("exec-env", '\0', "'key=value' environment values for the exec credential plugin"),
    Flag::string(
        "exec-interactive-mode",
        '\0',
        "",
        "InteractiveMode of the exec credentials plugin for the user entry in kubeconfig",
    ),
    Flag::bool(
        "exec-provide-cluster-info",
        '\0',
        false,
        "ProvideClusterInfo of the exec credentials plugin for the user entry in kubeconfig",
    ),
];

/// Refuses credentials that exclude each other.
///
/// # Errors
/// More than one way to authenticate, nothing to embed.
pub(super) fn check(invocation: &Invocation<'_, '_>) -> Result<(), Error> {
    let given = |flag: &str| !invocation.str(flag).is_empty();
    let mut methods = Vec::new();
    if given("token") {
        methods.push("token");
    }
    if given("username") || given("password") {
        methods.push("basicAuth");
    }
    if let [_, _, ..] = methods.as_slice() {
        return Err(Error::new(format_args!(
            "you cannot specify more than one authentication method at the same time: {}",
            methods.join(", ")
        )));
    }
    if invocation.bool("embed-certs") && !given("client-certificate") && !given("client-key") {
        return Err(Error::new("you must specify a --client-certificate or --client-key to embed"));
    }
    Ok(())
}

/// Keys with their values.
type Pairs = Vec<(String, String)>;

/// `key=value` pairs of a flag, and the keys to be removed (`key-`).
fn pairs(invocation: &Invocation<'_, '_>, flag: &str) -> Result<(Pairs, Vec<String>), Failure> {
    let (mut set, mut removed) = (Vec::new(), Vec::new());
    for word in invocation.list(flag) {
        match (word.split_once('='), word.strip_suffix('-')) {
            (Some((key, value)), _) => set.push((key.to_string(), value.to_string())),
            (None, Some(key)) => removed.push(key.to_string()),
            (None, None) => return Err(format!("Error: invalid {flag}: {word}").into()),
        }
    }
    Ok((set, removed))
}

/// A user with the provider and the program that the flags name.
///
/// # Errors
/// Arguments that are no pairs.
pub(super) fn plugins(invocation: &Invocation<'_, '_>, body: Value) -> Result<Value, Failure> {
    let mut body = body;
    let given = |flag: &str| invocation.changed(flag);
    if given("auth-provider") || given("auth-provider-arg") {
        let (set, removed) = pairs(invocation, "auth-provider-arg")?;
        let mut provider = body["auth-provider"].clone();
        if !provider.is_map() || given("auth-provider") && provider["name"] != invocation.str("auth-provider")
        {
            provider = value!({"config": null, "name": invocation.str("auth-provider")});
        }
        for (key, text) in set {
            provider = provider.with_at(&["config", key.as_str()], text);
        }
        for key in removed {
            provider = provider.without_at(&["config", key.as_str()]);
        }
        body = body.with("auth-provider", provider);
    }
    if ["exec-command", "exec-api-version", "exec-arg", "exec-env"].iter().any(|flag| given(flag)) {
        let mut exec = body["exec"].clone();
        if !exec.is_map() {
            exec = value!({
                "apiVersion": null, "args": null, "command": "", "env": null, "interactiveMode": "IfAvailable",
                "provideClusterInfo": false,
            });
        }
        for (flag, field) in [
            ("exec-command", "command"),
            ("exec-api-version", "apiVersion"),
            ("exec-interactive-mode", "interactiveMode"),
        ] {
            if given(flag) {
                exec = exec.with(field, invocation.str(flag));
            }
        }
        if given("exec-provide-cluster-info") {
            exec = exec.with("provideClusterInfo", invocation.bool("exec-provide-cluster-info"));
        }
        if given("exec-arg") {
            exec = exec.with("args", invocation.list("exec-arg").iter().map(Value::from).collect::<Value>());
        }
        let (set, removed) = pairs(invocation, "exec-env")?;
        let mut env: Vec<Value> = exec["env"].items().to_vec();
        env.retain(|e| !removed.iter().any(|key| e["name"] == key.as_str()));
        for (key, text) in set {
            env.retain(|e| e["name"] != key.as_str());
            env.push(value!({"name": key, "value": text}));
        }
        if !env.is_empty() {
            exec = exec.with("env", env);
        }
        body = body.with("exec", exec);
    }
    Ok(body)
}
