use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::Frame;
use crate::session_db::{one_line, source_file};
use crate::symbols::{Lang, Symbol};

/// Where a hit was: `path:line`, the path relative to the session's folder when
/// inside it; without line information `module!symbol+0xOFF`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocationKey(Arc<str>);

impl LocationKey {
    /// The key of a frame, for a session of the (canonical) folder `cwd`.
    ///
    /// ```
    /// use dbg_session::record::{Frame, LocationKey};
    /// let frame = Frame { file: Some("/src/app/./lib/../t.c".into()), line: 42, ..Frame::default() };
    /// assert_eq!(LocationKey::new(&frame, "/src/app".as_ref()).as_str(), "t.c:42");
    /// assert_eq!(LocationKey::new(&frame, "/home".as_ref()).as_str(), "/src/app/t.c:42");
    /// ```
    #[must_use]
    pub fn new(frame: &Frame, cwd: &Path) -> Self {
        if let (Some(file), 1..) = (&frame.file, frame.line) {
            return Self(format!("{}:{}", source_file(file, cwd), frame.line).into());
        }
        let module = frame.module.as_deref().unwrap_or("?");
        let offset = frame.offset;
        let text = match &frame.function {
            Some(function) => {
                let symbol = Symbol::canonical(function, Some(frame_lang(frame)));
                format!("{}!{}+{offset:#x}", one_line(module), symbol.fqn)
            }
            None => format!("{}+{offset:#x}", one_line(module)),
        };
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The language that the debugger named for a frame.
pub(super) fn frame_lang(frame: &Frame) -> Lang {
    frame.lang.parse().unwrap_or(Lang::Unknown)
}
