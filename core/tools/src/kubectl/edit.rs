//! `kubectl edit` and `apply edit-last-applied`: opens the object in the learner's editor and sends what
//! changed; opens it again with the server's complaints when it is refused.
//!
//! Follows kubectl's `editor` package. Several objects are edited one after the other.

mod page;

use super::Failure;
use super::builder::{Builder, Info};
use super::client::{Client, content};
use super::common;
use super::failure::aggregate;
use super::output::{LAST_APPLIED, Output};
use super::validation::Validator;
use super::writing::{last_applied_text, patch_request, two_way};
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::printers;
use drydock_container::machine::Behave;
use drydock_container::sys_proc::{SpawnOptions, WaitResult};
use drydock_container::{Pid, Step, Sys, Wait};
use drydock_machinery::{Value, json, quote, yaml};
use std::collections::VecDeque;
use std::sync::Arc;

pub const COMMAND: Command = Command {
    name: "edit",
    usage: "edit (RESOURCE/NAME | -f FILENAME)",
    short: "Edit a resource on the server",
    long: "Edit a resource from the default editor.\n\n The edit command allows you to directly edit any API resource you can retrieve via the command-line tools. It will open the editor defined by your KUBE_EDITOR, or EDITOR environment variables, or fall back to 'vi'.",
    examples: "# Edit the service named 'registry'\nkubectl edit svc/registry\n\n# Use an alternative editor\nKUBE_EDITOR=\"nano\" kubectl edit svc/registry",
    flags: FLAGS,
    run: |invocation| run(invocation, Mode::Object),
    ..Command::BASE
};

/// Shared with `apply edit-last-applied`.
pub const FLAGS: &[&[Flag]] = &[common::FILES, common::VALIDATE, printers::FLAGS, OWN];
const OWN: &[Flag] = &[
    common::field_manager("kubectl-edit"),
    Flag::bool("output-patch", '\0', false, "Output the patch if the resource is edited."),
    Flag::bool(
        "save-config",
        '\0',
        false,
        "If true, the configuration of current object will be saved in its annotation.",
    ),
    Flag::string(
        "subresource",
        '\0',
        "",
        "If specified, edit will operate on the subresource of the requested object.",
    ),
    Flag::bool("windows-line-endings", '\0', false, "Defaults to the line ending native to your platform."),
];

/// Editors that open the learner's own pane; anything else is run as a program.
const PANES: &[&str] = &["vi", "vim", "nvim", "nano", "pico", "emacs", "code", "micro", "edit", "ed"];

/// What is edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    Object,
    /// The last-applied annotation.
    LastApplied,
}

/// Reads the objects and opens the first.
///
/// # Errors
/// Nothing named, or nothing found.
pub fn run(invocation: &mut Invocation<'_, '_>, mode: Mode) -> Outcome {
    let output = Output::from_flags(invocation)?;
    let mut client = Client::new(invocation)?;
    let mut builder = Builder::new(invocation);
    builder.limit = 0;
    let plan = builder.clone().plan_or_all(invocation, &mut client)?;
    let (infos, failures) = builder.fetch_plan(invocation, &mut client, plan);
    if !failures.is_empty() {
        return Err(aggregate(&failures));
    }
    if infos.is_empty() {
        return Err(Error::new("edit cancelled, no objects found"));
    }
    let editor = ["KUBE_EDITOR", "EDITOR"]
        .iter()
        .find_map(|name| invocation.sys.env(name).filter(|v| !v.is_empty()))
        .unwrap_or_else(|| "vi".into());
    let manager = invocation.str("field-manager").to_string();
    Ok(Flow::Continue(Box::new(Edits {
        client,
        validator: Validator::new(invocation)?,
        output,
        output_patch: invocation.bool("output-patch"),
        json: invocation.str("output") == "json",
        mode,
        editor,
        manager,
        queue: infos.into(),
        current: None,
        code: 0,
    })))
}

/// One object in the editor.
#[derive(Clone, Debug, PartialEq, Hash)]
struct Open {
    info: Info,
    /// The object as it was shown.
    original: Value,
    path: String,
    /// What the file held when the editor opened it.
    written: String,
    /// It was refused before.
    refused: bool,
    /// An editor that runs as a program.
    child: Option<Pid>,
}

#[derive(Clone, Hash)]
struct Edits {
    client: Client,
    validator: Validator,
    output: Output,
    output_patch: bool,
    json: bool,
    mode: Mode,
    editor: Arc<str>,
    manager: String,
    queue: VecDeque<Info>,
    current: Option<Open>,
    code: i32,
}

