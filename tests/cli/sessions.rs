//! `new`, `save`, `promote`, `prune`, `list`, `status`, and which session is meant.

use std::fs;
use std::process::Command;
use std::time::{Duration, SystemTime};

use dbg_session::SessionDb;

use super::world::World;

fn age(world: &World, label: &str, days: u64) {
    let then = SystemTime::now() - Duration::from_secs(days * 86_400);
    fs::File::options()
        .write(true)
        .open(world.db(label))
        .unwrap()
        .set_modified(then)
        .unwrap();
}

#[test]
fn the_newest_session_is_asked_from_any_folder_below() {
    let world = World::with_demo();
    world
        .session("newer", "2026-11-23T12:00:00.000000Z")
        .end()
        .unwrap();
    let below = world.proj().join("src/deep");
    fs::create_dir_all(&below).unwrap();
    let output = world.run_in(&below, &["hits", "--json"]);
    assert!(output.out.contains("\"session\":\"newer\""), "{output:?}");
    let output = world.run_in(&below, &["hits", "--json", "--session", "demo"]);
    assert!(output.out.contains("\"session\":\"demo\""), "{output:?}");
    let path = world.db("demo");
    let output = world.run_in(
        &world.home(),
        &["hits", "--json", "--session", path.to_str().unwrap()],
    );
    assert!(output.out.contains("\"session\":\"demo\""), "{output:?}");
}

