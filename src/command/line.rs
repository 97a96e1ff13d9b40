//! A command line as it is typed inside a debugger: one text, not yet words.

use std::any::TypeId;
use std::ffi::OsString;

use clap::{Command, CommandFactory};

use super::args::Verbatim;
use super::cli::Cli;
use super::complete::{awaits_value, is};
use super::{Context, Output, failure, run};

/// Runs the text that stands behind `dbg-session` in a debugger.
///
/// Words are split as a shell splits them: quotes and backslashes count.
/// The query of `sql`, the text of `note`, the expression of `watch` and what stands behind `if`
/// are taken as they stand, so that quotes in them need no care; flags come before them, those
/// that take no value also behind.
#[must_use]
pub fn run_line(line: &str, context: &Context<'_>) -> Output {
    match words(line) {
        Ok(words) => {
            let args: Vec<OsString> = words.into_iter().map(OsString::from).collect();
            run(&args, context)
        }
        Err(Unclosed(quote)) => failure::misuse(
            &format!("a {quote} is opened and never closed"),
            context.form(&[]),
        ),
    }
}

/// A quotation mark without its partner.
#[derive(Debug, PartialEq, Eq)]
struct Unclosed(char);

fn words(line: &str) -> Result<Vec<String>, Unclosed> {
    let line = line.trim();
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    match Cli::command().find_subcommand(name) {
        Some(verb) if takes_the_rest(verb) && !names_a_verb_below(verb, rest) => {
            Ok(verbatim(verb, rest))
        }
        Some(verb) if has_flag(verb, "if") => with_condition(verb, line),
        _ => split(line),
    }
}

/// Whether what stands behind a verb's flags is taken as it was typed.
fn takes_the_rest(verb: &Command) -> bool {
    verb.get_positionals()
        .any(|arg| is(arg, TypeId::of::<Verbatim>))
}

fn names_a_verb_below(verb: &Command, rest: &str) -> bool {
    let first = rest.split_whitespace().next().unwrap_or_default();
    verb.find_subcommand(first).is_some()
}

fn has_flag(verb: &Command, flag: &str) -> bool {
    verb.get_arguments().any(|arg| arg.get_long() == Some(flag))
}

