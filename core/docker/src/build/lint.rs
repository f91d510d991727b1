//! What BuildKit's linter says of a Dockerfile (`docker build --check`): the rules of
//! `frontend/dockerfile/linter` of Dockerfile 1.10 that a file alone can break. The simulated engine's own
//! frontend is older and prints none of them while building.

use super::dockerfile::{Dockerfile, Node};
use super::instruction::{Plan, What};
use drydock_machinery::sort::Arrange;
use std::collections::BTreeSet;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Warning {
    pub rule: &'static str,
    pub text: String,
    pub lines: (usize, usize),
}

/// Checks a file; findings in the order of its lines.
#[must_use]
pub fn check(file: &Dockerfile, plan: &Plan) -> Vec<Warning> {
    let mut out = Vec::new();
    let mut add = |rule: &'static str, text: String, lines| out.push(Warning { rule, text, lines });
    casing(file, &mut add);
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for stage in &plan.stages {
        let words: Vec<&str> = stage.original.split_whitespace().collect();
        if let [from, .., word, name] = words.as_slice()
            && word.eq_ignore_ascii_case("as")
        {
            let upper = |t: &str| t.chars().all(|c| !c.is_lowercase());
            if upper(from) != upper(word) {
                add(
                    "FromAsCasing",
                    format!("'{word}' and '{from}' keywords' casing do not match"),
                    stage.lines,
                );
            }
            if name.chars().any(char::is_uppercase) {
                add("StageNameCasing", format!("Stage name '{name}' should be lowercase"), stage.lines);
            }
        }
        if !stage.name.is_empty() {
            if !names.insert(&stage.name) {
                let text = format!("Duplicate stage name {:?}, stage names should be unique", stage.name);
                add("DuplicateStageName", text, stage.lines);
            }
            if matches!(&*stage.name, "context" | "scratch") {
                let text =
                    format!("Stage name should not use the same name as reserved stage {:?}", stage.name);
                add("ReservedStageName", text, stage.lines);
            }
        }
        match stage.platform.as_str() {
            "$TARGETPLATFORM" | "${TARGETPLATFORM}" => add(
                "RedundantTargetPlatform",
                "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior".into(),
                stage.lines,
            ),
            platform if !platform.is_empty() && !platform.contains('$') => {
                let text = format!("FROM --platform flag should not use constant value {platform:?}");
                add("FromPlatformFlagConstDisallowed", text, stage.lines);
            }
            _ => {}
        }
        let declared: BTreeSet<&str> = plan
            .arguments
            .iter()
            .flat_map(|i| if let What::Arg(args) = &i.what { args.as_slice() } else { &[] })
            .map(|a| a.0.as_str())
            .collect();
        if let Some(name) = stage.base.strip_prefix('$').map(|n| n.trim_matches(['{', '}']))
            && !declared.contains(name.split([':', '-']).next().unwrap_or(name))
        {
            add("UndefinedArgInFrom", format!("FROM argument '{name}' is not declared"), stage.lines);
        }
        instructions(stage, &mut add);
    }
    for node in file.nodes.iter().filter(|n| n.empty_continuation) {
        add("NoEmptyContinuation", "Empty continuation line".into(), node.lines);
    }
    for node in file.nodes.iter().filter(|n| n.spaced && !n.keyword.eq_ignore_ascii_case("arg")) {
        let key = node.keyword.to_ascii_uppercase();
        let text = format!("\"{key} key=value\" should be used instead of legacy \"{key} key value\" format");
        add("LegacyKeyValueFormat", text, node.lines);
    }
    out.arrange_by_key(|w| w.lines.0);
    out
}

