//! Source text as it is while the session is recorded, so that `show` can print
//! the lines of a hit although the file has changed since.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::{Connection, Result, params};

use crate::plain::read_plain;
use crate::session_db::{compute_target_hash, place_of, utc_now};

/// A source file up to this size is kept whole.
const WHOLE_BYTES: usize = 256 * 1024;
/// Of a larger one, this many lines either side of a hit.
const LINES_AROUND: usize = 100;

/// Remembers what was kept already.
#[derive(Debug, Default)]
pub(super) struct SourceKeeper {
    /// Places looked at: (path as in `location_key`, line).
    seen: HashSet<(String, u32)>,
    /// Files kept whole.
    whole: HashSet<String>,
}

impl SourceKeeper {
    /// Keeps the source around a line, once. A file that cannot be read has no
    /// source to keep, which is no error.
    pub(super) fn keep(
        &mut self,
        conn: &Connection,
        session: &str,
        file: &str,
        line: u32,
        cwd: &Path,
    ) -> Result<()> {
        let path = place_of(file, cwd);
        // Files seen earlier cost one look-up a hit.
        if !self.seen.insert((file.to_owned(), line)) || self.whole.contains(file) {
            return Ok(());
        }
        let Ok(hash) = compute_target_hash(&path) else {
            return Ok(());
        };
        let Ok(bytes) = read_plain(&path) else {
            return Ok(());
        };
        let text = String::from_utf8_lossy(&bytes);
        let (first, last, kept) = if text.len() <= WHOLE_BYTES {
            self.whole.insert(file.to_owned());
            (1, text.lines().count(), text.into_owned())
        } else {
            around(&text, line as usize)
        };
        conn.prepare_cached(
            "INSERT INTO source_snapshots
                 (session_id, file, line_start, line_end, text, content_hash, collected_at)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![session, file, first, last, kept, hash, utc_now()])?;
        Ok(())
    }
}

fn around(text: &str, line: usize) -> (usize, usize, String) {
    let first = line.saturating_sub(LINES_AROUND).max(1);
    let kept: Vec<&str> = text
        .lines()
        .skip(first - 1)
        .take(2 * LINES_AROUND + 1)
        .collect();
    (first, first + kept.len().saturating_sub(1), kept.join("\n"))
}

/// The line, at `line` or above it and not outside its function, where the head of `function` is
/// written; going by its looks, which are those of a declaration and not of a call.
pub(crate) fn head_line(first: u32, text: &str, line: u32, function: &str) -> Option<u32> {
    let bare = function.split(['<', '(']).next().unwrap_or(function);
    let bare = bare.rsplit("::").next().unwrap_or(bare);
    let named = |line: &str| {
        line.match_indices(bare).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + bare.len()..].trim_start().chars().next();
            matches!(after, Some('(' | '<'))
                && !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
        })
    };
    let declares = |line: &str| {
        let code = line.split("//").next().unwrap_or(line).trim_end();
        named(code) && (!code.ends_with(';') || code.contains('{'))
    };
    let above: Vec<(u32, &str)> = (first..)
        .zip(text.lines())
        .take_while(|(n, _)| *n <= line)
        .collect();
    let found = above
        .iter()
        .rev()
        .find(|(_, line)| !bare.is_empty() && declares(line));
    found.map(|(n, _)| *n)
}

/// The line of the bracket that closes what begins at the line `head`, going by the indentation.
pub(crate) fn closing_line(first: u32, text: &str, head: u32) -> Option<u32> {
    let lines = || (first..).zip(text.lines()).skip_while(|(n, _)| *n < head);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let (_, head_line) = lines().next()?;
    if head_line.trim_end().ends_with('}') {
        return Some(head);
    }
    let closes =
        |line: &str| line.trim_start().starts_with('}') && indent(line) <= indent(head_line);
    lines()
        .skip(1)
        .find(|(_, line)| closes(line))
        .map(|(n, _)| n)
}
