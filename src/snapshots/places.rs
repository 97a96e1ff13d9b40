//! Where the variables of a scope live, by the file's DWARF.

use std::collections::HashSet;
use std::sync::Arc;

use gimli::{
    AttributeValue, Dwarf, EndianSlice, LittleEndian, Operation, Unit, UnitRef, constants as dw,
};
use object::{Object, ObjectSection};

use super::compute::Computed;
use super::images::Image;
use super::registers::NAMES;

type Slice<'a> = EndianSlice<'a, LittleEndian>;
type EntryNode<'abbrev, 'tree, 'a> = gimli::EntriesTreeNode<'abbrev, 'tree, Slice<'a>>;
type Entry<'a> = gimli::DebuggingInformationEntry<Slice<'a>>;

/// Where a variable is while the program stands at one address.
#[derive(Clone, Debug, PartialEq)]
pub enum VariableLocation {
    /// In memory, so many bytes from the canonical frame address.
    Frame(i64),
    /// In memory, so many bytes from where a register points.
    Near(usize, i64),
    /// In a register itself.
    Register(usize),
    /// In memory, always there.
    Static(u64),
    /// A constant, lowest byte first.
    Constant(u128),
    /// Where an expression says.
    Computed(Arc<Computed>),
    /// Nowhere: the compiler kept nothing of it.
    Gone,
}

/// The variables that can be seen from an address.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Functions inlined into one another that the address belongs to.
    pub inlined: usize,
    /// Innermost block first; no place: more than registers and an offset say.
    variables: Vec<Vec<(String, Option<VariableLocation>)>>,
}

impl Scope {
    /// Where the variable of this name is; none when that is not simple, or not sure.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<VariableLocation> {
        let block = self
            .variables
            .iter()
            .find(|block| block.iter().any(|(its, _)| its == name))?;
        let mut same = block.iter().filter(|(its, _)| its == name);
        match (same.next(), same.next()) {
            (Some((_, place)), None) => place.clone(),
            _ => None,
        }
    }

    /// The names that can be seen, each once.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let mut seen = HashSet::new();
        let all = self.variables.iter().flatten();
        all.filter_map(move |(name, _)| seen.insert(name.as_str()).then_some(name.as_str()))
    }
}

/// What can be seen from `pc`; none when the file does not say.
#[must_use]
pub fn scope(image: &Image, pc: u64) -> Option<Scope> {
    let elf = image.elf()?;
    let dwarf = Dwarf::load(|id| -> Result<Slice<'_>, gimli::Error> {
        let section = elf.section_by_name(id.name());
        // Compressed ones are not read: the debugger will be asked.
        let data = section.and_then(|section| match section.compressed_file_range() {
            Ok(range) if range.format == object::CompressionFormat::None => section.data().ok(),
            _ => None,
        });
        Ok(EndianSlice::new(data.unwrap_or(&[]), LittleEndian))
    })
    .ok()?;
    let address = pc.wrapping_sub(image.bias);
    let unit = unit_of(&dwarf, address)?;
    let finder = Finder {
        unit: UnitRef::new(&dwarf, &unit),
        address,
        bias: image.bias,
    };
    finder.find()
}

fn unit_of<'a>(dwarf: &Dwarf<Slice<'a>>, address: u64) -> Option<Unit<Slice<'a>>> {
    let mut headers = dwarf.units();
    while let Ok(Some(header)) = headers.next() {
        let Ok(unit) = dwarf.unit(header) else {
            continue;
        };
        let mut ranges = dwarf.unit_ranges(&unit).ok()?;
        while let Ok(Some(range)) = ranges.next() {
            if (range.begin..range.end).contains(&address) {
                return Some(unit);
            }
        }
    }
    None
}

struct Finder<'d, 'a> {
    unit: UnitRef<'d, Slice<'a>>,
    address: u64,
    bias: u64,
}

/// A function or block around the address.
struct Around {
    function: bool,
    inlined: bool,
    variables: Vec<(String, Option<VariableLocation>)>,
}

