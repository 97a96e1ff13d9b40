//! Breakpoints as `host.py` has them.

use pyo3::prelude::*;

use crate::record::{Breakpoint, Standing, Watched};

/// `Breakpoint` of `host.py`.
#[derive(FromPyObject)]
struct NativeBreakpoint {
    number: i64,
    kind: String,
    form: String,
    spec: String,
    file: Option<String>,
    line: u32,
    function: Option<String>,
    locations: u32,
    condition: Option<String>,
    ignore_count: i64,
    enabled: bool,
    temporary: bool,
    hardware: bool,
    access: Option<String>,
    thread: Option<i64>,
    commands: Option<String>,
    hits: i64,
    options: Option<String>,
}

/// How breakpoints and watches stand.
pub(super) fn standing(
    breakpoints: &Bound<'_, PyAny>,
    watches: &Bound<'_, PyAny>,
) -> PyResult<Standing> {
    let breakpoints: Vec<NativeBreakpoint> = breakpoints.extract()?;
    let watches: Vec<(i64, String, bool)> = watches.extract()?;
    let watched = |(number, expr, allow_calls)| Watched {
        number,
        expr,
        allow_calls,
    };
    Ok(Standing {
        breakpoints: breakpoints.into_iter().map(breakpoint).collect(),
        watches: watches.into_iter().map(watched).collect(),
    })
}

fn breakpoint(b: NativeBreakpoint) -> Breakpoint {
    Breakpoint {
        number: b.number,
        kind: b.kind,
        form: b.form,
        spec: b.spec,
        file: b.file,
        line: b.line,
        function: b.function,
        text: None,
        locations: b.locations,
        condition: b.condition,
        ignore_count: b.ignore_count,
        enabled: b.enabled,
        temporary: b.temporary,
        hardware: b.hardware,
        access: b.access,
        thread: b.thread,
        commands: b.commands,
        hits: b.hits,
        options: b.options.and_then(|text| serde_json::from_str(&text).ok()),
    }
}
