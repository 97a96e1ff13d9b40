//! Errors as sentences that say what to do next.

use std::ffi::OsString;
use std::io;

use anyhow::Error;
use clap::CommandFactory;
use rusqlite::ErrorCode;

use super::cli::Cli;
use super::{Form, Output};
use crate::interrupt::is_interruption;
use crate::layers::LayerError;
use crate::render::{self, text::clean};
use crate::session_db::{SessionError, wrong_type};

/// Why a command did not work.
pub(super) struct Failure {
    code: u8,
    sentence: String,
}

/// As a shell has it: 128, and the number of SIGINT.
pub(super) const INTERRUPTED: u8 = 130;

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        match error.downcast_ref() {
            // Whatever it was that could not be done for it.
            Some(cancelled @ LayerError::Cancelled) => {
                return Self {
                    code: INTERRUPTED,
                    sentence: format!("{cancelled}."),
                };
            }
            _ if is_interruption(error) => return Self::interrupted(),
            _ => {}
        }
        Self {
            code: 1,
            sentence: sentence(error),
        }
    }
}

impl Failure {
    /// Ctrl-C was pressed.
    pub(super) fn interrupted() -> Self {
        Self {
            code: INTERRUPTED,
            sentence: "interrupted.".into(),
        }
    }

    /// On standard error for a person, in JSON as the answer itself.
    pub(super) fn output(&self, form: Form) -> Output {
        let mut output = Output {
            code: self.code,
            ..Output::default()
        };
        if let Form::Json { .. } = form {
            let document = serde_json::json!({ "error": self.sentence });
            output.out = render::json(&document, false).out;
        } else {
            output.err = format!("dbg-session: {}\n", clean(&self.sentence));
        }
        output
    }
}

/// What happened, its deepest cause, and what to do about it.
fn sentence(error: &Error) -> String {
    let ours = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<SessionError>());
    let mut said = match (ours, wrong_type(error)) {
        (Some(ours), _) => ours.to_string(),
        (None, Some(wrong)) => wrong,
        _ => match (error.to_string(), error.root_cause().to_string()) {
            (top, root) if top.contains(&root) => top,
            (top, root) => format!("{top}: {root}"),
        },
    };
    let advice = match ours {
        Some(ours) => for_session(ours),
        None => error.chain().find_map(for_system),
    };
    if let Some(advice) = advice {
        said = format!("{}; {advice}", said.trim_end_matches('.'));
    }
    if !said.ends_with(['.', '!', '?', ':']) {
        said.push('.');
    }
    said
}

fn for_session(error: &SessionError) -> Option<&'static str> {
    match error {
        SessionError::NotFound { .. }
        | SessionError::NotASession { .. }
        | SessionError::NotOneSession { .. } => {
            Some("`dbg-session list` shows the sessions there are")
        }
        SessionError::UnknownKind { .. } | SessionError::UnknownTargetClass { .. } => {
            Some("it may need a newer dbg-session")
        }
        SessionError::InvalidLabel { .. } => Some("choose a plain name such as `before-fix`"),
        // These say themselves what to do.
        _ => None,
    }
}

fn for_system(cause: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    if let Some(io) = cause.downcast_ref::<io::Error>() {
        return match io.kind() {
            io::ErrorKind::PermissionDenied => Some("check who may read and write there"),
            io::ErrorKind::StorageFull => Some("free some space and try again"),
            io::ErrorKind::ReadOnlyFilesystem => Some("choose another place"),
            _ => None,
        };
    }
    match cause
        .downcast_ref::<rusqlite::Error>()?
        .sqlite_error_code()?
    {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Some("another process is writing to the session; try again in a moment")
        }
        ErrorCode::DiskFull => Some("free some space and try again"),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            Some("the session's file is damaged; `dbg-session list` shows the others")
        }
        ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => {
            Some("check who may read and write the session's file and its folder")
        }
        _ => None,
    }
}

/// Help and version are answers; anything else was typed wrongly.
pub(super) fn usage(error: &clap::Error, args: &[OsString], form: Form) -> Output {
    use clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand as NothingTyped;
    let text = error.render().to_string();
    if !error.use_stderr() {
        return Output {
            code: 0,
            out: text,
            err: String::new(),
        };
    }
    if error.kind() == NothingTyped && !matches!(form, Form::Json { .. }) {
        return Output {
            code: 2,
            out: String::new(),
            err: text,
        };
    }
    let known = Cli::command();
    let mut words = args.iter().filter_map(|arg| arg.to_str());
    let verb = words.find(|word| known.find_subcommand(word).is_some());
    let help = verb.map_or("dbg-session --help".to_owned(), |verb| {
        format!("dbg-session {verb} --help")
    });
    misuse(&format!("{}; see `{help}`", first_sentence(&text)), form)
}

/// A line that is no command.
pub(super) fn misuse(sentence: &str, form: Form) -> Output {
    let failure = Failure {
        code: 2,
        sentence: format!("{sentence}."),
    };
    failure.output(form)
}

/// clap's message without its usage lines: what is wrong, and its tip.
fn first_sentence(text: &str) -> String {
    // clap has its own word for what we call a verb.
    let text = text.replace("subcommand", "verb");
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let mut sentence = String::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("Usage:") || line.starts_with("For more information") {
            break;
        }
        match line.strip_prefix("tip: ") {
            _ if line.is_empty() => {}
            Some(tip) => sentence.push_str(&format!(" ({tip})")),
            None if sentence.is_empty() => sentence.push_str(line),
            None => sentence.push_str(&format!(" {line}")),
        }
    }
    sentence.trim_end_matches('.').to_owned()
}
