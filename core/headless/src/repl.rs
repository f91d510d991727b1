//! `drydock repl`: a terminal of a fresh world on this terminal. Simulated time passes while a command
//! runs, and by `--pace` between commands.

use drydock_sandbox::{ChunkKind, Input, Sandbox};
use std::io::{BufRead, Write};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Simulated milliseconds that pass before each line is read.
    #[arg(long, default_value_t = 3_000)]
    pace: u64,
}

pub fn main(args: &Args) -> Result<ExitCode, String> {
    let mut sandbox = Sandbox::new(args.seed);
    let mut seen = 0;
    let stdin = std::io::stdin();
    loop {
        seen = show(&sandbox, seen).map_err(|e| format!("stdout: {e}"))?;
        let mut line = String::new();
        if stdin.lock().read_line(&mut line).map_err(|e| format!("stdin: {e}"))? == 0 {
            println!();
            return Ok(ExitCode::SUCCESS);
        }
        sandbox.advance(args.pace, usize::MAX);
        sandbox.apply(Input::Line { tty: 0, text: line.trim_end_matches(['\r', '\n']).to_string() });
        let limit = sandbox.now() + drydock_machinery::limits::COMMAND_MS;
        while sandbox.is_busy(0) && sandbox.now() < limit && !sandbox.wants_input(0) {
            sandbox.advance(50, usize::MAX);
            seen = show(&sandbox, seen).map_err(|e| format!("stdout: {e}"))?;
        }
    }
}

fn show(sandbox: &Sandbox, seen: u64) -> std::io::Result<u64> {
    let mut out = std::io::stdout().lock();
    for chunk in sandbox.transcript(0, seen) {
        // What was typed stands on this terminal already.
        if chunk.kind != ChunkKind::Echo {
            out.write_all(chunk.text.as_bytes())?;
        }
    }
    out.flush()?;
    Ok(sandbox.transcript_len(0))
}
