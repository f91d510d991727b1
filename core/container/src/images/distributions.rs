//! More distributions and tool boxes: CentOS and its relatives, Amazon Linux, netshoot, dnsutils, and the
//! bases of languages whose programs are not simulated (Go, Java, Ruby, PHP).

use crate::images::{Catalogued, Draft, Flavour, Programs, base, linux};

/// The row of an image that only runs what one starts in it.
struct Row {
    family: &'static str,
    base: &'static str,
    size: u64,
    layers: usize,
    cmd: &'static [&'static str],
    cwd: &'static str,
    env: &'static [(&'static str, &'static str)],
    /// Programs in `/usr/bin`.
    tools: &'static [&'static str],
    /// Programs in `/usr/local/bin`; `a=b` for program b under the name a.
    own: &'static [&'static str],
    entrypoint: &'static [&'static str],
    /// Programs that are named but not simulated.
    absent: &'static [&'static str],
    alpine: bool,
    release: &'static str,
}

const ROW: Row = Row {
    family: "",
    base: "debian",
    size: 0,
    layers: 1,
    cmd: &["bash"],
    cwd: "",
    env: &[],
    tools: &[],
    own: &[],
    entrypoint: &[],
    absent: &[],
    alpine: false,
    release: "",
};

fn draft(row: &Row, tag: &str, programs: Programs) -> Draft {
    let created =
        1_735_000_000 + i64::from(drydock_machinery::hash::adler32(row.family.as_bytes()) % 9_000_000);
    let alpine = row.alpine || tag.contains("alpine");
    let mut root = if alpine {
        base::alpine(programs, created, linux::alpine_version("3.22"))
    } else {
        let release = if row.release.is_empty() { linux::debian_release("12") } else { row.release.into() };
        base::debian(programs, created, &release)
    };
    if !row.release.is_empty() {
        for name in ["apt", "apt-get", "apt-cache", "dpkg"] {
            root.remove(&format!("/usr/bin/{name}"));
        }
        root.programs("/usr/bin", &["yum", "rpm", "curl", "ps", "free", "top", "kill", "vi"]);
        root.link("/usr/bin/dnf", "yum").file("/etc/redhat-release", &format!("{}\n", row.family));
        root.link("/usr/bin/sh", "bash");
    }
    root.programs("/usr/bin", row.tools);
    for word in row.own {
        let (name, program) = word.split_once('=').unwrap_or((word, word));
        root.program(&format!("/usr/local/bin/{name}"), program, 6_000_000);
    }
    for name in row.absent {
        root.program(&format!("/usr/local/bin/{name}"), crate::sys_install::ABSENT, 2_000_000);
    }
    if !row.cwd.is_empty() {
        root.dirs(&[row.cwd]);
    }
    let mut env = linux::path();
    env.extend(row.env.iter().map(|(k, v)| ((*k).to_string(), (*v).to_string())));
    // The version a tag asks for.
    let number = tag.split('-').next().unwrap_or("");
    if number.starts_with(|c: char| c.is_ascii_digit())
        && let Some((_, value)) =
            env.iter_mut().find(|e| e.0 == format!("{}_VERSION", row.family.to_uppercase()))
        && !value.starts_with(number)
    {
        let parts = number.split('.').count();
        *value = format!(
            "{number}{}",
            match parts {
                1 => ".20.4",
                2 => ".14",
                _ => "",
            }
        );
    }
    let small = tag.contains("slim") || tag.contains("alpine");
    let size = if small { row.size / 3 } else { row.size };
    Draft {
        family: row.family,
        version: tag.into(),
        base: if alpine {
            "alpine"
        } else if row.base == "debian" {
            "debian"
        } else {
            row.base
        },
        base_size: if alpine {
            7_797_760.min(size)
        } else if row.base == "debian" {
            117_000_000.min(size)
        } else {
            size
        },
        layers: row.layers,
        size,
        entrypoint: row.entrypoint,
        cmd: if alpine && row.cmd == ["bash"] { &["/bin/sh"] } else { row.cmd },
        cwd: row.cwd,
        env,
        created,
        flavour: if alpine { Flavour::Busybox } else { Flavour::Gnu },
        root: root.fs,
        ..Draft::default()
    }
}

macro_rules! image {
    ($names:expr, $tags:expr, { $($field:ident: $value:expr),* $(,)? }) => {
        Catalogued {
            names: &$names,
            tags: &$tags,
            make: |_, tag, programs| draft(&Row { $($field: $value,)* ..ROW }, tag, programs),
        }
    };
}

