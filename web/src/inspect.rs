//! What the inspector shows of one object, as data: what is wanted beside what is, as rows; YAML,
//! events, logs and causes as the sandbox tells them.
use crate::map::layout::is_system;
use crate::state::{Look, State};
use crate::subject::Subject;
use crate::world::{EventRow, Phase, Sandbox, WhyStep};
use drydock_machinery::sort::Arrange;
use drydock_machinery::{Timestamp, Value};

/// Wanted against actual, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub what: String,
    pub wanted: String,
    pub actual: String,
    /// The two should agree and do not.
    pub differs: bool,
}

/// The open tab of the inspector.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    Overview(Vec<Row>),
    Yaml(String),
    Events(Vec<EventRow>),
    Logs(Result<String, String>),
    Why(Vec<WhyStep>),
    /// The object does not exist any more.
    Gone,
}

/// See the module's head.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    pub phase: Option<Phase>,
    /// Its state in a few words.
    pub summary: String,
    pub containers: Vec<String>,
    pub page: Page,
}

/// Lines of log that are shown.
const LOG_LINES: usize = 500;

/// Looks at what is selected.
pub fn inspect(state: &State) -> Option<Inspected> {
    let subject = state.selected.as_ref()?;
    let sandbox = &state.sandbox;
    let pod = state.frame.pods.iter().find(|p| Subject::of(p) == *subject);
    let value =
        if subject.is_container() { sandbox.engine(&subject.rest()) } else { sandbox.read(&subject.rest()) };
    let gone = value.is_none();
    let value = value.unwrap_or_default();
    let containers: Vec<String> =
        value.at(&["spec", "containers"]).items().iter().map(|c| c.get("name").text().to_owned()).collect();
    let page = match state.look {
        _ if gone && state.look != Look::Events && state.look != Look::Why => Page::Gone,
        Look::Overview => Page::Overview(rows(&subject.kind, &value)),
        Look::Yaml if subject.is_container() => {
            Page::Yaml(sandbox.engine_yaml(&subject.rest()).unwrap_or_default())
        }
        Look::Logs if subject.is_container() => {
            Page::Logs(Ok(sandbox.container_logs(&subject.name, LOG_LINES).unwrap_or_default()))
        }
        Look::Yaml => Page::Yaml(sandbox.yaml(&subject.rest()).unwrap_or_default()),
        Look::Events => Page::Events(sandbox.events(&subject.namespace, &subject.kind, &subject.name)),
        Look::Logs => {
            let container = state.container.as_deref().or(containers.first().map(String::as_str));
            Page::Logs(sandbox.logs(&subject.namespace, &subject.name, container, LOG_LINES))
        }
        Look::Why => Page::Why(state.cause_of_selected().map(|c| sandbox.why(c)).unwrap_or_default()),
    };
    let summary = match (pod, subject.kind.as_str()) {
        (Some(pod), _) if pod.container => format!("{} · {}", pod.image, pod.status),
        (Some(pod), _) => {
            let node = pod.node.as_deref().map(|n| format!(" · {n}")).unwrap_or_default();
            format!("{} · {}{node}", pod.status, pod.ready)
        }
        (None, "Service") => {
            format!("{} · {}", value.at(&["spec", "type"]).text(), value.at(&["spec", "clusterIP"]).text())
        }
        (None, _) => String::new(),
    };
    Some(Inspected { phase: pod.map(|p| p.phase), summary, containers, page })
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Float(f) => f.to_string(),
        Value::Str(_) | Value::Word(_) => value.text().to_owned(),
        Value::List(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Map(entries) => {
            entries.iter().map(|(k, v)| format!("{}={}", k.text(), text(v))).collect::<Vec<_>>().join(", ")
        }
    }
}

/// A row whose two sides should agree.
fn agree(what: &str, wanted: &Value, actual: &Value) -> Row {
    let (wanted, actual) = (text(wanted), text(actual));
    // A count that was never written is zero.
    let actual = if actual == "—" && wanted.parse::<i64>().is_ok() { "0".to_owned() } else { actual };
    Row { what: what.to_owned(), differs: wanted != actual, wanted, actual }
}

/// A row that only informs.
fn inform(what: &str, wanted: String, actual: String) -> Row {
    Row { what: what.to_owned(), wanted, actual, differs: false }
}

fn rows(kind: &str, value: &Value) -> Vec<Row> {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let mut rows = match kind {
        "Pod" => pod_rows(value),
        "Container" => container_rows(value),
        "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController" => {
            let wanted = spec.get("replicas");
            let mut rows = vec![
                agree("replicas", wanted, status.get("replicas")),
                agree("ready", wanted, status.get("readyReplicas")),
            ];
            if kind == "Deployment" {
                rows.push(agree("updated", wanted, status.get("updatedReplicas")));
                rows.push(agree("available", wanted, status.get("availableReplicas")));
            }
            rows.push(inform("selector", text(spec.at(&["selector", "matchLabels"])), String::new()));
            rows.extend(images(spec.at(&["template", "spec"])));
            rows
        }
        "DaemonSet" => vec![
            agree("scheduled", status.get("desiredNumberScheduled"), status.get("currentNumberScheduled")),
            agree("ready", status.get("desiredNumberScheduled"), status.get("numberReady")),
        ],
        "Job" => vec![agree("completions", spec.get("completions"), status.get("succeeded"))],
        "Service" => {
            let ports: Vec<String> = spec
                .get("ports")
                .items()
                .iter()
                .map(|p| format!("{} → {}", text(p.get("port")), text(p.get("targetPort"))))
                .collect();
            vec![
                inform("selector", text(spec.get("selector")), String::new()),
                inform("ports", ports.join(", "), String::new()),
                inform("type", text(spec.get("type")), text(status.at(&["loadBalancer", "ingress"]))),
            ]
        }
        "Node" => {
            let mut rows: Vec<Row> = ["cpu", "memory", "pods"]
                .iter()
                .map(|r| inform(r, text(status.at(&["capacity", r])), text(status.at(&["allocatable", r]))))
                .collect();
            for taint in spec.get("taints").items() {
                rows.push(inform(
                    "taint",
                    format!("{}:{}", text(taint.get("key")), text(taint.get("effect"))),
                    String::new(),
                ));
            }
            rows
        }
        _ => spec.entries().iter().map(|(k, v)| agree_or_inform(k.text(), v, status.get(k.text()))).collect(),
    };
    rows.extend(status.get("conditions").items().iter().map(|c| {
        let mut actual = text(c.get("status"));
        if !c.get("reason").text().is_empty() {
            actual.push_str(&format!(" ({})", c.get("reason").text()));
        }
        inform(c.get("type").text(), String::new(), actual)
    }));
    if !value.at(&["metadata", "labels"]).is_empty() {
        rows.push(inform("labels", text(value.at(&["metadata", "labels"])), String::new()));
    }
    rows
}

