use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::source::{SourceKeeper, closing_line, head_line};
use crate::ids::SymbolId;
use crate::session_db::{SessionDb, source_file, utc_now};
use crate::symbols::{Interner, Symbol};

/// A function's head may stand so many lines above its first code.
const HEAD: u32 = 20;

/// A function's machine code, as a debugger read it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Code {
    /// The mangled name where there is one.
    pub name: String,
    /// `c`, `cpp`, `rust`, `unknown`.
    pub lang: String,
    /// The source file, absolute where the debugger knows it.
    pub file: Option<String>,
    /// The function's own lines; 0 without line information.
    pub first_line: u32,
    /// The last of them.
    pub last_line: u32,
    /// Address of the first instruction at the time.
    pub start: u64,
    /// The assembler's dialect, where there are several.
    pub flavor: Option<String>,
    /// In the order of their addresses.
    pub instructions: Vec<Instruction>,
}

/// One instruction of [`Code`].
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Instruction {
    /// Bytes from the function's start.
    pub offset: u64,
    /// Its bytes in hexadecimal.
    pub data: String,
    /// Mnemonic and operands, without the operand that is `target`.
    pub text: String,
    /// From 1; 0: none.
    pub line: u32,
    /// Set where that is in another file than the function.
    pub file: Option<String>,
    /// The function jumped to, or the data meant.
    pub target: Option<String>,
    /// Bytes into it.
    pub target_offset: u64,
    /// `target` only explains an operand.
    pub comment: bool,
}

/// One entry of `disassembly.asm_lines_json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsmLine {
    /// Bytes from the function's start.
    pub offset: u64,
    /// The instruction's bytes in hexadecimal.
    #[serde(default)]
    pub bytes: String,
    /// Mnemonic and operands.
    pub text: String,
    /// Line of the source, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Its file, where that is another than the function's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// Keeps a function's code and source in a session; answers its canonical name.
///
/// # Errors
/// What SQLite says.
pub(crate) fn keep(session: &SessionDb, host: &str, code: &Code, trigger: &str) -> Result<String> {
    let cwd = session.cwd()?.unwrap_or_default();
    let symbol = Symbol::canonical(&code.name, code.lang.parse().ok());
    let conn = session.conn();
    let id = Interner::default().symbol(conn, session.session_id(), &symbol)?;
    let lines = asm_lines(code, &symbol.fqn, &cwd);
    let text: String = lines
        .iter()
        .map(|line| format!("+{:#x}\t{}\n", line.offset, line.text))
        .collect();
    let bytes = code
        .instructions
        .iter()
        .map(|i| i.data.len() / 2)
        .sum::<usize>();
    // Asked for once more, the same code is the same row.
    conn.execute(
        "DELETE FROM disassembly WHERE symbol_id = ? AND source = ? AND asm_text = ? AND layer_id IS NULL",
        params![id, host, text],
    )?;
    conn.execute(
        "INSERT INTO disassembly (session_id, symbol_id, source, code_bytes, asm_text, asm_lines_json,
             collected_at, trigger, start, flavor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            session.session_id(),
            id,
            host,
            bytes,
            text,
            serde_json::to_string(&lines)?,
            utc_now(),
            trigger,
            code.start.cast_signed(),
            code.flavor,
        ],
    )?;
    if let (Some(file), 1..) = (&code.file, code.first_line) {
        let file = source_file(file, &cwd);
        let whose = (session.session_id(), id, symbol.fqn.as_str());
        keep_source(conn, whose, &file, code, &cwd)?;
    }
    Ok(symbol.fqn)
}

fn asm_lines(code: &Code, own: &str, cwd: &Path) -> Vec<AsmLine> {
    let line = |i: &Instruction| AsmLine {
        offset: i.offset,
        bytes: i.data.clone(),
        text: text(i, own),
        line: (i.line > 0).then_some(i.line),
        file: i.file.as_ref().map(|file| source_file(file, cwd)),
    };
    code.instructions.iter().map(line).collect()
}

/// An instruction without addresses, which are others in the next process.
fn text(i: &Instruction, own: &str) -> String {
    let Some(target) = &i.target else {
        return i.text.clone();
    };
    let fqn = Symbol::canonical(target, None).fqn;
    let name = if fqn == own && !i.comment { "" } else { &fqn };
    let meant = match i.target_offset {
        0 if !name.is_empty() => format!("<{name}>"),
        offset => format!("<{name}+{offset:#x}>"),
    };
    if i.comment {
        format!("{}  # {meant}", i.text)
    } else {
        format!("{} {meant}", i.text)
    }
}

/// The function's own lines, with their symbol, from what was kept of the file already, else
/// from the file as it is now.
fn keep_source(
    conn: &Connection,
    (session, symbol, function): (&str, SymbolId, &str),
    file: &str,
    code: &Code,
    cwd: &Path,
) -> Result<()> {
    let (first, last) = (code.first_line, code.last_line);
    let mut kept = covering(conn, file, first)?;
    if kept.is_none() {
        SourceKeeper::default().keep(conn, session, file, first, cwd)?;
        kept = covering(conn, file, first)?;
    }
    let Some((start, text, hash)) = kept else {
        return Ok(()); // The file is not there.
    };
    // Optimized code need not have the lines that a function begins and ends with.
    let near = |head: &u32| first - head <= HEAD;
    let first = head_line(start, &text, first, function)
        .filter(near)
        .unwrap_or(first);
    let last = closing_line(start, &text, first).unwrap_or(last);
    // Overloads share a symbol: the one asked for last is the newest.
    conn.execute(
        "DELETE FROM source_snapshots WHERE symbol_id = ? AND line_start = ?",
        params![symbol, first],
    )?;
    let lines: Vec<&str> = text
        .lines()
        .skip((first - start) as usize)
        .take((last + 1).saturating_sub(first) as usize)
        .collect();
    conn.execute(
        "INSERT INTO source_snapshots
             (session_id, symbol_id, file, line_start, line_end, text, content_hash, collected_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            session,
            symbol,
            file,
            first,
            first as usize + lines.len().max(1) - 1,
            lines.join("\n"),
            hash,
            utc_now()
        ],
    )?;
    Ok(())
}

type Snapshot = (u32, String, Option<String>);

/// What was kept of a file around a line: (first line, text, hash).
fn covering(conn: &Connection, file: &str, line: u32) -> rusqlite::Result<Option<Snapshot>> {
    conn.query_row(
        "SELECT line_start, text, content_hash FROM source_snapshots
         WHERE file = ?1 AND symbol_id IS NULL AND line_start <= ?2 AND line_end >= ?2 AND text IS NOT NULL
         ORDER BY collected_at DESC LIMIT 1",
        params![file, line],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
    .optional()
}
