//! `kubectl create poddisruptionbudget`.

use super::{Generator, Place, generator_flags, name_and_rest, policy};
use crate::cli::{Command, Error, Flag, Invocation, Outcome};
use drydock_machinery::Value;

pub const COMMAND: Command = Command {
    name: "poddisruptionbudget",
    aliases: &["pdb"],
    usage: "poddisruptionbudget NAME --selector=SELECTOR --min-available=N [--dry-run=server|client|none]",
    short: "Create a pod disruption budget with the specified name",
    long: "Create a pod disruption budget with the specified name.",
    examples: "# Keep at least one pod labelled app=rails\nkubectl create poddisruptionbudget my-pdb --selector=app=rails --min-available=1\n\n# Keep at least half of the pods labelled app=nginx\nkubectl create pdb my-pdb --selector=app=nginx --min-available=50%",
    flags: generator_flags!(FLAGS),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string(
        "min-available",
        '\0',
        "",
        "The minimum number or percentage of available pods this budget requires.",
    ),
    Flag::string(
        "max-unavailable",
        '\0',
        "",
        "The maximum number or percentage of unavailable pods this budget requires.",
    ),
    Flag::string(
        "selector",
        '\0',
        "",
        "A label selector to use for this budget. Only equality-based selector requirements are supported.",
    ),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    let (name, _) = name_and_rest(invocation)?;
    let generator = Generator::new(invocation)?;
    let (min, max) = (invocation.str("min-available"), invocation.str("max-unavailable"));
    let selector = invocation.str("selector");
    if selector.is_empty() {
        return Err(Error::new("a selector must be specified"));
    }
    if min.is_empty() && max.is_empty() {
        return Err(Error::new("one of min-available or max-unavailable must be specified"));
    }
    if !min.is_empty() && !max.is_empty() {
        return Err(Error::new("min-available and max-unavailable cannot be both specified"));
    }
    for (text, what) in [(min, "min-available"), (max, "max-unavailable")] {
        if !text.is_empty() && !is_int_or_percent(text) {
            return Err(Error::new(format_args!("invalid format specified for {what}")));
        }
    }
    let object = policy::disruption_budget(&name, generator.namespace(), &selector_of(selector)?, min, max);
    let place = Place {
        prefix: "/apis/policy/v1",
        plural: "poddisruptionbudgets",
        namespaced: true,
        failure: "failed to create poddisruptionbudgets: ",
    };
    generator.finish(invocation, object, place)
}

/// A `LabelSelector` of `a=b,c in (d)`.
fn selector_of(text: &str) -> Result<Value, Error> {
    use drydock_machinery::selector::{LabelSelector, Operator};
    let parsed = LabelSelector::parse(text).map_err(Error::new)?;
    let mut selector = Value::empty_map();
    for requirement in &parsed.requirements {
        let first = requirement.values.first().map_or("", String::as_str);
        let operator = match requirement.operator {
            Operator::Equals | Operator::DoubleEquals => {
                selector = selector.with_at(&["matchLabels", &requirement.key], first);
                continue;
            }
            Operator::In => "In",
            Operator::NotIn | Operator::NotEquals => "NotIn",
            Operator::Exists => "Exists",
            Operator::DoesNotExist => "DoesNotExist",
            Operator::GreaterThan | Operator::LessThan => {
                return Err(Error::new("\"Gt\" is not a valid label selector operator"));
            }
        };
        let mut expression = drydock_machinery::value!({"key": (&requirement.key), "operator": operator});
        if !requirement.values.is_empty() {
            let values: Value = requirement.values.iter().map(Value::from).collect();
            expression = expression.with("values", values);
        }
        selector = selector.with("matchExpressions", selector["matchExpressions"].with_item(expression));
    }
    Ok(selector)
}

fn is_int_or_percent(text: &str) -> bool {
    let digits = text.strip_suffix('%').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}
