//! Takes the standard library's checks for undefined behaviour out, which builds with debug assertions have in front of
//! `get_unchecked`, `copy_nonoverlapping` and the like.
//!
//! They compare addresses, so that LLVM leaves in memory what it would otherwise keep in registers, and Enzyme misses
//! what goes through that memory. They return nothing, and a program without undefined behaviour passes all of them.

use inkwell::module::Module;

use crate::ir::call_graph::{calls, reached};

/// Takes the calls of such checks out of what `primal` reaches.
pub(crate) fn remove(module: &Module<'_>, primal: &str) {
    for function in reached(module, primal) {
        for (call, callee) in calls(function) {
            if call.get_type().is_void_type() && is_check(&callee) {
                call.erase_from_basic_block();
            }
        }
    }
}

fn is_check(symbol: &str) -> bool {
    if !symbol.contains("18precondition_check") {
        return false;
    }
    let path = format!("{:#}", rustc_demangle::demangle(symbol));
    let Some(function) = path.strip_suffix("::precondition_check") else {
        return false;
    };
    let (_, implemented) = function.rsplit_once(" as ").unwrap_or(("", function));
    ["core::", "alloc::", "std::"]
        .iter()
        .any(|library| implemented.trim_start_matches('<').starts_with(library))
}

#[cfg(test)]
mod tests {
    use super::is_check;

    #[test]
    fn only_the_library_s_checks_are() {
        let copy = "_ZN4core3ptr19copy_nonoverlapping18precondition_check17h6ecf06419b2c3402E";
        assert!(is_check(copy));
        let get = "_ZN75_$LT$usize$u20$as$u20$core..slice..index..SliceIndex$LT$$u5b$T$u5d$$GT$$GT$13get_unchecked18precondition_check17h9b3b832f405024d4E";
        assert!(is_check(get));
        let mine = "_ZN4mine4step18precondition_check17h6ecf06419b2c3402E";
        assert!(!is_check(mine));
        assert!(!is_check("precondition_check"));
        assert!(!is_check(
            "_ZN4core3ptr19copy_nonoverlapping17h6ecf06419b2c3402E"
        ));
    }
}
