//! What could stand where the cursor is.
//!
//! An argument's type says what it means, and [`COMPLETED`] what may stand for that: no verb and no
//! argument is named here.

use std::any::TypeId;

use anyhow::Result;
use clap::{Arg, Command, CommandFactory};

use super::Context;
use super::args::{
    ConfigKey, ConfigValue, FieldName, Function, LayerNumber, Location, ProfileFormat, RescuedName,
    SessionName,
};
use super::cli::Cli;
use super::select::{Access, with};
use crate::config::{KEYS, key};
use crate::layers::formats;
use crate::query::expr::Expr;
use crate::query::layer_list::layer_list;
use crate::query::location::known;
use crate::query::read::field::names;
use crate::query::sessions::{files, folders};
use crate::session_db::{SessionDb, SessionKind, TargetClass};

/// What may stand for the word under the cursor.
type Candidates = fn(&Typed<'_>) -> Vec<String>;

/// The types of arguments that can be completed, each with its way.
const COMPLETED: [(fn() -> TypeId, Candidates); 12] = [
    (TypeId::of::<SessionName>, sessions),
    (TypeId::of::<RescuedName>, rescued),
    (TypeId::of::<Location>, locations),
    (TypeId::of::<Function>, functions),
    (TypeId::of::<FieldName>, |typed| typed.fields(typed.word)),
    (TypeId::of::<Expr>, fields_in_condition),
    (TypeId::of::<LayerNumber>, layers),
    (TypeId::of::<ProfileFormat>, |_| {
        formats().map(|format| format.name().to_owned()).collect()
    }),
    (TypeId::of::<ConfigKey>, |_| {
        KEYS.iter().map(|key| key.name.to_owned()).collect()
    }),
    (TypeId::of::<ConfigValue>, config_values),
    (TypeId::of::<SessionKind>, |_| {
        SessionKind::ALL.iter().map(ToString::to_string).collect()
    }),
    (TypeId::of::<TargetClass>, |_| {
        TargetClass::ALL.iter().map(ToString::to_string).collect()
    }),
];

/// How the value of an argument is completed, if it is.
fn completed(arg: &Arg) -> Option<Candidates> {
    COMPLETED
        .into_iter()
        .find_map(|(of, candidates)| (is(arg, of)).then_some(candidates))
}

/// Whether the value of an argument has this type.
pub(super) fn is(arg: &Arg, of: fn() -> TypeId) -> bool {
    arg.get_value_parser().type_id() == of()
}

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
    let typed = Typed {
        verb,
        words: &words,
        word,
        context,
    };
    let mut found = typed.candidates();
    found.retain(|candidate| candidate.starts_with(word));
    found.sort();
    found.dedup();
    found
}

/// A line as far as it is typed.
struct Typed<'a> {
    verb: &'a Command,
    /// Those behind the verb, before the cursor's.
    words: &'a [&'a str],
    /// The cursor's, as far as it is typed.
    word: &'a str,
    context: &'a Context<'a>,
}

impl Typed<'_> {
    fn candidates(&self) -> Vec<String> {
        let last = self.words.last();
        if self.open_condition().is_some() {
            return fields_in_condition(self);
        }
        if let Some(arg) = last.and_then(|last| awaits_value(self.verb, last)) {
            return self.values(arg);
        }
        if self.word.starts_with('-') {
            let flags = self.verb.get_arguments().filter_map(Arg::get_long);
            return flags.map(|flag| format!("--{flag}")).collect();
        }
        if self.verb.has_subcommands() {
            let verbs = self
                .verb
                .get_subcommands()
                .filter(|verb| !verb.is_hide_set());
            return verbs.map(|verb| verb.get_name().to_owned()).collect();
        }
        let arg = self.verb.get_positionals().nth(self.position());
        arg.map_or_else(Vec::new, |arg| self.values(arg))
    }

    fn values(&self, arg: &Arg) -> Vec<String> {
        completed(arg).map_or_else(Vec::new, |candidates| candidates(self))
    }

    /// How many words are positional.
    fn position(&self) -> usize {
        let is_value = |i: usize| i > 0 && awaits_value(self.verb, self.words[i - 1]).is_some();
        (0..self.words.len())
            .filter(|&i| !self.words[i].starts_with('-') && !is_value(i))
            .count()
    }

    /// The words behind the first option of this type.
    fn behind(&self, of: fn() -> TypeId) -> Option<&[&str]> {
        let option = self.verb.get_opts().find(|arg| is(arg, of))?.get_long()?;
        let at = self
            .words
            .iter()
            .position(|word| word.strip_prefix("--") == Some(option))?;
        Some(&self.words[at + 1..])
    }

    /// Asks the session that the line names so far.
    fn ask<T>(&self, question: impl FnMut(&SessionDb) -> Result<T>) -> Result<T> {
        let named = self.behind(TypeId::of::<SessionName>);
        let session = named.and_then(|words| words.first());
        with(session.copied(), Access::Read, self.context, question)
    }

    /// Fields of hits; of a list with commas, the last one.
    fn fields(&self, word: &str) -> Vec<String> {
        let before = word.rfind(',').map_or("", |comma| &word[..=comma]);
        let names = writable(self.ask(names).unwrap_or_default());
        names.map(|name| format!("{before}{name}")).collect()
    }

    /// A condition as far as it was written, when the cursor is still in it.
    fn open_condition(&self) -> Option<String> {
        let words = self.behind(TypeId::of::<Expr>)?;
        let condition = [words, &[self.word]].concat().join(" ");
        let quote = condition.chars().next().filter(|c| matches!(c, '\'' | '"'));
        match quote {
            Some(quote) => (condition.matches(quote).count() % 2 == 1).then_some(condition),
            None => words.is_empty().then_some(condition),
        }
    }
}

