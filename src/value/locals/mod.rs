//! The format of `locals_json`, written and read here and nowhere else:
//! `{name: {"type": …, "value": …, facts …, members …}}`.
//!
//! ```text
//! write  values → text                read  text → values, within bounds
//! path   one value found in the text  tree  values as a tree of members
//! visit  one value after the other    key   which keys are facts, and which are members
//! ```

mod key;
mod path;
mod read;
mod tree;
mod visit;
mod write;

pub(crate) use path::steps;
pub use path::{Found, Path};
pub use read::Locals;
pub(crate) use read::{read, read_value, short};
pub use tree::{Node, all, find, join, members, shown};
pub(crate) use visit::{Sink, visit, visit_value};
pub use write::{locals_json, value_json};
