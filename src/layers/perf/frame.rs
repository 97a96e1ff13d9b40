//! One frame in the text of `perf script`: `7f12ab  do_work+0x12 (/usr/lib/libwork.so)`.

/// What the line said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// None for `[unknown]`, or where no symbol was printed.
    pub symbol: Option<&'a str>,
    /// None for `[unknown]`, or where no object file was printed.
    pub module: Option<&'a str>,
    pub inlined: bool,
}

/// The text after the address; `None` if the line does not begin with one.
pub(super) fn after_address(line: &str) -> Option<&str> {
    let line = line.trim_start_matches([' ', '\t']);
    let end = line.find(' ').unwrap_or(line.len());
    let address = line[..end].strip_prefix("0x").unwrap_or(&line[..end]);
    let is_address = !address.is_empty()
        && address.len() <= 16
        && address.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_address.then(|| line[end..].trim_matches([' ', '\t']))
}

/// Reads a whole line; `None` if it is no frame.
pub(super) fn parse(line: &str) -> Option<Line<'_>> {
    let text = after_address(line)?;
    // With a sampled data address, that one comes first.
    let text = match after_address(text) {
        Some(rest) if !rest.is_empty() && text.len() - rest.len() > 8 => rest,
        _ => text,
    };
    // A word alone, or one in brackets, may follow; anything else is some other line.
    let plausible = text.is_empty()
        || text.ends_with(')')
        || text.ends_with(']')
        || !text.contains(' ')
        || text.contains('(');
    plausible.then(|| parse_text(text))
}

/// Reads what follows the address.
pub(super) fn parse_text(text: &str) -> Line<'_> {
    let (name, group) = split_group(text);
    let inlined = group == Some("inlined");
    Line {
        symbol: Some(without_offset(name)).filter(|name| !name.is_empty() && *name != "[unknown]"),
        module: group
            .filter(|module| !inlined && *module != "[unknown]")
            .map(without_offset),
        inlined,
    }
}

/// Splits `f(int)+0x1 (/lib/a (deleted))` into its name and what the last brackets hold.
fn split_group(text: &str) -> (&str, Option<&str>) {
    if !text.ends_with(')') {
        return (text, None);
    }
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate().rev() {
        match byte {
            b')' => depth += 1,
            b'(' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            let separate = at == 0 || text.as_bytes()[at - 1] == b' ';
            let group = &text[at + 1..text.len() - 1];
            return if separate {
                (text[..at].trim_end(), Some(group))
            } else {
                (text, None)
            };
        }
    }
    (text, None)
}

/// `main+0x1f` is `main`.
fn without_offset(name: &str) -> &str {
    match name.rsplit_once("+0x") {
        Some((head, offset))
            if !offset.is_empty() && offset.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            head
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_object_files_are_told_apart() {
        for (line, symbol, module, inlined) in [
            (
                "\t    7f12 main+0x1f (/bin/a.out)",
                Some("main"),
                Some("/bin/a.out"),
                false,
            ),
            (
                "\t 7f12 (anonymous namespace)::f+0x1 (/lib/a b (deleted))",
                Some("(anonymous namespace)::f"),
                Some("/lib/a b (deleted)"),
                false,
            ),
            (
                "\t 7f12 a::operator()(int) const (/bin/a)",
                Some("a::operator()(int) const"),
                Some("/bin/a"),
                false,
            ),
            ("\t 7f12 f (inlined)", Some("f"), None, true),
            ("\t 7f12 [unknown] ([unknown])", None, None, false),
            (
                "\t 7f12 [unknown] (/lib/x.so)",
                None,
                Some("/lib/x.so"),
                false,
            ),
            (
                "\t ffffffff8109 do_idle+0x1 ([kernel.kallsyms])",
                Some("do_idle"),
                Some("[kernel.kallsyms]"),
                false,
            ),
            ("\t 7f12 main", Some("main"), None, false),
            ("\t 7f12 (/lib/x.so)", None, Some("/lib/x.so"), false),
            ("\t 7f12", None, None, false),
            (
                "\t 7ffe00001234 55d012345678 main+0x3 (/bin/a)",
                Some("main"),
                Some("/bin/a"),
                false,
            ),
        ] {
            assert_eq!(
                parse(line),
                Some(Line {
                    symbol,
                    module,
                    inlined
                }),
                "{line:?}"
            );
        }
    }

    #[test]
    fn other_lines_are_no_frames() {
        for line in [
            "",
            "  prog.c:12",
            "prog 12 1.0: cycles:",
            "\tlibwork.so[1234]",
        ] {
            assert_eq!(parse(line), None, "{line:?}");
        }
    }
}
