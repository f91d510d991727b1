//! Grading by experiment: moves made in a copy of the world, which is then looked at and thrown away.

use super::format::{Check, Move};
use super::{Context, Reason, Verdict, evaluate};
use drydock_machinery::selector::LabelSelector;
use drydock_machinery::time::parse_go_duration;
use drydock_sandbox::Input;

/// Experiments within experiments.
const DEPTH: usize = 3;
/// Simulated time one experiment may take.
const MAX_MS: u64 = 600_000;

pub(super) fn what_if(moves: &[Move], then: &Check, context: &Context<'_>) -> Verdict {
    if context.depth >= DEPTH {
        return Err(Reason::new("unknown", "whatIf"));
    }
    let mut copy = context.world.clone();
    for step in moves {
        match step {
            Move::Advance(text) => {
                let ms = parse_go_duration(text)
                    .map_err(|e| Reason::new("unknown", text.clone()).wanted("", e.to_string()))?;
                copy.run_for((ms.max(0) as u64).min(MAX_MS), usize::MAX);
            }
            Move::DeletePods { selector, count } => {
                let parsed = LabelSelector::parse(selector)
                    .map_err(|e| Reason::new("unknown", selector.clone()).wanted("", e))?;
                let pods = copy.list("Pod", context.namespace).unwrap_or_default();
                let names = pods.iter().filter(|p| parsed.matches(&p["metadata"]["labels"]));
                let paths: Vec<String> = names
                    .take(*count as usize)
                    .map(|p| {
                        format!(
                            "/api/v1/namespaces/{}/pods/{}",
                            context.namespace,
                            p["metadata"]["name"].text()
                        )
                    })
                    .collect();
                if paths.is_empty() {
                    return Err(Reason::new("missing", format!("Pod {selector}")));
                }
                for path in paths {
                    copy.apply(&Input::Request { method: "DELETE".into(), path, body: String::new() });
                }
            }
            Move::StopNode(name) => copy.apply(&Input::Node { name: name.clone(), on: false }),
            Move::Sh(line) => {
                copy.apply(&Input::Line { tty: 0, text: line.clone() });
                copy.run_for(1_000, usize::MAX);
            }
        }
    }
    let inner = Context {
        world: &copy,
        before: context.before,
        namespace: context.namespace,
        answers: context.answers,
        depth: context.depth + 1,
    };
    evaluate(then, &inner)
}
