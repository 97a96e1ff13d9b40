//! Machine code of a function, as it was kept.

use anyhow::{Result, bail};
use rusqlite::OptionalExtension;
use serde::Serialize;

use super::source::snapshot;
use crate::query::read::counts::by_line;
use crate::record::AsmLine;
use crate::session_db::SessionDb;

/// A function's machine code with its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disassembly {
    /// The session's label; none when no session keeps it.
    pub session: Option<String>,
    /// The canonical name.
    pub function: String,
    /// The function's source file, as in a location key.
    pub file: Option<String>,
    /// Who read it: `gdb`, `lldb`, or another tool.
    pub source: String,
    /// `att`, `intel`; none where there is one dialect only.
    pub flavor: Option<String>,
    /// UTC, ISO 8601.
    pub collected_at: String,
    /// Bytes of code.
    pub code_bytes: Option<i64>,
    /// Address of the first instruction when it was read.
    #[serde(skip)]
    pub start: Option<u64>,
    /// In the order of their addresses.
    pub instructions: Vec<AsmInstruction>,
}

/// An instruction, and the source line that it belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AsmInstruction {
    /// Bytes from the function's start; none when another tool did not tell.
    pub offset: Option<u64>,
    /// Its bytes in hexadecimal.
    pub bytes: String,
    /// Mnemonic and operands.
    pub text: String,
    /// Line of the source.
    pub line: Option<u32>,
    /// The line's file where that is another than the function's: the code was inlined.
    pub file: Option<String>,
    /// The line's text as it was kept.
    pub source: Option<String>,
    /// Hits at the line.
    pub hits: u64,
}

/// The newest code of a function that a session keeps.
///
/// # Errors
/// A sentence when none is kept, or what SQLite says.
pub fn disassembly(session: &SessionDb, function: &str) -> Result<Disassembly> {
    match kept(session, function)? {
        Some(code) => Ok(code),
        None => bail!(
            "no machine code of `{function}` is kept; type `dbg-session disasm {function}` inside a debugger \
             that has the program"
        ),
    }
}

/// The same; none when none is kept.
///
/// # Errors
/// What SQLite says.
pub fn kept(session: &SessionDb, function: &str) -> Result<Option<Disassembly>> {
    Ok(all_kept(session, function)?.into_iter().next())
}

/// All that is kept under a function's name, newest first: overloads share one, and a session may
/// have seen several builds.
///
/// # Errors
/// What SQLite says.
pub(super) fn all_kept(session: &SessionDb, function: &str) -> Result<Vec<Disassembly>> {
    let ours = session.has_column("disassembly", "start")?;
    let columns = if ours { "start, flavor" } else { "NULL, NULL" };
    let query = format!(
        "SELECT source, collected_at, code_bytes, asm_text, asm_lines_json, {columns}
         FROM disassembly JOIN symbols ON symbols.id = disassembly.symbol_id
         WHERE symbols.fqn = ? ORDER BY collected_at DESC, disassembly.id DESC"
    );
    let mut statement = session.conn().prepare(&query)?;
    let found = statement.query_map([function], |row| {
        let (text, lines): (String, Option<String>) = (row.get(3)?, row.get(4)?);
        let start: Option<i64> = row.get(5)?;
        Ok(Disassembly {
            session: Some(session.label().to_owned()),
            function: function.to_owned(),
            file: None,
            source: row.get(0)?,
            flavor: row.get(6)?,
            collected_at: row.get(1)?,
            code_bytes: row.get(2)?,
            start: start.map(i64::cast_unsigned),
            instructions: instructions(&text, lines.as_deref()),
        })
    })?;
    let found: Vec<Disassembly> = found.collect::<rusqlite::Result<_>>()?;
    found
        .into_iter()
        .map(|code| with_source(session, code))
        .collect()
}

/// Another tool's lines may have another shape: then the text, line by line.
fn instructions(text: &str, lines: Option<&str>) -> Vec<AsmInstruction> {
    let parsed = lines.and_then(|json| serde_json::from_str::<Vec<AsmLine>>(json).ok());
    match parsed {
        Some(lines) => lines
            .into_iter()
            .map(|line| AsmInstruction {
                offset: Some(line.offset),
                bytes: line.bytes,
                text: line.text,
                line: line.line,
                file: line.file,
                ..AsmInstruction::default()
            })
            .collect(),
        None => text
            .lines()
            .map(|line| AsmInstruction {
                text: line.to_owned(),
                ..AsmInstruction::default()
            })
            .collect(),
    }
}

fn with_source(session: &SessionDb, mut code: Disassembly) -> Result<Disassembly> {
    let query = "SELECT snapshots.file FROM source_snapshots AS snapshots
                 JOIN symbols ON symbols.id = snapshots.symbol_id WHERE symbols.fqn = ?
                 ORDER BY snapshots.collected_at DESC LIMIT 1";
    let conn = session.conn();
    let told = conn
        .query_row(query, [&code.function], |row| row.get(0))
        .optional()?;
    code.file = match told {
        Some(file) => file,
        None => conn
            .query_row(
                "SELECT file FROM symbols WHERE fqn = ? AND file IS NOT NULL",
                [&code.function],
                |row| row.get(0),
            )
            .optional()?,
    };
    let Some(file) = code.file.clone() else {
        return Ok(code);
    };
    let hits = by_line(session, &file)?;
    let own_lines = code.instructions.iter().filter(|i| i.file.is_none());
    let first = own_lines.filter_map(|i| i.line).min().unwrap_or(1);
    let text = snapshot(session, &file, first)?;
    for instruction in code.instructions.iter_mut().filter(|i| i.file.is_none()) {
        let Some(line) = instruction.line else {
            continue;
        };
        instruction.hits = hits.get(&line).copied().unwrap_or_default();
        instruction.source = text.as_ref().and_then(|(start, text, _)| {
            let n = line.checked_sub(*start)?;
            text.lines().nth(n as usize).map(str::to_owned)
        });
    }
    Ok(code)
}
