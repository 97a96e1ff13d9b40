//! Layers and their hot functions as tables.

use serde::Serialize;

use super::table::{Column, Table};
use super::{Answer, Form, answer, count, time};
use crate::layers::LayerReport;
use crate::query::hotspots::{Hotspot, Hotspots};
use crate::query::layer_list::{Layer, Layers};

#[derive(Serialize)]
struct Added<'a> {
    session: &'a str,
    source: &'a str,
    format: &'a str,
    file: &'a str,
    layers: Vec<AddedLayer<'a>>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct AddedLayer<'a> {
    id: i64,
    unit: &'a str,
    total: f64,
    samples: u64,
    functions: usize,
}

/// Writes what was indexed, with the label of each session.
#[must_use]
pub fn added(reports: &[(String, LayerReport)], form: Form) -> Answer {
    let documents: Vec<Added<'_>> = reports
        .iter()
        .map(|(session, report)| Added {
            session,
            source: report.source,
            format: report.format,
            file: &report.file,
            layers: report
                .layers
                .iter()
                .map(|layer| AddedLayer {
                    id: layer.id.0,
                    unit: &layer.unit,
                    total: layer.total,
                    samples: layer.samples,
                    functions: layer.functions,
                })
                .collect(),
            warnings: &report.warnings,
        })
        .collect();
    answer(&serde_json::json!({ "added": documents }), form, || {
        let lines = documents.iter().flat_map(|added| {
            added.layers.iter().map(|layer| {
                let sentence = format!(
                    "session {}: layer {} from {}, {} in {}",
                    added.session,
                    layer.id,
                    added.file,
                    amount(layer),
                    count(layer.functions as u64, "function"),
                );
                super::text::clean(&sentence).into_owned() + "\n"
            })
        });
        let shown = Answer::new(lines.collect::<String>());
        let warnings = documents.iter().flat_map(|added| added.warnings);
        warnings.fold(shown, |shown, warning| shown.noting(warning))
    })
}

/// `7 samples`, `1200 cycles of 7 samples`.
fn amount(layer: &AddedLayer<'_>) -> String {
    let samples = count(layer.samples, "sample");
    match layer.unit {
        "samples" => samples,
        unit => format!("{} {unit} of {samples}", weight(layer.total)),
    }
}

/// Writes the layers of a session.
#[must_use]
pub fn list(layers: &Layers, form: Form) -> Answer {
    answer(layers, form, || {
        if layers.layers.is_empty() && form.width().is_some() {
            let none = format!(
                "session {} has no layers; `dbg-session layer add FILE` adds a profile",
                layers.session
            );
            return Answer::default().noting(&none);
        }
        let mut table = Table::new([
            ("layer", Column::Number),
            ("source", Column::Fixed),
            ("total", Column::Number),
            ("unit", Column::Fixed),
            ("samples", Column::Number),
            ("functions", Column::Number),
            ("collected", Column::Fixed),
            ("file", Column::Wide),
            ("command", Column::Wide),
        ]);
        for layer in &layers.layers {
            table.row(row(layer, form));
        }
        Answer::new(table.text(form.width()))
    })
}

fn row(layer: &Layer, form: Form) -> [String; 9] {
    let collected = layer.collected_at.clone().unwrap_or_default();
    [
        layer.id.to_string(),
        layer.source.clone(),
        weight(layer.total),
        layer.unit.clone(),
        layer.samples.to_string(),
        layer.functions.to_string(),
        if form.width().is_some() {
            time(&collected, 0)
        } else {
            collected
        },
        layer.file.clone().unwrap_or_default(),
        layer.command.clone().unwrap_or_default(),
    ]
}

/// Writes hot functions.
#[must_use]
pub fn hotspots(hotspots: &Hotspots, form: Form) -> Answer {
    answer(hotspots, form, || {
        let mut table = Table::new([
            ("self %", Column::Number),
            ("self", Column::Number),
            ("total %", Column::Number),
            ("total", Column::Number),
            ("samples", Column::Number),
            ("calls", Column::Number),
            ("function", Column::Wide),
            ("module", Column::Fixed),
            ("file", Column::Wide),
        ]);
        for spot in &hotspots.rows {
            table.row(spot_row(spot, form.width().is_some()));
        }
        Answer::new(table.text(form.width())).noting(&note(hotspots, form))
    })
}

/// A person wants shares; the weights behind them are for programs.
fn spot_row(spot: &Hotspot, terminal: bool) -> [String; 9] {
    let unless = |shown: bool, text: String| if shown { text } else { String::new() };
    let place = match (&spot.file, spot.line) {
        (Some(file), Some(line)) => format!("{file}:{line}"),
        (file, _) => file.clone().unwrap_or_default(),
    };
    [
        format!("{:.2}", spot.self_pct),
        weight(spot.self_weight),
        spot.total_pct
            .map(|pct| format!("{pct:.2}"))
            .unwrap_or_default(),
        unless(!terminal, spot.total_weight.map(weight).unwrap_or_default()),
        unless(!terminal, spot.samples.to_string()),
        spot.calls
            .map(|calls| calls.to_string())
            .unwrap_or_default(),
        spot.function.clone(),
        spot.module.clone().unwrap_or_default(),
        unless(!terminal, place),
    ]
}

fn note(hotspots: &Hotspots, form: Form) -> String {
    if hotspots.left_out == 0 && form.width().is_none() {
        return String::new();
    }
    let layer = &hotspots.layer;
    let mut note = format!(
        "session {}: layer {} from {}, {} {} in all",
        hotspots.session,
        layer.id,
        layer.source,
        weight(layer.total),
        layer.unit
    );
    if !hotspots.other_layers.is_empty() {
        let others: Vec<String> = hotspots
            .other_layers
            .iter()
            .map(ToString::to_string)
            .collect();
        note += &format!("; `--layer` shows another ({})", others.join(", "));
    }
    if hotspots.left_out > 0 {
        let left_out = count(hotspots.left_out, "function");
        note += &format!("; {left_out} left out, `--limit 0` shows all");
    }
    note
}

/// Whole numbers without a point.
#[must_use]
pub fn weight(weight: f64) -> String {
    if weight.fract() == 0.0 {
        format!("{weight:.0}")
    } else {
        format!("{weight:.3}")
    }
}
