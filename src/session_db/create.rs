//! Making a session: its database is filled in memory, and becomes a file in one step.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use anyhow::{Context, Result};
use rusqlite::{Connection, params};

use super::displaced::prepare;
use super::label::first_free;
use super::lock::SessionLock;
use super::names::{path_text, place_of};
use super::newfile::NewFile;
use super::paths::make_folders;
use super::session::{remove_files, remove_logs};
use super::{
    Label, SessionDb, SessionError, SessionKind, TargetClass, auto_label, compute_target_hash,
    group_key, schema, sessions_dir, utc_now,
};

/// What a new session is of.
#[derive(Clone, Debug)]
pub struct CreateOptions<'a> {
    /// Debugging or profiling.
    pub kind: SessionKind,
    /// The program, as a path or a name; relative paths count from `cwd`.
    pub target: &'a str,
    /// Which domain tables the session gets.
    pub target_class: TargetClass,
    /// The folder that the session belongs to.
    pub cwd: &'a Path,
    /// The file to make; none: the session lives in memory.
    pub db_path: Option<&'a Path>,
    /// The session's name; none: [`auto_label`].
    pub label: Option<String>,
    /// Tells builds of the target apart; none: [`compute_target_hash`] of it.
    pub target_hash: Option<String>,
}

impl SessionDb {
    /// Makes a new session, in memory or in a new file.
    ///
    /// A session in a file is locked for as long as it is open here, so that
    /// nobody prunes what is being recorded.
    ///
    /// # Errors
    /// [`SessionError::AlreadyExists`] when `db_path` is taken,
    /// [`SessionError::SymbolicLink`] when it leads through a link, or what the
    /// file system or SQLite says. A file that was begun is removed.
    pub fn create(options: CreateOptions<'_>) -> Result<Self> {
        Self::create_by(options, "auto")
    }

    /// As [`SessionDb::create`], made by `created_by` from the first moment on.
    fn create_by(options: CreateOptions<'_>, created_by: &str) -> Result<Self> {
        let Some(path) = options.db_path else {
            return Self::fill(options, created_by);
        };
        let folders = make_folders(path)?;
        let made = Self::create_file(path, options, created_by);
        if made.is_err() {
            folders.take_back();
        }
        made
    }

    /// The file has its name only when it is a whole session: whoever kills us
    /// before leaves nothing, and after it an empty session.
    fn create_file(path: &Path, options: CreateOptions<'_>, created_by: &str) -> Result<Self> {
        if fs::symlink_metadata(path).is_ok() {
            return Err(is_there(path).into());
        }
        let mut session = Self::fill(options, created_by)?;
        let lock = SessionLock::take(path)?;
        session
            .write_new(path)
            .map_err(|e| match e.downcast_ref().map(io::Error::kind) {
                Some(io::ErrorKind::AlreadyExists) => is_there(path).into(),
                _ => e.context(format!("cannot make the session DB {}", path.display())),
            })?;
        session.lock = Some(lock);
        session
            .go_on_in(path)
            .inspect_err(|_| remove_files(path))
            .with_context(|| format!("cannot open the session DB {}", path.display()))?;
        Ok(session)
    }

    /// Writes what is in memory to a new file.
    pub(super) fn write_new(&mut self, path: &Path) -> Result<()> {
        let image = self.conn.serialize("main")?;
        let mut file = NewFile::without_name(path)?;
        file.write_all(&image)?;
        // A log that somebody of this name left would be read into the new file.
        if fs::symlink_metadata(path).is_err() {
            remove_logs(path);
        }
        Ok(file.put()?)
    }

    /// Makes a new session in `folder`, its file named by its label.
    ///
    /// Without a label of the caller's, [`auto_label`] and the first free of
    /// `-2`, `-3` … is taken, whoever else makes sessions there meanwhile.
    ///
    /// # Errors
    /// As [`SessionDb::create`], and [`SessionError::InvalidLabel`].
    pub fn create_in(folder: &Path, options: &CreateOptions<'_>) -> Result<Self> {
        Self::create_in_by(folder, options, "auto")
    }

