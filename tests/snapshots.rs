//! Memory of a process (this one) to values, by shapes.

use std::sync::Arc;

use dbg_session::snapshots::{
    Enumeration, Length, Member, Memory, Process, Registers, Shape, StackBlock, Variable,
    VariableLocation, take, values,
};
use dbg_session::value::{Status, Value};

fn member(name: &str, offset: usize, shape: Shape) -> Member {
    Member {
        name: name.into(),
        type_name: "t".into(),
        offset,
        bits: None,
        shape,
    }
}

fn int() -> Shape {
    Shape::Int {
        size: 4,
        signed: true,
    }
}

/// What is read of something in this process by a shape.
fn read<T>(thing: &T, shape: Shape) -> Value {
    read_at(
        VariableLocation::Static(std::ptr::from_ref(thing) as u64),
        shape,
        &Registers::default(),
    )
}

fn read_at(place: VariableLocation, shape: Shape, registers: &Registers) -> Value {
    let variable = Variable {
        what: member("it", 0, shape),
        arg: false,
        status: None,
        variable: "it".into(),
        place,
    };
    let me = Process::this();
    let here = 0u64;
    let stack = StackBlock::new(&me, std::ptr::from_ref(&here) as u64);
    let snapshot = take(
        std::slice::from_ref(&variable),
        registers,
        Some(0x1000),
        &stack,
    );
    let snapshot = snapshot.expect("its place is known");
    values(&[variable], &snapshot).remove(0)
}

#[test]
fn numbers_of_every_width() {
    let shape = |size, signed| Shape::Int { size, signed };
    assert_eq!(read(&-5i8, shape(1, true)).text(), "-5");
    assert_eq!(read(&251u8, shape(1, false)).text(), "251");
    assert_eq!(read(&i64::MIN, shape(8, true)).text(), i64::MIN.to_string());
    assert_eq!(
        read(&u128::MAX, shape(16, false)).text(),
        u128::MAX.to_string()
    );
    assert_eq!(read(&0.1f32, Shape::F32).text(), "0.1");
    assert_eq!(read(&-0.5f64, Shape::F64).text(), "-0.5");
    assert_eq!(read(&true, Shape::Bool(1)).text(), "true");
    assert_eq!(read(&b'a', Shape::Char(1)).text(), "'a'");
    assert_eq!(read(&200u8, Shape::Char(1)).text(), "'\\xc8'");
}

#[test]
fn enumerators_flags_and_bit_fields() {
    let flags = Shape::Enum(Arc::new(Enumeration {
        size: 4,
        signed: false,
        names: vec![("READ".into(), 1), ("WRITE".into(), 2)],
        flags: true,
    }));
    assert_eq!(read(&2u32, flags.clone()).text(), "WRITE");
    assert_eq!(read(&3u32, flags.clone()).text(), "READ | WRITE");
    assert_eq!(read(&9u32, flags).text(), "9");
    let bits = |first, count| Member {
        bits: Some((first, count)),
        ..member("b", 0, int())
    };
    let members: Arc<[Member]> = [bits(0, 3), bits(3, 5)].into();
    let shape = Shape::Struct {
        members,
        count: None,
    };
    assert_eq!(read(&0b1011_0101u32, shape).text(), "{b = -3, b = -10}");
}

#[test]
fn strings_end_or_are_cut() {
    let text = c"hello".as_ptr();
    let shown = read(&text, Shape::CString(8));
    assert_eq!((shown.text().as_str(), shown.status), ("\"hello\"", None));
    let cut = read(&text, Shape::CString(3));
    assert_eq!(
        (cut.text().as_str(), cut.status),
        ("\"hel\"...", Some(Status::Truncated))
    );
    assert_eq!(read(&8usize, Shape::CString(8)).text(), "0x8");
    let chars = |most| Shape::Chars { count: 6, most };
    assert_eq!(read(b"abc\0\0\0", chars(8)).text(), "\"abc\"");
    assert_eq!(read(b"abcdef", chars(4)).text(), "\"abcd\"...");
    let behind = read(b"a\0b\0\0\0", chars(8));
    assert_eq!(
        (behind.status, behind.count),
        (Some(Status::Truncated), Some(6))
    );
}

