//! `prune`: delete old sessions.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use super::failure::INTERRUPTED;
use super::select::{Nearest, elsewhere, nearest, noting_barred};
use super::{Context, Form, Reply, Run};
use crate::interrupt;
use crate::record::state_dir;
use crate::render;
use crate::session_db::{
    PrunePlan, PrunePolicy, PruneReport, What, plan_prune, plan_prune_rescued,
};

/// Delete old sessions that nobody promoted
#[derive(Args)]
#[command(
    long_about = "Delete old sessions that nobody promoted\n\nDeletes the auto sessions of \
                  `.dbg/sessions` (of this folder, else the nearest above it) that nothing \
                  was written to for a while, with their raw files. A session that is being \
                  recorded, and a file that is no session, is never deleted. What killed processes left \
                  there goes as well. Says what was kept, and why.",
    after_long_help = "Examples:\n  dbg-session prune --dry-run\n  dbg-session prune --older-than 12h"
)]
pub(super) struct Prune {
    /// Least time since anything was written: a number with s, m, h, d or w, as in 30s, 5m, 12h, 7d, 2w
    #[arg(long, value_name = "AGE", default_value = "7d", value_parser = age)]
    pub older_than: Duration,
    /// Delete user sessions as well
    #[arg(long)]
    pub all: bool,
    /// Say what would be deleted, and delete nothing
    #[arg(long)]
    pub dry_run: bool,
}

impl Run for Prune {
    fn only_asks(&self) -> bool {
        false
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let (folder, plan) = self.plan(context)?;
        let report = if self.dry_run {
            PruneReport {
                deleted: plan.delete,
                kept: plan.keep,
                ..PruneReport::default()
            }
        } else {
            plan.carry_out()
        };
        let answer = render::prune::prune(&folder, &report, self.dry_run, form);
        let mut answer = noting_barred(answer, context, form);
        if !report.failed.is_empty() && !matches!(form, Form::Json { .. }) {
            let failed = render::count(report.failed.len() as u64, "session");
            answer = answer.noting(&format!(
                "{failed} could not be deleted; the reasons are above"
            ));
        }
        let mut code = u8::from(!report.failed.is_empty());
        if interrupt::pressed() {
            answer = answer.noting("interrupted: what is not listed as deleted stays");
            code = INTERRUPTED;
        }
        Ok(Reply { code, answer })
    }
}

impl Prune {
    /// The folder of sessions, and what to delete of it and of the user's state folder.
    fn plan(&self, context: &Context<'_>) -> Result<(PathBuf, PrunePlan)> {
        let policy = if self.all {
            PrunePolicy::All
        } else {
            PrunePolicy::AutoOnly
        };
        let (folder, mut plan) = match nearest(&context.cwd) {
            Nearest::Folder(folder) => {
                let plan = plan_prune(&folder, self.older_than, policy)?;
                (folder, plan)
            }
            Nearest::Barred(folder) => (folder, PrunePlan::default()),
        };
        if let Some(state) = state_dir() {
            // That folder is shared: of its sessions only those that belong here are looked at.
            let ours: HashSet<PathBuf> = elsewhere(&context.cwd).into_iter().collect();
            let there = plan_prune(&state.join("sessions"), self.older_than, policy)?;
            let delete = there.delete.into_iter();
            plan.delete.extend(
                delete.filter(|item| item.what != What::Session || ours.contains(&item.path)),
            );
            let keep = there.keep.into_iter();
            plan.keep
                .extend(keep.filter(|item| ours.contains(&item.path)));
            plan.delete
                .extend(plan_prune_rescued(&state.join("rescued")));
        }
        Ok((folder, plan))
    }
}

/// Reads `30s`, `5m`, `12h`, `7d`, `2w`.
fn age(text: &str) -> Result<Duration> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let length: u64 = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => bail!("an age is a number with s, m, h, d or w, as in 12h or 7d"),
    };
    match number
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(length))
    {
        Some(secs) => Ok(Duration::from_secs(secs)),
        None => bail!("an age is a number with s, m, h, d or w, as in 12h or 7d"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ages_have_units() {
        let secs = |text: &str| age(text).map(|age| age.as_secs()).ok();
        assert_eq!(secs("30s"), Some(30));
        assert_eq!(secs("5m"), Some(300));
        assert_eq!(secs("12h"), Some(43_200));
        assert_eq!(secs("7d"), Some(604_800));
        assert_eq!(secs("2w"), Some(1_209_600));
        for wrong in [
            "",
            "7",
            "d",
            "-1d",
            "1.5h",
            "7 d",
            "7dd",
            "99999999999999999999d",
            "9999999999999999999w",
        ] {
            assert_eq!(secs(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_age_panics(text in "\\PC{0,12}") {
            let _ = age(&text);
        }
    }
}
