use super::*;
use proptest::prelude::*;

fn fqn(raw: &str) -> String {
    Symbol::canonical(raw, None).fqn
}

/// The spellings in one row are one function, and the first is its canonical name.
fn same(lang: Lang, spellings: &[&str]) {
    for spelling in spellings {
        let symbol = Symbol::canonical(spelling, None);
        assert_eq!(
            (symbol.fqn.as_str(), symbol.lang),
            (spellings[0], lang),
            "from {spelling:?}"
        );
    }
}

#[test]
fn linkage_names_and_demangled_text_meet() {
    same(
        Lang::Cpp,
        &[
            "geo::area",
            "_ZN3geo4areaEi",
            "geo::area(int)",
            "geo::area (int)",
        ],
    );
    same(
        Lang::Cpp,
        &[
            "geo::Point<int>::dot",
            "_ZNK3geo5PointIiE3dotERKS1_",
            "geo::Point<int>::dot(geo::Point<int> const&) const",
        ],
    );
    assert_eq!(Symbol::canonical("_Z7computei", None).fqn, "compute");
    assert_eq!(
        Symbol::canonical("_Z7computei", None).demangled,
        "compute(int)"
    );
    assert_eq!(
        Symbol::canonical("_Z7computed", None).fqn,
        "compute",
        "overloads merge"
    );
    assert_eq!(Symbol::canonical("compute(int)", None).lang, Lang::Cpp);
}

#[test]
fn what_tools_append_is_dropped() {
    same(
        Lang::C,
        &[
            "work",
            "work.isra.0",
            "work.part.0.cold",
            "work.constprop.0.isra.0",
            "work@plt",
            "work@@GLIBC_2.14",
        ],
    );
    same(
        Lang::C,
        &[
            "work",
            "work.llvm.1234567890",
            "work.lto_priv.0",
            " work ",
            "work [clone .cold]",
        ],
    );
    same(Lang::C, &["counter.7"]);
    same(
        Lang::Cpp,
        &[
            "a::f",
            "a::f(b<c>, d) volatile &&",
            "a::f(int) [clone .constprop.1] [clone .cold]",
        ],
    );
    assert_eq!(fqn("_ZN3geo4areaEi.constprop.0"), "geo::area");
    assert_eq!(fqn("join[abi:cxx11](int)"), "join");
}

#[test]
fn return_types_of_templates_are_dropped() {
    let apply = "apply<main::{lambda(int)#1}>";
    for text in [
        "_Z5applyIZ4mainEUliE_EiT_i",
        "int apply<main::{lambda(int)#1}>(main::{lambda(int)#1}, int)",
        apply,
    ] {
        assert_eq!(fqn(text), apply);
    }
    assert_eq!(
        fqn("std::enable_if<(1)>(2), bool>::type a::b<int>(int)"),
        "std::enable_if<(1)>(2), bool>::type a::b<int>(int)"
    );
    assert_eq!(
        fqn("std::ostream& std::operator<< <std::char_traits<char> >(std::ostream&, char const*)"),
        "std::operator<< <std::char_traits<char>>"
    );
    assert_eq!(fqn("decltype(auto) a::b<int>(int)"), "a::b<int>");
}

#[test]
fn operators_keep_their_names() {
    same(
        Lang::Cpp,
        &[
            "geo::Point<int>::operator double",
            "_ZNK3geo5PointIiEcvdEv",
            "geo::Point<int>::operator double() const",
        ],
    );
    same(
        Lang::Cpp,
        &[
            "geo::P::operator<",
            "geo::P::operator<(geo::P const&) const",
        ],
    );
    same(
        Lang::Cpp,
        &[
            "geo::P::operator()",
            "_ZNK3geo1PclEi",
            "geo::P::operator()(int) const",
        ],
    );
    same(
        Lang::Cpp,
        &[
            "a::operator<< <int>",
            "a::operator<< <int>(b&, int)",
            "a::operator<<<int>(b&, int)",
        ],
    );
    same(
        Lang::Cpp,
        &["a::operator< <int>", "bool a::operator< <int>(b, int)"],
    );
    for (text, name) in [
        ("operator new(unsigned long)", "operator new"),
        ("operator delete[](void*)", "operator delete[]"),
        ("a::operator->() const", "a::operator->"),
        (
            "a::operator unsigned long() const",
            "a::operator unsigned long",
        ),
        (
            "a::operator std::vector<int, b<c> >() const",
            "a::operator std::vector<int, b<c>>",
        ),
        ("a::operator\"\" _km(long double)", "a::operator\"\"_km"),
        ("a::operator<=>(b)", "a::operator<=>"),
        ("a::operator,(b)", "a::operator,"),
        ("operators::f(int)", "operators::f"),
    ] {
        assert_eq!(fqn(text), name);
    }
}

