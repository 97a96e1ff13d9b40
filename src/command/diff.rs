//! `diff`: two sessions side by side.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::args::{SessionName, Text, limit, whole_names};
use super::select::{named, newest, with_active};
use super::{Context, Form, Reply, Run};
use crate::query::diff::{self, Options};
use crate::query::location::find_in_both;
use crate::render::{self, Answer};
use crate::session_db::SessionDb;

/// Compare two sessions, down to the first hit at which they part
#[derive(Args)]
#[command(
    long_about = "Compare two sessions, down to the first hit at which they part\n\nTells where, thread by \
                  thread, the runs part, with the values on both sides; then how often each location \
                  was hit, which values had other ranges, and which functions only one of them reached. \
                  Addresses, the numbers and interleaving of threads, and times are no difference; \
                  locations of a rebuilt target are matched by function and source text. \
                  docs/diff.md says how.",
    after_long_help = "Examples:\n  dbg-session diff good bad\n  dbg-session diff yesterday          with \
                       the active session, or the newest\n  dbg-session diff good bad --loc parse --ignore \
                       now,req.id"
)]
pub(super) struct Diff {
    /// The first session, by its label or its file
    #[arg(value_name = "A")]
    pub a: SessionName,
    /// The second session [default: the active one, else the newest]
    #[arg(value_name = "B")]
    pub b: Option<SessionName>,
    /// Compare the hits there alone: a location as `hits` takes it
    #[arg(long, value_name = "LOC")]
    pub loc: Option<Text>,
    /// Do not compare these values, nor what is inside of them: names or paths, as in now,msg.stamp,a[0]
    #[arg(long, value_name = "FIELDS", value_delimiter = ',', num_args = 1)]
    pub ignore: Vec<Text>,
    /// Most rows of each list; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true, value_parser = limit)]
    pub limit: usize,
}

impl Run for Diff {
    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let compare = |a: &SessionDb, b: &SessionDb| self.compare(a, b, context, form);
        let (a, b) = (
            meant(Some(&self.a), context)?,
            meant(self.b.as_deref(), context)?,
        );
        // The active session can be held once only.
        let active = |ask: &mut dyn FnMut(&SessionDb) -> Result<Answer>| match with_active(
            None, context, ask,
        )? {
            Some(answer) => Ok(answer),
            None => bail!("the active session has just ended; try again"),
        };
        let open = |path: &PathBuf| SessionDb::open_read_only(path);
        let answer = match (&a, &b) {
            (Meant::Active, Meant::Active) => active(&mut |session| compare(session, session)),
            (Meant::Active, Meant::File(b)) => active(&mut |session| compare(session, &open(b)?)),
            (Meant::File(a), Meant::Active) => active(&mut |session| compare(&open(a)?, session)),
            (Meant::File(a), Meant::File(b)) => compare(&open(a)?, &open(b)?),
        };
        Ok(answer?.into())
    }
}

impl Diff {
    fn compare(
        &self,
        a: &SessionDb,
        b: &SessionDb,
        context: &Context<'_>,
        form: Form,
    ) -> Result<Answer> {
        let places = self.loc.as_deref();
        let places = places.map(|asked| find_in_both([a, b], asked, &context.cwd));
        let ignored = whole_names(&self.ignore);
        let options = Options {
            places: places.transpose()?,
            ignored: ignored.iter().map(|name| &**name).collect(),
            limit: self.limit,
        };
        Ok(render::diff::diff(&diff::diff(a, b, &options)?, form))
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
