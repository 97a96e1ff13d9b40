//! Two sessions compared, as a page.

use super::hits::{reason, summary};
use super::table::{Column, Table};
use super::text::clean;
use super::{Answer, Form, answer, count};
use crate::query::diff::{
    Across, Diff, FieldDiff, FieldSummary, FirstSeen, How, Listed, LocationDiff, Met, Objects,
    OtherParting, Parting, Run, Thread,
};
use crate::query::hits::Hit;

/// Writes how two sessions differ.
#[must_use]
pub fn diff(diff: &Diff, form: Form) -> Answer {
    answer(diff, form, || Answer::new(page(diff, form.width())))
}

fn page(diff: &Diff, columns: Option<usize>) -> String {
    let mut page = if diff.same {
        same(diff)
    } else {
        heading(diff, columns)
    };
    for note in &diff.notes {
        page += &format!("Note: {}.\n", clean(note));
    }
    if let Some(parting) = &diff.parting {
        page += "\n";
        page += &first_parting(diff, parting, columns);
    } else if !diff.same {
        page += &no_parting(diff);
    }
    if let Some(objects) = &diff.objects {
        page += "\n";
        page += &other_objects(diff, objects, columns);
    }
    let sections = [
        (
            "Other threads part as well",
            others(&diff.other_partings, columns),
        ),
        ("Hits per location", locations(diff, columns)),
        ("Matched across lines", moved(&diff.moved, columns)),
        ("Values over all hits", values(&diff.values, columns)),
        ("Reached in A only", names(&diff.functions.only_a)),
        ("Reached in B only", names(&diff.functions.only_b)),
        ("Hot functions", hot(diff, columns)),
    ];
    for (title, text) in sections {
        if !text.is_empty() {
            page += &format!("\n{title}\n{text}");
        }
    }
    page
}

/// One sentence is all that need be said of two runs that are the same.
fn same(diff: &Diff) -> String {
    let names = format!("{} and {}", clean(&diff.a.label), clean(&diff.b.label));
    if diff.a.hits == 0 {
        return format!("{names} hold no hits to compare.\n");
    }
    format!(
        "{names} are the same: {} at {} in {}, with the same values in the same order.\n",
        count(diff.a.hits, "hit"),
        count(diff.equal_locations, "location"),
        count(diff.a.threads, "thread"),
    )
}

fn no_parting(diff: &Diff) -> String {
    let empty = |run: &Run| run.hits == 0;
    match [&diff.a, &diff.b].into_iter().find(|run| empty(run)) {
        Some(run) => format!("\n{} has no hits to compare.\n", clean(&run.label)),
        None => "\nThe runs do not part: they go the same way with the same values.\n".to_owned(),
    }
}

fn heading(diff: &Diff, columns: Option<usize>) -> String {
    let mut table = Table::new([
        ("", Column::Fixed),
        ("", Column::Fixed),
        ("", Column::Number),
        ("", Column::Fixed),
        ("", Column::Wide),
    ]);
    for (side, run) in [("A", &diff.a), ("B", &diff.b)] {
        let threads = count(run.threads, "thread");
        let hits = count(run.hits, "hit");
        let target = run.target.rsplit('/').next().unwrap_or(&run.target);
        table.row([side, &run.label, &hits, &threads, target]);
    }
    body(&table, columns, "")
}

fn first_parting(diff: &Diff, parting: &Parting, columns: Option<usize>) -> String {
    let mut text = format!("{}\n", clean(&sentence(diff, parting)));
    text += &hits_around(parting, columns);
    if !parting.values.is_empty() {
        let mut table = Table::new([
            ("field", Column::Wide),
            ("before", Column::Wide),
            ("A", Column::Wide),
            ("B", Column::Wide),
        ]);
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
        for value in &parting.values.rows {
            let before = value.before.clone().unwrap_or_default();
            let (a, b) = (or_none(&value.a), or_none(&value.b));
            table.row([&value.field, &before, &a, &b]);
        }
        text += "\nValues that differ there\n";
        text += &titled(&table, columns);
        text += &left_out(&parting.values, "value");
    }
    if !matches!(parting.how, How::End | How::Thread) {
        text += &format!("\n{}\n", then(parting));
    }
    text
}

