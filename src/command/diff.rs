//! `diff`: two sessions side by side.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::select::{named, newest, with_active};
use super::{Context, Form};
use crate::query::diff::{self, Options};
use crate::query::location::find_in_both;
use crate::render::{self, Answer};
use crate::session_db::SessionDb;

#[derive(Args)]
pub(super) struct Diff {
    /// The first session, by its label or its file
    #[arg(value_name = "A")]
    pub a: String,
    /// The second session [default: the active one, else the newest]
    #[arg(value_name = "B")]
    pub b: Option<String>,
    /// Compare the hits there alone: a location as `hits` takes it
    #[arg(long, value_name = "LOC")]
    pub loc: Option<String>,
    /// Do not compare these values, nor what is inside of them: names or paths, as in now,msg.stamp,a[0]
    #[arg(long, value_name = "FIELDS", value_delimiter = ',', num_args = 1)]
    pub ignore: Vec<String>,
    /// Most rows of each list; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true, value_parser = super::cli::limit)]
    pub limit: usize,
}

pub(super) fn run(args: &Diff, context: &Context<'_>, form: Form) -> Result<Answer> {
    let compare = |a: &SessionDb, b: &SessionDb| -> Result<Answer> {
        let options = Options {
            places: match args.loc.as_deref() {
                Some(asked) => Some(find_in_both([a, b], asked, &context.cwd)?),
                None => None,
            },
            ignored: args.ignore.iter().collect(),
            limit: args.limit,
        };
        Ok(render::diff::diff(&diff::diff(a, b, &options)?, form))
    };
    let (a, b) = (
        meant(Some(&args.a), context)?,
        meant(args.b.as_deref(), context)?,
    );
    // The active session can be held once only.
    let active = |ask: &mut dyn FnMut(&SessionDb) -> Result<Answer>| match with_active(
        None, context, ask,
    )? {
        Some(answer) => Ok(answer),
        None => bail!("the active session has just ended; try again"),
    };
    let open = |path: &PathBuf| SessionDb::open_read_only(path);
    match (&a, &b) {
        (Meant::Active, Meant::Active) => active(&mut |session| compare(session, session)),
        (Meant::Active, Meant::File(b)) => active(&mut |session| compare(session, &open(b)?)),
        (Meant::File(a), Meant::Active) => active(&mut |session| compare(&open(a)?, session)),
        (Meant::File(a), Meant::File(b)) => compare(&open(a)?, &open(b)?),
    }
}

enum Meant {
    Active,
    File(PathBuf),
}

fn meant(wanted: Option<&str>, context: &Context<'_>) -> Result<Meant> {
    if with_active(wanted, context, &mut |_| Ok(()))?.is_some() {
        return Ok(Meant::Active);
    }
    match wanted {
        Some(name) => Ok(Meant::File(named(name, &context.cwd)?)),
        None => match newest(&context.cwd)? {
            Some(path) => Ok(Meant::File(path)),
            None => bail!(
                "no session is recorded in {} or above it; name the second one by its file",
                context.cwd.display()
            ),
        },
    }
}
