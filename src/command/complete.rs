//! What could stand where the cursor is.

use super::Context;

/// Candidates for the last word of `line`, the text after `dbg-session ` up to
/// the cursor. Each replaces that whole word; an empty last word (the line is
/// empty or ends in a space) stands for a new one.
#[must_use]
pub fn complete(line: &str, _context: &Context<'_>) -> Vec<String> {
    let _ = line;
    Vec::new()
}
