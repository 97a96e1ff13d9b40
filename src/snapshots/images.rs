//! The object files that a process has loaded, and their unwind information.

use std::ffi::OsStr;
use std::fs;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::memory::Memory as _;
use super::ours::Process;
use crate::plain::open_plain;
use framehop::{ExplicitModuleSectionInfo, Module};
use memmap2::Mmap;
use object::{Object, ObjectSection, ObjectSegment};

/// An object file in a process.
#[derive(Clone, Debug)]
pub struct Image {
    /// The file.
    pub path: PathBuf,
    /// Where it is in memory.
    pub range: Range<u64>,
    /// Addresses in memory less those in the file.
    pub bias: u64,
    file: Arc<Mmap>,
}

/// Those of a process; files that cannot be read, are no ELF, or not what the process has loaded
/// under their name, are left out.
#[must_use]
pub fn of_process(process: Process) -> Vec<Image> {
    let maps = maps(process);
    let mut images: Vec<Image> = Vec::new();
    for (range, offset, path) in maps.split(|byte| *byte == b'\n').filter_map(mapping) {
        match images.last_mut() {
            Some(last) if last.path == path => last.range.end = range.end,
            _ if offset == 0 => {
                let image = Image::open(path, range);
                images.extend(image.filter(|image| image.is_in(process)));
            }
            _ => {}
        }
    }
    images
}

/// Where a process has loaded a file, whose path may begin further up (`/lib` for `/usr/lib`).
#[must_use]
pub fn module_base(process: Process, file: &Path) -> Option<u64> {
    let maps = maps(process);
    let mut mapped = maps.split(|byte| *byte == b'\n').filter_map(mapping);
    let (range, ..) = mapped.find(|(_, _, path)| {
        let (path, end) = (path.as_os_str(), file.as_os_str());
        path.as_bytes().ends_with(end.as_bytes())
    })?;
    Some(range.start)
}

fn maps(process: Process) -> Vec<u8> {
    fs::read(format!("/proc/{}/maps", process.pid())).unwrap_or_default()
}

/// `55d0c8a00000-55d0c8a01000 r--p 00000000 fe:00 1234   /usr/bin/prog`
fn mapping(line: &[u8]) -> Option<(Range<u64>, u64, &Path)> {
    // The rest of the line: names may hold blanks, and bytes of any kind.
    let at = line.iter().position(|byte| *byte == b'/')?;
    let (line, path) = line.split_at(at);
    let path = Path::new(OsStr::from_bytes(path));
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let offset = words.nth(1)?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    Some((number(start)?..number(end)?, number(offset)?, path))
}

impl Image {
    /// A file that is in no process: its addresses are those in the file.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<Self> {
        let mut image = Self::open(path, 0..0)?;
        image.bias = 0;
        Some(image)
    }

    fn open(path: &Path, range: Range<u64>) -> Option<Self> {
        let file = open_plain(path).ok().filter(|file| {
            // Mapping a device or a pipe is not for us.
            file.metadata().is_ok_and(|meta| meta.is_file())
        })?;
        // SAFETY: a file that is cut short while it is mapped would end in SIGBUS. The program
        // itself runs from a mapping of the same file, and linkers write a new one.
        let file = unsafe { Mmap::map(&file) }.ok()?;
        let elf = object::File::parse(&*file).ok()?;
        let first = elf.segments().map(|segment| segment.address()).min()?;
        let bias = range.start.wrapping_sub(first & !0xfff);
        Some(Self {
            path: path.to_owned(),
            range,
            bias,
            file: Arc::new(file),
        })
    }

    /// Whether the process has this file there: its path may mean another one by now, or in the
    /// part of the file system that the process sees. The file's header and build id are in
    /// memory as they are in the file.
    fn is_in(&self, process: Process) -> bool {
        const HEADER: usize = 64;
        let same = |address: u64, bytes: &[u8]| {
            process.exactly(address, bytes.len()).as_deref() == Some(bytes)
        };
        let header = self.file.get(..HEADER);
        let elf = self.elf();
        let note = elf.as_ref().and_then(|elf| {
            let section = elf.section_by_name(".note.gnu.build-id")?;
            Some((
                self.bias.wrapping_add(section.address()),
                section.data().ok()?,
            ))
        });
        header.is_some_and(|header| same(self.range.start, header))
            && note.is_none_or(|(address, bytes)| same(address, bytes))
    }

    /// The file's content.
    #[must_use]
    pub fn elf(&self) -> Option<object::File<'_>> {
        object::File::parse(&**self.file).ok()
    }

    /// What an unwinder must know of it.
    #[must_use]
    pub fn module(&self) -> Option<Module<Vec<u8>>> {
        let elf = self.elf()?;
        let range = |name: &str| {
            let section = elf.section_by_name(name)?;
            Some(section.address()..section.address() + section.size())
        };
        let data = |name: &str| {
            let section = elf.section_by_name(name)?;
            section.data().ok().map(<[u8]>::to_vec)
        };
        let sections = ExplicitModuleSectionInfo {
            base_svma: 0,
            text_svma: range(".text"),
            text: None,
            got_svma: range(".got"),
            eh_frame_svma: range(".eh_frame"),
            eh_frame: data(".eh_frame"),
            eh_frame_hdr_svma: range(".eh_frame_hdr"),
            eh_frame_hdr: data(".eh_frame_hdr"),
            debug_frame: data(".debug_frame"),
            ..ExplicitModuleSectionInfo::default()
        };
        let name = self.path.to_string_lossy().into_owned();
        Some(Module::new(name, self.range.clone(), self.bias, sections))
    }
}
