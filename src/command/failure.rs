//! Errors as sentences that say what to do next.

use anyhow::Error;

use super::Output;

/// Why a command did not work.
pub(super) struct Failure {
    code: u8,
    sentence: String,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self {
            code: 1,
            sentence: format!("{error:#}"),
        }
    }
}

impl Failure {
    pub(super) fn output(&self, json: bool) -> Output {
        if json {
            let out = serde_json::json!({ "error": self.sentence });
            return Output {
                code: self.code,
                out: format!("{out}\n"),
                err: String::new(),
            };
        }
        Output {
            code: self.code,
            out: String::new(),
            err: format!("dbg-session: {}\n", self.sentence),
        }
    }
}

/// Help and version are answers; anything else is a usage error.
pub(super) fn usage(error: &clap::Error, json: bool) -> Output {
    let text = error.render().to_string();
    if !error.use_stderr() {
        return Output {
            code: 0,
            out: text,
            err: String::new(),
        };
    }
    Failure {
        code: 2,
        sentence: text.trim_end().to_owned(),
    }
    .output(json)
}
