//! Hits as Python objects, one at a time.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::intern;
use pyo3::prelude::*;

use super::errors::Error;
use super::session::SessionDb;
use super::tree::Values;
use crate::query::hit_diff::watches;
use crate::query::hits;
use crate::query::read::walk::Walk;
use crate::query::show::{self, source, stack};

/// Hits one after the other, oldest first.
#[pyclass(frozen, module = "dbg_session")]
pub(super) struct Hits {
    session: Py<SessionDb>,
    state: Mutex<(Walk, std::vec::IntoIter<hits::Hit>)>,
}

impl Hits {
    pub(super) fn new(session: Py<SessionDb>, walk: Walk) -> Self {
        let state = Mutex::new((walk, Vec::new().into_iter()));
        Self { session, state }
    }
}

#[pymethods]
impl Hits {
    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> Result<Option<Hit>, Error> {
        let session = self.session.get();
        let next = py.detach(|| {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let (walk, page) = &mut *state;
            if page.len() == 0 {
                *page = walk.page(&session.db())?.into_iter();
            }
            anyhow::Ok(page.next())
        })?;
        Ok(next.map(|hit| Hit::new(self.session.clone_ref(py), hit)))
    }
}

/// One recorded stop of one thread.
#[pyclass(frozen, module = "dbg_session")]
pub(super) struct Hit {
    session: Py<SessionDb>,
    hit: hits::Hit,
    values: Values,
}

impl Hit {
    pub(super) fn new(session: Py<SessionDb>, mut hit: hits::Hit) -> Self {
        let values = Values(Arc::new(std::mem::take(&mut hit.values)));
        Self {
            session,
            hit,
            values,
        }
    }
}

#[pymethods]
impl Hit {
    #[getter]
    fn id(&self) -> i64 {
        self.hit.id.0
    }

    #[getter]
    fn location(&self) -> &str {
        &self.hit.location
    }

    #[getter]
    fn seq(&self) -> i64 {
        self.hit.seq.0
    }

    #[getter]
    fn ts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        // Python 3.9 and 3.10 do not know what `Z` means.
        let text = self.hit.ts.replace('Z', "+00:00");
        let datetime = py.import(intern!(py, "datetime"))?;
        let class = datetime.getattr(intern!(py, "datetime"))?;
        class.call_method1(intern!(py, "fromisoformat"), (text,))
    }

    #[getter]
    fn thread(&self) -> Option<&str> {
        self.hit.thread.as_deref()
    }

    #[getter]
    fn thread_name(&self) -> Option<&str> {
        self.hit.thread_name.as_deref()
    }

    #[getter]
    fn tid(&self) -> Option<i64> {
        self.hit.tid
    }

    #[getter]
    fn pid(&self) -> Option<i64> {
        self.hit.pid
    }

    #[getter]
    fn pc(&self) -> Option<u64> {
        let digits = self.hit.pc.as_ref()?.strip_prefix("0x")?;
        u64::from_str_radix(digits, 16).ok()
    }

    #[getter]
    fn reason(&self) -> Option<&str> {
        self.hit.reason.as_deref()
    }

    #[getter]
    fn breakpoints(&self) -> Vec<i64> {
        self.hit.breakpoints.clone()
    }

    #[getter]
    fn detail(&self) -> Option<&str> {
        self.hit.detail.as_deref()
    }

    #[getter]
    fn function(&self) -> Option<&str> {
        self.hit.function.as_deref()
    }

    #[getter]
    fn error(&self) -> Option<&str> {
        self.hit.error.as_deref()
    }

    #[getter]
    fn values(&self) -> Values {
        self.values.clone()
    }

    #[getter]
    fn watches(&self, py: Python<'_>) -> Result<Values, Error> {
        let session = self.session.get();
        let watches = session.work(py, |db| watches(db, self.hit.id))?;
        Ok(Values(Arc::new(watches)))
    }

    #[getter]
    fn stack(&self, py: Python<'_>) -> Result<Vec<Frame>, Error> {
        let frames = self.session.get().work(py, |db| stack(db, &self.hit))?;
        Ok(frames.into_iter().map(Frame).collect())
    }

    #[getter]
    fn source(&self, py: Python<'_>) -> Result<Option<Source>, Error> {
        let kept = self.session.get().work(py, |db| source(db, &self.hit))?;
        Ok(kept.map(Source))
    }

    fn __repr__(&self) -> String {
        let function = self.hit.function.as_ref().map(|f| format!(" in {f}"));
        let function = function.unwrap_or_default();
        format!("<Hit {} of {}{function}>", self.hit.seq, self.hit.location)
    }
}

/// A stack frame.
#[pyclass(frozen, module = "dbg_session")]
pub(super) struct Frame(show::Frame);

#[pymethods]
impl Frame {
    #[getter]
    fn level(&self) -> u64 {
        self.0.level
    }

    #[getter]
    fn function(&self) -> Option<&str> {
        self.0.function.as_deref()
    }

    #[getter]
    fn file(&self) -> Option<&str> {
        self.0.file.as_deref()
    }

    #[getter]
    fn line(&self) -> Option<i64> {
        self.0.line
    }

    #[getter]
    fn module(&self) -> Option<&str> {
        self.0.module.as_deref()
    }

    #[getter]
    fn module_offset(&self) -> Option<i64> {
        self.0.module_offset
    }

    #[getter]
    fn inlined(&self) -> bool {
        self.0.inlined
    }

    fn __repr__(&self) -> String {
        let function = self.0.function.as_deref().unwrap_or("??");
        match (&self.0.file, self.0.line) {
            (Some(file), Some(line)) => format!("<Frame {function} at {file}:{line}>"),
            _ => format!("<Frame {function}>"),
        }
    }
}

/// Source lines as they were when the hit was recorded.
#[pyclass(frozen, module = "dbg_session")]
pub(super) struct Source(show::Source);

#[pymethods]
impl Source {
    #[getter]
    fn file(&self) -> &str {
        &self.0.file
    }

    #[getter]
    fn first_line(&self) -> usize {
        self.0.first_line
    }

    #[getter]
    fn line(&self) -> usize {
        self.0.line
    }

    #[getter]
    fn lines(&self) -> Vec<String> {
        self.0.lines.clone()
    }

    fn __repr__(&self) -> String {
        format!("<Source {}:{}>", self.0.file, self.0.line)
    }
}
