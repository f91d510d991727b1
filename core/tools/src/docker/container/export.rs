//! `docker export`: a container's whole filesystem as a tar archive.

use crate::cli::{Command, Error, Flag, Flow, Invocation, Outcome};
use crate::docker::api::Engine;
use crate::docker::usage;
use drydock_container::fd::STDOUT;
use drydock_network::http::Request;

pub const COMMAND: Command = Command {
    name: "export",
    usage: "[OPTIONS] CONTAINER",
    short: "Write a container's files as a tar archive",
    long: "docker container export, docker export",
    flags: &[&[Flag::string("output", 'o', "", "File to write to, instead of STDOUT")]],
    run,
    ..Command::BASE
};

fn run(invocation: &mut Invocation<'_, '_>) -> Outcome {
    usage::exactly(invocation, 1)?;
    let output = invocation.str("output").to_string();
    if output.is_empty() && invocation.sys.is_tty(STDOUT) {
        return Err(Error::raw("cowardly refusing to save to a terminal. Use the -o flag or redirect\n"));
    }
    check_output(invocation, &output, "failed to export container")?;
    let engine = Engine::connect(invocation)?;
    let name = invocation.arg(0).unwrap_or("").to_string();
    let archive = engine.call(invocation.sys, Request::get(format!("/containers/{name}/export")))?;
    write_to(invocation, &output, &archive.body.bytes())?;
    Ok(Flow::Done(0))
}

/// The folder of the file to write must be there.
///
/// # Errors
/// `failed to save image: invalid output path: stat /nodir: no such file or directory`.
pub fn check_output(invocation: &mut Invocation<'_, '_>, output: &str, what: &str) -> Result<(), Error> {
    let folder = output.rsplit_once('/').map_or("", |(folder, _)| folder);
    if folder.is_empty() || invocation.sys.stat(folder).is_ok() {
        return Ok(());
    }
    Err(Error::raw(format!("{what}: invalid output path: stat {folder}: no such file or directory\n")))
}

/// Writes to a file, or to stdout where none is named.
///
/// # Errors
/// As open(2), in Go's words.
pub fn write_to(invocation: &mut Invocation<'_, '_>, output: &str, bytes: &[u8]) -> Result<(), Error> {
    if output.is_empty() {
        invocation.sys.write(STDOUT, bytes);
        return Ok(());
    }
    invocation
        .sys
        .write_file(output, bytes, false)
        .map_err(|e| Error::raw(format!("open {output}: {}\n", e.text().to_lowercase())))
}
