//! Recorded values as Python objects.

use std::sync::Arc;

use pyo3::basic::CompareOp;
use pyo3::exceptions::{PyAttributeError, PyIndexError, PyKeyError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyList, PyString};
use serde_json::Map;

use crate::value::content;
use crate::value::locals::{Node, find, members};
use crate::value::number::Number;

type Tree = Map<String, serde_json::Value>;

/// Values by their names, and by paths into them.
#[pyclass(frozen, mapping, module = "dbg_session")]
#[derive(Clone)]
pub(super) struct Values(pub(super) Arc<Tree>);

#[pymethods]
impl Values {
    fn __len__(&self) -> usize {
        members(&self.0).count()
    }

    fn __contains__(&self, path: &str) -> bool {
        find(&self.0, path).is_some()
    }

    fn __getitem__(&self, path: &str) -> PyResult<Value> {
        let found = find(&self.0, path).map(Value::of);
        found.ok_or_else(|| PyKeyError::new_err(path.to_owned()))
    }

    fn __iter__(&self) -> Names {
        let names: Vec<String> = members(&self.0).map(|(name, _)| name.to_owned()).collect();
        Names(names.into_iter())
    }

    fn keys<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        view(this, "KeysView")
    }

    fn values<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        view(this, "ValuesView")
    }

    fn items<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        view(this, "ItemsView")
    }

    #[pyo3(signature = (path, default=None, /))]
    fn get(&self, py: Python<'_>, path: &str, default: Option<Py<PyAny>>) -> PyResult<Py<PyAny>> {
        match find(&self.0, path) {
            Some(node) => Ok(Py::new(py, Value::of(node))?.into_any()),
            None => Ok(default.unwrap_or_else(|| py.None())),
        }
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    fn __repr__(&self) -> String {
        let values = members(&self.0);
        let shown =
            values.map(|(name, node)| format!("{name} = {}", node.text().unwrap_or_default()));
        format!("<Values {}>", shown.collect::<Vec<_>>().join(", "))
    }
}

/// Python's own view of a mapping.
fn view<'py>(values: &Bound<'py, Values>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let abc = values.py().import("collections.abc")?;
    abc.getattr(name)?.call1((values,))
}

/// Names of values, one at a time.
#[pyclass(module = "dbg_session")]
pub(super) struct Names(std::vec::IntoIter<String>);

#[pymethods]
impl Names {
    fn __iter__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __next__(&mut self) -> Option<String> {
        self.0.next()
    }
}

/// One recorded value.
#[pyclass(frozen, module = "dbg_session")]
pub(super) struct Value(serde_json::Value);

impl Value {
    fn of(node: Node<'_>) -> Self {
        Self(node.0.clone())
    }

    fn node(&self) -> Node<'_> {
        Node(&self.0)
    }

    fn member(&self, path: &str) -> Option<Self> {
        self.node()
            .at(path)
            .filter(|_| !path.is_empty())
            .map(Self::of)
    }
}

/// What an element is asked for by: its name or path, or its index.
#[derive(FromPyObject)]
pub(super) enum Key {
    Index(u64),
    Path(String),
}

#[pymethods]
impl Value {
    #[getter]
    fn r#type(&self) -> Option<&str> {
        self.node().type_name()
    }

    #[getter]
    fn value(&self) -> Option<&str> {
        self.node().text()
    }

    #[getter]
    fn status(&self) -> Option<&str> {
        self.node().status()
    }

    #[getter]
    fn count(&self) -> Option<u64> {
        self.node().count()
    }

    #[getter]
    fn addr(&self) -> Option<u64> {
        let digits = self.node().addr()?.strip_prefix("0x")?;
        u64::from_str_radix(digits, 16).ok()
    }

    #[getter]
    fn is_arg(&self) -> bool {
        self.node().is_arg()
    }

    #[getter]
    fn number<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.node().number().map(|n| number(py, n)).transpose()
    }

    #[getter]
    fn python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        python(py, self.node())
    }

    #[getter]
    fn members(&self) -> Values {
        let members = self.0.as_object().cloned().unwrap_or_default();
        let members = members.into_iter().filter(|(_, value)| value.is_object());
        Values(Arc::new(members.collect()))
    }

    fn __getitem__(&self, key: Key) -> PyResult<Self> {
        match key {
            // What Python's own `for` ends at.
            Key::Index(index) => self
                .member(&format!("[{index}]"))
                .ok_or_else(|| PyIndexError::new_err(format!("the value has no element {index}"))),
            Key::Path(path) => self.member(&path).ok_or_else(|| PyKeyError::new_err(path)),
        }
    }

    fn __getattr__(&self, name: &str) -> PyResult<Self> {
        let member = self.node().members().find(|(member, _)| *member == name);
        let missing = || PyAttributeError::new_err(format!("the value has no member `{name}`"));
        member.map(|(_, node)| Self::of(node)).ok_or_else(missing)
    }

    fn __richcmp__<'py>(
        &self,
        py: Python<'py>,
        other: &Bound<'py, PyAny>,
        op: CompareOp,
    ) -> PyResult<Bound<'py, PyAny>> {
        let own = python(py, self.node())?;
        match other.cast::<Self>() {
            Ok(other) => own.rich_compare(python(py, other.get().node())?, op),
            Err(_) => own.rich_compare(other, op),
        }
    }

    fn __str__(&self) -> &str {
        self.node().text().unwrap_or_default()
    }

    fn __repr__(&self) -> String {
        let type_name = self.node().type_name().unwrap_or("?");
        let status = self.node().status().map(|status| format!(" ({status})"));
        format!(
            "<Value {type_name} {}{}>",
            self.__str__(),
            status.unwrap_or_default()
        )
    }
}

fn number(py: Python<'_>, number: Number) -> PyResult<Bound<'_, PyAny>> {
    Ok(match number {
        Number::Int(n) => n.into_pyobject(py)?.into_any(),
        Number::Big(n) => n.into_pyobject(py)?.into_any(),
        Number::Float(x) => PyFloat::new(py, x).into_any(),
    })
}

/// What is nearest to a value in Python: a dictionary or a list of what is
/// below it, else a number, a truth value, the text of a string, or any text.
fn python<'py>(py: Python<'py>, node: Node<'_>) -> PyResult<Bound<'py, PyAny>> {
    let members: Vec<(&str, Node<'_>)> = node.members().collect();
    if !members.is_empty() {
        let index = |(i, (name, _)): (usize, &(&str, Node<'_>))| *name == format!("[{i}]");
        if members.iter().enumerate().all(index) {
            let list = PyList::empty(py);
            for (_, element) in members {
                list.append(python(py, element)?)?;
            }
            return Ok(list.into_any());
        }
        let dict = PyDict::new(py);
        for (name, member) in members {
            dict.set_item(name, python(py, member)?)?;
        }
        return Ok(dict.into_any());
    }
    let Some(text) = node.read() else {
        return Ok(py.None().into_bound(py));
    };
    Ok(match text {
        "true" | "false" => PyBool::new(py, text == "true").to_owned().into_any(),
        text => match Number::read(text) {
            Some(n) => number(py, n)?,
            None => PyString::new(py, &content(text)).into_any(),
        },
    })
}
