//! The instruction and the source line that a hit was at.

use anyhow::Result;
use serde::Serialize;
use serde_json::{Map, Value};

use super::disasm::{AsmInstruction, Disassembly, all_kept};
use super::hits::Hit;
use super::show::{Shown, Source, Which, show};
use crate::session_db::SessionDb;

/// Instructions shown before and after the hit's own.
const AROUND: usize = 5;
/// Address spaces are laid out in steps of this many bytes, so that an address keeps its rest
/// from one process to the next.
const PAGE: u64 = 4096;

/// A hit beside its code.
#[derive(Clone, Debug, Serialize)]
pub struct AtHit {
    /// The session's label.
    pub session: String,
    /// The hit.
    pub hit: Hit,
    /// Bytes from the function's start to the instruction, where that could be found.
    pub offset: Option<u64>,
    /// The instructions around; empty when no code of the function is kept.
    pub instructions: Vec<AsmInstruction>,
    /// Whether code of the function is kept at all.
    pub code_is_kept: bool,
    /// The source around.
    pub source: Option<Source>,
    /// The values that are named on the source line, in the order of their names there.
    pub named: Map<String, Value>,
}

/// What is known of the place of a hit.
///
/// # Errors
/// A sentence when there is no such hit, or what SQLite says.
pub fn at_hit(session: &SessionDb, which: &Which) -> Result<AtHit> {
    let Shown {
        hit,
        source,
        session: label,
        ..
    } = show(session, which)?;
    let all = match &hit.function {
        Some(function) => all_kept(session, function)?,
        None => Vec::new(),
    };
    let code_is_kept = !all.is_empty();
    let found = all
        .into_iter()
        .find_map(|code| current(&code, &hit).map(|index| (code, index)));
    let (code, index) = found.unzip();
    let instructions = match (&code, index) {
        (Some(code), Some(i)) => {
            let first = i.saturating_sub(AROUND);
            let last = (i + AROUND + 1).min(code.instructions.len());
            code.instructions[first..last].to_vec()
        }
        _ => Vec::new(),
    };
    let offset = code
        .as_ref()
        .zip(index)
        .and_then(|(code, i)| code.instructions[i].offset);
    let text = source
        .as_ref()
        .and_then(|s| s.lines.get(s.line - s.first_line));
    Ok(AtHit {
        session: label,
        named: text
            .map(|text| named(text, &hit.values))
            .unwrap_or_default(),
        offset,
        instructions,
        code_is_kept,
        source,
        hit,
    })
}

/// Which instruction the hit was at: the address has the right rest, and the line is the hit's.
fn current(code: &Disassembly, hit: &Hit) -> Option<usize> {
    let pc = hit
        .pc
        .as_ref()
        .and_then(|pc| u64::from_str_radix(pc.trim_start_matches("0x"), 16).ok())?;
    let rest = pc.wrapping_sub(code.start?) % PAGE;
    let line = hit
        .location
        .rsplit_once(':')
        .and_then(|(_, line)| line.parse::<u32>().ok());
    let fits = |i: &AsmInstruction| i.offset.is_some_and(|offset| offset % PAGE == rest);
    let by_line = |i: &AsmInstruction| fits(i) && (line.is_none() || i.line == line);
    let found = code.instructions.iter().position(by_line);
    found.or_else(|| {
        // A line that the debugger rounded: the rest alone tells, when it tells one.
        let mut all = code
            .instructions
            .iter()
            .enumerate()
            .filter(|(_, i)| fits(i));
        let (first, _) = all.next()?;
        all.next().is_none().then_some(first)
    })
}

/// The values whose names stand on a line of source.
fn named(text: &str, values: &Map<String, Value>) -> Map<String, Value> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut named = Map::new();
    for word in words {
        if let Some(value) = values.get(word) {
            named.insert(word.to_owned(), value.clone());
        }
    }
    named
}
