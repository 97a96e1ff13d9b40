use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyType;

use super::answer::{self, answer};
use super::errors::Error;
use super::hits::{Hit, Hits};
use crate::ids::HitId;
use crate::interrupt::{Reach, listening};
use crate::query::callers::{self, callers};
use crate::query::cross::cross;
use crate::query::diff::{Options, diff};
use crate::query::expr::parse;
use crate::query::groups::{Order, groups};
use crate::query::hit_diff::{Listed, hit_diff};
use crate::query::hit_trend::{self, hit_trend};
use crate::query::location::find_in_both;
use crate::query::read::walk::Walk;
use crate::query::show::{Which, find};
use crate::session_db::{self, CreateOptions, PrunePolicy};

/// One session: its database, and what identifies it.
#[pyclass(frozen, module = "dbg_session")]
pub(super) struct SessionDb(Mutex<session_db::SessionDb>);

impl SessionDb {
    pub(super) fn db(&self) -> MutexGuard<'_, session_db::SessionDb> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on the session with the interpreter's lock released.
    pub(super) fn work<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&session_db::SessionDb) -> anyhow::Result<T> + Send,
    ) -> Result<T, Error> {
        Ok(py.detach(|| interruptibly(|| work(&self.db())))?)
    }
}

/// Ctrl-C ends it, as Python does it: in the main thread.
fn interruptibly<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: neither can fail.
    let in_main = unsafe { libc::gettid() == libc::getpid() };
    let reach = if in_main {
        Reach::Anywhere
    } else {
        Reach::Nothing
    };
    listening(reach, work)
}

impl SessionDb {
    /// Works on two sessions, their locks taken in one order whoever asks.
    fn with<T>(
        &self,
        other: &Self,
        work: impl FnOnce(&session_db::SessionDb, &session_db::SessionDb) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        if std::ptr::eq(self, other) {
            let db = self.db();
            return work(&db, &db);
        }
        if std::ptr::from_ref(self) < std::ptr::from_ref(other) {
            let (a, b) = (self.db(), other.db());
            return work(&a, &b);
        }
        let (b, a) = (other.db(), self.db());
        work(&a, &b)
    }
}

#[pymethods]
impl SessionDb {
    #[classmethod]
    #[pyo3(signature = (kind, target, target_class, cwd, db_path=None, label=None, target_hash=None))]
    #[allow(clippy::too_many_arguments, reason = "one keyword each in Python")]
    fn create(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        kind: &str,
        target: &str,
        target_class: &str,
        cwd: PathBuf,
        db_path: Option<PathBuf>,
        label: Option<String>,
        target_hash: Option<String>,
    ) -> Result<Self, Error> {
        let options = CreateOptions {
            kind: kind.parse()?,
            target,
            target_class: target_class.parse()?,
            cwd: &cwd,
            db_path: db_path.as_deref(),
            label,
            target_hash,
        };
        let made = py.detach(|| session_db::SessionDb::create(options))?;
        Ok(Self(Mutex::new(made)))
    }

    #[classmethod]
    fn open(_class: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf) -> Result<Self, Error> {
        let opened = py.detach(|| session_db::SessionDb::open(&path))?;
        Ok(Self(Mutex::new(opened)))
    }

    #[classmethod]
    fn open_read_only(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        path: PathBuf,
    ) -> Result<Self, Error> {
        let opened = py.detach(|| session_db::SessionDb::open_read_only(&path))?;
        Ok(Self(Mutex::new(opened)))
    }

    #[pyo3(signature = (path, *, force=false))]
    fn save_to(&self, py: Python<'_>, path: PathBuf, force: bool) -> Result<(), Error> {
        self.work(py, |db| {
            if force {
                db.save_to_forced(&path)
            } else {
                db.save_to(&path)
            }
        })
    }

    fn has_captured_data(&self, py: Python<'_>) -> Result<bool, Error> {
        self.work(py, session_db::SessionDb::has_captured_data)
    }

    fn promote_to_user(&self, py: Python<'_>) -> Result<(), Error> {
        self.work(py, session_db::SessionDb::promote_to_user)
    }

