//! What prune did, or would do.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::table::{Column, Table};
use super::{Answer, Form, answer, bytes, count};
use crate::session_db::{PruneItem, PruneReport, What, path_text};

#[derive(Serialize)]
struct Document {
    folder: String,
    dry_run: bool,
    deleted: Vec<Item>,
    kept: Vec<Item>,
    failed: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    path: String,
    bytes: u64,
    age_secs: u64,
    reason: String,
    /// Not a session, but what is left of one.
    leftover: bool,
}

/// Writes a report; of a dry run, `deleted` is what would be.
#[must_use]
pub fn prune(folder: &Path, report: &PruneReport, dry_run: bool, form: Form) -> Answer {
    let document = Document {
        folder: path_text(folder).into_owned(),
        dry_run,
        deleted: items(&report.deleted),
        kept: items(&report.kept),
        failed: items(&report.failed),
    };
    answer(&document, form, || {
        let table = table(&document, form);
        let shown = if table.is_empty() && form.width().is_some() {
            Answer::default()
        } else {
            Answer::new(table.text(form.width()))
        };
        shown.noting(&summary(&document))
    })
}

fn items(items: &[PruneItem]) -> Vec<Item> {
    let items = items.iter().map(|item| Item {
        path: path_text(&item.path).into_owned(),
        bytes: item.bytes,
        age_secs: item.age.as_secs(),
        reason: item.reason.clone(),
        leftover: item.what != What::Session,
    });
    items.collect()
}

fn table(document: &Document, form: Form) -> Table {
    let terminal = form.width().is_some();
    let mut table = Table::new([
        ("what", Column::Fixed),
        ("session", Column::Fixed),
        ("size", Column::Number),
        ("age", Column::Number),
        ("why", Column::Wide),
    ]);
    let deleted = if document.dry_run {
        "would go"
    } else {
        "deleted"
    };
    for (what, items) in [
        (deleted, &document.deleted),
        ("kept", &document.kept),
        ("failed", &document.failed),
    ] {
        for item in items {
            let path = Path::new(&item.path);
            let name = if item.leftover {
                path.file_name()
            } else {
                path.file_stem()
            };
            let name = name.unwrap_or_default().to_string_lossy();
            let size = if terminal {
                bytes(item.bytes)
            } else {
                item.bytes.to_string()
            };
            let age = if terminal {
                age(item.age_secs)
            } else {
                item.age_secs.to_string()
            };
            table.row([what, &name, &size, &age, &item.reason]);
        }
    }
    table
}

fn summary(document: &Document) -> String {
    let freed: u64 = document.deleted.iter().map(|item| item.bytes).sum();
    let leftovers = document.deleted.iter().filter(|item| item.leftover).count();
    let mut deleted = count((document.deleted.len() - leftovers) as u64, "session");
    if leftovers > 0 {
        let also = count(leftovers as u64, "leftover");
        deleted = format!("{deleted} and {also} of what was killed");
    }
    let (done, free) = if document.dry_run {
        ("would be deleted", "to be freed; nothing was changed")
    } else {
        ("deleted", "freed")
    };
    format!(
        "{}: {deleted} {done}, {} {free}; {} kept",
        document.folder,
        bytes(freed),
        document.kept.len()
    )
}

/// A duration in the largest unit that prune's `--older-than` has for it.
fn age(secs: u64) -> String {
    let age = Duration::from_secs(secs).as_secs();
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
        if age >= length {
            return format!("{}{unit}", age / length);
        }
    }
    format!("{age}s")
}
