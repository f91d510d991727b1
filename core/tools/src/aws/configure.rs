//! `aws configure`: asks for the keys and settings of a profile, or shows and sets single ones.

use super::Stop;
use super::arguments::Arguments;
use super::profile::{self, File};
use drydock_container::fd::{Read, STDIN};
use drydock_container::machine::Behave;
use drydock_container::{Step, Sys, Wait};

/// Settings and what they are asked for as.
const ASKED: &[(&str, &str)] = &[
    ("aws_access_key_id", "AWS Access Key ID"),
    ("aws_secret_access_key", "AWS Secret Access Key"),
    ("region", "Default region name"),
    ("output", "Default output format"),
];

/// Whether the command asks: `aws configure` without a subcommand.
#[must_use]
pub fn is_interactive(words: &[String]) -> bool {
    Arguments::parse(words).is_ok_and(|a| a.names == ["configure"] && !a.has("version"))
}

/// All but the last four characters hidden.
fn masked(value: &str) -> String {
    let shown: String = value.chars().skip(value.chars().count().saturating_sub(4)).collect();
    format!("{}{shown}", "*".repeat(16))
}

/// The questions, one after the other.
#[derive(Clone, Hash)]
pub struct Asking {
    profile: String,
    at: usize,
    asked: bool,
}

impl Asking {
    #[must_use]
    pub fn new(sys: &Sys<'_>, words: &[String]) -> Asking {
        let arguments = Arguments::parse(words).unwrap_or_default();
        Asking { profile: profile::name(sys, &arguments), at: 0, asked: false }
    }
}

impl Behave for Asking {
    fn step(&mut self, sys: &mut Sys<'_>) -> Step {
        let Some((setting, label)) = ASKED.get(self.at) else { return Step::Exit(0) };
        if !self.asked {
            let now = profile::get(sys, &self.profile, setting);
            let shown = match now {
                Some(value) if File::of(setting) == File::Credentials => masked(&value),
                Some(value) => value,
                None => "None".into(),
            };
            sys.print(&format!("{label} [{shown}]: "));
            self.asked = true;
        }
        let line = match sys.read_line(STDIN) {
            Read::Data(line) => String::from_utf8_lossy(&line).trim().to_string(),
            Read::Block => return Step::wait(Wait::Readable(STDIN)),
            Read::End | Read::Failed(_) => {
                sys.eprint("\nEOF when reading a line\n");
                return Step::Exit(255);
            }
        };
        if !line.is_empty()
            && let Err(stop) = profile::set(sys, &self.profile, setting, &line)
        {
            sys.eprint(&stop.text);
            return Step::Exit(stop.code);
        }
        self.at += 1;
        self.asked = false;
        Step::Again
    }
}

/// The subcommands.
///
/// # Errors
/// Wrong command lines, settings that are not there, files that cannot be written.
pub fn run(sys: &mut Sys<'_>, arguments: &Arguments, words: &[&str]) -> Result<String, Stop> {
    let profile = profile::name(sys, arguments);
    match words {
        ["list"] => list(sys, arguments, &profile),
        ["list-profiles"] => Ok(profile::all(sys).iter().map(|p| format!("{p}\n")).collect()),
        ["get", setting] => match profile::get(sys, &profile, setting) {
            Some(value) => Ok(format!("{value}\n")),
            None => Err(Stop::new(1, "")),
        },
        ["set", setting, value] => profile::set(sys, &profile, setting, value).map(|()| String::new()),
        ["get"] => Err(Stop::usage("the following arguments are required: varname")),
        ["set", ..] => Err(Stop::usage("the following arguments are required: varname, value")),
        [other, ..] => Err(Stop::usage(&format!("argument subcommand: Found invalid choice '{other}'"))),
        [] => Ok(String::new()),
    }
}

fn list(sys: &mut Sys<'_>, arguments: &Arguments, profile: &str) -> Result<String, Stop> {
    if arguments.has("profile") && !profile::all(sys).iter().any(|p| p == profile) {
        return Err(Stop::new(255, format!("\nThe config profile ({profile}) could not be found\n")));
    }
    let row = |name: &str, value: &str, kind: &str, place: &str| {
        format!("{name:>10} {value:>24} {kind:>16}    {place}\n")
    };
    let mut out = row("Name", "Value", "Type", "Location") + &row("----", "-----", "----", "--------");
    out += &match arguments.get("profile") {
        Some(name) => row("profile", name, "manual", "--profile"),
        None => row("profile", "<not set>", "None", "None"),
    };
    for (name, setting) in
        [("access_key", "aws_access_key_id"), ("secret_key", "aws_secret_access_key"), ("region", "region")]
    {
        out += &match profile::get(sys, profile, setting) {
            Some(value) if setting == "region" => row(name, &value, "config-file", "~/.aws/config"),
            Some(value) => row(name, &masked(&value), "shared-credentials-file", ""),
            None => row(name, "<not set>", "None", "None"),
        };
    }
    Ok(out)
}
