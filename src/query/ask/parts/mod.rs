//! What questions are made of: no verb asks for one of these by itself.

pub mod buckets;
pub(super) mod callees;
pub mod changes;
pub mod tally;
