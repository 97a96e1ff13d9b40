//! From a snapshot to values: the same values that a debugger would have read.

use super::memory::Memory;
use super::plan::{Enumeration, Member, Shape, Variable};
use super::snapshot::{Snapshot, Source, run_length};
use crate::value::{Body, Status, Value, names};

/// The values of a plan's variables.
#[must_use]
pub fn values(variables: &[Variable], snapshot: &Snapshot) -> Vec<Value> {
    let sources = variables.iter().zip(&snapshot.sources);
    sources
        .map(|(variable, source)| self::variable(variable, *source, snapshot))
        .collect()
}

fn variable(variable: &Variable, source: Option<Source>, snapshot: &Snapshot) -> Value {
    let mut value = match source {
        Some(source) => member(
            &variable.what,
            source.at(variable.what.offset),
            &snapshot.pieces,
        ),
        None => missing(&variable.what, Status::OptimizedOut, None),
    };
    value.arg = variable.arg;
    if value.status.is_none() {
        value.status = variable.status;
    }
    value
}

/// What a shape makes of bytes.
#[derive(Default)]
struct Shown {
    status: Option<Status>,
    count: Option<u64>,
    children: Option<Vec<Value>>,
}

fn member(what: &Member, source: Source, memory: &dyn Memory) -> Value {
    let shown = match what.bits {
        Some(bits) => bit_field(&what.shape, bits, source, memory),
        None => shape(&what.shape, source, memory),
    };
    let Some((body, shown)) = shown else {
        let place = match source {
            Source::Memory(address) => format!("cannot read memory at {address:#x}"),
            Source::Held(_) => "the register is too small".to_owned(),
        };
        return missing(what, Status::Error, Some(place));
    };
    let addr = match source {
        // What is reached through a reference is elsewhere.
        Source::Memory(address) if what.bits.is_none() && !what.shape.is_reference() => {
            Some(address)
        }
        _ => None,
    };
    Value {
        name: what.name.clone(),
        type_name: what.type_name.clone(),
        body,
        status: shown.status,
        count: shown.count,
        addr,
        arg: false,
        children: shown.children,
    }
}

fn missing(what: &Member, status: Status, why: Option<String>) -> Value {
    Value {
        status: Some(status),
        ..Value::plain(what.name.clone(), what.type_name.clone(), Body::None(why))
    }
}