const CENTOS: &str = "NAME=\"CentOS Linux\"\nVERSION=\"7 (Core)\"\nID=\"centos\"\nID_LIKE=\"rhel fedora\"\nVERSION_ID=\"7\"\nPRETTY_NAME=\"CentOS Linux 7 (Core)\"\n";
const ROCKY: &str = "NAME=\"Rocky Linux\"\nVERSION=\"9.3 (Blue Onyx)\"\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\nVERSION_ID=\"9.3\"\nPRETTY_NAME=\"Rocky Linux 9.3 (Blue Onyx)\"\n";
const AMAZON: &str = "NAME=\"Amazon Linux\"\nVERSION=\"2023\"\nID=\"amzn\"\nID_LIKE=\"fedora\"\nVERSION_ID=\"2023\"\nPRETTY_NAME=\"Amazon Linux 2023.9\"\n";
const FEDORA: &str = "NAME=\"Fedora Linux\"\nVERSION=\"42 (Container Image)\"\nID=fedora\nVERSION_ID=42\nPRETTY_NAME=\"Fedora Linux 42 (Container Image)\"\n";
const NET: &[&str] = &[
    "ab",
    "curl",
    "dig",
    "host",
    "ip",
    "ifconfig",
    "iptables",
    "jq",
    "lsof",
    "nc",
    "netstat",
    "nslookup",
    "openssl",
    "ping",
    "ss",
    "tcpdump",
    "telnet",
    "traceroute",
    "vim",
    "wget",
    "bash",
    "strace",
];