#[test]
fn of_many_sessions_the_newest_is_the_one_that_began_last() {
    let world = World::new();
    let written = |label: &str, at: &str| {
        let at: jiff::Timestamp = at.parse().unwrap();
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_second().unsigned_abs());
        let file = fs::File::options().write(true).open(world.db(label));
        file.unwrap().set_modified(at).unwrap();
    };
    for i in 0..130 {
        let label = format!("s-{i:03}");
        let day = format!("2026-0{}-{:02}", 1 + i / 28, 1 + i % 28);
        world
            .session(&label, &format!("{day}T12:00:00.000000Z"))
            .end()
            .unwrap();
        written(&label, &format!("{day}T12:01:00Z"));
    }
    let newest = || {
        world.json(&["hits"])["session"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(newest(), "s-129");
    // One that a clock put before its own beginning, and old ones that somebody wrote to since.
    written("s-129", "2026-05-17T20:00:00Z");
    for i in 0..100 {
        written(&format!("s-{i:03}"), "2026-06-01T12:00:00Z");
    }
    assert_eq!(newest(), "s-129");
}

#[test]
fn without_any_session_the_answer_says_how_to_get_one() {
    let world = World::new();
    assert_eq!(world.run(&["list"]).code, 0);
    assert_eq!(world.run(&["prune"]).code, 0);
    let output = world.run(&["status"]);
    assert_eq!(output.code, 0);
    assert!(output.out.contains("load the plugin"), "{output:?}");
    let output = world.run(&["hits"]);
    assert_eq!(output.code, 1);
    assert!(output.err.contains("`dbg-session new`"), "{output:?}");
    assert!(
        !world.proj().join(".dbg").exists(),
        "asking makes no folder"
    );
}

#[test]
fn new_makes_a_file_for_profiles() {
    let world = World::new();
    let output = world.run(&["new", "./server", "--label", "load"]);
    assert_eq!(
        output.out,
        format!("session load in {}\n", world.db("load").display())
    );
    let made = SessionDb::open_read_only(&world.db("load")).unwrap();
    assert_eq!(
        (made.kind().as_str(), made.target()),
        ("profile", "./server")
    );
    assert!(made.is_user().unwrap());
    assert_eq!(world.json(&["list"])["sessions"][0]["state"], "ended");
    let output = world.run(&["new", "./server", "--label", "load"]);
    assert_eq!(output.code, 1);
    assert!(output.err.contains("already exists"), "{output:?}");
    let made = world.json(&["new", "--kind", "debug", "--class", "python"]);
    assert!(
        made["label"].as_str().unwrap().starts_with("proj-"),
        "{made}"
    );
}

#[test]
fn save_makes_a_finished_copy_under_its_own_label() {
    let world = World::with_demo();
    let raw = world.db("demo").with_extension("").join("raw");
    fs::create_dir_all(&raw).unwrap();
    fs::write(raw.join("perf.data"), "x").unwrap();
    let output = world.run(&["save", "kept"]);
    assert_eq!(
        output.out,
        format!("session kept saved to {}\n", world.db("kept").display())
    );
    let copy = SessionDb::open_read_only(&world.db("kept")).unwrap();
    assert_eq!(copy.label(), "kept");
    assert!(copy.is_user().unwrap());
    assert!(
        world
            .db("kept")
            .with_extension("")
            .join("raw/perf.data")
            .exists()
    );
    let source = SessionDb::open_read_only(&world.db("demo")).unwrap();
    assert!(!source.is_user().unwrap());

    world
        .session("other", "2026-11-23T09:00:00.000000Z")
        .end()
        .unwrap();
    let output = world.run(&["save", "other", "--session", "demo"]);
    assert_eq!(output.code, 1);
    assert!(
        output.err.contains("it holds session `other`"),
        "{output:?}"
    );
    assert_eq!(
        world
            .run(&["save", "other", "--session", "demo", "--force"])
            .code,
        0
    );

    let path = world.home().join("out/for anna.db");
    let output = world.run(&["save", path.to_str().unwrap(), "--session", "demo"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(
        SessionDb::open_read_only(&path).unwrap().label(),
        "for anna"
    );
}

#[test]
fn save_and_promote_in_place_make_it_a_users() {
    for verb in ["save", "promote"] {
        let world = World::with_demo();
        assert_eq!(world.run(&[verb]).code, 0);
        assert!(
            SessionDb::open_read_only(&world.db("demo"))
                .unwrap()
                .is_user()
                .unwrap()
        );
    }
    let world = World::with_demo();
    assert_eq!(
        world.run(&["promote", "demo"]).out,
        "session demo is a user session now; prune keeps it\n"
    );
    assert_eq!(world.run(&["promote", "nothing"]).code, 1);
}

#[test]
fn prune_says_what_goes_and_what_stays() {
    let world = World::new();
    for label in ["old", "young", "mine", "live"] {
        let session = world.session(label, "2026-11-01T00:00:00.000000Z");
        if label == "mine" {
            session.promote_to_user().unwrap();
        }
        session.end().unwrap();
    }
    for label in ["old", "mine", "live"] {
        age(&world, label, 9);
    }
    let lock = world.proj().join(".dbg/sessions/live.db-lock");
    let held = fs::File::create(&lock).unwrap();
    held.lock().unwrap();

    let plan = world.run(&["prune", "--dry-run"]);
    let lines: Vec<&str> = plan.out.lines().collect();
    assert_eq!(lines[0], "what\tsession\tsize\tage\twhy");
    assert!(lines[1].starts_with("would go\told\t"), "{plan:?}");
    assert!(
        lines[2].ends_with("a live process is recording it"),
        "{plan:?}"
    );
    assert!(lines[3].ends_with("a user's session"), "{plan:?}");
    assert!(lines[4].ends_with("it is too young"), "{plan:?}");
    assert!(plan.err.contains("nothing was changed"), "{plan:?}");
    assert!(world.db("old").exists());

    let done = world.json(&["prune"]);
    assert_eq!(done["deleted"].as_array().unwrap().len(), 1, "{done}");
    assert!(!world.db("old").exists());
    let done = world.json(&["prune", "--all", "--older-than", "0s"]);
    assert_eq!(done["deleted"].as_array().unwrap().len(), 2, "{done}");
    assert!(world.db("live").exists(), "what is being recorded stays");
}

#[test]
fn list_marks_live_and_interrupted_sessions() {
    let world = World::new();
    let live = world.session("live", "2026-11-23T12:00:00.000000Z");
    live.conn()
        .execute("UPDATE sessions SET ended_at = NULL", [])
        .unwrap();
    let cut = world.session("cut", "2026-11-23T11:00:00.000000Z");
    cut.conn()
        .execute("UPDATE sessions SET ended_at = NULL", [])
        .unwrap();
    drop(cut); // Its lock goes, as if its process had been killed.
    world
        .session("done", "2026-11-23T10:00:00.000000Z")
        .end()
        .unwrap();
    let list = world.json(&["list"]);
    let states: Vec<(&str, &str)> = list["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["label"].as_str().unwrap(), s["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        states,
        [("live", "live"), ("cut", "interrupted"), ("done", "ended")]
    );
    let table = world.terminal(&["list"]).out;
    assert!(
        table.contains("live ") && table.contains("interrupted"),
        "{table}"
    );
    let groups = world.json(&["list", "--group"]);
    assert_eq!(groups["groups"].as_array().unwrap().len(), 1);
    assert_eq!(groups["groups"][0]["sessions"].as_array().unwrap().len(), 3);
}

#[test]
fn the_program_tells_its_version_and_its_verbs() {
    let world = World::new();
    let version = world.run(&["--version"]);
    assert_eq!(
        version.out,
        format!("dbg-session {}\n", env!("CARGO_PKG_VERSION"))
    );
    let nothing = world.run(&[]);
    assert_eq!(nothing.code, 2);
    assert!(nothing.err.contains("prune"), "{nothing:?}");
    let help = world.run(&["help", "prune"]);
    assert_eq!(help.out, world.run(&["prune", "--help"]).out);
}

#[test]
fn a_folder_that_cannot_be_written_is_no_hindrance_to_asking() {
    let world = World::with_demo();
    let folder = world.proj().join(".dbg/sessions");
    let made = Command::new("chmod")
        .args(["-R", "a-w"])
        .arg(&folder)
        .status()
        .unwrap();
    assert!(made.success());
    let output = world.run(&["hits"]);
    Command::new("chmod")
        .args(["-R", "u+w"])
        .arg(&folder)
        .status()
        .unwrap();
    assert_eq!(output.code, 0, "{output:?}");
}

#[test]
fn sessions_of_a_folder_that_could_not_be_written_are_found_in_the_state_folder() {
    let world = World::with_demo();
    world
        .session("away", "2026-11-23T23:00:00.000000Z")
        .end()
        .unwrap();
    let state = world.home().join(".local/state/dbg-session/sessions");
    fs::create_dir_all(&state).unwrap();
    fs::rename(world.db("away"), state.join("away.db")).unwrap();
    assert_eq!(world.json(&["hits"])["session"], "away");
    assert_eq!(
        world.json(&["hits", "--session", "away"])["session"],
        "away"
    );
    assert_eq!(world.json(&["list"])["sessions"][0]["label"], "away");
    let other = world.home().join("other");
    fs::create_dir(&other).unwrap();
    let list = world.run_in(&other, &["list", "--json"]);
    assert!(
        list.out.contains("\"sessions\":[]"),
        "another folder's: {list:?}"
    );
    let pruned = world.json(&["prune", "--older-than", "0s"]);
    assert_eq!(pruned["deleted"].as_array().unwrap().len(), 2, "{pruned}");
    assert!(!state.join("away.db").exists());
}

#[test]
fn a_file_in_the_place_of_the_folder_hides_no_session() {
    let world = World::with_demo();
    let state = world.home().join(".local/state/dbg-session/sessions");
    fs::create_dir_all(&state).unwrap();
    fs::rename(world.db("demo"), state.join("demo.db")).unwrap();
    fs::remove_dir_all(world.proj().join(".dbg")).unwrap();
    fs::write(world.proj().join(".dbg"), "").unwrap();
    let list = world.run(&["list"]);
    assert_eq!(list.code, 0, "{list:?}");
    assert!(list.out.contains("demo"), "{list:?}");
    assert!(list.err.contains("a file is in its place"), "{list:?}");
    assert_eq!(world.run(&["prune"]).code, 0);
}

#[test]
fn a_copy_made_by_hand_is_told_apart() {
    let world = World::with_demo();
    fs::copy(world.db("demo"), world.db("copy")).unwrap();
    let list = world.run(&["list"]).out;
    assert!(list.contains("\ncopy (demo)\t"), "{list}");
    assert_eq!(world.run(&["hits", "--session", "copy"]).code, 0);
}

#[test]
fn a_full_disk_is_an_error() {
    let world = World::with_demo();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_dbg-session"))
        .arg("hits")
        .current_dir(world.proj())
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}
