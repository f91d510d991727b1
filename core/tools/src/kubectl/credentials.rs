//! Who kubectl is to the server: certificate, token and impersonation from kubeconfig and flags
//! (client-go's `clientcmd` and `transport`), and a pod's own service account where there is no
//! kubeconfig (`rest.InClusterConfig`). Exec plugins and auth providers are not run.

use super::{Failure, Kubeconfig, Target};
use crate::cli::{Error, Flags};
use drydock_container::Sys;
use drydock_machinery::{Value, hash};
use drydock_network::http::Request;
use std::sync::Arc;

/// What goes with every request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Credentials {
    /// PEM text.
    certificate: Option<Arc<str>>,
    token: String,
    /// Header names and values.
    impersonation: Vec<(String, String)>,
}

const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

impl Credentials {
    /// Puts them on a request.
    #[must_use]
    pub fn sign(&self, mut request: Request) -> Request {
        request.peer.clone_from(&self.certificate);
        if !self.token.is_empty() {
            request = request.header("Authorization", &format!("Bearer {}", self.token));
        }
        for (name, value) in &self.impersonation {
            request = request.header(name, value);
        }
        request
    }
}

/// Reads the credentials of a target.
///
/// # Errors
/// A file that cannot be read; groups or a uid to impersonate without a user.
pub fn load(
    sys: &mut Sys<'_>,
    flags: &Flags,
    config: &Kubeconfig,
    target: &Target,
) -> Result<Credentials, Failure> {
    let merged = config.merged();
    let name = &target.user;
    let user = Kubeconfig::entry(&merged, "users", name).unwrap_or_default();
    let pick = |flag: &str, key: &str| match flags.str(flag) {
        "" => user[key].text().to_string(),
        given => given.to_string(),
    };
    let mut out = Credentials::default();
    let (as_user, as_uid) = (pick("as", "as"), pick("as-uid", "as-uid"));
    let groups = match flags.list("as-group") {
        given if given.is_empty() => user["as-groups"].items().iter().map(|g| g.text().to_string()).collect(),
        given => given,
    };
    let extra = user["as-user-extra"].entries();
    if as_user.is_empty() && !(as_uid.is_empty() && groups.is_empty() && extra.is_empty()) {
        let text = format!("requesting uid, groups or user-extra for {name} without impersonating a user");
        return Err(text.into());
    }
    if !as_user.is_empty() {
        let mut put = |name: &str, value: String| out.impersonation.push((name.into(), value));
        put("Impersonate-User", as_user);
        if !as_uid.is_empty() {
            put("Impersonate-Uid", as_uid);
        }
        groups.into_iter().for_each(|group| put("Impersonate-Group", group));
        for (key, values) in extra {
            for value in values.items() {
                put(&format!("Impersonate-Extra-{}", key.text()), value.text().into());
            }
        }
    }
    // Over an open connection client-go sends no credentials.
    if !target.server.starts_with("https://") {
        return Ok(out);
    }
    let (token, file) = (pick("token", "token"), user["tokenFile"].text());
    out.token = if !flags.str("token").is_empty() || file.is_empty() {
        token
    } else {
        read(sys, config, name, file)?.trim().to_string()
    };
    let given = flags.str("client-certificate");
    let (data, file) = (user["client-certificate-data"].text(), user["client-certificate"].text());
    let files: Vec<&str> = [given, file].into_iter().filter(|f| !f.is_empty()).collect();
    match files.as_slice() {
        [first, ..] if data.is_empty() || !given.is_empty() => {
            let text = match given {
                "" => read(sys, config, name, file),
                given => slurp(sys, given),
            };
            let why = |failure: Failure| {
                Failure::Error(Error::new(format_args!(
                    "unable to read client-cert {first} for {name} due to {}",
                    failure.text()
                )))
            };
            out.certificate = Some(text.map_err(why)?.into());
        }
        _ if !data.is_empty() => {
            let bytes = hash::base64_decode(data).map_err(Failure::message)?;
            out.certificate = Some(String::from_utf8_lossy(&bytes).into());
        }
        _ => {}
    }
    Ok(out)
}

/// A file named in the kubeconfig: relative to the file that names it.
fn read(sys: &mut Sys<'_>, config: &Kubeconfig, user: &str, path: &str) -> Result<String, Failure> {
    if path.starts_with('/') {
        return slurp(sys, path);
    }
    let holds = |v: &Value| Kubeconfig::entry(v, "users", user).is_some();
    let file = config.files.iter().find(|f| f.value.as_ref().is_some_and(holds));
    let folder = file.and_then(|f| f.path.rsplit_once('/')).map_or("", |f| f.0);
    if folder.is_empty() {
        return slurp(sys, path);
    }
    slurp(sys, &format!("{folder}/{path}"))
}

fn slurp(sys: &mut Sys<'_>, path: &str) -> Result<String, Failure> {
    match sys.read_file(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(_) => Err(format!("open {path}: no such file or directory").into()),
    }
}

/// Server, namespace and credentials of the pod kubectl runs in, if it is one.
pub fn in_cluster(sys: &mut Sys<'_>, flags: &Flags) -> Option<(Target, Credentials)> {
    let host = sys.env("KUBERNETES_SERVICE_HOST").filter(|h| !h.is_empty())?;
    let port = sys.env("KUBERNETES_SERVICE_PORT").filter(|p| !p.is_empty())?;
    let token = slurp(sys, &format!("{ACCOUNT}/token")).ok()?;
    let given = flags.str("namespace");
    let namespace = match given {
        "" => slurp(sys, &format!("{ACCOUNT}/namespace")).unwrap_or_default().trim().to_string(),
        given => given.to_string(),
    };
    let target = Target {
        server: format!("https://{host}:{port}"),
        namespace: if namespace.is_empty() { "default".into() } else { namespace },
        namespace_given: !given.is_empty(),
        ..Target::default()
    };
    let empty = Kubeconfig::default();
    let mut credentials = load(sys, flags, &empty, &target).ok()?;
    if credentials.token.is_empty() {
        credentials.token = token.trim().to_string();
    }
    Some((target, credentials))
}
