//! `config`: the user's settings.

use std::fs;

use super::world::{World, golden};

#[test]
fn settings_are_shown_set_and_put_back() {
    let world = World::new();
    let all = world.run(&["config"]);
    golden("config", &all.out);
    assert_eq!(all.err, "");
    assert!(
        !world.home().join(".config").exists(),
        "asking writes nothing"
    );
    assert_eq!(world.run(&["config", "mask"]).out, "on\n");
    assert_eq!(world.run(&["config", "mask", "no"]).out, "mask = off\n");
    assert_eq!(world.run(&["config", "mask"]).out, "off\n");
    let file = world.home().join(".config/dbg-session/config");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mask = off\n");
    assert_eq!(world.run(&["config", "mask", "--unset"]).out, "mask = on\n");
    assert_eq!(world.json(&["config", "mask"])["default"], "on");
    assert_eq!(
        world.json(&["config"])["settings"]
            .as_array()
            .unwrap()
            .len(),
        8
    );
}

#[test]
fn a_bad_file_is_named_and_harmless() {
    let world = World::new();
    let folder = world.home().join(".config/dbg-session");
    fs::create_dir_all(&folder).unwrap();
    fs::write(
        folder.join("config"),
        "mask = \u{1b}[31m\ncapture.depth = 2\n",
    )
    .unwrap();
    let output = world.run(&["config"]);
    assert_eq!(output.code, 0);
    assert!(output.out.contains("capture.depth\t2\t3"), "{output:?}");
    assert!(output.err.starts_with("line 1 of "), "{output:?}");
    fs::remove_file(folder.join("config")).unwrap();
    fs::create_dir(folder.join("config")).unwrap();
    assert_eq!(world.run(&["config"]).code, 0);
    assert_eq!(world.run(&["config", "mask", "off"]).code, 1);
}
