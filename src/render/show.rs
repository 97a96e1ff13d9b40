//! One hit in full, as a page.

use serde_json::Value;

use super::table::{Column, Table};
use super::text::{clean, clean_lines, elide};
use super::{Answer, Form, answer, time};
use crate::query::hits::Hit;
use crate::query::show::{Frame, Shown, Source};
use crate::value::locals::{Node, all, shown};

/// Writes one hit.
#[must_use]
pub fn show(shown: &Shown, form: Form) -> Answer {
    answer(shown, form, || Answer::new(page(shown, form.width())))
}

fn page(shown: &Shown, columns: Option<usize>) -> String {
    let mut page = heading(&shown.hit) + "\n";
    let mut part = |title: &str, text: String| {
        if !text.is_empty() {
            page.push_str(&format!("\n{title}\n{text}"));
        }
    };
    // Parts are indented by two.
    let columns = columns.map(|columns| columns.saturating_sub(2));
    part("Values", indented(&values(&shown.hit, columns)));
    part("Watches", indented(&watches(shown, columns)));
    part("Stack", indented(&stack(&shown.stack, columns)));
    part("Notes", indented(&notes(shown)));
    if let Some(kept) = &shown.source {
        let title = format!("Source as it was, {}", clean(&kept.file));
        part(&title, source(kept, columns));
    }
    page
}

pub(super) fn heading(hit: &Hit) -> String {
    let function = hit.function.as_ref().map(|f| format!(" in {f}"));
    let mut facts = vec![time(&hit.ts, 6) + " UTC"];
    facts.extend(hit.thread.as_ref().map(|n| match &hit.thread_name {
        Some(name) => format!("thread {n} \"{name}\""),
        None => format!("thread {n}"),
    }));
    facts.extend(hit.tid.map(|tid| format!("tid {tid}")));
    facts.extend(hit.pid.map(|pid| format!("process {pid}")));
    let numbers: Vec<String> = hit.breakpoints.iter().map(ToString::to_string).collect();
    let reason = [
        hit.reason.clone().unwrap_or_default(),
        numbers.join(" "),
        hit.detail.clone().unwrap_or_default(),
    ];
    let reason: Vec<String> = reason.into_iter().filter(|r| !r.is_empty()).collect();
    facts.push(reason.join(" "));
    facts.extend(hit.pc.as_ref().map(|pc| format!("pc {pc}")));
    facts.retain(|fact| !fact.is_empty());
    let title = format!(
        "{} hit {}{} (number {})",
        hit.location,
        hit.seq,
        function.unwrap_or_default(),
        hit.id
    );
    let mut lines = vec![title, facts.join(", ")];
    lines.extend(hit.error.as_ref().map(|e| format!("not whole: {e}")));
    lines
        .iter()
        .map(|line| clean(line).into_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// The lines below a table's titles.
fn body(table: &Table, columns: Option<usize>) -> String {
    let text = table.aligned_text(columns);
    text.split_once('\n')
        .map_or(String::new(), |(_, body)| body.to_owned())
}

fn values(hit: &Hit, columns: Option<usize>) -> String {
    let mut table = Table::new([
        ("", Column::Fixed),
        ("", Column::Wide),
        ("", Column::Wide),
        ("", Column::Fixed),
    ]);
    for (name, value) in all(&hit.values) {
        add(&mut table, name, value, 0);
    }
    body(&table, columns)
}

fn add(table: &mut Table, name: &str, value: &Value, depth: usize) {
    let node = Node(value);
    let mut remarks = Vec::new();
    if node.is_arg() {
        remarks.push("argument".to_owned());
    }
    if !shown(value).starts_with('<') {
        remarks.extend(node.status().map(str::to_owned));
    }
    remarks.extend(node.count().map(|n| format!("{n} in all")));
    table.row([
        &format!("{}{name}", "  ".repeat(depth)),
        node.type_name().unwrap_or_default(),
        &shown(value),
        &remarks.join(", "),
    ]);
    for (name, Node(member)) in node.members() {
        add(table, name, member, depth + 1);
    }
}

fn watches(shown: &Shown, columns: Option<usize>) -> String {
    let titles = [("", Column::Fixed), ("", Column::Wide), ("", Column::Wide)];
    let mut table = Table::new(titles);
    for watch in &shown.watches {
        let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
        table.row([
            &watch.expr,
            &or_empty(&watch.r#type),
            &or_empty(&watch.value),
        ]);
    }
    body(&table, columns)
}

fn stack(frames: &[Frame], columns: Option<usize>) -> String {
    let titles = [("", Column::Number), ("", Column::Wide), ("", Column::Wide)];
    let mut table = Table::new(titles);
    for at in frames {
        let (function, place) = frame(at);
        table.row([&format!("#{}", at.level), function, &place]);
    }
    body(&table, columns)
}

/// A frame's function and where in it.
pub(super) fn frame(frame: &Frame) -> (&str, String) {
    let mut place = match (&frame.file, frame.line, &frame.module) {
        (Some(file), Some(line), _) => format!("{file}:{line}"),
        (_, _, Some(module)) => match frame.module_offset {
            Some(offset) => format!("{module} +{offset:#x}"),
            None => module.clone(),
        },
        _ => String::new(),
    };
    if frame.inlined {
        place.push_str(" (inlined)");
    }
    (frame.function.as_deref().unwrap_or("??"), place)
}

fn notes(shown: &Shown) -> String {
    let notes = shown
        .notes
        .iter()
        .map(|note| format!("{}  {}\n", time(&note.ts, 0), clean(&note.text)));
    notes.collect()
}

fn source(source: &Source, columns: Option<usize>) -> String {
    let last = source.first_line + source.lines.len();
    let digits = last.to_string().len();
    let mut text = String::new();
    for (n, line) in (source.first_line..).zip(&source.lines) {
        let mark = if n == source.line { '>' } else { ' ' };
        let line = format!("{mark} {n:>digits$}  {}", clean_lines(line));
        text.push_str(elide(line.trim_end(), columns.map_or(usize::MAX, |c| c + 2)).as_ref());
        text.push('\n');
    }
    text
}
