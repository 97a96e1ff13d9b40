//! `layer`: profiles attached to a session.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};

use super::args::{LayerNumber, ProfileFormat, Which};
use super::{Context, Form, Reply, Run};
use crate::interrupt;
use crate::layers::{AddOptions, LayerId, LayerReport, Options, add, listed, reindex};
use crate::query::layer_list::layer_list;
use crate::render;
use crate::session_db::SessionDb;

/// Attach profiles to a session
#[derive(Args)]
#[command(
    disable_help_subcommand = true,
    subcommand_value_name = "VERB",
    subcommand_help_heading = "Verbs",
    long_about = "Attach profiles to a session\n\nA profile becomes a layer: its file is kept \
                  verbatim in the session's `raw` folder, its samples are indexed by function, \
                  so that `hotspots` and `cross` can ask them together with the hits.",
    after_long_help = "Examples:\n  dbg-session layer add perf.data\n  dbg-session layer list"
)]
pub(super) struct Layer {
    #[command(subcommand)]
    verb: Action,
}

#[derive(Subcommand)]
enum Action {
    #[command(
        about = format!("Add a profile: {}", listed(|format| format.about(), ", ")),
        after_long_help = "Examples:\n  dbg-session layer add perf.data\n  dbg-session layer add \
                                 callgrind.out.4711 --session load-test"
    )]
    Add(Add),
    /// List the layers of a session, oldest first
    List(Which),
    /// Index layers again from their raw files
    Reindex(Again),
}

#[derive(Args)]
struct Add {
    /// The profiler's file
    file: PathBuf,
    #[arg(
        long,
        help = format!(
            "{} [default: found by looking into the file]",
            listed(|format| format.name(), " or ")
        )
    )]
    format: Option<ProfileFormat>,
    #[command(flatten)]
    which: Which,
}

#[derive(Args)]
struct Again {
    /// Number of the layer [default: all of them]
    layer: Option<LayerNumber>,
    #[command(flatten)]
    which: Which,
}

impl Run for Layer {
    fn only_asks(&self) -> bool {
        matches!(self.verb, Action::List(_))
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        Ok(match &self.verb {
            Action::Add(args) => {
                let report = args.run(context)?;
                render::layers::added(&[report], form)
            }
            Action::List(which) => render::layers::list(&which.read(context, layer_list)?, form),
            Action::Reindex(args) => render::layers::added(&args.run(context)?, form),
        }
        .into())
    }
}

impl Add {
    fn run(&self, context: &Context<'_>) -> Result<(String, LayerReport)> {
        let file = context.cwd.join(&self.file);
        let options = AddOptions {
            format: self.format.as_deref(),
            read: options(),
        };
        self.which.write(context, |session| {
            Ok((session.label().to_owned(), add(session, &file, &options)?))
        })
    }
}

impl Again {
    fn run(&self, context: &Context<'_>) -> Result<Vec<(String, LayerReport)>> {
        self.which.write(context, |session| {
            let reports = again(session, self.layer.map(|layer| layer.0))?;
            let label = session.label();
            Ok(reports
                .into_iter()
                .map(|report| (label.to_owned(), report))
                .collect())
        })
    }
}

/// Ctrl-C ends it.
fn options() -> Options<'static> {
    Options {
        cancelled: Some(interrupt::flag()),
        ..Options::default()
    }
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
