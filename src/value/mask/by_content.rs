//! Credentials that a text gives away by itself, whatever it is called.

use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

use super::by_name::{Holds, holds, words};
use super::random::looks_random;

/// How tokens begin that their makers gave a beginning. Looked for first: it costs least.
const BEGINNINGS: &[&str] = &[
    "PRIVATE KEY",
    "AKIA",
    "ASIA",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "npm_",
    "pypi-",
    "AIza",
    "ya29.",
    "xox",
    "sk-",
    "sk_",
    "rk_",
    "whsec_",
    "SG.",
    "hf_",
    "dop_v1_",
    "AGE-SECRET-KEY-",
    "eyJ",
];

static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_-]{16,}|\bnpm_[A-Za-z0-9]{20,}|\bpypi-[A-Za-z0-9_-]{20,}|\bAIza[A-Za-z0-9_-]{30,}|\bya29\.[A-Za-z0-9_-]{20,}|\bxox[abeprs]-[A-Za-z0-9-]{10,}|\bsk-[A-Za-z0-9_-]{20,}|\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,}|\bwhsec_[A-Za-z0-9+/=]{16,}|\bSG\.[A-Za-z0-9_-]{16,}\.|\bhf_[A-Za-z0-9]{20,}|\bdop_v1_[a-f0-9]{20,}|\bAGE-SECRET-KEY-1[A-Z0-9]{20,}|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.",
    )
});
/// The user of a URL and the password behind it.
static URL: LazyLock<Regex> = LazyLock::new(|| regex(r"://[^/\s:@]*:([^/\s@]+)@"));
/// `Authorization: Bearer …`, `Basic …`.
static HEADER: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\b(bearer|basic) +([a-z0-9._~+/-]{8,}=*)"));
/// `Cookie: session=…`.
static COOKIE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\bcookie\s*:\s*(?:[^;=\s]+=[^;\s]*;\s*)*?[^;=\s]+=([^;\s]{8,})"));
/// `password = hunter2`, `"password": "hunter2"`, `api_key=…` in a URL.
static ASSIGNED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"([A-Za-z_][\w.-]{0,80})\\?["']?(\s{0,8}[=:]\s{0,8})(\\?["']?)([^\s"'\\,;&)}\]]{1,400})"#,
    )
});
/// `--token abc`.
static OPTION: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:^|\s)--([A-Za-z][\w-]*)\s+(\S+)"));

#[expect(clippy::expect_used, reason = "all are constants, and tested")]
fn regex(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

/// Whether a text holds a credential, whatever it is called.
pub(super) fn is_secret(text: &str) -> bool {
    // The shortest of them is longer.
    if text.len() < 8 {
        return false;
    }
    let begins = BEGINNINGS.iter().any(|beginning| text.contains(beginning));
    if begins && TOKEN.is_match(text) {
        return true;
    }
    let assigns = text.contains(['=', ':']);
    assigns && (in_url(text) || in_cookie(text) || assigned(text))
        || text.contains(' ') && (in_header(text) || given(text))
}

/// Whether the option `--NAME` is followed by a secret.
pub(super) fn option_is_secret(option: &str) -> bool {
    option
        .strip_prefix("--")
        .is_some_and(|name| !name.contains('=') && holds(&words(name)) != Holds::Other)
}

fn in_url(text: &str) -> bool {
    text.contains("://")
        && text.contains('@')
        && URL
            .captures_iter(text)
            .any(|found| !stands_for_one(&found[1]))
}

fn in_header(text: &str) -> bool {
    let has = |word: &str| {
        let mut windows = text.as_bytes().windows(word.len());
        windows.any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
    };
    if !has("bearer ") && !has("basic ") {
        return false;
    }
    HEADER.captures_iter(text).any(|found| {
        let value = &found[2];
        if found[1].eq_ignore_ascii_case("basic") {
            return decodes_to_a_pair(value);
        }
        value.bytes().any(|b| b.is_ascii_digit()) || looks_random(value)
    })
}

fn in_cookie(text: &str) -> bool {
    COOKIE
        .captures_iter(text)
        .any(|found| looks_random(&found[1]))
}

fn assigned(text: &str) -> bool {
    let mut from = 0;
    // What is assigned may itself assign: `env: DB_PASS=…`.
    while let Some(found) = ASSIGNED.captures_at(text, from) {
        if assigns_a_secret(&found) {
            return true;
        }
        from = found.get(2).map_or(text.len(), |sign| sign.end());
    }
    false
}

fn assigns_a_secret(found: &Captures<'_>) -> bool {
    let (name, sign, quote, value) = (&found[1], &found[2], &found[3], &found[4]);
    match holds(&words(name)) {
        Holds::Other => false,
        Holds::Perhaps => looks_random(value),
        Holds::Secret if stands_for_one(value) => false,
        // `password: required` is a sentence.
        Holds::Secret => {
            !quote.is_empty() || !sign.contains(' ') || !sign.contains(':') || !is_plain_word(value)
        }
    }
}

fn given(text: &str) -> bool {
    text.contains("--")
        && OPTION.captures_iter(text).any(|found| {
            let value = &found[2];
            !value.starts_with('-')
                && !stands_for_one(value)
                && match holds(&words(&found[1])) {
                    Holds::Secret => true,
                    Holds::Perhaps => {
                        value.bytes().any(|b| b.is_ascii_digit()) || looks_random(value)
                    }
                    Holds::Other => false,
                }
        })
}

/// What is said of a password, and is none.
const SAID: &[&str] = &[
    "required",
    "optional",
    "invalid",
    "incorrect",
    "wrong",
    "missing",
    "empty",
    "expired",
    "none",
    "null",
    "nil",
    "undefined",
    "unset",
    "set",
    "true",
    "false",
    "yes",
    "no",
    "ok",
    "hidden",
    "masked",
    "redacted",
    "removed",
    "changed",
    "accepted",
    "rejected",
    "string",
    "str",
    "text",
    "bytes",
    "value",
    "self",
    "this",
    "the",
    "a",
    "an",
    "is",
    "not",
    "must",
    "may",
    "cannot",
    "too",
    "default",
    "disabled",
    "enabled",
    "unknown",
    "error",
    "failed",
    "denied",
    "ignored",
    "stdin",
    "prompt",
    "ask",
    "env",
    "file",
];

/// Whether a text only stands where a secret would: `%s`, `${PASSWORD}`, `<token>`, `****`, `PASSWORD`.
fn stands_for_one(value: &str) -> bool {
    let bare = value.trim_matches(|c: char| !c.is_alphanumeric());
    value.starts_with(['%', '$', '{', '<', '[', '('])
        || bare.is_empty()
        || value.bytes().all(|b| b"*x.-_#?X".contains(&b))
        || SAID.iter().any(|word| bare.eq_ignore_ascii_case(word))
        || (bare.len() > 2 && bare.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
}

fn is_plain_word(value: &str) -> bool {
    value
        .trim_end_matches(['.', '!', '?'])
        .bytes()
        .all(|b| b.is_ascii_lowercase())
}

/// Whether base64 says `user:password`.
fn decodes_to_a_pair(base64: &str) -> bool {
    let mut bits = 0_u32;
    let mut held = 0;
    let mut colon = false;
    for byte in base64.trim_end_matches('=').bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return false,
        };
        bits = bits << 6 | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            let decoded = (bits >> held) as u8;
            if decoded < b' ' {
                return false;
            }
            colon |= decoded == b':';
        }
    }
    colon
}
