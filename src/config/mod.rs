//! The user's settings: one small file of `key = value` lines, read by the
//! recorder when it is loaded and written by `dbg-session config`.

mod file;
mod keys;

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

pub use keys::{InvalidSetting, KEYS, Key, key};

/// Every setting, typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// What is read at a hit.
    pub capture: Capture,
    /// Hide values whose name or content looks like a credential.
    pub mask: bool,
    /// Start a session by itself at the first hit.
    pub auto: bool,
    /// Print nothing that nobody asked for.
    pub quiet: bool,
}

/// Limits of what is read at a hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// Members or elements of one aggregate.
    pub children: usize,
    /// Characters of one string.
    pub string: usize,
    /// Levels of nested aggregates.
    pub depth: usize,
    /// For one whole capture.
    pub budget: Duration,
    /// Stack frames.
    pub frames: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            capture: Capture {
                children: 64,
                string: 256,
                depth: 3,
                budget: Duration::from_millis(100),
                frames: 64,
            },
            mask: true,
            auto: true,
            quiet: false,
        }
    }
}

/// Settings as they were read, with what was wrong in their file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Defaults where the file says nothing or nonsense.
    pub config: Config,
    /// A sentence for each line that was not understood.
    pub problems: Vec<String>,
}

/// The user's settings. Whatever is wrong with their file, there are settings.
#[must_use]
pub fn load() -> Loaded {
    path().map_or_else(|_| Loaded::default(), |path| load_from(&path))
}

/// The settings in a file, which need not be there.
#[must_use]
pub fn load_from(path: &Path) -> Loaded {
    match file::read(path) {
        Ok(text) => file::parse(&text, path),
        Err(e) => Loaded {
            problems: vec![format!("{e:#}; the default settings are used")],
            ..Loaded::default()
        },
    }
}

/// Sets a key in the user's file, or with no value takes it out; all other
/// lines stay as they are. Returns the settings that hold now.
///
/// # Errors
/// [`InvalidSetting`], or what the file system says; the file is then unchanged.
pub fn set(key: &Key, value: Option<&str>) -> Result<Loaded> {
    set_in(&path()?, key, value)
}

/// As [`set`], in a file of one's own.
///
/// # Errors
/// As [`set`].
pub fn set_in(path: &Path, key: &Key, value: Option<&str>) -> Result<Loaded> {
    let value = value.map(|value| key.normal(value)).transpose()?;
    file::write(
        path,
        &file::with(&file::read(path)?, key.name, value.as_deref()),
    )
    .with_context(|| format!("cannot write the settings to {}", path.display()))?;
    Ok(load_from(path))
}

/// `$XDG_CONFIG_HOME/dbg-session/config`, by default `~/.config/dbg-session/config`.
///
/// # Errors
/// When neither variable names an absolute folder.
pub fn path() -> Result<PathBuf> {
    let absolute = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let folder =
        absolute("XDG_CONFIG_HOME").or_else(|| absolute("HOME").map(|home| home.join(".config")));
    folder
        .map(|folder| folder.join("dbg-session").join("config"))
        .ok_or_else(|| anyhow!("there is no place for settings: set HOME or XDG_CONFIG_HOME"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> &'static Key {
        key(name).unwrap()
    }

    #[test]
    fn no_file_means_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let loaded = load_from(&folder.path().join("config"));
        assert_eq!(loaded, Loaded::default());
    }

    #[test]
    fn setting_a_key_leaves_the_other_lines_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/config");
        set_in(&path, known("mask"), Some("off")).unwrap();
        let text = "# mine\nmask = off\nfuture.key = 7\n";
        std::fs::write(&path, text).unwrap();
        let loaded = set_in(&path, known("capture.children"), Some("8")).unwrap();
        assert_eq!(loaded.config.capture.children, 8);
        assert!(!loaded.config.mask);
        assert_eq!(loaded.problems.len(), 1, "{:?}", loaded.problems);
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            format!("{text}capture.children = 8\n")
        );
        set_in(&path, known("capture.children"), None).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn nonsense_is_named_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config");
        std::fs::write(
            &path,
            "mask = perhaps\nwhat\ncapture.depth = 99\nauto = no\n",
        )
        .unwrap();
        let loaded = load_from(&path);
        assert_eq!(
            loaded.config,
            Config {
                auto: false,
                ..Config::default()
            }
        );
        assert_eq!(loaded.problems.len(), 3);
        let said = set_in(&path, known("mask"), Some("maybe"))
            .unwrap_err()
            .to_string();
        assert_eq!(said, "`maybe` is no value for `mask`; it is on or off");
        let said = set_in(&path, known("capture.depth"), Some("-1"))
            .unwrap_err()
            .to_string();
        assert_eq!(
            said,
            "`-1` is no value for `capture.depth`; it is a number from 0 to 16"
        );
        assert!(
            std::fs::read_to_string(&path)
                .unwrap()
                .starts_with("mask = perhaps\n")
        );
    }

    #[test]
    fn every_key_reads_its_own_default() {
        for key in &KEYS {
            let mut config = Config::default();
            let default = key.get(&config);
            key.set(&mut config, &default).unwrap();
            assert_eq!(config, Config::default(), "{}", key.name);
        }
    }
}
