//! Numbers of rows, a type for each kind: a hit's number in the session is not its number at its
//! place, and a frame is no stack.

use std::fmt;

use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlResult, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

macro_rules! numbers {
    ($($(#[doc = $about:literal])+ $name:ident;)+) => {
        $(
            $(#[doc = $about])+
            #[derive(
                Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
            )]
            #[serde(transparent)]
            pub struct $name(pub i64);

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.fmt(f)
                }
            }

            impl ToSql for $name {
                fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                    self.0.to_sql()
                }
            }

            impl FromSql for $name {
                fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                    i64::column_result(value).map(Self)
                }
            }
        )+
    };
}

numbers! {
    /// A hit's number in its session, in the order of recording.
    HitId;
    /// A hit's number at its place: 1, 2, 3 ….
    HitSeq;
    /// A function's.
    SymbolId;
    /// A place's in a function.
    FrameId;
    /// A stack's, which is that of its innermost node.
    StackId;
    /// A profile's.
    LayerId;
}
