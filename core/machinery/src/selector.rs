//! Label and field selectors.

use crate::Value;

/// Requirements on labels, all of which must hold.
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

impl LabelSelector {
    /// Reads `kubectl -l`'s grammar.
    ///
    /// # Errors
    /// The texts of `k8s.io/apimachinery/pkg/labels`.
    pub fn parse(_text: &str) -> Result<LabelSelector, String> {
        Ok(LabelSelector::default())
    }
    /// Reads a `metav1.LabelSelector`: null matches nothing, `{}` everything.
    ///
    /// # Errors
    /// A requirement that is not valid.
    pub fn from_value(value: &Value) -> Result<LabelSelector, String> {
        Ok(LabelSelector { requirements: Vec::new(), nothing: value.is_null() })
    }
    /// Whether a map of labels fulfils every requirement.
    #[must_use]
    pub fn matches(&self, _labels: &Value) -> bool {
        !self.nothing
    }
}
impl std::fmt::Display for LabelSelector {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

/// Requirements on fields: `metadata.name=web,status.phase!=Running`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector {
    /// Field, whether it must be equal, value.
    pub terms: Vec<(String, bool, String)>,
}

impl FieldSelector {
    /// Reads the grammar of `--field-selector`.
    ///
    /// # Errors
    /// The texts of `k8s.io/apimachinery/pkg/fields`.
    pub fn parse(_text: &str) -> Result<FieldSelector, String> {
        Ok(FieldSelector::default())
    }
    /// Whether every term holds; `field` gives the text of a path, empty when absent.
    pub fn matches<'a>(&self, mut field: impl FnMut(&str) -> &'a str) -> bool {
        self.terms.iter().all(|(path, equal, value)| (field(path) == value) == *equal)
    }
}
