//! By which paths a place was reached, as a tree.

use super::table::{Column, Table};
use super::text::clean;
use super::{Answer, Form, answer, count, place};
use crate::ids::HitId;
use crate::query::callers::{CallPath, Callers};

/// Writes the paths to a place.
#[must_use]
pub fn callers(callers: &Callers, form: Form) -> Answer {
    answer(callers, form, || {
        let shown = match form.width() {
            Some(columns) => page(callers, columns),
            None => separated(callers),
        };
        Answer::new(shown).noting(&note(callers))
    })
}

fn separated(callers: &Callers) -> String {
    let x = callers.x;
    let titles = [
        "hits",
        "%",
        if x == "seq" { "first seq" } else { "first id" },
    ];
    let last = if x == "seq" { "last seq" } else { "last id" };
    let titles = titles.into_iter().chain([last, "path"]);
    let mut table = Table::new(titles.map(|title| (title, Column::Fixed)));
    for path in &callers.paths {
        table.row([
            &path.hits.to_string(),
            &format!("{:.1}", path.pct),
            &path.first.to_string(),
            &path.last.to_string(),
            &chain(&path.functions, path.cut),
        ]);
    }
    table.text(None)
}

/// `parse ← load ← main`; what calls itself is counted: `fib ×5 ← main`.
fn chain(functions: &[String], cut: bool) -> String {
    let runs = functions.chunk_by(|a, b| a == b);
    let runs = runs.map(|run| match run {
        [one] => one.clone(),
        run => format!("{} ×{}", run[0], run.len()),
    });
    let more = cut.then(|| "…".to_owned());
    runs.chain(more).collect::<Vec<_>>().join(" ← ")
}

/// A function with what it was called from.
#[derive(Default)]
struct CallerNode {
    function: String,
    hits: u64,
    first: HitId,
    last: HitId,
    /// Hits whose path ends here, and whether only the wanted depth ended them.
    ends: u64,
    cut: bool,
    callers: Vec<CallerNode>,
}

impl CallerNode {
    fn new(function: &str, first: HitId) -> Self {
        Self {
            function: function.to_owned(),
            first,
            ..Self::default()
        }
    }

    fn add(&mut self, functions: &[String], path: &CallPath) {
        self.hits += path.hits;
        self.first = self.first.min(path.first);
        self.last = self.last.max(path.last);
        let Some((next, outer)) = functions.split_first() else {
            self.ends += path.hits;
            self.cut |= path.cut;
            return;
        };
        let known = self.callers.iter().position(|node| node.function == *next);
        let at = known.unwrap_or_else(|| {
            self.callers.push(Self::new(next, path.first));
            self.callers.len() - 1
        });
        self.callers[at].add(outer, path);
    }
}

fn page(callers: &Callers, columns: usize) -> String {
    let mut root = CallerNode::new("", HitId(i64::MAX));
    for path in &callers.paths {
        root.add(&path.functions, path);
    }
    let hit = if callers.x == "seq" { "HIT" } else { "NUMBER" };
    let mut table = Table::new([
        ("hits", Column::Number),
        ("%", Column::Number),
        ("called by", Column::Wide),
    ])
    .named(&format!("FIRST {hit}"), Column::Number)
    .named("LAST", Column::Number);
    let all = callers.hits - callers.without_stack;
    root.callers
        .sort_by_key(|node| std::cmp::Reverse(node.hits));
    for node in &root.callers {
        rows(&mut table, node, "", "", all);
    }
    format!(
        "{}\n\n{}",
        clean(&title(callers)),
        table.text(Some(columns))
    )
}

/// A row for what one function after the other was called from, as long as there is one way only;
/// and rows for the ways that lead there.
fn rows(table: &mut Table, node: &CallerNode, branch: &str, below: &str, all: u64) {
    let mut functions = vec![node.function.clone()];
    let mut last = node;
    while let ([only], 0) = (last.callers.as_slice(), last.ends) {
        functions.push(only.function.clone());
        last = only;
    }
    let share = 100.0 * node.hits as f64 / all as f64;
    table.row([
        &node.hits.to_string(),
        &format!("{share:.1}"),
        &format!("{branch}{}", chain(&functions, last.cut)),
        &node.first.to_string(),
        &node.last.to_string(),
    ]);
    let mut callers: Vec<&CallerNode> = last.callers.iter().collect();
    callers.sort_by_key(|node| std::cmp::Reverse(node.hits));
    for (i, caller) in callers.iter().enumerate() {
        let (branch, deeper) = if i + 1 == callers.len() {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        let branch = format!("{below}{branch}");
        rows(table, caller, &branch, &format!("{below}{deeper}"), all);
    }
}

fn title(callers: &Callers) -> String {
    let place = place(&callers.locations, callers.function.as_deref());
    let hits = count(callers.hits, "hit");
    format!("{place}, {hits} by {}", count(callers.total as u64, "path"))
}

fn note(callers: &Callers) -> String {
    let mut notes = Vec::new();
    let left_out = callers.total - callers.paths.len();
    if left_out > 0 {
        let shown = callers.paths.len();
        notes.push(format!(
            "the {shown} most frequent paths shown and {left_out} left out; `--limit N` shows more, \
             `--depth N` tells fewer apart"
        ));
    }
    if callers.without_stack > 0 {
        notes.push(format!(
            "{} without a stack",
            count(callers.without_stack, "hit")
        ));
    }
    notes.join("; ")
}
