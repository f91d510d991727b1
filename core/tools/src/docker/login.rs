//! `docker login`: asks for name and password where they are not given, has the daemon try them, and
//! keeps them in the config file.
//!
//! Left out: the web based login of Docker Hub; the name is asked for at once.

use super::api::{Engine, post};
use super::settings::{Settings, auth_key};
use super::usage;
use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use drydock_container::fd::{Read, STDIN, STDOUT};
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys, Wait};
use drydock_machinery::{Value, hash, value};

pub const COMMAND: Command = Command {
    name: "login",
    usage: "[OPTIONS] [SERVER]",
    short: "Log in to a registry",
    flags: &[FLAGS],
    takes_stdin: |parsed| parsed.flags.bool("password-stdin"),
    run,
    ..Command::BASE
};

const FLAGS: &[Flag] = &[
    Flag::string("password", 'p', "", "Password, or a personal access token"),
    Flag::bool("password-stdin", '\0', false, "Read the password from STDIN"),
    Flag::string("username", 'u', "", "Name of the account"),
];

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::at_most(invocation, 1)?;
    let mut password = invocation.str("password").to_string();
    let from_stdin = invocation.bool("password-stdin");
    if from_stdin && invocation.changed("password") {
        return Err(Error::raw("conflicting options: cannot specify both --password and --password-stdin\n"));
    }
    if from_stdin && invocation.str("username").is_empty() {
        return Err(Error::raw("the --password-stdin option requires --username to be set\n"));
    }
    if !password.is_empty() {
        invocation.eprint("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n");
    }
    if from_stdin {
        let bytes = invocation.stdin.take().unwrap_or_default();
        password = String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_string();
    }
    let server = invocation.arg(0).unwrap_or("").to_string();
    let server = server.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/');
    let key = if server == "index.docker.io/v1" { auth_key("") } else { auth_key(server) };
    let engine = Engine::connect(invocation)?;
    let mut user = invocation.str("username").to_string();
    let stored = engine.settings.auth(if server.is_empty() { "docker.io" } else { server });
    if user.is_empty() && password.is_empty() && !stored.is_empty() {
        let arrow = if invocation.sys.is_tty(STDOUT) { "\u{2192}" } else { "->" };
        invocation.eprint(&format!(
            "Authenticating with existing credentials... [Username: {}]\n\n Info {arrow} To login with a different account, run 'docker logout' followed by 'docker login'\n\n\n",
            stored["username"].text()
        ));
        (user, password) = (stored["username"].text().into(), stored["password"].text().into());
    }
    if (user.is_empty() || password.is_empty()) && !invocation.sys.is_tty(STDIN) {
        return Err(Error::raw("Error: Cannot perform an interactive login from a non TTY device\n"));
    }
    let login = Login { engine, key, hub: server.is_empty(), user, password, asked: Asked::Nothing };
    Ok(Flow::Continue(Box::new(login)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asked {
    Nothing,
    User,
    Password,
}

#[derive(Clone, Hash)]
struct Login {
    engine: Engine,
    key: String,
    hub: bool,
    user: String,
    password: String,
    asked: Asked,
}

impl Login {
    fn ask(&mut self, sys: &mut Sys<'_>) -> Option<Step> {
        if self.user.is_empty() && self.asked == Asked::Nothing {
            if self.hub {
                sys.print("Log in with your Docker ID or email address to push and pull images from Docker Hub. If you don't have a Docker ID, head over to https://hub.docker.com/ to create one.\n");
            }
            sys.print("Username: ");
            self.asked = Asked::User;
        } else if self.password.is_empty() && self.asked != Asked::Password {
            sys.print("Password: ");
            self.asked = Asked::Password;
        } else if !self.user.is_empty() && !self.password.is_empty() {
            return None;
        }
        let line = match sys.read_line(STDIN) {
            Read::Data(line) => String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_string(),
            Read::Block => return Some(Step::wait(Wait::Readable(STDIN))),
            Read::End | Read::Failed(_) => String::new(),
        };
        match self.asked {
            Asked::User => {
                self.user = line.trim().into();
                if self.user.is_empty() {
                    sys.eprint("Error: Non-null Username Required\n");
                    return Some(Step::Exit(1));
                }
            }
            _ => {
                self.password = line;
                if self.password.is_empty() {
                    sys.eprint("Error: Password Required\n");
                    return Some(Step::Exit(1));
                }
            }
        }
        Some(Step::Again)
    }
    fn finish(&mut self, sys: &mut Sys<'_>) -> Result<(), Error> {
        let body = value!({
            "username": (self.user.as_str()), "password": (self.password.as_str()), "serveraddress": (self.key.as_str())
        });
        let answer = self.engine.call(sys, post("/auth", body.clone()))?.json();
        let status = answer["Status"].text();
        let settings: &mut Settings = &mut self.engine.settings;
        if settings.auth(&self.key) == body {
            sys.print(&if status.is_empty() { String::new() } else { format!("{status}\n") });
            return Ok(());
        }
        let entry = hash::base64_encode(format!("{}:{}", self.user, self.password).as_bytes());
        let auths = settings.config["auths"].with(self.key.as_str(), Value::empty_map().with("auth", entry));
        settings.config = settings.config.with("auths", auths);
        settings.save(sys)?;
        sys.eprint(&format!(
            "\nWARNING! Your credentials are stored unencrypted in '{}/config.json'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n",
            settings.folder
        ));
        if !status.is_empty() {
            sys.print(&format!("{status}\n"));
        }
        Ok(())
    }
}

impl Behave for Login {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        if let Some(step) = self.ask(sys) {
            return step;
        }
        match self.finish(sys) {
            Ok(()) => Step::Exit(0),
            Err(error) => {
                sys.eprint(&error.text);
                Step::Exit(error.code)
            }
        }
    }
}
