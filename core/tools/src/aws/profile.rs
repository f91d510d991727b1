//! Named profiles: `~/.aws/credentials` and `~/.aws/config`, and what the environment says instead.

use super::Stop;
use super::arguments::Arguments;
use drydock_container::Sys;

/// What a command is run as.
pub struct Profile {
    pub key: String,
    pub region: String,
    pub output: String,
}

/// One of the two files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum File {
    Credentials,
    Config,
}

impl File {
    /// Where a setting of this name is kept.
    #[must_use]
    pub fn of(setting: &str) -> File {
        match setting {
            "aws_access_key_id" | "aws_secret_access_key" | "aws_session_token" => File::Credentials,
            _ => File::Config,
        }
    }
    #[must_use]
    pub fn path(self, sys: &Sys<'_>) -> String {
        let name = if self == File::Credentials { "credentials" } else { "config" };
        format!("{}/{name}", folder(sys))
    }
    fn heading(self, profile: &str) -> String {
        match self {
            File::Config if profile != "default" => format!("[profile {profile}]"),
            _ => format!("[{profile}]"),
        }
    }
}

fn folder(sys: &Sys<'_>) -> String {
    let home = sys.env("HOME").map_or_else(|| "/root".to_string(), |h| h.to_string());
    format!("{home}/.aws")
}

fn text(sys: &mut Sys<'_>, file: File) -> String {
    let path = file.path(sys);
    sys.read_file(&path).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default()
}

/// The name of the profile in use.
#[must_use]
pub fn name(sys: &Sys<'_>, arguments: &Arguments) -> String {
    let given = arguments.get("profile").map(str::to_string);
    given.or_else(|| sys.env("AWS_PROFILE").map(|p| p.to_string())).unwrap_or_else(|| "default".into())
}

/// A setting of a profile.
#[must_use]
pub fn get(sys: &mut Sys<'_>, profile: &str, setting: &str) -> Option<String> {
    let file = File::of(setting);
    let (text, heading) = (text(sys, file), file.heading(profile));
    let section = text.lines().map(str::trim).skip_while(|l| *l != heading).skip(1);
    let mut lines = section.take_while(|l| !l.starts_with('['));
    lines.find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == setting).then(|| value.trim().to_string())
    })
}

/// Writes a setting of a profile, in the place where it stands or at its section's end.
///
/// # Errors
/// Files that cannot be written.
pub fn set(sys: &mut Sys<'_>, profile: &str, setting: &str, value: &str) -> Result<(), Stop> {
    let file = File::of(setting);
    let heading = file.heading(profile);
    let text = text(sys, file);
    let mut lines: Vec<String> = text.lines().map(str::to_string).collect();
    let entry = format!("{setting} = {value}");
    match lines.iter().position(|l| l.trim() == heading) {
        None => lines.extend([heading, entry]),
        Some(start) => {
            let section = |l: &&String| !l.trim_start().starts_with('[');
            let end = start + 1 + lines.iter().skip(start + 1).take_while(section).count();
            let is_it = |l: &String| l.split_once('=').is_some_and(|(k, _)| k.trim() == setting);
            let place = lines.iter().take(end).skip(start + 1).position(is_it).map(|p| p + start + 1);
            match place.and_then(|at| lines.get_mut(at)) {
                Some(line) => *line = entry,
                None => lines.insert(end, entry),
            }
        }
    }
    let (folder, path) = (folder(sys), file.path(sys));
    let failed = |e: drydock_container::Errno| Stop::new(255, format!("\n{}: '{path}'\n", e.text()));
    if sys.stat(&folder).is_err() {
        sys.mkdir(&folder, 0o755).map_err(failed)?;
    }
    sys.write_file(&path, format!("{}\n", lines.join("\n")).as_bytes(), false).map_err(failed)?;
    sys.chmod(&path, 0o600).map_err(failed)
}

/// Names of all profiles, as they stand in the files.
#[must_use]
pub fn all(sys: &mut Sys<'_>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for file in [File::Credentials, File::Config] {
        for line in text(sys, file).lines() {
            let Some(name) = line.trim().strip_prefix('[').and_then(|l| l.strip_suffix(']')) else {
                continue;
            };
            let name = name.strip_prefix("profile ").unwrap_or(name).trim().to_string();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// What a command is run as.
///
/// # Errors
/// A profile that is not there, no keys, no region.
pub fn load(sys: &mut Sys<'_>, arguments: &Arguments) -> Result<Profile, Stop> {
    let profile = name(sys, arguments);
    let chosen = arguments.has("profile") || sys.env("AWS_PROFILE").is_some();
    if chosen && !all(sys).contains(&profile) {
        return Err(Stop::new(255, format!("\nThe config profile ({profile}) could not be found\n")));
    }
    let mut from = |variable: &str, setting: &str| {
        let set = sys.env(variable).filter(|v| !v.is_empty()).map(|v| v.to_string());
        set.or_else(|| get(sys, &profile, setting))
    };
    let key = from("AWS_ACCESS_KEY_ID", "aws_access_key_id");
    let secret = from("AWS_SECRET_ACCESS_KEY", "aws_secret_access_key");
    let region = arguments.get("region").map(str::to_string).or_else(|| from("AWS_REGION", "region"));
    let region = region.or_else(|| from("AWS_DEFAULT_REGION", "region"));
    let output = arguments.get("output").map(str::to_string).or_else(|| from("AWS_DEFAULT_OUTPUT", "output"));
    let Some(region) = region.filter(|r| !r.is_empty()) else {
        return Err(Stop::new(
            253,
            "\nYou must specify a region. You can also configure your region by running \"aws configure\".\n",
        ));
    };
    let (Some(key), Some(_)) = (key, secret) else {
        return Err(Stop::new(
            253,
            "\nUnable to locate credentials. You can configure credentials by running \"aws configure\".\n",
        ));
    };
    Ok(Profile { key, region, output: output.unwrap_or_else(|| "json".into()) })
}
