//! Whatever lies in the sessions folder, the other sessions can be asked, and
//! nothing on disk changes.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use dbg_session::rusqlite::Connection;

use super::world::{AS_DBG_WRITES, World, golden};

/// The sessions folder with one file of each sad kind beside `demo`.
fn sad() -> World {
    let world = World::with_demo();
    let whole = fs::read(world.db("demo")).unwrap();
    fs::write(world.db("empty"), "").unwrap();
    fs::write(world.db("text"), "not a database, only text").unwrap();
    fs::write(world.db("cut"), &whole[..whole.len() / 2]).unwrap();
    let mut damaged = whole.clone();
    for byte in &mut damaged[100..4096] {
        *byte ^= 0x5a;
    }
    fs::write(world.db("damaged"), damaged).unwrap();
    fs::write(world.db("newer"), &whole).unwrap();
    Connection::open(world.db("newer"))
        .unwrap()
        .pragma_update(None, "user_version", 4)
        .unwrap();
    fs::write(world.db("two"), &whole).unwrap();
    let two = Connection::open(world.db("two")).unwrap();
    two.execute("INSERT INTO sessions SELECT 'x', kind, target, target_class, target_hash, started_at, ended_at, label, created_by FROM sessions", []).unwrap();
    drop(two);
    let foreign = Connection::open(world.db("foreign")).unwrap();
    foreign
        .execute_batch("CREATE TABLE recipes (name TEXT)")
        .unwrap();
    drop(foreign);
    fs::create_dir(world.db("folder")).unwrap();
    symlink("/nowhere", world.db("link")).unwrap();
    world
}

fn snapshot(folder: &Path) -> Vec<(String, Option<Vec<u8>>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.display().to_string(), fs::read(&path).ok())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn they_hide_nothing_and_stay_as_they_are() {
    let world = sad();
    let folder = world.proj().join(".dbg/sessions");
    let before = snapshot(&folder);
    let list = world.run(&["list"]);
    assert_eq!(list.code, 0);
    assert_eq!(list.out.lines().count(), 2, "{list:?}");
    assert!(list.out.contains("demo\tended"), "{list:?}");
    let prune = world.run(&["prune"]);
    assert_eq!(prune.code, 0, "{prune:?}");
    assert_eq!(world.run(&["status"]).code, 0);
    assert_eq!(world.run(&["hits"]).code, 0);
    for verb in ["list", "prune", "status", "hits"] {
        world.json(&[verb]);
    }
    assert_eq!(snapshot(&folder), before);
    golden("bad-files", &world.stable(&list.err));
    fs::remove_file(world.db("demo")).unwrap();
    for verb in ["list", "prune", "status"] {
        assert_eq!(world.run(&[verb]).code, 0, "{verb} with nothing else there");
    }
    assert_eq!(world.run(&["hits"]).code, 1);
}

#[test]
fn asked_by_name_each_says_what_it_is() {
    let world = sad();
    let mut page = String::new();
    for label in [
        "empty", "text", "cut", "damaged", "newer", "two", "foreign", "folder", "link",
    ] {
        for args in [vec!["hits", "--session", label], vec!["promote", label]] {
            let output = world.run(&args);
            assert_eq!((output.code, output.out.as_str()), (1, ""), "{args:?}");
            assert_eq!(output.err.lines().count(), 1, "{output:?}");
            page += &output.err;
        }
    }
    golden("bad-files-by-name", &world.stable(&page));
}

#[test]
fn a_file_of_dbg_answers_as_far_as_its_columns_go() {
    let world = World::with_demo();
    let conn = Connection::open(world.db("demo")).unwrap();
    conn.execute_batch(AS_DBG_WRITES).unwrap();
    drop(conn);
    let list = world.json(&["list"]);
    assert_eq!(list["sessions"][0]["state"], "unknown", "{list}");
    assert_eq!(list["sessions"][0]["hits"], 6);
    let hits = world.json(&["hits", "main"]);
    assert_eq!(hits["total"], 3);
    assert_eq!(hits["hits"][0]["values"]["n"]["value"], "3");
    let shown = world.json(&["show", "u.c:5", "1"]);
    assert_eq!(shown["stack"][0]["function"], "ns::boom");
    assert_eq!(world.json(&["hits", "--thread", "2"])["total"], 3);
    assert_eq!(world.run(&["status"]).code, 0);
    let note = world.run(&["note", "x"]);
    assert_eq!(note.code, 1);
    assert!(note.err.contains("written by another tool"), "{note:?}");
    assert_eq!(world.run(&["show"]).code, 0);
}
