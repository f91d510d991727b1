//! Distributions as images: busybox, Alpine, Debian, Ubuntu. They run a shell and what it starts.

use crate::images::{Catalogued, Draft, Flavour, base};
use crate::life::DEFAULT_PATH;

/// `PATH` as images set it.
pub(crate) fn path() -> Vec<(String, String)> {
    vec![("PATH".into(), DEFAULT_PATH.into())]
}

pub const BUSYBOX: Catalogued = Catalogued {
    names: &[
        "docker.io/library/busybox",
        "registry.k8s.io/busybox",
        "gcr.io/google-containers/busybox",
        "k8s.gcr.io/busybox",
    ],
    tags: &[
        "latest",
        "1",
        "1.27.2",
        "1.28",
        "1.28.4",
        "1.30",
        "1.31",
        "1.32",
        "1.33",
        "1.34",
        "1.35",
        "1.35.0",
        "1.36",
        "1.36.1",
        "1.37",
        "1.37.0",
        "stable",
        "musl",
        "glibc",
        "uclibc",
        "unstable",
        "1.36-musl",
    ],
    make: |_, tag, programs| {
        let version =
            if tag.starts_with(|c: char| c.is_ascii_digit()) && tag.len() > 1 { tag } else { "1.37.0" };
        let created = 1_727_386_302;
        let size = match version {
            "1.28" | "1.28.4" | "1.27.2" => 1_146_369,
            _ => 4_277_910,
        };
        Draft {
            family: "busybox",
            version: version.into(),
            base: if size < 2_000_000 { "busybox-uclibc" } else { "busybox-glibc" },
            base_size: size,
            layers: 1,
            size,
            cmd: &["sh"],
            env: path(),
            created,
            flavour: Flavour::Busybox,
            root: base::busybox(programs, created).fs,
            ..Draft::default()
        }
    },
};

/// Alpine's full version for a tag.
pub(crate) fn alpine_version(tag: &str) -> &'static str {
    match tag {
        t if t.starts_with("3.12") => "3.12.12",
        t if t.starts_with("3.15") => "3.15.11",
        t if t.starts_with("3.16") => "3.16.9",
        t if t.starts_with("3.17") => "3.17.10",
        t if t.starts_with("3.18") => "3.18.9",
        t if t.starts_with("3.19") => "3.19.4",
        t if t.starts_with("3.20") => "3.20.3",
        t if t.starts_with("3.21") => "3.21.3",
        _ => "3.22.1",
    }
}

pub const ALPINE: Catalogued = Catalogued {
    names: &["docker.io/library/alpine"],
    tags: &[
        "latest", "3", "3.12", "3.15", "3.16", "3.17", "3.18", "3.19", "3.20", "3.20.3", "3.21", "3.22",
        "edge",
    ],
    make: |_, tag, programs| {
        let created = 1_752_603_000;
        Draft {
            family: "alpine",
            version: alpine_version(tag).into(),
            base: "alpine",
            base_size: 7_797_760,
            layers: 1,
            size: 7_797_760,
            cmd: &["/bin/sh"],
            env: path(),
            cwd: "/",
            created,
            flavour: Flavour::Busybox,
            root: base::alpine(programs, created, alpine_version(tag)).fs,
            ..Draft::default()
        }
    },
};

/// `/etc/os-release` of a Debian release.
pub(crate) fn debian_release(version: &str) -> String {
    let name = match version {
        "10" => "buster",
        "11" => "bullseye",
        "13" => "trixie",
        _ => "bookworm",
    };
    format!(
        "PRETTY_NAME=\"Debian GNU/Linux {version} ({name})\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"{version}\"\n\
         VERSION=\"{version} ({name})\"\nVERSION_CODENAME={name}\nID=debian\nHOME_URL=\"https://www.debian.org/\"\n"
    )
}

pub const DEBIAN: Catalogued = Catalogued {
    names: &["docker.io/library/debian"],
    tags: &[
        "latest",
        "12",
        "12-slim",
        "11",
        "11-slim",
        "13",
        "bookworm",
        "bookworm-slim",
        "bullseye",
        "bullseye-slim",
        "stable",
        "stable-slim",
        "trixie",
        "trixie-slim",
        "buster",
        "10",
    ],
    make: |_, tag, programs| {
        let version = match tag {
            t if t.starts_with("13") || t.starts_with("trixie") => "13",
            t if t.starts_with("11") || t.starts_with("bullseye") => "11",
            "10" | "buster" => "10",
            _ => "12",
        };
        let slim = tag.ends_with("-slim");
        let created = 1_727_402_400;
        Draft {
            family: "debian",
            version: format!("{version}{}", if slim { "-slim" } else { "" }),
            base: if slim { "debian-slim" } else { "debian" },
            base_size: if slim { 74_800_000 } else { 117_000_000 },
            layers: 1,
            size: if slim { 74_800_000 } else { 117_000_000 },
            cmd: &["bash"],
            env: path(),
            created,
            root: base::debian(programs, created, &debian_release(version)).fs,
            ..Draft::default()
        }
    },
};

pub const UBUNTU: Catalogued = Catalogued {
    names: &["docker.io/library/ubuntu"],
    tags: &[
        "latest", "24.04", "noble", "22.04", "jammy", "20.04", "focal", "18.04", "bionic", "16.04", "rolling",
    ],
    make: |_, tag, programs| {
        let (version, name) = match tag {
            "22.04" | "jammy" => ("22.04", "Jammy Jellyfish"),
            "20.04" | "focal" => ("20.04", "Focal Fossa"),
            "18.04" | "bionic" => ("18.04", "Bionic Beaver"),
            "16.04" => ("16.04", "Xenial Xerus"),
            _ => ("24.04", "Noble Numbat"),
        };
        let created = 1_726_500_000;
        let code = name.split(' ').next().unwrap_or("").to_ascii_lowercase();
        let release = format!(
            "PRETTY_NAME=\"Ubuntu {version} LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"{version}\"\n\
             VERSION=\"{version} LTS ({name})\"\nVERSION_CODENAME={code}\nID=ubuntu\nID_LIKE=debian\n\
             HOME_URL=\"https://www.ubuntu.com/\"\nUBUNTU_CODENAME={code}\n"
        );
        let mut root = base::debian(programs, created, &release);
        root.programs("/usr/bin", &["ps", "kill", "top", "free", "uptime", "watch", "pgrep", "pkill"]);
        root.file("/etc/issue", &format!("Ubuntu {version} LTS \\n \\l\n\n"));
        Draft {
            family: "ubuntu",
            version: version.into(),
            base: "ubuntu",
            base_size: 78_100_000,
            layers: 1,
            size: 78_100_000,
            cmd: &["/bin/bash"],
            env: path(),
            created,
            root: root.fs,
            ..Draft::default()
        }
    },
};
