//! Volumes: named and anonymous, made on first use, filled from the image, pruned. Follows `volume/local`
//! and `api/server/router/volume` of moby 26.1.

use crate::Docker;
use crate::door::Call;
use crate::fault::Fault;
use crate::filters::{Filters, name_matches};
use crate::json::{Json, Object, ToJson};
use crate::system::answer;
use crate::{ids, json};
use drydock_container::Machines;
use drydock_container::filesystem::Content;
use drydock_machinery::{Timestamp, Value};
use drydock_network::http::{Body, Response};
use std::sync::Arc;

/// A volume of the `local` driver.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    pub name: Arc<str>,
    /// Simulated milliseconds.
    pub created: u64,
    pub labels: Value,
    pub options: Value,
    /// Nobody gave it a name.
    pub anonymous: bool,
    /// Its number in the machines.
    pub number: u32,
}

/// Whether a name may be a volume's or a container's: `[a-zA-Z0-9][a-zA-Z0-9_.-]+`.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && name.len() > 1
        && bytes.all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

/// Where a volume's files lie.
#[must_use]
pub fn mountpoint(name: &str) -> String {
    format!("/var/lib/docker/volumes/{name}/_data")
}

const LABEL_ANONYMOUS: &str = "com.docker.volume.anonymous";

impl Docker {
    /// The volume of this name, made if it is not there yet.
    ///
    /// # Errors
    /// A name that may not be one.
    pub fn volume(&mut self, machines: &mut Machines, name: &str) -> Result<Arc<Volume>, Fault> {
        if let Some(volume) = self.volumes.get(name) {
            return Ok(volume.clone());
        }
        // Mounts may name volumes of one letter.
        let short = name.len() == 1 && name.bytes().all(|b| b.is_ascii_alphanumeric());
        if !is_name(name) && !short {
            return Err(Fault::invalid(format!(
                "create {name}: {name:?} includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
            )));
        }
        Ok(self.make_volume(machines, name, Value::Null, Value::Null, false))
    }
    /// A volume without a name of its own.
    pub fn anonymous_volume(&mut self, machines: &mut Machines) -> Arc<Volume> {
        let name = self.fresh_id();
        let labels = Value::from_iter([(LABEL_ANONYMOUS, Value::from(""))]);
        self.make_volume(machines, &name, labels, Value::Null, true)
    }
    fn make_volume(
        &mut self,
        machines: &mut Machines,
        name: &str,
        labels: Value,
        options: Value,
        anonymous: bool,
    ) -> Arc<Volume> {
        let number = machines.add_volume();
        let created = machines.clock.now;
        let volume = Arc::new(Volume { name: name.into(), created, labels, options, anonymous, number });
        self.volumes.insert(name.into(), volume.clone());
        self.note_event(machines, "volume", "create", name, &[("driver", "local")]);
        volume
    }
    /// Containers that have a volume mounted.
    #[must_use]
    pub fn users_of_volume(&self, name: &str) -> Vec<Arc<str>> {
        let uses = |c: &crate::container::Container| {
            c.mounts.iter().any(|m| &*m.kind == "volume" && &*m.name == name)
        };
        self.containers.values().filter(|c| uses(c)).map(|c| c.id.clone()).collect()
    }
    /// Forgets a volume and its files.
    pub fn drop_volume(&mut self, machines: &mut Machines, name: &str) {
        if let Some(volume) = self.volumes.remove(name) {
            machines.remove_volume(volume.number);
            self.note_event(machines, "volume", "destroy", name, &[("driver", "local")]);
        }
    }
}

/// Bytes of the files in a volume.
#[must_use]
pub fn size(machines: &Machines, volume: &Volume) -> u64 {
    let Some(fs) = machines.filesystem(drydock_container::SpaceId(0), Some(volume.number)) else { return 0 };
    fs.walk("/")
        .filter(|(_, i)| matches!(i.content, Content::File(_) | Content::Program(_)))
        .map(|(_, i)| i.size)
        .sum()
}

/// As the API shows a volume; with how much it is used where that is asked for.
#[must_use]
pub fn shown(machines: &Machines, volume: &Volume, usage: Option<(i64, i64)>) -> Json {
    let map = |v: &Value| if v.is_map() { v.to_json() } else { Json::null() };
    let mut o = Object::default();
    o.put("CreatedAt", Timestamp(ids::unix(machines, volume.created)).to_rfc3339())
        .put("Driver", "local")
        .put("Labels", map(&volume.labels))
        .put("Mountpoint", mountpoint(&volume.name))
        .put("Name", &volume.name)
        .put("Options", map(&volume.options))
        .put("Scope", "local");
    if let Some((references, size)) = usage {
        o.put("UsageData", json!({"RefCount": references, "Size": size}));
    }
    o.done()
}

