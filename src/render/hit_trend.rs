//! One value over all hits of a place: what it was, and how it went.

use super::plot::{Labels, blocks, chart, letter_of, letters};
use super::table::{Column, Table};
use super::text::{clean, elide};
use super::{Answer, Form, answer, count, place};
use crate::ids::{HitId, HitSeq};
use crate::query::hit_trend::Trend;
use crate::query::tally::{SeenAt, Turn};

/// Columns from which on a terminal has room for a chart.
const ROOMY: usize = 60;
/// Columns of a plot that is one line.
const LINE: usize = 60;
/// Columns of a label beside a chart.
const LABEL: usize = 20;
/// Numbers that are so few different ones are listed as well.
const FEW: usize = 8;

/// Writes what a value was over all hits.
#[must_use]
pub fn hit_trend(trend: &Trend, form: Form) -> Answer {
    answer(trend, form, || {
        let shown = match form.width() {
            Some(columns) => page(trend, columns),
            None => separated(trend),
        };
        Answer::new(shown).noting(&note(trend))
    })
}

/// A fact, with the hit that tells it or with how many do.
#[derive(Default)]
struct Fact {
    name: &'static str,
    value: String,
    /// The hit's number at the place, or in the session when there are several places.
    at: Option<i64>,
    hits: Option<u64>,
}

impl Fact {
    fn new(name: &'static str, value: impl Into<String>) -> Self {
        Self {
            name,
            value: value.into(),
            ..Self::default()
        }
    }

    fn at(mut self, at: i64) -> Self {
        self.at = Some(at);
        self
    }

    fn in_hits(mut self, hits: u64) -> Self {
        self.hits = Some(hits);
        self
    }

    /// For a person.
    fn shown(&self) -> String {
        match (
            self.hits.map(|hits| count(hits, "hit")),
            self.value.as_str(),
        ) {
            (None, value) => value.to_owned(),
            (Some(hits), "") => hits,
            (Some(hits), value) => format!("{value} in {hits}"),
        }
    }
}

fn facts(trend: &Trend) -> Vec<Fact> {
    let at = |seq: HitSeq, id: HitId| if trend.x == "seq" { seq.0 } else { id.0 };
    let seen = |name, seen: &SeenAt| Fact::new(name, &*seen.value).at(at(seen.seq, seen.id));
    let turn = |name, turn: &Turn| {
        Fact::new(name, format!("{} → {}", turn.from, turn.to)).at(at(turn.seq, turn.id))
    };
    let mut facts = Vec::new();
    if let Some(numbers) = &trend.numbers {
        facts.extend(numbers.min.as_ref().map(|min| seen("min", min)));
        facts.extend(numbers.max.as_ref().map(|max| seen("max", max)));
        facts.extend(numbers.mean.map(|mean| Fact::new("mean", short(mean))));
        let others = [("nan", numbers.nan), ("infinite", numbers.infinite)];
        let others = others.into_iter().filter(|(_, hits)| *hits > 0);
        facts.extend(others.map(|(name, hits)| Fact::new(name, "").in_hits(hits)));
    }
    let more = if trend.more_distinct {
        "more than "
    } else {
        ""
    };
    facts.push(Fact::new("distinct", format!("{more}{}", trend.distinct)));
    facts.push(Fact::new("changes", trend.changes.to_string()));
    facts.extend(trend.first_change.as_ref().map(|t| turn("first change", t)));
    facts.extend(trend.last_change.as_ref().map(|t| turn("last change", t)));
    if let (0, Some(first)) = (trend.changes, &trend.first) {
        facts.push(seen("always", first));
    }
    if trend.missing > 0 {
        facts.push(Fact::new("missing", "").in_hits(trend.missing));
    }
    let unread = trend.unread.iter();
    facts.extend(unread.map(|(status, hits)| Fact::new("not read", status).in_hits(*hits)));
    facts
}

/// A number to six digits or so.
fn short(x: f64) -> String {
    let size = x.abs();
    if size != 0.0 && !(1e-4..1e15).contains(&size) {
        return format!("{x:.5e}");
    }
    let text = format!("{x:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn page(trend: &Trend, columns: usize) -> String {
    let mut page = elide(&clean(&title(trend)), columns).into_owned() + "\n\n";
    let mut table = Table::new([("", Column::Fixed), ("", Column::Wide), ("", Column::Fixed)]);
    for fact in facts(trend) {
        let at = fact.at.map(|at| format!("at {} {at}", axis(trend)));
        table.row([
            format!("  {}", fact.name),
            fact.shown(),
            at.unwrap_or_default(),
        ]);
    }
    page.push_str(body(&table.aligned_text(Some(columns))));
    let few = trend.distinct <= FEW && trend.changes > 0;
    if trend.read > 0 && (trend.numbers.is_none() || few) {
        page.push('\n');
        page.push_str(&values(trend, columns));
    }
    let plot = plot(trend, columns);
    if !plot.is_empty() {
        page.push('\n');
        page.push_str(&plot);
    }
    page
}

/// What a hit is counted by.
fn axis(trend: &Trend) -> &'static str {
    if trend.x == "seq" { "hit" } else { "number" }
}

