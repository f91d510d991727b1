//! Plays recorded scenarios of a real control plane (`tests/goldens/real-*.jsonl`) through our kubectl
//! in a booted cluster, each in a namespace and world of its own, at the recorded moments.
//!
//! Compared are exit code and both outputs of every command, in the form `behaviour/normal.rs` gives
//! them; where v1.33 answers otherwise, with that answer (`behaviour/changed.rs`, `behaviour/amended.rs`).
//! What a command only looks at may be seen at another moment of the same phase: after the same change,
//! not before what was seen last, and at most [`PATIENCE`] seconds later than recorded. Known differences
//! stand in a list with class and reason (`behaviour/known.rs`); the test fails on a difference that does
//! not stand there, and on one that stands there and is none. `ONLY=rbac` plays one scenario,
//! `SHOW=<text>` prints the differences of commands that contain the text (`SHOW=` all), `UPDATE=1`
//! rewrites the list and keeps the reasons.

// A test may fail by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

#[path = "behaviour/amended.rs"]
mod amended;
#[path = "behaviour/cast.rs"]
mod cast;
#[path = "behaviour/changed.rs"]
mod changed;
#[path = "behaviour/columns.rs"]
mod columns;
#[path = "behaviour/data.rs"]
mod data;
#[path = "behaviour/known.rs"]
mod known;
#[path = "behaviour/normal.rs"]
mod normal;
#[path = "behaviour/record.rs"]
mod record;
#[path = "behaviour/stage.rs"]
mod stage;

use amended::Amendments;
use drydock_machinery::Value;
use known::{Class, Known};
use record::{Scenario, Step};
use stage::{Run, Stage};
use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Seconds by which a state may be seen later than in the recording.
const PATIENCE: f64 = 5.0;
/// Moments looked at for one command.
const MOMENTS: usize = 300;

/// How a scenario went.
struct Played {
    name: String,
    compared: usize,
    /// Equal at another moment than the recorded one.
    elsewhen: usize,
    /// `scenario | n | command`, one for each that differs.
    failed: Vec<String>,
    report: String,
}

#[allow(clippy::disallowed_methods)]
fn wanted(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}

/// What of a run is not as recorded, or as v1.33 has it; empty if nothing.
fn differences(scenario: &str, step: &Step, run: &Run, amendment: Option<&Value>) -> String {
    let mut out = String::new();
    let amendment = amendment.unwrap_or(&Value::Null);
    let rc = amendment["rc"].as_int().map_or(step.rc, |rc| rc as i32);
    if rc != run.rc {
        let _ = writeln!(out, "  rc: want {rc}, got {}", run.rc);
    }
    let ours = columns::without_new_columns(&run.stdout, &step.stdout);
    let stdout = |text: &str, recorded| normal::stdout(&step.argv, scenario, text, recorded);
    let mut out_pair = (stdout(&step.stdout, true), stdout(&ours, false));
    let mut err_pair = (normal::stderr(&step.stderr, true), normal::stderr(&run.stderr, false));
    if columns::is_partial(&step.argv, scenario) && step.rc == run.rc {
        out_pair = columns::common_rows(&out_pair.0, &out_pair.1);
        let nothing = |text: &str| text.starts_with("No resources found");
        if nothing(&err_pair.0) || nothing(&err_pair.1) {
            err_pair = Default::default();
        }
    }
    if let Some(text) = amendment["stdout"].as_str() {
        out_pair = (stdout(text, false), stdout(&run.stdout, false));
    }
    if let Some(text) = amendment["stderr"].as_str() {
        err_pair.0 = normal::stderr(text, false);
    }
    for (pair, change) in [(&mut out_pair, &amendment["stdout"]), (&mut err_pair, &amendment["stderr"])] {
        if change["-"].is_null() && change["+"].is_null() {
            continue;
        }
        match amended::amend(&pair.0, change) {
            Some(want) => *pair = (want, amended::unordered(&pair.1)),
            None => _ = writeln!(out, "  a line the amendment takes away is not there"),
        }
    }
    for (what, want, got) in [("stdout", out_pair.0, out_pair.1), ("stderr", err_pair.0, err_pair.1)] {
        // One more or less empty line at the end is the recorder's doing.
        if want.trim_end() != got.trim_end() {
            let _ = writeln!(out, "  {what}");
            out += &listed(&want, &got);
        }
    }
    out
}

