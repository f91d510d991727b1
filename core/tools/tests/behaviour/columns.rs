//! The comparable part of tables: columns and rows that both the recorded server and ours could have.

use regex_lite::Regex;
use std::sync::LazyLock;

/// Columns that came after the recording.
const NEW_COLUMNS: &[&str] = &[
    "TIMEZONE",
    "STATUS",
    "STORAGECAPACITY",
    "TOKENREQUESTS",
    "REQUIRESREPUBLISH",
    "REQUESTEDDURATION",
    "VOLUMEATTRIBUTESCLASS",
    "PREEMPTIONPOLICY",
];

/// Our table without columns that the recorded one does not have and could not have.
pub fn without_new_columns(got: &str, recorded: &str) -> String {
    static CELL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\S+(?: \S+)*").unwrap());
    let is_head = |line: &&str| line.starts_with("NAME ") || line.starts_with("NAMESPACE ");
    // One for each kind in the list.
    let mut heads = recorded.lines().filter(is_head);
    let mut out = String::new();
    let mut cut: Vec<(usize, usize)> = Vec::new();
    for line in got.lines() {
        if is_head(&line) {
            let wanted = heads.next().unwrap_or("");
            let cells: Vec<_> = CELL.find_iter(line).collect();
            let ends = cells.iter().skip(1).map(|c| c.start()).chain([usize::MAX]);
            let extra = cells.iter().zip(ends).filter(|(c, _)| {
                NEW_COLUMNS.contains(&c.as_str()) && !wanted.split_whitespace().any(|w| w == c.as_str())
            });
            cut = extra.map(|(c, end)| (c.start(), end)).collect();
        }
        let kept = line.char_indices().filter(|(at, _)| !cut.iter().any(|(a, b)| a <= at && at < b));
        out.extend(kept.map(|(_, c)| c));
        out.push('\n');
    }
    out
}

/// Lists of what several scenarios made, or of what commands left out of the recording would have
/// changed: only rows that both have are compared.
pub fn is_partial(argv: &[String], scenario: &str) -> bool {
    const CLUSTER_WIDE: &[&str] = &[
        "namespaces",
        "ns",
        "clusterroles",
        "clusterrole",
        "clusterrolebindings",
        "clusterrolebinding",
        "customresourcedefinitions",
        "apiservices",
        "storageclasses",
        "priorityclasses",
        "persistentvolumes",
        "crd",
        "ingressclasses",
        "runtimeclasses",
        "flowschemas",
        "prioritylevelconfigurations",
        "nodes",
        "mutatingwebhookconfigurations",
        "certificatesigningrequests",
    ];
    let list =
        argv.get(1).is_some_and(|v| v == "get") && argv.get(2).is_some_and(|k| !k.contains(['/', ',']));
    let named = argv.get(3).is_some_and(|name| !name.starts_with('-'));
    let wide = argv.get(2).is_some_and(|k| CLUSTER_WIDE.contains(&k.as_str()));
    list && !named && (wide || scenario.starts_with("val-"))
}

/// Both tables with the rows whose first cell both have; all of both if they are no tables.
pub fn common_rows(a: &str, b: &str) -> (String, String) {
    let name = |line: &str| line.split("  ").next().unwrap_or("").to_string();
    let names = |text: &str| text.lines().map(name).collect::<Vec<_>>();
    let (in_a, in_b) = (names(a), names(b));
    let keep = |text: &str, others: &[String]| {
        text.lines().filter(|l| others.contains(&name(l))).map(|l| format!("{l}\n")).collect::<String>()
    };
    (keep(a, &in_b), keep(b, &in_a))
}
