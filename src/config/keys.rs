//! What may be set, and to what.

use std::time::Duration;

use super::Config;

/// A setting that can be read and written by name.
#[derive(Debug)]
pub struct Key {
    /// As it is typed and stored.
    pub name: &'static str,
    /// What it is for, with its unit.
    pub about: &'static str,
    field: Target,
}

/// Where a setting lives, and which values it takes.
#[derive(Debug)]
enum Target {
    Switch(fn(&mut Config) -> &mut bool),
    Number(fn(&mut Config) -> &mut usize, usize),
    Millis(fn(&mut Config) -> &mut Duration, usize),
}

/// A value that a key does not take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no value for `{key}`; it is {takes}", .value.escape_default())]
pub struct InvalidSetting {
    key: &'static str,
    value: String,
    takes: String,
}

/// Every key, in the order in which they are shown.
pub static KEYS: [Key; 8] = [
    Key {
        name: "capture.children",
        about: "members or elements read of one aggregate",
        field: Target::Number(|c| &mut c.capture.children, 100_000),
    },
    Key {
        name: "capture.string",
        about: "characters read of one string",
        field: Target::Number(|c| &mut c.capture.string, 1_000_000),
    },
    Key {
        name: "capture.depth",
        about: "levels of nested aggregates",
        field: Target::Number(|c| &mut c.capture.depth, 16),
    },
    Key {
        name: "capture.budget-ms",
        about: "milliseconds for one whole capture",
        field: Target::Millis(|c| &mut c.capture.budget, 60_000),
    },
    Key {
        name: "capture.frames",
        about: "stack frames of one hit",
        field: Target::Number(|c| &mut c.capture.frames, 100_000),
    },
    Key {
        name: "mask",
        about: "hide values that look like credentials",
        field: Target::Switch(|c| &mut c.mask),
    },
    Key {
        name: "auto",
        about: "start a session by itself at the first hit",
        field: Target::Switch(|c| &mut c.auto),
    },
    Key {
        name: "quiet",
        about: "say nothing unasked; `status` shows what would have been said",
        field: Target::Switch(|c| &mut c.quiet),
    },
];

/// The key with a name.
#[must_use]
pub fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

impl Key {
    /// The value that it has in `config`, as it is typed.
    #[must_use]
    pub fn get(&self, config: &Config) -> String {
        // The fields are reached one way only, through a place to write to.
        let config = &mut config.clone();
        match self.field {
            Target::Switch(field) => if *field(config) { "on" } else { "off" }.to_owned(),
            Target::Number(field, _) => field(config).to_string(),
            Target::Millis(field, _) => field(config).as_millis().to_string(),
        }
    }

    /// Sets it in `config`.
    ///
    /// # Errors
    /// A value that it does not take; nothing is then set.
    pub fn set(&self, config: &mut Config, value: &str) -> Result<(), InvalidSetting> {
        match self.field {
            Target::Switch(field) => *field(config) = self.switch(value)?,
            Target::Number(field, most) => *field(config) = self.number(value, most)?,
            Target::Millis(field, most) => {
                let millis = self.number(value, most)?;
                *field(config) = Duration::from_millis(millis as u64);
            }
        }
        Ok(())
    }

    /// The value as it is stored: `yes` as `on`, `007` as `7`.
    ///
    /// # Errors
    /// A value that it does not take.
    pub fn normal(&self, value: &str) -> Result<String, InvalidSetting> {
        let mut config = Config::default();
        self.set(&mut config, value)?;
        Ok(self.get(&config))
    }

    /// The values that completion offers.
    #[must_use]
    pub const fn values(&self) -> &'static [&'static str] {
        match self.field {
            Target::Switch(_) => &["on", "off"],
            _ => &[],
        }
    }

    fn switch(&self, value: &str) -> Result<bool, InvalidSetting> {
        match value {
            "on" | "true" | "yes" | "1" => Ok(true),
            "off" | "false" | "no" | "0" => Ok(false),
            _ => Err(self.invalid(value, "on or off".into())),
        }
    }

    fn number(&self, value: &str, most: usize) -> Result<usize, InvalidSetting> {
        let number = value.parse().ok().filter(|n| *n <= most);
        number.ok_or_else(|| self.invalid(value, format!("a number from 0 to {most}")))
    }

    fn invalid(&self, value: &str, takes: String) -> InvalidSetting {
        InvalidSetting {
            key: self.name,
            value: value.to_owned(),
            takes,
        }
    }
}
