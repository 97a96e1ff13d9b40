//! The memory of a stopped process, and what was taken out of it.

use std::borrow::Cow;

use super::ours::Process;

/// Something that can be asked for bytes by their address.
pub trait Memory {
    /// As many of `size` bytes from `address` on as there are in one piece.
    fn read(&self, address: u64, size: usize) -> Cow<'_, [u8]>;

    /// Exactly `size` bytes.
    fn exactly(&self, address: u64, size: usize) -> Option<Cow<'_, [u8]>> {
        let bytes = self.read(address, size);
        (bytes.len() == size).then_some(bytes)
    }

    /// Eight bytes as a number.
    fn word(&self, address: u64) -> Option<u64> {
        let bytes = self.exactly(address, 8)?;
        Some(u64::from_le_bytes(bytes.as_ref().try_into().ok()?))
    }
}

const PAGE: u64 = 4096;

impl Memory for Process {
    fn read(&self, address: u64, size: usize) -> Cow<'_, [u8]> {
        Cow::Owned(read_process(self.pid(), address, size))
    }
}

/// What the kernel shows of whichever process has this number; who wants that of a certain one
/// has a [`Process`].
#[cfg(target_os = "linux")]
pub(super) fn read_process(pid: i32, address: u64, size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    let local = libc::iovec {
        iov_base: bytes.as_mut_ptr().cast(),
        iov_len: size,
    };
    // The kernel reads whole pieces only: one for each page, so that all before the first
    // page that cannot be read is got.
    let mut pieces = Vec::with_capacity(2 + size / 4096);
    let mut at = address;
    let end = address.saturating_add(size as u64);
    while at < end {
        let next = ((at | (PAGE - 1)).saturating_add(1)).min(end);
        pieces.push(libc::iovec {
            iov_base: at as *mut libc::c_void,
            iov_len: usize::try_from(next - at).unwrap_or(0),
        });
        at = next;
    }
    let count = libc::c_ulong::try_from(pieces.len()).unwrap_or(0);
    // SAFETY: `local` is a buffer of `size` bytes; the remote side is only read, by the
    // kernel, which checks every address.
    let got =
        unsafe { libc::process_vm_readv(pid, &raw const local, 1, pieces.as_ptr(), count, 0) };
    bytes.truncate(usize::try_from(got).unwrap_or(0));
    bytes
}

#[cfg(not(target_os = "linux"))]
pub(super) fn read_process(_pid: i32, _address: u64, _size: usize) -> Vec<u8> {
    Vec::new()
}

/// Pieces of memory as they were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pieces(Vec<(u64, Vec<u8>)>);

impl Pieces {
    /// Keeps what was read at an address.
    pub fn keep(&mut self, address: u64, bytes: Vec<u8>) {
        self.0.push((address, bytes));
    }

    /// Whether nothing was kept.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Memory for Pieces {
    fn read(&self, address: u64, size: usize) -> Cow<'_, [u8]> {
        let best = self.0.iter().filter_map(|(start, bytes)| {
            let skip = usize::try_from(address.checked_sub(*start)?).ok()?;
            let rest = bytes.get(skip..)?;
            Some(&rest[..rest.len().min(size)])
        });
        Cow::Borrowed(best.max_by_key(|found| found.len()).unwrap_or(&[]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn our_own_memory_can_be_read_up_to_the_first_page_that_is_not_there() {
        let me = Process::this();
        let text = b"here I am".to_vec();
        let got = me.exactly(text.as_ptr() as u64, text.len());
        assert_eq!(got.as_deref(), Some(&text[..]));
        assert!(me.read(8, 16).is_empty());
        assert!(me.exactly(u64::MAX - 3, 16).is_none());
        // SAFETY: two fresh pages of ours, the second of which is given back.
        unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let none = std::ptr::null_mut();
            let pages = libc::mmap(none, 8192, libc::PROT_READ, flags, -1, 0);
            libc::munmap(pages.add(4096), 4096);
            assert_eq!(me.read(pages as u64 + 4000, 500).len(), 96);
            libc::munmap(pages, 4096);
        }
    }

    #[test]
    fn pieces_answer_for_what_they_hold() {
        let mut pieces = Pieces::default();
        pieces.keep(100, vec![1, 2, 3, 4]);
        assert_eq!(*pieces.read(102, 8), [3, 4]);
        assert_eq!(pieces.exactly(101, 2).as_deref(), Some(&[2, 3][..]));
        assert!(pieces.read(99, 2).is_empty() && pieces.read(104, 1).is_empty());
    }
}
