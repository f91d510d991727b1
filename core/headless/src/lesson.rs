//! `drydock lesson`: list, lint, play and pack the lessons of a folder.

use drydock_lesson::{Course, Lesson, lint, pack, play};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    /// The course's folder.
    #[arg(long, global = true, default_value = "lessons")]
    dir: PathBuf,
    /// One JSON object per lesson.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Ids and titles.
    List,
    /// What is wrong with the files.
    Lint { ids: Vec<String> },
    /// Write the whole course as the one file that the page loads.
    Pack {
        /// Where to; standard output otherwise.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Play solutions, alternatives and near misses with several seeds.
    Test { ids: Vec<String> },
}

pub fn main(args: &Args) -> Result<ExitCode, String> {
    let course = pack::course(&args.dir)?;
    match &args.action {
        Action::List => {
            for lesson in &course.lessons {
                let title = |l: &str| lesson.text.get(l).map_or("", |t| &t.title);
                if args.json {
                    println!(
                        "{}",
                        serde_json::json!({"id": lesson.id, "version": lesson.version, "ko": title("ko"), "en": title("en")})
                    );
                } else {
                    println!("{:<20} {} / {}", lesson.id, title("en"), title("ko"));
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Action::Pack { out } => {
            let json = serde_json::to_string(&course).map_err(|e| e.to_string())?;
            match out {
                Some(path) => std::fs::write(path, json).map_err(|e| format!("{}: {e}", path.display()))?,
                None => println!("{json}"),
            }
            Ok(ExitCode::SUCCESS)
        }
        Action::Lint { ids } => judge(args, &chosen(&course, ids)?, lint::lint),
        Action::Test { ids } => judge(args, &chosen(&course, ids)?, |lesson| {
            let mut faults = lint::lint(lesson);
            for seed in play::SEEDS {
                faults.extend(play::test(lesson, seed).into_iter().map(|f| format!("seed {seed}: {f}")));
            }
            faults
        }),
    }
}

fn chosen<'a>(course: &'a Course, ids: &[String]) -> Result<Vec<&'a Lesson>, String> {
    if ids.is_empty() {
        return Ok(course.lessons.iter().collect());
    }
    ids.iter().map(|id| course.lesson(id).ok_or(format!("no lesson {id}"))).collect()
}

fn judge(
    args: &Args,
    lessons: &[&Lesson],
    check: impl Fn(&Lesson) -> Vec<String>,
) -> Result<ExitCode, String> {
    let mut failed = 0;
    for lesson in lessons {
        let faults = check(lesson);
        failed += usize::from(!faults.is_empty());
        if args.json {
            println!("{}", serde_json::json!({"id": lesson.id, "pass": faults.is_empty(), "faults": faults}));
        } else {
            println!("{} {}", if faults.is_empty() { "ok  " } else { "FAIL" }, lesson.id);
            faults.iter().for_each(|f| println!("       {f}"));
        }
    }
    println!("{} passed, {failed} failed", lessons.len() - failed);
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