/// Leading flags, then all the rest as one word; flags that take no value may also stand behind.
fn verbatim(verb: &Command, mut rest: &str) -> Vec<String> {
    let mut words = vec![verb.get_name().to_owned()];
    while rest.starts_with('-') {
        let (flag, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        words.push(flag.to_owned());
        rest = behind.trim_start();
        if awaits_value(verb, flag).is_some() {
            let (value, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            words.push(value.to_owned());
            rest = behind.trim_start();
        }
    }
    while let Some((before, flag)) = rest.rsplit_once(" --") {
        if flag != "json"
            && (!has_flag(verb, flag) || awaits_value(verb, &format!("--{flag}")).is_some())
        {
            break;
        }
        words.push(format!("--{flag}"));
        rest = before.trim_end();
    }
    if !rest.is_empty() {
        // Who quotes it nevertheless means what is inside.
        let whole = ['"', '\''].into_iter().find_map(|quote| {
            let inside = rest.strip_prefix(quote)?.strip_suffix(quote)?;
            (!inside.contains(quote)).then_some(inside)
        });
        words.extend(["--".to_owned(), whole.unwrap_or(rest).to_owned()]);
    }
    words
}

/// Words as a shell has them, up to `if`: behind it stands a condition as it was typed, as in the
/// debuggers' own commands, up to the next flag of the verb.
fn with_condition(verb: &Command, line: &str) -> Result<Vec<String>, Unclosed> {
    let mut words = Vec::new();
    let mut rest = line;
    while let Some((word, behind)) = first_word(rest)? {
        // Not the first behind the verb, and not quoted.
        if words.len() > 1 && rest.trim_start().starts_with("if") && word == "if" {
            let flags = behind.match_indices(" --").map(|(at, _)| at);
            let is_flag = |at: &usize| {
                let flag = behind[at + 3..].split(char::is_whitespace).next();
                flag.is_some_and(|flag| flag == "json" || has_flag(verb, flag))
            };
            let end = flags.into_iter().find(is_flag).unwrap_or(behind.len());
            let (condition, flags) = behind.split_at(end);
            words.extend(["--if".to_owned(), condition.trim().to_owned()]);
            words.extend(split(flags)?);
            return Ok(words);
        }
        words.push(word);
        rest = behind;
    }
    Ok(words)
}

/// Words as a shell has them.
fn split(mut line: &str) -> Result<Vec<String>, Unclosed> {
    let mut words = Vec::new();
    while let Some((word, rest)) = first_word(line)? {
        words.push(word);
        line = rest;
    }
    Ok(words)
}

/// The first word of a line, and what stands behind it.
fn first_word(line: &str) -> Result<Option<(String, &str)>, Unclosed> {
    let line = line.trim_start();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ('\\', None | Some('"')) => {
                // At the very end it stands for itself.
                let escaped = chars.next().map_or('\\', |(_, c)| c);
                word.get_or_insert_default().push(escaped);
            }
            (c, None) if c.is_whitespace() => {
                return Ok(word.map(|word| (word, &line[at..])));
            }
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    match quote {
        Some(open) => Err(Unclosed(open)),
        None => Ok(word.map(|word| (word, ""))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_split_as_a_shell_does() {
        assert_eq!(words(" hits  t.c:10 ").unwrap(), ["hits", "t.c:10"]);
        assert_eq!(
            words("hits 'my file.c:1' a\\ b \"c d\" ''").unwrap(),
            ["hits", "my file.c:1", "a b", "c d", ""]
        );
        assert_eq!(words("hits 'oops").unwrap_err(), Unclosed('\''));
        assert!(words("").unwrap().is_empty());
    }

    #[test]
    fn queries_and_notes_are_taken_as_they_stand() {
        let query = "SELECT 'it''s' FROM t -- x";
        assert_eq!(
            words(&format!("sql {query}")).unwrap(),
            ["sql", "--", query]
        );
        assert_eq!(
            words(&format!("sql --limit 5 {query} --json")).unwrap(),
            ["sql", "--limit", "5", "--json", "--", query]
        );
        assert_eq!(
            words("sql \"SELECT 1\"").unwrap(),
            ["sql", "--", "SELECT 1"]
        );
        assert_eq!(
            words("sql 'a' || 'b'").unwrap(),
            ["sql", "--", "'a' || 'b'"]
        );
        assert_eq!(
            words("note --hit 3 don't").unwrap(),
            ["note", "--hit", "3", "--", "don't"]
        );
        assert_eq!(words("note --help").unwrap(), ["note", "--help"]);
    }

    #[test]
    fn expressions_are_taken_as_they_stand() {
        assert_eq!(
            words("watch c == 'n'").unwrap(),
            ["watch", "--", "c == 'n'"]
        );
        assert_eq!(
            words("watch v.size() --allow-calls --json").unwrap(),
            ["watch", "--json", "--allow-calls", "--", "v.size()"]
        );
        assert_eq!(words("watch a --b").unwrap(), ["watch", "--", "a --b"]);
        assert_eq!(words("watch \"a + 1\"").unwrap(), ["watch", "--", "a + 1"]);
        assert_eq!(words("watch delete 1").unwrap(), ["watch", "delete", "1"]);
        assert_eq!(words("watch list").unwrap(), ["watch", "list"]);
    }

    #[test]
    fn a_condition_may_stand_behind_a_place_as_in_the_debuggers() {
        let condition = r#"c == '\'' && strcmp(s, "a") == 0"#;
        assert_eq!(
            words(&format!("trace --max 3 t.c:10 if {condition}")).unwrap(),
            ["trace", "--max", "3", "t.c:10", "--if", condition]
        );
        assert_eq!(
            words("trace parse if n > --m --every 2 --json").unwrap(),
            [
                "trace", "parse", "--if", "n > --m", "--every", "2", "--json"
            ]
        );
        assert_eq!(words("trace 'if'").unwrap(), ["trace", "if"]);
        assert_eq!(words("trace a 'if' b").unwrap(), ["trace", "a", "if", "b"]);
        assert_eq!(
            words("trace f --if 'i > 3'").unwrap(),
            ["trace", "f", "--if", "i > 3"]
        );
    }

    proptest! {
        #[test]
        fn what_is_quoted_stays_together(word in "[^'\\\\]{0,20}") {
            prop_assert_eq!(split(&format!("hits '{word}'")).unwrap(), vec!["hits".to_owned(), word]);
        }

        #[test]
        fn no_line_panics(line in "\\PC{0,40}") {
            let _ = words(&line);
        }
    }
}
