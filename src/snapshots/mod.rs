//! Snapshots of hits: registers and a block of stack memory are taken
//! in one go, and decoded off the hot path, by a plan made once per program
//! counter.
//!
//! ```text
//!   Registers ─┐
//!   Memory ────┼─▶ take() ──▶ Snapshot ──▶ values()       later, elsewhere
//!              └─▶ Unwinder ─▶ addresses of the stack
//!   places() ──▶ Variable (place + shape) ──▲             once per program counter
//! ```
//!
//! Nothing here knows a debugger or a session: whoever has the registers and
//! the memory of a stopped thread can use it.

mod compute;
mod decode;
mod images;
mod memory;
mod ours;
mod places;
mod plan;
mod registers;
mod snapshot;
mod unwind;

pub use compute::Computed;
pub use decode::values;
pub use images::{Image, module_base, of_process};
pub use memory::{Memory, Pieces};
pub use ours::{Claim, Doubt, Process, prove};
pub use places::{Scope, VariableLocation, scope};
pub use plan::{Enumeration, Length, Member, Shape, Variable};
pub use registers::{NAMES, RBP, RSP, Registers};
pub use snapshot::{Snapshot, StackBlock, take};
pub use unwind::{Addresses, Unwinder};
