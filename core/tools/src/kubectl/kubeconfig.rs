//! The kubeconfig: `--kubeconfig`, `$KUBECONFIG` (several files merged), `~/.kube/config`; which
//! server, user and namespace a call uses. Follows client-go's `clientcmd`.

use super::Failure;
use crate::cli::Flags;
use drydock_container::Sys;
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Value, value, yaml};

/// One file that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    pub path: String,
    /// None when it does not exist.
    pub value: Option<Value>,
}

/// The files in order of precedence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kubeconfig {
    pub files: Vec<File>,
    /// `--kubeconfig` named it.
    pub explicit: bool,
}

/// Where requests go and what for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Target {
    /// `https://10.0.0.1:6443`; `http://localhost:8080` without any configuration.
    pub server: String,
    pub namespace: String,
    /// The namespace came from `--namespace`.
    pub namespace_given: bool,
    /// The name of the user entry.
    pub user: String,
}

/// The lists of named entries a kubeconfig has, and the key of each entry's body.
pub const SECTIONS: [(&str, &str); 3] = [("clusters", "cluster"), ("contexts", "context"), ("users", "user")];

impl Kubeconfig {
    /// Reads all files.
    ///
    /// # Errors
    /// A file that is no YAML, or an explicit one that does not exist.
    pub fn load(sys: &mut Sys<'_>, flags: &Flags) -> Result<Kubeconfig, Failure> {
        let found = Kubeconfig::load_to_change(sys, flags)?;
        match found.files.iter().find(|f| found.explicit && f.value.is_none()) {
            Some(file) => Err(format!("stat {}: no such file or directory", file.path).into()),
            None => Ok(found),
        }
    }
    /// As [`Kubeconfig::load`] for `kubectl config`: a file that is not there yet is to be made.
    ///
    /// # Errors
    /// A file that is no kubeconfig.
    pub fn load_to_change(sys: &mut Sys<'_>, flags: &Flags) -> Result<Kubeconfig, Failure> {
        let explicit = flags.str("kubeconfig");
        let paths: Vec<String> = if !explicit.is_empty() {
            vec![explicit.into()]
        } else {
            match sys.env("KUBECONFIG").filter(|v| !v.is_empty()) {
                Some(list) => list.split(':').filter(|p| !p.is_empty()).map(Into::into).collect(),
                None => vec![default_path(sys)],
            }
        };
        let mut files = Vec::new();
        for path in paths {
            let value = match sys.read_file(&path) {
                Ok(bytes) => Some(read(&path, &bytes)?),
                Err(_) => None,
            };
            files.push(File { path, value });
        }
        Ok(Kubeconfig { files, explicit: !explicit.is_empty() })
    }
    /// All files as one: the first to name something wins.
    #[must_use]
    pub fn merged(&self) -> Value {
        let mut out = value!({"apiVersion": "v1", "kind": "Config", "preferences": {}});
        for (section, _) in SECTIONS {
            let mut entries: Vec<Value> = Vec::new();
            for entry in self.files.iter().filter_map(|f| f.value.as_ref()).flat_map(|v| v[section].items()) {
                if !entries.iter().any(|e| e["name"] == entry["name"]) {
                    entries.push(entry.clone());
                }
            }
            entries.arrange_by(|a, b| a["name"].text().cmp(b["name"].text()));
            out =
                out.with(section, if entries.is_empty() { Value::Null } else { Value::from_items(entries) });
        }
        let current = self
            .files
            .iter()
            .filter_map(|f| f.value.as_ref())
            .map(|v| v["current-context"].text())
            .find(|c| !c.is_empty());
        out.with("current-context", current.unwrap_or(""))
    }
    /// The body of a named entry.
    #[must_use]
    pub fn entry(merged: &Value, section: &str, name: &str) -> Option<Value> {
        let body = SECTIONS.iter().find(|s| s.0 == section)?.1;
        merged[section].items().iter().find(|e| e["name"] == name).map(|e| e[body].clone())
    }
    /// Decides server, user and namespace.
    ///
    /// # Errors
    /// A context or cluster that does not exist.
    pub fn target(&self, flags: &Flags) -> Result<Target, Failure> {
        let merged = self.merged();
        let wanted = flags.str("context");
        let context_name = if wanted.is_empty() { merged["current-context"].text() } else { wanted };
        let context = Kubeconfig::entry(&merged, "contexts", context_name);
        let missing = |what: &str, name: &str| {
            let text =
                format!("Error in configuration: {what} was not found for specified context: {name}\n");
            Failure::Error(crate::cli::Error::raw(text))
        };
        if context.is_none() && !context_name.is_empty() {
            return Err(missing("context", context_name));
        }
        let context = context.unwrap_or_default();
        let pick = |flag: &str, own: &Value| match flags.str(flag) {
            "" => own.text().to_string(),
            given => given.to_string(),
        };
        let cluster_name = pick("cluster", &context["cluster"]);
        // `create rolebinding --user=bob` has a flag of its own under this name, which hides this one.
        let user_name = match flags.is_list("user") {
            true => context["user"].text().to_string(),
            false => pick("user", &context["user"]),
        };
        let cluster = Kubeconfig::entry(&merged, "clusters", &cluster_name);
        if cluster.is_none() && !cluster_name.is_empty() {
            return Err(missing("cluster", context_name));
        }
        let server = match pick("server", &cluster.unwrap_or_default()["server"]) {
            server if server.is_empty() => "http://localhost:8080".into(),
            server if server.contains("://") => server,
            server => format!("http://{server}"),
        };
        let namespace = pick("namespace", &context["namespace"]);
        Ok(Target {
            server,
            namespace: if namespace.is_empty() { "default".into() } else { namespace },
            namespace_given: !flags.str("namespace").is_empty(),
            user: user_name,
        })
    }
    /// True when no file says anything and no flag names a server.
    #[must_use]
    pub fn is_empty(&self, flags: &Flags) -> bool {
        let nothing =
            |v: &Value| SECTIONS.iter().all(|s| v[s.0].is_empty()) && v["current-context"].is_empty();
        self.files.iter().filter_map(|f| f.value.as_ref()).all(nothing) && flags.str("server").is_empty()
    }
    /// The file a change to something new is written to.
    #[must_use]
    pub fn default_file(&self) -> String {
        let existing = self.files.iter().find(|f| f.value.is_some());
        existing.or(self.files.last()).map_or_else(String::new, |f| f.path.clone())
    }
}

fn default_path(sys: &Sys<'_>) -> String {
    let home = sys.env("HOME").unwrap_or_else(|| "/root".into());
    format!("{home}/.kube/config")
}

fn read(path: &str, bytes: &[u8]) -> Result<Value, Failure> {
    let text = String::from_utf8_lossy(bytes);
    let documents = yaml::load(&text).map_err(|e| {
        Failure::Error(crate::cli::Error::new(format_args!("error loading config file \"{path}\": {e}")))
    })?;
    let value = documents.into_iter().next().map(|d| d.value).unwrap_or_default();
    if value.is_map() || value.is_null() {
        return Ok(value);
    }
    let what = value.json_type();
    Err(Failure::Error(crate::cli::Error::new(format_args!(
        "error loading config file \"{path}\": couldn't get version/kind; json parse error: json: cannot unmarshal {what} into Go value of type struct {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}"
    ))))
}