fn agree_or_inform(what: &str, wanted: &Value, actual: &Value) -> Row {
    if actual.is_null() { inform(what, text(wanted), String::new()) } else { agree(what, wanted, actual) }
}

fn images(spec: &Value) -> Vec<Row> {
    spec.get("containers")
        .items()
        .iter()
        .map(|c| inform(&format!("image {}", c.get("name").text()), text(c.get("image")), String::new()))
        .collect()
}

/// Of what `docker inspect` shows, what one asks first.
fn container_rows(value: &Value) -> Vec<Row> {
    let (config, state) = (value.get("Config"), value.get("State"));
    let ports: Vec<String> = value
        .at(&["NetworkSettings", "Ports"])
        .entries()
        .iter()
        .filter(|(_, bound)| !bound.is_empty())
        .map(|(port, bound)| {
            format!(
                "{} → {}",
                text(bound.items().first().unwrap_or(&Value::Null).get("HostPort")),
                port.text()
            )
        })
        .collect();
    let networks = value.at(&["NetworkSettings", "Networks"]).entries();
    let networks: Vec<String> =
        networks.iter().map(|(name, on)| format!("{} {}", name.text(), on.get("IPAddress").text())).collect();
    let mounts: Vec<String> = value
        .get("Mounts")
        .items()
        .iter()
        .map(|m| format!("{} → {}", text(m.get("Source")), text(m.get("Destination"))))
        .collect();
    let mut state_text = text(state.get("Status"));
    if state.get("ExitCode").int() != 0 {
        state_text.push_str(&format!(" ({})", state.get("ExitCode").int()));
    }
    vec![
        inform("image", text(config.get("Image")), String::new()),
        inform("command", text(value.get("Path")), text(value.get("Args"))),
        inform("state", String::new(), state_text),
        inform("ports", ports.join(", "), String::new()),
        inform("networks", String::new(), networks.join(", ")),
        inform("mounts", mounts.join(", "), String::new()),
        inform("restart", text(value.at(&["HostConfig", "RestartPolicy", "Name"])), String::new()),
        inform("env", text(config.get("Env")), String::new()),
    ]
}

fn pod_rows(value: &Value) -> Vec<Row> {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let mut rows = vec![
        inform("phase", String::new(), text(status.get("phase"))),
        inform("node", text(spec.get("nodeName")), text(status.get("hostIP"))),
        inform("IP", String::new(), text(status.get("podIP"))),
    ];
    let statuses = status.get("containerStatuses").items();
    for container in spec.get("containers").items() {
        let name = container.get("name").text();
        let seen = statuses.iter().find(|s| s.get("name").text() == name);
        let state = seen.map_or_else(String::new, |s| {
            let (word, more) =
                s.get("state").entries().first().map_or(("", &Value::Null), |(k, v)| (k.text(), v));
            match more.get("reason").text() {
                "" => word.to_owned(),
                reason => format!("{word}: {reason}"),
            }
        });
        let ready = seen.is_some_and(|s| s.get("ready").bool());
        rows.push(Row {
            what: format!("container {name}"),
            wanted: text(container.get("image")),
            actual: state,
            differs: !ready && status.get("phase").text() != "Succeeded",
        });
        if let Some(restarts) = seen.map(|s| s.get("restartCount").int()).filter(|r| *r > 0) {
            rows.push(inform("restarts", String::new(), restarts.to_string()));
        }
    }
    rows
}

/// Events of every namespace, oldest first; those of the system's own namespaces only if asked for.
pub fn all_events(sandbox: &Sandbox, system: bool) -> Vec<EventRow> {
    let list = sandbox.read("/api/v1/events").unwrap_or_default();
    let now = sandbox.unix();
    let mut rows: Vec<EventRow> = list
        .get("items")
        .items()
        .iter()
        .filter(|e| system || !is_system(e.at(&["metadata", "namespace"]).text()))
        .map(|e| {
            let last = Timestamp::parse(e.get("lastTimestamp").text()).map_or(now, |t| t.0);
            let about = e.get("involvedObject");
            EventRow {
                age_ms: (now - last).max(0) as u64 * 1000,
                event_type: e.get("type").text().to_owned(),
                reason: e.get("reason").text().to_owned(),
                message: format!(
                    "{}/{}: {}",
                    about.get("kind").text(),
                    about.get("name").text(),
                    e.get("message").text()
                ),
                count: e.get("count").int().max(1),
                source: e.at(&["source", "component"]).text().to_owned(),
            }
        })
        .collect();
    rows.arrange_by_key(|r| std::cmp::Reverse(r.age_ms));
    rows
}
