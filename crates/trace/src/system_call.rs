//! A system call that a function wants to make and may not.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A system call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemCall {
    /// Its number on this machine.
    pub number: i64,
    /// Its name, if it has one.
    pub name: Option<String>,
}

/// What calls are for: the beginnings of their names, and words.
const DEEDS: &[(&[&str], &str)] = &[
    (&["creat", "mknod", "mkdir"], "create a file"),
    (&["openat", "open"], "open a file"),
    (
        &[
            "read",
            "pread",
            "getdents",
            "lseek",
            "sendfile",
            "splice",
            "tee",
            "copy_file_range",
        ],
        "read from a file",
    ),
    (
        &["write", "pwrite", "vmsplice", "fsync", "fdatasync"],
        "write to a file",
    ),
    (
        &["mmap", "mprotect", "pkey_mprotect", "remap_file_pages"],
        "make memory executable or map a file",
    ),
    (
        &[
            "unlink",
            "rmdir",
            "rename",
            "link",
            "symlink",
            "truncate",
            "ftruncate",
            "fallocate",
        ],
        "change files",
    ),
    (
        &[
            "chmod", "fchmod", "chown", "fchown", "lchown", "utime", "setxattr",
        ],
        "change files",
    ),
    (
        &[
            "stat",
            "newfstatat",
            "fstat",
            "lstat",
            "statx",
            "access",
            "faccessat",
        ],
        "look at files",
    ),
    (
        &[
            "readlink", "getcwd", "chdir", "fchdir", "statfs", "inotify", "fanotify",
        ],
        "look at files",
    ),
    (
        &["socket", "connect", "bind", "listen", "accept"],
        "open a connection",
    ),
    (
        &["send", "recv", "shutdown", "setsockopt", "getsockopt"],
        "use a connection",
    ),
    (&["fork", "vfork", "clone"], "start a process or a thread"),
    (&["execve"], "run a program"),
    (&["wait"], "wait for a process"),
    (
        &[
            "kill",
            "tkill",
            "tgkill",
            "rt_sigqueueinfo",
            "rt_tgsigqueueinfo",
            "pidfd_send",
        ],
        "send a signal",
    ),
    (
        &["ptrace", "process_vm", "process_madvise", "pidfd", "kcmp"],
        "reach into a process",
    ),
    (
        &["rt_sigaction", "sigaltstack", "signalfd", "rt_sigtimedwait"],
        "handle signals",
    ),
    (
        &[
            "dup", "fcntl", "ioctl", "close", "pipe", "poll", "select", "epoll", "eventfd",
        ],
        "use a file descriptor",
    ),
    (
        &["shm", "sem", "msg", "mq_", "memfd"],
        "share memory with other processes",
    ),
    (
        &[
            "prctl",
            "seccomp",
            "landlock",
            "set",
            "prlimit",
            "personality",
            "cap",
            "unshare",
        ],
        "change its own rights",
    ),
    (&["futex"], "wait for another thread"),
    (&["getrandom"], "have random numbers"),
    (&["io_uring", "io_"], "read and write files"),
];

impl fmt::Display for SystemCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(name) = &self.name else {
            return write!(f, "make the system call {}", self.number);
        };
        let deed = DEEDS.iter().find(|(names, _)| {
            // `read` is no `readlink`: a whole name comes before the beginning of one.
            names.contains(&name.as_str())
        });
        let deed = deed.or_else(|| {
            DEEDS
                .iter()
                .find(|(names, _)| names.iter().any(|begin| name.starts_with(begin)))
        });
        let words = deed.map_or("make a system call", |(_, words)| words);
        write!(f, "{words} ({name})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(name: &str) -> String {
        SystemCall {
            number: 1,
            name: Some(name.to_owned()),
        }
        .to_string()
    }

    #[test]
    fn a_call_is_said_by_what_it_is_for() {
        for (name, deed) in [
            ("openat", "open a file"),
            ("creat", "create a file"),
            ("readlink", "look at files"),
            ("readv", "read from a file"),
            ("sendto", "use a connection"),
            ("sendfile", "read from a file"),
            ("clone3", "start a process or a thread"),
            ("setuid", "change its own rights"),
            ("setsockopt", "use a connection"),
            ("io_uring_setup", "read and write files"),
            ("vhangup", "make a system call"),
        ] {
            assert_eq!(words(name), format!("{deed} ({name})"));
        }
    }

    #[test]
    fn one_without_a_name_is_said_by_its_number() {
        let call = SystemCall {
            number: 4242,
            name: None,
        };
        assert_eq!(call.to_string(), "make the system call 4242");
    }
}
