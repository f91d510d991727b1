//! What the utilities accept or know of but do not simulate.

/// Area, thing, why.
pub const NOT_SIMULATED: &[(&str, &str, &str)] = &[
    (
        "awk",
        "user functions, getline, pipes of print",
        "beyond what one-liners use; refused as a syntax error",
    ),
    ("awk", "rand, srand, systime", "always 0"),
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
    ("less, more, man", "paging", "the terminal scrolls"),
    ("locales, users' limits, -z, --help texts", "accepted or short", "one locale (C) is simulated"),
];
