//! `hit-trend` says of any values what counting them by hand says.

use std::collections::HashMap;
use std::path::Path;

use dbg_session::query::hit_trend::{Question, Trend, hit_trend};
use dbg_session::query::location::find;
use dbg_session::rusqlite::params;
use dbg_session::{CreateOptions, SessionDb, SessionKind, TargetClass};
use proptest::prelude::*;

/// What a hit has of the value.
type Held = Option<Result<String, &'static str>>;

fn session(values: &[Held]) -> SessionDb {
    let session = SessionDb::create(CreateOptions {
        kind: SessionKind::Debug,
        target: "t",
        target_class: TargetClass::NativeCpu,
        cwd: Path::new("/"),
        db_path: None,
        label: Some("t".into()),
        target_hash: None,
    })
    .unwrap();
    let mut insert = session
        .conn()
        .prepare(
            "INSERT INTO breakpoint_hits (session_id, location_key, hit_seq, ts, locals_json)
             VALUES (?, 't.c:1', ?, '', ?)",
        )
        .unwrap();
    for (seq, value) in (1..).zip(values) {
        let json = match value {
            None => "{}".to_owned(),
            Some(Ok(text)) => format!(
                r#"{{"a":{{"type":"int","value":"1"}},"v":{{"type":"T","value":{text:?}}}}}"#
            ),
            Some(Err(status)) => {
                format!(r#"{{"v":{{"type":"T","value":"","status":"{status}"}}}}"#)
            }
        };
        insert
            .execute(params![session.session_id(), seq, json])
            .unwrap();
    }
    drop(insert);
    session
}

fn trend(values: &[Held]) -> Option<Trend> {
    let session = session(values);
    let place = find(&session, "t.c:1", Path::new("/")).ok()?;
    let asked = Question {
        place: &place,
        field: "v",
        thread: None,
        passing: None,
        limit: 0,
    };
    hit_trend(&session, &asked).ok()
}

fn held(text: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = Held> {
    prop_oneof![
        8 => text.prop_map(|text| Some(Ok(text))),
        1 => Just(None),
        1 => Just(Some(Err("optimized-out"))),
    ]
}

fn integers() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (-5i128..5).prop_map(|n| n.to_string()),
        1 => any::<i64>().prop_map(|n| n.to_string()),
        1 => any::<i128>().prop_map(|n| n.to_string()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn integers_are_counted_exactly(values in prop::collection::vec(held(integers()), 0..80)) {
        let read: Vec<(i64, i128)> = (1..).zip(&values)
            .filter_map(|(seq, v)| Some((seq, v.as_ref()?.as_ref().ok()?.parse().unwrap()))).collect();
        let Some(trend) = trend(&values) else {
            prop_assert!(values.iter().all(Option::is_none));
            return Ok(());
        };
        prop_assert_eq!(trend.hits, values.len() as u64);
        prop_assert_eq!(trend.missing, values.iter().filter(|v| v.is_none()).count() as u64);
        prop_assert_eq!(trend.read, read.len() as u64);
        let unread = values.iter().filter(|v| matches!(v, Some(Err(_)))).count() as u64;
        prop_assert_eq!(trend.unread.get("optimized-out").copied().unwrap_or_default(), unread);
        let Some(numbers) = trend.numbers else {
            prop_assert!(read.is_empty());
            return Ok(());
        };
        let end = |best: i128| read.iter().find(|(_, n)| *n == best).map(|(seq, n)| (*seq, n.to_string()));
        let min = read.iter().map(|(_, n)| *n).min().unwrap();
        let max = read.iter().map(|(_, n)| *n).max().unwrap();
        prop_assert_eq!(numbers.min.map(|s| (s.seq.0, s.value)), end(min));
        prop_assert_eq!(numbers.max.map(|s| (s.seq.0, s.value)), end(max));
        let mean = read.iter().map(|(_, n)| *n as f64 / read.len() as f64).sum::<f64>();
        let size = read.iter().map(|(_, n)| n.unsigned_abs()).max().unwrap() as f64;
        prop_assert!((numbers.mean.unwrap() - mean).abs() <= size * 1e-12);
        let turns: Vec<_> = read.windows(2).filter(|pair| pair[0].1 != pair[1].1).collect();
        prop_assert_eq!(trend.changes, turns.len() as u64);
        for (turn, expected) in [(&trend.first_change, turns.first()), (&trend.last_change, turns.last())] {
            let turn = turn.as_ref().map(|t| (t.seq.0, t.from.clone(), t.to.clone()));
            let expected = expected.map(|pair| (pair[1].0, pair[0].1.to_string(), pair[1].1.to_string()));
            prop_assert_eq!(turn, expected);
        }
    }

    #[test]
    fn any_texts_are_counted(values in prop::collection::vec(held("[ab]{1,2}|1|nan|-?inf|0x1f|2\\.5".boxed()), 1..80)) {
        let mut counts: HashMap<&str, u64> = HashMap::new();
        for text in values.iter().flatten().flatten() {
            *counts.entry(text).or_default() += 1;
        }
        if let Some(trend) = trend(&values) {
            prop_assert_eq!(trend.distinct, counts.len());
            prop_assert!(trend.values.windows(2).all(|pair| pair[0].hits >= pair[1].hits));
            let listed: HashMap<&str, u64> = trend.values.iter().map(|v| (v.value.as_str(), v.hits)).collect();
            let letters = counts.keys().any(|text| text.starts_with(['a', 'b']));
            prop_assert_eq!(trend.numbers.is_none(), letters || counts.is_empty());
            prop_assert_eq!(listed, counts);
        }
    }
}

#[test]
fn more_different_values_than_are_told_apart() {
    let values: Vec<Held> = (0..10_050).map(|n| Some(Ok(format!("\"{n}\"")))).collect();
    let trend = trend(&values).unwrap();
    assert_eq!((trend.distinct, trend.more_distinct), (10_000, true));
    assert_eq!(trend.changes, 10_049);
}
