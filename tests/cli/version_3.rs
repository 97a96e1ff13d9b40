//! A file of the tool dbg, written by hand from the description of its format
//! (`tests/data/dbg-version-3.sql`), is asked every question: answered as far
//! as its columns go, and in one sentence where they do not.

use std::fs;

use dbg_session::rusqlite::Connection;

use super::words::assert_whole;
use super::world::{World, golden};

fn world() -> World {
    let world = World::new();
    let path = world.db("theirs");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    for (label, change) in [
        ("theirs", ""),
        (
            "other",
            "UPDATE sessions SET label = 'other', target_hash = '8:8';
             UPDATE breakpoint_hits SET locals_json = json_set(locals_json, '$.n.value', '-1') WHERE id = 4;",
        ),
    ] {
        let conn = Connection::open(world.db(label)).unwrap();
        conn.execute_batch(include_str!("../data/dbg-version-3.sql"))
            .unwrap();
        conn.execute_batch(change).unwrap();
    }
    world
}

const QUESTIONS: &[&[&str]] = &[
    &["status"],
    &["list"],
    &["hits"],
    &["hits", "t.c:10", "--fields", "n,p.x"],
    &["hits", "parse", "--where", "n > 4 and p.x == 3"],
    &["hits", "--where", "caller == main"],
    &["hits", "--group-by", "fn"],
    &["hits", "t.c:10", "--count-by", "n", "--top", "2"],
    &["show"],
    &["show", "t.c:10", "3"],
    &["hit-diff", "t.c:10", "2", "3"],
    &["hit-trend", "t.c:10", "n"],
    &["callers", "t.c:10"],
    &["layer", "list"],
    &["hotspots"],
    &["cross", "parse"],
    &["source", "parse"],
    &["disasm", "parse"],
    &["at-hit", "t.c:10", "2"],
    &["breakpoints", "list"],
    &["diff", "theirs", "other"],
    &["diff", "theirs", "theirs"],
    &["sql", "SELECT count(*) FROM breakpoint_hits"],
];

/// With `--session`, unless the verb takes none.
fn line<'a>(question: &[&'a str]) -> Vec<&'a str> {
    let takes_one = !matches!(question[0], "list" | "diff");
    let session = ["--session", "theirs"].into_iter().filter(|_| takes_one);
    question.iter().copied().chain(session).collect()
}

#[test]
fn every_question_is_listed() {
    // They ask nothing, or want a debugger that has a session.
    let others = [
        "new", "save", "promote", "prune", "recover", "note", "trace", "watch", "config", "setup",
        "doctor",
    ];
    assert_whole(QUESTIONS, &others);
}

#[test]
fn every_question_is_answered_or_declined_in_a_sentence() {
    let world = world();
    let mut page = String::new();
    for question in QUESTIONS {
        let args = line(question);
        let output = world.terminal(&args);
        let said = format!("{}{}", output.out, output.err);
        assert!(output.code < 2 && !said.is_empty(), "{args:?}: {output:?}");
        assert!(!said.contains("no such column"), "{args:?}: {said}");
        assert!(!said.contains("failed inside"), "{args:?}: {said}");
        page += &format!("$ dbg-session {}\n{said}\n", args.join(" "));
        world.json(&args);
    }
    golden("version-3", &without_sizes(&world.stable(&page)));
}

/// The size on disk is SQLite's business.
fn without_sizes(page: &str) -> String {
    let masked = page.lines().map(|line| match line.split_once(" kB") {
        Some((before, after)) => {
            let number = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
            format!("{number}N kB{after}")
        }
        None => line.to_owned(),
    });
    masked.collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn asking_changes_nothing() {
    let world = world();
    let before = fs::read(world.db("theirs")).unwrap();
    for question in QUESTIONS {
        world.run(&line(question));
    }
    assert!(
        before == fs::read(world.db("theirs")).unwrap(),
        "the file was changed"
    );
}

#[test]
fn two_files_of_dbg_part_where_they_do() {
    let diff = world().json(&["diff", "theirs", "other"]);
    assert_eq!(diff["parting"]["alike"], 3);
    assert_eq!(diff["parting"]["values"]["rows"][0]["field"], "n");
    assert_eq!(diff["parting"]["values"]["rows"][0]["before"], "9");
}

/// dbg keeps a JSON object; whatever else stands there costs a hit its function, and no question.
#[test]
fn a_stack_that_is_no_json_is_no_stack() {
    let world = world();
    let conn = Connection::open(world.db("theirs")).unwrap();
    conn.execute(
        "UPDATE breakpoint_hits SET stack_json = 'main' WHERE id = 1",
        [],
    )
    .unwrap();
    drop(conn);
    for question in QUESTIONS {
        let said = world.terminal(&line(question));
        assert!(!said.err.contains("malformed"), "{question:?}: {said:?}");
    }
    let cross = world.json(&["cross", "parse", "--session", "theirs"]);
    assert_eq!(cross["hits"]["count"], 4);
}
