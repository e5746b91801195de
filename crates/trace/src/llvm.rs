//! Words of LLVM's messages that irad reads, all of them. A test finds each in the LLVM that is linked
//! (`ad-pass/tests/llvm_strings.rs`), so that a changed wording is noticed.

strings! {
    /// Before an option that LLVM does not know.
    UNKNOWN_OPTION = "Unknown command line argument '";
    /// Before the option that is the most like it.
    NEAR_OPTION = "Did you mean '";
    /// Between the place and what is wrong there.
    ERROR = "error: ";
    /// Bitcode of an LLVM whose bitcode others do not read.
    OTHER_EPOCH = "Incompatible epoch";
    /// Before what ends the process.
    FATAL_ERROR = "LLVM ERROR";
    /// There is no memory left.
    OUT_OF_MEMORY = "out of memory";
    /// Before a request to report a crash.
    PLEASE_REPORT = "PLEASE submit";
    /// Before what the process was doing when it crashed.
    STACK_DUMP = "Stack dump";
}
