//! The one door to hits: how they are stored, only this room and the recorder know.
//!
//! ```text
//! filter  which hits          columns  what the file has
//!    │
//!    ├──▶ hit     one, whole: its place, thread, time, values
//!    ├──▶ walk    all of them, page by page
//!    ├──▶ scan    of each only the fields that are asked for, with several threads
//!    ├──▶ pass    every hit as it is stored, and watches beside it
//!    └──▶ places, counts      where there are hits, and how many
//! ```

pub(in crate::query) mod columns;
pub mod counts;
pub mod field;
pub mod filter;
pub mod hit;
pub(in crate::query) mod pass;
pub mod places;
pub mod scan;
pub mod walk;
pub mod watches;

#[cfg(test)]
mod agree_tests;
