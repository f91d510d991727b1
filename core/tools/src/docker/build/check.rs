//! `docker build --check`: the linter's findings without a build.

use super::{Plan, context, graph};
use crate::cli::{Error, Flow, Invocation, Outcome};
use drydock_docker::build::{dockerfile, instruction, lint};
use drydock_machinery::value;

/// Prints the findings; the command fails when there are some.
///
/// # Errors
/// A context that is not there, a Dockerfile that cannot be read.
pub fn run(invocation: &mut Invocation<'_, '_>, plan: &Plan) -> Outcome {
    let failed = |text: String| Error::raw(format!("ERROR: {text}\n"));
    let gathered = context::gather(invocation.sys, plan).map_err(failed)?;
    let name = gathered.dockerfile.clone();
    let Some(bytes) = &gathered.text else {
        let text =
            format!("failed to solve: failed to read dockerfile: open {name}: no such file or directory");
        return Err(failed(text));
    };
    let text = String::from_utf8_lossy(bytes).into_owned();
    let source = |lines: (usize, usize)| {
        graph::excerpt(
            &value!({ "filename": name.as_str(), "start": lines.0, "end": lines.1, "data": text.as_str() }),
        )
    };
    let parsed =
        dockerfile::parse(&text).and_then(|file| instruction::stages(&file).map(|plan| (file, plan)));
    let (file, plan) = match parsed {
        Ok(parsed) => parsed,
        Err(fault) => {
            let excerpt = source(fault.lines);
            return Err(Error::raw(format!("{excerpt}ERROR: failed to solve: {}\n", fault.text)));
        }
    };
    let skipped = file.directives.iter().find(|d| d.0 == "check").map_or("", |d| &d.1);
    let skip = |rule: &str| {
        skipped
            .split(';')
            .filter_map(|o| o.trim().strip_prefix("skip="))
            .any(|list| list.split(',').any(|r| r.trim() == rule || r.trim() == "all"))
    };
    let found: Vec<lint::Warning> = lint::check(&file, &plan).into_iter().filter(|w| !skip(w.rule)).collect();
    if found.is_empty() {
        invocation.print("Check complete, no warnings found.\n");
        return Ok(Flow::Done(0));
    }
    let noun = if found.len() == 1 { "1 warning has" } else { &format!("{} warnings have", found.len()) };
    let mut out = format!("Check complete, {noun} been found!\n");
    for warning in &found {
        out.push_str(&format!(
            "\nWARNING: {} - https://docs.docker.com/go/dockerfile/rule/{}/\n{}\n{}",
            warning.rule,
            dashed(warning.rule),
            warning.text,
            source(warning.lines)
        ));
    }
    invocation.print(&out);
    Ok(Flow::Done(1))
}

/// `JSONArgsRecommended` as `json-args-recommended`.
fn dashed(rule: &str) -> String {
    let chars: Vec<char> = rule.chars().collect();
    let mut out = String::new();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|n| chars.get(n)).is_some_and(|c| c.is_lowercase());
        let after = chars.get(at + 1).is_some_and(|c| c.is_lowercase());
        if c.is_uppercase() && at > 0 && (before || after) {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_of_rules_in_addresses() {
        assert_eq!(super::dashed("JSONArgsRecommended"), "json-args-recommended");
        assert_eq!(super::dashed("SecretsUsedInArgOrEnv"), "secrets-used-in-arg-or-env");
    }
}