/// What happens where they part.
fn sentence(diff: &Diff, parting: &Parting) -> String {
    let after = match parting.alike {
        0 => "from the first hit on".to_owned(),
        n => format!("after {} alike", count(n, "hit")),
    };
    let thread = thread(diff, parting.thread_a.as_ref(), parting.thread_b.as_ref());
    let place = |hit: &Option<Hit>| hit.as_ref().map_or_else(String::new, arrival);
    let what = match parting.how {
        How::Values => format!("both come to {} with other values", place(&parting.a)),
        How::Way => format!(
            "A comes to {}, B comes to {}",
            place(&parting.a),
            place(&parting.b)
        ),
        How::End if parting.a.is_none() => format!(
            "A has no further hit, B comes to {} ({} more)",
            place(&parting.b),
            count(parting.left_b, "hit")
        ),
        How::End => format!(
            "B has no further hit, A comes to {} ({} more)",
            place(&parting.a),
            count(parting.left_a, "hit")
        ),
        How::Thread => {
            let (missing, hits) = match &parting.thread_a {
                Some(_) => ("B", parting.left_a),
                None => ("A", parting.left_b),
            };
            return format!(
                "{missing} has no thread like{thread}, which has {}.",
                count(hits, "hit")
            );
        }
    };
    format!("The runs part{thread} {after}: {what}.")
}

/// ` in thread 2 "worker" (A) = thread 3 (B)`; nothing where there is but one.
fn thread(diff: &Diff, a: Option<&Thread>, b: Option<&Thread>) -> String {
    let name = |thread: &Thread| match &thread.name {
        Some(name) => format!("thread {} \"{name}\"", thread.number),
        None => format!("thread {}", thread.number),
    };
    match (a, b) {
        _ if diff.a.threads.max(diff.b.threads) < 2 => String::new(),
        (Some(a), Some(b)) if a == b => format!(" in {}", name(a)),
        (Some(a), Some(b)) => format!(" in A's {}, B's {},", name(a), name(b)),
        (Some(a), None) => format!(" A's {}", name(a)),
        (None, Some(b)) => format!(" B's {}", name(b)),
        (None, None) => String::new(),
    }
}

/// By what it was stopped, if that is more than that the program came by.
fn by(hit: &Hit) -> String {
    match (hit.reason.as_deref(), hit.detail.as_deref()) {
        (Some("breakpoint" | "tracepoint"), Some("return")) => "return".to_owned(),
        (Some("breakpoint" | "tracepoint"), _) => String::new(),
        _ => reason(hit, true),
    }
}

fn arrival(hit: &Hit) -> String {
    let by = match by(hit) {
        by if by.is_empty() => by,
        by => format!(" by {by}"),
    };
    let function = hit.function.as_ref().map(|f| format!(" in {f}"));
    format!(
        "{} (hit {}){}{by}",
        hit.location,
        hit.seq,
        function.unwrap_or_default()
    )
}

/// Narrower terminals have room for the values or for the function.
const ROOMY: usize = 100;

fn hits_around(parting: &Parting, columns: Option<usize>) -> String {
    let roomy = columns.is_none_or(|columns| columns >= ROOMY);
    let mut table = Table::new([
        ("", Column::Fixed),
        ("location", Column::Fixed),
        ("seq", Column::Number),
        ("function", Column::Wide),
        ("reason", Column::Fixed),
        ("values", Column::Wide),
    ]);
    let mut add = |side: &str, hit: &Hit| {
        table.row([
            side,
            &hit.location,
            &hit.seq.to_string(),
            hit.function
                .as_deref()
                .filter(|_| roomy)
                .unwrap_or_default(),
            &by(hit),
            &summary(hit),
        ]);
    };
    parting.before.iter().for_each(|hit| add("both", hit));
    parting.a.iter().for_each(|hit| add("A >", hit));
    parting.b.iter().for_each(|hit| add("B >", hit));
    parting.after_a.iter().for_each(|hit| add("A", hit));
    parting.after_b.iter().for_each(|hit| add("B", hit));
    titled(&table, columns)
}

