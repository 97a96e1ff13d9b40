//! Source text as it was recorded: of a function, or around a location.

use std::path::Path;

use anyhow::{Result, bail};
use rusqlite::{OptionalExtension, params};
use serde::Serialize;

use crate::query::function::{FunctionError, find_function};
use crate::query::location;
use crate::query::read::counts::by_line;
use crate::record::{closing_line, head_line};
use crate::session_db::SessionDb;

/// Lines shown on either side of a location whose function is not known.
const AROUND: u32 = 10;
/// A function whose end is not known is not shown any longer than this.
const LONGEST: u32 = 400;

/// Source lines of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceText {
    /// The session's label.
    pub session: String,
    /// The function, when one was asked for or the location lies in a known one.
    pub function: Option<String>,
    /// As in a location key.
    pub file: String,
    /// The line that was asked for.
    pub line: Option<u32>,
    /// UTC, ISO 8601: when the text was kept.
    pub collected_at: String,
    /// The lines.
    pub lines: Vec<SourceLine>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourceLine {
    /// From 1.
    pub number: u32,
    /// Hits at it.
    pub hits: u64,
    /// The text, its indentation included.
    pub text: String,
}

/// The source of what `asked` names: a function, `file:line`, or any location.
///
/// # Errors
/// A sentence when there is none, or what SQLite says.
pub fn source(session: &SessionDb, asked: &str, cwd: &Path) -> Result<SourceText> {
    let unknown = match find_function(session, asked) {
        Ok(function) => return of_function(session, &function),
        Err(e) => e,
    };
    if let Some((file, line)) = file_and_line(session, asked, cwd)? {
        return around(session, &file, line);
    }
    if matches!(unknown.downcast_ref(), Some(FunctionError::NotFound(_))) {
        bail!(
            "no source of `{asked}` is kept; it is kept where a hit was, and of what `disasm` or `source` \
             is asked for inside a debugger"
        );
    }
    Err(unknown)
}

