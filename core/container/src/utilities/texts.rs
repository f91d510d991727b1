//! Texts: envsubst, column, strings, file, yq.

use super::filter::{Start, ended, gathering, options};
use super::support::{Opts, Spec, done};
use crate::sys::Sys;
use crate::sys_fs::FileKind;
use drydock_machinery::{json, yaml};
use std::sync::Arc;

pub fn envsubst(sys: &mut Sys<'_>) -> Start {
    let opts = options!(sys, Spec { short: "vV", long: &[("variables", 'v')], code: 1 });
    gathering(opts, &[], |sys, opts, data| {
        let text = String::from_utf8_lossy(data).into_owned();
        let only: Option<Vec<String>> = opts.args.first().map(|list| {
            list.split(|c: char| !c.is_alphanumeric() && c != '_')
                .filter(|w| !w.is_empty())
                .map(String::from)
                .collect()
        });
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let braced = after.starts_with('{');
            let inner = after.get(usize::from(braced)..).unwrap_or("");
            let size =
                inner.len() - inner.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').len();
            let (name, tail) = inner.split_at_checked(size).unwrap_or(("", inner));
            let closed = !braced || tail.starts_with('}');
            let valid = !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && closed;
            if valid && only.as_ref().is_none_or(|o| o.iter().any(|n| n == name)) {
                out.push_str(&sys.env(name).unwrap_or_default());
                rest = tail.get(usize::from(braced)..).unwrap_or("");
            } else {
                out.push('$');
                rest = after;
            }
        }
        out.push_str(rest);
        sys.print(&out);
        0
    })
}

pub fn column(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "tc:s:o:nxN:",
        long: &[
            ("table", 't'),
            ("separator=", 's'),
            ("output-separator=", 'o'),
            ("output-width=", 'c'),
            ("table-columns=", 'N'),
        ],
        code: 1,
    };
    let opts = options!(sys, SPEC);
    let files = opts.args.clone();
    gathering(opts, &files, |sys, opts, data| {
        let text = String::from_utf8_lossy(data).into_owned();
        let mut out = String::new();
        if opts.has('t') {
            let split = |line: &str| -> Vec<String> {
                match opts.value('s') {
                    Some(set) => line.split(|c| set.contains(c)).map(String::from).collect(),
                    None => line.split_whitespace().map(String::from).collect(),
                }
            };
            let mut rows: Vec<Vec<String>> =
                text.lines().filter(|l| !l.trim().is_empty()).map(split).collect();
            if let Some(names) = opts.value('N') {
                rows.insert(0, names.split(',').map(String::from).collect());
            }
            let count = rows.iter().map(Vec::len).max().unwrap_or(0);
            let widths: Vec<usize> = (0..count)
                .map(|c| rows.iter().filter_map(|r| r.get(c)).map(|f| f.chars().count()).max().unwrap_or(0))
                .collect();
            let between = opts.value('o').unwrap_or("  ");
            for row in rows {
                let last = row.len().saturating_sub(1);
                let cells: Vec<String> = row
                    .iter()
                    .zip(&widths)
                    .enumerate()
                    .map(
                        |(n, (field, width))| {
                            if n == last { field.clone() } else { format!("{field:width$}") }
                        },
                    )
                    .collect();
                out.push_str(&format!("{}\n", cells.join(between)));
            }
        } else {
            let words: Vec<&str> = text.lines().filter(|l| !l.is_empty()).collect();
            let room = opts.value('c').and_then(|c| c.parse::<usize>().ok()).unwrap_or(80);
            let width = (words.iter().map(|w| w.chars().count()).max().unwrap_or(0) / 8 + 1) * 8;
            let columns = (room / width).max(1);
            let rows = words.len().div_ceil(columns);
            for row in 0..rows {
                let mut line = String::new();
                let cells: Vec<&&str> = words.iter().skip(row).step_by(rows.max(1)).collect();
                for (n, cell) in cells.iter().enumerate() {
                    line.push_str(cell);
                    if n + 1 < cells.len() {
                        let missing = width - cell.chars().count();
                        line.push_str(&"\t".repeat(missing.div_ceil(8)));
                    }
                }
                out.push_str(&format!("{line}\n"));
            }
        }
        sys.print(&out);
        0
    })
}

pub fn strings(sys: &mut Sys<'_>) -> Start {
    let opts = options!(sys, Spec { short: "an:", long: &[("bytes=", 'n')], code: 1 });
    let files = opts.args.clone();
    gathering(opts, &files, |sys, opts, data| {
        let least = opts.value('n').and_then(|n| n.parse().ok()).unwrap_or(4usize);
        let runs = data.split(|b| !(32..127).contains(b) && *b != b'\t').filter(|r| r.len() >= least);
        let out: String = runs.map(|r| format!("{}\n", String::from_utf8_lossy(r))).collect();
        sys.print(&out);
        0
    })
}