#[test]
fn scopes_without_names_are_one_spelling() {
    same(
        Lang::Cpp,
        &[
            "(anonymous namespace)::hidden",
            "_ZN12_GLOBAL__N_16hiddenEi",
            "(anonymous namespace)::hidden(int)",
        ],
    );
    same(
        Lang::Cpp,
        &[
            "main::{lambda(int)#1}::operator()",
            "_ZZ4mainENKUliE_clEi",
            "main::{lambda(int)#1}::operator()(int) const",
            "main::'lambda'(int)::operator()(int) const",
        ],
    );
    same(
        Lang::Cpp,
        &[
            "a::f::{lambda()#2}::operator()",
            "a::f(int)::{lambda()#2}::operator()() const",
            "a::f(int) const::'lambda0'()::operator()() const",
        ],
    );
    assert_eq!(
        fqn("non-virtual thunk to a::B::f(int)"),
        "non-virtual thunk to a::B::f"
    );
    assert_eq!(fqn("_ZThn16_N1B1fEv"), "non-virtual thunk to B::f");
    assert!(Symbol::canonical("vtable for a::B", None).is_synthetic);
}

#[test]
fn library_namespaces_and_strings_collapse() {
    for text in [
        "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::append(char const*)",
        "std::string::append(char const*)",
        "_ZNSs6appendEPKc",
        "_ZNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE6appendEPKc",
        "std::__1::basic_string<char, std::__1::char_traits<char>, std::__1::allocator<char>>::append(char const*)",
    ] {
        assert_eq!(fqn(text), "std::string::append");
    }
    assert_eq!(fqn("f<a<b> >(char *)"), "f<a<b>>");
}

#[test]
fn rust_names_meet_too() {
    same(
        Lang::Rust,
        &[
            "<prog::Circle as prog::Shape>::area",
            "_ZN44_$LT$prog..Circle$u20$as$u20$prog..Shape$GT$4area17h1b605381850fdf4eE",
            "_RNvXs_Cs56HGsqMBDvY_4progNtB4_6CircleNtB4_5Shape4area",
            "_$LT$prog..Circle$u20$as$u20$prog..Shape$GT$::area::h1b605381850fdf4e",
        ],
    );
    same(
        Lang::Rust,
        &["prog::main::{{closure}}", "prog::main::{closure#1}"],
    );
    assert_eq!(
        fqn("_ZN4prog14Stack$LT$T$GT$4push17h2b15e381874f4e30E"),
        "prog::Stack<T>::push"
    );
    assert_eq!(
        fqn("_RNvMCs56HGsqMBDvY_4progINtB2_5StackyE4pushB2_"),
        "prog::Stack<u64>::push"
    );
    assert_eq!(
        fqn("_RINvCs56HGsqMBDvY_4prog7generichEB2_"),
        "prog::generic<u8>"
    );
    assert_eq!(fqn("prog::spin::h1a25dcd4f893588b"), "prog::spin");
    assert_eq!(
        Symbol::canonical("prog::spin", Some(Lang::Rust)).lang,
        Lang::Rust
    );
    assert_eq!(fqn("<[T]>::sort"), "<[T]>::sort");
}

