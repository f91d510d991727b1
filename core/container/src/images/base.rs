//! Root filesystems of the bare distributions from which images are made (Debian, Alpine, busybox), with
//! the utilities they really have.

use crate::filesystem::Content;
pub use crate::images::root::Root;
use crate::program::Programs;

/// GNU coreutils.
pub const COREUTILS: &[&str] = &[
    "[",
    "base64",
    "basename",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "cksum",
    "comm",
    "cp",
    "cut",
    "date",
    "dd",
    "df",
    "dirname",
    "du",
    "echo",
    "env",
    "expand",
    "expr",
    "factor",
    "false",
    "fold",
    "groups",
    "head",
    "id",
    "install",
    "join",
    "link",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mktemp",
    "mv",
    "nice",
    "nl",
    "nohup",
    "nproc",
    "od",
    "paste",
    "printenv",
    "printf",
    "pwd",
    "readlink",
    "realpath",
    "rm",
    "rmdir",
    "seq",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shuf",
    "sleep",
    "sort",
    "split",
    "stat",
    "stdbuf",
    "stty",
    "sum",
    "sync",
    "tac",
    "tail",
    "tee",
    "test",
    "timeout",
    "touch",
    "tr",
    "true",
    "truncate",
    "tsort",
    "tty",
    "uname",
    "uniq",
    "unlink",
    "wc",
    "who",
    "whoami",
    "yes",
];
/// What else a minimal Debian has in `/usr/bin`.
const DEBIAN_EXTRA: &[&str] = &[
    "awk",
    "bash",
    "clear",
    "cmp",
    "dash",
    "diff",
    "egrep",
    "fgrep",
    "find",
    "getent",
    "getopt",
    "grep",
    "gzip",
    "gunzip",
    "hostname",
    "login",
    "mount",
    "more",
    "perl",
    "reset",
    "sed",
    "su",
    "tar",
    "umount",
    "which",
    "xargs",
    "zcat",
    "apt",
    "apt-get",
    "apt-cache",
    "dpkg",
];
/// What a minimal Debian has in `/usr/sbin`.
const DEBIAN_SBIN: &[&str] = &[
    "addgroup", "adduser", "delgroup", "deluser", "groupadd", "groupdel", "service", "useradd", "userdel",
    "usermod",
];
/// Applets of busybox as Docker's images have it.
pub const APPLETS: &[&str] = &[
    "[",
    "addgroup",
    "adduser",
    "bc",
    "cal",
    "cksum",
    "crontab",
    "delgroup",
    "deluser",
    "factor",
    "hd",
    "install",
    "lsof",
    "stty",
    "su",
    "tsort",
    "unexpand",
    "unshare",
    "unzip",
    "w",
    "xxd",
    "arch",
    "ash",
    "awk",
    "base64",
    "basename",
    "cat",
    "chgrp",
    "chmod",
    "chown",
    "clear",
    "cmp",
    "comm",
    "cp",
    "cut",
    "date",
    "dd",
    "df",
    "diff",
    "dirname",
    "dmesg",
    "du",
    "echo",
    "egrep",
    "env",
    "expand",
    "expr",
    "false",
    "fgrep",
    "find",
    "fold",
    "free",
    "getent",
    "grep",
    "gunzip",
    "gzip",
    "head",
    "hexdump",
    "hostname",
    "httpd",
    "id",
    "ifconfig",
    "ip",
    "kill",
    "killall",
    "less",
    "link",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mkfifo",
    "mktemp",
    "more",
    "mount",
    "mv",
    "nc",
    "netstat",
    "nice",
    "nl",
    "nohup",
    "nproc",
    "nslookup",
    "od",
    "paste",
    "pgrep",
    "pidof",
    "ping",
    "pkill",
    "printenv",
    "printf",
    "ps",
    "pwd",
    "readlink",
    "realpath",
    "reset",
    "rev",
    "rm",
    "rmdir",
    "route",
    "sed",
    "seq",
    "sha1sum",
    "sha256sum",
    "sha512sum",
    "shuf",
    "sleep",
    "sort",
    "split",
    "stat",
    "sum",
    "sync",
    "tac",
    "tail",
    "tar",
    "tee",
    "telnet",
    "test",
    "time",
    "timeout",
    "top",
    "touch",
    "tr",
    "traceroute",
    "tree",
    "true",
    "truncate",
    "tty",
    "umount",
    "uname",
    "uniq",
    "unlink",
    "uptime",
    "usleep",
    "vi",
    "watch",
    "wc",
    "wget",
    "which",
    "who",
    "whoami",
    "xargs",
    "yes",
    "zcat",
];

