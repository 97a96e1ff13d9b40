//! The shapes that `snapshots/shapes.py` makes, as plain Rust data.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::live::Described;
use crate::snapshots::{Enumeration, Length, Member, Shape};
use crate::value::Status;

type DescribedTuple<'py> = (
    String,
    String,
    usize,
    bool,
    Option<String>,
    String,
    usize,
    Bound<'py, PyTuple>,
);
type MemberTuple<'py> = (
    String,
    String,
    usize,
    Option<(usize, usize)>,
    Bound<'py, PyTuple>,
);

pub(super) fn described(item: &Bound<'_, PyAny>) -> PyResult<Described> {
    let (name, type_name, _size, arg, status, variable, offset, shape) =
        item.extract::<DescribedTuple<'_>>()?;
    Ok(Described {
        what: Member {
            name: name.into(),
            type_name: type_name.into(),
            offset,
            bits: None,
            shape: self::shape(&shape)?,
        },
        arg,
        status: status.as_deref().and_then(Status::from_name),
        variable,
    })
}

fn member(item: &Bound<'_, PyAny>) -> PyResult<Member> {
    let (name, type_name, offset, bits, shape) = item.extract::<MemberTuple<'_>>()?;
    Ok(Member {
        name: name.into(),
        type_name: type_name.into(),
        offset,
        bits,
        shape: self::shape(&shape)?,
    })
}

fn shape(tuple: &Bound<'_, PyTuple>) -> PyResult<Shape> {
    let word: String = tuple.get_item(0)?.extract()?;
    let number = |i| tuple.get_item(i)?.extract::<usize>();
    Ok(match word.as_str() {
        "int" => Shape::Int {
            size: number(1)?,
            signed: tuple.get_item(2)?.extract()?,
        },
        "bool" => Shape::Bool(number(1)?),
        "char" => Shape::Char(number(1)?),
        "f32" => Shape::F32,
        "f64" => Shape::F64,
        "enum" => Shape::Enum(Arc::new(Enumeration {
            size: number(1)?,
            signed: tuple.get_item(2)?.extract()?,
            names: tuple.get_item(3)?.extract()?,
            flags: tuple.get_item(4)?.extract()?,
        })),
        "pointer" => Shape::Pointer,
        "c string" => Shape::CString(number(1)?),
        "chars" => Shape::Chars {
            count: number(1)?,
            most: number(2)?,
        },
        "text" => Shape::Text {
            address: number(1)?,
            length: number(2)?,
            most: number(3)?,
        },
        "c++ string" => Shape::CppString {
            address: number(1)?,
            length: number(2)?,
            local: number(3)?,
            most: number(4)?,
        },
        "struct" => Shape::Struct {
            members: members(&tuple.get_item(1)?)?,
            count: tuple.get_item(2)?.extract()?,
        },
        "array" => Shape::Array {
            element: Arc::new(member(&tuple.get_item(1)?)?),
            stride: number(2)?,
            shown: number(3)?,
            count: number(4)?,
        },
        "run" => Shape::Run {
            begin: number(1)?,
            length: length(&tuple.get_item(2)?)?,
            element: Arc::new(member(&tuple.get_item(3)?)?),
            stride: number(4)?,
            most: tuple.get_item(5)?.extract()?,
        },
        word @ ("target" | "reference") => {
            let target = tuple.get_item(1)?;
            let make = if word == "target" {
                Shape::Target
            } else {
                Shape::Reference
            };
            make(Arc::new(shape(target.cast()?)?))
        }
        "deep" => Shape::Deep {
            array: tuple.get_item(1)?.extract()?,
            more: tuple.get_item(2)?.extract()?,
            count: tuple.get_item(3)?.extract()?,
        },
        other => return Err(PyValueError::new_err(format!("no shape is called {other}"))),
    })
}

fn members(list: &Bound<'_, PyAny>) -> PyResult<Arc<[Member]>> {
    let items: Vec<Bound<'_, PyAny>> = list.extract()?;
    items.iter().map(member).collect()
}

fn length(tuple: &Bound<'_, PyAny>) -> PyResult<Length> {
    let word: String = tuple.get_item(0)?.extract()?;
    Ok(match word.as_str() {
        "until" => Length::Until(tuple.get_item(1)?.extract()?, tuple.get_item(2)?.extract()?),
        _ => Length::Number(tuple.get_item(1)?.extract()?),
    })
}
