//! The session file's tables: the `.sql` files beside this one, and which of
//! them a target class has.

use rusqlite::Connection;

use super::TargetClass;

/// The format that `dbg` and we share, kept in `PRAGMA user_version`.
pub const SCHEMA_VERSION: i64 = 3;

/// "dbgs", kept in `PRAGMA application_id`: tells our files from dbg's.
pub const APPLICATION_ID: i64 = 0x6462_6773;

const CORE: &str = include_str!("schema/core.sql");
const DEBUG: &str = include_str!("schema/debug.sql");
const CROSSTRACK: &str = include_str!("schema/crosstrack.sql");
const CPU: &str = include_str!("schema/cpu.sql");
const MANAGED: &str = include_str!("schema/managed.sql");
const PYTHON: &str = include_str!("schema/python.sql");
const NODE: &str = include_str!("schema/node.sql");
const GPU: &str = include_str!("schema/gpu.sql");

const ADDITIONS: &str = include_str!("schema/additions.sql");
const ADDITIONS_CPU: &str = include_str!("schema/additions_cpu.sql");
const VIEWS: &str = include_str!("schema/views.sql");
const VIEWS_CPU: &str = include_str!("schema/views_cpu.sql");

/// The tables of version 3 for a class, without our additions.
fn version_3(class: TargetClass) -> Vec<&'static str> {
    let mut parts = vec![CORE, DEBUG, CROSSTRACK];
    match class {
        TargetClass::Gpu => parts.push(GPU),
        TargetClass::ManagedDotnet | TargetClass::Jvm => parts.extend([CPU, MANAGED]),
        TargetClass::Python => parts.extend([CPU, PYTHON]),
        TargetClass::JsNode => parts.extend([CPU, NODE]),
        TargetClass::NativeCpu | TargetClass::Ruby | TargetClass::Php => parts.push(CPU),
    }
    parts
}

/// Makes every table, index and view of a class, and marks the file as ours.
/// The caller wraps it in a transaction.
pub(super) fn apply(conn: &Connection, class: TargetClass) -> rusqlite::Result<()> {
    let mut parts = version_3(class);
    parts.extend([ADDITIONS, VIEWS]);
    if class != TargetClass::Gpu {
        parts.extend([ADDITIONS_CPU, VIEWS_CPU]);
    }
    for part in parts {
        conn.execute_batch(part)?;
    }
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    conn.pragma_update(None, "user_version", SCHEMA_VERSION)
}

/// Our views, made anew for one connection: they stand before those of the same names in the file,
/// which are whatever its maker wrote. One whose tables a file does not have is left out.
pub(crate) fn shadow_views(conn: &Connection) -> rusqlite::Result<()> {
    for view in [VIEWS, VIEWS_CPU]
        .into_iter()
        .flat_map(|part| part.split("CREATE VIEW ").skip(1))
    {
        let name = view.split_whitespace().next().unwrap_or_default();
        conn.execute_batch(&format!("CREATE TEMP VIEW {view}"))?;
        if conn.prepare(&format!("SELECT 1 FROM temp.{name}")).is_err() {
            conn.execute_batch(&format!("DROP VIEW temp.{name}"))?;
        }
    }
    Ok(())
}

/// The tables of every class, with our additions.
pub(super) fn table_names() -> impl Iterator<Item = &'static str> {
    let parts = [
        CORE,
        DEBUG,
        CROSSTRACK,
        CPU,
        MANAGED,
        PYTHON,
        NODE,
        GPU,
        ADDITIONS,
        ADDITIONS_CPU,
    ];
    parts.into_iter().flat_map(made)
}

/// The names of the tables that a version 3 file of this class must have.
pub(super) fn required_tables(class: TargetClass) -> impl Iterator<Item = &'static str> {
    version_3(class).into_iter().flat_map(made)
}

/// The tables that one part of the schema makes.
fn made(part: &'static str) -> impl Iterator<Item = &'static str> {
    part.lines()
        .filter_map(|line| line.strip_prefix("CREATE TABLE "))
        .filter_map(|rest| rest.split_whitespace().next())
}
