//! The Python face of the crate: the only place that names pyo3.

use pyo3::prelude::*;

#[pymodule]
mod _native {
    use super::*;

    /// The version of this crate.
    #[pyfunction]
    fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
