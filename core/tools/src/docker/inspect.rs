//! `docker inspect` and what all inspect commands share: the daemon's own bytes indented, or a template
//! over them.
//!
//! Follows `docker/cli` 28's `cli/command/inspect`.

use super::api::{Engine, Failure, Reply};
use super::{raw, usage};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_container::Sys;
use drydock_machinery::Value;
use drydock_machinery::go_template::{Dialect, Template};
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "inspect",
    usage: "[OPTIONS] NAME|ID [NAME|ID...]",
    short: "Show all there is to know of anything by its name",
    flags: &[FLAGS],
    run,
    ..Command::BASE
};

/// `-f, --format` of every inspect.
pub const FORMAT: Flag = Flag::string("format", 'f', "", "How to print: 'json', or a Go template");

const FLAGS: &[Flag] = &[
    FORMAT,
    Flag::bool("size", 's', false, "Sizes of files too, for containers"),
    Flag::string("type", '\0', "", "Only things of this type"),
];

/// Types in the order in which a name is looked for.
const TYPES: [(&str, &str, &str); 5] = [
    ("container", "/containers/", "/json"),
    ("image", "/images/", "/json"),
    ("network", "/networks/", ""),
    ("volume", "/volumes/", ""),
    ("plugin", "/plugins/", "/json"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    let wanted = invocation.str("type").to_string();
    if invocation.changed("type") && wanted.is_empty() {
        return Err(Error::raw(
            "type is empty: must be one of \"config\", \"container\", \"image\", \"network\", \"node\", \"plugin\", \"secret\", \"service\", \"task\", \"volume\"\n",
        ));
    }
    let known = TYPES.iter().any(|t| t.0 == wanted);
    if !wanted.is_empty()
        && !known
        && !["config", "node", "secret", "service", "task"].contains(&wanted.as_str())
    {
        return Err(Error::raw(format!(
            "unknown type: \"{wanted}\": must be one of \"config\", \"container\", \"image\", \"network\", \"node\", \"plugin\", \"secret\", \"service\", \"task\", \"volume\"\n"
        )));
    }
    let engine = Engine::connect(invocation)?;
    let size = invocation.bool("size");
    each(invocation, |sys, name| {
        for (kind, before, after) in TYPES {
            if !wanted.is_empty() && wanted != kind {
                continue;
            }
            let mut request = Request::get(format!("{before}{name}{after}"));
            if size && kind == "container" {
                request = request.query("size", "1");
            }
            if kind == "plugin" && wanted.is_empty() {
                // Swarm's things would be looked for before plugins.
                let _ = engine.get(sys, "/info");
            }
            match engine.call(sys, request) {
                Err(failure) if failure.status == 404 && wanted.is_empty() => {}
                // Names that a type cannot have are not looked for in it.
                Err(failure) if failure.status == 400 && wanted.is_empty() => {}
                result => return result,
            }
        }
        Err(Failure::new(format!("Error: No such object: {name}")))
    })
}

/// Looks all arguments up, prints those that are there and complains of the others.
///
/// # Errors
/// A template that cannot be parsed (exit code 64) or does not fit.
pub fn each(
    invocation: &mut Invocation<'_, '_>,
    mut find: impl FnMut(&mut Sys<'_>, &str) -> Result<Reply, Failure>,
) -> Outcome {
    let format = invocation.str("format").to_string();
    let template = match format.as_str() {
        "" | "json" => None,
        text => Some(
            Template::parse_as(Dialect::Docker, "", text)
                .map_err(|e| Error::raw(format!("template parsing error: {}\n", e.0)).with_code(64))?,
        ),
    };
    let (mut found, mut failures, mut lines) = (Vec::new(), Vec::new(), String::new());
    for name in invocation.args.clone() {
        let reply = match find(invocation.sys, &name) {
            Ok(reply) => reply,
            Err(failure) => {
                failures.push(failure.text);
                continue;
            }
        };
        if template.is_some() {
            let text = raw::resolved(&format, &super::image_config::typed(&reply.text()));
            let template = Template::parse_as(Dialect::Docker, "", &text)
                .map_err(|e| Error::raw(format!("template parsing error: {}\n", e.0)).with_code(64))?;
            match template.execute_with(&reply.json(), false) {
                Ok(text) => lines += &(text + "\n"),
                Err(error) => {
                    failures.push(format!("template parsing error: {}", error.0));
                    break;
                }
            }
        } else {
            found.push(reply.text());
        }
    }
    let text = match format.as_str() {
        "" => indented(&found),
        "json" => format!("[{}]\n", found.iter().map(|t| t.trim()).collect::<Vec<_>>().join(",")),
        _ if lines.is_empty() => "\n".into(),
        _ => lines,
    };
    invocation.print(&text);
    if failures.is_empty() {
        return Ok(Flow::Done(0));
    }
    Err(Error::raw(failures.join("\n") + "\n"))
}

/// A list of documents indented by four blanks, their fields in the order in which they came.
#[must_use]
pub fn indented(documents: &[String]) -> String {
    if documents.is_empty() {
        return "[]\n".into();
    }
    let whole = format!("[{}]", documents.iter().map(|t| t.trim()).collect::<Vec<_>>().join(","));
    indent(&whole) + "\n"
}

/// Go's `json.Indent` by four blanks.
#[must_use]
pub fn indent(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut chars = text.chars().filter(|c| *c != '\r').peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("    ", depth));
    };
    while let Some(c) = chars.next() {
        if quoted {
            out.push(c);
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            ' ' | '\t' | '\n' => {}
            '"' => {
                quoted = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while chars.next_if(|n| n.is_ascii_whitespace()).is_some() {}
                if let Some(close) = chars.next_if(|n| *n == '}' || *n == ']') {
                    out.push(close);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c => out.push(c),
        }
    }
    out
}

/// A value's fields in order of their names, indented: for what the client itself makes up.
#[must_use]
pub fn indented_values(values: &[Value]) -> String {
    indented(&values.iter().map(drydock_machinery::json::to_string).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_keep_their_order() {
        let text = r#"{"Id":"a","Args":[],"M":{"k":"x, y: {"},"L":[1,2]}"#.to_string();
        assert_eq!(
            indented(&[text]),
            "[\n    {\n        \"Id\": \"a\",\n        \"Args\": [],\n        \"M\": {\n            \"k\": \"x, y: {\"\n        },\n        \"L\": [\n            1,\n            2\n        ]\n    }\n]\n"
        );
        assert_eq!(indented(&[]), "[]\n");
    }
}