pub fn file(sys: &mut Sys<'_>) -> i32 {
    let opts =
        match Opts::read(sys, &Spec { short: "biLhs", long: &[("brief", 'b'), ("mime-type", 'i')], code: 1 })
        {
            Ok(opts) => opts,
            Err(code) => return code,
        };
    let wide = opts.args.iter().map(|a| a.len()).max().unwrap_or(0) + 1;
    for name in &opts.args {
        let text = match sys.lstat(name) {
            Err(errno) => format!("cannot open `{name}' ({errno})"),
            Ok(stat) => match stat.kind {
                FileKind::Directory => "directory".into(),
                FileKind::Symlink => format!("symbolic link to {}", sys.readlink(name).unwrap_or_default()),
                FileKind::File => match sys.read_file(name) {
                    Ok(data) => kind_of(&data).to_string(),
                    Err(_) => "ELF 64-bit LSB pie executable, x86-64, version 1 (SYSV), dynamically linked, stripped".into(),
                },
                _ => "character special".into(),
            },
        };
        let label = format!("{name}:");
        sys.print(&if opts.has('b') { format!("{text}\n") } else { format!("{label:wide$} {text}\n") });
    }
    0
}

fn kind_of(data: &[u8]) -> &'static str {
    let text = std::str::from_utf8(data);
    let first = text.ok().and_then(|t| t.lines().next()).unwrap_or("");
    match data {
        [] => "empty",
        [0x1f, 0x8b, ..] => "gzip compressed data, from Unix",
        [b'P', b'K', 3, 4, ..] => "Zip archive data, at least v2.0 to extract, compression method=deflate",
        [0x89, b'P', b'N', b'G', ..] => "PNG image data",
        _ if data.get(257..262) == Some(b"ustar") => "POSIX tar archive (GNU)",
        _ if first.starts_with("#!") && first.contains("bash") => {
            "Bourne-Again shell script, ASCII text executable"
        }
        _ if first.starts_with("#!") && first.ends_with("sh") => "POSIX shell script, ASCII text executable",
        _ if first.starts_with("#!") && first.contains("python") => "Python script, ASCII text executable",
        _ if first.starts_with("-----BEGIN CERTIFICATE-----") => "PEM certificate",
        _ if first.starts_with("-----BEGIN CERTIFICATE REQUEST") => "PEM certificate request",
        _ if first.starts_with("-----BEGIN") && first.contains("PRIVATE KEY") => "OpenSSH private key",
        _ if json::parse(data).is_ok_and(|v| v.is_map() || v.is_list()) => "JSON text data",
        _ if data.is_ascii() => "ASCII text",
        _ if text.is_ok() => "Unicode text, UTF-8 text",
        _ => "data",
    }
}

/// Mike Farah's yq, as far as jq's filters go: paths, selections, `-o json`, `-i`, `ea` refused.
pub fn yq(sys: &mut Sys<'_>) -> Start {
    const SPEC: Spec = Spec {
        short: "o:p:rinNPMC",
        long: &[
            ("output-format=", 'o'),
            ("input-format=", 'p'),
            ("unwrapScalar", 'r'),
            ("inplace", 'i'),
            ("null-input", 'n'),
            ("prettyPrint", 'P'),
            ("no-doc", 'N'),
        ],
        code: 1,
    };
    let mut opts = options!(sys, SPEC);
    if opts.args.first().is_some_and(|a| matches!(&**a, "e" | "eval")) {
        opts.args.remove(0);
    }
    // `yq file` is `yq . file`.
    if opts.args.len() == 1 && opts.args.first().is_some_and(|a| !a.starts_with('.') && sys.stat(a).is_ok()) {
        opts.args.insert(0, ".".into());
    }
    let Some(filter) = opts.args.first().cloned() else {
        sys.print("Usage:\n  yq [flags]\n  yq [command]\n");
        return ended(0);
    };
    if let Err(text) = super::jq::compile(&filter) {
        return ended(done(sys, 1, &format!("Error: {text}")));
    }
    let files: Vec<Arc<str>> = opts.args.get(1..).unwrap_or(&[]).to_vec();
    if opts.has('n') {
        return ended(yq_run(sys, &opts, b"null"));
    }
    gathering(opts, &files, yq_run)
}

fn yq_run(sys: &mut Sys<'_>, opts: &Opts, data: &[u8]) -> i32 {
    let text = String::from_utf8_lossy(data).into_owned();
    let documents = match yaml::load(&text) {
        Ok(documents) => documents,
        Err(error) => return done(sys, 1, &format!("Error: bad file '-': yaml: {error}")),
    };
    let Ok(expr) = super::jq::compile(opts.args.first().map_or(".", |a| a)) else { return 1 };
    let as_json = matches!(opts.value('o'), Some("json" | "j"));
    let mut parts = Vec::new();
    for document in &documents {
        match super::jq::results(&expr, &document.value) {
            Ok(values) => {
                for value in values {
                    parts.push(match (as_json, value.as_str()) {
                        (true, _) => json::to_pretty(&value) + "\n",
                        (false, Some(text)) => format!("{text}\n"),
                        _ => {
                            let text = yaml::emit(&value);
                            if text.ends_with('\n') { text } else { text + "\n" }
                        }
                    });
                }
            }
            Err(text) => return done(sys, 1, &format!("Error: {text}")),
        }
    }
    let out = parts.join(if documents.len() > 1 && !as_json { "---\n" } else { "" });
    match opts.args.get(1).filter(|_| opts.has('i')) {
        Some(file) => match sys.write_file(file, out.as_bytes(), false) {
            Ok(()) => 0,
            Err(errno) => done(sys, 1, &format!("Error: open {file}: {errno}")),
        },
        None => {
            sys.print(&out);
            0
        }
    }
}
