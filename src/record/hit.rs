use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::value::{Value, mask};

/// One stop of one thread, as read: plain data without text made of it yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hit {
    /// Why and in which thread the program stopped.
    pub stop: Stop,
    /// The stack, innermost frame first, as far as it was read.
    pub frames: Arc<[Frame]>,
    /// Arguments and locals of the innermost frame.
    pub values: Vec<Value>,
    /// Watched expressions.
    pub watches: Vec<Watch>,
}

/// Makes the values of a hit from what was taken of the program: later, in the
/// thread that writes, and again if writing failed.
pub type Decode = Box<dyn Fn() -> Vec<Value> + Send>;

impl Hit {
    /// Hides what looks like a credential.
    pub fn mask(&mut self) {
        for value in &mut self.values {
            mask(value, None);
        }
        for watch in &mut self.watches {
            mask(&mut watch.value, Some(&watch.expr));
        }
    }
}

/// Why and in which thread the program stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// `breakpoint`, `watchpoint`, `catchpoint`, `tracepoint`, `signal`, `exception`.
    pub reason: String,
    /// The debugger's numbers of all breakpoints that stopped here.
    pub breakpoints: Vec<i64>,
    /// `SIGSEGV`, the watched expression, ...
    pub detail: Option<String>,
    /// The debugger's number of the thread.
    pub thread: i64,
    /// The operating system's thread id.
    pub tid: i64,
    /// The thread's name, where it has one.
    pub thread_name: Option<String>,
    /// The operating system's process id.
    pub pid: i64,
    /// Why the capture is not whole.
    pub error: Option<String>,
    /// The program went on by itself, and nothing could be read.
    pub passed_by: bool,
}

/// One frame of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The mangled name where the debugger knows it, else the plain one.
    pub function: Option<String>,
    /// The source file, absolute where the debugger knows it.
    pub file: Option<String>,
    /// From 1; 0 without line information.
    pub line: u32,
    /// Address of the instruction.
    pub pc: u64,
    /// Base name of the object file.
    pub module: Option<String>,
    /// Bytes from the function's start, or from the module's without a function.
    pub offset: u64,
    /// `c`, `cpp`, `rust`, `unknown`.
    pub lang: String,
    /// Inlined into the next outer frame.
    pub inlined: bool,
}

/// A watched expression at a hit.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// As the user wrote it.
    pub expr: String,
    /// What it was.
    pub value: Value,
}

impl Hash for Frame {
    /// The address tells frames apart nearly always, and is quick to hash.
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.pc, self.line).hash(state);
    }
}
