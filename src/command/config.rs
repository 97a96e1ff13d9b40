//! `config`: show or change a setting.

use anyhow::{Result, anyhow};

use super::cli::Config as Args;
use super::{Context, Form};
use crate::config::{KEYS, Key, Loaded, key, load, path, set};
use crate::render::config::{Setting, Settings, config};
use crate::render::{Answer, answer};

pub(super) fn run(args: &Args, context: &Context<'_>, form: Form) -> Result<Answer> {
    let key = args.key.as_deref().map(known).transpose()?;
    let loaded = match key {
        Some(key) if args.unset || args.value.is_some() => {
            let loaded = set(key, args.value.as_deref())?;
            if let Some(live) = context.live {
                live.configure(&loaded.config);
            }
            loaded
        }
        _ => load(),
    };
    Ok(match key {
        Some(key) => one(
            &setting(key, &loaded),
            args.value.is_some() || args.unset,
            form,
        ),
        None => config(&all(loaded)?, form),
    })
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
