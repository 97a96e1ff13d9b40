//! Tracepoints and watches as a live debugger tells of them.

use serde::{Deserialize, Serialize};

/// A tracepoint, and what it has seen.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq)]
pub struct Tracepoint {
    /// The debugger's number of its breakpoint.
    pub number: i64,
    /// `location`, `regex` or `return`.
    pub kind: String,
    /// As it was asked for.
    pub location: String,
    /// Where it was set, as `file:line` where that is known; none while it is pending.
    pub places: Vec<String>,
    /// `enabled`, `disabled` or `pending`.
    pub state: String,
    /// Only passings at which this is true are recorded.
    pub condition: Option<String>,
    /// Of these, one of so many.
    pub every: u64,
    /// Hits after which it is removed.
    pub max: Option<u64>,
    /// The expressions that are captured; none: all arguments and locals.
    pub capture: Vec<String>,
    /// Most frames of the stack.
    pub stack: Option<u64>,
    /// When this is true, the program stops.
    pub until: Option<String>,
    /// How often it was passed.
    pub seen: u64,
    /// Hits that it recorded.
    pub recorded: u64,
    /// Of these, hits whose registers and memory were taken without the debugger.
    #[serde(default)]
    pub raw: u64,
    /// Passings per second, from the first to the last.
    pub hits_per_second: Option<f64>,
    /// Microseconds that a passing takes us, the median; the debugger's own part is not in it.
    pub us_per_hit: Option<f64>,
    /// Hits with a value that was cut short.
    pub cut: u64,
    /// Hits that could not be kept.
    pub lost: u64,
    /// Passings at which the condition could not be evaluated.
    pub condition_errors: u64,
    /// What to know about it.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// An expression that is evaluated at each hit.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
pub struct WatchExpression {
    /// Its number.
    pub number: i64,
    /// The expression.
    pub expression: String,
    /// Whether it may run code in the program.
    pub allow_calls: bool,
}
