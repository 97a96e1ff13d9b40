//! `disasm`, `source` and `at-hit`: functions' code, live and as it was kept.

use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;

use super::cli::Which;
use super::select::{Access, with, with_active};
use super::{Context, Form, Live, show};
use crate::query::at_hit::at_hit;
use crate::query::disasm::{Disassembly, disassembly};
use crate::query::function::{FunctionError, find_function};
use crate::query::location;
use crate::query::source::{self, SourceText};
use crate::record::{Code, keep_code};
use crate::render::{self, Answer};
use crate::session_db::{CreateOptions, SessionDb, SessionKind, TargetClass};
use crate::symbols::Symbol;

#[derive(Args)]
pub(super) struct Disasm {
    /// A function, or a location in it [default: the selected frame's (inside a debugger)]
    pub symbol: Option<String>,
    /// Show the bytes of each instruction
    #[arg(long)]
    pub bytes: bool,
    #[command(flatten)]
    pub which: Which,
}

#[derive(Args)]
pub(super) struct Source {
    /// A function, or a location [default: the selected frame's function (inside a debugger)]
    #[arg(value_name = "SYMBOL|LOC")]
    pub place: Option<String>,
    #[command(flatten)]
    pub which: Which,
}

#[derive(Args)]
pub(super) struct AtHit {
    /// A location (see `hits`), or the number of a hit [default: the newest hit]
    #[arg(value_name = "LOC|ID")]
    pub place: Option<String>,
    /// Which hit at LOC: 1, 2, 3 … [default: the newest there]
    #[arg(value_name = "SEQ", allow_negative_numbers = true, value_parser = super::cli::seq)]
    pub seq: Option<i64>,
    #[command(flatten)]
    pub which: Which,
}

pub(super) fn disasm(args: &Disasm, context: &Context<'_>, form: Form) -> Result<Answer> {
    let symbol = args.symbol.as_deref();
    let wanted = args.which.session.as_deref();
    let (code, note) = live_or_kept("disasm", symbol, wanted, context, disassembly)?;
    let shown: Disassembly = code;
    Ok(render::code::disassembly(&shown, args.bytes, form).noting(&note))
}

pub(super) fn source(args: &Source, context: &Context<'_>, form: Form) -> Result<Answer> {
    let place = args.place.as_deref();
    let wanted = args.which.session.as_deref();
    let line = place.and_then(|place| place.rsplit_once(':')?.1.parse().ok());
    let question = |session: &SessionDb, function: &str| -> Result<SourceText> {
        let mut text = source::of_function(session, function)?;
        text.line = line;
        Ok(text)
    };
    // A location need not lie in a function that is known.
    if let (Some(place), true) = (place, context.live.is_none() || wanted.is_some()) {
        let text = with(wanted, Access::Read, context, |session| {
            source::source(session, place, &context.cwd)
        })?;
        return Ok(render::code::source(&text, form));
    }
    let found = live_or_kept("source", place, wanted, context, question);
    let (text, note) = match (found, place) {
        (Ok(found), _) => found,
        (Err(e), Some(place)) => {
            let kept = with(wanted, Access::Read, context, |session| {
                source::source(session, place, &context.cwd)
            });
            (kept.map_err(|_| e)?, String::new())
        }
        (Err(e), None) => return Err(e),
    };
    Ok(render::code::source(&text, form).noting(&note))
}

pub(super) fn run_at_hit(args: &AtHit, context: &Context<'_>, form: Form) -> Result<Answer> {
    let wanted = args.which.session.as_deref();
    let ask = |session: &SessionDb| {
        at_hit(
            session,
            &show::which(args.place.as_deref(), args.seq, session, context)?,
        )
    };
    let mut found = with(wanted, Access::Read, context, ask)?;
    if let (Some(live), None, Some(function)) = (context.live, found.offset, &found.hit.function) {
        // A line is in one of several overloads.
        let has_line = found.source.is_some();
        let place = if has_line {
            &found.hit.location
        } else {
            function
        };
        // Only the active session is of the program that is loaded.
        let mut keep = |session: &SessionDb| Ok(session.label() == found.session);
        if with_active(wanted, context, &mut keep)?.unwrap_or(false)
            && let Ok(code) = ask_code(live, context, Some(place))
        {
            keep_live(live, context, &code, "at-hit", |_, _| Ok(()))?;
            found = with(wanted, Access::Read, context, ask)?;
        }
    }
    Ok(render::code::at_hit(&found, form))
}

/// Asks the debugger and keeps what it said; else shows what was kept before.
fn live_or_kept<T>(
    verb: &str,
    symbol: Option<&str>,
    wanted: Option<&str>,
    context: &Context<'_>,
    mut question: impl FnMut(&SessionDb, &str) -> Result<T>,
) -> Result<(T, String)> {
    let mut refusal = None;
    if let (Some(live), None) = (context.live, wanted) {
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
    let answer = with(wanted, Access::Read, context, |session| {
        let function = function_meant(session, symbol, context)?;
        Ok((question(session, &function)?, session.label().to_owned()))
    });
    match (answer, refusal) {
        (Ok((answer, _)), None) => Ok((answer, String::new())),
        (Ok((answer, label)), Some(e)) => Ok((
            answer,
            format!("from session {label}; the debugger says: {e:#}"),
        )),
        (Err(_), Some(e)) => Err(e),
        (Err(e), None) => Err(e),
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
fn ask_code(live: &dyn Live, context: &Context<'_>, symbol: Option<&str>) -> Result<Code> {
    let ask = |name: Option<&str>| -> Result<Code> {
        Ok(serde_json::from_value(
            live.ask_host("function", &json!({ "name": name }))?,
        )?)
    };
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
        Ok(Some(raw)) if raw != symbol && super::restorable::function(&raw).is_ok() => {
            ask(Some(&raw)).map_err(|_| refusal)
        }
        _ => Err(refusal),
    }
}

/// Keeps code in the active session and asks about it; without one, in a session that lives for
/// this question only. Answers what a person should know beside it.
fn keep_live<T>(
    live: &dyn Live,
    context: &Context<'_>,
    code: &Code,
    trigger: &str,
    mut question: impl FnMut(&SessionDb, &str) -> Result<T>,
) -> Result<(T, String)> {
    let name = live.status().host;
    let host = name.split(' ').next().unwrap_or_default().to_lowercase();
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
