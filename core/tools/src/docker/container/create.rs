//! `docker create`, and the creation that `docker run` begins with: pull the image if it is missing,
//! create, print the warnings.

use crate::cli::{Command, Error, Flag, Flags, Flow, Invocation, Outcome};
use crate::docker::api::{Engine, Failure, Pending, post};
use crate::docker::image::pull;
use crate::docker::options::{CREATE, RUNNING, create_body};
use crate::docker::progress::Display;
use crate::docker::reference::Reference;
use crate::docker::usage;
use drydock_container::fd::STDERR;
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys, Wait};
use drydock_machinery::Value;

pub const COMMAND: Command = Command {
    name: "create",
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    short: "Make a container without starting it",
    long: "docker container create, docker create",
    flags: &[CREATE, RUNNING, NO_FLAGS],
    interspersed: false,
    run,
    ..Command::BASE
};
const NO_FLAGS: &[Flag] = &[];

/// A failure with the hint where to find help: `docker: …` and exit code 125.
#[must_use]
pub fn with_help(path: &str, text: &str, code: i32) -> Error {
    Error::raw(format!("docker: {text}\n\nRun '{path} --help' for more information\n")).with_code(code)
}

/// A container in the making.
#[derive(Clone, Debug, PartialEq, Hash)]
pub struct Creation {
    body: Value,
    name: String,
    platform: String,
    image: Option<Reference>,
    pull: String,
    quiet: bool,
    cidfile: String,
    stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Hash)]
enum Stage {
    Start,
    Pulling(Display),
    Creating(Pending, bool),
}

impl Creation {
    /// Reads the command line.
    ///
    /// # Errors
    /// What the client refuses itself; exit code 125, with the hint.
    pub fn new(sys: &mut Sys<'_>, path: &str, flags: &Flags, args: &[String]) -> Result<Creation, Error> {
        let refused = |text: String| with_help(path, &text, 125);
        let image = args.first().cloned().unwrap_or_default();
        let words = args.get(1..).unwrap_or(&[]);
        let body = create_body(sys, flags, &image, words).map_err(refused)?;
        let pull = flags.str("pull").to_string();
        if !["always", "missing", "never"].contains(&pull.as_str()) {
            return Err(refused(format!(
                "invalid pull option: '{pull}': must be one of \"always\", \"missing\" or \"never\""
            )));
        }
        let cidfile = flags.str("cidfile").to_string();
        if !cidfile.is_empty() && sys.stat(&cidfile).is_ok() {
            return Err(refused(format!(
                "container ID file found, make sure the other container isn't running or delete {cidfile}"
            )));
        }
        Ok(Creation {
            body,
            name: flags.str("name").into(),
            platform: flags.str("platform").into(),
            image: None,
            pull,
            quiet: flags.bool("quiet"),
            cidfile,
            stage: Stage::Start,
        })
    }
    fn request(&self, sys: &mut Sys<'_>, engine: &Engine, again: bool) -> Stage {
        let mut request = post("/containers/create", self.body.clone());
        if !self.name.is_empty() {
            request = request.query("name", self.name.as_str());
        }
        if !self.platform.is_empty() {
            request = request.query("platform", self.platform.as_str());
        }
        Stage::Creating(engine.begin(sys, request), again)
    }
    fn pulling(&self, sys: &mut Sys<'_>, engine: &Engine) -> Result<Stage, Failure> {
        let image = self.image.clone().ok_or_else(|| Failure::new("invalid reference format"))?;
        let messages = pull::request(sys, engine, &image, false, &self.platform)?;
        Ok(Stage::Pulling(Display::new(messages, (!self.quiet).then_some(STDERR))))
    }
    /// Goes on: the new container's document when it is there.
    ///
    /// # Errors
    /// The daemon's or the registry's refusal.
    pub fn poll(&mut self, sys: &mut Sys<'_>, engine: &Engine) -> Result<Result<Value, Wait>, Failure> {
        loop {
            match &mut self.stage {
                Stage::Start => {
                    let name = self.body["Image"].text().to_string();
                    // An id is no name; the daemon knows what to do with it.
                    if !(name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit())) {
                        self.image = Some(Reference::parse(&name).map_err(Failure::new)?);
                    }
                    self.stage = if self.pull == "always" && self.image.is_some() {
                        self.pulling(sys, engine)?
                    } else {
                        self.request(sys, engine, false)
                    };
                }
                Stage::Pulling(display) => match display.poll(sys)? {
                    Some(wait) => return Ok(Err(wait)),
                    None => self.stage = self.request(sys, engine, true),
                },
                Stage::Creating(pending, again) => {
                    let again = *again;
                    let result = match pending.poll(sys) {
                        Err(wait) => return Ok(Err(wait)),
                        Ok(result) => result,
                    };
                    match result {
                        Err(failure)
                            if failure.status == 404
                                && self.pull == "missing"
                                && !again
                                && self.image.is_some() =>
                        {
                            if !self.quiet {
                                let name =
                                    self.image.as_ref().map(Reference::familiar_tagged).unwrap_or_default();
                                sys.eprint(&format!("Unable to find image '{name}' locally\n"));
                            }
                            self.stage = self.pulling(sys, engine)?;
                        }
                        Err(failure) => return Err(failure),
                        Ok(reply) => return Ok(Ok(self.created(sys, reply.json()))),
                    }
                }
            }
        }
    }
    fn created(&self, sys: &mut Sys<'_>, created: Value) -> Value {
        for warning in created["Warnings"].items() {
            sys.eprint(&format!("WARNING: {}\n", warning.text()));
        }
        if !self.cidfile.is_empty()
            && sys.write_file(&self.cidfile, created["Id"].text().as_bytes(), false).is_err()
        {
            sys.eprint(&format!("failed to write the container ID to {}\n", self.cidfile));
        }
        created
    }
    /// What is created.
    #[must_use]
    pub fn body(&self) -> &Value {
        &self.body
    }
}

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_least(invocation, 1)?;
    let creation = Creation::new(invocation.sys, &invocation.path, &invocation.flags, &invocation.args)?;
    let engine = Engine::connect(invocation)?;
    Ok(Flow::Continue(Box::new(Creating { engine, creation })))
}

#[derive(Clone, Hash)]
struct Creating {
    engine: Engine,
    creation: Creation,
}

impl Behave for Creating {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        match self.creation.poll(sys, &self.engine) {
            Ok(Err(wait)) => Step::wait(wait),
            Ok(Ok(created)) => {
                sys.print(&format!("{}\n", created["Id"].text()));
                Step::Exit(0)
            }
            Err(failure) => {
                sys.eprint(&format!("{}\n", failure.text));
                Step::Exit(1)
            }
        }
    }
}
