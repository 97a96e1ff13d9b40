//! Tracepoints and watches as tables and sentences.

use serde_json::json;

use super::table::{Column, Table};
use super::text::clean;
use super::{Answer, Form, answer, count};
use crate::query::tracepoints::{Tracepoint, WatchExpression};

/// Tracepoints of one regular expression that are named one by one.
const NAMED: usize = 10;

/// Says which tracepoints were set.
#[must_use]
pub fn set(tracepoints: &[Tracepoint], form: Form) -> Answer {
    answer(&json!({ "tracepoints": tracepoints }), form, || {
        let lines = tracepoints.iter().take(NAMED).map(sentence);
        let mut text: String = lines.map(|line| clean(&line).into_owned() + "\n").collect();
        if let [.., last] = tracepoints
            && tracepoints.len() > NAMED
        {
            let more = tracepoints.len() - NAMED;
            text += &format!("… and {more} more, up to tracepoint {}\n", last.number);
        }
        let notes = tracepoints.iter().flat_map(|one| &one.notes);
        notes.fold(Answer::new(text), |answer, note| answer.noting(note))
    })
}

fn sentence(one: &Tracepoint) -> String {
    let Tracepoint {
        number, location, ..
    } = one;
    let what = match one.kind.as_str() {
        "return" => format!("returns of {location}"),
        _ => location.clone(),
    };
    match one.places.as_slice() {
        [] => format!("tracepoint {number} at {what} is pending: nothing loaded so far has it"),
        [place] if *place == what => format!("tracepoint {number} at {what}"),
        [place] => format!("tracepoint {number} at {what} ({place})"),
        places => {
            let places = count(places.len() as u64, "place");
            format!("tracepoint {number} at {what} ({places})")
        }
    }
}

/// Writes tracepoints and what they saw.
#[must_use]
pub fn list(tracepoints: &[Tracepoint], form: Form) -> Answer {
    answer(&json!({ "tracepoints": tracepoints }), form, || {
        if tracepoints.is_empty() && form.width().is_some() {
            return Answer::default().noting("there are no tracepoints; `trace LOC` sets one");
        }
        let mut table = Table::new([
            ("num", Column::Number),
            ("location", Column::Wide),
            ("where", Column::Wide),
            ("state", Column::Fixed),
            ("options", Column::Wide),
            ("seen", Column::Number),
            ("hits", Column::Number),
            ("hits/s", Column::Number),
            ("us/hit", Column::Number),
            ("cut", Column::Number),
            ("lost", Column::Number),
            ("errors", Column::Number),
        ]);
        for one in tracepoints {
            table.row(row(one, form.width().is_some()));
        }
        let mut answer = Answer::new(table.text(form.width()));
        for one in tracepoints {
            for note in &one.notes {
                answer = answer.noting(&format!("tracepoint {}: {note}", one.number));
            }
        }
        answer
    })
}

fn row(one: &Tracepoint, terminal: bool) -> [String; 12] {
    // A terminal shows no column of nothing but zeros.
    let number = |n: u64| {
        if terminal && n == 0 {
            String::new()
        } else {
            n.to_string()
        }
    };
    let decimal = |n: Option<f64>| n.map(|n| format!("{n:.1}")).unwrap_or_default();
    let places = match one.places.as_slice() {
        [first, more @ ..] if !more.is_empty() => format!("{first} and {} more", more.len()),
        places => places.concat(),
    };
    [
        one.number.to_string(),
        one.location.clone(),
        places,
        one.state.clone(),
        options(one),
        one.seen.to_string(),
        one.recorded.to_string(),
        decimal(one.hits_per_second),
        decimal(one.us_per_hit),
        number(one.cut),
        number(one.lost),
        number(one.condition_errors),
    ]
}

/// As they would be typed.
fn options(one: &Tracepoint) -> String {
    let mut words = Vec::new();
    if one.kind != "location" {
        words.push(format!("--{}", one.kind));
    }
    words.extend(one.condition.iter().map(|text| format!("--if {text}")));
    if one.every != 1 {
        words.push(format!("--every {}", one.every));
    }
    words.extend(one.max.map(|n| format!("--max {n}")));
    words.extend(one.capture.iter().map(|text| format!("--capture {text}")));
    words.extend(one.stack.map(|n| format!("--stack {n}")));
    words.extend(one.until.iter().map(|text| format!("--until-value {text}")));
    words.join(" ")
}

/// Says what was done to tracepoints.
#[must_use]
pub fn changed(numbers: &[i64], done: &'static str, form: Form) -> Answer {
    answer(&json!({ done: numbers }), form, || {
        Answer::new(these("tracepoint", numbers, done))
    })
}

/// Says that an expression is watched.
#[must_use]
pub fn watching(watch: &WatchExpression, form: Form) -> Answer {
    answer(&json!({ "watches": [watch] }), form, || {
        let line = format!("watch {}: {}", watch.number, watch.expression);
        Answer::new(clean(&line).into_owned() + "\n")
    })
}

/// Writes the watches.
#[must_use]
pub fn watches(watches: &[WatchExpression], form: Form) -> Answer {
    answer(&json!({ "watches": watches }), form, || {
        if watches.is_empty() && form.width().is_some() {
            return Answer::default().noting("there are no watches; `watch EXPR` sets one");
        }
        let mut table = Table::new([
            ("num", Column::Number),
            ("expression", Column::Wide),
            ("calls", Column::Fixed),
        ]);
        for watch in watches {
            let calls = if watch.allow_calls { "allowed" } else { "" };
            table.row([&watch.number.to_string(), &watch.expression, calls]);
        }
        Answer::new(table.text(form.width()))
    })
}

/// Says which watches are gone.
#[must_use]
pub fn unwatched(numbers: &[i64], form: Form) -> Answer {
    answer(&json!({ "deleted": numbers }), form, || {
        Answer::new(these("watch", numbers, "deleted"))
    })
}

/// `tracepoints 1 and 3 deleted`.
fn these(noun: &str, numbers: &[i64], done: &str) -> String {
    let plural = match (noun, numbers) {
        (_, [_]) => "",
        ("watch", _) => "es",
        _ => "s",
    };
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let numbers = match numbers.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        numbers => numbers.concat(),
    };
    format!("{noun}{plural} {numbers} {done}\n")
}