    /// As [`SessionDb::create_in`], a person's session from the first moment on.
    ///
    /// # Errors
    /// As [`SessionDb::create_in`].
    pub(crate) fn create_users_in(folder: &Path, options: &CreateOptions<'_>) -> Result<Self> {
        Self::create_in_by(folder, options, "user")
    }

    fn create_in_by(folder: &Path, options: &CreateOptions<'_>, created_by: &str) -> Result<Self> {
        let base = match &options.label {
            Some(label) => label.parse::<Label>()?.to_string(),
            None => auto_label(options.target)?,
        };
        loop {
            let label = match options.label {
                Some(_) => base.clone(),
                None => first_free(&base, |l| taken(folder, l)),
            };
            let path = folder.join(format!("{label}.db"));
            let new = CreateOptions {
                label: Some(label),
                db_path: Some(&path),
                ..options.clone()
            };
            let made = Self::create_by(new, created_by);
            match made {
                Err(e) if options.label.is_none() && is_taken(&e) => {}
                made => return made,
            }
        }
    }

    /// A session in memory.
    pub(super) fn fill(options: CreateOptions<'_>, created_by: &str) -> Result<Self> {
        let mut conn = Connection::open_in_memory()?;
        prepare(&mut conn)?;
        let cwd = fs::canonicalize(options.cwd).unwrap_or_else(|_| options.cwd.to_owned());
        let target_path = place_of(options.target, &cwd);
        let hash = match options.target_hash {
            Some(hash) => Some(hash),
            None if target_path.is_file() => Some(compute_target_hash(&target_path)?),
            None => None,
        };
        let label = match options.label {
            Some(label) => label,
            None => default_label(options.target, &cwd, options.db_path)?,
        };

        let tx = conn.transaction()?;
        schema::apply(&tx, options.target_class)?;
        let session_id: String = tx.query_row(
            "INSERT INTO sessions
                 (id, kind, target, target_class, target_hash, started_at, label, created_by)
             VALUES (lower(hex(randomblob(16))), ?, ?, ?, ?, ?, ?, ?)
             RETURNING id",
            params![
                options.kind.as_str(),
                options.target,
                options.target_class.as_str(),
                hash,
                utc_now(),
                label,
                created_by
            ],
            |row| row.get(0),
        )?;
        let group = group_key(&cwd, hash.as_deref().unwrap_or_default());
        for (key, value) in [
            ("session_group_key", group.as_str()),
            ("cwd", &path_text(&cwd)),
        ] {
            tx.execute(
                "INSERT INTO meta (session_id, key, value) VALUES (?, ?, ?)",
                params![session_id, key, value],
            )?;
        }
        if cwd.to_str().is_none() {
            tx.execute(
                "INSERT INTO meta (session_id, key, value) VALUES (?, 'cwd_bytes', ?)",
                params![session_id, cwd.as_os_str().as_bytes()],
            )?;
        }
        tx.commit()?;

        Ok(Self {
            conn,
            session_id,
            label,
            kind: options.kind,
            target_class: options.target_class,
            target: options.target.to_owned(),
            db_path: options.db_path.map(Path::to_owned),
            lock: None,
            length: 0,
            columns: RefCell::default(),
        })
    }
}

/// The default label, numbered when its folder has it already.
fn default_label(target: &str, cwd: &Path, db_path: Option<&Path>) -> Result<String> {
    let folder = db_path
        .and_then(Path::parent)
        .map_or_else(|| sessions_dir(cwd), Path::to_owned);
    Ok(first_free(&auto_label(target)?, |label| {
        taken(&folder, label)
    }))
}

/// Whether a label has a session, or what is left of one, in a folder.
fn taken(folder: &Path, label: &str) -> bool {
    ["", ".db"]
        .into_iter()
        .any(|suffix| fs::symlink_metadata(folder.join(format!("{label}{suffix}"))).is_ok())
}

/// Whether creating failed because somebody was there first.
fn is_taken(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(SessionError::AlreadyExists { .. } | SessionError::Locked { .. })
    )
}

fn is_there(path: &Path) -> SessionError {
    SessionError::AlreadyExists {
        path: path.into(),
        why: "a new session never reopens a file; choose another label".into(),
    }
}
