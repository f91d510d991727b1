//! Images of clients and scripts: curl, the busybox with curl of the Kubernetes documentation, and the
//! shell-script images of "Kubernetes in Action".

use crate::images::{Catalogued, Draft, Flavour, base, linux};
use crate::machine::{ExecAll, Machine};
use crate::program::Program;
use crate::sys::Sys;
use std::sync::Arc;

pub const CURL: Catalogued = Catalogued {
    names: &["docker.io/curlimages/curl", "quay.io/curl/curl"],
    tags: &["latest", "7.88.1", "8.00.1", "8.4.0", "8.5.0", "8.10.1", "8.11.0", "8.16.0"],
    make: |_, tag, programs| {
        let created = 1_726_000_000;
        let version = if tag == "latest" { "8.16.0" } else { tag };
        let mut root = base::alpine(programs, created, linux::alpine_version("3.22"));
        root.program("/usr/bin/curl", "curl", 259_000).program("/entrypoint.sh", "curl-entrypoint", 450);
        root.file(
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n\
             curl_user:x:100:101:Linux User,,,:/home/curl_user:/sbin/nologin\n",
        );
        root.file("/etc/group", "root:x:0:root\ncurl_group:x:101:curl_user\n");
        root.owner(100).dir("/home/curl_user", 0o755);
        let mut env = linux::path();
        env.push(("CURL_VERSION".into(), version.replace('.', "_")));
        Draft {
            family: "curl",
            version: version.into(),
            base: "alpine",
            base_size: 7_797_760,
            layers: 10,
            size: 22_100_000,
            entrypoint: &["/entrypoint.sh"],
            cmd: &["curl"],
            user: "curl_user",
            cwd: "/home/curl_user",
            env,
            created,
            flavour: Flavour::Busybox,
            root: root.fs,
            ..Draft::default()
        }
    },
};
pub const BUSYBOXPLUS: Catalogued = Catalogued {
    names: &["docker.io/radial/busyboxplus", "docker.io/yauritux/busybox-curl"],
    tags: &["latest", "curl", "base", "git"],
    make: |_, tag, programs| {
        let created = 1_414_000_000;
        let mut root = base::busybox(programs, created);
        root.program("/usr/bin/curl", "curl", 400_000);
        Draft {
            family: "busyboxplus",
            version: tag.into(),
            base: "busyboxplus",
            base_size: 4_200_000,
            layers: 4,
            size: 4_234_000,
            cmd: &["/bin/sh"],
            env: linux::path(),
            created,
            flavour: Flavour::Busybox,
            root: root.fs,
            ..Draft::default()
        }
    },
};
/// A busybox that runs one script.
fn scripted(
    family: &'static str,
    tag: &str,
    programs: crate::program::Programs,
    script: &str,
    size: u64,
) -> Draft {
    let created = 1_490_000_000;
    let mut root = base::busybox(programs, created);
    root.script("/bin/run.sh", script).dir("/var/htdocs", 0o755);
    Draft {
        family,
        version: tag.into(),
        base: "busybox-uclibc",
        base_size: size.min(4_000_000),
        layers: 3,
        size,
        entrypoint: &["/bin/run.sh"],
        env: linux::path(),
        created,
        flavour: Flavour::Busybox,
        root: root.fs,
        ..Draft::default()
    }
}
pub const FORTUNE: Catalogued = Catalogued {
    names: &["docker.io/luksa/fortune"],
    tags: &["latest", "args", "env"],
    make: |_, tag, programs| {
        let interval = match tag {
            "args" => {
                "INTERVAL=${1:-10}\necho \"Configured to generate new fortune every $INTERVAL seconds\"\n"
            }
            "env" => "echo \"Configured to generate new fortune every $INTERVAL seconds\"\n",
            _ => "INTERVAL=10\n",
        };
        let script = format!(
            "#!/bin/sh\ntrap \"exit\" INT TERM\n{interval}mkdir -p /var/htdocs\nn=0\nwhile :\ndo\n  \
             echo $(date) Writing fortune to /var/htdocs/index.html\n  n=$((n+1))\n  case $((n % 3)) in\n    \
             0) echo 'A ship in harbour is safe.' ;;\n    1) echo 'You will meet a pod that never dies.' ;;\n    \
             *) echo 'Today is a good day to read the logs.' ;;\n  esac > /var/htdocs/index.html\n  sleep $INTERVAL\ndone\n"
        );
        scripted("fortune", tag, programs, &script, 130_000_000)
    },
};
pub const BATCH_JOB: Catalogued = Catalogued {
    names: &["docker.io/luksa/batch-job"],
    tags: &["latest"],
    make: |_, tag, programs| {
        let script = "#!/bin/sh\necho \"$(date) Batch job starting\"\nsleep 120\necho \"$(date) Finished succesfully\"\n";
        scripted("batch-job", tag, programs, script, 4_000_000)
    },
};

/// `/entrypoint.sh` of curlimages/curl: a first argument that is a flag or no program goes to curl.
pub const ENTRYPOINT: Program =
    Program { name: "curl-entrypoint", about: "start script of the curl image", start: start_entrypoint };

fn start_entrypoint(sys: &mut Sys<'_>) -> Box<dyn Machine> {
    let args = sys.args();
    let rest: Vec<Arc<str>> = args.iter().skip(1).cloned().collect();
    let is_program = rest.first().is_some_and(|first| {
        let paths = sys.env("PATH").unwrap_or_else(|| crate::life::DEFAULT_PATH.into());
        first.contains('/') || paths.split(':').any(|dir| sys.stat(&format!("{dir}/{first}")).is_ok())
    });
    let argv = if is_program { rest } else { [Arc::from("curl")].into_iter().chain(rest).collect() };
    Box::new(ExecAll::new(argv.into(), "/entrypoint.sh: exec: line 20"))
}