    fn set_meta(&self, py: Python<'_>, key: &str, value: &str) -> Result<(), Error> {
        self.work(py, |db| db.set_meta(key, value))
    }

    fn meta(&self, py: Python<'_>, key: &str) -> Result<Option<String>, Error> {
        self.work(py, |db| db.meta(key))
    }

    #[getter]
    fn session_id(&self) -> String {
        self.db().session_id().to_owned()
    }

    #[getter]
    fn label(&self) -> String {
        self.db().label().to_owned()
    }

    #[getter]
    fn kind(&self) -> &'static str {
        self.db().kind().as_str()
    }

    #[getter]
    fn target_class(&self) -> &'static str {
        self.db().target_class().as_str()
    }

    #[getter]
    fn target(&self) -> String {
        self.db().target().to_owned()
    }

    #[getter]
    fn db_path(&self) -> Option<PathBuf> {
        self.db().db_path().map(Path::to_owned)
    }

    #[pyo3(signature = (location=None, *, r#where=None, thread=None))]
    fn hits(
        this: Py<Self>,
        py: Python<'_>,
        location: Option<&str>,
        r#where: Option<&str>,
        thread: Option<&str>,
    ) -> Result<Hits, Error> {
        let session = this.get();
        let filter = session.work(py, |db| answer::filter(db, location, r#where, thread))?;
        Ok(Hits::new(this, Walk::new(filter)))
    }

    #[pyo3(signature = (field, location=None, *, r#where=None, thread=None, top=0))]
    #[allow(clippy::too_many_arguments, reason = "one keyword each in Python")]
    fn group_by<'py>(
        &self,
        py: Python<'py>,
        field: &str,
        location: Option<&str>,
        r#where: Option<&str>,
        thread: Option<&str>,
        top: usize,
    ) -> Result<Bound<'py, PyAny>, Error> {
        let found = self.work(py, |db| {
            let filter = answer::filter(db, location, r#where, thread)?;
            groups(db, &filter, field, Order::ByFirst, top)
        })?;
        answer(py, &found)
    }

    #[pyo3(signature = (field, location=None, *, r#where=None, thread=None, top=20))]
    #[allow(clippy::too_many_arguments, reason = "one keyword each in Python")]
    fn count_by<'py>(
        &self,
        py: Python<'py>,
        field: &str,
        location: Option<&str>,
        r#where: Option<&str>,
        thread: Option<&str>,
        top: usize,
    ) -> Result<Bound<'py, PyAny>, Error> {
        let found = self.work(py, |db| {
            let filter = answer::filter(db, location, r#where, thread)?;
            groups(db, &filter, field, Order::ByCount, top)
        })?;
        answer(py, &found)
    }

    #[pyo3(signature = (location=None, seq=None))]
    fn show(
        this: Py<Self>,
        py: Python<'_>,
        location: Option<answer::HitOrLocation>,
        seq: Option<i64>,
    ) -> Result<Hit, Error> {
        let hit = this.get().work(py, |db| {
            let which = match (location, seq) {
                (None, _) => Which::Newest,
                (Some(answer::HitOrLocation::Id(id)), _) => Which::Id(HitId(id)),
                (Some(answer::HitOrLocation::Location(asked)), None) => {
                    Which::At(answer::place(db, &asked)?, None)
                }
                (Some(answer::HitOrLocation::Location(asked)), Some(seq)) => {
                    answer::Nth(seq).which(db, &asked)?
                }
            };
            find(db, &which)
        })?;
        Ok(Hit::new(this, hit))
    }

    #[pyo3(signature = (location, a, b=None, *, all=false))]
    fn hit_diff<'py>(
        &self,
        py: Python<'py>,
        location: answer::HitOrLocation,
        a: answer::Nth,
        b: Option<answer::Nth>,
        all: bool,
    ) -> Result<Bound<'py, PyAny>, Error> {
        let diff = self.work(py, |db| {
            let (a, b) = answer::both(db, location, a, b)?;
            hit_diff(db, &a, &b, Listed { all, limit: 0 })
        })?;
        answer(py, &diff)
    }

    #[pyo3(signature = (location, field, *, r#where=None, thread=None, limit=20))]
    #[allow(clippy::too_many_arguments, reason = "one keyword each in Python")]
    fn hit_trend<'py>(
        &self,
        py: Python<'py>,
        location: &str,
        field: &str,
        r#where: Option<&str>,
        thread: Option<&str>,
        limit: usize,
    ) -> Result<Bound<'py, PyAny>, Error> {
        let trend = self.work(py, |db| {
            let place = &answer::place(db, location)?;
            let passing = r#where.map(parse).transpose()?;
            let asked = hit_trend::Question {
                place,
                field,
                thread,
                passing: passing.as_ref(),
                limit,
            };
            hit_trend(db, &asked)
        })?;
        answer(py, &trend)
    }

    #[pyo3(signature = (location, *, r#where=None, thread=None, depth=0, limit=20))]
    #[allow(clippy::too_many_arguments, reason = "one keyword each in Python")]
    fn callers<'py>(
        &self,
        py: Python<'py>,
        location: &str,
        r#where: Option<&str>,
        thread: Option<&str>,
        depth: usize,
        limit: usize,
    ) -> Result<Bound<'py, PyAny>, Error> {
        let found = self.work(py, |db| {
            let place = &answer::place(db, location)?;
            let passing = r#where.map(parse).transpose()?;
            let asked = callers::Question {
                place,
                thread,
                passing: passing.as_ref(),
                depth,
                limit,
            };
            callers(db, &asked)
        })?;
        answer(py, &found)
    }

    #[pyo3(signature = (other, location=None, *, ignore=Vec::new(), limit=20))]
    fn diff<'py>(
        &self,
        py: Python<'py>,
        other: &Self,
        location: Option<&str>,
        ignore: Vec<String>,
        limit: usize,
    ) -> Result<Bound<'py, PyAny>, Error> {
        let ask = |a: &_, b: &_| {
            let cwd = std::env::current_dir()?;
            let places = location.map(|asked| find_in_both([a, b], asked, &cwd));
            let options = Options {
                places: places.transpose()?,
                ignored: ignore.iter().collect(),
                limit,
            };
            diff(a, b, &options)
        };
        let found = py.detach(|| interruptibly(|| self.with(other, ask)))?;
        answer(py, &found)
    }

    fn cross<'py>(&self, py: Python<'py>, symbol: &str) -> Result<Bound<'py, PyAny>, Error> {
        answer(py, &self.work(py, |db| cross(db, symbol))?)
    }

    fn __repr__(&self) -> String {
        let db = self.db();
        format!("<SessionDb {} of {}>", db.label(), db.target())
    }
}

