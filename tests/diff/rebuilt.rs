//! Sessions of a target and of the same one built anew.

use dbg_session::SessionDb;
use dbg_session::query::diff::{Across, Diff, Options, diff};
use dbg_session::rusqlite::params;

use super::world::{Circumstances, Program, Step, Val, compared, run, step};

const OLD: &str = "int f(int n) {\n    int sum = 0;\n    for (int i = 0; i < n; i++)\n        sum += i;\n    return sum;\n}\n";
const NEW: &str = "// What it does.\nint f(int n) {\n    int sum = 0;\n    for (int i = 0; i < n; i++)\n        sum += 2 * i;\n\n    return sum;\n}\n";

fn built(steps: Vec<Step>, source: Option<&str>, hash: &'static str) -> SessionDb {
    let around = Circumstances {
        hash,
        ..Circumstances::default()
    };
    let session = run(hash, &Program::of(steps), &around);
    session
        .conn()
        .execute("UPDATE breakpoint_hits SET function = 'f'", [])
        .unwrap();
    if let Some(text) = source {
        session
            .conn()
            .execute(
                "INSERT INTO source_snapshots (session_id, file, line_start, line_end, text, collected_at)
                 VALUES (?, 't.c', 1, ?, ?, '2026-11-23T10:00:00.000000Z')",
                params![session.session_id(), text.lines().count(), text],
            )
            .unwrap();
    }
    session
}

fn moved(diff: &Diff) -> Vec<(&str, &str, Across)> {
    let rows = diff.moved.rows.iter();
    rows.map(|row| {
        let b = row.location_b.as_deref().unwrap();
        (row.location.as_str(), b, row.across.unwrap())
    })
    .collect()
}

#[test]
fn lines_are_matched_by_what_stands_there() {
    // The loop's head, its body, the return.
    let steps = |lines: [u32; 3]| {
        lines
            .into_iter()
            .zip(0..)
            .map(|(l, n)| step(l, n))
            .collect()
    };
    let a = built(steps([3, 4, 5]), Some(OLD), "1:1");
    let b = built(steps([4, 5, 7]), Some(NEW), "2:2");
    let diff = compared(&a, &b);
    assert!(diff.same, "{diff:#?}");
    let expected = [
        ("t.c:3", "t.c:4", Across::Moved),
        ("t.c:4", "t.c:5", Across::Edited),
        ("t.c:5", "t.c:7", Across::Moved),
    ];
    assert_eq!(moved(&diff), expected);
}

#[test]
fn the_same_number_is_not_the_same_line() {
    let a = built(vec![step(4, 1)], Some(OLD), "1:1");
    let b = built(vec![step(4, 1)], Some(NEW), "2:2");
    let diff = compared(&a, &b);
    assert_eq!(diff.locations.rows.len(), 2, "{:?}", diff.locations);
}

#[test]
fn without_source_the_keys_count_and_then_the_only_candidate() {
    let a = built(vec![step(3, 1), step(4, 1)], None, "1:1");
    let b = built(vec![step(3, 1), step(6, 1)], None, "2:2");
    let diff = compared(&a, &b);
    assert!(diff.same, "{diff:#?}");
    assert_eq!(moved(&diff), [("t.c:4", "t.c:6", Across::Edited)]);
}

#[test]
fn a_variable_that_only_one_build_has_is_told_and_parts_nothing() {
    let mut steps = vec![step(3, 1), step(3, 2)];
    let a = built(steps.clone(), Some(OLD), "1:1");
    for step in &mut steps {
        step.values.push(("extra", Val::Int(1)));
    }
    let b = built(steps, Some(OLD), "2:2");
    let diff = compared(&a, &b);
    assert!(diff.parting.is_none());
    assert_eq!(diff.values.rows[0].field, "extra");
    assert!(diff.values.rows[0].a.is_none());
}

#[test]
fn another_type_is_told_of_another_build() {
    let a = built(vec![step(3, 1)], Some(OLD), "1:1");
    let b = built(vec![step(3, 1)], Some(OLD), "2:2");
    b.conn()
        .execute(
            "UPDATE breakpoint_hits SET locals_json = replace(locals_json, '\"int\"', '\"long\"')",
            [],
        )
        .unwrap();
    let options = Options::default();
    let diff = diff(&a, &b, &options).unwrap();
    assert!(diff.parting.is_none());
    assert_eq!(diff.values.rows[0].b.as_ref().unwrap().types, ["long"]);
}