/// The lines only one of two texts has.
fn listed(want: &str, got: &str) -> String {
    let mut out = String::new();
    let (a, b): (Vec<&str>, Vec<&str>) = (want.lines().collect(), got.lines().collect());
    for line in a.iter().filter(|l| !b.contains(l)) {
        let _ = writeln!(out, "    want {line}");
    }
    for line in b.iter().filter(|l| !a.contains(l)) {
        let _ = writeln!(out, "    got  {line}");
    }
    if out.is_empty() {
        out += "    the same lines in another order or number\n";
    }
    out
}

/// Looks again from `from` on, whenever something is written, until the answer is the recorded one: gives
/// the world of that moment.
fn elsewhen(scenario: &str, step: &Step, from: &Stage, amendment: Option<&Value>) -> Option<Stage> {
    let mut moment = from.clone();
    for _ in 0..MOMENTS {
        let run = moment.clone().run(&step.argv, &step.files, &step.stdin);
        if differences(scenario, step, &run, amendment).is_empty() {
            return Some(moment);
        }
        if !moment.until_written(step.at + PATIENCE) {
            return None;
        }
    }
    None
}

/// Scenarios in which it matters where pods are put by chance, and a seed with which it falls as it did in
/// the recording. When it does so no longer, [`SEEDS`] more are tried.
const CHANCE: &[(&str, u64)] = &[("pod-update", 4), ("sched-resources", 4)];
const SEEDS: u64 = 10;

fn play(scenario: &Scenario, known: &Known, amendments: &Amendments) -> Played {
    let chance = CHANCE.iter().find(|c| c.0 == scenario.name);
    let first = chance.map_or(7, |c| c.1);
    let played = play_once(scenario, first, known, amendments, true);
    if chance.is_none() || played.failed.iter().all(|f| known.contains(f)) {
        return played;
    }
    let failures = |seed: &u64| play_once(scenario, *seed, known, amendments, false).failed.len();
    let best = (1..=SEEDS).min_by_key(failures).unwrap_or(first);
    println!("{}: chance fell well with seed {best}", scenario.name);
    let other = play_once(scenario, best, known, amendments, true);
    if other.failed.len() < played.failed.len() { other } else { played }
}

/// Plays a scenario; `patient` if what is seen may be seen at another moment.
fn play_once(
    scenario: &Scenario,
    seed: u64,
    known: &Known,
    amendments: &Amendments,
    patient: bool,
) -> Played {
    let mut stage = Stage::new(&scenario.name, &scenario.text(), seed);
    let mut played = Played {
        name: scenario.name.clone(),
        compared: 0,
        elsewhen: 0,
        failed: Vec::new(),
        report: String::new(),
    };
    let show = wanted("SHOW");
    // The world after the last change, or when a look was last answered as recorded.
    let mut from = stage.clone();
    for step in scenario.steps.iter().filter(|s| !s.argv.is_empty()) {
        stage.until(step.at);
        let run = stage.run(&step.argv, &step.files, &step.stdin);
        let amendment = amendments.of(&scenario.name, step.n);
        let found = match step.skip {
            Some(_) => String::new(),
            None => differences(&scenario.name, step, &run, amendment),
        };
        let name = format!("{} | {} | {}", scenario.name, step.n, step.argv.join(" ").replace('\n', " "));
        let look = step.is_look();
        // What is known to differ is not looked for at other moments: that takes long.
        let settled = known.class(&name).is_some();
        if look && patient && !settled && !found.is_empty() {
            if let Some(moment) = elsewhen(&scenario.name, step, &from, amendment) {
                (played.compared, played.elsewhen) = (played.compared + 1, played.elsewhen + 1);
                from = moment;
                continue;
            }
        } else if !look {
            from = stage.clone();
        }
        if step.skip.is_some() {
            continue;
        }
        played.compared += 1;
        if found.is_empty() {
            continue;
        }
        if show.as_ref().is_some_and(|s| name.contains(s.as_str())) {
            let _ = writeln!(played.report, "=== {name}");
            if step.argv.iter().any(|a| a.ends_with(".yaml")) {
                for text in step.files.iter().filter(|f| step.argv.contains(f.0)).map(|f| f.1) {
                    let _ = writeln!(played.report, "{text}");
                }
            }
            played.report += &found;
        }
        played.failed.push(name);
    }
    played
}

