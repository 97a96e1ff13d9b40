//! Sessions that earlier states of the format wrote (`tests/data/sessions`) are
//! asked every question.

use std::fs;
use std::path::{Path, PathBuf};

use super::world::World;

/// What is asked of every session; `LABEL` stands for its name.
const QUESTIONS: &[&[&str]] = &[
    &["status"],
    &["hits"],
    &["hits", "keep.cpp:17", "--fields", "part.weight,count"],
    &["hits", "--where", "count > 1 and part.name == 'lamp'"],
    &["hits", "--group-by", "part.weight"],
    &["hits", "--count-by", "caller", "--top", "3"],
    &["show", "keep.cpp:17", "1"],
    &["hit-diff", "keep.cpp:17", "1", "2"],
    &["hit-trend", "keep.cpp:17", "sum"],
    &["callers", "keep.cpp:17"],
    &["at-hit", "keep.cpp:17", "1"],
    &["source", "weigh"],
    &["cross", "pack"],
    &["layer", "list"],
    &["breakpoints", "list"],
    &["sql", "SELECT name, value, number FROM hit_values"],
    &["sql", "SELECT * FROM hit_frames"],
];

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sessions")
}

fn steps() -> Vec<PathBuf> {
    let entries = fs::read_dir(kept()).unwrap().map(|e| e.unwrap().path());
    let steps: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    assert!(!steps.is_empty());
    steps
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn world_of(step: &Path) -> World {
    let world = World::new();
    copy(step, world.db("any").parent().unwrap());
    world
}

#[test]
fn every_session_that_was_ever_written_answers_every_question() {
    for step in steps() {
        let world = world_of(&step);
        for label in ["whole", "lldb", "interrupted"] {
            for question in QUESTIONS {
                let args: Vec<&str> = [*question, &["--session", label]].concat();
                let answer = world.run(&args);
                assert_eq!(answer.code, 0, "{step:?} {args:?}: {answer:?}");
                assert!(!answer.out.is_empty(), "{step:?} {args:?}: {answer:?}");
            }
        }
        let parts = world.run(&["diff", "whole", "lldb"]);
        assert_eq!(parts.code, 0, "{step:?}: {parts:?}");
    }
}

#[test]
fn what_they_hold_is_what_was_recorded() {
    for step in steps() {
        let world = world_of(&step);
        for (label, weights) in [
            ("whole", &["12", "28", "4", "6"][..]),
            ("lldb", &["12", "28", "4"]),
            ("interrupted", &["12", "28"]),
        ] {
            let hits = world.json(&["hits", "keep.cpp:17", "--session", label]);
            let sums: Vec<&str> = hits["hits"]
                .as_array()
                .unwrap()
                .iter()
                .map(|hit| hit["values"]["sum"]["value"].as_str().unwrap())
                .collect();
            assert_eq!(sums, weights, "{step:?} {label}");
        }
        let states = world.run(&["list"]).out;
        for (label, state) in [
            ("whole", "ended"),
            ("lldb", "ended"),
            ("interrupted", "interrupted"),
        ] {
            let row = format!("{label}\t{state}\tuser\t");
            assert!(states.contains(&row), "{step:?}: {states}");
        }
        let profile = world.run(&["layer", "list", "--session", "whole"]).out;
        assert!(profile.contains("callgrind"), "{step:?}: {profile}");
        let notes = world.run(&["status", "--session", "whole"]).out;
        assert!(
            notes.contains("kept for those who come later"),
            "{step:?}: {notes}"
        );
    }
}
