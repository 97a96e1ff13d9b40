use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::Result;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::glance::learn;
use super::guard::{distrust, refuse_special_files, refuse_what_runs};
use super::paths::{refuse_links, sibling};
use super::schema::{SCHEMA_VERSION, required_tables};
use super::{SessionDb, SessionError};
use crate::interrupt;
use crate::plain::open_plain;

impl SessionDb {
    /// Opens a session to read it and to add to it. Opening changes nothing.
    ///
    /// # Errors
    /// A [`SessionError`] for what is no session of this version: missing,
    /// another version, no session, not one session, an unknown kind or class;
    /// for one that is reached by a link, and for one that would run something.
    pub fn open(path: &Path) -> Result<Self> {
        // What is written must be what its name says, not what a link leads to.
        refuse_links(path)?;
        Self::open_as(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    /// Opens a session to ask it. Nothing can be written through it.
    ///
    /// # Errors
    /// As [`SessionDb::open`], but a link to a session is followed.
    pub fn open_read_only(path: &Path) -> Result<Self> {
        Self::open_as(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    /// The connection alone, for who must own one to fit it with hooks.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn into_conn(mut self) -> rusqlite::Result<Connection> {
        Ok(std::mem::replace(
            &mut self.conn,
            Connection::open_in_memory()?,
        ))
    }

    fn open_as(path: &Path, access: OpenFlags) -> Result<Self> {
        interrupt::check()?; // Whoever looks at many of them looks here.
        if !path.exists() {
            return Err(SessionError::NotFound { path: path.into() }.into());
        }
        if !path.is_file() {
            return Err(not_a_session(path, "it is not a file").into());
        }
        refuse_special_files(path)?;
        let opened = connect(path, access).and_then(|conn| {
            refuse_other_versions(&conn, path)?;
            let schema = refuse_what_runs(&conn, path)?;
            let session = read_session(conn, path)?;
            learn(&session.conn, schema, session.target_class)?;
            Ok(session)
        });
        opened.map_err(|e| describe(e, path))
    }
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection> {
    let mut conn = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .and_then(|conn| distrust(&conn).map(|()| conn))
        .and_then(|conn| readable(&conn).map(|()| conn))
        .or_else(|e| match e.sqlite_error_code() {
            // A log needs shared memory beside the file; in a folder that we
            // cannot write, a file without a log can be read as it stands.
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)
                if !sibling(path, "-wal").exists() && !interrupted_commit(path) =>
            {
                Connection::open_with_flags(
                    immutable_uri(path),
                    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
                )
                .and_then(|conn| distrust(&conn).map(|()| conn))
            }
            _ => Err(e),
        })?;
    conn.busy_handler(Some(interrupt::wait_for_others))?;
    interrupt::watch(&mut conn)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // Else closing would fold an interrupted session's log into the file.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(conn)
}

/// Whether a rollback journal says that the file holds half of a commit:
/// read as it stands, it would show what never was.
fn interrupted_commit(path: &Path) -> bool {
    fs::metadata(sibling(path, "-journal")).is_ok_and(|m| m.len() > 0)
}

fn readable(conn: &Connection) -> rusqlite::Result<()> {
    conn.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))
}

fn immutable_uri(path: &Path) -> String {
    use std::fmt::Write as _;
    let mut uri = String::from("file:");
    for byte in OsStr::as_encoded_bytes(path.as_os_str()) {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                uri.push(char::from(*byte));
            }
            // Writing to a string does not fail.
            _ => drop(write!(uri, "%{byte:02x}")),
        }
    }
    uri + "?immutable=1"
}

fn has_table(conn: &Connection, table: &str) -> rusqlite::Result<bool> {
    conn.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?)",
        [table],
        |row| row.get(0),
    )
}

fn refuse_other_versions(conn: &Connection, path: &Path) -> Result<()> {
    let found: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found == SCHEMA_VERSION {
        return Ok(());
    }
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    // Someone's own database has tables, and none of them is `sessions`.
    let foreign = !has_table(conn, "sessions")? && (tables > 0 || found == 0);
    Err(if foreign {
        not_a_session(path, "it is another program's SQLite file, or empty")
    } else {
        SessionError::SchemaMismatch {
            path: path.into(),
            found,
        }
    }
    .into())
}

fn read_session(conn: Connection, path: &Path) -> Result<SessionDb> {
    if !has_table(&conn, "sessions")? {
        return Err(not_a_session(path, "it has no table `sessions`").into());
    }
    let count: i64 = conn.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0))?;
    if count != 1 {
        let path = path.into();
        return Err(SessionError::NotOneSession { path, count }.into());
    }
    let (session_id, label, kind, class, target): (String, String, String, String, String) = conn
        .query_row(
        "SELECT id, label, kind, target_class, target FROM sessions",
        [],
        |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
            ))
        },
    )?;
    let Ok(kind) = kind.parse() else {
        let path = path.into();
        return Err(SessionError::UnknownKind { path, kind }.into());
    };
    let Ok(target_class) = class.parse() else {
        let path = path.into();
        return Err(SessionError::UnknownTargetClass { path, class }.into());
    };
    for table in required_tables(target_class) {
        if !has_table(&conn, table)? {
            return Err(not_a_session(path, &format!("it has no table `{table}`")).into());
        }
    }
    Ok(SessionDb {
        conn,
        session_id,
        label,
        kind,
        target_class,
        target,
        db_path: Some(path.into()),
        lock: None,
        length: 0,
        columns: RefCell::default(),
    })
}

fn not_a_session(path: &Path, why: &str) -> SessionError {
    SessionError::NotASession {
        path: path.into(),
        why: why.into(),
    }
}

/// Turns what SQLite says of a damaged or foreign file into our own kind.
fn describe(error: anyhow::Error, path: &Path) -> anyhow::Error {
    let Some(sqlite) = error.downcast_ref::<rusqlite::Error>() else {
        return error;
    };
    let why = match sqlite.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "it is not an SQLite file",
        Some(ErrorCode::DatabaseCorrupt) => "it is damaged or cut short",
        None => "its tables are not those of a session",
        Some(ErrorCode::Unknown) => "its tables are not those of a session",
        Some(_) => {
            let unreadable = open_plain(path).err().map(anyhow::Error::new);
            return unreadable
                .unwrap_or(error)
                .context(format!("cannot open the session DB {}", path.display()));
        }
    };
    not_a_session(path, why).into()
}
