//! Machine code and source as listings.

use super::table::{Column, Table};
use super::text::{clean, clean_lines, elide};
use super::{Answer, Form, answer, count, show, time};
use crate::query::at_hit::AtHit;
use crate::query::disasm::{AsmInstruction, Disassembly};
use crate::query::source::SourceText;
use crate::value::locals;

/// Writes a function's machine code under its source lines.
#[must_use]
pub fn disassembly(code: &Disassembly, bytes: bool, form: Form) -> Answer {
    answer(code, form, || {
        let columns = form.width();
        let mut facts = vec![
            code.code_bytes.map(|n| count(n.unsigned_abs(), "byte")),
            Some(count(code.instructions.len() as u64, "instruction")),
            Some(code.source.to_uppercase()),
            code.flavor.clone(),
        ];
        facts.push(Some(format!("{} UTC", time(&code.collected_at, 0))));
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        let place = code.file.as_ref().map(|file| format!(" in {file}"));
        let title = format!(
            "{}{}: {}",
            code.function,
            place.unwrap_or_default(),
            facts.join(", ")
        );
        Answer::new(
            clean(&title).into_owned()
                + "\n\n"
                + &listing(&code.instructions, None, bytes, columns),
        )
    })
}

/// Instructions below the source lines that they belong to; one of them may be marked.
fn listing(
    instructions: &[AsmInstruction],
    current: Option<u64>,
    bytes: bool,
    columns: Option<usize>,
) -> String {
    let offset = |i: &AsmInstruction| i.offset.map(|o| format!("+{o:#x}")).unwrap_or_default();
    let offsets = instructions
        .iter()
        .map(|i| offset(i).len())
        .max()
        .unwrap_or(0);
    let data = if bytes {
        instructions
            .iter()
            .map(|i| i.bytes.len())
            .max()
            .unwrap_or(0)
    } else {
        0
    };
    let mut text = String::new();
    let mut last = None;
    for i in instructions {
        let line = (i.file.clone(), i.line);
        // Code between the lines belongs to the line before.
        if line.1.is_some() && last.as_ref() != Some(&line) {
            text.push_str(&head(i, columns));
            last = Some(line);
        }
        let mark = if current.is_some() && i.offset == current {
            '>'
        } else {
            ' '
        };
        let data = if data == 0 {
            String::new()
        } else {
            format!("{:data$}  ", i.bytes)
        };
        let row = format!(
            "{mark}   {:>offsets$}  {data}{}",
            offset(i),
            aligned(&i.text)
        );
        push(&mut text, &row, columns);
    }
    text
}

/// `mov   %rsp, %rbp`: operands below each other.
fn aligned(text: &str) -> String {
    match text.split_once(' ') {
        Some((mnemonic, operands)) => format!("{mnemonic:<7} {operands}"),
        None => text.to_owned(),
    }
}

/// The source line above its instructions.
fn head(i: &AsmInstruction, columns: Option<usize>) -> String {
    let mut text = String::new();
    let row = match (&i.file, i.line, &i.source) {
        (None, Some(line), Some(source)) => format!("{line}  {}", clean_lines(source)),
        (None, Some(line), None) => format!("line {line}"),
        (Some(file), Some(line), _) => format!("inlined from {file}:{line}"),
        _ => return text,
    };
    push(&mut text, &row, columns);
    text
}

fn push(text: &mut String, row: &str, columns: Option<usize>) {
    let row = clean_lines(row);
    text.push_str(elide(row.trim_end(), columns.unwrap_or(usize::MAX)).as_ref());
    text.push('\n');
}

/// Writes source with the hits of each line beside it.
#[must_use]
pub fn source(source: &SourceText, form: Form) -> Answer {
    answer(source, form, || {
        let function = source.function.as_ref().map(|f| format!("{f} in "));
        let title = format!(
            "{}{} as it was {} UTC, session {}",
            function.unwrap_or_default(),
            source.file,
            time(&source.collected_at, 0),
            source.session
        );
        let numbers = source
            .lines
            .iter()
            .map(|l| l.number.to_string().len())
            .max()
            .unwrap_or(1);
        let hits = |hits: u64| {
            if hits == 0 {
                String::new()
            } else {
                hits.to_string()
            }
        };
        let most = source
            .lines
            .iter()
            .map(|l| hits(l.hits).len())
            .max()
            .unwrap_or(0);
        let most = if most == 0 { 0 } else { most.max(4) };
        let mut text = clean(&title).into_owned() + "\n\n";
        if most > 0 {
            text.push_str(&format!("  {:>most$}\n", "hits"));
        }
        for line in &source.lines {
            let mark = if Some(line.number) == source.line {
                '>'
            } else {
                ' '
            };
            let gap = if most > 0 { "  " } else { "" };
            let row = format!(
                "{mark} {:>most$}{gap}{:>numbers$}  {}",
                hits(line.hits),
                line.number,
                clean_lines(&line.text)
            );
            push(&mut text, &row, form.width());
        }
        Answer::new(text)
    })
}

/// Writes where a hit was, with what the values of its line were.
#[must_use]
pub fn at_hit(at: &AtHit, form: Form) -> Answer {
    answer(at, form, || {
        let columns = form.width();
        let mut page = show::heading(&at.hit) + "\n";
        if let Some(source) = &at.source {
            page.push('\n');
            page.push_str(&around(source, columns));
        }
        if !at.named.is_empty() {
            let mut table = Table::new([("", Column::Fixed), ("", Column::Wide)]);
            for (name, value) in &at.named {
                table.row([name, &locals::shown(value)]);
            }
            let text = table.aligned_text(columns.map(|c| c.saturating_sub(2)));
            page.push('\n');
            page.extend(text.lines().skip(1).map(|line| format!("  {line}\n")));
        }
        if !at.instructions.is_empty() {
            page.push('\n');
            page.push_str(&listing(&at.instructions, at.offset, false, columns));
        }
        let function = at.hit.function.as_deref().unwrap_or("this place");
        let note = match (at.code_is_kept, at.offset) {
            (_, Some(_)) => String::new(),
            (false, _) => format!(
                "no machine code of {function} is kept; `dbg-session disasm {function}` inside a debugger keeps it"
            ),
            (true, None) => format!(
                "the code kept of {function} is of another build, or does not have this place"
            ),
        };
        Answer::new(page).noting(&note)
    })
}

/// Two lines on either side of the hit's own.
fn around(source: &crate::query::show::Source, columns: Option<usize>) -> String {
    let digits = (source.line + 2).to_string().len();
    let mut text = String::new();
    for (n, line) in (source.first_line..).zip(&source.lines) {
        if n + 2 < source.line || n > source.line + 2 {
            continue;
        }
        let mark = if n == source.line { '>' } else { ' ' };
        push(&mut text, &format!("{mark} {n:>digits$}  {line}"), columns);
    }
    text
}
