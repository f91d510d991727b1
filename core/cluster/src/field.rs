//! Field errors as `k8s.io/apimachinery/pkg/util/validation/field` words them (v1.33), and the paths
//! they name.

use drydock_machinery::{Value, json, quote, value};

/// Where validation is: a chain on the stack, written out only when something is wrong.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Child(&'a str),
    Index(usize),
    Key(&'a str),
}

impl<'a> Path<'a> {
    pub const ROOT: Path<'static> = Path { parent: None, step: Step::Root };
    /// A path of one name.
    #[must_use]
    pub const fn new(name: &'a str) -> Path<'a> {
        Path { parent: None, step: Step::Child(name) }
    }
    #[must_use]
    pub fn child<'b>(&'b self, name: &'b str) -> Path<'b> {
        Path { parent: Some(self), step: Step::Child(name) }
    }
    #[must_use]
    pub fn index(&self, at: usize) -> Path<'_> {
        Path { parent: Some(self), step: Step::Index(at) }
    }
    #[must_use]
    pub fn key<'b>(&'b self, key: &'b str) -> Path<'b> {
        Path { parent: Some(self), step: Step::Key(key) }
    }
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut chain = vec![self.step];
        let mut next = self.parent;
        while let Some(path) = next {
            chain.push(path.step);
            next = path.parent;
        }
        let mut first = true;
        for step in chain.into_iter().rev() {
            match step {
                Step::Root => continue,
                Step::Child(name) if first => f.write_str(name)?,
                Step::Child(name) => write!(f, ".{name}")?,
                Step::Index(at) => write!(f, "[{at}]")?,
                Step::Key(key) => write!(f, "[{key}]")?,
            }
            first = false;
        }
        Ok(())
    }
}

/// What is wrong; `reason` is the name in a Status' causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Required,
    Invalid,
    NotSupported,
    Duplicate,
    Forbidden,
    NotFound,
    TooLong,
    TooMany,
    TypeInvalid,
    Internal,
}

impl Fault {
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Fault::Required => "FieldValueRequired",
            Fault::Invalid => "FieldValueInvalid",
            Fault::NotSupported => "FieldValueNotSupported",
            Fault::Duplicate => "FieldValueDuplicate",
            Fault::Forbidden => "FieldValueForbidden",
            Fault::NotFound => "FieldValueNotFound",
            Fault::TooLong => "FieldValueTooLong",
            Fault::TooMany => "FieldValueTooMany",
            Fault::TypeInvalid => "FieldValueTypeInvalid",
            Fault::Internal => "InternalError",
        }
    }
    fn phrase(self) -> &'static str {
        match self {
            Fault::Required => "Required value",
            Fault::Invalid => "Invalid value",
            Fault::NotSupported => "Unsupported value",
            Fault::Duplicate => "Duplicate value",
            Fault::Forbidden => "Forbidden",
            Fault::NotFound => "Not found",
            Fault::TooLong => "Too long",
            Fault::TooMany => "Too many",
            Fault::TypeInvalid => "Invalid value",
            Fault::Internal => "Internal error",
        }
    }
}

/// One thing wrong with one field.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldError {
    pub fault: Fault,
    pub field: String,
    /// Without the field: `Invalid value: -1: must be greater than or equal to 0`.
    pub body: String,
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.field, self.body)
    }
}

impl FieldError {
    /// The entry of a Status' `details.causes`.
    #[must_use]
    pub fn cause(&self) -> Value {
        value!({"reason": self.fault.reason(), "message": &self.body, "field": &self.field})
    }
}

/// How a bad value is shown: strings quoted, everything structured as JSON.
#[must_use]
pub fn show(value: &Value) -> String {
    match value.as_str() {
        Some(text) => quote::go(text),
        None => json::to_string(value),
    }
}

/// What validation found, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Errors(pub Vec<FieldError>);

impl Errors {
    fn push(&mut self, fault: Fault, path: &Path<'_>, shown: Option<String>, detail: &str) {
        let mut field = path.to_string();
        if field.is_empty() {
            field.push_str("[]");
        }
        let mut body = fault.phrase().to_string();
        for part in shown.iter().map(String::as_str).chain((!detail.is_empty()).then_some(detail)) {
            body.push_str(": ");
            body.push_str(part);
        }
        self.0.push(FieldError { fault, field, body });
    }
    pub fn required(&mut self, path: &Path<'_>, detail: &str) {
        self.push(Fault::Required, path, None, detail);
    }
    pub fn invalid(&mut self, path: &Path<'_>, value: impl Into<Value>, detail: &str) {
        self.push(Fault::Invalid, path, Some(show(&value.into())), detail);
    }
    /// One error for each message of a name check.
    pub fn each(&mut self, path: &Path<'_>, value: &str, details: Vec<String>) {
        for detail in details {
            self.push(Fault::Invalid, path, Some(quote::go(value)), &detail);
        }
    }
    pub fn unsupported(&mut self, path: &Path<'_>, value: impl Into<Value>, supported: &[&str]) {
        let list: Vec<String> = supported.iter().map(|s| quote::go(s)).collect();
        let detail = format!("supported values: {}", list.join(", "));
        let detail = if list.is_empty() { String::new() } else { detail };
        self.push(Fault::NotSupported, path, Some(show(&value.into())), &detail);
    }
    pub fn duplicate(&mut self, path: &Path<'_>, value: impl Into<Value>) {
        self.push(Fault::Duplicate, path, Some(show(&value.into())), "");
    }
    pub fn forbidden(&mut self, path: &Path<'_>, detail: &str) {
        self.push(Fault::Forbidden, path, None, detail);
    }
    pub fn not_found(&mut self, path: &Path<'_>, value: impl Into<Value>) {
        self.push(Fault::NotFound, path, Some(show(&value.into())), "");
    }
    pub fn too_long(&mut self, path: &Path<'_>, max: usize) {
        self.push(Fault::TooLong, path, None, &format!("may not be more than {max} bytes"));
    }
    /// A value of a type that the schema does not want; only the type's name is shown.
    pub fn type_invalid(&mut self, path: &Path<'_>, shown: &str, detail: &str) {
        self.push(Fault::TypeInvalid, path, Some(quote::go(shown)), detail);
    }
    /// Something wrong with a whole object: combinations of schemas name no field.
    pub fn nowhere(&mut self, detail: &str) {
        self.push(Fault::Invalid, &Path::new("<nil>"), Some(quote::go("")), detail);
    }
    pub fn too_many(&mut self, path: &Path<'_>, count: usize, max: usize) {
        self.push(Fault::TooMany, path, Some(count.to_string()), &format!("must have at most {max} items"));
    }
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
