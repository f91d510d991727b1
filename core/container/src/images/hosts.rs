//! What the hosts run: an Ubuntu on the laptop with a user `learner` and every tool of the course, and a
//! plain one on nodes.

use crate::images::{Draft, PROGRAMS, base};
use crate::program::Programs;
use crate::space::SpaceKind;

const OS_RELEASE: &str = "PRETTY_NAME=\"Ubuntu 24.04.1 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\n\
    VERSION=\"24.04.1 LTS (Noble Numbat)\"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n\
    HOME_URL=\"https://www.ubuntu.com/\"\nUBUNTU_CODENAME=noble\n";
/// Unix seconds of the installation.
const INSTALLED: i64 = 1_727_740_800;
/// Programs that other distributions have.
const ELSEWHERE: [&str; 8] = ["ash", "apk", "dnf", "microdnf", "not-simulated", "npm", "rpm", "yum"];
/// The learner's user and group id.
pub const LEARNER: u32 = 1_000;

/// The root filesystem of a host.
#[must_use]
pub fn make(kind: SpaceKind, programs: Programs) -> Draft {
    let mut root = base::debian(programs, INSTALLED, OS_RELEASE);
    let own: Vec<&str> = programs
        .iter()
        .map(|p| p.name)
        .filter(|n| !PROGRAMS.iter().any(|p| p.name == *n) && !ELSEWHERE.contains(n))
        .collect();
    root.programs("/usr/bin", &own);
    root.file("/etc/issue", "Ubuntu 24.04.1 LTS \\n \\l\n\n");
    if kind == SpaceKind::Laptop {
        root.file(
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n\
             www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n\
             nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
             learner:x:1000:1000:Learner,,,:/home/learner:/bin/bash\n",
        );
        root.file(
            "/etc/group",
            "root:x:0:\ndaemon:x:1:\nadm:x:4:learner\nsudo:x:27:learner\nwww-data:x:33:\nusers:x:100:learner\n\
             docker:x:999:learner\nlearner:x:1000:\nnogroup:x:65534:\n",
        );
        root.owner(LEARNER).dir("/home/learner", 0o750);
        root.file("/home/learner/.bashrc", "# ~/.bashrc: executed by bash(1) for non-login shells.\n").file(
            "/home/learner/.profile",
            "# ~/.profile: executed by the command interpreter for login shells.\n",
        );
        root.owner(0);
    } else {
        root.dirs(&["/etc/kubernetes/manifests", "/var/lib/kubelet", "/var/log/pods", "/var/log/containers"]);
    }
    Draft {
        family: "ubuntu-host",
        version: "24.04".into(),
        base: "ubuntu",
        base_size: 78_000_000,
        layers: 1,
        size: 4_000_000_000,
        cmd: &["bash"],
        env: vec![("PATH".into(), crate::life::DEFAULT_PATH.into())],
        cwd: "/",
        created: INSTALLED,
        root: root.fs,
        ..Draft::default()
    }
}
