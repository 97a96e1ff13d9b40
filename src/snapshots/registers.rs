use super::ours::Process;

/// Registers of a stopped x86-64 thread, numbered as DWARF does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registers {
    /// Address of the instruction to come.
    pub pc: u64,
    /// rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 … r15; those that were not read are 0.
    pub general: [u64; 16],
    /// xmm0 … xmm15, where they were read.
    pub vectors: Option<Box<[[u8; 16]; 16]>>,
}

/// DWARF's number of xmm0.
const XMM0: usize = 17;

/// DWARF's number of the frame pointer.
pub const RBP: usize = 6;
/// DWARF's number of the stack pointer.
pub const RSP: usize = 7;

/// The names of [`Registers::general`], as debuggers have them.
pub const NAMES: [&str; 16] = [
    "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13",
    "r14", "r15",
];

impl Registers {
    /// The stack pointer.
    #[must_use]
    pub const fn sp(&self) -> u64 {
        self.general[RSP]
    }

    /// The bytes of a register by DWARF's number, lowest first, the rest zeros.
    #[must_use]
    pub fn bytes(&self, number: usize) -> Option<[u8; 16]> {
        if let Some(bits) = self.general.get(number) {
            return Some(u128::from(*bits).to_le_bytes());
        }
        self.vectors
            .as_ref()?
            .get(number.checked_sub(XMM0)?)
            .copied()
    }

    /// Whether a register of this number is one of the vectors.
    #[must_use]
    pub const fn is_vector(number: usize) -> bool {
        number >= XMM0 && number < XMM0 + 16
    }

    /// Reads the vectors too, of a thread of a process that this very thread traces.
    pub fn add_vectors(&mut self, _of: Process, tid: i32) {
        self.vectors = self.vectors.take().or_else(|| read_vectors(tid));
    }

    /// Those of a thread of a process that this very thread traces, straight from
    /// the kernel: a debugger that traces by itself gives them in a microsecond.
    ///
    /// None where it does not, or on another machine.
    #[must_use]
    pub fn of_traced_thread(_of: Process, tid: i32) -> Option<Self> {
        read(tid)
    }
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn read(tid: i32) -> Option<Registers> {
    let mut regs = std::mem::MaybeUninit::<libc::user_regs_struct>::uninit();
    // SAFETY: the kernel fills the whole structure, or the call fails; of a thread that is not
    // traced by this one, or not stopped, nothing is read.
    let regs = unsafe {
        let no_address = std::ptr::null_mut::<libc::c_void>();
        if libc::ptrace(libc::PTRACE_GETREGS, tid, no_address, regs.as_mut_ptr()) != 0 {
            return None;
        }
        regs.assume_init()
    };
    // In 32-bit mode registers mean something else.
    if regs.cs != 0x33 {
        return None;
    }
    Some(Registers {
        pc: regs.rip,
        general: [
            regs.rax, regs.rdx, regs.rcx, regs.rbx, regs.rsi, regs.rdi, regs.rbp, regs.rsp,
            regs.r8, regs.r9, regs.r10, regs.r11, regs.r12, regs.r13, regs.r14, regs.r15,
        ],
        vectors: None,
    })
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn read_vectors(tid: i32) -> Option<Box<[[u8; 16]; 16]>> {
    let mut regs = std::mem::MaybeUninit::<libc::user_fpregs_struct>::uninit();
    // SAFETY: as for the general ones.
    let regs = unsafe {
        let no_address = std::ptr::null_mut::<libc::c_void>();
        if libc::ptrace(libc::PTRACE_GETFPREGS, tid, no_address, regs.as_mut_ptr()) != 0 {
            return None;
        }
        regs.assume_init()
    };
    let mut vectors = Box::new([[0; 16]; 16]);
    for (vector, words) in vectors.iter_mut().zip(regs.xmm_space.chunks_exact(4)) {
        for (bytes, word) in vector.chunks_exact_mut(4).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
    }
    Some(vectors)
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn read_vectors(_tid: i32) -> Option<Box<[[u8; 16]; 16]>> {
    None
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn read(_tid: i32) -> Option<Registers> {
    None
}
