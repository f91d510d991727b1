//! The test every lesson must pass, headless: false before, the solution passes, alternatives pass, near
//! misses fail with a reason, undo and redo bring back the same worlds, and other seeds do not matter.

use crate::course::{Act, Lesson, Task};
use crate::player::{Player, perform};
use drydock_sandbox::Sandbox;

/// Simulated time a task's effects may take, in milliseconds.
const WITHIN_MS: u64 = 60_000;
/// Seeds each lesson is played with.
pub const SEEDS: [u64; 3] = [1, 7, 4242];

/// Plays a lesson with one seed and gives what was wrong.
#[must_use]
pub fn test(lesson: &Lesson, seed: u64) -> Vec<String> {
    let mut faults = Vec::new();
    let (mut player, mut sandbox) = Player::new(lesson, seed);
    let set_up = sandbox.hash();
    for (at, step) in lesson.steps.iter().enumerate() {
        if at > 0 {
            player.go(at, &sandbox);
        }
        let resolved = player.lesson().steps.get(at).cloned().unwrap_or_else(|| step.clone());
        for task in &resolved.tasks {
            check_task(&mut player, &mut sandbox, task, &mut faults);
        }
        for quiz in &resolved.quiz {
            sandbox
                .apply(drydock_sandbox::Input::Answer { quiz: quiz.id.clone(), option: quiz.answer.clone() });
        }
        if !player.can_advance(&sandbox) {
            faults.push(format!("{}: the step cannot be left after its solutions", step.id));
        }
    }
    if !player.is_finished() {
        faults.push("not finished after all solutions".into());
    }
    time_travel(sandbox, set_up, &mut faults);
    faults
}

fn check_task(player: &mut Player, sandbox: &mut Sandbox, task: &Task, faults: &mut Vec<String>) {
    let fault = |faults: &mut Vec<String>, text: String| faults.push(format!("{}: {text}", task.id));
    let before = player.check(task, sandbox.world());
    match (&before, &task.passes_before) {
        (Ok(()), None) => fault(faults, "is already true before anything was done".into()),
        (Err(_), Some(_)) => fault(faults, "claims to pass before, and does not".into()),
        _ => {}
    }
    let snapshot = sandbox.clone();
    for (n, acts) in task.must_not_pass.iter().enumerate() {
        let mut copy = snapshot.clone();
        perform(player.lesson(), acts, &mut copy);
        if passes(player, task, &mut copy) {
            fault(faults, format!("must_not_pass {} passes: {}", n + 1, show(acts)));
        }
    }
    for (n, acts) in task.also_passes.iter().enumerate() {
        let mut copy = snapshot.clone();
        perform(player.lesson(), acts, &mut copy);
        if !passes(player, task, &mut copy) {
            let reason = player.check(task, copy.world()).err().map(|r| r.sentence("en"));
            fault(faults, format!("also_passes {} does not pass: {} ({reason:?})", n + 1, show(acts)));
        }
    }
    let results = perform(player.lesson(), &task.solution, sandbox);
    for result in results.iter().filter(|r| r.status != 0 && !r.command.contains("|| true")) {
        fault(
            faults,
            format!("`{}` ended with {}: {}{}", result.command, result.status, result.stdout, result.stderr),
        );
    }
    if !passes(player, task, sandbox) {
        let reason = player.check(task, sandbox.world()).err().map(|r| r.sentence("en"));
        fault(faults, format!("the solution does not pass: {reason:?}"));
    }
    player.observe(sandbox);
}

/// Whether the task becomes true within its time.
fn passes(player: &Player, task: &Task, sandbox: &mut Sandbox) -> bool {
    let end = sandbox.now() + WITHIN_MS;
    loop {
        if player.check(task, sandbox.world()).is_ok() {
            return true;
        }
        if sandbox.now() >= end {
            return false;
        }
        sandbox.advance(1_000, usize::MAX);
    }
}

/// Undo everything and redo everything; replay from the log: equal worlds.
fn time_travel(mut sandbox: Sandbox, _set_up: u64, faults: &mut Vec<String>) {
    let end = sandbox.hash();
    let replayed = Sandbox::replay(sandbox.log());
    if replayed.hash() != end {
        faults.push("replaying the log gives another world".into());
    }
    let mut count = 0;
    while sandbox.undo() {
        count += 1;
    }
    while sandbox.redo() {
        count -= 1;
    }
    if count != 0 || sandbox.hash() != end {
        faults.push("undoing everything and redoing it gives another world".into());
    }
}

fn show(acts: &[Act]) -> String {
    serde_json::to_string(acts).unwrap_or_default()
}
