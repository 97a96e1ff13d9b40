//! Whether a text looks as if nobody had thought of it: a generated key, not words, numbers or paths.

/// Shorter ones are words that happen to look odd.
const SHORTEST: usize = 8;
/// So many characters that belong to no word.
const ODD: usize = 6;
/// So many that are not the same: a row of one letter is a filler.
const DISTINCT: u32 = 6;

/// Whether a text looks like a generated secret.
pub(super) fn looks_random(text: &str) -> bool {
    let text = text.trim();
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    if text.len() < SHORTEST
        || text.contains(char::is_whitespace)
        || text.starts_with(['/', '.', '~', '\\', '<', '%', '$', '{'])
        || text.contains("://")
        || distinct(text) < DISTINCT
        || hex.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
    {
        return false;
    }
    if of_every_kind(text) {
        return true;
    }
    let pieces = text.split(|c: char| !c.is_ascii_alphanumeric());
    let (mut all, mut odd) = (0, 0);
    for piece in pieces {
        all += piece.len();
        if !is_word(piece) {
            odd += piece.len();
        }
    }
    odd >= ODD && odd * 2 >= all
}

/// How many characters there are that are not the same.
fn distinct(text: &str) -> u32 {
    let seen = text
        .bytes()
        .fold(0_u128, |seen, byte| seen | 1 << (byte & 0x7f));
    seen.count_ones()
}

/// Whether capitals, small letters, digits and signs that no code is made of stand mixed.
fn of_every_kind(text: &str) -> bool {
    let signs = text.bytes().filter(|b| b"#$!@%^?~".contains(b)).count();
    signs > 1
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().any(|b| b.is_ascii_uppercase())
        && text.bytes().any(|b| b.is_ascii_lowercase())
}

/// Whether a run of letters and digits is a word, some words, a number, or a word with a number.
fn is_word(piece: &str) -> bool {
    let runs = runs(piece);
    let switches = runs.len().saturating_sub(1);
    if piece.bytes().all(|b| b.is_ascii_digit()) {
        return true;
    }
    let mut digits = runs.iter().filter(|run| run.as_bytes()[0].is_ascii_digit());
    let longest = digits.clone().map(|run| run.len()).max().unwrap_or(0);
    if digits.next().is_some() && (switches >= 4 || longest >= 12) {
        return false;
    }
    runs.iter()
        .all(|run| run.as_bytes()[0].is_ascii_digit() || spoken(run))
}

/// Runs of digits and of letters.
fn runs(piece: &str) -> Vec<&str> {
    let bytes = piece.as_bytes();
    let mut runs = Vec::new();
    let mut from = 0;
    for at in 1..=bytes.len() {
        let ends =
            at == bytes.len() || bytes[at].is_ascii_digit() != bytes[at - 1].is_ascii_digit();
        if ends {
            runs.push(&piece[from..at]);
            from = at;
        }
    }
    runs
}

/// Whether letters can be spoken, camelCase word by word, or are an acronym.
fn spoken(letters: &str) -> bool {
    const ACRONYM: usize = 5;
    const CONSONANTS: usize = 4;
    let mut words: Vec<&str> = Vec::new();
    let bytes = letters.as_bytes();
    let mut from = 0;
    for at in 1..=bytes.len() {
        if at == bytes.len()
            || (bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase())
        {
            words.push(&letters[from..at]);
            from = at;
        }
    }
    let short = words.iter().filter(|word| word.len() < 3).count();
    // Capitals and small letters without any order.
    if words.len() >= 4 && short * 2 > words.len() {
        return false;
    }
    words.iter().all(|word| {
        let acronym = word.len() <= ACRONYM && word.bytes().all(|b| b.is_ascii_uppercase());
        let mut consonants = 0;
        let mut most = 0;
        for byte in word.bytes() {
            consonants = if b"aeiouyAEIOUY".contains(&byte) {
                0
            } else {
                consonants + 1
            };
            most = most.max(consonants);
        }
        word.len() < 3 || acronym || (most <= CONSONANTS && most < word.len())
    })
}
