//! Texts of Python's. What a debugger reads of the system need not be Unicode:
//! such bytes stand in a `str` as lone surrogates, which no other text may hold.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::session_db::path_text;

/// A text that may be the name of a file.
pub(super) struct Name(OsString);

impl Name {
    /// As sessions have it: bytes that are not Unicode are spelled out.
    pub(super) fn text(self) -> String {
        match self.0.into_string() {
            Ok(text) => text,
            Err(name) => path_text(Path::new(&name)).into_owned(),
        }
    }

    pub(super) fn path(self) -> PathBuf {
        self.0.into()
    }
}

impl<'py> FromPyObject<'_, 'py> for Name {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let text = object.cast::<PyString>()?;
        if let Ok(text) = text.to_cow() {
            return Ok(Self(text.into_owned().into()));
        }
        let encoded = text.call_method1("encode", ("utf-8", "surrogateescape"));
        Ok(Self(match encoded {
            Ok(bytes) => OsString::from_vec(bytes.cast::<PyBytes>()?.as_bytes().to_vec()),
            Err(_) => text.to_string_lossy().into_owned().into(),
        }))
    }
}
