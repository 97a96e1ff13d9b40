//! `hits --where`, `--group-by`, `--count-by`.

use super::world::{World, golden};

fn page(world: &World, all: &[&[&str]]) -> String {
    let mut page = String::new();
    for args in all {
        let output = world.terminal(args);
        page += &format!(
            "$ dbg-session {}\n{}{}",
            args.join(" "),
            output.out,
            output.err
        );
        if output.code != 0 {
            page += &format!("exit code {}\n", output.code);
        }
        page += "\n";
    }
    world.stable(&page)
}

#[test]
fn hits_that_pass() {
    let world = World::with_demo();
    let text = page(
        &world,
        &[
            &["hits", "--where", "n >= 2"],
            &["hits", "--where", "n >= 2", "--limit", "1"],
            &["hits", "t.c:10", "--where", "s == 'text 2' or n == 0x3"],
            &["hits", "--thread", "worker", "--where", "missing p.x"],
            &[
                "hits",
                "--where",
                "`len * 2` > 80",
                "--fields",
                "p.x,len * 2,caller,elapsed",
            ],
            &["hits", "--where", "len == 84"],
            &["hits", "--where", "caller == main and p.type == 1"],
            &["hits", "--where", "time >= 10:00:10 and reason ~ '^sig'"],
            &[
                "hits",
                "--where",
                "fn == boom and detail == SIGSEGV and evil contains '\\x1b[31m'",
            ],
            &["hits", "--where", "missing gone and exists p"],
        ],
    );
    golden("where", &text);
}

#[test]
fn values_are_counted() {
    let world = World::with_demo();
    let text = page(
        &world,
        &[
            &["hits", "--group-by", "thread"],
            &["hits", "t.c:10", "--group-by", "n"],
            &["hits", "t.c:10", "--group-by", "s", "--top", "2"],
            &["hits", "--count-by", "fn"],
            &["hits", "--count-by", "location", "--top", "1"],
            &["hits", "--count-by", "p.x", "--where", "n or p"],
            &["hits", "--count-by", "len * 2"],
            &["hits", "--group-by", "evil"],
            &["hits", "--group-by", "gone"],
            &["hits", "--group-by", "no.such"],
            &["hits", "--group-by", "n", "--where", "n > 99"],
        ],
    );
    golden("groups", &text);
}

#[test]
fn a_pipe_and_json_get_all_of_it() {
    let world = World::with_demo();
    let mut page = String::new();
    for args in [
        vec!["hits", "--group-by", "thread"],
        vec!["hits", "--count-by", "thread", "--top", "1"],
        vec!["hits", "--count-by", "n", "--json", "--top", "1"],
        vec!["hits", "t.c:10", "--group-by", "n", "--json", "--top", "1"],
        vec![
            "hits",
            "--where",
            "n == 2",
            "--fields",
            "n,caller,no",
            "--json",
        ],
    ] {
        let output = world.run(&args);
        assert_eq!(output.code, 0, "{output:?}");
        page += &format!("$ dbg-session {}\n{}", args.join(" "), output.out);
        if !output.err.is_empty() {
            page += &format!("on standard error: {}", output.err);
        }
        page += "\n";
    }
    golden("groups-piped", &world.stable(&page));
}

#[test]
fn what_cannot_be_asked_is_said() {
    let world = World::with_demo();
    let text = page(
        &world,
        &[
            &["hits", "--where", "n >"],
            &["hits", "--where", "n > 3 p"],
            &["hits", "--where", ""],
            &["hits", "--top", "3"],
            &["hits", "--group-by", "n", "--limit", "3"],
            &["hits", "--group-by", "n", "--count-by", "s"],
            &["hits", "--group-by", "n", "--top", "x"],
            &["hits", "nowhere", "--group-by", "n"],
        ],
    );
    golden("groups-errors", &text);
}

#[test]
fn the_total_counts_what_passes() {
    let world = World::with_demo();
    let found = world.json(&["hits", "--where", "n > 1", "--limit", "1"]);
    assert_eq!(found["total"], 2);
    assert_eq!(found["hits"][0]["id"], 3);
    assert_eq!(found["hits"].as_array().unwrap().len(), 1);
}

/// A file as dbg writes it: none of our columns, tables and views.
#[test]
fn a_file_of_dbg_is_asked_as_far_as_its_columns_go() {
    let world = World::with_demo();
    let session = dbg_session::SessionDb::open(&world.db("demo")).unwrap();
    session
        .conn()
        .execute_batch(
            "PRAGMA foreign_keys = OFF;
             DROP VIEW hit_values; DROP VIEW hit_frames;
             ALTER TABLE watch_evals DROP COLUMN value_json;
             ALTER TABLE breakpoint_hits DROP COLUMN function;
             ALTER TABLE breakpoint_hits DROP COLUMN thread_name;
             ALTER TABLE breakpoint_hits DROP COLUMN reason;
             ALTER TABLE breakpoint_hits DROP COLUMN detail;
             ALTER TABLE breakpoint_hits DROP COLUMN tid;
             ALTER TABLE breakpoint_hits DROP COLUMN pid;
             ALTER TABLE breakpoint_hits DROP COLUMN pc;
             ALTER TABLE breakpoint_hits DROP COLUMN breakpoint;
             ALTER TABLE breakpoint_hits DROP COLUMN breakpoints;
             ALTER TABLE breakpoint_hits DROP COLUMN error;
             ALTER TABLE breakpoint_hits DROP COLUMN stack_id;
             DROP TABLE stacks; DROP TABLE frames;",
        )
        .unwrap();
    drop(session);
    for (condition, expected) in [
        ("n > 1", 2),
        ("fn == boom", 1),
        ("thread == 2", 3),
        ("thread == worker", 0),
        ("`len * 2` == 84", 1),
        ("caller == main", 0),
        ("missing reason", 6),
        ("time > 10:00:05 and location == t.c:20", 2),
    ] {
        let found = world.json(&["hits", "--where", condition]);
        assert_eq!(found["total"], expected, "{condition}");
    }
    let counted = world.json(&["hits", "--count-by", "fn"]);
    assert_eq!(counted["groups"][0]["value"], "main");
    assert_eq!(counted["groups"][0]["hits"], 3);
    assert_eq!(world.json(&["hits", "--group-by", "caller"])["missing"], 6);
}