/// `GET /volumes`.
///
/// # Errors
/// Unknown filters.
pub fn list(call: &Call<'_>) -> Result<Response, Fault> {
    let filters = Filters::of(call.request, &["dangling", "name", "driver", "label"])?;
    let dangling = filters.flag("dangling")?;
    let docker = &*call.docker;
    let wanted = docker.volumes.values().filter(|v| {
        filters.any("name", |p| name_matches(p, &v.name))
            && filters.any("driver", |d| d == "local")
            && filters.labels(&v.labels)
            && dangling.is_none_or(|d| d == docker.users_of_volume(&v.name).is_empty())
    });
    let volumes = Json::list(wanted.map(|v| shown(call.machines, v, None)));
    Ok(answer(200, &json!({"Volumes": volumes, "Warnings": Json::null()})))
}

/// `GET /volumes/{name}`.
///
/// # Errors
/// `get x: no such volume`.
pub fn inspect(call: &Call<'_>, name: &str) -> Result<Response, Fault> {
    match call.docker.volumes.get(name) {
        Some(volume) => Ok(answer(200, &shown(call.machines, volume, None))),
        None => Err(Fault::not_found(format!("get {name}: no such volume"))),
    }
}

/// `POST /volumes/create`.
///
/// # Errors
/// Names that may not be one, drivers that are not there.
pub fn create(call: &mut Call<'_>) -> Result<Response, Fault> {
    let body = call.body()?;
    let driver = body["Driver"].text();
    let name = body["Name"].text();
    if !matches!(driver, "" | "local") {
        let name = if name.is_empty() { String::new() } else { name.to_string() };
        return Err(Fault::not_found(format!(
            "create {name}: error looking up volume plugin {driver}: plugin \"{driver}\" not found"
        )));
    }
    let (labels, options) = (body["Labels"].clone(), body["DriverOpts"].clone());
    for (key, _) in options.entries() {
        if !matches!(key.text(), "type" | "o" | "device" | "size") {
            return Err(Fault::invalid(format!("create {name}: invalid option: {:?}", key.text())));
        }
    }
    if name.len() == 1 && !call.docker.volumes.contains_key(name) {
        return Err(Fault::invalid(format!(
            "create {name}: volume name is too short, names should be at least two alphanumeric characters"
        )));
    }
    let volume = if name.is_empty() {
        let name = call.docker.fresh_id();
        let labels = labels.with(LABEL_ANONYMOUS, "");
        call.docker.make_volume(call.machines, &name, labels, options, true)
    } else if let Some(volume) = call.docker.volumes.get(name) {
        volume.clone()
    } else {
        // The name is checked as on first use, then made with what was asked for.
        let made = call.docker.volume(call.machines, name)?;
        let volume = Volume { labels, options, ..Volume::clone(&made) };
        let volume = Arc::new(volume);
        call.docker.volumes.insert(name.into(), volume.clone());
        volume
    };
    Ok(answer(201, &shown(call.machines, &volume, None)))
}

/// `DELETE /volumes/{name}`.
///
/// # Errors
/// Not there; in use.
pub fn remove(call: &mut Call<'_>, name: &str) -> Result<Response, Fault> {
    if !call.docker.volumes.contains_key(name) {
        if call.flag("force") {
            return Ok(Response::new(204, Body::Empty));
        }
        return Err(Fault::not_found(format!("get {name}: no such volume")));
    }
    let users = call.docker.users_of_volume(name);
    if !users.is_empty() {
        return Err(Fault::conflict(format!("remove {name}: volume is in use - [{}]", users.join(", "))));
    }
    call.docker.drop_volume(call.machines, name);
    Ok(Response::new(204, Body::Empty))
}

/// `POST /volumes/prune`: anonymous volumes nobody uses, with the filter `all` named ones too.
///
/// # Errors
/// Unknown filters.
pub fn prune(call: &mut Call<'_>) -> Result<Response, Fault> {
    let filters = Filters::of(call.request, &["label", "label!", "all"])?;
    let all = filters.flag("all")?.unwrap_or(call.version < (1, 42));
    let names: Vec<Arc<str>> = call
        .docker
        .volumes
        .values()
        .filter(|v| (all || v.anonymous) && filters.labels(&v.labels))
        .filter(|v| call.docker.users_of_volume(&v.name).is_empty())
        .map(|v| v.name.clone())
        .collect();
    let mut freed = 0;
    for name in &names {
        if let Some(volume) = call.docker.volumes.get(name) {
            freed += size(call.machines, volume);
        }
        call.docker.drop_volume(call.machines, name);
    }
    let deleted = Json::list_or_null(names.iter().map(|n| (&**n).to_json()));
    Ok(answer(200, &json!({"VolumesDeleted": deleted, "SpaceReclaimed": freed})))
}
