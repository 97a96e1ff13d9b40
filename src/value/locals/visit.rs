//! Takes values apart one after the other, without making a tree of them first.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::key;
use crate::interrupt;

/// Who gets the values, each before its members.
pub(crate) trait Sink {
    /// A value begins; answers the number that it has for who asks. None: a variable.
    fn open(&mut self, name: &str, parent: Option<u32>) -> u32;
    /// The text of a value that was opened.
    fn set_text(&mut self, of: u32, text: &str);
    /// Its type.
    fn set_type(&mut self, of: u32, text: &str);
    /// What is not whole about it.
    fn set_status(&mut self, of: u32, text: &str);
}

/// Takes all values of a hit apart. False: the text cannot be read, and what was handed over is no
/// more to be trusted.
pub(crate) fn visit(json: &str, sink: &mut impl Sink) -> bool {
    let mut reader = serde_json::Deserializer::from_str(json);
    reader.deserialize_map(Top(sink)).is_ok()
}

/// The same of one value, which gets a name.
pub(crate) fn visit_value(json: &str, name: &str, sink: &mut impl Sink) -> bool {
    let mut reader = serde_json::Deserializer::from_str(json);
    let member = Member {
        sink,
        key: name,
        parent: None,
    };
    member
        .deserialize(&mut reader)
        .is_ok_and(|own| own.is_none())
}

/// Reads the outer object: every key is a variable.
struct Top<'a, S>(&'a mut S);

impl<'de, S: Sink> Visitor<'de> for Top<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of values")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(Text(name)) = map.next_key()? {
            let member = Member {
                sink: &mut *self.0,
                key: &name,
                parent: None,
            };
            if let Some(text) = map.next_value_seed(member)? {
                // Another tool may write the bare value.
                let at = self.0.open(key::name(&name), None);
                self.0.set_text(at, &text);
            }
        }
        Ok(())
    }
}

/// Reads what stands behind a key: a member, which is added, or a fact about
/// the value around it, of which the text is returned.
struct Member<'a, S> {
    sink: &'a mut S,
    key: &'a str,
    parent: Option<u32>,
}

impl<'de, S: Sink> DeserializeSeed<'de> for Member<'_, S> {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de, S: Sink> Visitor<'de> for Member<'_, S> {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        if interrupt::pressed() {
            return Err(M::Error::custom(interrupt::Interrupted));
        }
        let sink = self.sink;
        let at = sink.open(key::name(self.key), self.parent);
        while let Some(Text(key)) = map.next_key()? {
            let fact = map.next_value_seed(Member {
                sink: &mut *sink,
                key: &key,
                parent: Some(at),
            })?;
            let Some(text) = fact else { continue };
            match key::fact(&key) {
                Some("value") => sink.set_text(at, &text),
                Some("type") => sink.set_type(at, &text),
                Some("status") => sink.set_status(at, &text),
                _ => {}
            }
        }
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Some(Cow::Borrowed("")))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, b: bool) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(if b { "true" } else { "false" })))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(n.to_string())))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(n.to_string())))
    }

    fn visit_f64<E>(self, x: f64) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(x.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed("")))
    }
}

/// A text that is not copied where it stands in the JSON as it is.
struct Text<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Borrow;
        impl<'de> Visitor<'de> for Borrow {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        reader.deserialize_str(Borrow)
    }
}
