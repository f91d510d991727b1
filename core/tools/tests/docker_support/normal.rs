//! What differs at every run, masked.

use regex_lite::Regex;
use std::sync::OnceLock;

/// Pattern and mask, applied in order.
const MASKS: &[(&str, &str)] = &[
    (r"\r\n", "\n"),
    // Which layers were there already: the recording's engine held the stand-ins' from before.
    (
        r"(?m)^[0-9a-f]{12}: (Pulling fs layer|Waiting|Verifying Checksum|Download complete|Pull complete|Already exists)\n",
        "",
    ),
    // Folders of the recording machine.
    (r"/oracle/w\b", "$$CWD"),
    (r"/home/learner/work\b", "$$CWD"),
    (r"\b[0-9a-f]{64}\b", "<ID64>"),
    (r"\b[0-9a-f]{14}…", "<ID64>…"),
    (r"\b[0-9a-f]{12}\b", "<ID>"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<UUID>"),
    (r"docker-import-\d+", "docker-import-<N>"),
    // Times, and spans of them.
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<TIME>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000 UTC", "<TIME>"),
    (r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d+ \d\d:\d\d\b", "<DATE>"),
    (
        r"\b(Less than a second|About a minute|About an hour|\d+ (second|minute|hour|day|week|month|year)s?)( ago)?",
        "<AGE>$3",
    ),
    // Ephemeral ports and addresses of the engine's networks.
    (r"\b327\d\d\b", "<PORT>"),
    (r"\b172\.(1[6-9]|2\d)\.\d+\.\d+\b", "<IP>"),
    (r"10\.255\.255\.53", "<DNS>"),
    (r"\b(10|127|192)\.\d+\.\d+\.\d+:53\b", "<DNS>:53"),
    (r"(?m)^nameserver .*$", "nameserver <DNS>"),
    (r"\]:\d{5}: response", "]:<PORT>: response"),
    // The client's own mixed words: "SRun", "See".
    (r"(?m)^(SRun|See|Run) '", "Run '"),
    // Kernel, control groups and security of the recording machine.
    (r#""Pid": \d+"#, "\"Pid\": <PID>"),
    (r#""AppArmorProfile": ".*""#, "\"AppArmorProfile\": <ANY>"),
    (r#""CgroupnsMode": ".*""#, "\"CgroupnsMode\": <ANY>"),
    (r"02:42:[0-9a-f:]+", "<MAC>"),
    // The parent image of the classic builder that made the stand-ins.
    (r#""Image": "(sha256:<ID64>)?""#, "\"Image\": <PARENT>"),
    // What the client's own resolver was.
    (r"\b192\.168\.65\.7\b", "<DNS>"),
    // Widths follow from what was masked.
    (r"[ \t]{2,}", "  "),
    (r"(?m)[ \t]+$", ""),
];

/// The text with everything masked.
pub fn masked(text: &str) -> String {
    static COMPILED: OnceLock<Vec<(Regex, &str)>> = OnceLock::new();
    let masks = COMPILED.get_or_init(|| MASKS.iter().map(|(p, m)| (Regex::new(p).unwrap(), *m)).collect());
    let mut text = text.to_string();
    for (pattern, mask) in masks {
        text = pattern.replace_all(&text, *mask).into_owned();
    }
    text
}
