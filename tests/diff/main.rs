//! `diff`: what is no difference between two runs, and where those that differ part.

mod parts;
mod rebuilt;
mod same;
mod world;
