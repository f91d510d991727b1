//! The list of cases known to fail, each with its reason after a `#`.

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
    let name = |line: &String| line.split(" # ").next().unwrap_or_default().to_string();
    let known: BTreeSet<String> = all.iter().filter(mine).map(name).collect();
    let bare: Vec<&String> = all.iter().filter(|l| !l.contains(" # ")).collect();
    let new: Vec<&String> = failed.difference(&known).collect();
    let fixed: Vec<&String> = known.difference(failed).collect();
    if std::env::var("UPDATE").is_ok() {
        // A known line keeps its reason; a new one has to be given one.
        let with_reason = |f: &String| all.iter().find(|l| name(l) == *f).unwrap_or(f).clone();
        let still: Vec<String> = failed.iter().map(with_reason).collect();
        let kept = all.iter().filter(|l| !mine(l)).chain(still.iter());
        let lines: BTreeSet<&String> = kept.collect();
        let text: String = lines.into_iter().map(|l| format!("{l}\n")).collect();
        std::fs::write(path(), text).unwrap();
        return;
    }
    assert!(bare.is_empty(), "without a reason after a #:\n{}", join(&bare));
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