const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
    daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n\
    bin:x:2:2:bin:/bin:/usr/sbin/nologin\n\
    sys:x:3:3:sys:/dev:/usr/sbin/nologin\n\
    sync:x:4:65534:sync:/bin:/bin/sync\n\
    man:x:6:12:man:/var/cache/man:/usr/sbin/nologin\n\
    mail:x:8:8:mail:/var/mail:/usr/sbin/nologin\n\
    www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n\
    _apt:x:42:65534::/nonexistent:/usr/sbin/nologin\n\
    nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
const GROUP: &str = "root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nadm:x:4:\ntty:x:5:\ndisk:x:6:\nmail:x:8:\nman:x:12:\n\
    sudo:x:27:\nwww-data:x:33:\nshadow:x:42:\nusers:x:100:\nnogroup:x:65534:\n";

/// Debian or Ubuntu as their images come: bash, coreutils, apt, little else.
#[must_use]
pub fn debian(programs: Programs, time: i64, os_release: &str) -> Root {
    let mut root = Root::new(programs, time);
    for (link, to) in
        [("/bin", "usr/bin"), ("/lib", "usr/lib"), ("/lib64", "usr/lib64"), ("/sbin", "usr/sbin")]
    {
        root.link(link, to);
    }
    root.dirs(&[
        "/boot",
        "/home",
        "/media",
        "/mnt",
        "/opt",
        "/run",
        "/srv",
        "/usr/bin",
        "/usr/lib",
        "/usr/lib64",
        "/usr/sbin",
        "/usr/local/bin",
        "/usr/local/sbin",
        "/usr/local/lib",
        "/usr/local/share",
        "/usr/share",
        "/usr/include",
        "/usr/src",
        "/var/cache",
        "/var/lib/apt/lists",
        "/var/lib/dpkg",
        "/var/log",
        "/var/mail",
        "/var/spool",
        "/etc/apt",
        "/etc/default",
    ]);
    root.dir("/root", 0o700).dir("/tmp", 0o1777).dir("/var/tmp", 0o1777);
    root.link("/var/run", "/run").link("/var/lock", "/run/lock");
    root.programs("/usr/bin", COREUTILS).programs("/usr/bin", DEBIAN_EXTRA);
    root.programs("/usr/sbin", DEBIAN_SBIN);
    root.link("/usr/bin/sh", "dash").link("/etc/os-release", "../usr/lib/os-release");
    root.file("/usr/lib/os-release", os_release)
        .file("/etc/passwd", PASSWD)
        .file("/etc/group", GROUP)
        .file("/etc/shells", "# /etc/shells: valid login shells\n/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/dash\n/usr/bin/dash\n")
        .file("/etc/nsswitch.conf", "passwd:         files\ngroup:          files\nhosts:          files dns\n")
        .file("/etc/host.conf", "multi on\n")
        .file("/etc/issue", "Debian GNU/Linux \\n \\l\n\n")
        .file("/etc/fstab", "# UNCONFIGURED FSTAB FOR BASE SYSTEM\n")
        .file("/etc/profile", "export PATH\n")
        .file("/etc/bash.bashrc", "PS1='${debian_chroot:+($debian_chroot)}\\u@\\h:\\w\\$ '\n")
        .file("/root/.profile", "mesg n 2> /dev/null || true\n")
        .file("/root/.bashrc", "# ~/.bashrc: executed by bash(1) for non-login shells.\n");
    root
}

