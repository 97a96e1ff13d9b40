//! The hot path: hits in, batched writes out.
//!
//! A [`Hit`] is plain data, wherever it came from. [`Recorder::record`] stamps
//! and numbers it and puts it into a bounded queue; one thread writes what is
//! queued into the session, in batches.
//!
//! ```text
//!  debugger ── record() ──▶ queue ──▶ writer thread ──▶ SessionDb
//!     ▲                                   │
//!     └───────────── flush() ◀────────────┘   waits until all is committed
//! ```

mod breakpoints;
mod code;
mod hit;
mod location;
mod recorder;
mod rescue;
mod source;
mod start;
mod writer;

pub use breakpoints::{Breakpoint, Standing, Watched};
pub(crate) use breakpoints::{LARGEST_SOURCE, store as store_breakpoints};
pub(crate) use code::keep as keep_code;
pub use code::{AsmLine, Code, Instruction};
pub use hit::{Decode, Frame, Hit, Stop, Watch};
pub use location::LocationKey;
pub use recorder::{Finished, RecordStatus, Recorder};
pub use rescue::{Recovered, Rest, recover, rescue_dir};
pub(crate) use source::{closing_line, head_line};
pub use start::{StartOptions, StartedSession, start_session, state_dir};
