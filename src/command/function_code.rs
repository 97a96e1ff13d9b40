//! Functions' code, live and as it was kept: what `disasm`, `source` and `at-hit` share.

use anyhow::{Result, bail};

use super::args::Which;
use super::live::kind_of;
use super::requests::{self, ask};
use super::restore::restorable;
use super::select::with_active;
use super::{Context, Live};
use crate::query::function::{FunctionError, find_function};
use crate::query::location;
use crate::record::{Code, keep_code};
use crate::session_db::{CreateOptions, SessionDb, SessionKind, TargetClass};
use crate::symbols::Symbol;

/// Asks the debugger and keeps what it said; else shows what was kept before.
pub(super) fn live_or_kept<T>(
    verb: &str,
    symbol: Option<&str>,
    which: &Which,
    context: &Context<'_>,
    mut question: impl FnMut(&SessionDb, &str) -> Result<T>,
) -> Result<(T, String)> {
    let mut refusal = None;
    if let (Some(live), None) = (context.live, &which.session) {
        match ask_code(live, context, symbol) {
            Ok(code) => {
                if verb == "source" {
                    refuse_sourceless(&code, context)?;
                }
                let (answer, kept) = keep_live(live, context, &code, verb, question)?;
                return Ok((answer, kept));
            }
            Err(e) => refusal = Some(e),
        }
    }
    let Some(symbol) = symbol else {
        match refusal {
            Some(e) => return Err(e),
            None => bail!(
                "outside a debugger `{verb}` needs a function's name, as in `dbg-session {verb} main`"
            ),
        }
    };
    let answer = which.read(context, |session| {
        let function = function_meant(session, symbol, context)?;
        Ok((question(session, &function)?, session.label().to_owned()))
    });
    match (answer, refusal) {
        (Ok((answer, _)), None) => Ok((answer, String::new())),
        (Ok((answer, label)), Some(e)) => Ok((
            answer,
            format!("from session {label}; the debugger says: {e:#}"),
        )),
        (Err(_), Some(e)) | (Err(e), None) => Err(e),
    }
}

fn refuse_sourceless(code: &Code, context: &Context<'_>) -> Result<()> {
    let name = Symbol::canonical(&code.name, None).fqn;
    match &code.file {
        Some(file) if context.cwd.join(file).is_file() => Ok(()),
        Some(file) => {
            bail!("the source of `{name}` is not on this machine: it was {file} when it was built")
        }
        None => bail!(
            "`{name}` was built without debug information, so its source is not known; `disasm` shows its code"
        ),
    }
}

/// A function by its name, or by a location that was hit in it.
fn function_meant(session: &SessionDb, asked: &str, context: &Context<'_>) -> Result<String> {
    let unknown = match find_function(session, asked) {
        Ok(function) => return Ok(function),
        Err(e) => e,
    };
    if !matches!(unknown.downcast_ref(), Some(FunctionError::NotFound(_))) {
        return Err(unknown);
    }
    let Ok(place) = location::find(session, asked, &context.cwd) else {
        return Err(unknown);
    };
    let at = location::known(session)?
        .into_iter()
        .find(|known| place.keys.contains(&known.key));
    at.and_then(|known| known.function).ok_or(unknown)
}

/// The code of a function, as the debugger calls it or as the session does.
pub(super) fn ask_code(
    live: &dyn Live,
    context: &Context<'_>,
    symbol: Option<&str>,
) -> Result<Code> {
    let ask = |name: Option<&str>| ask(live, &requests::Function { name });
    let refusal = match ask(symbol) {
        Ok(code) => return Ok(code),
        Err(e) => e,
    };
    let is_unknown = refusal.to_string().starts_with("no function");
    let Some(symbol) = symbol.filter(|_| is_unknown) else {
        return Err(refusal);
    };
    // GDB wants all of a Rust function's path; the linker's name is understood by both.
    let raw = with_active(None, context, &mut |session| {
        let function = function_meant(session, symbol, context)?;
        let query = "SELECT raw FROM symbols WHERE fqn = ? ORDER BY length(raw) DESC LIMIT 1";
        Ok(session
            .conn()
            .query_row(query, [function], |row| row.get::<_, String>(0))?)
    });
    match raw {
        Ok(Some(raw)) if raw != symbol && restorable::function(&raw).is_ok() => {
            ask(Some(&raw)).map_err(|_| refusal)
        }
        _ => Err(refusal),
    }
}

/// Keeps code in the active session and asks about it; without one, in a session that lives for
/// this question only. Answers what a person should know beside it.
pub(super) fn keep_live<T>(
    live: &dyn Live,
    context: &Context<'_>,
    code: &Code,
    trigger: &str,
    mut question: impl FnMut(&SessionDb, &str) -> Result<T>,
) -> Result<(T, String)> {
    let host = kind_of(live);
    let mut keep = |session: &SessionDb| {
        let function = keep_code(session, &host, code, trigger)?;
        question(session, &function)
    };
    let kept = with_active(None, context, &mut |session| {
        Ok((keep(session)?, session.label().to_owned()))
    })?;
    if let Some((answer, label)) = kept {
        return Ok((answer, format!("kept in session {label}")));
    }
    let session = SessionDb::create(CreateOptions {
        kind: SessionKind::Debug,
        target: "none",
        target_class: TargetClass::NativeCpu,
        cwd: &context.cwd,
        db_path: None,
        label: Some("none".into()),
        target_hash: None,
    })?;
    Ok((keep(&session)?, "kept nowhere: no session is active".into()))
}
