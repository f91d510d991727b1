//! `drydock`: the simulated world from a command line, for scripts, tests and real clients.
//!
//! The only crate of the core with files, sockets and a wall clock; everything it knows about the world
//! it learns through the sandbox.
// This crate is the shell around the simulation: it may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

mod apiserver;
mod bench;
mod bench_docker;
mod coverage;
mod lesson;
mod protobuf;
mod repl;
mod replay;
mod run;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// A simulated laptop, container engine and Kubernetes cluster.
#[derive(Parser)]
#[command(name = "drydock", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a script of terminal commands in a fresh world.
    Run(run::Args),
    /// Type commands into a fresh world.
    Repl(repl::Args),
    /// Run recorded kubectl cases, each in a world that holds exactly their objects.
    Replay(replay::Args),
    /// Serve the simulated API server over HTTP for real clients.
    Apiserver(apiserver::Args),
    /// List, lint or play lessons.
    Lesson(lesson::Args),
    /// Print measured figures.
    Bench(bench::Args),
    /// What is simulated, refused, or accepted and not simulated.
    Coverage(coverage::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(args) => run::main(&args),
        Command::Repl(args) => repl::main(&args),
        Command::Replay(args) => replay::main(&args),
        Command::Apiserver(args) => apiserver::main(&args),
        Command::Lesson(args) => lesson::main(&args),
        Command::Bench(args) => bench::main(&args),
        Command::Coverage(args) => coverage::main(&args),
    };
    match result {
        Ok(code) => code,
        Err(message) => {
            eprintln!("drydock: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Bytes of a file, or of stdin for `-`.
fn read_text(path: &str) -> Result<String, String> {
    if path == "-" {
        return std::io::read_to_string(std::io::stdin()).map_err(|e| format!("stdin: {e}"));
    }
    std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))
}
