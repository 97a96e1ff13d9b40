//! The Python face of the crate: the only place that names pyo3. Bindings of a
//! few lines each; the interpreter's lock is released around all real work.

mod answer;
mod breakpoints;
mod errors;
mod hits;
mod overdue;
mod plugin;
mod session;
mod shapes;
mod text;
mod tree;
mod values;

use pyo3::prelude::*;

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::hits::{Frame, Hit, Hits, Source};
    #[pymodule_export]
    use super::overdue::within;
    #[pymodule_export]
    use super::plugin::Plugin;
    #[pymodule_export]
    use super::plugin::{complete, end_sessions_on, places, requests, run, verbs};
    #[pymodule_export]
    use super::session::SessionDb;
    #[pymodule_export]
    use super::session::{
        auto_label, compute_target_hash, group_key, prune, raw_dir, sessions_dir, version,
    };
    #[pymodule_export]
    use super::tree::{Value, Values};
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let mapping = module.py().import("collections.abc")?.getattr("Mapping")?;
        mapping.call_method1("register", (module.getattr("Values")?,))?;
        module.add("SCHEMA_VERSION", crate::SCHEMA_VERSION)
    }
}
