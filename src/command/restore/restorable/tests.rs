use serde_json::json;

use super::*;

/// What a hostile file may say; none of it is a place, a path, a comparison or an event.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "main\nshell touch X",
    "main\rshell touch X",
    "main\0shell touch X",
    "main\u{1b}]0;x\u{7}",
    "main\u{202e}niam",
    "main\u{200b}",
    "`touch X`",
    "main `touch X`",
    "$_shell(\"touch X\")",
    "$_gdb_setting(\"x\")",
    "$_",
    "shell touch X",
    "!touch X",
    "| touch X",
    "main | touch X",
    "main; shell touch X",
    "-exec touch",
    "-function main -force-condition",
    "--command touch",
    "python open('X', 'w')",
    "platform shell touch X",
    "main if $_shell(\"touch X\")",
    "main if count() == 1",
    "main thread 1",
    "system(\"touch X\")",
    "*main if count()",
    "*(int *) count()",
    "*$_shell(\"x\")",
    "(count)()",
    "count() == 1",
    "n = 1",
    "n++",
    "n += 1",
    "++n",
    "n == 1, count()",
    "n == (int) count()",
    "a[count()]",
    "a[n]",
    "a[-1]",
    "x ? y : z",
    "({ count(); })",
    "[]{ return count(); }()",
    "@autoreleasepool",
    "\\\nshell touch X",
    "a\"b",
    "a'b",
    "'a",
    "\"",
    "main\\",
    "<",
    "a::",
    "::",
];

fn is_function(text: &str) -> bool {
    function(text).is_ok()
}

#[test]
fn nothing_hostile_is_anything() {
    let long = "a".repeat(5000);
    for text in HOSTILE.iter().copied().chain([long.as_str()]) {
        assert!(place("function", text, None).is_err(), "{text:?}");
        assert!(place("line", text, None).is_err(), "{text:?}");
        assert!(
            place("line", &format!("{text}:x"), None).is_err(),
            "{text:?}"
        );
        assert!(place("address", text, None).is_err(), "{text:?}");
        assert!(written(text).is_err(), "{text:?}");
        assert!(path(text).is_err(), "{text:?}");
        assert!(row(text).is_err(), "{text:?}");
        assert!(comparison(text).is_err(), "{text:?}");
        assert!(event(text).is_err(), "{text:?}");
    }
}

#[test]
fn what_is_left_out_says_why_in_a_short_sentence() {
    for text in HOSTILE {
        for why in [
            path(text).err(),
            written(text).err(),
            comparison(text).err(),
            event(text).err(),
        ] {
            let why = why.expect("it is refused");
            assert!(why.chars().count() < 150, "{why}");
            assert!(!why.contains(crate::escapes::is_dangerous), "{why:?}");
        }
    }
}

#[test]
fn names_of_functions_in_every_language() {
    for name in [
        "main",
        "_start",
        "step2",
        "ns::parse",
        "::main",
        "Foo::~Foo",
        "f(int)",
        "f(int, char const*)",
        "f() const",
        "Foo::at(unsigned long) const &",
        "f(int) [clone .part.0]",
        "f.cold",
        "f.constprop.0",
        "std::vector<int, std::allocator<int> >::push_back(int const&)",
        "std::map<std::string, std::vector<int>>::operator[](std::string&&)",
        "Foo<-1, 'a', (Color)1>::f",
        "f[abi:cxx11]",
        "f[abi:cxx11](int)",
        "(anonymous namespace)::f",
        "(anonymous namespace)::Foo::bar() const",
        "operator<<",
        "operator<<(std::ostream&, Foo const&)",
        "Foo::operator()",
        "Foo::operator()(int) const",
        "Foo::operator<",
        "Foo::operator< <int>(int)",
        "Foo::operator< <int>",
        "Foo::operator<=>",
        "operator|",
        "operator,",
        "Foo::operator bool",
        "Foo::operator bool() const",
        "Foo::operator unsigned long() const",
        "Foo::operator std::vector<int>*() const",
        "Foo::operator char const*() const",
        "Foo::operator new[]",
        "operator new(unsigned long)",
        "operator delete[](void*)",
        "operator\"\"_km",
        "operator\"\" _km(long double)",
        "Foo::operator->",
        "Foo::operator->*",
        "main::{lambda(int)#1}::operator()(int) const",
        "f() const::{lambda()#1}::operator()",
        "main::$_0::operator()",
        "f(void (*)(int), int (&)[3])",
        "operators::f",
        "operator_f",
        "alloc::vec::Vec<T,A>::push",
        "core::ptr::drop_in_place<alloc::string::String>",
        "<alloc::vec::Vec<T> as core::ops::drop::Drop>::drop",
        "<impl core::fmt::Display for demo::X>::fmt",
        "demo::main::{closure#0}",
        "demo::main::{{closure}}",
        "demo::r#type",
        "<[u8; 4] as demo::Len>::len",
        "demo::apply<fn(i32) -> u32>",
        "demo::f<&'static str>",
        "demo::g<dyn core::fmt::Debug + Send>",
        "_ZN4demo4main17h0123456789abcdefE",
        "_ZN63_$LT$impl$u20$core..fmt..Debug$GT$3fmtE",
        "memcpy@plt",
        "memcpy@@GLIBC_2.14",
        "größe",
        "関数",
    ] {
        assert!(is_function(name), "{name}");
        assert_eq!(place("function", name, None), written(name), "{name}");
    }
    let deep = format!("f{}{}", "<".repeat(1000), ">".repeat(1000));
    assert!(!is_function(&deep));
}

