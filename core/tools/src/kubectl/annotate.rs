//! `kubectl annotate`: as label, on annotations.

use super::common::{self, field_manager};
use super::label::{self, ANNOTATIONS};
use crate::cli::Command;
use crate::printers;

pub const COMMAND: Command = Command {
    name: "annotate",
    usage: "annotate [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version]",
    short: "Update the annotations on a resource",
    long: "Update the annotations on one or more resources.\n\n All Kubernetes objects support the ability to store additional data with the object as annotations. Annotations are key/value pairs that can be larger than labels and include arbitrary string values such as structured JSON. Tools and system extensions may use annotations to store their own data.",
    examples: "# Update pod 'foo' with the annotation 'description' and the value 'my frontend'\nkubectl annotate pods foo description='my frontend'\n\n# Update pod 'foo' by removing an annotation named 'description' if it exists\nkubectl annotate pods foo description-",
    flags: &[
        common::FILES,
        common::SELECTOR,
        common::FIELD_SELECTOR,
        common::ALL_NAMESPACES,
        common::ALL,
        common::LOCAL,
        common::DRY_RUN,
        printers::FLAGS,
        label::OWN,
        &[field_manager("kubectl-annotate")],
        super::record::RECORD,
    ],
    run: |invocation| label::run(invocation, &ANNOTATIONS),
    ..Command::BASE
};
