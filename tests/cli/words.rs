//! The words that there are, as the program itself tells them: no test keeps a list of its own.

use std::collections::BTreeSet;

use dbg_session::command::verbs;

/// The verbs of a verb, by its help.
pub fn below(help: &str) -> impl Iterator<Item = &str> {
    let lines = help.lines().skip_while(|line| *line != "Verbs:").skip(1);
    let names = lines.map_while(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty() && *name != "help")
}

/// The flags of a verb, by its help.
pub fn flags(help: &str) -> impl Iterator<Item = &str> {
    let options = help
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with('-'));
    let words = options.flat_map(|line| line.split([' ', ',']));
    words.filter(|word| word.starts_with("--"))
}

/// All verbs but some, the verbs below them, and their flags.
pub fn all_but(left_out: &[&str]) -> Vec<String> {
    let mut words = Vec::new();
    for verb in verbs() {
        if left_out.contains(&verb.name.as_str()) {
            continue;
        }
        words.extend(below(&verb.help).map(str::to_owned));
        words.extend(flags(&verb.help).map(str::to_owned));
        words.push(verb.name);
    }
    words.retain(|word| !left_out.contains(&word.as_str()));
    words.sort();
    words.dedup();
    words
}

/// Holds that a list of questions has each verb, but those that do something else.
pub fn assert_whole(questions: &[&[&str]], others: &[&str]) {
    let listed: BTreeSet<&str> = questions.iter().map(|question| question[0]).collect();
    let verbs = verbs();
    let names = verbs.iter().map(|verb| verb.name.as_str());
    let wanted: BTreeSet<&str> = names.filter(|name| !others.contains(name)).collect();
    assert_eq!(listed, wanted);
}

#[test]
fn words_are_found_in_the_help() {
    let words = all_but(&["config", "--help"]);
    for word in [
        "hits",
        "at-hit",
        "reindex",
        "restore",
        "--where",
        "--if",
        "--dry-run",
        "--json",
    ] {
        assert!(words.iter().any(|found| found == word), "{word}: {words:?}");
    }
    for word in ["config", "--unset", "--help", "help"] {
        assert!(words.iter().all(|found| found != word), "{word}: {words:?}");
    }
}
