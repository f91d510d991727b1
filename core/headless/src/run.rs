//! `drydock run`: each command of a script runs as typed in the learner's terminal, `--pace` of
//! simulated time after the one before. Waiting costs no time.

use drydock_sandbox::{CommandResult, Input, Sandbox};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Bytes one copied file may have; larger ones are named and left out.
const COPY_BYTES: u64 = 1024 * 1024;

#[derive(clap::Args)]
pub struct Args {
    /// The script, one command a line as typed; `-` or nothing for stdin.
    #[arg(default_value = "-")]
    file: String,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// One JSON object per command on stdout.
    #[arg(long)]
    json: bool,
    /// Simulated time between commands: 1s, 250ms, 2m.
    #[arg(long, default_value = "1s")]
    pace: String,
    /// A real folder that is copied into the learner's home first.
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,
}

pub fn main(args: &Args) -> Result<ExitCode, String> {
    let script = super::read_text(&args.file)?;
    let pace = drydock_machinery::time::parse_go_duration(&args.pace)
        .map_err(|e| format!("--pace {}: {e}", args.pace))?
        .max(0) as u64;
    let mut sandbox = Sandbox::new(args.seed);
    if let Some(dir) = &args.files {
        copy_folder(&mut sandbox, dir)?;
    }
    play(&mut sandbox, &script, pace, |n, result| {
        let mut out = std::io::stdout().lock();
        if args.json {
            writeln!(out, "{}", json_line(n, result))
        } else {
            let error = std::io::stderr().write_all(result.stderr.as_bytes());
            writeln!(out, "$ {}", result.command).and(out.write_all(result.stdout.as_bytes())).and(error)
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Plays a script's commands and reports each one that came to its end.
pub fn play(
    sandbox: &mut Sandbox,
    script: &str,
    pace: u64,
    mut report: impl FnMut(usize, &CommandResult) -> std::io::Result<()>,
) -> Result<(), String> {
    let mut n = 0;
    for line in script.lines() {
        if line.trim().is_empty() && !sandbox.is_continued() {
            continue;
        }
        if let Some(result) = sandbox.run_line(line) {
            n += 1;
            report(n, &result).map_err(|e| format!("stdout: {e}"))?;
        }
        // Also while a program reads what is typed: a person waits for its answer.
        sandbox.advance(pace, usize::MAX);
    }
    // What still reads its input at the end of the script sees the end of it.
    while let Some(result) = sandbox.finish_input() {
        n += 1;
        report(n, &result).map_err(|e| format!("stdout: {e}"))?;
    }
    Ok(())
}

fn json_line(n: usize, result: &CommandResult) -> String {
    serde_json::json!({
        "n": n,
        "cmd": result.command,
        "rc": result.status,
        "stdout": result.stdout,
        "stderr": result.stderr,
        "started_ms": result.started_ms,
        "t_ms": result.ended_ms,
    })
    .to_string()
}

/// Copies text files of a real folder into the learner's home, in name order.
pub fn copy_folder(sandbox: &mut Sandbox, dir: &Path) -> Result<(), String> {
    let mut todo = vec![dir.to_path_buf()];
    while let Some(at) = todo.pop() {
        let entries = std::fs::read_dir(&at).map_err(|e| format!("{}: {e}", at.display()))?;
        let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
        paths.sort();
        for path in paths {
            let kind = std::fs::symlink_metadata(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            if kind.is_dir() {
                todo.push(path);
            } else if kind.is_file() && kind.len() <= COPY_BYTES {
                let name = path.strip_prefix(dir).unwrap_or(&path).display().to_string();
                match std::fs::read_to_string(&path) {
                    Ok(text) => sandbox.apply(Input::File { path: format!("~/{name}"), text }),
                    Err(e) => eprintln!("drydock: {}: {e}; left out", path.display()),
                }
            } else {
                eprintln!("drydock: {}: not a small regular file; left out", path.display());
            }
        }
    }
    Ok(())
}