pub const IMAGES: &[Catalogued] = &[
    image!(["docker.io/library/centos", "quay.io/centos/centos"], ["latest", "7", "8", "centos7", "centos8", "stream8", "stream9", "7.9.2009"], {
        family: "CentOS Linux release 7.9.2009 (Core)", base: "centos", size: 204_000_000, cmd: &["/bin/bash"], release: CENTOS,
    }),
    image!(["docker.io/rockylinux/rockylinux", "docker.io/library/rockylinux", "docker.io/library/almalinux"], ["latest", "9", "8", "9.3"], {
        family: "Rocky Linux release 9.3 (Blue Onyx)", base: "rocky", size: 176_000_000, cmd: &["/bin/bash"], release: ROCKY,
    }),
    image!(["docker.io/library/amazonlinux"], ["latest", "2", "2023"], {
        family: "Amazon Linux release 2023", base: "amazonlinux", size: 144_000_000, cmd: &["/bin/bash"], release: AMAZON,
    }),
    image!(["docker.io/library/fedora"], ["latest", "42", "41"], {
        family: "Fedora release 42", base: "fedora", size: 165_000_000, cmd: &["/bin/bash"], release: FEDORA,
    }),
    image!(["docker.io/nicolaka/netshoot"], ["latest", "v0.13", "v0.11"], {
        family: "netshoot", size: 480_000_000, layers: 9, cmd: &["zsh"], cwd: "/root", tools: NET, alpine: true,
        absent: &["iperf3", "nmap", "mtr", "socat"],
    }),
    image!(["docker.io/tutum/dnsutils", "registry.k8s.io/e2e-test-images/jessie-dnsutils", "gcr.io/kubernetes-e2e-test-images/dnsutils", "registry.k8s.io/e2e-test-images/dnsutils"],
        ["latest", "1.3", "1.1", "1.7"], {
        family: "dnsutils", size: 200_000_000, layers: 3, tools: &["dig", "nslookup", "host"],
    }),
    image!(["docker.io/tutum/curl"], ["latest", "alpine"], {
        family: "tutum-curl", size: 225_000_000, layers: 4, tools: &["curl", "ps"],
    }),
    image!(["docker.io/library/golang"], ["latest", "1.25", "1.24", "1.23", "1.22", "1.21", "1.20", "1.19", "1.16", "1", "alpine", "1.25-alpine", "1.24-alpine", "1.23-alpine", "1.22-alpine", "1.21-alpine", "1.20-alpine", "bookworm"], {
        family: "golang", size: 830_000_000, layers: 7, cwd: "/go", absent: &["go", "gofmt", "gcc"], tools: &["git", "curl", "make"],
        env: &[("GOLANG_VERSION", "1.25.3"), ("GOPATH", "/go"), ("GOTOOLCHAIN", "local")],
    }),
    image!(["docker.io/library/openjdk", "docker.io/library/eclipse-temurin", "docker.io/library/amazoncorretto"],
        ["latest", "8", "11", "17", "21", "8-jdk-alpine", "8-jre-alpine", "8-jdk", "11-jre-slim", "17-jdk", "17-jdk-slim", "17-jre", "21-jre", "17-alpine", "8-alpine", "17-jdk-alpine", "17-jre-alpine", "21-jdk"], {
        family: "openjdk", size: 510_000_000, layers: 7, absent: &["java", "javac", "jar"],
        env: &[("JAVA_HOME", "/usr/local/openjdk-17"), ("JAVA_VERSION", "17.0.17"), ("LANG", "C.UTF-8")],
    }),
    image!(["docker.io/library/maven"], ["latest", "3", "3.9", "3.8", "3-jdk-8", "3.9-eclipse-temurin-17", "3.8-openjdk-17", "3.6.3-jdk-8"], {
        family: "maven", size: 540_000_000, layers: 10, cmd: &["mvn"], absent: &["mvn", "java", "javac"],
        env: &[("MAVEN_HOME", "/usr/share/maven")],
    }),
    image!(["docker.io/library/gradle"], ["latest", "8", "7"], {
        family: "gradle", size: 700_000_000, layers: 10, cmd: &["gradle"], absent: &["gradle", "java"],
    }),
    image!(["docker.io/library/node"], ["latest", "22", "20", "18", "16", "14", "12", "10", "8", "7", "lts", "current", "alpine", "22-alpine", "20-alpine", "18-alpine", "16-alpine", "14-alpine", "lts-alpine", "slim", "22-slim", "20-slim", "18-slim", "bookworm"], {
        family: "node", size: 1_100_000_000, layers: 8, cmd: &["node"], tools: &["git", "curl", "ps", "wget"],
        own: &["node", "npm", "docker-entrypoint.sh=node-entrypoint", "npx=npm"], entrypoint: &["docker-entrypoint.sh"],
        env: &[("NODE_VERSION", "22.20.0"), ("YARN_VERSION", "1.22.22")], absent: &["yarn"],
    }),
    image!(["docker.io/library/python"], ["latest", "3", "3.13", "3.12", "3.11", "3.10", "3.9", "3.8", "3.7", "2.7", "slim", "3-slim", "3.13-slim", "3.12-slim", "3.11-slim", "3.10-slim", "3.9-slim", "3.8-slim", "2.7-slim", "alpine", "3-alpine", "3.13-alpine", "3.12-alpine", "3.11-alpine", "3.10-alpine", "3.9-alpine", "3.7-alpine", "3.4-alpine", "bookworm"], {
        family: "python", size: 1_020_000_000, layers: 8, cmd: &["python3"], tools: &["git", "curl", "ps"],
        own: &["python3", "python=python3", "pip", "pip3=pip"],
        env: &[("LANG", "C.UTF-8"), ("PYTHON_VERSION", "3.13.9")],
    }),
    image!(["docker.io/library/perl"], ["latest", "5", "5.40", "5.34.0", "5.34", "slim"], {
        family: "perl", size: 900_000_000, layers: 7, cmd: &["perl5.40.3", "-de0"], cwd: "/usr/src/app",
        own: &["perl", "perl5.40.3=perl"],
    }),
    image!(["docker.io/library/ruby"], ["latest", "3", "3.4", "3.3", "3.2", "2.7", "alpine", "3-alpine", "3.4-slim"], {
        family: "ruby", size: 990_000_000, layers: 7, cmd: &["irb"], absent: &["ruby", "irb", "gem", "bundle"], tools: &["git", "curl"],
        env: &[("LANG", "C.UTF-8"), ("RUBY_VERSION", "3.4.7"), ("GEM_HOME", "/usr/local/bundle")],
    }),
    image!(["docker.io/library/php"], ["latest", "8", "8.3", "8.2", "7.4", "8-cli", "8.3-cli", "8.3-fpm", "fpm", "cli", "alpine", "8-alpine", "8.2-fpm", "fpm-alpine"], {
        family: "php", size: 530_000_000, layers: 10, cmd: &["php", "-a"], absent: &["php", "docker-php-ext-install"], tools: &["curl"],
        env: &[("PHP_VERSION", "8.3.26"), ("PHP_INI_DIR", "/usr/local/etc/php")],
    }),
    image!(["docker.io/library/rust"], ["latest", "1", "1.90", "slim", "alpine", "1-alpine"], {
        family: "rust", size: 1_480_000_000, layers: 6, absent: &["rustc", "cargo"], tools: &["git", "curl"],
        env: &[("RUST_VERSION", "1.90.0")],
    }),
    image!(["docker.io/library/buildpack-deps"], ["latest", "bookworm", "curl", "scm"], {
        family: "buildpack-deps", size: 880_000_000, layers: 5, tools: &["curl", "wget", "git", "openssl", "unzip"], absent: &["gcc", "make"],
    }),
    image!(["docker.io/alpine/git", "docker.io/bitnami/git"], ["latest", "v2.49.1"], {
        family: "alpine-git", size: 78_000_000, layers: 5, cmd: &["git"], cwd: "/git", alpine: true, tools: &["git"],
    }),
    image!(["docker.io/library/bash"], ["latest", "5", "5.2"], {
        family: "bash", size: 14_600_000, layers: 3, cmd: &["bash"], alpine: true, tools: &["bash"],
    }),
];
