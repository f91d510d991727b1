//! `POST /commit`: a container's own layer becomes an image. Follows `daemon/commit.go` of moby 26.1.

use crate::create::strings;
use crate::door::Call;
use crate::fault::Fault;
use crate::images::make::{Recipe, image, layer_of};
use crate::json;
use crate::system::{ENGINE, answer};
use drydock_container::images::History;
use drydock_container::images::reference::Reference;
use drydock_machinery::{Value, json as json_text};
use drydock_network::http::Response;
use std::sync::Arc;

/// Answers the request.
///
/// # Errors
/// No such container; names that are none; changes that are no instructions.
pub fn commit(call: &mut Call<'_>) -> Result<Response, Fault> {
    let typed = call.param("container").to_string();
    let (repo, tag) = (call.param("repo").to_string(), call.param("tag").to_string());
    let container = call.docker.container(&typed)?;
    let reference = if repo.is_empty() {
        None
    } else {
        let name = if tag.is_empty() { repo } else { format!("{repo}:{tag}") };
        Some(Reference::parse(&name).map_err(Fault::invalid)?)
    };
    let mut config = container.config.clone();
    let over = call.body().unwrap_or_default();
    for (key, value) in over.entries() {
        if !value.is_null() && !value.is_empty() {
            config = config.with(key.text(), value);
        }
    }
    for change in call.request.query.iter().filter(|q| &*q.0 == "changes").flat_map(|q| q.1.lines()) {
        config = changed(config, change)?;
    }
    let config = config.with("Hostname", "").with("Image", "");
    let Some(space) = call.machines.space(container.space) else { return Err(Fault::no_container(&typed)) };
    let base = container.image.clone();
    let created_by = strings(&container.config["Cmd"]).join(" ");
    let layer = layer_of(&base.root, &space.root, &created_by);
    let mut root = (*space.root).clone();
    root.read_only = false;
    let created = call.machines.clock.unix();
    let (author, comment) = (call.param("author").to_string(), call.param("comment").to_string());
    let mut history = base.extras.history.clone();
    history.push(History {
        created,
        created_by: created_by.as_str().into(),
        comment: comment.as_str().into(),
        author: author.as_str().into(),
        empty: false,
        size: layer.size,
    });
    let salt = call.docker.random.next_u64();
    let made = image(Recipe {
        config: &config,
        root: Arc::new(root),
        layers: base.layers.iter().cloned().chain([layer]).collect(),
        history,
        author: &author,
        comment: &comment,
        created,
        salt,
        flavour: base.flavour,
        docker_version: ENGINE,
    });
    let id = call.docker.images.add(Arc::new(made), &base.id);
    let now = call.machines.clock.now;
    if let Some(reference) = &reference {
        call.docker.images.tag(reference, &id, now);
    }
    let shown = format!("sha256:{id}");
    call.docker.note_container(
        call.machines,
        &container.id,
        "commit",
        &[("comment", &comment), ("imageID", &shown)],
    );
    Ok(answer(201, &json!({"Id": shown})))
}

/// A list of words: JSON, or the shell's form.
fn words(text: &str) -> Value {
    match json_text::parse(text.as_bytes()) {
        Ok(list) if list.is_list() => list,
        _ => ["/bin/sh", "-c", text].iter().map(|w| Value::from(*w)).collect(),
    }
}

/// A configuration after one Dockerfile instruction of `--change`.
///
/// # Errors
/// Instructions that may not stand here.
pub fn changed(config: Value, line: &str) -> Result<Value, Fault> {
    let (name, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
    let rest = rest.trim();
    let upper = name.to_ascii_uppercase();
    if rest.is_empty() {
        return Err(Fault::invalid(format!("{upper} requires at least one argument")));
    }
    let unquoted = |t: &str| t.trim_matches('"').to_string();
    let pair = |t: &str| match t.split_once('=') {
        Some((k, v)) => (k.to_string(), unquoted(v)),
        None => {
            let (k, v) = t.split_once(char::is_whitespace).unwrap_or((t, ""));
            (k.to_string(), unquoted(v.trim()))
        }
    };
    Ok(match upper.as_str() {
        "CMD" => config.with("Cmd", words(rest)),
        "ENTRYPOINT" => config.with("Entrypoint", words(rest)),
        "ENV" => {
            let (key, value) = pair(rest);
            let mut env = strings(&config["Env"]);
            let entry: Arc<str> = format!("{key}={value}").into();
            match env.iter_mut().find(|e| e.split('=').next() == Some(key.as_str())) {
                Some(old) => *old = entry,
                None => env.push(entry),
            }
            config.with("Env", env.iter().map(Value::from).collect::<Value>())
        }
        "EXPOSE" => {
            let mut ports = config["ExposedPorts"].clone();
            for port in rest.split_whitespace() {
                let key = if port.contains('/') { port.to_string() } else { format!("{port}/tcp") };
                ports = if ports.is_map() { ports } else { Value::empty_map() };
                ports = ports.with(key.as_str(), Value::empty_map());
            }
            config.with("ExposedPorts", ports)
        }
        "LABEL" => {
            let (key, value) = pair(rest);
            let labels =
                if config["Labels"].is_map() { config["Labels"].clone() } else { Value::empty_map() };
            config.with("Labels", labels.with(key.as_str(), value))
        }
        "USER" => config.with("User", rest),
        "WORKDIR" => config.with("WorkingDir", rest),
        "STOPSIGNAL" => config.with("StopSignal", rest),
        "ONBUILD" => {
            let mut all = strings(&config["OnBuild"]);
            all.push(rest.into());
            config.with("OnBuild", all.iter().map(Value::from).collect::<Value>())
        }
        "VOLUME" => {
            let mut volumes =
                if config["Volumes"].is_map() { config["Volumes"].clone() } else { Value::empty_map() };
            let list = json_text::parse(rest.as_bytes()).ok().filter(Value::is_list);
            let paths: Vec<String> = match list {
                Some(list) => list.items().iter().map(|v| v.text().to_string()).collect(),
                None => rest.split_whitespace().map(String::from).collect(),
            };
            for path in paths {
                volumes = volumes.with(path.as_str(), Value::empty_map());
            }
            config.with("Volumes", volumes)
        }
        "HEALTHCHECK" if rest.eq_ignore_ascii_case("none") => {
            config.with("Healthcheck", drydock_machinery::value!({"Test": ["NONE"]}))
        }
        "HEALTHCHECK" => {
            let command = rest.split_once(char::is_whitespace).map_or("", |r| r.1).trim();
            let list = json_text::parse(command.as_bytes()).ok().filter(Value::is_list);
            let test: Value = match list {
                Some(list) => [Value::from("CMD")].into_iter().chain(list.items().iter().cloned()).collect(),
                None => drydock_machinery::value!(["CMD-SHELL", command]),
            };
            config.with("Healthcheck", Value::from_iter([("Test", test)]))
        }
        _ => return Err(Fault::invalid(format!("{upper} is not a valid change command"))),
    })
}
