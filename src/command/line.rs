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
/// The query of `sql` and the text of `note` are taken as they stand, so that
/// quotes in them need no care; flags come before them, `--json` also behind.
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
    let (verb, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    match Cli::command().find_subcommand(verb) {
        Some(verb) if takes_the_rest(verb) => Ok(verbatim(verb, rest.trim())),
        _ => split(line),
    }
}

/// Whether what stands behind a verb's flags is taken as it was typed.
fn takes_the_rest(verb: &Command) -> bool {
    verb.get_positionals()
        .any(|arg| is(arg, TypeId::of::<Verbatim>))
}

/// Leading flags, then all the rest as one word.
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
    if let Some(before) = rest.strip_suffix(" --json") {
        words.push("--json".to_owned());
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

/// Words as a shell has them.
fn split(line: &str) -> Result<Vec<String>, Unclosed> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ('\\', None | Some('"')) => {
                // At the very end it stands for itself.
                word.get_or_insert_default()
                    .push(chars.next().unwrap_or('\\'));
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    match quote {
        Some(open) => Err(Unclosed(open)),
        None => {
            words.extend(word);
            Ok(words)
        }
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
