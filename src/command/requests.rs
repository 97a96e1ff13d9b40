//! What a verb asks the debugger itself to do: each request with what it takes and what it answers.
//!
//! On the way to the host a request is its name and a JSON object ([`Live::ask_host`]); only this
//! file knows those names.

use anyhow::Result;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Live;
use super::restore::restorable;
use crate::query::tracepoints::{Tracepoint, WatchExpression};
use crate::record::{Breakpoint, Code};

/// Something that the debugger can be asked.
pub(super) trait Request: Serialize {
    /// The name that the host knows it by.
    const NAME: &'static str;
    /// What comes back.
    type Answer: DeserializeOwned;
}

/// Asks the debugger, which says in one sentence why it cannot.
pub(super) fn ask<R: Request>(live: &dyn Live, request: &R) -> Result<R::Answer> {
    let answer = live.ask_host(R::NAME, &serde_json::to_value(request)?)?;
    Ok(serde_json::from_value(answer)?)
}

/// Names requests, and says what they answer.
macro_rules! requests {
    ($($name:literal: $request:ty => $answer:ty,)+) => {
        $(impl Request for $request {
            const NAME: &'static str = $name;
            type Answer = $answer;
        })+

        /// The names of all requests: what a host must answer to.
        pub const REQUESTS: &[&str] = &[$($name),+];
    };
}

requests! {
    "function": Function<'_> => Code,
    "breakpoints": Breakpoints => Vec<Breakpoint>,
    "breakpoint_set": SetBreakpoint<'_> => Made,
    "confirm": Confirm<'_> => Option<bool>,
    "trace_add": AddTracepoint => Vec<Tracepoint>,
    "trace_list": Tracepoints => Vec<Tracepoint>,
    "trace_delete": DeleteTracepoints<'_> => Vec<i64>,
    "trace_disable": DisableTracepoints<'_> => Vec<i64>,
    "trace_enable": EnableTracepoints<'_> => Vec<i64>,
    "watch_add": AddWatch<'_> => WatchExpression,
    "watch_list": Watches => Vec<WatchExpression>,
    "watch_delete": DeleteWatches<'_> => Vec<i64>,
}

/// The code of a function.
#[derive(Serialize)]
pub(super) struct Function<'a> {
    /// As the debugger calls it; none: the selected frame's.
    pub name: Option<&'a str>,
}

/// The user's breakpoints as they stand.
#[derive(Serialize)]
pub(super) struct Breakpoints {}

/// Sets a recorded breakpoint again.
#[derive(Serialize)]
pub(super) struct SetBreakpoint<'a> {
    /// All of it but its place.
    pub wanted: &'a Breakpoint,
    /// Where.
    pub place: Spot,
    /// The paths of variables that its condition reads.
    pub reads: Vec<String>,
}

/// Where a breakpoint of any kind is to be set.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Spot {
    /// In the code.
    Place(restorable::BreakpointPlace),
    /// At what happens to the process.
    Event(restorable::Event),
    /// At what is stored.
    Variable {
        /// Always `path`.
        form: &'static str,
        /// Its path.
        path: String,
        /// Its address is meant, whatever is in scope later.
        location: bool,
    },
}

/// What the debugger made of a breakpoint.
#[derive(Deserialize)]
pub(super) struct Made {
    /// As it stands now.
    #[serde(flatten)]
    pub breakpoint: Breakpoint,
    /// What the user should know of it.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Shows lines to the user and asks; no answer when nobody is there.
#[derive(Serialize)]
pub(super) struct Confirm<'a> {
    /// What it is about.
    pub lines: &'a [String],
    /// To be answered with yes or no.
    pub question: &'a str,
}

/// Sets tracepoints.
#[derive(Serialize)]
pub(super) struct AddTracepoint {
    /// As it was written.
    pub location: String,
    /// In parts; none: the debugger reads what was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<restorable::BreakpointPlace>,
    /// `location`, `regex` or `return`.
    pub kind: &'static str,
    /// Only passings at which this is true are recorded.
    pub condition: Option<String>,
    /// Of these, one of so many.
    pub every: u64,
    /// Hits after which it is removed.
    pub most: Option<u64>,
    /// The expressions that are captured; none: all arguments and locals.
    pub captures: Vec<String>,
    /// Most frames of the stack.
    pub stack: Option<u64>,
    /// When this is true, the program stops.
    pub until: Option<String>,
    /// Many functions are traced without a question.
    pub yes: bool,
}

/// All tracepoints.
#[derive(Serialize)]
pub(super) struct Tracepoints {}

/// Makes requests about numbers; none of them means all.
macro_rules! of_numbers {
    ($($(#[doc = $doc:literal])+ $request:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Serialize)]
        pub(super) struct $request<'a> {
            /// As lists show them; none: all.
            pub numbers: &'a [i64],
        }
    )+};
}

of_numbers! {
    /// Deletes tracepoints.
    DeleteTracepoints;
    /// Switches tracepoints off.
    DisableTracepoints;
    /// Switches tracepoints on again.
    EnableTracepoints;
    /// Deletes watches.
    DeleteWatches;
}

/// Has an expression evaluated at each hit.
#[derive(Serialize)]
pub(super) struct AddWatch<'a> {
    /// In the language of the program.
    pub expression: &'a str,
    /// It may run code in the program.
    pub allow_calls: bool,
}

/// All watches.
#[derive(Serialize)]
pub(super) struct Watches {}
