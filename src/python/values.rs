//! What Python read at a stop, as plain Rust data.
//!
//! Nothing here fails: an item of a wrong shape becomes a value that says so,
//! because a hit is worth more than any of its values.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyString, PyTuple};

use super::text::Name;
use crate::record::{Frame, Hit, Stop, Watch};
use crate::value::float::{self, Wide};
use crate::value::{Body, Status, Value, names};

type StopTuple = (
    Name,
    Option<i64>,
    Vec<i64>,
    Option<Name>,
    i64,
    i64,
    Option<Name>,
    i64,
    Option<Name>,
);

type FrameTuple = (
    Option<Name>,
    Option<Name>,
    u32,
    u64,
    Option<Name>,
    i64,
    Name,
    bool,
);

type ValueTuple<'py> = (
    Bound<'py, PyAny>,
    Bound<'py, PyString>,
    Bound<'py, PyString>,
    Bound<'py, PyAny>,
    Option<String>,
    Option<i64>,
    Option<u64>,
    bool,
    Option<Vec<Bound<'py, PyAny>>>,
);

pub(super) fn hit(
    stop: &Bound<'_, PyAny>,
    frames: &Bound<'_, PyAny>,
    values: &Bound<'_, PyAny>,
    watches: &Bound<'_, PyAny>,
) -> Hit {
    let mut errors = Vec::new();
    let mut stop = stop.extract::<StopTuple>().map_or_else(
        |e| {
            errors.push(format!("the stop could not be read: {e}"));
            Stop::default()
        },
        stop_of,
    );
    let frames = self::frames(frames, &mut errors);
    let values = items(values, &mut errors).iter().map(value).collect();
    let watches = items(watches, &mut errors)
        .iter()
        .filter_map(|item| item.extract::<(Name, Bound<'_, PyAny>)>().ok())
        .map(|(expr, item)| Watch {
            expr: expr.text(),
            value: value(&item),
        })
        .collect();
    if !errors.is_empty() {
        errors.extend(stop.error.take());
        stop.error = Some(errors.join("; "));
    }
    Hit {
        stop,
        frames: frames.into(),
        values,
        watches,
    }
}

/// A stack and values by themselves.
pub(super) fn read(
    frames: &Bound<'_, PyAny>,
    values: &Bound<'_, PyAny>,
) -> (Vec<Frame>, Vec<Value>) {
    let mut errors = Vec::new();
    (
        self::frames(frames, &mut errors),
        items(values, &mut errors).iter().map(value).collect(),
    )
}

fn frames(list: &Bound<'_, PyAny>, errors: &mut Vec<String>) -> Vec<Frame> {
    items(list, errors)
        .iter()
        .filter_map(|item| item.extract::<FrameTuple>().ok())
        .map(frame_of)
        .collect()
}

fn items<'py>(list: &Bound<'py, PyAny>, errors: &mut Vec<String>) -> Vec<Bound<'py, PyAny>> {
    list.extract().unwrap_or_else(|e: PyErr| {
        errors.push(format!("a list could not be read: {e}"));
        Vec::new()
    })
}

fn stop_of(
    (reason, _first, breakpoints, detail, thread, tid, thread_name, pid, error): StopTuple,
) -> Stop {
    Stop {
        reason: reason.text(),
        breakpoints,
        detail: detail.map(Name::text),
        thread,
        tid,
        thread_name: thread_name.map(Name::text),
        pid,
        error: error.map(Name::text),
        passed_by: false,
    }
}

fn frame_of((function, file, line, pc, module, offset, lang, inlined): FrameTuple) -> Frame {
    Frame {
        function: function.map(Name::text),
        file: file.map(Name::text),
        line,
        pc,
        module: module.map(Name::text),
        offset: offset.unsigned_abs(),
        lang: lang.text(),
        inlined,
    }
}

fn value(item: &Bound<'_, PyAny>) -> Value {
    let Ok((name, type_name, kind, payload, status, count, addr, arg, children)) =
        item.extract::<ValueTuple<'_>>()
    else {
        return broken("?", "the value has a wrong shape");
    };
    let Some(name) = self::name(&name) else {
        return broken("?", "the value has a wrong shape");
    };
    let Some(body) = body(&kind.to_string_lossy(), &payload) else {
        return broken(&name, "the value has a wrong shape");
    };
    Value {
        name,
        type_name: shared(&type_name),
        body,
        status: status.as_deref().and_then(Status::from_name),
        count: count.and_then(|n| u64::try_from(n).ok()),
        addr,
        arg,
        children: children.map(|items| items.iter().map(value).collect()),
    }
}

/// A variable or member is called by a text, an element by its position, an entry of a map by its
/// key, which is a value: what the key is called is decided here, as for all other texts of values.
fn name(name: &Bound<'_, PyAny>) -> Option<Arc<str>> {
    if let Ok(text) = name.cast::<PyString>() {
        return Some(shared(text));
    }
    if name.is_instance_of::<PyTuple>() {
        return Some(names::entry(&value(name)));
    }
    name.extract().ok().map(names::element)
}

/// Text from a program can hold what UTF-8 cannot; such characters are replaced.
fn shared(text: &Bound<'_, PyString>) -> Arc<str> {
    Arc::from(&*text.to_string_lossy())
}

fn broken(name: &str, why: &str) -> Value {
    Value {
        status: Some(Status::Error),
        ..Value::plain(name, "", Body::None(Some(why.into())))
    }
}

fn body(kind: &str, payload: &Bound<'_, PyAny>) -> Option<Body> {
    let text = || {
        let text = payload.cast::<PyString>().ok()?;
        Some(text.to_string_lossy().into_owned())
    };
    let bytes = || Some(payload.cast::<PyBytes>().ok()?.as_bytes());
    Some(match kind {
        "none" => Body::None(text()),
        "int" => integer(payload)?,
        "bool" => Body::Bool(payload.extract::<i128>().ok()? != 0),
        "char" => Body::Char(payload.extract().ok()?),
        "byte" => Body::byte(payload.extract().ok()?),
        "f32" => Body::F32(payload.extract().ok()?),
        "f64" => Body::F64(payload.extract().ok()?),
        "f80" => Body::Text(float::wide(Wide::Extended, bytes()?)?),
        "f128" => Body::Text(float::wide(Wide::Quadruple, bytes()?)?),
        "complex" => Body::Text(float::complex(bytes()?)?),
        "text" => Body::Text(text()?),
        "enum" => Body::Enum(text()?),
        "ptr" => Body::Pointer(payload.extract().ok()?),
        "str" => match bytes() {
            Some(bytes) => Body::Str(bytes.to_vec()),
            None => Body::Str(text()?.into_bytes()),
        },
        "struct" => Body::Struct,
        "array" => Body::Array,
        "map" => Body::Map,
        "variant" => Body::Variant(text()?),
        _ => return None,
    })
}

fn integer(payload: &Bound<'_, PyAny>) -> Option<Body> {
    if let Ok(n) = payload.extract() {
        return Some(Body::Int(n));
    }
    if let Ok(n) = payload.extract() {
        return Some(Body::unsigned(n));
    }
    // Wider than any type of C: the digits as Python has them.
    Some(Body::Text(payload.str().ok()?.to_string()))
}
