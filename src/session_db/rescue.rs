//! Sessions of hits that found no room in their own: the same session by its id,
//! in a file of its own, which says where it belongs.
//!
//! | `meta` | |
//! |---|---|
//! | `rescued` | the rescue's own id, so that nothing is merged twice |
//! | `rescued_from` | the session's file; a blob where its name is not Unicode |
//! | `rescued_at` | when |

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};

use super::create::CreateOptions;
use super::lock::SessionLock;
use super::paths::make_folders;
use super::{SessionDb, SessionKind, TargetClass, utc_now};

/// What tells a session from others, kept for when its file cannot be asked.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    kind: SessionKind,
    class: TargetClass,
    hash: Option<String>,
    started_at: String,
    created_by: String,
    meta: Vec<(String, Value)>,
}

/// Where a rescue belongs.
#[derive(Clone, Debug)]
pub struct RescuedFrom {
    /// The rescue's own id.
    pub id: String,
    /// The session's file.
    pub path: PathBuf,
    /// UTC, ISO 8601.
    pub at: String,
}

impl SessionDb {
    /// What is known of this session at this moment.
    pub(crate) fn identity(&self) -> Result<Identity> {
        let (hash, started_at, created_by) = self.conn.query_row(
            "SELECT target_hash, started_at, created_by FROM sessions",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        let mut facts = self.conn.prepare("SELECT key, value FROM meta")?;
        let facts = facts.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Identity {
            kind: self.kind,
            class: self.target_class,
            hash,
            started_at,
            created_by,
            meta: facts.collect::<rusqlite::Result<_>>()?,
        })
    }

    /// An empty session of the same identity, in memory, marked as a rescue.
    pub(crate) fn twin(&self, known: &Identity) -> Result<Self> {
        let mut twin = Self::fill(
            CreateOptions {
                kind: known.kind,
                target: &self.target,
                target_class: known.class,
                cwd: Path::new("/"),
                db_path: None,
                label: Some(self.label.clone()),
                target_hash: known.hash.clone(),
            },
            &known.created_by,
        )?;
        twin.conn.execute("DELETE FROM meta", [])?;
        twin.conn.execute(
            "UPDATE sessions SET id = ?, started_at = ?",
            params![self.session_id, known.started_at],
        )?;
        twin.session_id.clone_from(&self.session_id);
        for (key, value) in &known.meta {
            twin.conn.execute(
                "INSERT INTO meta (session_id, key, value) VALUES (?, ?, ?)",
                params![self.session_id, key, value],
            )?;
        }
        mark(&twin.conn, &self.session_id, self.db_path())?;
        Ok(twin)
    }

    /// Puts a session that lives in memory into a new file in `folder`, whole or not at all.
    pub(crate) fn put_in(&mut self, folder: &Path) -> Result<PathBuf> {
        self.in_free_place(folder, |session, path| session.write_new(path))
    }

    /// Puts a copy of the whole session, marked as a rescue, into a new file in `folder`.
    pub(crate) fn rescue_whole(&mut self, folder: &Path) -> Result<PathBuf> {
        self.in_free_place(folder, |session, path| {
            let change = |copy: &Connection| mark(copy, &session.session_id, session.db_path());
            session.save_changed(path, false, change)?.put(false)
        })
    }

    fn in_free_place(
        &mut self,
        folder: &Path,
        put: impl Fn(&mut Self, &Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let short: String = self.session_id.chars().take(8).collect();
        let label = self.label.replace(['/', '\0'], "_");
        let label: String = label.trim_start_matches('.').chars().take(80).collect();
        make_folders(&folder.join("any"))?;
        for n in 1..1000 {
            let number = if n == 1 {
                String::new()
            } else {
                format!("-{n}")
            };
            let path = folder.join(format!("{label}-{short}{number}.db"));
            if fs::symlink_metadata(&path).is_ok() {
                continue;
            }
            match put(self, &path) {
                Ok(()) => return Ok(path),
                Err(e) if fs::symlink_metadata(&path).is_ok() && !is_full(&e) => {}
                Err(e) => return Err(e),
            }
        }
        bail!("{} is full of rescued hits", folder.display())
    }

    /// Where the hits of this file belong; none: it is no rescue.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn rescued_from(&self) -> Result<Option<RescuedFrom>> {
        let fact = |key: &str| -> rusqlite::Result<Option<Value>> {
            let query = "SELECT value FROM meta WHERE key = ?";
            self.conn
                .query_row(query, [key], |row| row.get(0))
                .optional()
        };
        let text = |value| match value {
            Some(Value::Text(text)) => text,
            _ => String::new(),
        };
        let path = match fact("rescued_from")? {
            Some(Value::Text(path)) => PathBuf::from(path),
            Some(Value::Blob(path)) => PathBuf::from(OsStr::from_bytes(&path)),
            _ => return Ok(None),
        };
        Ok(Some(RescuedFrom {
            id: text(fact("rescued")?),
            path,
            at: text(fact("rescued_at")?),
        }))
    }

    /// Keeps others from recording into this session or deleting it, for as
    /// long as it is open here.
    ///
    /// # Errors
    /// [`SessionError::Locked`](super::SessionError::Locked).
    pub(crate) fn hold(&mut self) -> Result<()> {
        let path = self.db_path.clone().context("the session has no file")?;
        self.lock = Some(SessionLock::take(&path)?);
        Ok(())
    }

    /// Puts a copy of a rescue where its session was, as that session.
    pub(crate) fn put_back(&self, path: &Path) -> Result<()> {
        let change = |copy: &Connection| {
            unmark(copy)?;
            Ok(())
        };
        self.save_changed(path, false, change)?.put(false)
    }
}

fn mark(conn: &Connection, session: &str, path: Option<&Path>) -> Result<()> {
    let path = path.context("the session has no file")?;
    let path = match path.to_str() {
        Some(path) => Value::Text(path.to_owned()),
        None => Value::Blob(path.as_os_str().as_bytes().to_vec()),
    };
    let id: String = conn.query_row("SELECT lower(hex(randomblob(8)))", [], |row| row.get(0))?;
    let facts = [
        ("rescued", Value::Text(id)),
        ("rescued_from", path),
        ("rescued_at", Value::Text(utc_now())),
    ];
    for (key, value) in facts {
        conn.execute(
            "INSERT OR REPLACE INTO meta (session_id, key, value) VALUES (?, ?, ?)",
            params![session, key, value],
        )?;
    }
    Ok(())
}

/// Makes a session of a rescue: it is complete, and ended when it was rescued.
fn unmark(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "UPDATE sessions SET ended_at = coalesce(ended_at,
             (SELECT value FROM meta WHERE key = 'rescued_at'));
         DELETE FROM meta WHERE key IN ('rescued', 'rescued_from', 'rescued_at');",
    )
}

fn is_full(error: &anyhow::Error) -> bool {
    let io = error.root_cause().downcast_ref::<io::Error>();
    io.is_some_and(|e| e.kind() == io::ErrorKind::StorageFull)
}
