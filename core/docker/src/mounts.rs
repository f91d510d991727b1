//! Mounts of a container: binds of the laptop's folders, named and anonymous volumes, tmpfs, and those
//! of other containers. Follows `volume/mounts` and `daemon/volumes.go` of moby 26.1.

use crate::Docker;
use crate::container::MountPoint;
use crate::fault::Fault;
use crate::volumes::mountpoint;
use drydock_container::Machines;
use drydock_container::filesystem::normalise;
use drydock_container::images::Image;
use drydock_container::path::volume_of_root;
use drydock_container::space::Mount;
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;
use std::sync::Arc;

/// What will be mounted: as it is shown, and as the space has it.
#[derive(Clone, Debug, Default)]
pub struct Planned {
    pub points: Vec<MountPoint>,
    pub mounts: Vec<(Arc<str>, Mount)>,
}

impl Planned {
    fn add(&mut self, point: MountPoint, mount: Mount) {
        // What is said later hides what was said before: volumes of the image under those of the user.
        self.mounts.retain(|m| m.0 != point.destination);
        self.points.retain(|p| p.destination != point.destination);
        self.mounts.push((point.destination.clone(), mount));
        self.points.push(point);
    }
    fn has(&self, destination: &str) -> bool {
        self.points.iter().any(|p| &*p.destination == destination)
    }
}

/// One part of a `-v` specification.
struct Spec<'a> {
    source: &'a str,
    destination: String,
    mode: &'a str,
}

fn parse(text: &str) -> Result<Spec<'_>, Fault> {
    let invalid = || Fault::invalid(format!("invalid volume specification: '{text}'"));
    let parts: Vec<&str> = text.split(':').collect();
    let (source, destination, mode) = match parts.as_slice() {
        [destination] if !destination.is_empty() => ("", *destination, ""),
        [source, destination] => (*source, *destination, ""),
        [source, destination, mode] => (*source, *destination, *mode),
        _ => return Err(invalid()),
    };
    if destination.is_empty() || source.is_empty() && parts.len() > 1 {
        return Err(invalid());
    }
    let destination = normalise("/", destination);
    if destination == "/" {
        let kind = if source.starts_with('/') { "bind" } else { "volume" };
        return Err(Fault::invalid(format!(
            "invalid volume specification: '{text}': invalid mount config for type \"{kind}\": invalid specification: destination can't be '/'"
        )));
    }
    let known = ["ro", "rw", "z", "Z", "nocopy", "cached", "delegated", "consistent"];
    let propagations = ["shared", "rshared", "slave", "rslave", "private", "rprivate"];
    let fine = |m: &str| known.contains(&m) || propagations.contains(&m);
    if !mode.is_empty() && !mode.split(',').all(fine) {
        return Err(Fault::invalid(format!("invalid mode: {mode}")));
    }
    Ok(Spec { source, destination, mode })
}

