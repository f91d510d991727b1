//! What write verbs print: `deployment.apps/web created (dry run)`, or the object in the format of
//! `-o`. Follows cli-runtime's `PrintFlags` with a name printer behind it.

use super::common::{self, DryRun};
use super::typed;
use crate::cli::{Error, Flag, Invocation};
use crate::printers::{self, Printer};
use drydock_container::Sys;
use drydock_machinery::{Value, quote};
use std::hash::{Hash, Hasher};

/// `--save-config`.
pub const SAVE_CONFIG: &[Flag] = &[Flag::bool(
    "save-config",
    '\0',
    false,
    "If true, the configuration of current object will be saved in its annotation. This flag is useful when you want to perform kubectl apply on this object in the future.",
)];

/// The annotation `kubectl apply` keeps the last manifest in.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The value of the query parameter `fieldValidation`.
///
/// # Errors
/// A value `--validate` does not have.
pub fn field_validation(invocation: &Invocation<'_, '_>) -> Result<&'static str, Error> {
    match invocation.str("validate") {
        "strict" | "true" | "t" | "T" | "1" | "True" | "TRUE" => Ok("Strict"),
        "warn" => Ok("Warn"),
        "ignore" | "false" | "f" | "F" | "0" | "False" | "FALSE" => Ok("Ignore"),
        other => Err(Error::new(format_args!(
            "invalid - validate option {}; must be one of: strict (or true), warn, ignore (or false)",
            quote::go(other)
        ))),
    }
}

/// A chosen format; none prints one line per object.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    pub printer: Option<Box<Printer>>,
    pub dry_run: DryRun,
}

impl Hash for Output {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The printer never changes while a command goes on.
        self.dry_run.hash(state);
    }
}

impl Output {
    /// Reads `-o` and `--dry-run`.
    ///
    /// # Errors
    /// An unknown format, a template that cannot be read, a bad `--dry-run`.
    pub fn from_flags(invocation: &mut Invocation<'_, '_>) -> Result<Output, Error> {
        super::record::complain(invocation);
        let dry_run =
            if invocation.flags.has("dry-run") { common::dry_run(invocation)? } else { DryRun::None };
        let printer = Printer::from_flags(invocation)?.map(Box::new);
        Ok(Output { printer, dry_run })
    }
    /// True when only a line per object is printed.
    #[must_use]
    pub fn is_message(&self) -> bool {
        self.printer.is_none()
    }
    /// True for `-o yaml`.
    #[must_use]
    pub fn is_yaml(&self) -> bool {
        self.printer.as_ref().is_some_and(|p| p.format == printers::Format::Yaml)
    }
    /// True for `-o name`.
    #[must_use]
    pub fn is_name(&self) -> bool {
        self.printer.as_ref().is_some_and(|p| p.format == printers::Format::Name)
    }
    /// Prints an object a typed client holds.
    ///
    /// # Errors
    /// A template that fails.
    pub fn print_typed(&mut self, sys: &mut Sys<'_>, object: &Value, operation: &str) -> Result<(), Error> {
        let object = typed::round_trip(object);
        match self.printer.take() {
            Some(printer) => {
                let mut printer = printer.typed();
                let text = printer.print(&object)?;
                self.printer = Some(Box::new(printer));
                sys.print(&text);
            }
            None => self.message(sys, &object, operation),
        }
        Ok(())
    }
    /// Prints an unstructured object.
    ///
    /// # Errors
    /// A template that fails.
    pub fn print(&mut self, sys: &mut Sys<'_>, object: &Value, operation: &str) -> Result<(), Error> {
        match &mut self.printer {
            Some(printer) => {
                let text = printer.print(object)?;
                sys.print(&text);
            }
            None => self.message(sys, object, operation),
        }
        Ok(())
    }
    fn message(&self, sys: &mut Sys<'_>, object: &Value, operation: &str) {
        let line = format!("{} {operation}{}\n", printers::title(object), self.dry_run.suffix());
        sys.print(&line);
    }
}
