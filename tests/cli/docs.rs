//! `docs/commands.md` says what the help says, verb by verb.

use std::fs;
use std::path::Path;

use dbg_session::command::verbs;

use super::words::below;
use super::world::{World, bless_or_compare};

const END: &str = "<!-- end -->";

fn start(verb: &str) -> String {
    format!("<!-- help: {verb} -->\n")
}

/// Verbs, and the verbs of verbs.
fn all_verbs() -> Vec<String> {
    let mut all = Vec::new();
    for verb in verbs() {
        all.extend(below(&verb.help).map(|name| format!("{} {name}", verb.name)));
        all.push(verb.name);
    }
    all
}

#[test]
fn every_verb_is_documented_as_its_help_has_it() {
    let world = World::new();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    let page = fs::read_to_string(&path).expect("docs/commands.md is part of the tree");
    let mut fresh = page.clone();
    let all = all_verbs();
    assert!(all.contains(&"layer add".to_owned()), "{all:?}");
    for verb in all {
        let start = start(&verb);
        let Some(at) = fresh.find(&start).map(|at| at + start.len()) else {
            panic!("docs/commands.md has no `{verb}`: add the lines {start:?} and {END:?}");
        };
        let end = at + fresh[at..].find(END).expect("a help section has an end");
        let args: Vec<&str> = verb.split(' ').chain(["--help"]).collect();
        let help = world.run(&args).out;
        fresh.replace_range(at..end, &format!("```text\n{}\n```\n", help.trim_end()));
    }
    bless_or_compare(&path, &fresh);
}
