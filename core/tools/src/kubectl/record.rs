//! `--record`: the command line as the cause of a change, in an annotation that `rollout history` shows.
//! Follows `genericclioptions.RecordFlags`, deprecated but in many books.

use crate::cli::{Flag, Flags, Invocation};
use drydock_machinery::Value;
use drydock_machinery::sort::Arrange;

/// `--record`.
pub const RECORD: &[Flag] = &[Flag::bool(
    "record",
    '\0',
    false,
    "Record current kubectl command in the resource annotation. If set to false, do not record the command. If set to true, record the command. If not set, default to updating the existing annotation value only if one already exists.",
)
.hidden()];

const CAUSE: &str = "kubernetes.io/change-cause";

/// What pflag says when the flag is used.
pub fn complain(invocation: &mut Invocation<'_, '_>) {
    if invocation.flags.has("record") && invocation.changed("record") {
        invocation.eprint("Flag --record has been deprecated, --record will be removed in the future\n");
    }
}

/// The object with the cause of this change, where it is to be recorded.
#[must_use]
pub fn recorded(invocation: &Invocation<'_, '_>, object: Value) -> Value {
    if !invocation.flags.has("record") || !invocation.bool("record") || !object["metadata"].is_map() {
        return object;
    }
    let words: Vec<String> = invocation.sys.args().iter().map(|word| word.to_string()).collect();
    let cause = cause(&words, &invocation.path, &invocation.args, &invocation.flags);
    object.with_at(&["metadata", "annotations", CAUSE], cause)
}

/// Command, arguments, then flags in the order they were given, each with its value.
fn cause(words: &[String], path: &str, args: &[String], flags: &Flags) -> String {
    let mut out = path.to_string();
    for arg in args {
        out += &format!(" {arg}");
    }
    let mut given: Vec<(usize, String)> = Vec::new();
    for (name, short, values) in flags.given() {
        let (long, letter) = (format!("--{name}"), format!("-{short}"));
        let is_it = |word: &&String| {
            word.as_str() == long
                || word.starts_with(&format!("{long}="))
                || short != '\0' && !word.starts_with("--") && word.starts_with(&letter)
        };
        let places = words.iter().enumerate().filter(|(_, word)| is_it(word)).map(|(at, _)| at);
        for (at, value) in places.zip(values) {
            given.push((at, format!(" --{name}={value}")));
        }
    }
    given.arrange();
    given.iter().for_each(|(_, text)| out += text);
    out
}
