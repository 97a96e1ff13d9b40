//! `diff`.

use dbg_session::SessionDb;

use super::world::{NewHit, World, add_hit, golden};

/// A loop over four items; `odd` is what the third one's length is.
fn record(session: &SessionDb, odd: i64, base: u64, more: i64) {
    for seq in 1..=4 + more {
        let len = if seq == 3 { odd } else { seq * 10 };
        let at = base + u64::try_from(seq).unwrap() * 64;
        let values = format!(
            r#"{{"len":{{"type":"int","value":"{len}","arg":true}},"item":{{"type":"item *","value":"{at:#x}"}},"evil":{{"type":"char *","value":"\"\u001b[31m\u202e\""}}}}"#
        );
        let hit = |location, function, reason| NewHit {
            location,
            seq,
            second: u32::try_from(seq).unwrap(),
            function,
            thread: ("1", "demo"),
            reason,
            values: &values,
            stack: None,
        };
        add_hit(session, &hit("src/t.c:10", "parse", ("breakpoint", None)));
        if seq == 4 && odd < 0 {
            add_hit(
                session,
                &hit("src/t.c:12", "parse::fail", ("signal", Some("SIGSEGV"))),
            );
        }
    }
}

fn world() -> World {
    let world = World::new();
    for (label, odd, base, more) in [
        ("good", 30, 0x5555_5555_0000, 0),
        ("again", 30, 0x7fff_0000_0000, 0),
        ("bad", -1, 0x5555_aaaa_0000, 0),
        ("longer", 30, 0x5555_5555_0000, 2),
    ] {
        let session = world.session(label, "2026-11-23T10:00:00.000000Z");
        record(&session, odd, base, more);
        let mode = |row: &dbg_session::rusqlite::Row<'_>| row.get::<_, String>(0);
        session
            .conn()
            .pragma_update_and_check(None, "journal_mode", "DELETE", mode)
            .unwrap();
    }
    drop(world.session("empty", "2026-11-23T09:00:00.000000Z"));
    world
}

#[test]
fn two_runs_are_laid_side_by_side() {
    let world = world();
    let mut page = String::new();
    for args in [
        vec!["diff", "good", "again"],
        vec!["diff", "good", "bad"],
        vec!["diff", "good", "longer"],
        vec!["diff", "bad", "good", "--loc", "t.c:10", "--ignore", "len"],
        vec!["diff", "good", "empty"],
        vec!["diff", "good", "good"],
        vec!["diff", "empty", "empty"],
        vec!["diff", "good", "bad", "--loc", "t.c:12"],
    ] {
        let output = world.terminal(&args);
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{args:?}");
        page += &format!("$ dbg-session {}\n{}\n", args.join(" "), output.out);
    }
    for args in [
        vec!["diff", "good", "none"],
        vec!["diff", "good", "bad", "--loc", "nowhere"],
        vec!["diff"],
    ] {
        let output = world.run(&args);
        page += &format!("$ dbg-session {}\n{}\n", args.join(" "), output.err);
    }
    golden("diff", &world.stable(&page));
}

#[test]
fn the_second_session_is_the_newest_unless_named() {
    let world = world();
    let newest = world.session("newest", "2026-11-23T12:00:00.000000Z");
    record(&newest, 30, 0x5555_5555_0000, 0);
    drop(newest);
    assert_eq!(world.json(&["diff", "good"])["b"]["label"], "newest");
}

#[test]
fn json_has_the_whole_of_it() {
    let document = world().json(&["diff", "good", "bad"]);
    assert_eq!(document["same"], false);
    assert_eq!(document["parting"]["how"], "values");
    assert_eq!(document["parting"]["alike"], 2);
    let value = &document["parting"]["values"]["rows"][0];
    assert_eq!(
        (&value["before"], &value["a"], &value["b"]),
        (&"20".into(), &"30".into(), &"-1".into())
    );
    assert_eq!(document["locations"]["rows"][0]["location"], "src/t.c:12");
    assert_eq!(document["functions"]["only_b"]["rows"][0], "parse::fail");
    let field = &document["values"]["rows"][0];
    assert_eq!(
        (&field["field"], &field["b"]["min"]),
        (&"len".into(), &(-1).into())
    );
}