fn shape(shape: &Shape, source: Source, memory: &dyn Memory) -> Option<(Body, Shown)> {
    let plain = |body| Some((body, Shown::default()));
    let bytes = |size| source.bytes(memory, size);
    match shape {
        Shape::Int { size, signed } => plain(whole(&bytes(*size)?, *signed)),
        Shape::Bool(size) => match integer(&bytes(*size)?, false) {
            number @ 0..=1 => plain(Body::Bool(number != 0)),
            // No program stores that in one.
            number => Some((Body::Int(number), cut(Status::Uninitialized, None))),
        },
        Shape::Char(size) => plain(character(&bytes(*size)?)),
        Shape::F32 => plain(Body::F32(f32::from_bits(bits(&bytes(4)?)?))),
        Shape::F64 => plain(Body::F64(f64::from_le_bytes(
            bytes(8)?.as_ref().try_into().ok()?,
        ))),
        Shape::Enum(names) => {
            let number = integer(&bytes(names.size)?, names.signed);
            plain(enumerator(names, number))
        }
        Shape::Pointer => plain(Body::Pointer(source.word(memory)?)),
        Shape::CString(most) => Some(c_string(source.word(memory)?, *most, memory)),
        Shape::Chars { count, most } => Some(chars(&bytes(*count)?, *most)),
        Shape::Text {
            address,
            length,
            most,
        } => text(
            source.at(*address).word(memory)?,
            source.at(*length).word(memory)?,
            *most,
            memory,
        ),
        Shape::CppString {
            address,
            length,
            local,
            most,
        } => {
            let at = source.at(*address).word(memory)?;
            let length = source.at(*length).word(memory)?;
            if !is_cpp_string(at, length, source.at(*local), memory) {
                return Some((Body::None(None), cut(Status::Uninitialized, None)));
            }
            text(at, length, *most, memory)
        }
        Shape::Struct { members, count } => Some(structure(members, *count, source, memory)),
        Shape::Array {
            element,
            stride,
            shown,
            count,
        } => {
            let children = elements(element, *stride, *shown, source, memory);
            Some(sequence(children, *count as u64))
        }
        Shape::Run {
            begin,
            length,
            element,
            stride,
            most,
        } => {
            let run = run_length(*length, *begin, *stride, source, memory);
            let Some((start, count)) = run else {
                return Some((Body::None(None), cut(Status::Uninitialized, None)));
            };
            let Some(most) = most else {
                let status = (count > 0).then_some(Status::Truncated);
                let count = (count > 0).then_some(count);
                return Some((
                    Body::Array,
                    Shown {
                        status,
                        count,
                        children: None,
                    },
                ));
            };
            let shown = usize::try_from(count).ok()?.min(*most);
            if shown > 0 && memory.exactly(start, shown * stride).is_none() {
                return Some((Body::None(None), cut(Status::Uninitialized, None)));
            }
            let children = elements(element, *stride, shown, Source::Memory(start), memory);
            Some(sequence(children, count))
        }
        Shape::Target(target) | Shape::Reference(target) => {
            let address = source.word(memory)?;
            let size = target.extent();
            let there = size == 0 || memory.exactly(address, size).is_some();
            let followed = there.then(|| self::shape(target, Source::Memory(address), memory));
            followed.flatten().or_else(|| match shape {
                Shape::Reference(..) => {
                    let why = format!("cannot read memory at {address:#x}");
                    Some((Body::None(Some(why)), cut(Status::Error, None)))
                }
                _ => plain(Body::Pointer(address)),
            })
        }
        Shape::Deep { array, more, count } => {
            let status = more.then_some(Status::Truncated);
            let children = (!array && !more).then(Vec::new);
            let body = if *array { Body::Array } else { Body::Struct };
            Some((
                body,
                Shown {
                    status,
                    count: *count,
                    children,
                },
            ))
        }
    }
}

fn cut(status: Status, count: Option<u64>) -> Shown {
    Shown {
        status: Some(status),
        count,
        children: None,
    }
}

