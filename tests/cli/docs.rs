//! `docs/commands.md` says what the help says, verb by verb.

use std::fs;
use std::path::Path;

use dbg_session::command::verbs;

use super::world::bless_or_compare;

#[test]
fn every_verb_is_documented_as_its_help_has_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
    let page = fs::read_to_string(&path).expect("docs/commands.md is part of the tree");
    let mut fresh = page.clone();
    for verb in verbs() {
        let start = format!("<!-- help: {} -->\n", verb.name);
        let Some(at) = fresh.find(&start).map(|at| at + start.len()) else {
            panic!(
                "docs/commands.md has no `{}`: add the two lines {start:?} and \"<!-- end -->\"",
                verb.name
            );
        };
        let end = at
            + fresh[at..]
                .find("<!-- end -->")
                .expect("a help section has an end");
        fresh.replace_range(
            at..end,
            &format!("```text\n{}\n```\n", verb.help.trim_end()),
        );
    }
    bless_or_compare(&path, &fresh);
}