/// Plays the scenarios on as many threads as there are processors.
#[allow(clippy::disallowed_methods)]
fn play_all(scenarios: &[Scenario], known: &Known) -> Vec<Played> {
    let amendments = Amendments::read();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let played = play(scenario, known, &amendments);
                    done.lock().unwrap().push(played);
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by(|a: &Played, b| a.name.cmp(&b.name));
    done
}

/// One line of the report.
fn report(name: &str, equal: usize, all: usize, elsewhen: usize, controller: usize) {
    let percent = |a: usize, b: usize| 100.0 * a as f64 / b.max(1) as f64;
    println!(
        "{name:22} {equal:4}/{all:<4} {:5.1} %  {elsewhen:3} at another moment; of those that need no missing \
         controller: {equal:4}/{:<4} {:5.1} %",
        percent(equal, all),
        all - controller,
        percent(equal, all - controller),
    );
}

#[test]
fn recorded_scenarios_happen_again() {
    let only = wanted("ONLY");
    let chosen = |s: &Scenario| only.as_ref().is_none_or(|o| o.split(',').any(|name| name == s.name));
    let scenarios: Vec<Scenario> = record::scenarios().into_iter().filter(chosen).collect();
    assert!(!scenarios.is_empty(), "no such scenario");
    let known = Known::read();
    let played = play_all(&scenarios, &known);
    for p in &played {
        print!("{}", p.report);
    }
    let missing = |p: &Played| p.failed.iter().filter(|f| known.class(f) == Some(Class::Controller)).count();
    let sum = |part: &dyn Fn(&Played) -> usize| played.iter().map(part).sum::<usize>();
    for p in &played {
        report(&p.name, p.compared - p.failed.len(), p.compared, p.elsewhen, missing(p));
    }
    let (all, failures) = (sum(&|p| p.compared), sum(&|p| p.failed.len()));
    report("all", all - failures, all, sum(&|p| p.elsewhen), sum(&missing));
    for (word, class) in Class::ALL {
        let of = |p: &Played| p.failed.iter().filter(|f| known.class(f) == Some(*class)).count();
        println!("differences, {word}: {}", sum(&of));
    }
    let failed: Vec<&str> = played.iter().flat_map(|p| p.failed.iter().map(String::as_str)).collect();
    let is_played = |name: &str| played.iter().any(|p| p.name == name);
    if wanted("UPDATE").is_some() {
        known.rewrite(&failed, is_played);
        return;
    }
    let new: Vec<&&str> = failed.iter().filter(|f| !known.contains(f)).collect();
    assert!(new.is_empty(), "{} newly differ (SHOW=<text> shows how):\n{new:#?}", new.len());
    let mine = |name: &&str| is_played(known::scenario(name));
    // What depends on the moment may turn out well by chance.
    let steady = |name: &&str| known.class(name) != Some(Class::Timing);
    let fixed: Vec<&str> =
        known.names().filter(mine).filter(steady).filter(|k| !failed.contains(k)).collect();
    assert!(
        fixed.is_empty(),
        "{} are equal now; take them off the list (UPDATE=1):\n{fixed:#?}",
        fixed.len()
    );
    let bare: Vec<&str> = known.names().filter(mine).filter(|k| known.class(k).is_none()).collect();
    assert!(bare.is_empty(), "{} without `# class: reason`:\n{bare:#?}", bare.len());
}

/// An amendment is about a command that is there, and says why.
#[test]
fn amendments_belong_to_recorded_commands() {
    let scenarios = record::scenarios();
    for ((name, n), amendment) in Amendments::read().all() {
        let step =
            scenarios.iter().find(|s| s.name == *name).and_then(|s| s.steps.iter().find(|t| t.n == *n));
        assert!(step.is_some_and(|s| s.skip.is_none()), "{name} {n} is not compared");
        assert!(!amendment["why"].text().is_empty(), "{name} {n}: why?");
    }
}
