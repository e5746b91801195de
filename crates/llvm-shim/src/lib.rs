//! What LLVM's C API does not offer: pass pipelines that tell an observer about every pass, printing that
//! is cheap when it is done often, diagnostics, debug info, and the last words of a process.
//!
//! The folder `cpp` holds the C++ for it, one file for each job. `boundary.rs` declares it; the files beside
//! it wrap it.

mod bitcode;
mod bodies;
mod boundary;
mod compiled_call;
mod counting;
mod crash;
mod debug_info;
mod diagnostics;
mod dual;
mod ending;
mod error;
mod fingerprint;
mod guard;
mod in_place;
mod isolate;
mod kept;
mod lead;
mod options;
mod order;
mod output;
mod pipeline;
mod places;
mod printer;
mod references;
mod repair;
mod roles;
mod seen;
mod shield;
mod small_code;
mod strings;
mod text;
mod unchanged;
mod used_list;

pub use bitcode::{Users, extract, write_bitcode};
pub use bodies::drop_bodies;
pub use boundary::{Enroll, Origin};
pub use compiled_call::{
    REFUSED, Steps, Stop, call_guarded, count_steps, settle_down, stop_address,
};
pub use counting::{CountedInstruction, Measures, count, take_counters};
pub use crash::{report_crashes, set_place};
pub use debug_info::{debug_types, member_offset, source_lines, unify_types};
pub use diagnostics::{LlvmDiagnostic, Severity, handle_diagnostics};
pub use dual::{
    Block, Met, begin_run, instrument, limit_blocks, met, reset_tangents, set_tangent, take_counts,
    tangent,
};
pub use ending::{End, hear_end, misbehave};
pub use error::Error;
pub use fingerprint::{Fingerprint, Fingerprints};
pub use guard::{Guards, guard, unguard};
pub use in_place::{InPlaceUpdates, in_place_updates};
pub use isolate::{Isolated, drop_personalities, isolate, processors};
pub use kept::keep_results;
pub use lead::lead;
pub use options::parse_options;
pub use order::InOrder;
pub use output::flush_output;
pub use pipeline::{Pass, Pipeline, Repair, Tuning, UnitKind, pass_names, run, run_repaired};
pub use places::Places;
pub use printer::{Printed, Printer};
pub use references::{erase, references};
pub use repair::{
    OVERWRITTEN, embody, forget_invariants, forgo_zero_tests, free_once, hide_names, is_inactive,
    is_plain_integer, settle, sink, tell_shadows_apart,
};
pub use roles::{Fate, Roles, SourceLine, number, roles, roles_after};
pub use seen::{Seen, SeenKind, aim, copy, damage, record, recorded, watch};
pub use shield::shield;
pub use small_code::small_code;
pub use unchanged::{UNCHANGED, mark_unchanged};
pub use used_list::{keep, unlist};