/// The function's own lines, where a debugger told them, else those that look like it.
///
/// # Errors
/// A sentence when there is none, or what SQLite says.
pub fn of_function(session: &SessionDb, function: &str) -> Result<SourceText> {
    let told: Option<(String, u32, u32)> = session
        .conn()
        .query_row(
            "SELECT snapshots.file, line_start, line_end
             FROM source_snapshots AS snapshots JOIN symbols ON symbols.id = snapshots.symbol_id
             WHERE symbols.fqn = ? AND snapshots.file IS NOT NULL AND line_start > 0
             ORDER BY snapshots.collected_at DESC LIMIT 1",
            [function],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let (file, first, last) = match told {
        Some(told) => told,
        None => guessed(session, function)?,
    };
    let mut text = lines(session, &file, first, last)?;
    text.function = Some(function.to_owned());
    Ok(text)
}

fn around(session: &SessionDb, file: &str, line: u32) -> Result<SourceText> {
    let key = format!("{file}:{line}");
    let at = location::known(session)?
        .into_iter()
        .find(|known| known.key == key);
    let function = at.and_then(|known| known.function);
    let whole = function.and_then(|function| of_function(session, &function).ok());
    let inside =
        whole.filter(|text| text.file == file && text.lines.iter().any(|l| l.number == line));
    let mut text = match inside {
        Some(text) => text,
        None => lines(
            session,
            file,
            line.saturating_sub(AROUND).max(1),
            line + AROUND,
        )?,
    };
    text.line = Some(line);
    Ok(text)
}

/// A location as files and lines: one that was hit, or any line of a file that was kept.
fn file_and_line(session: &SessionDb, asked: &str, cwd: &Path) -> Result<Option<(String, u32)>> {
    let key = match location::find(session, asked, cwd) {
        Ok(place) => place.keys.into_iter().next(),
        Err(_) => None,
    };
    let split = |text: &str| {
        let (file, line) = text.rsplit_once(':')?;
        Some((file.to_owned(), line.parse::<u32>().ok()?))
    };
    if let Some(place) = key.as_deref().and_then(split) {
        return Ok(Some(place));
    }
    let Some((file, line)) = split(asked) else {
        return Ok(None);
    };
    let query = "SELECT DISTINCT file FROM source_snapshots
                 WHERE file IS NOT NULL AND line_start <= ?1 AND line_end >= ?1 ORDER BY file";
    let mut statement = session.conn().prepare(query)?;
    let files = statement.query_map([line], |row| row.get(0))?;
    let files: Vec<String> = files.collect::<rusqlite::Result<_>>()?;
    let tail = format!("/{file}");
    let exact = files.iter().find(|f| **f == file);
    let mut ends = files.iter().filter(|f| f.ends_with(&tail));
    Ok(match (exact, ends.next(), ends.next()) {
        (Some(file), _, _) | (None, Some(file), None) => Some((file.clone(), line)),
        (None, Some(one), Some(other)) => {
            bail!("`{asked}` may be in {one} or {other}; write more of the path")
        }
        _ => None,
    })
}

/// From a snapshot of the file that has the first line.
fn lines(session: &SessionDb, file: &str, first: u32, last: u32) -> Result<SourceText> {
    let Some((start, text, collected_at)) = snapshot(session, file, first)? else {
        bail!("no source of {file}:{first} is kept; the file was not there when it was recorded");
    };
    let hits = by_line(session, file)?;
    let kept = (start..).zip(text.lines());
    let wanted = kept
        .skip_while(|(n, _)| *n < first)
        .take_while(|(n, _)| *n <= last);
    Ok(SourceText {
        session: session.label().to_owned(),
        function: None,
        file: file.to_owned(),
        line: None,
        collected_at,
        lines: wanted
            .map(|(number, text)| SourceLine {
                number,
                hits: hits.get(&number).copied().unwrap_or_default(),
                text: text.to_owned(),
            })
            .collect(),
    })
}

/// The newest text of a file that has a line: (its first line, text, when).
pub(super) fn snapshot(
    session: &SessionDb,
    file: &str,
    line: u32,
) -> Result<Option<(u32, String, String)>> {
    Ok(session
        .conn()
        .query_row(
            "SELECT line_start, text, collected_at FROM source_snapshots
             WHERE file = ?1 AND line_start <= ?2 AND line_end >= ?2 AND text IS NOT NULL
             ORDER BY symbol_id IS NOT NULL, collected_at DESC LIMIT 1",
            params![file, line],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?)
}

/// The lines of a function that no debugger told of: from where its name is
/// written above its first hit to the bracket that closes it.
fn guessed(session: &SessionDb, function: &str) -> Result<(String, u32, u32)> {
    let places = location::known(session)?;
    let of_it = places
        .iter()
        .filter(|known| known.function.as_deref() == Some(function));
    let mut at: Vec<(&str, u32)> = of_it
        .filter_map(|known| known.key.rsplit_once(':'))
        .filter_map(|(file, line)| Some((file, line.parse().ok()?)))
        .collect();
    at.sort_unstable();
    let Some(&(file, first)) = at.first() else {
        bail!(
            "no source of `{function}` is kept; type `dbg-session source {function}` inside a debugger \
             that has the program"
        );
    };
    let last = at
        .iter()
        .filter(|(f, _)| *f == file)
        .map(|(_, line)| *line)
        .max();
    let last = last.unwrap_or(first);
    let Some((start, text, _)) = snapshot(session, file, first)? else {
        bail!("no source of {file}:{first} is kept; the file was not there when it was recorded");
    };
    let (first, last) = extent(&text, start, (first, last), function);
    Ok((file.to_owned(), first, last))
}

/// From the head of `function` above `first` to the bracket below `last`.
fn extent(text: &str, start: u32, (first, last): (u32, u32), function: &str) -> (u32, u32) {
    let Some(head) = head_line(start, text, first, function) else {
        return (first.saturating_sub(AROUND).max(1), last + AROUND);
    };
    let end = closing_line(start, text, head).filter(|end| *end >= last);
    let end = end.unwrap_or(last + AROUND);
    (head, end.min(head + LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_found_by_its_looks() {
        let text = "int a;\n\nint parse(\n    char *s) {\n    if (s) {\n        next();\n    }\n    return 0;\n}\nint next() { return 1; }\n";
        assert_eq!(extent(text, 1, (6, 8), "ns::parse"), (3, 9));
        assert_eq!(extent(text, 1, (10, 10), "next"), (10, 10));
        assert_eq!(extent(text, 1, (8, 8), "other"), (1, 18));
    }
}
