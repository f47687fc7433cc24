//! A stored file that shrinks under a memory map must not kill the server.
//!
//! The kernel answers a read of the lost part with SIGBUS. The handler puts a page of zeros where the
//! read failed and lets it go on; every index is checksummed where it is read, so the zeros come out
//! as `DataLoss`, and samples are never read through a map on the way to a client.

use std::sync::atomic::{AtomicU64, Ordering};

static CAUGHT: AtomicU64 = AtomicU64::new(0);
static PAGE: AtomicU64 = AtomicU64::new(4096);

/// Pages of zeros that stood in for lost bytes so far.
pub fn caught() -> u64 {
    CAUGHT.load(Ordering::Relaxed)
}

/// Installs the handler for the whole process.
pub fn install() {
    PAGE.store(rustix::param::page_size() as u64, Ordering::Relaxed);
    // SAFETY: the structure is zeroed, which `sigaction` allows, and then given a handler that only
    // calls what is safe in a signal handler: `mmap`, atomics, `signal`.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_sigbus as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER;
        libc::sigaction(libc::SIGBUS, &action, std::ptr::null_mut());
    }
}

extern "C" fn on_sigbus(_: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    let page = PAGE.load(Ordering::Relaxed) as usize;
    // SAFETY: the kernel gives a valid `siginfo_t`. A read beyond the end of a mapped file is
    // BUS_ADRERR; replacing that one page by zeros changes only memory that nobody could read.
    // Anything else, or a failure, takes the default action: the process ends.
    unsafe {
        let at = (*info).si_addr() as usize & !(page - 1);
        let zeros = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
        let lost = (*info).si_code == libc::BUS_ADRERR && at != 0;
        if lost
            && libc::mmap(at as *mut libc::c_void, page, libc::PROT_READ, zeros, -1, 0) != libc::MAP_FAILED
        {
            CAUGHT.fetch_add(1, Ordering::Relaxed);
            return;
        }
        libc::signal(libc::SIGBUS, libc::SIG_DFL);
    }
}
