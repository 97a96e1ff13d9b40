//! Sixty-four bits that stand for a text: two hits of the same values have the
//! same, and that others have it by chance is not to be expected in a million hits.

use std::hash::Hasher as _;

use rustc_hash::FxHasher;

pub(super) fn text(text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    finish(hasher.finish() ^ text.len() as u64)
}

/// Of two in their order.
pub(super) fn pair(first: u64, second: u64) -> u64 {
    finish(first.rotate_left(23).wrapping_add(second) ^ 0x9e37_79b9_7f4a_7c15)
}

/// Every bit of the input moves every bit of the result, so that sums of these
/// stand for sets.
fn finish(mut h: u64) -> u64 {
    h = (h ^ (h >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    h = (h ^ (h >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^ (h >> 33)
}
