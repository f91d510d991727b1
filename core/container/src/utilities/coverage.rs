//! What the utilities accept or know of but do not simulate.

/// Area, thing, why.
pub const NOT_SIMULATED: &[(&str, &str, &str)] = &[
    ("awk", "coprocesses, sockets, arrays of arrays, switch", "refused as a syntax error"),
    ("awk", "rand's own sequence", "the numbers are drawn otherwise than gawk's"),
    ("bc", "functions and arrays of one's own, s() c() a() l() e() of -l", "refused as not defined"),
    ("numfmt", "--format, --round, --invalid", "refused as unknown options"),
    ("jq", "def, reduce, foreach, assignment, order of keys", "keys come sorted; the rest is refused"),
    ("sed, grep, awk", "back-references within a pattern", "the regular expressions have none"),
    (
        "curl, wget",
        "TLS, FTP, uploads, cookies kept",
        "https is a plain exchange whose certificate -k or --cacert trusts",
    ),
    (
        "ps, top, free, uptime",
        "CPU and memory figures",
        "processes use no measured CPU or memory of their own",
    ),
    ("ping", "times and loss", "an address that exists answers, any other stays silent"),
    ("nc", "-l, -u", "a program cannot listen by hand; datagrams are not simulated"),
    (
        "less, more",
        "several files at once, marks, colours",
        "one text, a screenful at a time where keys can be sent",
    ),
    ("man", "pages", "a name and a line of what it is"),
    ("vi, nano", "visual mode, registers, macros, windows, shell escapes", "editing, search, :s, :w and :q"),
    ("locales, users' limits, -z, --help texts", "accepted or short", "one locale (C) is simulated"),
    (
        "apt, apk, yum",
        "pinning, sources and keys of one's own, .deb and .rpm files, configuration questions",
        "packages come from built-in tables",
    ),
    (
        "pip, npm",
        "the code of packages",
        "names, versions and counts only; small Flask and express servers run by their shape",
    ),
    (
        "gcc, make, cmake, go, java, mvn, php, ruby, ssh, rsync, gpg, nmap, iperf3, socat, supervisord",
        "everything but --version",
        "packages and images bring them; they say that they are not simulated",
    ),
    (
        "openssl",
        "TLS (s_client, s_server), elliptic curves, encrypted keys, PKCS#12, passwd -5 and -6",
        "refused in words; keys hold drawn numbers, signatures are bound digests",
    ),
    ("ssh-keygen", "keys that log in anywhere", "the files have OpenSSH's shape only"),
    (
        "git",
        "merges that are no fast-forward, rebase, stash, cherry-pick, submodules, hooks, packs, renames found",
        "refused in words; new repositories begin with the branch main",
    ),
    ("sudo, su", "passwords and sudoers rules", "members of sudo and root may do everything"),
    (
        "systemctl, service, journalctl",
        "stopping the host's services",
        "listed and reported; containers have no init system, as in reality",
    ),
    ("crontab, cron", "running entries", "kept and listed"),
    ("iptables", "rules of one's own", "refused; listing shows empty chains"),
    ("unshare, nsenter, lsns, ip netns", "namespaces of one's own", "namespaces belong to containers"),
    (
        "tcpdump, strace, tmux, screen, mkfifo",
        "what they are for",
        "refused in words: no packets, no traced calls, no FIFOs",
    ),
    ("ab, hey, wrk", "TLS, keep-alive, times below a millisecond", "each request is one exchange"),
    (
        "yq",
        "operators beyond jq's filters, comments kept, several files at once",
        "the rest is jq's language",
    ),
    ("rm, cp, mv", "asking before each file (-i)", "nothing is asked"),
    ("mysqldump", "--result-file", "the dump goes to stdout"),
    ("zip, tar", "encryption, bzip2, xz, comparing archives", "gzip and deflate are real"),
];
