//! `config`: show or change a setting.

use anyhow::{Result, anyhow};
use clap::Args;

use super::args::{ConfigKey, ConfigValue};
use super::{Context, Form, Reply, Run};
use crate::config::{KEYS, Key, Loaded, key, load, path, set};
use crate::interrupt::Reach;
use crate::render::config::{Setting, Settings, config};
use crate::render::{Answer, answer};

/// Show or change a setting
#[derive(Args)]
#[command(
    long_about = "Show or change a setting\n\nWithout KEY, all settings with their defaults; \
                  without VALUE, one. Settings are the user's, for all sessions; they are kept \
                  in `$XDG_CONFIG_HOME/dbg-session/config`, by default below ~/.config.",
    after_long_help = "Examples:\n  dbg-session config\n  dbg-session config capture.children \
                       200\n  dbg-session config mask off\n  dbg-session config mask --unset"
)]
pub(super) struct Config {
    /// Name of the setting
    pub key: Option<ConfigKey>,
    /// What it shall be
    pub value: Option<ConfigValue>,
    /// Put it back to its default
    #[arg(long, requires = "key", conflicts_with = "value")]
    pub unset: bool,
}

impl Run for Config {
    fn reach(&self) -> Reach {
        Reach::Nothing
    }

    fn run(&self, context: &Context<'_>, form: Form) -> Result<Reply> {
        let key = self.key.as_deref().map(known).transpose()?;
        let changes = self.unset || self.value.is_some();
        let loaded = match key {
            Some(key) if changes => {
                let loaded = set(key, self.value.as_deref())?;
                if let Some(live) = context.live {
                    live.configure(&loaded.config);
                }
                loaded
            }
            _ => load(),
        };
        Ok(match key {
            Some(key) => one(&setting(key, &loaded), changes, form),
            None => config(&all(loaded)?, form),
        }
        .into())
    }
}

fn known(name: &str) -> Result<&'static Key> {
    key(name).ok_or_else(|| {
        let names: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
        anyhow!(
            "there is no setting `{name}`; there are {}",
            names.join(", ")
        )
    })
}

fn setting(key: &Key, loaded: &Loaded) -> Setting {
    Setting {
        key: key.name,
        value: key.get(&loaded.config),
        default: key.get(&Default::default()),
        about: key.about,
    }
}

fn one(setting: &Setting, changed: bool, form: Form) -> Answer {
    answer(setting, form, || {
        Answer::new(if changed {
            format!("{} = {}\n", setting.key, setting.value)
        } else {
            format!("{}\n", setting.value)
        })
    })
}

fn all(loaded: Loaded) -> Result<Settings> {
    Ok(Settings {
        file: path()?.display().to_string(),
        settings: KEYS.iter().map(|key| setting(key, &loaded)).collect(),
        problems: loaded.problems,
    })
}