/// Most instructions are written one way: the others stand out.
fn casing(file: &Dockerfile, add: &mut dyn FnMut(&'static str, String, (usize, usize))) {
    let upper = |n: &&Node| n.keyword.chars().all(|c| !c.is_lowercase());
    let (uppers, lowers): (Vec<&Node>, Vec<&Node>) = file.nodes.iter().partition(|n| upper(n));
    if uppers.is_empty() || lowers.is_empty() && uppers.len() == file.nodes.len() {
        return;
    }
    let (odd, majority) =
        if uppers.len() >= lowers.len() { (lowers, "uppercase") } else { (uppers, "lowercase") };
    for node in odd {
        let text =
            format!("Command '{}' should match the case of the command majority ({majority})", node.keyword);
        add("ConsistentInstructionCasing", text, node.lines);
    }
}

fn instructions(
    stage: &super::instruction::Stage,
    add: &mut dyn FnMut(&'static str, String, (usize, usize)),
) {
    let secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        let words = [
            "apikey",
            "auth",
            "credential",
            "credentials",
            "key",
            "password",
            "pword",
            "passwd",
            "secret",
            "token",
        ];
        words.iter().any(|w| name.split('_').any(|part| part == *w))
            && !name.split('_').any(|p| p == "public")
    };
    let (mut cmds, mut entries, mut checks) = (0, 0, 0);
    let mut workdir = false;
    for instruction in &stage.instructions {
        let lines = instruction.lines;
        let mut again = |count: &mut u32, name: &str| {
            *count += 1;
            if *count == 2 {
                let text = format!(
                    "Multiple {name} instructions should not be used in the same stage because only the last one will be used"
                );
                add("MultipleInstructionsDisallowed", text, lines);
            }
        };
        match &instruction.what {
            What::Cmd(line) | What::Entrypoint(line) => {
                let name = if matches!(instruction.what, What::Cmd(_)) { "CMD" } else { "ENTRYPOINT" };
                again(if name == "CMD" { &mut cmds } else { &mut entries }, name);
                if !line.exec && !line.words.is_empty() {
                    let text = format!(
                        "JSON arguments recommended for {name} to prevent unintended behavior related to OS signals"
                    );
                    add("JSONArgsRecommended", text, lines);
                }
            }
            What::Healthcheck(_) => again(&mut checks, "HEALTHCHECK"),
            What::Maintainer(_) => add(
                "MaintainerDeprecated",
                "Maintainer instruction is deprecated in favor of using label".into(),
                lines,
            ),
            What::Workdir(path) => {
                if !path.starts_with(['/', '$']) && !workdir {
                    let text = format!(
                        "Relative workdir {path:?} can have unexpected results if the base image changes"
                    );
                    add("WorkdirRelativePath", text, lines);
                }
                workdir = true;
            }
            What::Env(pairs) => {
                for pair in pairs.iter().filter(|p| secret(&p.name)) {
                    let text = format!(
                        "Do not use ARG or ENV instructions for sensitive data (ENV {:?})",
                        pair.name
                    );
                    add("SecretsUsedInArgOrEnv", text, lines);
                }
            }
            What::Arg(args) => {
                for (name, _) in args.iter().filter(|a| secret(&a.0)) {
                    let text =
                        format!("Do not use ARG or ENV instructions for sensitive data (ARG {name:?})");
                    add("SecretsUsedInArgOrEnv", text, lines);
                }
            }
            What::Expose(ports) => {
                for port in ports {
                    let proto = port.split('/').nth(1).unwrap_or("");
                    if proto.chars().any(char::is_uppercase) {
                        let text =
                            format!("Defined protocol '{port}' in EXPOSE instruction should be lowercase");
                        add("ExposeProtoCasing", text, lines);
                    }
                    if port.contains(':') {
                        let text = format!(
                            "EXPOSE instruction should not define an IP address or host-port mapping, found '{port}'"
                        );
                        add("ExposeInvalidFormat", text, lines);
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{dockerfile, instruction};
    use super::*;

    #[test]
    fn finds_what_the_linter_finds() {
        let text = "FROM a as Build\nmaintainer x\nENV a b\nENV API_KEY=1\nWORKDIR app\nCMD echo hi\nCMD [\"x\"]\nEXPOSE 80/TCP\n";
        let file = dockerfile::parse(text).unwrap();
        let rules: Vec<&str> =
            check(&file, &instruction::stages(&file).unwrap()).iter().map(|w| w.rule).collect();
        assert_eq!(
            rules,
            [
                "FromAsCasing",
                "StageNameCasing",
                "ConsistentInstructionCasing",
                "MaintainerDeprecated",
                "LegacyKeyValueFormat",
                "SecretsUsedInArgOrEnv",
                "WorkdirRelativePath",
                "JSONArgsRecommended",
                "MultipleInstructionsDisallowed",
                "ExposeProtoCasing"
            ]
        );
    }
}
