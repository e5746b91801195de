//! Whether code of the module may do more than to compute.

/// The flag that lifts the guard.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct GuardArgs {
    /// Let the function do what it likes while it is checked: open files, connect, start programs. Only for
    /// code that you trust as if you ran it yourself.
    #[arg(long, help_heading = "Check")]
    pub unguarded: bool,
}