fn bits(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// Up to sixteen bytes, lowest first.
fn integer(bytes: &[u8], signed: bool) -> i128 {
    let mut whole = [0; 16];
    let size = bytes.len().min(16);
    whole[..size].copy_from_slice(&bytes[..size]);
    let number = i128::from_le_bytes(whole);
    let unused = 128 - 8 * u32::try_from(size).unwrap_or(16);
    if signed && size > 0 {
        number << unused >> unused
    } else {
        number
    }
}

fn whole(bytes: &[u8], signed: bool) -> Body {
    let number = integer(bytes, signed);
    if signed {
        Body::Int(number)
    } else {
        Body::unsigned(number.cast_unsigned())
    }
}

fn character(bytes: &[u8]) -> Body {
    match bytes {
        [byte] => Body::byte(*byte),
        _ => Body::Char(u32::try_from(integer(bytes, false)).unwrap_or(u32::MAX)),
    }
}

fn enumerator(names: &Enumeration, number: i128) -> Body {
    if let Some((name, _)) = names.names.iter().find(|(_, its)| *its == number) {
        return Body::Enum(name.clone());
    }
    let mut left = number;
    let mut parts = Vec::new();
    for (name, its) in &names.names {
        if *its > 0 && its & (its - 1) == 0 && left & its != 0 {
            parts.push(name.as_str());
            left &= !its;
        }
    }
    if number > 0 && left == 0 && names.flags {
        Body::Enum(parts.join(" | "))
    } else {
        Body::Int(number)
    }
}

fn c_string(address: u64, most: usize, memory: &dyn Memory) -> (Body, Shown) {
    let bytes = memory.read(address, most + 1);
    if address == 0 || bytes.is_empty() {
        return (Body::Pointer(address), Shown::default());
    }
    let end = memchr::memchr(0, &bytes);
    let text = bytes[..end.unwrap_or(bytes.len()).min(most)].to_vec();
    let status = end.is_none().then_some(Status::Truncated);
    (
        Body::Str(text),
        Shown {
            status,
            ..Shown::default()
        },
    )
}

fn chars(bytes: &[u8], most: usize) -> (Body, Shown) {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    let text = bytes[..end.min(most)].to_vec();
    let shown = if bytes[end..].iter().any(|byte| *byte != 0) {
        // Something stands behind the end: a packet, or what was there before.
        cut(Status::Truncated, Some(bytes.len() as u64))
    } else if end > most {
        cut(Status::Truncated, Some(end as u64))
    } else {
        Shown::default()
    };
    (Body::Str(text), shown)
}

fn text(address: u64, length: u64, most: usize, memory: &dyn Memory) -> Option<(Body, Shown)> {
    let garbage = || Some((Body::None(None), cut(Status::Uninitialized, None)));
    if length >= 1 << 40 {
        return garbage();
    }
    let shown = usize::try_from(length).ok()?.min(most);
    let Some(bytes) = memory.exactly(address, shown) else {
        return garbage();
    };
    let more = length > shown as u64;
    let shown = Shown {
        status: more.then_some(Status::Truncated),
        count: more.then_some(length),
        children: None,
    };
    Some((Body::Str(bytes.into_owned()), shown))
}

/// What was not constructed yet holds garbage, which rarely looks like this.
fn is_cpp_string(address: u64, length: u64, local: Source, memory: &dyn Memory) -> bool {
    let Source::Memory(buffer) = local else {
        return false;
    };
    let room = if address == buffer {
        Some(15)
    } else {
        local.word(memory)
    };
    let ends = || memory.exactly(address.saturating_add(length), 1);
    address != 0
        && length < 1 << 40
        && room.is_some_and(|room| length <= room)
        && (length == 0 || ends().is_some_and(|end| *end == [0]))
}

fn structure(
    members: &[Member],
    count: Option<u64>,
    source: Source,
    memory: &dyn Memory,
) -> (Body, Shown) {
    let children = members
        .iter()
        .map(|m| member(m, source.at(m.offset), memory))
        .collect();
    let shown = Shown {
        status: count.map(|_| Status::Truncated),
        count,
        children: Some(children),
    };
    (Body::Struct, shown)
}

fn elements(
    element: &Member,
    stride: usize,
    shown: usize,
    source: Source,
    memory: &dyn Memory,
) -> Vec<Value> {
    (0..shown)
        .map(|i| Value {
            name: names::element(i),
            ..member(element, source.at(i * stride), memory)
        })
        .collect()
}

fn sequence(children: Vec<Value>, count: u64) -> (Body, Shown) {
    let more = count > children.len() as u64;
    let shown = Shown {
        status: more.then_some(Status::Truncated),
        count: more.then_some(count),
        children: Some(children),
    };
    (Body::Array, shown)
}

/// A bit-field, widened to its declared type.
fn bit_field(
    what: &Shape,
    (first, count): (usize, usize),
    source: Source,
    memory: &dyn Memory,
) -> Option<(Body, Shown)> {
    let bytes = source
        .at(first / 8)
        .bytes(memory, (first % 8 + count).div_ceil(8))?;
    // A mask of all 128 bits would not fit, and no shorter one is as long as that.
    if count == 0 || first % 8 + count > 120 {
        return None;
    }
    let mut number = integer(&bytes, false) >> (first % 8);
    number &= (1i128 << count) - 1;
    let signed = match what {
        Shape::Int { signed, .. } => *signed,
        Shape::Enum(names) => names.signed,
        _ => false,
    };
    if signed && number >> (count - 1) != 0 {
        number -= 1i128 << count;
    }
    let body = match what {
        Shape::Int { .. } => Body::Int(number),
        Shape::Bool(_) => Body::Bool(number != 0),
        Shape::Enum(names) => enumerator(names, number),
        Shape::Char(_) => character(&[u8::try_from(number & 0xff).ok()?]),
        _ => return None,
    };
    Some((body, Shown::default()))
}
