//! What could stand where the cursor is.

use anyhow::Result;
use clap::{Arg, Command, CommandFactory};

use super::Context;
use super::cli::Cli;
use super::select::{Access, with};
use crate::config::{KEYS, key};
use crate::query::layer_list::layer_list;
use crate::query::location::known;
use crate::query::read::field::names;
use crate::query::sessions::{files, folders};
use crate::session_db::{SessionDb, SessionKind, TargetClass};

/// The profile formats that `layer add` knows.
const FORMATS: [&str; 4] = ["callgrind", "folded", "perf-data", "perf-script"];

/// Candidates for the last word of `line`, the text after `dbg-session ` up to
/// the cursor. Each replaces that whole word; an empty last word (the line is
/// empty or ends in a space) stands for a new one.
#[must_use]
pub fn complete(line: &str, context: &Context<'_>) -> Vec<String> {
    let (before, word) = match line.rfind(char::is_whitespace) {
        Some(space) => line.split_at(space + 1),
        None => ("", line),
    };
    let mut command = Cli::command();
    command.build();
    let mut words: Vec<&str> = before.split_whitespace().collect();
    let mut verb = &command;
    while let Some(found) = words.first().and_then(|word| verb.find_subcommand(word)) {
        verb = found;
        words.remove(0);
    }
    let mut found = candidates(verb, &words, word, context);
    found.retain(|candidate| candidate.starts_with(word));
    found.sort();
    found.dedup();
    found
}

fn candidates(verb: &Command, words: &[&str], word: &str, context: &Context<'_>) -> Vec<String> {
    if let Some(condition) = open_condition(words, word) {
        return in_condition(&condition, word, words, context);
    }
    if let Some(arg) = words.last().and_then(|last| awaits_value(verb, last)) {
        return values(verb.get_name(), arg.get_id().as_str(), words, word, context);
    }
    if word.starts_with('-') {
        let flags = verb.get_arguments().filter_map(Arg::get_long);
        return flags.map(|flag| format!("--{flag}")).collect();
    }
    if verb.has_subcommands() {
        let verbs = verb.get_subcommands().filter(|verb| !verb.is_hide_set());
        return verbs.map(|verb| verb.get_name().to_owned()).collect();
    }
    let position = positions(verb, words);
    match verb.get_positionals().nth(position) {
        Some(arg) => values(verb.get_name(), arg.get_id().as_str(), words, word, context),
        None => Vec::new(),
    }
}

/// The flag that `word` is, if a value must follow it.
fn awaits_value<'a>(verb: &'a Command, word: &str) -> Option<&'a Arg> {
    let name = word.strip_prefix("--")?;
    let arg = verb
        .get_arguments()
        .find(|arg| arg.get_long() == Some(name))?;
    arg.get_action().takes_values().then_some(arg)
}

/// How many of `words` are positional.
fn positions(verb: &Command, words: &[&str]) -> usize {
    let is_value = |i: usize| i > 0 && awaits_value(verb, words[i - 1]).is_some();
    (0..words.len())
        .filter(|&i| !words[i].starts_with('-') && !is_value(i))
        .count()
}

