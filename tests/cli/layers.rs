//! `layer`, `hotspots`, `cross`: profiles beside the hits.

use std::fs;

use super::world::{World, golden};

/// The session `demo` with two layers of folded stacks.
fn with_layers() -> World {
    let world = World::with_demo();
    fs::write(
        world.proj().join("a.folded"),
        "main;parse 30\nmain 10\nmain;parse;ns::boom 60\n",
    )
    .unwrap();
    fs::write(world.proj().join("b.folded"), "main 7\n").unwrap();
    for file in ["a.folded", "b.folded"] {
        let output = world.run(&["layer", "add", file]);
        assert_eq!(output.code, 0, "{output:?}");
    }
    world
}

#[test]
fn profiles_are_asked_together_with_the_hits() {
    let world = with_layers();
    let mut page = String::new();
    for args in [
        vec!["hotspots"],
        vec!["hotspots", "--layer", "1"],
        vec!["hotspots", "--layer", "1", "--limit", "1"],
        vec!["cross", "parse"],
        vec!["cross", "boom"],
        vec!["layer", "reindex", "2"],
    ] {
        let output = world.terminal(&args);
        assert_eq!((output.code, output.err.as_str()), (0, ""), "{args:?}");
        page += &format!("$ dbg-session {}\n{}\n", args.join(" "), output.out);
    }
    let piped = world.run(&["hotspots", "--layer", "1"]);
    page += &format!("$ dbg-session hotspots --layer 1 | cat\n{}", piped.out);
    golden("layers", &world.stable(&page));
    assert!(
        world
            .db("demo")
            .with_extension("")
            .join("raw/a.folded")
            .exists()
    );
    assert_eq!(world.json(&["list"])["sessions"][0]["layers"], 2);
    assert_eq!(world.json(&["layer", "list"])["layers"][0]["total"], 100.0);
    assert_eq!(world.json(&["hotspots"])["rows"][0]["function"], "main");
    assert_eq!(world.json(&["cross", "parse"])["hits"]["count"], 2);
    assert_eq!(
        world.json(&["layer", "reindex"])["added"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn what_is_no_profile_adds_nothing() {
    let world = World::with_demo();
    fs::write(world.proj().join("notes.txt"), "milk\nbread\n").unwrap();
    for args in [
        vec!["layer", "add", "notes.txt"],
        vec!["layer", "add", "missing"],
        vec!["layer", "add", "notes.txt", "--format", "svg"],
        vec!["layer", "reindex", "3"],
        vec!["layer", "reindex"],
        vec!["hotspots"],
        vec!["hotspots", "--layer", "9"],
        vec!["cross", "nothing"],
    ] {
        let output = world.run(&args);
        assert_eq!(
            (output.code, output.out.as_str()),
            (1, ""),
            "{args:?}: {output:?}"
        );
        assert_eq!(output.err.lines().count(), 1, "{args:?}: {output:?}");
    }
    assert_eq!(world.run(&["layer"]).code, 2);
    assert!(
        !world
            .db("demo")
            .with_extension("")
            .join("raw/notes.txt")
            .exists()
    );
}
