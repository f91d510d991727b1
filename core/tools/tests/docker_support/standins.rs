//! The recording's stand-in images with their recorded facts: small, busybox-based, of one day.

use drydock_container::Machines;
use drydock_container::filesystem::{Content, Filesystem};
use drydock_container::images::{Extras, History, Image, Layer};
use drydock_machinery::hash::sha256_hex;
use std::sync::Arc;

/// Puts the stand-ins in the place of the images that the simulated Docker Hub serves.
pub fn install(machines: &mut Machines) {
    let created = machines.clock.unix() - 350;
    let base = layer("base", 2_028_000);
    let busybox = Image { layers: [base.clone()].into(), ..plain(machines, "busybox:latest", created, 0) };
    let accounts = [
        ("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n", 0o644),
        ("/etc/group", "root:x:0:\nnogroup:x:65534:\n", 0o644),
    ];
    let root = with_files(&busybox.root, created, &accounts);
    // Exported and imported again it weighs what its layer says.
    let is_folder = |inode: &drydock_container::filesystem::Inode| inode.content == Content::Directory;
    let used: u64 = root.walk("/").filter(|(_, i)| !is_folder(i)).map(|(_, i)| i.size).sum();
    let padding = "\0".repeat(usize::try_from(2_028_000_u64.saturating_sub(used)).unwrap());
    let root = with_files(&root, created, &[("/usr/lib/padding", &padding, 0o644)]);
    let busybox = Image { root, ..busybox };
    let history = |texts: &[(&str, u64)]| {
        let mut out = vec![entry(created, "", 2_028_000, "Imported from -")];
        out.extend(texts.iter().map(|(by, size)| entry(created, by, *size, "")));
        out
    };
    let nginx = Image {
        layers: [base.clone(), layer("dirs", 22), layer("nginx", 109), layer("entry", 93), layer("page", 27)]
            .into(),
        labels: [(Arc::from("maintainer"), Arc::from("Oracle stand-in"))].into_iter().collect(),
        stop_signal: drydock_container::Signal::parse("QUIT"),
        root: with_files(
            &busybox.root,
            created,
            &[
                // What it serves and prints is excluded: it only has to stay, and to ignore TERM.
                (
                    "/docker-entrypoint.sh",
                    "#!/bin/sh\necho Configuration complete\nexec sleep 1000000\n",
                    0o755,
                ),
                ("/usr/share/nginx/html/index.html", "<h1>Welcome to nginx!</h1>\n", 0o644),
            ],
        ),
        flavour: busybox.flavour,
        env: [("PATH", PATH), ("NGINX_VERSION", "1.27.0")]
            .into_iter()
            .map(|(k, v)| (Arc::from(k), Arc::from(v)))
            .collect(),
        cwd: "".into(),
        ..plain(machines, "nginx:latest", created, 149)
    };
    let nginx = with_history(
        nginx,
        history(&[
            ("/bin/sh -c #(nop)  LABEL maintainer=Oracle stand-in", 0),
            ("/bin/sh -c #(nop)  ENV NGINX_VERSION=1.27.0", 0),
            (
                "/bin/sh -c mkdir -p /usr/share/nginx/html /var/log/nginx /etc/nginx && ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log",
                22,
            ),
            (
                "/bin/sh -c #(nop) COPY file:bf267400e7df6b4a09c3b3d4b3cd21b52fb38842f4356a60773f7978b3a6a797 in /usr/bin/nginx ",
                109,
            ),
            (
                "/bin/sh -c #(nop) COPY file:11b0156cf93d97c70b8fc8261638efb45464fc0b08820c0470a2a21975614977 in / ",
                93,
            ),
            (
                "/bin/sh -c #(nop) COPY file:bd5483837425954e26a325a17e42c608d46453f36a50fa6e4734f2adca8b9781 in /usr/share/nginx/html/ ",
                27,
            ),
            ("/bin/sh -c #(nop)  ENTRYPOINT [\"/docker-entrypoint.sh\"]", 0),
            ("/bin/sh -c #(nop)  EXPOSE 80", 0),
            ("/bin/sh -c #(nop)  STOPSIGNAL SIGQUIT", 0),
            ("/bin/sh -c #(nop)  CMD [\"nginx\" \"-g\" \"daemon off;\"]", 0),
        ]),
    );
    let words = |list: &[&str]| list.iter().map(|w| Arc::from(*w)).collect::<Arc<[Arc<str>]>>();
    let redis = Image {
        layers: [base, layer("redis", 92)].into(),
        entrypoint: words(&["sh", "-c"]),
        cmd: words(&["echo Ready to accept connections; sleep 100000"]),
        root: busybox.root.clone(),
        flavour: busybox.flavour,
        env: busybox.env.clone(),
        ..plain(machines, "redis:7", created + 1, 92)
    };
    let alpine = Image { ..plain(machines, "alpine:latest", created, 0) };
    let busybox = with_history(busybox, history(&[]));
    let redis = with_history(redis, history(&[]));
    for (names, image) in [
        (&["busybox:latest"][..], busybox),
        (&["nginx:latest", "nginx:1.27"], nginx),
        (&["redis:latest", "redis:7"], redis),
        (&["alpine:latest"], alpine),
    ] {
        let image = Arc::new(image);
        for name in names {
            machines.images.made.insert(format!("docker.io/library/{name}").into(), image.clone());
        }
    }
}

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A filesystem with some files put into it.
fn with_files(root: &Arc<Filesystem>, now: i64, files: &[(&str, &str, u16)]) -> Arc<Filesystem> {
    let mut root = Filesystem::clone(root);
    for (path, text, mode) in files {
        super::world::directories(&mut root, drydock_container::filesystem::parent(path));
        let file = super::world::inode(Content::File(text.as_bytes().into()), *mode, now);
        let _ = root.unlink(path);
        root.put(path, file).unwrap();
    }
    Arc::new(root)
}

fn layer(name: &str, size: u64) -> Layer {
    Layer { diff_id: sha256_hex(name.as_bytes()).into(), size, created_by: "".into() }
}

fn entry(created: i64, by: &str, size: u64, comment: &str) -> History {
    History {
        created,
        created_by: by.into(),
        comment: comment.into(),
        author: "".into(),
        empty: size == 0,
        size,
    }
}

fn with_history(image: Image, history: Vec<History>) -> Image {
    let env = image.env.iter().rev().map(|(k, v)| Arc::from(format!("{k}={v}"))).collect();
    let extras =
        Extras { history, env, docker_version: "26.1.5+dfsg1".into(), ..Extras::clone(&image.extras) };
    Image { extras: Arc::new(extras), ..image }
}

/// The catalogue's image of this name, as large as a stand-in and as old.
fn plain(machines: &mut Machines, name: &str, created: i64, more: u64) -> Image {
    let (_, image) = machines.find_image(name).unwrap();
    Image { size: 2_028_000 + more, created, ..Image::clone(&image) }
}
