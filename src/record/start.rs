use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};

use crate::session_db::{
    CreateOptions, SessionDb, SessionError, SessionKind, TargetClass, caller, owned_by_root,
    sessions_dir,
};

/// The session to start.
#[derive(Clone, Debug)]
pub struct StartOptions {
    /// Debugging or profiling.
    pub kind: SessionKind,
    /// Which domain tables it gets.
    pub class: TargetClass,
    /// The program.
    pub target: String,
    /// The folder that it belongs to.
    pub cwd: PathBuf,
    /// A person's name for it, which makes it that person's; none: an auto session.
    pub label: Option<String>,
    /// Not in a file.
    pub in_memory: bool,
}

/// A session that was started, and what the user should know about it.
#[derive(Debug)]
pub struct StartedSession {
    /// The session.
    pub session: SessionDb,
    /// Why it is not where it should be.
    pub notice: Option<String>,
}

/// Starts a session in `<cwd>/.dbg/sessions`; where nothing can be written
/// there, in the user's state folder; where that fails too, in memory.
///
/// # Errors
/// When the label is invalid or taken. Places that cannot be written are no error.
pub fn start_session(options: &StartOptions) -> Result<StartedSession> {
    let make = |folder: Option<&Path>| -> Result<SessionDb> {
        let create = CreateOptions {
            kind: options.kind,
            target: &options.target,
            target_class: options.class,
            cwd: &options.cwd,
            db_path: None,
            label: options.label.clone(),
            target_hash: None,
        };
        Ok(match folder {
            Some(folder) if options.label.is_some() => SessionDb::create_users_in(folder, &create)?,
            Some(folder) => SessionDb::create_in(folder, &create)?,
            None => {
                let session = SessionDb::create(create)?;
                if options.label.is_some() {
                    session.promote_to_user()?;
                }
                session
            }
        })
    };
    if options.in_memory {
        let session = make(None)?;
        return Ok(StartedSession {
            session,
            notice: None,
        });
    }
    let usual = sessions_dir(&options.cwd);
    let made = if !options.cwd.is_dir() {
        Err(anyhow!("the working folder is gone"))
    } else if caller().is_some_and(|caller| !caller.owns_place_of(&usual)) {
        Err(anyhow!(
            "it belongs to somebody else than the user who called sudo"
        ))
    } else {
        make(Some(&usual))
    };
    let error = match made {
        Ok(session) => {
            return Ok(StartedSession {
                session,
                notice: None,
            });
        }
        Err(e) if is_about_the_label(&e) => return Err(e),
        Err(e) => e,
    };
    let why = owned_by_root(&usual).unwrap_or_else(|| error.root_cause().to_string());
    if let Some(state) = state_dir() {
        let folder = state.join("sessions");
        match make(Some(&folder)) {
            Ok(session) => {
                let notice = Some(format!(
                    "cannot write to {} ({why}); this session is kept in {}",
                    usual.display(),
                    folder.display()
                ));
                return Ok(StartedSession { session, notice });
            }
            Err(e) if is_about_the_label(&e) => return Err(e),
            Err(_) => {}
        }
    }
    Ok(StartedSession {
        session: make(None)?,
        notice: Some(format!(
            "cannot write to {} ({why}), nor to the user's state folder; this session lives in \
             memory until you `dbg-session save PATH`",
            usual.display()
        )),
    })
}

/// `$XDG_STATE_HOME/dbg-session`: where sessions go whose own folder is not writable.
#[must_use]
pub fn state_dir() -> Option<PathBuf> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let state = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local").join("state")))?;
    Some(state.join("dbg-session"))
}

fn is_about_the_label(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(
            SessionError::InvalidLabel { .. }
                | SessionError::AlreadyExists { .. }
                | SessionError::Locked { .. }
        )
    )
}