fn values(verb: &str, arg: &str, words: &[&str], word: &str, context: &Context<'_>) -> Vec<String> {
    match (verb, arg) {
        (_, "session") | ("promote" | "restore", "label") | ("diff", "a" | "b") => labels(context),
        ("recover", "label") => {
            let waiting = super::recover::of_here(context).unwrap_or_default();
            waiting.into_iter().map(|one| one.label).collect()
        }
        ("hits" | "hit-trend" | "callers", "location")
        | ("show" | "hit-diff" | "source" | "at-hit", "place") => locations(word, words, context),
        ("hits", "group_by" | "count_by" | "fields") | ("hit-trend", "field") => {
            fields(word, words, context)
        }
        ("config", "key") => KEYS.iter().map(|key| key.name.to_owned()).collect(),
        ("config", "value") => {
            let key = words.iter().find_map(|word| key(word));
            key.map_or_else(Vec::new, |key| {
                key.values().iter().map(ToString::to_string).collect()
            })
        }
        ("hotspots" | "reindex", "layer") => layers(words, context),
        ("cross" | "disasm", "symbol") => functions(words, context),
        (_, "format") => FORMATS.map(str::to_owned).to_vec(),
        (_, "kind") => SessionKind::ALL.iter().map(ToString::to_string).collect(),
        (_, "class") => TargetClass::ALL.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

/// Only by their files' names: completion must be quick, and never fail.
fn labels(context: &Context<'_>) -> Vec<String> {
    let folders = folders(&context.cwd);
    let files = folders
        .iter()
        .filter_map(|folder| files(folder).ok())
        .flatten();
    let stems = files.filter_map(|path| path.file_stem()?.to_str().map(str::to_owned));
    stems
        .filter(|stem| !stem.chars().any(char::is_control))
        .collect()
}

/// Asks the session that the line names so far.
fn ask<T>(
    words: &[&str],
    context: &Context<'_>,
    question: impl FnMut(&SessionDb) -> Result<T>,
) -> Result<T> {
    let named = words.iter().position(|word| *word == "--session");
    let session = named.and_then(|i| words.get(i + 1));
    with(session.copied(), Access::Read, context, question)
}

fn layers(words: &[&str], context: &Context<'_>) -> Vec<String> {
    let layers = ask(words, context, layer_list).map(|list| list.layers);
    let layers = layers.unwrap_or_default();
    layers.iter().map(|layer| layer.id.to_string()).collect()
}

/// Functions with a hit or a sample.
fn functions(words: &[&str], context: &Context<'_>) -> Vec<String> {
    let names = ask(words, context, |session| {
        let mut names = session.conn().prepare("SELECT DISTINCT fqn FROM symbols")?;
        let names = names.query_map([], |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<Vec<String>>>()?)
    });
    let mut names = names.unwrap_or_default();
    names.retain(|name| !name.chars().any(|c| c.is_control() || c.is_whitespace()));
    names
}

/// Fields of hits; of a list with commas, the last one.
fn fields(word: &str, words: &[&str], context: &Context<'_>) -> Vec<String> {
    let before = word.rfind(',').map_or("", |comma| &word[..=comma]);
    let names = ask(words, context, names).unwrap_or_default();
    let names = names
        .iter()
        .filter(|name| !name.chars().any(|c| c.is_control() || c.is_whitespace()));
    names.map(|name| format!("{before}{name}")).collect()
}

/// The condition behind `--where` as far as it was written, when the cursor is still in it.
fn open_condition(words: &[&str], word: &str) -> Option<String> {
    let start = words.iter().position(|word| *word == "--where")? + 1;
    let condition = words[start..]
        .iter()
        .chain([&word])
        .copied()
        .collect::<Vec<_>>()
        .join(" ");
    let quote = condition.chars().next().filter(|c| matches!(c, '\'' | '"'));
    match quote {
        Some(quote) => (condition.matches(quote).count() % 2 == 1).then_some(condition),
        None => (start == words.len()).then_some(condition),
    }
}

/// Fields, behind whatever stands before them in the same word: `'(i`.
fn in_condition(condition: &str, word: &str, words: &[&str], context: &Context<'_>) -> Vec<String> {
    let inside = condition.trim_start_matches(['\'', '"']);
    // Inside of a text there is nothing to complete.
    if inside.matches(['"', '\'']).count() % 2 == 1 {
        return Vec::new();
    }
    let starts = word
        .find(|c: char| !matches!(c, '\'' | '"' | '(' | '!'))
        .unwrap_or(word.len());
    fields("", words, context)
        .iter()
        .map(|name| format!("{}{name}", &word[..starts]))
        .collect()
}

/// Location keys and functions, and what may stand for a key: its path from
/// any folder on, when the word begins one there.
fn locations(word: &str, words: &[&str], context: &Context<'_>) -> Vec<String> {
    let known = ask(words, context, known).unwrap_or_default();
    let mut names = Vec::new();
    for place in known {
        names.extend(place.function);
        let mut rest = place.key.as_str();
        while !rest.starts_with(word)
            && let Some((_, shorter)) = rest.split_once(['/', '!'])
        {
            rest = shorter;
        }
        names.push(rest.to_owned());
    }
    names.retain(|name| !name.chars().any(|c| c.is_control() || c.is_whitespace()));
    names
}
