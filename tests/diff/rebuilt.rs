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

#[test]
fn threads_are_paired_by_the_values_that_both_builds_have() {
    let worker = |from: i64| -> Vec<Step> { (from..from + 30).map(|n| step(3, n)).collect() };
    let mut program = Program {
        threads: vec![worker(0), worker(100), worker(200), worker(300)],
    };
    let around = Circumstances::default();
    let a = run("a", &program, &around);
    for step in program.threads.iter_mut().flatten() {
        step.values.push(("extra", Val::Int(1)));
        step.values.push(("node", Val::Node(1, 2, vec![3, 4])));
    }
    // The workers come in another order.
    let turned = Circumstances {
        numbers: vec![1, 4, 2, 3],
        turns: vec![0, 3, 2, 1],
        hash: "2:2",
        ..around
    };
    let b = run("b", &program, &turned);
    let diff = compared(&a, &b);
    assert!(diff.parting.is_none(), "{:#?}", diff.parting);
    assert!(diff.other_partings.is_empty());
    let extra = diff.values.rows.iter().find(|row| row.field == "extra");
    assert!(
        extra.is_some_and(|row| row.a.is_none()),
        "{:?}",
        diff.values
    );

    // What both have still counts.
    program.threads[2][7].values[0].1 = Val::Int(1000);
    let diff = compared(&a, &run("c", &program, &turned));
    let parting = diff.parting.unwrap();
    assert_eq!(parting.alike, 7);
    assert_eq!(parting.values.rows[0].field, "n");
    assert_eq!(parting.met.unwrap().alike, 22);
}

#[test]
fn a_value_that_one_run_could_never_read_does_not_hide_who_is_who() {
    let with = |from: i64, extra: fn(i64) -> Val| -> Vec<Step> {
        let steps = (from..from + 5).map(|n| {
            let mut step = step(3, n);
            step.values.push(("m", extra(n)));
            step
        });
        steps.collect()
    };
    let program = |extra| Program {
        threads: vec![with(0, extra), with(10, extra), with(20, extra)],
    };
    let around = Circumstances::default();
    let turned = Circumstances {
        turns: vec![0, 2, 1],
        ..Circumstances::default()
    };
    let a = run("a", &program(Val::Int), &around);
    let b = run("b", &program(|n| Val::Unread("optimized-out", n)), &turned);
    let diff = compared(&a, &b);
    assert!(diff.same, "{diff:#?}");
}

#[test]
fn an_element_that_one_never_has_is_a_difference() {
    let node = |items: Vec<i64>| Step {
        line: 3,
        values: vec![("p", Val::Node(1, 0, items))],
    };
    let a = built(vec![node(Vec::new())], None, "1:1");
    let mut longer = node(vec![5]);
    longer.values.push(("extra", Val::Int(1)));
    let b = built(vec![longer], None, "2:2");
    let parting = compared(&a, &b).parting.unwrap();
    assert_eq!(parting.values.rows[0].field, "p.items[0]");
}

/// As if the session had been recorded from another folder.
fn from_folder(session: &SessionDb, folder: &str, file: &str) {
    let conn = session.conn();
    let sql = "UPDATE breakpoint_hits SET location_key = replace(location_key, 't.c', ?)";
    conn.execute(sql, [file]).unwrap();
    let sql = "UPDATE source_snapshots SET file = ?";
    conn.execute(sql, [file]).unwrap();
    let sql = "UPDATE meta SET value = ? WHERE key = 'cwd'";
    assert_eq!(conn.execute(sql, [folder]).unwrap(), 1);
}

#[test]
fn the_folder_from_which_a_run_was_recorded_is_no_difference() {
    let steps = || vec![step(3, 1), step(4, 2), step(4, 3)];
    for (hash, source) in [("1:1", None), ("2:2", None), ("2:2", Some(OLD))] {
        for folder in ["/src/app", "/elsewhere"] {
            let a = built(steps(), source, "1:1");
            from_folder(&a, folder, "t.c");
            let b = built(steps(), source, hash);
            from_folder(&b, "/tmp", "/src/app/t.c");
            for diff in [compared(&a, &b), compared(&b, &a)] {
                assert!(diff.same, "{diff:#?}");
                assert_eq!(diff.equal_locations, 2);
                assert!(diff.moved.is_empty(), "{:?}", diff.moved);
            }
        }
    }
}

#[test]
fn a_file_of_the_same_name_in_another_folder_is_another_one() {
    let a = built(vec![step(3, 1)], None, "1:1");
    from_folder(&a, "/src/app", "x/t.c");
    let b = built(vec![step(3, 1)], None, "1:1");
    from_folder(&b, "/src/app", "y/t.c");
    assert_eq!(compared(&a, &b).locations.rows.len(), 2);
}
