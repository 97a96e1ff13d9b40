//! From registers and memory to the addresses of a stack.

use framehop::x86_64::{CacheX86_64, Reg, UnwindRegsX86_64, UnwinderX86_64};
use framehop::{FrameAddress, Unwinder as _};

use super::images::Image;
use super::memory::Memory;
use super::registers::{RBP, RSP, Registers};

/// Unwinds the stacks of one process by its files' unwind information.
pub struct Unwinder {
    inner: UnwinderX86_64<Vec<u8>>,
    cache: CacheX86_64,
}

impl std::fmt::Debug for Unwinder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Unwinder").finish_non_exhaustive()
    }
}

/// A stack as addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// The first is the pc, the others are where each call returns to.
    pub pcs: Vec<u64>,
    /// The canonical frame address of the innermost frame: the stack pointer
    /// as it was before the call.
    pub cfa: Option<u64>,
    /// The stack ends there, or no more of it is wanted; else the unwinder lost its way.
    pub whole: bool,
}

impl Unwinder {
    /// Of a process with these files.
    #[must_use]
    pub fn new(images: &[Image]) -> Self {
        let mut inner = UnwinderX86_64::new();
        for module in images.iter().filter_map(Image::module) {
            inner.add_module(module);
        }
        Self {
            inner,
            cache: CacheX86_64::new(),
        }
    }

    /// Up to `most` frames, innermost first; ends where `last` says so of an
    /// address, or nothing more is known.
    pub fn walk(
        &mut self,
        registers: &Registers,
        memory: &dyn Memory,
        most: usize,
        last: impl Fn(u64) -> bool,
    ) -> Addresses {
        let general = &registers.general;
        let mut regs = UnwindRegsX86_64::new(registers.pc, general[RSP], general[RBP]);
        for (reg, value) in ORDER.into_iter().zip(general) {
            regs.set(reg, *value);
        }
        let mut read = |address: u64| memory.word(address).ok_or(());
        let mut at = FrameAddress::from_instruction_pointer(registers.pc);
        let mut found = Addresses {
            pcs: vec![registers.pc],
            cfa: None,
            whole: false,
        };
        // The caller of the first frame is wanted even where only one is to be shown.
        loop {
            let next = self
                .inner
                .unwind_frame(at, &mut regs, &mut self.cache, &mut read);
            let here = found.pcs.last().copied().unwrap_or_default();
            found.whole = next == Ok(None) || found.pcs.len() >= most || last(here);
            let Ok(Some(back)) = next else { break };
            found.cfa.get_or_insert(regs.sp());
            if found.whole {
                break;
            }
            let Some(address) = FrameAddress::from_return_address(back) else {
                found.whole = true;
                break;
            };
            found.pcs.push(back);
            at = address;
        }
        found
    }
}

const ORDER: [Reg; 16] = [
    Reg::RAX,
    Reg::RDX,
    Reg::RCX,
    Reg::RBX,
    Reg::RSI,
    Reg::RDI,
    Reg::RBP,
    Reg::RSP,
    Reg::R8,
    Reg::R9,
    Reg::R10,
    Reg::R11,
    Reg::R12,
    Reg::R13,
    Reg::R14,
    Reg::R15,
];
