//! Starting other programs and finding the project's folders.
use anyhow::{Context, Result, bail};
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The repository's folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Where cargo puts what it builds.
pub fn target_dir() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The cargo that started us, in the repository's folder.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

fn shown(command: &Command) -> String {
    let mut text =
        Path::new(command.get_program()).file_name().unwrap_or_default().to_string_lossy().into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}

/// Runs `command` and fails when it does.
pub fn must(command: &mut Command) -> Result<()> {
    let text = shown(command);
    eprintln!("+ {text}");
    let status = command.status().with_context(|| format!("could not start {text}"))?;
    if !status.success() {
        bail!("`{text}` ended with {status}");
    }
    Ok(())
}

/// Runs `command`, passes its standard output through line by line and returns the lines that
/// `keep` wants, along with whether it succeeded.
pub fn tee(command: &mut Command, keep: impl Fn(&str) -> bool) -> Result<(bool, Vec<String>)> {
    let text = shown(command);
    eprintln!("+ {text}");
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("could not start {text}"))?;
    let mut kept = Vec::new();
    if let Some(out) = child.stdout.take() {
        let mut here = std::io::stdout().lock();
        for line in BufReader::new(out).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            writeln!(here, "{line}")?;
            if keep(&line) {
                kept.push(line.into_owned());
            }
        }
    }
    Ok((child.wait()?.success(), kept))
}

/// Whether `name` is a program in PATH.
pub fn in_path(name: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|dir| dir.join(name).is_file()))
}