/// What becomes of them after they parted.
fn then(parting: &Parting) -> String {
    let Some(met) = parting.met else {
        let over = |left: u64| count(left.saturating_sub(1), "hit");
        return format!(
            "They do not meet again nearby; from here A has {} more, B {}.",
            over(parting.left_a),
            over(parting.left_b)
        );
    };
    let to_the_end =
        met.only_a + met.alike == parting.left_a && met.only_b + met.alike == parting.left_b;
    let long = if to_the_end {
        format!("to the end ({})", count(met.alike, "hit"))
    } else {
        format!("for {}", count(met.alike, "hit"))
    };
    match met {
        Met {
            values: false,
            only_a: 0,
            only_b: 0,
            ..
        } => {
            format!("From here they go the same way, with other values, {long}.")
        }
        Met {
            values: true,
            only_a: 1,
            only_b: 1,
            ..
        } if parting.how == How::Values => {
            format!("From the next hit on they are alike again, {long}.")
        }
        _ => {
            let alike = if met.values {
                "are alike"
            } else {
                "go the same way, with other values,"
            };
            let apart = match (met.only_a, met.only_b) {
                (a, 0) => format!("A has {} more here", count(a, "hit")),
                (0, b) => format!("B has {} more here", count(b, "hit")),
                (a, b) => format!("{} of A and {b} of B are apart", count(a, "hit")),
            };
            format!("{apart}; then they {alike} again {long}.")
        }
    }
}

fn other_objects(diff: &Diff, objects: &Objects, columns: Option<usize>) -> String {
    let begin = if diff.parting.is_some() {
        "Before that, though all values are alike"
    } else {
        "All values are alike, but"
    };
    let mut text = format!(
        "{begin}, a pointer leads to another object at {}:\n",
        clean(&arrival(&objects.a))
    );
    let mut table = Table::new([
        ("field", Column::Wide),
        ("A", Column::Wide),
        ("B", Column::Wide),
    ]);
    let first = |seen: &Option<FirstSeen>| match seen {
        Some(seen) => format!(
            "that of {} at {} hit {}",
            seen.field, seen.location, seen.seq
        ),
        None => "one not seen before".to_owned(),
    };
    for pointer in &objects.pointers {
        table.row([&pointer.field, &first(&pointer.a), &first(&pointer.b)]);
    }
    text += &titled(&table, columns);
    text += "Memory that is used again can make such a difference without meaning.\n";
    text
}

fn others(others: &Listed<OtherParting>, columns: Option<usize>) -> String {
    let mut table = Table::new([
        ("thread", Column::Fixed),
        ("in B", Column::Fixed),
        ("alike", Column::Number),
        ("A", Column::Wide),
        ("B", Column::Wide),
    ]);
    let name = |thread: &Option<Thread>| {
        thread.as_ref().map_or_else(
            || "-".to_owned(),
            |thread| {
                let name = thread.name.as_deref().unwrap_or_default();
                format!("{} {name}", thread.number).trim_end().to_owned()
            },
        )
    };
    let place = |place: &Option<String>| place.clone().unwrap_or_else(|| "-".to_owned());
    for other in &others.rows {
        table.row([
            &name(&other.thread_a),
            &name(&other.thread_b),
            &other.alike.to_string(),
            &place(&other.a),
            &place(&other.b),
        ]);
    }
    titled(&table, columns) + &left_out(others, "thread")
}

fn locations(diff: &Diff, columns: Option<usize>) -> String {
    let mut table = Table::new([
        ("location", Column::Wide),
        ("A", Column::Number),
        ("B", Column::Number),
        ("B - A", Column::Number),
    ]);
    for row in &diff.locations.rows {
        let change = i128::from(row.b) - i128::from(row.a);
        let (a, b) = (row.a.to_string(), row.b.to_string());
        table.row([&row.location, &a, &b, &format!("{change:+}")]);
    }
    let mut text = titled(&table, columns) + &left_out(&diff.locations, "location");
    if diff.equal_locations > 0 && !diff.same {
        let more = if text.is_empty() { "" } else { "more " };
        let n = diff.equal_locations;
        let noun = if n == 1 {
            "location was"
        } else {
            "locations were"
        };
        text += &format!("  {n} {more}{noun} hit equally often\n");
    }
    text
}

