//! Label selectors (`k8s.io/apimachinery/pkg/labels` and `metav1.LabelSelector`) and field selectors
//! (`…/pkg/fields`), with their grammar, order and error texts.

use crate::sort::Arrange;
mod field;
mod parse;

use crate::{Value, names};
pub use field::FieldSelector;
use std::fmt::Write;

/// Requirements on labels, all of which must hold. Sorted by key, as the real one prints them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector {
    pub requirements: Vec<Requirement>,
    /// True for a selector that matches nothing (a null `metav1.LabelSelector`).
    pub nothing: bool,
}

/// One requirement on a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    pub key: String,
    pub operator: Operator,
    /// Sorted.
    pub values: Vec<String>,
}

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equals,
    DoubleEquals,
    NotEquals,
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

impl Operator {
    /// As the selector grammar writes it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Operator::Equals => "=",
            Operator::DoubleEquals => "==",
            Operator::NotEquals => "!=",
            Operator::In => "in",
            Operator::NotIn => "notin",
            Operator::Exists => "exists",
            Operator::DoesNotExist => "!",
            Operator::GreaterThan => "gt",
            Operator::LessThan => "lt",
        }
    }
}

impl Requirement {
    /// A checked requirement.
    ///
    /// # Errors
    /// The texts of `labels.NewRequirement`, several of them as an aggregate prints them.
    pub fn new(key: &str, operator: Operator, mut values: Vec<String>) -> Result<Requirement, String> {
        let mut errors = Vec::new();
        let wrong = names::is_qualified_name(key);
        if !wrong.is_empty() {
            errors.push(format!("key: Invalid value: {}: {}", crate::quote::go(key), wrong.join("; ")));
        }
        let list = |values: &[String]| {
            let quoted: Vec<String> = values.iter().map(|v| crate::json::quote(v)).collect();
            format!("[{}]", quoted.join(","))
        };
        let count = match operator {
            Operator::In | Operator::NotIn if values.is_empty() => {
                Some("for 'in', 'notin' operators, values set can't be empty")
            }
            Operator::Equals | Operator::DoubleEquals | Operator::NotEquals if values.len() != 1 => {
                Some("exact-match compatibility requires one single value")
            }
            Operator::Exists | Operator::DoesNotExist if !values.is_empty() => {
                Some("values set must be empty for exists and does not exist")
            }
            Operator::GreaterThan | Operator::LessThan if values.len() != 1 => {
                Some("for 'Gt', 'Lt' operators, exactly one value is required")
            }
            _ => None,
        };
        if let Some(why) = count {
            errors.push(format!("values: Invalid value: {}: {why}", list(&values)));
        }
        for (at, value) in values.iter().enumerate() {
            let quoted = crate::quote::go(value);
            if matches!(operator, Operator::GreaterThan | Operator::LessThan) && value.parse::<i64>().is_err()
            {
                let why = "for 'Gt', 'Lt' operators, the value must be an integer";
                errors.push(format!("values[{at}]: Invalid value: {quoted}: {why}"));
            }
            let wrong = names::is_label_value(value);
            if !wrong.is_empty() {
                errors.push(format!("values[{at}][{key}]: Invalid value: {quoted}: {}", wrong.join("; ")));
            }
        }
        match errors.as_slice() {
            [] => {
                values.arrange();
                values.dedup();
                Ok(Requirement { key: key.to_owned(), operator, values })
            }
            [one] => Err(one.clone()),
            _ => Err(format!("[{}]", errors.join(", "))),
        }
    }
    /// Whether a map of labels fulfils it.
    #[must_use]
    pub fn matches(&self, labels: &Value) -> bool {
        let label = labels.find(&self.key).and_then(Value::as_str);
        let listed = |value: &str| self.values.iter().any(|v| v == value);
        match self.operator {
            Operator::In | Operator::Equals | Operator::DoubleEquals => label.is_some_and(listed),
            Operator::NotIn | Operator::NotEquals => !label.is_some_and(listed),
            Operator::Exists => label.is_some(),
            Operator::DoesNotExist => label.is_none(),
            Operator::GreaterThan | Operator::LessThan => {
                let bound = self.values.first().and_then(|v| v.parse::<i64>().ok());
                let (Some(n), Some(bound)) = (label.and_then(|l| l.parse::<i64>().ok()), bound) else {
                    return false;
                };
                if self.operator == Operator::GreaterThan { n > bound } else { n < bound }
            }
        }
    }
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let values = self.values.join(",");
        match self.operator {
            Operator::DoesNotExist => write!(f, "!{}", self.key),
            Operator::Exists => f.write_str(&self.key),
            Operator::In => write!(f, "{} in ({values})", self.key),
            Operator::NotIn => write!(f, "{} notin ({values})", self.key),
            Operator::GreaterThan => write!(f, "{}>{values}", self.key),
            Operator::LessThan => write!(f, "{}<{values}", self.key),
            _ => write!(f, "{}{}{values}", self.key, self.operator.text()),
        }
    }
}

