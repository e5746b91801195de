//! What code under check may ask the system for, which is next to nothing.
//!
//! A seccomp filter leaves memory that cannot be executed, time, the end of the process, and writing to the few
//! descriptors that are left. Whatever else is asked for ends the process. Where the kernel has Landlock, files,
//! connections and other processes are out of reach as well.

use std::collections::BTreeMap;
use std::os::fd::RawFd;

use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, Scope};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};

/// Calls that are left with any arguments.
const LEFT: &[i64] = &[
    // Memory. What is mapped, and what may become executable, has rules.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    // Time.
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_time,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_restart_syscall,
    libc::SYS_sched_yield,
    // The alarm that was made before.
    libc::SYS_timer_settime,
    // The way back from a signal, and what `abort` asks before it ends the process.
    libc::SYS_rt_sigreturn,
    libc::SYS_getpid,
    libc::SYS_gettid,
    // How many processors there are: the allocator asks when it makes an arena.
    libc::SYS_sched_getaffinity,
    // The end.
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Closes the door: from here on this process, which must have one thread, computes and writes to `writable`, and
/// does nothing else. The error is in the system's words.
pub(super) fn close(writable: &[RawFd]) -> Result<(), String> {
    let filter = filter(writable)?;
    // What the kernel has of it; the filter does without.
    let _ = landlock();
    seccompiler::apply_filter(&filter).map_err(|error| error.to_string())
}

fn landlock() -> Result<(), landlock::RulesetError> {
    Ruleset::default()
        .handle_access(AccessFs::from_all(ABI::V6))?
        .handle_access(AccessNet::from_all(ABI::V6))?
        .scope(Scope::from_all(ABI::V6))?
        .create()?
        .restrict_self()?;
    Ok(())
}

fn filter(writable: &[RawFd]) -> Result<BpfProgram, String> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        LEFT.iter().map(|&call| (call, Vec::new())).collect();
    // No memory that can be executed, and none that is a file's.
    let not_executable = || bits(2, libc::PROT_EXEC, 0);
    let anonymous = bits(3, libc::MAP_ANONYMOUS, libc::MAP_ANONYMOUS);
    rules.insert(libc::SYS_mmap, all([not_executable(), anonymous])?);
    rules.insert(libc::SYS_mprotect, all([not_executable()])?);
    let mut writes = Vec::new();
    for &descriptor in writable {
        writes.extend(all([is(0, i64::from(descriptor))])?);
    }
    rules.insert(libc::SYS_write, writes.clone());
    rules.insert(libc::SYS_writev, writes);
    // `abort`, in this process.
    let own = i64::from(std::process::id());
    rules.insert(
        libc::SYS_tgkill,
        all([is(0, own), is(2, i64::from(libc::SIGABRT))])?,
    );
    let target = TargetArch::try_from(std::env::consts::ARCH).map_err(|e| e.to_string())?;
    SeccompFilter::new(rules, SeccompAction::Trap, SeccompAction::Allow, target)
        .and_then(BpfProgram::try_from)
        .map_err(|error| error.to_string())
}

type Condition = Result<SeccompCondition, seccompiler::BackendError>;

/// One rule, under which a call is left if all of this is true.
fn all<const N: usize>(conditions: [Condition; N]) -> Result<Vec<SeccompRule>, String> {
    let conditions = conditions.into_iter().collect::<Result<Vec<_>, _>>();
    conditions
        .and_then(SeccompRule::new)
        .map(|rule| vec![rule])
        .map_err(|error| error.to_string())
}

/// Some bits of an argument.
fn bits(argument: u8, mask: i32, value: i32) -> Condition {
    SeccompCondition::new(
        argument,
        SeccompCmpArgLen::Dword,
        SeccompCmpOp::MaskedEq(u64::from(mask.cast_unsigned())),
        u64::from(value.cast_unsigned()),
    )
}

/// An argument that is a number of 32 bits.
fn is(argument: u8, value: i64) -> Condition {
    let value = u64::from(u32::try_from(value).unwrap_or(u32::MAX));
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, value)
}
