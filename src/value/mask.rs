//! Hides what looks like a credential before it is recorded.
//!
//! Only text is ever hidden: a number called `key` is no secret, and
//! `token_count` is a count.

use std::cell::RefCell;
use std::sync::LazyLock;

use regex_lite::Regex;
use rustc_hash::FxHashMap;

use super::{Body, Value};

/// What stands for a hidden text.
const MASKED: &str = "<masked>";
/// Names remembered; they are the same at every hit.
const NAMES: usize = 4096;

/// The last words of a name that make what it holds a secret.
static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?:^| )(?:password|passwd|passphrase|pwd|secrets?|credentials?|(?:auth|access|api|refresh|session|bearer|csrf|id)? ?token|api ?key|access ?key|private ?key|secret ?key|auth ?key|authorization|bearer)(?: (?:hash|value|string|str|text|buf|buffer|data|hex|b 64|base 64|[0-9]+))?$",
    )
});

/// What gives a text away whatever it is called.
static CONTENT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|(?i:\bbearer\s+[a-z0-9._~+/=-]{8,})|://[^/\s:@]+:[^/\s@]+@|\bgh[pousr]_[A-Za-z0-9]{20,}|\bsk-[A-Za-z0-9_-]{20,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.|(?i:\b(?:password|passwd|secret|api[_-]?key|access[_-]?token)\s*[=:]\s*\S)",
    )
});

#[expect(clippy::expect_used, reason = "both are constants, and tested")]
fn regex(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

/// Hides every text in a value that its name or its content gives away;
/// `name` is what a person calls it, where that is not its own.
pub fn mask(value: &mut Value, name: Option<&str>) {
    hide(value, name, false);
}

fn hide(value: &mut Value, name: Option<&str>, inside: bool) {
    let inside = inside || secret_name(name.unwrap_or(&value.name));
    let text = match &value.body {
        Body::Str(bytes) => Some(String::from_utf8_lossy(bytes)),
        Body::Text(text) => Some(text.as_str().into()),
        _ => None,
    };
    if let Some(text) = text {
        if !text.is_empty() && (inside || secret_text(&text)) {
            value.body = Body::Text(MASKED.into());
            value.status = None;
            value.count = None;
            value.children = None;
        }
        return;
    }
    let map = matches!(value.body, Body::Map);
    for child in value.children.iter_mut().flatten() {
        hide(child, None, inside);
        // A map's entry is named after its key, which may itself be the secret.
        if map && secret_text(&child.name) {
            child.name = format!("[{MASKED}]").into();
        }
    }
}

/// Whether something of this name holds a credential.
fn secret_name(name: &str) -> bool {
    thread_local! {
        static KNOWN: RefCell<FxHashMap<String, bool>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(secret) = known.get(name) {
            return *secret;
        }
        if known.len() >= NAMES {
            known.clear();
        }
        let secret = SECRET.is_match(&words(name));
        known.insert(name.to_owned(), secret);
        secret
    })
}

/// The words of a path's last name: `cfg.apiKey` and `API_KEY` both are `api key`.
fn words(name: &str) -> String {
    let last = name.rsplit(['.', '>']).next().unwrap_or(name);
    let last = last.trim_matches(['[', ']', '"', '\'']);
    let mut words = String::with_capacity(last.len() + 4);
    let mut before = ' ';
    let mut chars = last.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        let begins = c.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || (before.is_ascii_uppercase() && next.is_ascii_lowercase()));
        let other_kind = c.is_ascii_digit() != before.is_ascii_digit();
        let parts = !words.is_empty() && !words.ends_with(' ');
        if !c.is_ascii_alphanumeric() {
            if parts {
                words.push(' ');
            }
        } else {
            if parts && (begins || other_kind) {
                words.push(' ');
            }
            words.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.truncate(words.trim_end().len());
    words
}

/// Whether a text holds a credential, whatever it is called.
fn secret_text(text: &str) -> bool {
    // The shortest of them is longer.
    text.len() >= 8 && CONTENT.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(name: &str, text: &str) -> bool {
        let mut value = Value::plain(name, "char *", Body::Str(text.into()));
        mask(&mut value, None);
        value.body == Body::Text(MASKED.into())
    }

    #[test]
    fn names_give_secrets_away() {
        for name in [
            "password",
            "API_KEY",
            "apiKey",
            "cfg.authToken",
            "user->passwd",
            "HTTPBearer",
            "[\"token\"]",
            "secret2",
            "private_key_hex",
            "sessionToken",
        ] {
            assert!(masked(name, "x"), "{name}: {}", words(name));
        }
        for name in [
            "key",
            "token_count",
            "passwords_seen",
            "keyboard",
            "n",
            "",
            "tokens",
        ] {
            assert!(!masked(name, "x"), "{name}: {}", words(name));
        }
    }

    #[test]
    fn content_gives_secrets_away() {
        for text in [
            "-----BEGIN RSA PRIVATE KEY-----",
            "AKIAABCDEFGHIJKLMNOP",
            "Authorization: Bearer abcdefgh1",
            "postgres://me:pw@host/db",
            "ghp_abcdefghijklmnopqrst",
            "password = x",
            "API-KEY: y",
        ] {
            assert!(masked("s", text), "{text}");
        }
        for text in [
            "",
            "hello, world",
            "http://host/path",
            "the password is wrong",
            "sk-short",
        ] {
            assert!(!masked("s", text), "{text}");
        }
    }

    #[test]
    fn what_is_inside_a_secret_is_hidden_and_numbers_are_not() {
        let user = Value::plain("user", "char *", Body::Str("me".into()));
        let length = Value::plain("length", "int", Body::Int(3));
        let mut secret = Value::aggregate("secret", "S", Body::Struct, vec![user, length]);
        mask(&mut secret, None);
        assert_eq!(secret.text(), "{user = <masked>, length = 3}");
        let entry = Value::plain("[\"AKIAABCDEFGHIJKLMNOP\"]", "int", Body::Int(3));
        let mut map = Value::aggregate("m", "map", Body::Map, vec![entry]);
        mask(&mut map, None);
        assert_eq!(map.text(), "{[<masked>] = 3}");
    }
}
