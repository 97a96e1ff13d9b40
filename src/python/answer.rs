//! Questions as Python asks them, and their answers: the documents of
//! `docs/commands.md` as dictionaries and lists.

use anyhow::Result;
use pyo3::prelude::*;
use serde::Serialize;

use super::errors::Error;
use crate::ids::{HitId, HitSeq};
use crate::query::expr::parse;
use crate::query::hit_diff::{self, nth};
use crate::query::hits::Filter;
use crate::query::location;
use crate::query::show::Which;
use crate::session_db::SessionDb;

/// An answer as Python's own data. Python reads JSON faster than we could build the objects.
pub(super) fn answer<'py>(
    py: Python<'py>,
    document: &(impl Serialize + Sync),
) -> Result<Bound<'py, PyAny>, Error> {
    let text = py.detach(|| serde_json::to_string(document))?;
    Ok(py.import("json")?.call_method1("loads", (text,))?)
}

/// The place that a person wrote, as seen from the current folder.
pub(super) fn place(db: &SessionDb, asked: &str) -> Result<location::Place> {
    location::find(db, asked, &std::env::current_dir().unwrap_or_default())
}

/// Which hits are meant.
pub(super) fn filter(
    db: &SessionDb,
    location: Option<&str>,
    passing: Option<&str>,
    thread: Option<&str>,
) -> Result<Filter> {
    Ok(Filter {
        place: location.map(|asked| place(db, asked)).transpose()?,
        thread: thread.map(str::to_owned),
        passing: passing.map(parse).transpose()?,
        ..Filter::default()
    })
}

/// A hit's number in the session, or where it was.
#[derive(FromPyObject)]
pub(super) enum HitOrLocation {
    Id(i64),
    Location(String),
}

/// A hit at a location: from 1, or from -1 backwards.
#[derive(Clone, Copy, FromPyObject)]
pub(super) struct Nth(pub(super) i64);

impl Nth {
    pub(super) fn which(self, db: &SessionDb, asked: &str) -> Result<Which> {
        let Self(seq) = self;
        let back = u32::try_from(seq.unsigned_abs()).unwrap_or(u32::MAX);
        let counted = match seq {
            ..0 => hit_diff::Nth::FromLast(back),
            seq => hit_diff::Nth::Seq(HitSeq(seq)),
        };
        nth(db, &place(db, asked)?, counted)
    }
}

/// Two hits: of a location, or by their numbers in the session.
pub(super) fn both(
    db: &SessionDb,
    at: HitOrLocation,
    a: Nth,
    b: Option<Nth>,
) -> Result<(Which, Which)> {
    match (at, a, b) {
        (HitOrLocation::Id(id), Nth(other), None) => {
            Ok((Which::Id(HitId(id)), Which::Id(HitId(other))))
        }
        (HitOrLocation::Id(_), ..) => anyhow::bail!("two hits are told by their two numbers alone"),
        (HitOrLocation::Location(at), a, b) => {
            let b = b.unwrap_or(Nth(-1));
            Ok((a.which(db, &at)?, b.which(db, &at)?))
        }
    }
}