impl Edits {
    fn shown(&self, info: &Info) -> Result<Value, Failure> {
        let object = info.object.without_at(&["metadata", "managedFields"]);
        if self.mode == Mode::Object {
            return Ok(object);
        }
        let text = object["metadata"]["annotations"][LAST_APPLIED].text();
        if text.is_empty() {
            return Err(
                format!("no last-applied-configuration annotation found on resource: {}", info.name).into()
            );
        }
        json::parse(text.as_bytes()).map_err(|e| Failure::Message(e.message))
    }
    fn open(&mut self, sys: &mut Sys<'_>, info: Info) -> Result<Step, Failure> {
        let original = self.shown(&info)?;
        let body = if self.json { json::to_pretty(&original) + "\n" } else { yaml::emit(&original) };
        let number = 1_000_000_000 + sys.machines.clock.chance(u64::from(sys.pid) ^ sys.now(), 1_000_000_000);
        let extension = if self.json { "json" } else { "yaml" };
        let path = format!("/tmp/kubectl-edit-{number}.{extension}");
        let written = page::first(&body);
        self.current = Some(Open { info, original, path, written, refused: false, child: None });
        self.launch(sys)
    }
    /// Writes the file and opens the editor on it.
    fn launch(&mut self, sys: &mut Sys<'_>) -> Result<Step, Failure> {
        let Some(open) = &mut self.current else { return Ok(Step::Again) };
        sys.write_file(&open.path, open.written.as_bytes(), false)
            .map_err(|e| Failure::Message(format!("open {}: {}", open.path, e.text().to_lowercase())))?;
        let problem = |editor: &str| {
            Failure::Message(format!("there was a problem with the editor {}", quote::go(editor)))
        };
        let mut words = self.editor.split_whitespace();
        let program = words.next().unwrap_or("vi");
        let base = program.rsplit('/').next().unwrap_or(program);
        if PANES.contains(&base) && sys.tty().is_some() {
            sys.edit(&open.path, base).map_err(|_| problem(&self.editor))?;
            return Ok(Step::wait(Wait::Editor));
        }
        // A command line as editor goes through the shell, as kubectl does it.
        let argv: Vec<Arc<str>> = if words.next().is_some() {
            let line = format!("{} {}", self.editor, open.path);
            vec!["/bin/bash".into(), "-c".into(), line.into()]
        } else {
            vec![program.into(), open.path.as_str().into()]
        };
        match sys.spawn(argv, SpawnOptions::default()) {
            Ok(pid) => {
                open.child = Some(pid);
                Ok(Step::wait(Wait::Child))
            }
            Err(_) if words_of(&self.editor) == 1 => {
                Err(Failure::Message(format!("unable to launch the editor {}", quote::go(&self.editor))))
            }
            Err(_) => Err(problem(&self.editor)),
        }
    }
    /// Looks whether the editor is done; the text it left, or a step to wait.
    fn result(&mut self, sys: &mut Sys<'_>) -> Result<Result<String, Step>, Failure> {
        let Some(open) = &mut self.current else { return Ok(Err(Step::Again)) };
        if let Some(pid) = open.child {
            match sys.wait(Some(pid)) {
                WaitResult::None => return Ok(Err(Step::wait(Wait::Child))),
                WaitResult::Exited(_, 0) | WaitResult::NoChildren => {}
                WaitResult::Exited(_, _) => {
                    let editor = quote::go(&self.editor);
                    return Err(Failure::Message(format!("there was a problem with the editor {editor}")));
                }
            }
            open.child = None;
        } else {
            match sys.edit_result() {
                None => return Ok(Err(Step::wait(Wait::Editor))),
                Some(Some(text)) => {
                    let _ = sys.write_file(&open.path, text.as_bytes(), false);
                }
                Some(None) => {}
            }
        }
        let bytes = sys.read_file(&open.path).unwrap_or_else(|_| Arc::from([]));
        Ok(Ok(String::from_utf8_lossy(&bytes).into_owned()))
    }
    /// What the learner left: sent, refused (the editor opens again), or dropped.
    fn take(&mut self, sys: &mut Sys<'_>, text: &str) -> Result<Step, Failure> {
        let Some(open) = self.current.clone() else { return Ok(Step::Again) };
        let (edited, before) = (page::strip_comments(text), page::strip_comments(&open.written));
        if open.refused && edited == before {
            sys.eprint(&format!("A copy of your changes has been stored to \"{}\"\n", open.path));
            return Err("Edit cancelled, no valid changes were saved.".into());
        }
        let documents = yaml::load(&edited);
        if let Ok(documents) = &documents
            && let Some(document) = documents.first().filter(|d| !d.value.is_null())
        {
            let document =
                super::manifests::Document { source: String::new(), value: document.value.clone() };
            if let Err(failure) = self.validator.check(sys, &self.client, &document) {
                return self.reopen(sys, &edited, &failure.text());
            }
        }
        if edited == before {
            sys.eprint("Edit cancelled, no changes made.\n");
            return Ok(self.close(sys));
        }
        if edited.trim().is_empty() {
            sys.eprint("Edit cancelled, saved file was empty.\n");
            return Ok(self.close(sys));
        }
        let new = match documents {
            Ok(documents) => documents.into_iter().next().map(|d| d.value).unwrap_or_default(),
            Err(error) => {
                let why = format!(
                    "The edited file had a syntax error: error parsing edited-file: error converting YAML to JSON: {error}"
                );
                return self.reopen(sys, &edited, &why);
            }
        };
        if !new.is_map() {
            let why = "The edited file had a syntax error: Object 'Kind' is missing";
            return self.reopen(sys, &edited, why);
        }
        self.send(sys, &open, &new, &edited)
    }
    fn send(&mut self, sys: &mut Sys<'_>, open: &Open, new: &Value, edited: &str) -> Result<Step, Failure> {
        let info = &open.info;
        if self.mode == Mode::Object {
            for (field, what) in [("name", "name"), ("namespace", "namespace")] {
                if new["metadata"][field] != open.original["metadata"][field] {
                    let why = format!("At least one of apiVersion, kind and name was changed: {what}");
                    return self.reopen(sys, edited, &why);
                }
            }
        }
        let (patch, kind) = match self.mode {
            Mode::Object => two_way(&open.original, new)?,
            Mode::LastApplied => {
                let text = last_applied_text(new);
                let patch = Value::empty_map().with_at(&["metadata", "annotations", LAST_APPLIED], text);
                (patch, content::MERGE)
            }
        };
        if patch.is_empty() {
            sys.eprint("Edit cancelled, no changes made.\n");
            return Ok(self.close(sys));
        }
        if self.output_patch {
            sys.print(&format!("Patch: {}\n", json::to_string(&patch)));
        }
        let request = patch_request(&info.path(), kind, patch, common::DryRun::None, &self.manager)
            .query("fieldValidation", self.validator.mode);
        match self.client.call(sys, request) {
            Ok(object) => {
                self.output.print(sys, &object, "edited")?;
                Ok(self.close(sys))
            }
            Err(failure) => {
                let subject = format!("{} {}", info.resource.qualified(), quote::go(&info.name));
                let why = page::reasons(&subject, &failure);
                let line = match failure.reason() {
                    "Invalid" => format!("error: {subject} is invalid\n"),
                    _ => format!("error: {subject} could not be patched: {}\n", failure.text()),
                };
                sys.eprint(&line);
                self.reopen_told(sys, edited, &why)
            }
        }
    }
    /// Tells what is wrong and opens the editor again.
    fn reopen(&mut self, sys: &mut Sys<'_>, edited: &str, why: &str) -> Result<Step, Failure> {
        if let Some(open) = &self.current {
            let subject = format!("{} {}", open.info.resource.qualified(), quote::go(&open.info.name));
            sys.eprint(&format!("error: {subject} is invalid\n"));
        }
        self.reopen_told(sys, edited, why)
    }
    fn reopen_told(&mut self, sys: &mut Sys<'_>, edited: &str, why: &str) -> Result<Step, Failure> {
        if let Some(open) = &mut self.current {
            open.written = page::again(edited, why);
            open.refused = true;
        }
        self.launch(sys)
    }
    /// Done with this object.
    fn close(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(open) = self.current.take() {
            let _ = sys.unlink(&open.path);
        }
        Step::Again
    }
}

fn words_of(line: &str) -> usize {
    line.split_whitespace().count()
}

impl Behave for Edits {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let turn = if self.current.is_some() {
            match self.result(sys) {
                Ok(Ok(text)) => self.take(sys, &text),
                Ok(Err(step)) => return step,
                Err(failure) => Err(failure),
            }
        } else {
            match self.queue.pop_front() {
                Some(info) => self.open(sys, info),
                None => return Step::Exit(self.code),
            }
        };
        turn.unwrap_or_else(|failure| {
            sys.eprint(&format!("{}\n", failure.describe()));
            self.code = 1;
            self.current = None;
            Step::Again
        })
    }
}