fn title(trend: &Trend) -> String {
    let types = match trend.types.as_slice() {
        [] => String::new(),
        types => format!(" ({})", types.join(", ")),
    };
    let place = match trend.function.as_deref() {
        Some(function) => format!("in {}", place(&trend.locations, Some(function))),
        None => format!("at {}", place(&trend.locations, None)),
    };
    let hits = count(trend.hits, "hit");
    format!("{}{types} {place}, {hits}", trend.field)
}

/// The text below a table's titles.
fn body(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, body)| body)
}

/// The most frequent values; with a letter each when these make the plot.
fn values(trend: &Trend, columns: usize) -> String {
    let mut table = Table::new([
        ("", Column::Fixed),
        ("value", Column::Wide),
        ("hits", Column::Number),
        ("%", Column::Number),
        ("first at", Column::Number),
        ("last at", Column::Number),
    ]);
    for (place, listed) in trend.values.iter().enumerate() {
        let letter = letter_of(place).filter(|_| trend.numbers.is_none());
        let share = 100.0 * listed.hits as f64 / trend.read as f64;
        table.row([
            &format!("  {}", letter.map(String::from).unwrap_or_default()),
            &listed.value,
            &listed.hits.to_string(),
            &format!("{share:.1}"),
            &listed.first.to_string(),
            &listed.last.to_string(),
        ]);
    }
    table.aligned_text(Some(columns))
}

fn plot(trend: &Trend, columns: usize) -> String {
    let Some(numbers) = &trend.numbers else {
        return match line(trend, columns.saturating_sub(2)) {
            line if line.is_empty() => line,
            line => format!("  {line}\n"),
        };
    };
    if columns < ROOMY {
        return format!("  {}\n", line(trend, columns - 2));
    }
    let [min, max] = [&numbers.min, &numbers.max].map(|seen| seen.as_ref().map(|s| &*s.value));
    if trend.changes == 0 {
        return String::new();
    }
    // Infinities are beyond any scale.
    let ends = trend.buckets.iter().filter(|bucket| bucket.numbers > 0);
    let least = ends.clone().map(|bucket| bucket.min).reduce(f64::min);
    let most = ends.map(|bucket| bucket.max).reduce(f64::max);
    let (Some(least), Some(most)) = (least, most) else {
        return String::new();
    };
    let label = |text: Option<&str>, end: f64| match text {
        Some(text) if text.len() <= LABEL && !text.ends_with("inf") => text.to_owned(),
        _ => short(end + trend.base as f64),
    };
    let labels = Labels {
        max: &label(max, most),
        min: &label(min, least),
        x: axis(trend),
    };
    chart(&trend.buckets, &labels, columns)
}

/// The plot as one line.
fn line(trend: &Trend, columns: usize) -> String {
    let columns = columns.min(LINE);
    if trend.numbers.is_some() {
        return blocks(&trend.buckets, columns);
    }
    // One value would be one letter.
    if trend.distinct < 2 {
        return String::new();
    }
    letters(&trend.buckets, &trend.categories, columns)
}

fn separated(trend: &Trend) -> String {
    let titles = ["what", "value", trend.x, "hits"];
    let mut table = Table::new(titles.map(|title| (title, Column::Fixed)));
    for (name, hits) in [("hits", trend.hits), ("read", trend.read)] {
        table.row([name, "", "", &hits.to_string()]);
    }
    for fact in facts(trend) {
        let number = |n: Option<String>| n.unwrap_or_default();
        let at = number(fact.at.map(|at| at.to_string()));
        let hits = number(fact.hits.map(|hits| hits.to_string()));
        table.row([fact.name, &fact.value, &at, &hits]);
    }
    for listed in &trend.values {
        table.row([
            "value",
            &listed.value,
            &listed.first.to_string(),
            &listed.hits.to_string(),
        ]);
    }
    table.row(["plot", &line(trend, LINE)]);
    let ragged = table.text(None);
    let lines = ragged.lines().map(|line| line.trim_end_matches('\t'));
    lines.map(|line| format!("{line}\n")).collect()
}

fn note(trend: &Trend) -> String {
    let listed = trend.values.len();
    let shown = trend.numbers.is_none();
    match trend.distinct.saturating_sub(listed) {
        left_out if left_out > 0 && shown => {
            let more = if trend.more_distinct {
                "more than "
            } else {
                ""
            };
            format!(
                "the {listed} most frequent values listed, {more}{left_out} left out; `--limit N` lists more"
            )
        }
        _ => String::new(),
    }
}
