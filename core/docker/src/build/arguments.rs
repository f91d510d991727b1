//! Instructions with flags of their own: RUN, COPY and ADD, HEALTHCHECK.

use super::dockerfile::Node;
use super::instruction::{Healthcheck, Transfer, What, command_line, some, take_flags};
use super::mounts;
use drydock_machinery::{quote, time};

pub(super) fn run(node: &Node) -> Result<What, String> {
    let flags = take_flags(node, &[("mount", false), ("network", false), ("security", false)])?;
    let (mut list, mut network) = (Vec::new(), String::new());
    for (name, value) in flags {
        match &*name {
            "mount" => list.push(mounts::parse(&value)?),
            "network" if !matches!(&*value, "default" | "none" | "host") => {
                return Err(format!("invalid network mode: {}", quote::go(&value)));
            }
            "network" => network = value,
            _ if !matches!(&*value, "sandbox" | "insecure") => {
                return Err(format!("security {} is not valid", quote::go(&value)));
            }
            _ => {}
        }
    }
    let line = command_line(node);
    Ok(What::Run { line, heredocs: node.heredocs.clone(), mounts: list, network })
}

pub(super) fn transfer(node: &Node, keyword: &str) -> Result<What, String> {
    let add = keyword == "ADD";
    let known: &[(&str, bool)] = if add {
        &[
            ("chown", false),
            ("chmod", false),
            ("link", true),
            ("keep-git-dir", true),
            ("checksum", false),
            ("exclude", false),
        ]
    } else {
        &[
            ("chown", false),
            ("from", false),
            ("chmod", false),
            ("link", true),
            ("parents", true),
            ("exclude", false),
        ]
    };
    let flags = take_flags(node, known)?;
    let mut sources = node.args.clone();
    let destination = match sources.pop() {
        Some(last) if !sources.is_empty() => last,
        _ => {
            return Err(format!(
                "{keyword} requires at least two arguments, but only one was provided. Destination could not be determined"
            ));
        }
    };
    let mut out = Transfer { add, destination, heredocs: node.heredocs.clone(), ..Transfer::default() };
    for (name, value) in flags {
        match &*name {
            "chown" => out.chown = value,
            "chmod" => out.chmod = value,
            "from" => out.from = value,
            "link" => out.link = value.eq_ignore_ascii_case("true"),
            "parents" => out.parents = value.eq_ignore_ascii_case("true"),
            "checksum" => out.checksum = value,
            "exclude" => out.exclude.push(value),
            _ => {}
        }
    }
    out.sources = sources;
    Ok(What::Transfer(out))
}

pub(super) fn healthcheck(node: &Node) -> Result<Healthcheck, String> {
    let names = ["interval", "timeout", "start-period", "start-interval", "retries"];
    let flags = take_flags(node, &names.map(|n| (n, false)))?;
    let args = some(node, "HEALTHCHECK")?;
    let kind = args.first().map(|k| k.to_ascii_uppercase()).unwrap_or_default();
    let mut out = Healthcheck::default();
    match &*kind {
        "NONE" if args.len() > 1 => return Err("HEALTHCHECK NONE takes no arguments".into()),
        "NONE" => out.test = vec!["NONE".into()],
        "CMD" if args.len() < 2 => return Err("Missing command after HEALTHCHECK CMD".into()),
        "CMD" => {
            out.test = vec![if node.json { "CMD".into() } else { "CMD-SHELL".into() }];
            out.test.extend(args.into_iter().skip(1));
        }
        other => return Err(format!("Unknown type {} in HEALTHCHECK (try CMD)", quote::go(other))),
    }
    for (name, value) in flags {
        if name == "retries" {
            out.retries = value
                .parse()
                .map_err(|_| format!("strconv.ParseInt: parsing {}: invalid syntax", quote::go(&value)))?;
            if out.retries < 0 {
                return Err(format!("--retries cannot be negative ({})", out.retries));
            }
            continue;
        }
        let nanos = time::parse_go_duration(&value)?.saturating_mul(1_000_000);
        if nanos < 1_000_000 && nanos != 0 || nanos < 0 {
            return Err(format!("Interval {} cannot be less than 1ms", quote::go(&name)));
        }
        match &*name {
            "interval" => out.interval = nanos,
            "timeout" => out.timeout = nanos,
            "start-period" => out.start_period = nanos,
            _ => out.start_interval = nanos,
        }
    }
    Ok(out)
}