#[test]
fn runs_texts_and_targets_elsewhere() {
    let numbers = [1i32, 2, 3, 4];
    let start = numbers.as_ptr() as u64;
    let shape = |most| Shape::Run {
        begin: 0,
        length: Length::Until(8, 16),
        element: Arc::new(member("", 0, int())),
        stride: 4,
        most,
    };
    let vector = [start, start + 16, start + 16];
    assert_eq!(read(&vector, shape(Some(8))).text(), "{1, 2, 3, 4}");
    let cut = read(&vector, shape(Some(2)));
    assert_eq!((cut.text().as_str(), cut.count), ("{1, 2...}", Some(4)));
    assert_eq!(read(&vector, shape(None)).text(), "{...}");
    let backwards = [start + 16, start, start + 16];
    assert_eq!(
        read(&backwards, shape(Some(8))).status,
        Some(Status::Uninitialized)
    );
    assert_eq!(read(&[0u64; 3], shape(Some(8))).text(), "{}");
    let text = Shape::Text {
        address: 0,
        length: 8,
        most: 3,
    };
    let parts = ["long text".as_ptr() as u64, 9];
    let shown = read(&parts, text);
    assert_eq!(
        (shown.text().as_str(), shown.count),
        ("\"lon\"...", Some(9))
    );
    let target = Shape::Target(Arc::new(int()));
    assert_eq!(read(&start, target.clone()).text(), "1");
    assert_eq!(read(&16u64, target).text(), "0x10");
}

#[test]
fn a_register_and_what_is_nowhere() {
    let mut registers = Registers::default();
    registers.general[3] = 0xffff_ffff_0000_002a;
    assert_eq!(
        read_at(VariableLocation::Register(3), int(), &registers).text(),
        "42"
    );
    let constant = VariableLocation::Constant((-7i128).cast_unsigned());
    assert_eq!(read_at(constant, int(), &registers).text(), "-7");
    let gone = read_at(VariableLocation::Gone, int(), &registers);
    assert_eq!(gone.status, Some(Status::OptimizedOut));
    let unreadable = read_at(VariableLocation::Static(8), int(), &registers);
    assert_eq!(unreadable.status, Some(Status::Error));
    // The frame's address is made up.
    assert_eq!(
        read_at(VariableLocation::Frame(-16), int(), &registers).status,
        Some(Status::Error)
    );
}

#[test]
fn more_of_the_stack_is_read_when_it_is_asked_for() {
    let big: Vec<u64> = (0..4096).collect();
    let me = Process::this();
    let stack = StackBlock::new(&me, big.as_ptr() as u64 + 128);
    for i in [0, 200, 300, 4000, 100] {
        let address = std::ptr::from_ref(&big[i]) as u64;
        assert_eq!(stack.word(address), Some(i as u64));
    }
    assert_eq!(stack.word(8), None);
}

/// Memory that counts what is read of it.
struct Counted(Process, std::cell::Cell<usize>);

impl Memory for Counted {
    fn read(&self, address: u64, size: usize) -> std::borrow::Cow<'_, [u8]> {
        self.1.set(self.1.get() + size);
        self.0.read(address, size)
    }
}

#[test]
fn of_a_big_array_only_what_is_shown_is_taken() {
    let big: Vec<i32> = (0..700_000).collect();
    let array = |element, stride, shown, count| Shape::Array {
        element: Arc::new(member("", 0, element)),
        stride,
        shown,
        count,
    };
    let row = array(int(), 4, 3, 1000);
    for (shape, text) in [
        (array(int(), 4, 3, 700_000), "{0, 1, 2...}"),
        (
            array(row, 4000, 2, 700),
            "{{0, 1, 2...}, {1000, 1001, 1002...}...}",
        ),
    ] {
        let variable = |place| Variable {
            what: member("it", 0, shape.clone()),
            arg: false,
            status: None,
            variable: "it".into(),
            place,
        };
        let start = big.as_ptr() as u64;
        let pointed = Variable {
            what: member("to", 0, Shape::Target(Arc::new(shape.clone()))),
            ..variable(VariableLocation::Static(std::ptr::from_ref(&start) as u64))
        };
        let variables = [variable(VariableLocation::Static(start)), pointed];
        let memory = Counted(Process::this(), std::cell::Cell::new(0));
        let here = 0u64;
        let stack = StackBlock::new(&memory, std::ptr::from_ref(&here) as u64);
        let snapshot = take(&variables, &Registers::default(), None, &stack).unwrap();
        assert!(memory.1.get() < 32 << 10, "{} bytes", memory.1.get());
        for value in values(&variables, &snapshot) {
            assert_eq!(value.text(), text);
        }
    }
}