/// The option that `word` is, if a value must follow it.
pub(super) fn awaits_value<'a>(verb: &'a Command, word: &str) -> Option<&'a Arg> {
    let name = word.strip_prefix("--")?;
    let arg = verb
        .get_arguments()
        .find(|arg| arg.get_long() == Some(name))?;
    arg.get_action().takes_values().then_some(arg)
}

/// Names that can be typed as one word and seen for what they are.
fn writable(names: impl IntoIterator<Item = String>) -> impl Iterator<Item = String> {
    let strange = |c: char| c.is_control() || c.is_whitespace();
    names
        .into_iter()
        .filter(move |name| !name.contains(strange))
}

/// Only by their files' names: completion must be quick, and never fail.
fn sessions(typed: &Typed<'_>) -> Vec<String> {
    let folders = folders(&typed.context.cwd);
    let files = folders
        .iter()
        .filter_map(|folder| files(folder).ok())
        .flatten();
    let stems = files.filter_map(|path| path.file_stem()?.to_str().map(str::to_owned));
    stems
        .filter(|stem| !stem.chars().any(char::is_control))
        .collect()
}

/// Those that rescued hits wait for.
fn rescued(typed: &Typed<'_>) -> Vec<String> {
    let waiting = super::recover::of_here(typed.context).unwrap_or_default();
    waiting.into_iter().map(|one| one.label).collect()
}

fn layers(typed: &Typed<'_>) -> Vec<String> {
    let layers = typed.ask(layer_list).map(|list| list.layers);
    let layers = layers.unwrap_or_default();
    layers.iter().map(|layer| layer.id.to_string()).collect()
}

/// What the setting that was named may be.
fn config_values(typed: &Typed<'_>) -> Vec<String> {
    let key = typed.words.iter().find_map(|word| key(word));
    key.map_or_else(Vec::new, |key| {
        key.values().iter().map(ToString::to_string).collect()
    })
}

/// Functions with a hit or a sample.
fn functions(typed: &Typed<'_>) -> Vec<String> {
    let names = typed.ask(|session| {
        let mut names = session.conn().prepare("SELECT DISTINCT fqn FROM symbols")?;
        let names = names.query_map([], |row| row.get(0))?;
        Ok(names.collect::<rusqlite::Result<Vec<String>>>()?)
    });
    writable(names.unwrap_or_default()).collect()
}

/// Fields, behind whatever stands before them in the same word: `'(i`.
fn fields_in_condition(typed: &Typed<'_>) -> Vec<String> {
    let Some(condition) = typed.open_condition() else {
        return Vec::new();
    };
    let inside = condition.trim_start_matches(['\'', '"']);
    // Inside of a text there is nothing to complete.
    if inside.matches(['"', '\'']).count() % 2 == 1 {
        return Vec::new();
    }
    let word = typed.word;
    let starts = word
        .find(|c: char| !matches!(c, '\'' | '"' | '(' | '!'))
        .unwrap_or(word.len());
    typed
        .fields("")
        .iter()
        .map(|name| format!("{}{name}", &word[..starts]))
        .collect()
}

/// Location keys and functions, and what may stand for a key: its path from
/// any folder on, when the word begins one there.
fn locations(typed: &Typed<'_>) -> Vec<String> {
    let known = typed.ask(known).unwrap_or_default();
    let mut names = Vec::new();
    for place in known {
        names.extend(place.function);
        let mut rest = place.key.as_str();
        while !rest.starts_with(typed.word)
            && let Some((_, shorter)) = rest.split_once(['/', '!'])
        {
            rest = shorter;
        }
        names.push(rest.to_owned());
    }
    writable(names).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::super::args::{Text, Verbatim};
    use super::*;
    use crate::query::hit_diff::Nth;
    use crate::session_db::Label;

    /// Types that nothing is offered for, because only who types knows.
    const FREE: [fn() -> TypeId; 9] = [
        TypeId::of::<Text>,
        TypeId::of::<Verbatim>,
        TypeId::of::<Label>,
        TypeId::of::<PathBuf>,
        TypeId::of::<Duration>,
        TypeId::of::<Nth>,
        TypeId::of::<usize>,
        TypeId::of::<u64>,
        TypeId::of::<i64>,
    ];

    fn arguments(command: &Command, path: &str, found: &mut Vec<(String, Arg)>) {
        let takes_value = |arg: &&Arg| arg.get_action().takes_values();
        for arg in command.get_arguments().filter(takes_value) {
            found.push((format!("{path} {}", arg.get_id()), arg.clone()));
        }
        for verb in command.get_subcommands() {
            arguments(verb, &format!("{path} {}", verb.get_name()), found);
        }
    }

    #[test]
    fn every_argument_completes_or_is_free() {
        let mut found = Vec::new();
        arguments(&Cli::command(), "dbg-session", &mut found);
        assert!(found.len() > 50, "{}", found.len());
        for (path, arg) in found {
            let free = FREE.into_iter().any(|of| is(&arg, of));
            assert!(
                completed(&arg).is_some() != free,
                "`{path}` needs one of the types in args.rs that say what it means, such as `Location`, or `Text`"
            );
        }
    }

    #[test]
    fn every_way_of_completing_is_some_arguments() {
        let mut found = Vec::new();
        arguments(&Cli::command(), "dbg-session", &mut found);
        for (i, (of, _)) in COMPLETED.into_iter().enumerate() {
            assert!(
                found.iter().any(|(_, arg)| is(arg, of)),
                "number {i} of the table"
            );
        }
    }
}
