//! `setup` and `doctor`, as far as they go without a plugin to install.

use std::fs;

use super::world::World;

#[test]
fn taking_out_needs_nothing_to_be_installed() {
    let world = World::new();
    let output = world.run(&["setup", "--uninstall"]);
    assert_eq!(
        output.out, "nothing is installed, and nothing was changed\n",
        "{output:?}"
    );
    let block = world.home().join(".gdbinit");
    fs::write(&block, "set pagination off\n").unwrap();
    assert_eq!(
        world.json(&["setup", "--uninstall", "--print"])["done"],
        false
    );
    assert_eq!(fs::read_to_string(&block).unwrap(), "set pagination off\n");
}

#[test]
fn printing_the_plan_changes_nothing() {
    let world = World::new();
    let output = world.run(&["setup", "--print"]);
    // Whether there is a plugin depends on how the tests are built.
    assert!(output.code <= 1, "{output:?}");
    assert_eq!(fs::read_dir(world.home()).unwrap().count(), 0);
}
