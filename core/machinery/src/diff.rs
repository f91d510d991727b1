//! `diff -u -N` of two texts as GNU diff prints it, for `kubectl diff`, `helm diff` and lessons.
//!
//! Left out: diff's speed-up for huge files and its marks for binary ones.

use imara_diff::{Algorithm, Diff, Hunk, InternedInput};
use std::fmt::Write;

/// Lines shown around a change.
const CONTEXT: usize = 3;
/// Lines of both texts together from which on speed matters more than the smallest diff.
const LONG: usize = 20_000;

/// The unified diff, empty when both are equal. The headers are `--- old_name` and `+++ new_name`
/// as given: the caller adds the tab and the time.
#[must_use]
pub fn unified(old: &str, new: &str, old_name: &str, new_name: &str) -> String {
    if old == new {
        return String::new();
    }
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let hunks = changes(&old, &new);
    let mut out = format!("--- {old_name}\n+++ {new_name}\n");
    let mut rest = hunks.as_slice();
    while let Some(first) = rest.first() {
        // Changes whose context would touch are shown together.
        let mut count = 1;
        let mut end = first.before.end as usize;
        while let Some(next) = rest.get(count).filter(|next| next.before.start as usize - end <= 2 * CONTEXT)
        {
            end = next.before.end as usize;
            count += 1;
        }
        let (group, after) = rest.split_at(count);
        write_group(&mut out, group, &old, &new);
        rest = after;
    }
    out
}

fn changes(old: &[&str], new: &[&str]) -> Vec<Hunk> {
    let mut input = InternedInput::default();
    input.update_before(old.iter().copied());
    input.update_after(new.iter().copied());
    // Myers as in GNU diff; on very long texts the histogram, whose cost does not grow with the square.
    let algorithm = if old.len() + new.len() > LONG { Algorithm::Histogram } else { Algorithm::Myers };
    let mut diff = Diff::compute(algorithm, &input);
    diff.postprocess_no_heuristic(&input);
    diff.hunks().collect()
}

fn write_group(out: &mut String, group: &[Hunk], old: &[&str], new: &[&str]) {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
    let lead = CONTEXT.min(first.before.start as usize);
    let tail = CONTEXT.min(old.len() - last.before.end as usize);
    let (old_from, old_to) = (first.before.start as usize - lead, last.before.end as usize + tail);
    let (new_from, new_to) = (first.after.start as usize - lead, last.after.end as usize + tail);
    let _ = writeln!(out, "@@ -{} +{} @@", range(old_from, old_to), range(new_from, new_to));
    let mut at = old_from;
    for hunk in group {
        write_lines(out, ' ', old, at, hunk.before.start as usize);
        write_lines(out, '-', old, hunk.before.start as usize, hunk.before.end as usize);
        write_lines(out, '+', new, hunk.after.start as usize, hunk.after.end as usize);
        at = hunk.before.end as usize;
    }
    write_lines(out, ' ', old, at, old_to);
}

/// `12,5` from line 12 five lines, `12` for one, `11,0` for none behind line 11.
fn range(from: usize, to: usize) -> String {
    match to - from {
        0 => format!("{from},0"),
        1 => format!("{}", from + 1),
        count => format!("{},{count}", from + 1),
    }
}

fn write_lines(out: &mut String, mark: char, lines: &[&str], from: usize, to: usize) {
    for line in lines.get(from..to).unwrap_or(&[]) {
        out.push(mark);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_have_context_and_ranges() {
        let old: String = (1..=20).map(|n| format!("{n}\n")).collect();
        let new = old.replace("\n3\n", "\nthree\n").replace("18\n", "").replace("20\n", "20\n21");
        assert_eq!(
            unified(&old, &new, "a\tt", "b\tt"),
            "--- a\tt\n+++ b\tt\n@@ -1,6 +1,6 @@\n 1\n 2\n-3\n+three\n 4\n 5\n 6\n@@ -15,6 +15,6 @@\n 15\n 16\n 17\n-18\n 19\n 20\n\
             +21\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("", "a\n", "x", "y"), "--- x\n+++ y\n@@ -0,0 +1 @@\n+a\n");
        assert_eq!(unified("a\n", "", "x", "y"), "--- x\n+++ y\n@@ -1 +0,0 @@\n-a\n");
        assert_eq!(unified("a\n", "a\n", "x", "y"), "");
    }
}