#[test]
fn languages_are_guessed_unless_told() {
    let lang = |raw: &str, hint| Symbol::canonical(raw, hint).lang;
    assert_eq!(lang("main", None), Lang::C);
    assert_eq!(lang("main", Some(Lang::Cpp)), Lang::Cpp);
    assert_eq!(lang("_ZN3geo4areaEi", Some(Lang::C)), Lang::Cpp);
    assert_eq!(lang("core::fmt::write", None), Lang::Rust);
    assert_eq!(lang("a b c", None), Lang::Unknown);
    assert_eq!(Lang::of_file("/src/x.rs"), Some(Lang::Rust));
    assert_eq!(Lang::of_file("x.h"), None);
}

#[test]
fn names_that_are_none_stay_readable() {
    assert_eq!(fqn("[unknown]"), "[unknown]");
    assert_eq!(fqn("[libc.so.6]"), "[libc.so.6]");
    assert_eq!(fqn(""), "[unknown]");
    assert_eq!(fqn("@plt"), "@plt");
    assert_eq!(fqn("f(int"), "f(int");
    assert_eq!(fqn("(below main)"), "(below main)");
    assert!(Symbol::canonical("[unknown]", None).is_synthetic);
}

#[test]
fn lookup_prefers_the_narrowest_rule() {
    let names = [
        "a::f",
        "b::f",
        "f",
        "<prog::Circle as prog::Shape>::area",
        "s::Stack<T>::push",
        "s::operator<",
    ];
    let found = |name: &str| Lookup::Found(name.to_owned());
    assert_eq!(lookup("f", names), found("f"));
    assert_eq!(lookup("a::f", names), found("a::f"));
    assert_eq!(lookup("a::f(int)", names), found("a::f"));
    assert_eq!(lookup("Stack::push", names), found("s::Stack<T>::push"));
    assert_eq!(
        lookup("Circle::area", names),
        found("<prog::Circle as prog::Shape>::area")
    );
    assert_eq!(
        lookup("area", names),
        found("<prog::Circle as prog::Shape>::area")
    );
    assert_eq!(lookup("operator<", names), found("s::operator<"));
    assert_eq!(
        lookup("f", ["a::f", "b::f"]),
        Lookup::Ambiguous(vec!["a::f".into(), "b::f".into()])
    );
    assert_eq!(lookup("ff", names), Lookup::NotFound);
    assert_eq!(lookup(" ", names), Lookup::NotFound);
}

/// Text made of what names are made of.
fn name_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z_]{1,4}",
        Just("::".to_owned()),
        Just("<".to_owned()),
        Just(">".to_owned()),
        Just(" ".to_owned()),
        Just("(".to_owned()),
        Just(")".to_owned()),
        Just("operator".to_owned()),
        Just("std::__1::".to_owned()),
        Just("{lambda(int)#1}".to_owned()),
        Just("'lambda0'".to_owned()),
        Just(" const".to_owned()),
        Just("[abi:x]".to_owned()),
        Just("$LT$".to_owned()),
        Just("..".to_owned()),
        Just(".isra.0".to_owned()),
        Just("{closure#0}".to_owned()),
        Just("::h0123456789abcdef".to_owned()),
        Just("&".to_owned()),
        Just("*".to_owned()),
        Just(",".to_owned()),
        Just("-".to_owned()),
        Just("\"".to_owned()),
        Just("@plt".to_owned()),
        Just("é".to_owned()),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn canonical_names_are_canonical(raw in prop_oneof![name_like(), any::<String>(), "_Z[A-Za-z0-9_]{0,20}", "_R[A-Za-z0-9_]{0,20}"]) {
        let first = Symbol::canonical(&raw, None);
        prop_assert!(!first.fqn.is_empty());
        let again = Symbol::canonical(&first.fqn, Some(first.lang));
        prop_assert_eq!(&again.fqn, &first.fqn, "from {:?}", raw);
    }

    #[test]
    fn lookup_finds_every_name_by_itself(names in prop::collection::vec(name_like(), 1..5), pick in 0usize..5) {
        let fqns: Vec<String> = names.iter().map(|name| Symbol::canonical(name, None).fqn).collect();
        let wanted = fqns[pick % fqns.len()].clone();
        prop_assert_eq!(lookup(&wanted, fqns.iter().map(String::as_str)), Lookup::Found(wanted));
    }
}
