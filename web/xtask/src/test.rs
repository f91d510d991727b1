//! `cargo xtask test`: a list of steps, each one or more test runners; every runner's closing line is
//! passed through and the steps are summed up at the end. A new kind of test is one more [`Step`].
use crate::build::{Profile, build};
use crate::install::{self, WASM};
use crate::run::{cargo, root, target_dir, tee};
use crate::serve;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

/// One part of the test run.
struct Step {
    /// What `cargo xtask test NAME` calls it.
    name: &'static str,
    /// Builds the command; what it needs is installed and started here.
    command: fn(Profile) -> Result<Command>,
}

const STEPS: &[Step] = &[
    Step { name: "native", command: native },
    Step { name: "wasm", command: wasm },
    Step { name: "browser", command: browser },
];

/// Everything that runs without a browser: the simulation, the tools, the lessons, this builder.
fn native(_: Profile) -> Result<Command> {
    let mut command = cargo();
    // The binary is compiled for the tests of its own package, before the first test runs.
    command
        .args(["test", "--workspace", "--no-fail-fast"])
        .env("HASHES", hashes())
        .env("DRYDOCK", target_dir().join("debug/drydock"));
    Ok(command)
}

/// Where the native determinism tests leave the hashes that the wasm ones are compared with.
fn hashes() -> std::path::PathBuf {
    root().join("target/native-hashes")
}

/// The determinism tests once more, as wasm in Chromium: the same log must give the same hash.
fn wasm(_: Profile) -> Result<Command> {
    install::wasm_target()?;
    install::chromium()?;
    let native = std::fs::read_to_string(hashes()).context("run the step \"native\" first")?;
    let mut command = cargo();
    command
        .env("NATIVE_HASHES", native)
        .args(["test", "--package", "drydock-tests", "--test", "determinism", "--target", WASM])
        .args(["--profile", "wasm-dev"])
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            format!("{} test-runner", std::env::current_exe()?.display()),
        )
        .env("CHROMEDRIVER", "chromedriver")
        .env("WASM_BINDGEN_USE_BROWSER", "1")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60")
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", root().join("tests/webdriver.json"));
    Ok(command)
}

/// The built page, driven through WebDriver. `DRYDOCK_URL` tells the tests where it is.
fn browser(profile: Profile) -> Result<Command> {
    install::chromium()?;
    let url = serve::background(build(profile)?)?;
    let mut command = Command::new(test_binary("browser")?);
    command.current_dir(root().join("tests")).env("DRYDOCK_URL", url);
    Ok(command)
}

/// The test binary of this name, compiled as the native step compiled it: asked for alone, it would have other
/// features and the whole core be compiled once more.
fn test_binary(name: &str) -> Result<PathBuf> {
    let mut build = cargo();
    build.args(["test", "--workspace", "--no-run", "--message-format=json"]).stderr(Stdio::inherit());
    let out = build.output().context("could not start cargo")?;
    if !out.status.success() {
        bail!("the tests do not compile");
    }
    let text = String::from_utf8_lossy(&out.stdout);
    let messages = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let is_it = |m: &serde_json::Value| {
        m.pointer("/target/name").is_some_and(|n| n == name)
            && m.pointer("/profile/test").is_some_and(|t| t == true)
    };
    let mut found = messages.filter(is_it);
    found
        .find_map(|m| m.get("executable")?.as_str().map(PathBuf::from))
        .with_context(|| format!("cargo names no test binary {name:?}"))
}

/// Runs all steps, or those named in `words`.
pub fn command(words: &[&str], release: bool) -> Result<()> {
    let wanted: Vec<&str> = words.iter().copied().filter(|w| !w.starts_with("--")).collect();
    if let Some(unknown) = wanted.iter().find(|w| STEPS.iter().all(|s| s.name != **w)) {
        let names: Vec<&str> = STEPS.iter().map(|s| s.name).collect();
        bail!("no test step {unknown:?}; there are: {}", names.join(", "));
    }
    let mut report = Vec::new();
    let mut all_passed = true;
    for step in STEPS.iter().filter(|s| wanted.is_empty() || wanted.contains(&s.name)) {
        let started = Instant::now();
        eprintln!("== {}", step.name);
        let (ok, lines) = match (step.command)(Profile::of(release)).and_then(|mut c| tee(&mut c, is_closing))
        {
            Ok(done) => done,
            Err(error) => {
                eprintln!("{error:#}");
                (false, Vec::new())
            }
        };
        let sum = Sum::of(&lines);
        // A step that ran nothing has shown nothing.
        let passed = ok && sum.failed == 0 && sum.passed > 0;
        all_passed &= passed;
        report.push(format!(
            "{:<8} {:<6} {} passed; {} failed; {} ignored; {} runners; {:.1?}",
            step.name,
            if passed { "ok" } else { "FAILED" },
            sum.passed,
            sum.failed,
            sum.ignored,
            lines.len(),
            started.elapsed()
        ));
    }
    println!("\n{}", report.join("\n"));
    if !all_passed {
        bail!("some tests failed");
    }
    println!("all tests passed");
    Ok(())
}

fn is_closing(line: &str) -> bool {
    line.starts_with("test result:")
}

/// Totals over runners' closing lines.
#[derive(Default, PartialEq, Debug)]
struct Sum {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Sum {
    /// From lines like `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    fn of(lines: &[String]) -> Sum {
        let mut sum = Sum::default();
        for line in lines {
            let words: Vec<&str> = line.split([' ', ';']).filter(|w| !w.is_empty()).collect();
            for pair in words.windows(2) {
                let [number, what] = pair else { continue };
                let number: u64 = number.parse().unwrap_or(0);
                match *what {
                    "passed" => sum.passed += number,
                    "failed" => sum.failed += number,
                    "ignored" => sum.ignored += number,
                    _ => {}
                }
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_summed() {
        let lines = [
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out",
        ];
        let lines: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
        assert_eq!(Sum::of(&lines), Sum { passed: 5, failed: 4, ignored: 1 });
    }
}
