//! Every lesson of the course: linted and played with several seeds, as `drydock lesson test` does.
// Tests may ask the machine's clock and environment.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]
#![cfg(not(target_arch = "wasm32"))]

use drydock_lesson::{lint, pack, play};
use std::path::Path;

#[test]
fn every_lesson_is_complete_and_can_be_played() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lessons");
    let course = pack::course(&dir).unwrap_or_else(|e| panic!("{e}"));
    assert!(!course.lessons.is_empty());
    let mut faults = Vec::new();
    for lesson in &course.lessons {
        let named = |f: String| format!("{}: {f}", lesson.id);
        faults.extend(lint::lint(lesson).into_iter().map(named));
        for seed in play::SEEDS {
            faults.extend(play::test(lesson, seed).into_iter().map(|f| named(format!("seed {seed}: {f}"))));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn folders_and_index_hold_together() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lessons");
    let course = pack::course(&dir).unwrap_or_else(|e| panic!("{e}"));
    for entry in std::fs::read_dir(&dir).unwrap().flatten().filter(|e| e.path().is_dir()) {
        let id = entry.file_name().to_string_lossy().into_owned();
        assert!(course.lesson(&id).is_some(), "lessons/{id} is not in index.yaml");
    }
}

#[test]
fn the_packed_course_reads_back() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lessons");
    let course = pack::course(&dir).unwrap_or_else(|e| panic!("{e}"));
    let packed = serde_json::to_string(&course).unwrap();
    assert_eq!(drydock_lesson::Course::from_json(&packed).unwrap(), course);
}