/// The version of this crate.
#[pyfunction]
pub(super) fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

#[pyfunction]
pub(super) fn sessions_dir(cwd: PathBuf) -> PathBuf {
    session_db::sessions_dir(&cwd)
}

#[pyfunction]
pub(super) fn raw_dir(cwd: PathBuf, label: &str) -> PathBuf {
    session_db::raw_dir(&cwd, label)
}

#[pyfunction]
pub(super) fn group_key(cwd: PathBuf, target_hash: &str) -> String {
    session_db::group_key(&cwd, target_hash)
}

#[pyfunction]
pub(super) fn compute_target_hash(target: PathBuf) -> Result<String, Error> {
    Ok(session_db::compute_target_hash(&target)?)
}

#[pyfunction]
pub(super) fn auto_label(target: &str) -> Result<String, Error> {
    Ok(session_db::auto_label(target)?)
}

/// Deletes old sessions; `older_than` in seconds, `policy` "auto-only" or "all".
#[pyfunction]
#[pyo3(signature = (sessions_dir, older_than, policy="auto-only"))]
pub(super) fn prune(
    py: Python<'_>,
    sessions_dir: PathBuf,
    older_than: f64,
    policy: &str,
) -> Result<Vec<PathBuf>, Error> {
    let age = Duration::try_from_secs_f64(older_than)?;
    let policy = match policy {
        "auto-only" => PrunePolicy::AutoOnly,
        "all" => PrunePolicy::All,
        other => {
            return Err(anyhow::anyhow!("unknown policy `{other}`; it is auto-only or all").into());
        }
    };
    Ok(py.detach(|| session_db::prune(&sessions_dir, age, policy))?)
}