#[test]
fn places_are_handed_on_in_their_parts() {
    let told = |form: &str, spec: &str| place(form, spec, None).map(|place| json!(place));
    assert_eq!(
        told("line", "my dir/Bob's file.cpp:14"),
        Ok(json!({ "form": "line", "file": "my dir/Bob's file.cpp", "line": 14 }))
    );
    assert_eq!(
        told("address", "*0x401136"),
        Ok(json!({ "form": "address", "address": 0x40_1136 }))
    );
    assert_eq!(
        told("other", "stops.cpp:ns::step"),
        Ok(json!({ "form": "function", "function": "ns::step", "file": "stops.cpp" }))
    );
    for (form, spec) in [
        ("line", "a.c:0"),
        ("line", "a.c:-1"),
        ("line", "a.c:+1"),
        ("line", "a.c:99999999999"),
        ("line", "a.c:1 if x"),
        ("line", ":1"),
        ("line", "-exec:1"),
        ("line", "`x`.c:1"),
        ("line", "a\".c:1"),
        ("address", "0x"),
        ("address", "0x1+f()"),
        ("address", "0x11111111111111111"),
        ("regex", "a(b"),
        ("regex", "((a{1,999}){1,999}){1,999}"),
        ("regex", "a\nb"),
        ("regex", "| x"),
        ("regex", "a*"),
        ("text", ""),
        ("event", "main"),
        ("other", "+1"),
        ("other", "*main"),
        ("other", "-line 3"),
    ] {
        assert!(place(form, spec, None).is_err(), "{form} {spec}");
    }
}

#[test]
fn paths_and_comparisons() {
    for text in [
        "i",
        "p.x",
        "p->x",
        "list->next[2].value",
        "*p",
        "**argv",
        "*self",
        "ns::count",
        "::count",
        "this->n",
        "t.0",
        "a [3] . b",
        "grün",
    ] {
        assert_eq!(path(text), Ok(text));
        assert_eq!(row(text), Ok(text));
        assert_eq!(comparison(text).unwrap().paths, [text]);
        assert_eq!(
            comparison(&format!("{text} == -3 && !({text} >= 0x1fUL)"))
                .unwrap()
                .paths
                .len(),
            2
        );
    }
    assert_eq!(row("*p@3"), Ok("*p@3"));
    for text in [
        "p.",
        "p->",
        "p..x",
        "p@",
        "p@x",
        "p@1234567",
        "p[",
        "p[]",
        "p[1",
        "*",
        "3",
        "p x",
        "p.x()",
        "p@3@3",
    ] {
        assert!(row(text).is_err(), "{text}");
    }
    for text in [
        "i == 2",
        "i>=0",
        "p->n != NULL",
        "x < 2.5e-3",
        "c == 'a'",
        "c == '\\''",
        "1 < i && i < n",
        "!done",
        "true == done",
        "(i == 1 || i == 2) && !p",
        "trueish == 1",
    ] {
        let read = comparison(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert!(!read.texts, "{text}");
    }
    assert!(
        comparison("name == \"be\\\"ta\" || \"x\" != name")
            .unwrap()
            .texts
    );
    for text in [
        "1",
        "1 == 1",
        "i ==",
        "i == 1 == 1",
        "i & 1",
        "i % 2 == 0",
        "i + 1 == 2",
        "f(i)",
        "(i)(3)",
        "(int) x == 1",
        "i == 1 &&",
        "i == ''",
        "i == 'a",
        "name == \"a",
        "i = 1",
        "i == 0x1p3(",
        "i == 1f()",
        "sizeof(i)",
    ] {
        assert!(comparison(text).is_err(), "{text}");
    }
    let deep = format!("{}i{}", "(".repeat(1000), ")".repeat(1000));
    assert!(comparison(&deep).is_err());
}

#[test]
fn events_by_words_of_ours() {
    let told = |spec: &str| event(spec).map(|event| json!(event));
    let one = |event: &str, names: &[&str]| {
        Ok(json!({ "form": "event", "event": event, "names": names }))
    };
    for plain in PLAIN_EVENTS {
        assert_eq!(told(plain), one(plain, &[]));
    }
    assert_eq!(told("fork, process 123"), one("fork", &[]));
    assert_eq!(told("signal SIGUSR1"), one("signal", &["SIGUSR1"]));
    assert_eq!(
        told("signals SIGUSR1 SIGINT"),
        one("signal", &["SIGUSR1", "SIGINT"])
    );
    assert_eq!(told("signal <standard signals>"), one("signal", &[]));
    assert_eq!(
        told("syscalls write, read"),
        one("syscall", &["write", "read"])
    );
    assert_eq!(told("syscall <any syscall>"), one("syscall", &[]));
    for refused in [
        "load libc",
        "throw std::",
        "syscall write;x",
        "syscall 1",
        "signal USR1",
        "signal SIG`x`",
        "assert",
        "Throw",
    ] {
        assert!(event(refused).is_err(), "{refused}");
    }
}

const PLAIN_EVENTS: [&str; 8] = [
    "throw", "catch", "rethrow", "fork", "vfork", "exec", "load", "unload",
];