impl LabelSelector {
    /// Matches every object.
    #[must_use]
    pub fn everything() -> LabelSelector {
        LabelSelector::default()
    }
    /// Reads `kubectl -l`'s grammar.
    ///
    /// # Errors
    /// The texts of `labels.Parse`.
    pub fn parse(text: &str) -> Result<LabelSelector, String> {
        let mut requirements = parse::requirements(text)?;
        requirements.arrange_by(|a, b| a.key.cmp(&b.key));
        Ok(LabelSelector { requirements, nothing: false })
    }
    /// The equality of a plain map of labels, as a Service or a ReplicationController selects; an
    /// empty or missing map selects nothing there, which is the caller's to know.
    #[must_use]
    pub fn from_labels(labels: &Value) -> LabelSelector {
        let requirements = labels.entries().iter().map(|(key, value)| Requirement {
            key: key.text().to_owned(),
            operator: Operator::Equals,
            values: vec![value.text().to_owned()],
        });
        LabelSelector { requirements: requirements.collect(), nothing: false }
    }
    /// Reads a `metav1.LabelSelector`: null matches nothing, `{}` everything.
    ///
    /// # Errors
    /// A requirement that is not valid.
    pub fn from_value(value: &Value) -> Result<LabelSelector, String> {
        if value.is_null() {
            return Ok(LabelSelector { requirements: Vec::new(), nothing: true });
        }
        let mut requirements = Vec::new();
        for (key, label) in value.get("matchLabels").entries() {
            requirements.push(Requirement::new(key.text(), Operator::Equals, vec![label.text().to_owned()])?);
        }
        for expression in value.get("matchExpressions").items() {
            let operator = match expression.get("operator").text() {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                other => {
                    return Err(format!(
                        "{} is not a valid label selector operator",
                        crate::quote::go(other)
                    ));
                }
            };
            let values = expression.get("values").items().iter().map(|v| v.text().to_owned()).collect();
            requirements.push(Requirement::new(expression.get("key").text(), operator, values)?);
        }
        requirements.arrange_by(|a, b| a.key.cmp(&b.key));
        Ok(LabelSelector { requirements, nothing: false })
    }
    /// Whether a map of labels fulfils every requirement.
    #[must_use]
    pub fn matches(&self, labels: &Value) -> bool {
        !self.nothing && self.requirements.iter().all(|r| r.matches(labels))
    }
    /// Whether it has no requirement and so matches everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.nothing && self.requirements.is_empty()
    }
}

impl std::fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, requirement) in self.requirements.iter().enumerate() {
            if at > 0 {
                f.write_char(',')?;
            }
            write!(f, "{requirement}")?;
        }
        Ok(())
    }
}

/// `metav1.FormatLabelSelector`, as `describe` and wide tables print selectors: `<none>` for an empty
/// one, a single-valued `in` from matchLabels as `key=value`.
#[must_use]
pub fn format_value(selector: &Value) -> String {
    match LabelSelector::from_value(selector) {
        Err(_) => "<error>".into(),
        Ok(parsed) if parsed.nothing || parsed.requirements.is_empty() => "<none>".into(),
        Ok(mut parsed) => {
            let labels = selector.get("matchLabels");
            for requirement in &mut parsed.requirements {
                let single =
                    requirement.values.first().is_some_and(|v| labels.get(&requirement.key) == v.as_str());
                if requirement.operator == Operator::In && requirement.values.len() == 1 && single {
                    requirement.operator = Operator::Equals;
                }
            }
            parsed.to_string()
        }
    }
}

#[cfg(test)]
mod tests;
