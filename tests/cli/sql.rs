//! `sql`: whatever the query tries, it reads.

use std::fs;

use super::world::World;

#[test]
fn queries_are_answered() {
    let world = World::with_demo();
    let output = world.run(&[
        "sql",
        "SELECT hit_seq, name, number FROM hit_values WHERE name = 'n' ORDER BY 1",
    ]);
    assert_eq!(
        output.out,
        "hit_seq\tname\tnumber\n1\tn\t1\n2\tn\t2\n3\tn\t3\n"
    );
    let document = world.json(&["sql", "SELECT 1 AS a, 'x' AS a, NULL, x'00ff', 1.5, 9e999"]);
    assert_eq!(document["columns"].as_array().unwrap().len(), 6);
    assert_eq!(
        document["rows"][0],
        serde_json::json!([1, "x", null, "x'00ff'", 1.5, "inf"])
    );
    for fine in [
        "PRAGMA table_info(breakpoint_hits)",
        "PRAGMA user_version",
        "EXPLAIN QUERY PLAN SELECT * FROM hit_frames",
        "VALUES (1), (2)",
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT * FROM n;",
        "SELECT * FROM json_each('[1]') -- with a remark",
        "SELECT name FROM pragma_table_list",
        "SELECT count(*) FROM sqlite_master",
        "SELECT function, level FROM hit_frames",
    ] {
        let output = world.run(&["sql", fine]);
        assert_eq!(output.code, 0, "{fine}: {output:?}");
    }
}

#[test]
fn what_is_left_out_is_said() {
    let world = World::with_demo();
    let all = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1500) SELECT * FROM n";
    let output = world.run(&["sql", all]);
    assert_eq!(output.out.lines().count(), 1001);
    assert_eq!(
        output.err,
        "there are more rows; `--limit N` shows more, `--limit 0` all\n"
    );
    assert_eq!(
        world.run(&["sql", "--limit", "0", all]).out.lines().count(),
        1501
    );
    assert_eq!(world.json(&["sql", all])["more"], true);
}

#[test]
fn whatever_is_tried_nothing_changes() {
    let world = World::with_demo();
    let before = fs::read(world.db("demo")).unwrap();
    let out = world.home().join("out.db");
    let into = format!("VACUUM INTO '{}'", out.display());
    let attach = format!("ATTACH '{}' AS other", out.display());
    for query in [
        "DELETE FROM sessions",
        "UPDATE sessions SET label = 'x' RETURNING id",
        "INSERT INTO notes (session_id, ts, text) VALUES ('a', 'b', 'c')",
        "DROP TABLE sessions",
        "CREATE TABLE x (y)",
        "CREATE TEMP TABLE x (y)",
        "CREATE VIRTUAL TABLE x USING fts5(y)",
        "ALTER TABLE sessions ADD COLUMN x",
        "VACUUM",
        &into,
        &attach,
        "ATTACH ':memory:' AS other",
        "DETACH main",
        "SELECT load_extension('/tmp/x.so')",
        "SELECT fts3_tokenizer('simple')",
        "SELECT writefile('/tmp/x', 'y')",
        "SELECT 1; DELETE FROM sessions",
        "PRAGMA user_version = 9",
        "PRAGMA application_id = 9",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA query_only = off",
        "PRAGMA writable_schema = on",
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA optimize",
        "PRAGMA database_list; SELECT 1",
        "BEGIN IMMEDIATE",
        "COMMIT",
        "SAVEPOINT x",
        "REINDEX",
        "ANALYZE",
        "",
        "-- nothing",
        "SELECT",
        "\u{0}",
    ] {
        if query.contains('\0') {
            continue; // No program can be given one.
        }
        let output = world.run(&["sql", "--", query]);
        assert_eq!(output.code, 1, "{query}: {output:?}");
        assert_eq!(
            (output.out.as_str(), output.err.lines().count()),
            ("", 1),
            "{query}: {output:?}"
        );
    }
    assert_eq!(fs::read(world.db("demo")).unwrap(), before);
    assert!(!out.exists());
}