impl<'a> Finder<'_, 'a> {
    fn find(&self) -> Option<Scope> {
        let mut tree = self.unit.entries_tree(None).ok()?;
        let mut around = Vec::new();
        self.search(tree.root().ok()?, &mut around);
        // What was inlined hides the variables of where it was inlined to.
        let begin = around.iter().rposition(|block| block.function)?;
        let inlined = around.iter().filter(|block| block.inlined).count();
        let mut variables: Vec<_> = around.drain(begin..).map(|block| block.variables).collect();
        variables.reverse();
        Some(Scope { inlined, variables })
    }

    /// Looks for the function that holds the address.
    fn search(&self, node: EntryNode<'_, '_, 'a>, around: &mut Vec<Around>) -> bool {
        let mut children = node.children();
        while let Ok(Some(child)) = children.next() {
            let entry = child.entry();
            let found = match entry.tag() {
                dw::DW_TAG_subprogram if self.holds(entry) => {
                    let base = self.frame_base(entry);
                    self.collect(child, base, around);
                    true
                }
                dw::DW_TAG_namespace
                | dw::DW_TAG_class_type
                | dw::DW_TAG_structure_type
                | dw::DW_TAG_union_type => self.search(child, around),
                _ => false,
            };
            if found {
                return true;
            }
        }
        false
    }

    /// Gathers the variables of a function or block, and of the one inside that holds the address.
    fn collect(&self, node: EntryNode<'_, '_, 'a>, base: Option<Base>, around: &mut Vec<Around>) {
        let tag = node.entry().tag();
        let place = around.len();
        around.push(Around {
            function: tag != dw::DW_TAG_lexical_block,
            inlined: tag == dw::DW_TAG_inlined_subroutine,
            variables: Vec::new(),
        });
        let mut children = node.children();
        while let Ok(Some(child)) = children.next() {
            let entry = child.entry();
            match entry.tag() {
                dw::DW_TAG_variable | dw::DW_TAG_formal_parameter => {
                    if let Some(name) = self.name(entry) {
                        // An array whose length is known only at run time has no shape.
                        let fixed = self.has_fixed_size(entry, 0);
                        let found = fixed.then(|| self.place(entry, base)).flatten();
                        around[place].variables.push((name, found));
                    }
                }
                dw::DW_TAG_lexical_block | dw::DW_TAG_inlined_subroutine if self.holds(entry) => {
                    self.collect(child, base, around);
                }
                _ => {}
            }
        }
    }

    fn holds(&self, entry: &Entry<'a>) -> bool {
        let Ok(mut ranges) = self.unit.die_ranges(entry) else {
            return false;
        };
        while let Ok(Some(range)) = ranges.next() {
            if (range.begin..range.end).contains(&self.address) {
                return true;
            }
        }
        false
    }

    /// The name, which an instance of an inlined function has from its origin.
    fn name(&self, entry: &Entry<'a>) -> Option<String> {
        if let Some(name) = entry.attr_value(dw::DW_AT_name) {
            let name = self.unit.attr_string(name).ok()?;
            return Some(name.to_string_lossy().into_owned());
        }
        match entry.attr_value(dw::DW_AT_abstract_origin)? {
            AttributeValue::UnitRef(offset) => self.name(&self.unit.entry(offset).ok()?),
            _ => None,
        }
    }

    fn has_fixed_size(&self, entry: &Entry<'a>, level: usize) -> bool {
        let origin = entry.attr_value(dw::DW_AT_abstract_origin);
        let Some(next) = entry.attr_value(dw::DW_AT_type).or(origin) else {
            return true;
        };
        // Of types in other units (type units, dwz) nothing is known here.
        let AttributeValue::UnitRef(offset) = next else {
            return false;
        };
        let Ok(kind) = self.unit.entry(offset) else {
            return false;
        };
        match kind.tag() {
            dw::DW_TAG_array_type => self.has_constant_bounds(offset),
            dw::DW_TAG_pointer_type | dw::DW_TAG_reference_type => true,
            _ if level > 16 => false,
            _ => self.has_fixed_size(&kind, level + 1),
        }
    }

    fn has_constant_bounds(&self, array: gimli::UnitOffset) -> bool {
        let Ok(mut tree) = self.unit.entries_tree(Some(array)) else {
            return false;
        };
        let Ok(root) = tree.root() else { return false };
        let mut ranges = root.children();
        while let Ok(Some(range)) = ranges.next() {
            let bound = |at| {
                range
                    .entry()
                    .attr_value(at)
                    .and_then(|v| v.udata_value().or(v.sdata_value().map(i64::cast_unsigned)))
            };
            if bound(dw::DW_AT_upper_bound)
                .or(bound(dw::DW_AT_count))
                .is_none()
            {
                return false;
            }
        }
        true
    }

    fn frame_base(&self, entry: &Entry<'a>) -> Option<Base> {
        let location = entry.attr_value(dw::DW_AT_frame_base)?;
        let expression = self.expression(location)?;
        let Some(only) = self.only_operation(expression) else {
            return Some((None, self.beyond_cfa(expression)?));
        };
        match only {
            Operation::CallFrameCFA => Some((None, 0)),
            Operation::Register { register } => Some((general(register), 0)),
            Operation::RegisterOffset {
                register, offset, ..
            } => Some((general(register), offset)),
            _ => None,
        }
        .filter(|(register, _)| register.is_none_or(|r| r < NAMES.len()))
    }

    /// How far from the canonical frame address an expression says that something is, as rustc does of big frames.
    fn beyond_cfa(&self, expression: gimli::Expression<Slice<'a>>) -> Option<i64> {
        let mut operations = expression.operations(self.unit.encoding());
        let mut next = || operations.next().ok().flatten();
        let Some(Operation::CallFrameCFA) = next() else {
            return None;
        };
        let distance = match next()? {
            Operation::PlusConstant { value } => i64::try_from(value).ok()?,
            Operation::SignedConstant { value } => {
                matches!(next()?, Operation::Plus).then_some(value)?
            }
            Operation::UnsignedConstant { value } => {
                let value = i64::try_from(value).ok()?;
                matches!(next()?, Operation::Plus).then_some(value)?
            }
            _ => return None,
        };
        next().is_none().then_some(distance)
    }

    fn place(&self, entry: &Entry<'a>, base: Option<Base>) -> Option<VariableLocation> {
        let Some(location) = entry.attr_value(dw::DW_AT_location) else {
            return match entry.attr_value(dw::DW_AT_const_value) {
                Some(constant) => constant_bits(&constant).map(VariableLocation::Constant),
                // Only declared here, it lives elsewhere; what has nothing at all is gone.
                None => entry
                    .attr(dw::DW_AT_declaration)
                    .is_none()
                    .then_some(VariableLocation::Gone),
            };
        };
        let Some(expression) = self.expression(location) else {
            return Some(VariableLocation::Gone);
        };
        match self.only_operation(expression) {
            Some(Operation::FrameOffset { offset }) => {
                let (register, start) = base?;
                let offset = start.checked_add(offset)?;
                return Some(match register {
                    None => VariableLocation::Frame(offset),
                    Some(register) => VariableLocation::Near(register, offset),
                });
            }
            Some(Operation::Register { register }) => {
                return Some(VariableLocation::Register(usize::from(register.0)));
            }
            Some(Operation::RegisterOffset {
                register,
                offset,
                base_type,
            }) if base_type.0 == 0 => {
                return Some(VariableLocation::Near(general(register)?, offset));
            }
            Some(Operation::Address { address }) => {
                return Some(VariableLocation::Static(address.wrapping_add(self.bias)));
            }
            _ => {}
        }
        let computed = Computed::new(
            expression,
            self.unit.encoding(),
            base,
            self.bias,
            |offset| {
                let entry = self.unit.entry(offset).ok()?;
                gimli::ValueType::from_entry(&entry).ok()?
            },
        );
        computed.map(|computed| VariableLocation::Computed(Arc::new(computed)))
    }

    /// The expression that counts at the address; none where there is none.
    fn expression(
        &self,
        location: AttributeValue<Slice<'a>>,
    ) -> Option<gimli::Expression<Slice<'a>>> {
        let expression = match location {
            AttributeValue::Exprloc(expression) => Some(expression),
            other => {
                let mut list = self.unit.attr_locations(other).ok()??;
                loop {
                    let entry = list.next().ok()??;
                    if (entry.range.begin..entry.range.end).contains(&self.address) {
                        break Some(entry.data);
                    }
                }
            }
        };
        expression.filter(|expression| !expression.0.is_empty())
    }

    fn only_operation(
        &self,
        expression: gimli::Expression<Slice<'a>>,
    ) -> Option<Operation<Slice<'a>>> {
        let mut operations = expression.operations(self.unit.encoding());
        let first = operations.next().ok()?;
        match operations.next() {
            Ok(None) => first,
            _ => None,
        }
    }
}

/// A register (none: the canonical frame address) and an offset from it.
type Base = (Option<usize>, i64);

fn general(register: gimli::Register) -> Option<usize> {
    Some(usize::from(register.0))
}

fn constant_bits(value: &AttributeValue<Slice<'_>>) -> Option<u128> {
    if let AttributeValue::Block(bytes) = value {
        let mut whole = [0; 16];
        whole.get_mut(..bytes.len())?.copy_from_slice(bytes.slice());
        return Some(u128::from_le_bytes(whole));
    }
    let signed = value.sdata_value().map(|n| i128::from(n).cast_unsigned());
    signed.or_else(|| value.udata_value().map(u128::from))
}
