//! The list of cases known to fail.

use std::collections::BTreeSet;

fn path() -> String {
    super::path("kubectl-known-failures.txt")
}

/// Fails on a regression and on an unexpected pass.
#[allow(clippy::disallowed_methods)]
pub fn compare(area: &str, failed: &BTreeSet<String>) {
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    let all: BTreeSet<String> = text.lines().map(Into::into).collect();
    let mine = |line: &&String| line.starts_with(&format!("{area} | "));
    let known: BTreeSet<String> = all.iter().filter(mine).cloned().collect();
    let new: Vec<&String> = failed.difference(&known).collect();
    let fixed: Vec<&String> = known.difference(failed).collect();
    if std::env::var("UPDATE").is_ok() {
        let kept = all.iter().filter(|l| !mine(l)).chain(failed.iter());
        let lines: BTreeSet<&String> = kept.collect();
        let text: String = lines.into_iter().map(|l| format!("{l}\n")).collect();
        std::fs::write(path(), text).unwrap();
        return;
    }
    assert!(new.is_empty(), "{} newly failing:\n{}", new.len(), join(&new));
    assert!(
        fixed.is_empty(),
        "{} pass now; take them off the list (UPDATE=1):\n{}",
        fixed.len(),
        join(&fixed)
    );
}

fn join(lines: &[&String]) -> String {
    lines.iter().map(|l| format!("  {l}\n")).collect()
}