fn moved(moved: &Listed<LocationDiff>, columns: Option<usize>) -> String {
    let mut table = Table::new([
        ("A", Column::Wide),
        ("B", Column::Wide),
        ("by", Column::Fixed),
    ]);
    for row in &moved.rows {
        let by = match row.across {
            Some(Across::Moved) => "the text of the line",
            Some(Across::Edited) => "its neighbours: the line was edited",
            None => "",
        };
        let b = row.location_b.as_deref().unwrap_or(&row.location);
        table.row([&row.location, b, by]);
    }
    titled(&table, columns) + &left_out(moved, "location")
}

fn values(values: &Listed<FieldDiff>, columns: Option<usize>) -> String {
    let mut table = Table::new([
        ("location", Column::Wide),
        ("field", Column::Wide),
        ("A", Column::Wide),
        ("B", Column::Wide),
    ]);
    for row in &values.rows {
        let (a, b) = match (&row.a, &row.b) {
            (Some(a), Some(b)) => both_seen(a, b),
            (a, b) => (alone(a.as_ref()), alone(b.as_ref())),
        };
        table.row([&row.location, &row.field, &a, &b]);
    }
    titled(&table, columns) + &left_out(values, "value")
}

fn alone(seen: Option<&FieldSummary>) -> String {
    seen.map_or_else(
        || "not there".to_owned(),
        |seen| range(seen).unwrap_or_else(|| set(seen)),
    )
}

/// What tells two apart: the ranges if they differ, else the sets, else the types.
fn both_seen(a: &FieldSummary, b: &FieldSummary) -> (String, String) {
    if (a.min, a.max) != (b.min, b.max)
        && let (Some(a), Some(b)) = (range(a), range(b))
    {
        return (a, b);
    }
    let (in_a, in_b) = (set(a), set(b));
    if in_a != in_b {
        return (in_a, in_b);
    }
    (a.types.join(", "), b.types.join(", "))
}

/// `3`, `0..9`; none when it was no number.
fn range(seen: &FieldSummary) -> Option<String> {
    let (min, max) = (seen.min?.to_string(), seen.max?.to_string());
    Some(if min == max {
        min
    } else {
        format!("{min}..{max}")
    })
}

fn set(seen: &FieldSummary) -> String {
    match &seen.values {
        Some(values) => values.join(", "),
        None if seen.count == seen.unread => "not read".to_owned(),
        None => range(seen).map_or_else(
            || "many values".to_owned(),
            |range| format!("{range}, many values"),
        ),
    }
}

fn names(names: &Listed<String>) -> String {
    let lines: String = names
        .rows
        .iter()
        .map(|name| format!("  {}\n", clean(name)))
        .collect();
    lines + &left_out(names, "function")
}

fn hot(diff: &Diff, columns: Option<usize>) -> String {
    let Some(hot) = diff.hot.as_ref().filter(|hot| !hot.rows.is_empty()) else {
        return String::new();
    };
    let mut table = Table::new([
        ("function", Column::Wide),
        ("A", Column::Number),
        ("B", Column::Number),
        ("B - A", Column::Number),
    ]);
    let pct =
        |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |pct| format!("{pct:.1} %"));
    for row in &hot.rows.rows {
        let change = format!("{:+.1}", row.change);
        table.row([&row.function, &pct(row.a_pct), &pct(row.b_pct), &change]);
    }
    let mut text = titled(&table, columns) + &left_out(&hot.rows, "function");
    if hot.layer_a != hot.layer_b {
        text += &format!(
            "  A is from {}, B from {}\n",
            clean(&hot.layer_a),
            clean(&hot.layer_b)
        );
    }
    text
}

fn left_out<T>(list: &Listed<T>, noun: &str) -> String {
    match list.left_out {
        0 => String::new(),
        n => format!(
            "  {} left out; `--limit N` shows more, `--limit 0` all\n",
            count(n, noun)
        ),
    }
}

/// A table with its titles, indented; nothing without rows.
fn titled(table: &Table, columns: Option<usize>) -> String {
    if table.is_empty() {
        return String::new();
    }
    let text = table.aligned_text(columns.map(|columns| columns.saturating_sub(2)));
    text.lines()
        .map(|line| format!("  {line}").trim_end().to_owned() + "\n")
        .collect()
}

/// The rows alone.
fn body(table: &Table, columns: Option<usize>, indent: &str) -> String {
    let text = table.aligned_text(columns);
    text.lines()
        .skip(1)
        .map(|line| format!("{indent}{line}\n"))
        .collect()
}