impl Docker {
    /// Everything a new container mounts. Volumes are made and filled here, as dockerd does on create.
    ///
    /// # Errors
    /// Specifications that make no sense, sources that are not there.
    pub(crate) fn plan_mounts(
        &mut self,
        machines: &mut Machines,
        config: &Value,
        host: &Value,
        image: &Arc<Image>,
    ) -> Result<Planned, Fault> {
        let mut plan = Planned::default();
        for entry in host["VolumesFrom"].items() {
            self.mounts_from(entry.text(), &mut plan)?;
        }
        let mut given: Vec<String> = Vec::new();
        let mut once = |destination: &str| {
            if given.iter().any(|g| g == destination) {
                return Err(Fault::invalid(format!("Duplicate mount point: {destination}")));
            }
            given.push(destination.to_string());
            Ok(())
        };
        for bind in host["Binds"].items() {
            let spec = parse(bind.text())?;
            once(&spec.destination)?;
            let read_only = spec.mode.split(',').any(|m| m == "ro");
            if spec.source.starts_with('/') {
                self.bind(machines, &mut plan, spec.source, &spec.destination, spec.mode, read_only, true)?;
            } else {
                let copy = !spec.mode.split(',').any(|m| m == "nocopy");
                let mode = if spec.mode.is_empty() { "z" } else { spec.mode };
                let name = Some(spec.source).filter(|s| !s.is_empty());
                self.use_volume(
                    machines,
                    &mut plan,
                    name,
                    &spec.destination,
                    (mode, read_only, copy),
                    image,
                )?;
            }
        }
        for mount in host["Mounts"].items() {
            let destination = self.mount(machines, &mut plan, mount, image)?;
            once(&destination)?;
        }
        for (destination, options) in host["Tmpfs"].entries() {
            let destination = normalise("/", destination.text());
            once(&destination)?;
            let read_only = options.text().split(',').any(|o| o == "ro");
            self.tmpfs(machines, &mut plan, &destination, read_only);
        }
        for (destination, _) in config["Volumes"].entries() {
            let destination = normalise("/", destination.text());
            if !plan.has(&destination) {
                self.use_volume(machines, &mut plan, None, &destination, ("", false, true), image)?;
            }
        }
        if host["Init"].bool() {
            self.init(machines, &mut plan);
        }
        plan.points.arrange_by(|a, b| a.destination.cmp(&b.destination));
        Ok(plan)
    }
    /// `--volumes-from container[:ro]`.
    fn mounts_from(&self, text: &str, plan: &mut Planned) -> Result<(), Fault> {
        let (name, mode) = text.split_once(':').unwrap_or((text, ""));
        if !matches!(mode, "" | "ro" | "rw") {
            return Err(Fault::invalid(format!("invalid mode for volumes-from: {mode}")));
        }
        let other = self.container(name)?;
        for point in other.mounts.iter() {
            let rw = point.rw && mode != "ro";
            let number = match &*point.kind {
                "volume" => self.volumes.get(&point.name).map(|v| (v.number, Arc::from(""))),
                "bind" => Some((volume_of_root(self.host), point.source.clone())),
                _ => None,
            };
            let Some((volume, sub_path)) = number else { continue };
            let mount = Mount { volume, sub_path, read_only: !rw };
            plan.add(MountPoint { rw, anonymous: false, ..point.clone() }, mount);
        }
        Ok(())
    }
    #[allow(clippy::too_many_arguments)]
    fn bind(
        &mut self,
        machines: &mut Machines,
        plan: &mut Planned,
        source: &str,
        destination: &str,
        mode: &str,
        read_only: bool,
        make: bool,
    ) -> Result<(), Fault> {
        let source = normalise("/", source);
        let real = machines.real_path(self.host, "/", &source).unwrap_or_else(|_| source.clone());
        if machines.inode_at(self.host, &real).is_none() {
            if !make {
                return Err(Fault::invalid(format!(
                    "invalid mount config for type \"bind\": bind source path does not exist: {source}"
                )));
            }
            let mtime = machines.clock.unix();
            if let Some(fs) = machines.filesystem_mut(self.host, None) {
                Machines::make_directories(fs, &real, mtime);
            }
        }
        let point = MountPoint {
            kind: "bind".into(),
            name: "".into(),
            source: source.as_str().into(),
            destination: destination.into(),
            mode: mode.into(),
            rw: !read_only,
            propagation: "rprivate".into(),
            anonymous: false,
        };
        let sub_path: Arc<str> = if real == "/" { "".into() } else { real.as_str().into() };
        plan.add(point, Mount { volume: volume_of_root(self.host), sub_path, read_only });
        Ok(())
    }
    fn use_volume(
        &mut self,
        machines: &mut Machines,
        plan: &mut Planned,
        name: Option<&str>,
        destination: &str,
        (mode, read_only, copy): (&str, bool, bool),
        image: &Arc<Image>,
    ) -> Result<(), Fault> {
        let volume = match name {
            Some(name) => self.volume(machines, name)?,
            None => self.anonymous_volume(machines),
        };
        if copy {
            fill(machines, volume.number, image, destination);
        }
        let point = MountPoint {
            kind: "volume".into(),
            name: volume.name.clone(),
            source: mountpoint(&volume.name).into(),
            destination: destination.into(),
            mode: mode.into(),
            rw: !read_only,
            propagation: "".into(),
            anonymous: name.is_none(),
        };
        plan.add(point, Mount { volume: volume.number, sub_path: "".into(), read_only });
        Ok(())
    }
    /// One entry of `Mounts`; gives its destination.
    fn mount(
        &mut self,
        machines: &mut Machines,
        plan: &mut Planned,
        mount: &Value,
        image: &Arc<Image>,
    ) -> Result<String, Fault> {
        let kind = mount["Type"].text();
        let wrong =
            |why: &str| Err(Fault::invalid(format!("invalid mount config for type \"{kind}\": {why}")));
        let (source, target) = (mount["Source"].text(), mount["Target"].text());
        if !matches!(kind, "bind" | "volume" | "tmpfs") {
            return Err(Fault::invalid(format!(
                "invalid mount config for type \"{kind}\": mount type unknown"
            )));
        }
        if target.is_empty() {
            return wrong("field Target must not be empty");
        }
        if !target.starts_with('/') {
            return wrong(&format!("invalid mount path: '{target}' mount path must be absolute"));
        }
        let destination = normalise("/", target);
        if destination == "/" {
            return wrong("invalid specification: destination can't be '/'");
        }
        let read_only = mount["ReadOnly"].bool();
        match kind {
            "bind" => {
                if source.is_empty() {
                    return wrong("field Source must not be empty");
                }
                if !source.starts_with('/') {
                    return wrong(&format!("invalid mount path: '{source}' mount path must be absolute"));
                }
                let make = mount["BindOptions"]["CreateMountpoint"].bool();
                self.bind(machines, plan, source, &destination, "", read_only, make)?;
            }
            "volume" => {
                if read_only && source.is_empty() {
                    return wrong("must not set ReadOnly mode when using anonymous volumes");
                }
                let copy = !mount["VolumeOptions"]["NoCopy"].bool();
                let name = Some(source).filter(|s| !s.is_empty());
                self.use_volume(machines, plan, name, &destination, ("z", read_only, copy), image)?;
            }
            _ => {
                if !source.is_empty() {
                    return wrong("field Source must not be specified");
                }
                self.tmpfs(machines, plan, &destination, read_only);
            }
        }
        Ok(destination)
    }
    fn tmpfs(&mut self, machines: &mut Machines, plan: &mut Planned, destination: &str, read_only: bool) {
        let volume = machines.add_volume();
        let point = MountPoint {
            kind: "tmpfs".into(),
            name: "".into(),
            source: "".into(),
            destination: destination.into(),
            mode: "".into(),
            rw: !read_only,
            propagation: "".into(),
            anonymous: false,
        };
        plan.add(point, Mount { volume, sub_path: "".into(), read_only });
    }
    /// The engine's init is mounted over the image; `docker inspect` does not show it.
    fn init(&mut self, machines: &mut Machines, plan: &mut Planned) {
        let number = match self.init_volume {
            0 => {
                let mut fs = drydock_container::filesystem::Filesystem::default();
                let inode = drydock_container::filesystem::Inode {
                    content: drydock_container::filesystem::Content::Program("docker-init".into()),
                    mode: 0o755,
                    uid: 0,
                    gid: 0,
                    mtime: machines.clock.epoch,
                    links: 1,
                    size: 869_488,
                };
                _ = fs.put("/docker-init", inode);
                self.init_volume = machines.add_volume_of(fs);
                self.init_volume
            }
            number => number,
        };
        let mount = Mount { volume: number, sub_path: "/docker-init".into(), read_only: true };
        plan.mounts.push((crate::create::INIT.into(), mount));
    }
}

/// An empty volume begins as a copy of what its mount point holds in the image.
fn fill(machines: &mut Machines, number: u32, image: &Image, destination: &str) {
    let empty = machines.volumes.get(&number).is_some_and(|v| v.is_empty());
    if !empty || image.root.get(destination).is_none() {
        return;
    }
    let mut content = drydock_container::filesystem::Filesystem::default();
    for (at, inode) in image.root.walk(destination) {
        let inner = at.strip_prefix(destination).filter(|p| !p.is_empty()).unwrap_or("/");
        _ = content.put(inner, drydock_container::filesystem::Inode::clone(inode));
    }
    machines.volumes.insert(number, Arc::new(content));
}
