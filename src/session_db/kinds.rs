use std::fmt;
use std::str::FromStr;

/// What a session records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// Breakpoint hits, under a debugger.
    Debug,
    /// Profiles.
    Profile,
}

impl SessionKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Debug, Self::Profile];

    /// As it stands in the session file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Profile => "profile",
        }
    }
}

/// What the target is: decides which domain tables a session has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetClass {
    /// CUDA and its like.
    Gpu,
    /// Compiled to machine code: C, C++, Rust, ...
    NativeCpu,
    /// .NET.
    ManagedDotnet,
    /// Java and its like.
    Jvm,
    /// `CPython` and its like.
    Python,
    /// Node.js.
    JsNode,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
}

impl TargetClass {
    /// Every class.
    pub const ALL: [Self; 8] = [
        Self::Gpu,
        Self::NativeCpu,
        Self::ManagedDotnet,
        Self::Jvm,
        Self::Python,
        Self::JsNode,
        Self::Ruby,
        Self::Php,
    ];

    /// As it stands in the session file.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gpu => "gpu",
            Self::NativeCpu => "native-cpu",
            Self::ManagedDotnet => "managed-dotnet",
            Self::Jvm => "jvm",
            Self::Python => "python",
            Self::JsNode => "node",
            Self::Ruby => "ruby",
            Self::Php => "php",
        }
    }
}

/// A name that stands for nothing known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} `{}`; it is one of {known}", .name.escape_default())]
pub struct UnknownName {
    what: &'static str,
    name: String,
    known: String,
}

impl UnknownName {
    fn new<'a>(what: &'static str, name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        Self {
            what,
            name: name.to_owned(),
            known: known.collect::<Vec<_>>().join(", "),
        }
    }
}

impl FromStr for SessionKind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| {
                UnknownName::new("session kind", name, Self::ALL.iter().map(|k| k.as_str()))
            })
    }
}

impl FromStr for TargetClass {
    type Err = UnknownName;

    /// Reads what [`TargetClass::as_str`] writes, and `js-node` for `node`.
    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let name = if name == "js-node" { "node" } else { name };
        Self::ALL
            .into_iter()
            .find(|class| class.as_str() == name)
            .ok_or_else(|| {
                UnknownName::new("target class", name, Self::ALL.iter().map(|c| c.as_str()))
            })
    }
}

impl fmt::Display for SessionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for TargetClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
