//! Memory maps of files that may be cut off.
//!
//! Nobody of ours writes to a blob, but somebody may cut its file off behind our back. Touching the
//! memory of a page that the file no longer has raises SIGBUS, which ends the process; asking for
//! the length first leaves a gap between question and touch. So a handler of that signal puts a
//! page of zeros where the file's page is gone, marks the map as torn, and lets the reader go on.
//!
//! Invariants:
//! - Whatever is trusted when read through a map carries a checksum, as every part of an index
//!   does. Samples are sent from the file, never from the map.
//! - A slot holds a range exactly as long as that range is mapped, so the handler never replaces
//!   memory of anybody else. Faults elsewhere go to whoever handled the signal before.
//! - The handler uses nothing but atomics, mmap and sigaction, all of which may be used there
//!   (signal-safety(7); mmap is a bare system call on Linux).

use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock};

use memmap2::Mmap;

/// Files mapped at the same time at most; Linux itself allows 65,530 maps unless told otherwise.
const SLOTS: usize = 1 << 16;

/// The range of one map; `start` is 0 while the slot is free.
struct Slot {
    start: AtomicUsize,
    end: AtomicUsize,
    torn: AtomicBool,
}

static RANGES: [Slot; SLOTS] =
    [const { Slot { start: AtomicUsize::new(0), end: AtomicUsize::new(0), torn: AtomicBool::new(false) } };
        SLOTS];
/// Slots below this number may be taken.
static HIGHEST: AtomicUsize = AtomicUsize::new(0);
static FREE: Mutex<Vec<usize>> = Mutex::new(Vec::new());
static HANDLER: OnceLock<Handler> = OnceLock::new();

/// What the handler needs to know.
struct Handler {
    page: usize,
    before: libc::sigaction,
}

/// A file mapped into memory, read-only.
#[derive(Debug)]
pub(crate) struct Mapped(Option<(Mmap, usize)>);

impl Mapped {
    /// Maps the first `len` bytes of `file`.
    pub(crate) fn new(file: &File, len: u64) -> io::Result<Mapped> {
        let len = usize::try_from(len).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))?;
        if len == 0 {
            return Ok(Mapped(None));
        }
        install()?;
        // SAFETY: the file is a blob, which nobody of ours writes to. If somebody else changes its
        // bytes, the checksums of what is read tell; if somebody cuts it off, the handler does.
        let map = unsafe { memmap2::MmapOptions::new().len(len).map(file) }?;
        let slot = take_slot()?;
        let range = &RANGES[slot];
        range.torn.store(false, Ordering::Relaxed);
        range.end.store(map.as_ptr() as usize + len, Ordering::Relaxed);
        range.start.store(map.as_ptr() as usize, Ordering::Release);
        Ok(Mapped(Some((map, slot))))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_ref().map(|(map, _)| &map[..]).unwrap_or_default()
    }
    /// Whether a page was asked for that the file no longer had.
    pub(crate) fn is_torn(&self) -> bool {
        self.0.as_ref().is_some_and(|(_, slot)| RANGES[*slot].torn.load(Ordering::Acquire))
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // The slot is given up first, the memory after it.
        if let Some((map, slot)) = self.0.take() {
            RANGES[slot].start.store(0, Ordering::Release);
            drop(map);
            free().push(slot);
        }
    }
}

fn free() -> MutexGuard<'static, Vec<usize>> {
    FREE.lock().expect("nobody panics while holding the free slots")
}

fn take_slot() -> io::Result<usize> {
    let mut free = free();
    if let Some(slot) = free.pop() {
        return Ok(slot);
    }
    let slot = HIGHEST.load(Ordering::Relaxed);
    if slot == SLOTS {
        return Err(io::Error::other(format!("{SLOTS} files are mapped into memory already")));
    }
    HIGHEST.store(slot + 1, Ordering::Release);
    Ok(slot)
}

/// Installs the handler once for the whole process.
fn install() -> io::Result<()> {
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _one = INSTALLING.lock().expect("nobody panics while installing");
    if HANDLER.get().is_some() {
        return Ok(());
    }
    // SAFETY: plain calls into the C library with pointers to values that live long enough; an
    // all-zero sigaction is a valid one.
    unsafe {
        let page = libc::sysconf(libc::_SC_PAGESIZE) as usize;
        let mut before: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(libc::SIGBUS, std::ptr::null(), &mut before) != 0 {
            return Err(io::Error::last_os_error());
        }
        let _ = HANDLER.set(Handler { page, before });
        let mut ours: libc::sigaction = std::mem::zeroed();
        ours.sa_sigaction =
            on_bus_error as extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) as usize;
        ours.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigemptyset(&mut ours.sa_mask);
        if libc::sigaction(libc::SIGBUS, &ours, std::ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Puts zeros where a mapped file has no page any more.
extern "C" fn on_bus_error(signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    let Some(handler) = HANDLER.get() else { return };
    // SAFETY: the kernel hands a valid siginfo to a handler that asked for one (SA_SIGINFO).
    let (address, code) = unsafe { ((*info).si_addr() as usize, (*info).si_code) };
    let within = |range: &&Slot| {
        let start = range.start.load(Ordering::Acquire);
        start != 0 && start <= address && address < range.end.load(Ordering::Relaxed)
    };
    let ranges = &RANGES[..HIGHEST.load(Ordering::Acquire)];
    if code == libc::BUS_ADRERR
        && let Some(range) = ranges.iter().find(within)
    {
        let page = address & !(handler.page - 1);
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
        // SAFETY: the page lies in a range that is a map of ours and stays one while somebody
        // reads it; the reader that faulted is in this very thread.
        let put =
            unsafe { libc::mmap(page as *mut libc::c_void, handler.page, libc::PROT_READ, flags, -1, 0) };
        if put != libc::MAP_FAILED {
            range.torn.store(true, Ordering::Release);
            return;
        }
    }
    // SAFETY: `before` was filled in by sigaction. The fault happens again and is theirs.
    unsafe { libc::sigaction(signal, &handler.before, std::ptr::null_mut()) };
}