/// Alpine: busybox with its own `sh`, no bash, no curl.
#[must_use]
pub fn alpine(programs: Programs, time: i64, version: &str) -> Root {
    let mut root = Root::new(programs, time);
    root.dirs(&[
        "/bin",
        "/home",
        "/lib",
        "/media",
        "/mnt",
        "/opt",
        "/run",
        "/sbin",
        "/srv",
        "/usr/bin",
        "/usr/lib",
        "/usr/local/bin",
        "/usr/sbin",
        "/usr/share",
        "/var/cache/apk",
        "/var/lib/apk",
        "/var/log",
        "/etc/apk",
        "/etc/profile.d",
    ]);
    root.dir("/root", 0o700).dir("/tmp", 0o1777).dir("/var/tmp", 0o1777);
    root.link("/var/run", "../run");
    busybox_into(&mut root, |name| match name {
        "ip" | "ifconfig" | "route" | "reboot" => "/sbin",
        "[" | "awk" | "basename" | "clear" | "cmp" | "comm" | "cut" | "diff" | "dirname" | "du" | "env"
        | "expand" | "expr" | "find" | "fold" | "free" | "head" | "hexdump" | "id" | "killall" | "less"
        | "md5sum" | "mkfifo" | "nc" | "nl" | "nohup" | "nproc" | "nslookup" | "od" | "paste" | "pgrep"
        | "pkill" | "printf" | "readlink" | "realpath" | "reset" | "seq" | "sha1sum" | "sha256sum"
        | "sha512sum" | "shuf" | "sort" | "split" | "sum" | "tac" | "tail" | "tee" | "test" | "timeout"
        | "top" | "tr" | "traceroute" | "tree" | "truncate" | "tty" | "uniq" | "unlink" | "uptime" | "vi"
        | "wc" | "wget" | "which" | "who" | "whoami" | "xargs" | "yes" => "/usr/bin",
        _ => "/bin",
    });
    root.program("/sbin/apk", "apk", 70_000).programs("/usr/bin", &["getent"]);
    let release = version.rsplit_once('.').map_or(version, |v| v.0);
    root.file("/etc/alpine-release", &format!("{version}\n"))
        .file("/etc/os-release", &format!(
            "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID={version}\nPRETTY_NAME=\"Alpine Linux v{release}\"\n\
             HOME_URL=\"https://alpinelinux.org/\"\n"
        ))
        .file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/sbin/nologin\n\
             daemon:x:2:2:daemon:/sbin:/sbin/nologin\nguest:x:405:100:guest:/dev/null:/sbin/nologin\n\
             nobody:x:65534:65534:nobody:/:/sbin/nologin\n")
        .file("/etc/group", "root:x:0:root\nbin:x:1:root,bin,daemon\ndaemon:x:2:root,bin,daemon\nusers:x:100:games\n\
             nogroup:x:65533:\nnobody:x:65534:\n")
        .file("/etc/shells", "# valid login shells\n/bin/sh\n/bin/ash\n")
        .file("/etc/profile", "export PATH=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"\n")
        .file("/etc/motd", "Welcome to Alpine!\n");
    root
}

/// The busybox image: applets in `/bin`, next to nothing else.
#[must_use]
pub fn busybox(programs: Programs, time: i64) -> Root {
    let mut root = Root::new(programs, time);
    root.dirs(&["/bin", "/home", "/lib", "/usr/bin", "/usr/sbin", "/var/spool/mail", "/var/www"]);
    root.dir("/root", 0o700).dir("/tmp", 0o1777);
    busybox_into(&mut root, |_| "/bin");
    root.link("/usr/bin/env", "../../bin/env");
    root.file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\n\
             bin:x:2:2:bin:/bin:/bin/false\nsys:x:3:3:sys:/dev:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\n\
             nobody:x:65534:65534:nobody:/home:/bin/false\n")
        .file("/etc/group", "root:x:0:\ndaemon:x:1:\nbin:x:2:\nsys:x:3:\nwww-data:x:33:\nusers:x:100:\nnobody:x:65534:\n")
        .file("/etc/localtime", "")
        .file("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
    root
}

/// The binary and one link per applet that exists.
fn busybox_into(root: &mut Root, folder: impl Fn(&str) -> &'static str) {
    let binary = Content::Program("busybox".into());
    root.put("/bin/busybox", binary, 0o755, 1_131_168);
    root.link("/bin/sh", "/bin/busybox");
    for applet in APPLETS {
        if root.programs.find(applet).is_some() {
            root.link(&format!("{}/{applet}", folder(applet)), "/bin/busybox");
        }
    }
}
