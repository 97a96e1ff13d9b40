//! Errors as Python exceptions: those of `dbg_session.exceptions`, where they
//! are defined so that they can be Python's own kinds as well.

use pyo3::PyTypeInfo;
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;

use crate::interrupt::is_interruption;
use crate::query::expr::ExprError;
use crate::query::location::LocationError;
use crate::session_db::{SessionError, UnknownName};

/// `?` on [`anyhow::Result`] in a binding.
pub(super) struct Error(anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl From<Error> for PyErr {
    fn from(Error(error): Error) -> Self {
        if is_interruption(&error) {
            return PyKeyboardInterrupt::new_err(());
        }
        let name = match error.downcast_ref() {
            Some(SessionError::NotFound { .. }) => "NotFoundError",
            Some(SessionError::SchemaMismatch { .. }) => "SchemaMismatchError",
            Some(
                SessionError::NotASession { .. }
                | SessionError::NotOneSession { .. }
                | SessionError::UnknownKind { .. }
                | SessionError::UnknownTargetClass { .. },
            ) => "NotASessionError",
            Some(SessionError::AlreadyExists { .. }) => "AlreadyExistsError",
            Some(SessionError::InvalidLabel { .. }) => "InvalidLabelError",
            Some(SessionError::Locked { .. }) => "LockedError",
            Some(SessionError::SymbolicLink { .. }) => "SymbolicLinkError",
            Some(SessionError::Unsafe { .. } | SessionError::NotPlain { .. }) => "UnsafeFileError",
            None if error.is::<LocationError>() => "UnknownLocationError",
            None if error.is::<ExprError>() => "ConditionError",
            None if error.is::<UnknownName>() => "UnknownNameError",
            None => "Error",
        };
        let text = format!("{error:#}");
        Python::attach(|py| {
            let class = py
                .import("dbg_session.exceptions")
                .and_then(|module| module.getattr(name))
                .unwrap_or_else(|_| PyRuntimeError::type_object(py).into_any());
            class.call1((text,)).map_or_else(|e| e, PyErr::from_value)
        })
    }
}
