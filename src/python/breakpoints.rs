//! Breakpoints as `host/breakpoints.py` has them.

use pyo3::prelude::*;

use super::text::Name;
use crate::record::{Breakpoint, Standing, Watched};

/// `Breakpoint` of `host/breakpoints.py`.
#[derive(FromPyObject)]
struct NativeBreakpoint {
    number: i64,
    kind: Name,
    form: Name,
    spec: Name,
    file: Option<Name>,
    line: u32,
    function: Option<Name>,
    locations: u32,
    condition: Option<Name>,
    ignore_count: i64,
    enabled: bool,
    temporary: bool,
    hardware: bool,
    access: Option<Name>,
    thread: Option<i64>,
    commands: Option<Name>,
    hits: i64,
    options: Option<Name>,
}

/// How breakpoints and watches stand.
pub(super) fn standing(
    breakpoints: &Bound<'_, PyAny>,
    watches: &Bound<'_, PyAny>,
) -> PyResult<Standing> {
    let breakpoints: Vec<NativeBreakpoint> = breakpoints.extract()?;
    let watches: Vec<(i64, Name, bool)> = watches.extract()?;
    let watched = |(number, expr, allow_calls): (i64, Name, bool)| Watched {
        number,
        expr: expr.text(),
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
        kind: b.kind.text(),
        form: b.form.text(),
        spec: b.spec.text(),
        file: b.file.map(Name::text),
        line: b.line,
        function: b.function.map(Name::text),
        text: None,
        locations: b.locations,
        condition: b.condition.map(Name::text),
        ignore_count: b.ignore_count,
        enabled: b.enabled,
        temporary: b.temporary,
        hardware: b.hardware,
        access: b.access.map(Name::text),
        thread: b.thread,
        commands: b.commands.map(Name::text),
        hits: b.hits,
        options: b
            .options
            .and_then(|options| serde_json::from_str(&options.text()).ok()),
    }
}
