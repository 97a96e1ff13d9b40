//! Places that must be computed: DWARF expressions of several operations.

use std::fmt;

use gimli::{
    EndianSlice, EvaluationResult, Expression, LittleEndian, Location, Operation, UnitOffset,
    Value, ValueType,
};

use super::memory::Memory;
use super::registers::Registers;
use super::snapshot::{Bytes, Source};

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// The most steps of one expression; loops are possible, and make no sense here.
const MOST_STEPS: u32 = 1000;

/// An expression, with all that it needs to know.
#[derive(Clone, PartialEq)]
pub struct Computed {
    code: Box<[u8]>,
    encoding: gimli::Encoding,
    /// What offsets from the frame count from: a register (none: the canonical
    /// frame address) and an offset.
    base: Option<(Option<usize>, i64)>,
    /// Addresses in memory less those in the file.
    bias: u64,
    types: Vec<(usize, ValueType)>,
}

impl fmt::Debug for Computed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Computed").field(&self.code).finish()
    }
}

impl Computed {
    /// None for what cannot be computed from registers and memory alone.
    pub(super) fn new(
        expression: Expression<Slice<'_>>,
        encoding: gimli::Encoding,
        base: Option<(Option<usize>, i64)>,
        bias: u64,
        value_type: impl Fn(UnitOffset) -> Option<ValueType>,
    ) -> Option<Self> {
        let mut types = Vec::new();
        let mut operations = expression.operations(encoding);
        while let Some(operation) = operations.next().ok()? {
            let offset = match operation {
                Operation::EntryValue { .. }
                | Operation::ParameterRef { .. }
                | Operation::ImplicitPointer { .. }
                | Operation::Call { .. }
                | Operation::TLS
                | Operation::PushObjectAddress => return None,
                Operation::FrameOffset { .. } if base.is_none() => return None,
                Operation::Deref { base_type, .. }
                | Operation::RegisterOffset { base_type, .. }
                | Operation::TypedLiteral { base_type, .. }
                | Operation::Convert { base_type }
                | Operation::Reinterpret { base_type } => base_type,
                _ => continue,
            };
            if offset.0 != 0 {
                types.push((offset.0, value_type(offset)?));
            }
        }
        Some(Self {
            code: expression.0.slice().into(),
            encoding,
            base,
            bias,
            types,
        })
    }

    /// Registers that are read, by DWARF's numbers.
    pub(super) fn registers(&self) -> Vec<usize> {
        let code = Expression(EndianSlice::new(&self.code, LittleEndian));
        let mut operations = code.operations(self.encoding);
        let mut found: Vec<usize> = self.base.and_then(|(r, _)| r).into_iter().collect();
        while let Ok(Some(operation)) = operations.next() {
            if let Operation::Register { register } | Operation::RegisterOffset { register, .. } =
                operation
            {
                found.push(usize::from(register.0));
            }
        }
        found
    }

    fn value_type(&self, offset: UnitOffset) -> Option<ValueType> {
        if offset.0 == 0 {
            return Some(ValueType::Generic);
        }
        let found = self.types.iter().find(|(known, _)| *known == offset.0);
        found.map(|(_, its)| *its)
    }

    /// Where the value is, at one stop.
    pub(super) fn source(
        &self,
        registers: &Registers,
        cfa: Option<u64>,
        memory: &dyn Memory,
    ) -> Option<Source> {
        let code = EndianSlice::new(&self.code, LittleEndian);
        let mut evaluation = Expression(code).evaluation(self.encoding);
        evaluation.set_max_iterations(MOST_STEPS);
        let mut result = evaluation.evaluate().ok()?;
        loop {
            result = match result {
                EvaluationResult::Complete => break,
                EvaluationResult::RequiresMemory {
                    address,
                    size,
                    base_type,
                    ..
                } => {
                    let bytes = memory.exactly(address, usize::from(size))?;
                    let mut whole = [0; 8];
                    whole.get_mut(..bytes.len())?.copy_from_slice(&bytes);
                    let value = match self.value_type(base_type)? {
                        ValueType::Generic => Value::Generic(u64::from_le_bytes(whole)),
                        other => {
                            Value::parse(other, EndianSlice::new(&whole, LittleEndian)).ok()?
                        }
                    };
                    evaluation.resume_with_memory(value)
                }
                EvaluationResult::RequiresRegister {
                    register,
                    base_type,
                } => {
                    let bits = *registers.general.get(usize::from(register.0))?;
                    let value = Value::from_u64(self.value_type(base_type)?, bits).ok()?;
                    evaluation.resume_with_register(value)
                }
                EvaluationResult::RequiresFrameBase => {
                    let (register, offset) = self.base?;
                    let start = match register {
                        Some(register) => *registers.general.get(register)?,
                        None => cfa?,
                    };
                    evaluation.resume_with_frame_base(start.wrapping_add_signed(offset))
                }
                EvaluationResult::RequiresCallFrameCfa => {
                    evaluation.resume_with_call_frame_cfa(cfa?)
                }
                EvaluationResult::RequiresRelocatedAddress(address) => {
                    evaluation.resume_with_relocated_address(address.wrapping_add(self.bias))
                }
                EvaluationResult::RequiresBaseType(offset) => {
                    evaluation.resume_with_base_type(self.value_type(offset)?)
                }
                _ => return None,
            }
            .ok()?;
        }
        joined(&evaluation.result(), registers, memory)
    }
}

/// One source of all pieces.
fn joined(
    pieces: &[gimli::Piece<Slice<'_>>],
    registers: &Registers,
    memory: &dyn Memory,
) -> Option<Source> {
    if let [only] = pieces
        && let (Location::Address { address }, None) = (&only.location, only.bit_offset)
    {
        return Some(Source::Memory(*address));
    }
    let mut bytes = Bytes::default();
    for piece in pieces {
        if piece.bit_offset.is_some_and(|offset| offset != 0) {
            return None;
        }
        let bits = piece.size_in_bits.unwrap_or(64);
        if bits % 8 != 0 {
            return None;
        }
        let size = usize::try_from(bits / 8).ok()?;
        match &piece.location {
            Location::Register { register } => {
                bytes.push(registers.bytes(usize::from(register.0))?.get(..size)?)?;
            }
            Location::Address { address } => bytes.push(&memory.exactly(*address, size)?)?,
            Location::Value { value } => bytes.push(value_bytes(*value)?.get(..size)?)?,
            Location::Bytes { value } => bytes.push(value.slice())?,
            _ => return None,
        }
    }
    Some(Source::Held(bytes))
}

fn value_bytes(value: Value) -> Option<[u8; 8]> {
    Some(match value {
        Value::F32(value) => u64::from(value.to_bits()).to_le_bytes(),
        Value::F64(value) => value.to_bits().to_le_bytes(),
        other => other.to_u64(u64::MAX).ok()?.to_le_bytes(),
    })
}
