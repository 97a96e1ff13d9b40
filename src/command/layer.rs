//! `layer`: profiles attached to a session.

use anyhow::{Context as _, Result, bail};

use super::cli::{Layer, LayerAdd, LayerReindex, Which};
use super::select::{Access, with};
use super::{Context, Form};
use crate::interrupt;
use crate::layers::{AddOptions, LayerId, LayerReport, Options, add, reindex};
use crate::query::layer_list::layer_list;
use crate::render::{self, Answer};
use crate::session_db::SessionDb;

pub(super) fn run(verb: &Layer, context: &Context<'_>, form: Form) -> Result<Answer> {
    match verb {
        Layer::Add(args) => run_add(args, context, form),
        Layer::List(which) => list(which, context, form),
        Layer::Reindex(args) => run_reindex(args, context, form),
    }
}

fn run_add(args: &LayerAdd, context: &Context<'_>, form: Form) -> Result<Answer> {
    let file = context.cwd.join(&args.file);
    let options = AddOptions {
        format: args.format.as_deref(),
        read: options(),
    };
    let wanted = args.which.session.as_deref();
    let report = with(wanted, Access::Write, context, |session| {
        Ok((session.label().to_owned(), add(session, &file, &options)?))
    })?;
    Ok(render::layers::added(&[report], form))
}

/// Ctrl-C ends it.
fn options() -> Options<'static> {
    Options {
        cancelled: Some(interrupt::flag()),
        ..Options::default()
    }
}

fn list(which: &Which, context: &Context<'_>, form: Form) -> Result<Answer> {
    let layers = with(which.session.as_deref(), Access::Read, context, layer_list)?;
    Ok(render::layers::list(&layers, form))
}

fn run_reindex(args: &LayerReindex, context: &Context<'_>, form: Form) -> Result<Answer> {
    let wanted = args.which.session.as_deref();
    let reports = with(wanted, Access::Write, context, |session| {
        let reports = again(session, args.layer)?;
        Ok(reports
            .into_iter()
            .map(|report| (session.label().to_owned(), report))
            .collect::<Vec<_>>())
    })?;
    Ok(render::layers::added(&reports, form))
}

/// One layer, or each in turn: what fails stays as it was, and so does all behind it.
fn again(session: &SessionDb, layer: Option<i64>) -> Result<Vec<LayerReport>> {
    let all = || -> Result<Vec<i64>> {
        Ok(layer_list(session)?
            .layers
            .iter()
            .map(|layer| layer.id)
            .collect())
    };
    let layers = layer.map_or_else(all, |layer| Ok(vec![layer]))?;
    if layers.is_empty() {
        bail!(
            "session {} has no layers; add a profile with `dbg-session layer add FILE`",
            session.label()
        );
    }
    let again = layers.into_iter().map(|layer| {
        reindex(session, LayerId(layer), &options())
            .with_context(|| format!("layer {layer} could not be indexed again"))
    });
    again.collect()
}
