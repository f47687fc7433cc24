//! The system calls that a child may make: files it may open already, memory, threads, clocks.
//!
//! An allow list, so that a call added to the kernel tomorrow is refused today. What is refused
//! answers `ENOSYS`, for which libraries have fallbacks; nothing here makes a network socket, loads a
//! module, mounts, traces, or starts a process (threads are allowed, forks are not).

use std::collections::BTreeMap;

use libc as c;
use seccompiler::{
    SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

/// Calls that every architecture has.
const COMMON: &[c::c_long] = &[
    // Files.
    c::SYS_read,
    c::SYS_write,
    c::SYS_readv,
    c::SYS_writev,
    c::SYS_pread64,
    c::SYS_pwrite64,
    c::SYS_preadv,
    c::SYS_pwritev,
    c::SYS_lseek,
    c::SYS_close,
    c::SYS_close_range,
    c::SYS_dup,
    c::SYS_dup3,
    c::SYS_pipe2,
    c::SYS_openat,
    c::SYS_fstat,
    c::SYS_newfstatat,
    c::SYS_statx,
    c::SYS_statfs,
    c::SYS_fstatfs,
    c::SYS_faccessat,
    c::SYS_faccessat2,
    c::SYS_readlinkat,
    c::SYS_getdents64,
    c::SYS_getcwd,
    c::SYS_chdir,
    c::SYS_renameat2,
    c::SYS_unlinkat,
    c::SYS_mkdirat,
    c::SYS_ftruncate,
    c::SYS_fallocate,
    c::SYS_fsync,
    c::SYS_fdatasync,
    c::SYS_sync_file_range,
    c::SYS_fadvise64,
    c::SYS_copy_file_range,
    c::SYS_sendfile,
    c::SYS_splice,
    c::SYS_flock,
    c::SYS_fcntl,
    c::SYS_ioctl,
    c::SYS_umask,
    c::SYS_fchmod,
    c::SYS_utimensat,
    c::SYS_memfd_create,
    // Memory.
    c::SYS_mmap,
    c::SYS_munmap,
    c::SYS_mprotect,
    c::SYS_mremap,
    c::SYS_madvise,
    c::SYS_msync,
    c::SYS_brk,
    c::SYS_mlock,
    c::SYS_munlock,
    c::SYS_get_mempolicy,
    c::SYS_set_mempolicy,
    c::SYS_mbind,
    c::SYS_membarrier,
    // Waiting and clocks.
    c::SYS_ppoll,
    c::SYS_pselect6,
    c::SYS_epoll_create1,
    c::SYS_epoll_ctl,
    c::SYS_epoll_pwait,
    c::SYS_eventfd2,
    c::SYS_nanosleep,
    c::SYS_clock_nanosleep,
    c::SYS_clock_gettime,
    c::SYS_clock_getres,
    c::SYS_gettimeofday,
    c::SYS_times,
    c::SYS_setitimer,
    // Who and where am I.
    c::SYS_getrusage,
    c::SYS_prlimit64,
    c::SYS_sysinfo,
    c::SYS_uname,
    c::SYS_getpid,
    c::SYS_gettid,
    c::SYS_getppid,
    c::SYS_getuid,
    c::SYS_geteuid,
    c::SYS_getgid,
    c::SYS_getegid,
    c::SYS_getpgid,
    c::SYS_getsid,
    c::SYS_getpriority,
    c::SYS_setpriority,
    c::SYS_getcpu,
    c::SYS_getrandom,
    // Threads and signals.
    c::SYS_sched_yield,
    c::SYS_sched_getaffinity,
    c::SYS_sched_setaffinity,
    c::SYS_sched_getparam,
    c::SYS_sched_setscheduler,
    c::SYS_sched_getscheduler,
    c::SYS_sched_get_priority_min,
    c::SYS_sched_get_priority_max,
    c::SYS_futex,
    c::SYS_set_robust_list,
    c::SYS_get_robust_list,
    c::SYS_set_tid_address,
    c::SYS_rseq,
    c::SYS_prctl,
    c::SYS_rt_sigaction,
    c::SYS_rt_sigprocmask,
    c::SYS_rt_sigreturn,
    c::SYS_rt_sigtimedwait,
    c::SYS_sigaltstack,
    c::SYS_tgkill,
    c::SYS_exit,
    c::SYS_exit_group,
    c::SYS_restart_syscall,
    c::SYS_execve,
    c::SYS_wait4,
    c::SYS_waitid,
];

/// Older forms of the same calls that only x86-64 still has.
#[cfg(target_arch = "x86_64")]
const OLDER: &[c::c_long] = &[
    c::SYS_open,
    c::SYS_stat,
    c::SYS_lstat,
    c::SYS_access,
    c::SYS_readlink,
    c::SYS_getdents,
    c::SYS_rename,
    c::SYS_renameat,
    c::SYS_unlink,
    c::SYS_mkdir,
    c::SYS_rmdir,
    c::SYS_dup2,
    c::SYS_pipe,
    c::SYS_poll,
    c::SYS_select,
    c::SYS_epoll_wait,
    c::SYS_time,
    c::SYS_getrlimit,
    c::SYS_setrlimit,
    c::SYS_getpgrp,
    c::SYS_arch_prctl,
    c::SYS_alarm,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[c::c_long] = &[];

/// Restricts the calling thread, and every thread and program it starts, to the list.
pub(super) fn restrict() -> Result<(), String> {
    let words = |e: &dyn std::fmt::Display| e.to_string();
    let arch: TargetArch = std::env::consts::ARCH.try_into().map_err(|_| "unknown processor".to_string())?;
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        COMMON.iter().chain(OLDER).map(|n| (*n, Vec::new())).collect();
    // Threads only: a clone that is not a thread would be another process.
    let thread = c::CLONE_THREAD as u64;
    let is_thread = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(thread), thread)
        .map_err(|e| words(&e))?;
    rules.insert(c::SYS_clone, vec![SeccompRule::new(vec![is_thread]).map_err(|e| words(&e))?]);
    let refused = SeccompAction::Errno(c::ENOSYS as u32);
    let filter = SeccompFilter::new(rules, refused, SeccompAction::Allow, arch).map_err(|e| words(&e))?;
    let program: seccompiler::BpfProgram =
        filter.try_into().map_err(|e: seccompiler::BackendError| words(&e))?;
    seccompiler::apply_filter(&program).map_err(|e| words(&e))
}
