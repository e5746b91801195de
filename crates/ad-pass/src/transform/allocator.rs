//! Tells Enzyme which functions are Rust's allocator, and takes that back afterwards.
//!
//! rustc mangles the allocator's entry points (`_RNvCs…_7___rustc12___rust_alloc`), and Enzyme knows
//! them by their plain names only. Attributes say which is which; the symbols stay as they are, so
//! that what comes out links with what rustc made. Enzyme itself writes a plain `__rust_dealloc` where
//! it frees, which nobody defines: it gets the symbol that the module's other calls have.

use std::collections::HashSet;

use inkwell::IntPredicate;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::{Linkage, Module};
use inkwell::values::{BasicValue, FunctionValue};
use trace::enzyme;

use crate::ir::call_graph::{calls, reached};
use crate::ir::lookup::name;

/// Gives a function the name that Enzyme knows it by.
const KNOWN_AS: &str = enzyme::KNOWN_AS;
/// Says that no derivative flows through a function.
const INACTIVE: &str = enzyme::INACTIVE;
/// Has the analysis of types pass a call by.
const UNTYPED: &str = enzyme::UNTYPED;
/// Has Enzyme leave the call as it is, though it may allocate: what it allocates, the program frees.
const FREES_ITSELF: &str = enzyme::FREES_ITSELF;
/// Parts of the symbols of what grows a `Vec`, all of which such a symbol has.
const GROWTH: [&[&str]; 6] = [
    &["raw_vec", "RawVecInner", "grow"],
    &["raw_vec", "do_reserve_and_handle"],
    &["5alloc5alloc", "6Global", "Allocator4grow"],
    &["5alloc5alloc", "6Global", "Allocator6shrink"],
    &["alloc..alloc..Global", "Allocator$GT$4grow"],
    &["alloc..alloc..Global", "Allocator$GT$6shrink"],
];

/// The same of what is given the layout of a `Vec`'s elements as numbers, beside that.
const LAID_OUT: [&[&str]; 5] = [
    &["raw_vec", "RawVecInner"],
    &["5alloc5alloc", "6Global", "grow_impl_runtime"],
    &["5alloc5alloc", "6Global", "shrink_impl_runtime"],
    &["5alloc5alloc", "6Global", "alloc_impl_runtime"],
    &["5alloc5alloc", "6Global", "Allocator8allocate"],
];

fn has(symbol: &str, parts: &[&str]) -> bool {
    parts.iter().all(|part| symbol.contains(part))
}

/// Enzyme's own name for what frees.
pub(crate) const DEALLOC: &str = enzyme::RUST_DEALLOC;

/// What was done to a module, to be taken back by [`Annotations::restore`].
#[derive(Default)]
pub(crate) struct Annotations {
    /// By symbol: passes delete functions that nobody calls any more.
    marked: Vec<(String, &'static str)>,
    /// Attributes that functions were given beside that, by symbol.
    added: Vec<(String, &'static str)>,
    /// The symbol that frees; none where the module's symbols are plain.
    dealloc: Option<String>,
    had_plain_dealloc: bool,
    grows: bool,
}

/// Has the standard library's functions inlined that manage a `Vec`'s memory. Those that grow it return an
/// enum in memory whose variants share bytes, pointers with integers, which Enzyme's types cannot tell
/// apart; inlined, nothing of it is left in memory. Others make an address of an alignment where there
/// is nothing to allocate; inlined, they are given a layout that is known.
fn open_growth(module: &Module<'_>) {
    let noinline = Attribute::get_named_enum_kind_id("noinline");
    let inline = module
        .get_context()
        .create_enum_attribute(Attribute::get_named_enum_kind_id("alwaysinline"), 0);
    for function in module.get_functions() {
        let symbol = function.get_name().to_string_lossy();
        let is_opened = GROWTH
            .iter()
            .chain(&LAID_OUT)
            .any(|parts| has(&symbol, parts));
        if is_opened && is_used(function) {
            function.remove_enum_attribute(AttributeLoc::Function, noinline);
            function.add_attribute(AttributeLoc::Function, inline);
        }
    }
}

impl Annotations {
    /// Annotations every entry point of the allocator that the module refers to, for a derivative of `primal`.
    pub(crate) fn set<'c>(module: &Module<'c>, primal: &str) -> Self {
        let called: HashSet<String> = reached(module, primal)
            .into_iter()
            .flat_map(calls)
            .map(|(_, callee)| callee)
            .collect();
        let mut marks = Annotations {
            had_plain_dealloc: module.get_function(DEALLOC).is_some(),
            grows: called
                .iter()
                .any(|symbol| GROWTH.iter().any(|parts| has(symbol, parts))),
            ..Annotations::default()
        };
        open_growth(module);
        let entries: Vec<(FunctionValue<'c>, String, String)> = module
            .get_functions()
            .filter_map(|function| {
                let symbol = function.get_name().to_string_lossy().into_owned();
                let entry = entry_point(&symbol)?;
                Some((function, symbol, entry))
            })
            .collect();
        for (function, symbol, entry) in &entries {
            let is_plain = symbol == entry;
            match entry.as_str() {
                ALLOC | ALLOC_ZEROED | DEALLOC if !is_plain => {
                    marks.mark(module, *function, KNOWN_AS, entry);
                    marks.dealloc = Some(sibling(symbol, entry, DEALLOC));
                }
                // The first does nothing and is there for the linker, the second does not return.
                "__rust_no_alloc_shim_is_unstable_v2" | "__rust_alloc_error_handler" => {
                    marks.inactive_external(module, *function);
                }
                _ => {}
            }
        }
        for (function, symbol, entry) in entries {
            if entry == REALLOC && is_used(function) && function.count_basic_blocks() == 0 {
                let [alloc, dealloc] = [ALLOC, DEALLOC].map(|name| sibling(&symbol, &entry, name));
                let spelt_out = marks.spell_out(module, function, &alloc, &dealloc);
                marks.grows |= spelt_out.is_some() && called.contains(&symbol);
            }
        }
        marks
    }

    fn mark<'c>(
        &mut self,
        module: &Module<'c>,
        function: FunctionValue<'c>,
        key: &'static str,
        value: &str,
    ) {
        let attribute = module.get_context().create_string_attribute(key, value);
        function.add_attribute(AttributeLoc::Function, attribute);
        let symbol = function.get_name().to_string_lossy().into_owned();
        self.marked.push((symbol, key));
    }

    /// Gives growth a body that Enzyme can look into: allocate, copy, free, which is what Rust's
    /// `GlobalAlloc::realloc` does unless an allocator knows better. Every call goes there until
    /// [`Annotations::restore`].
    fn spell_out<'c>(
        &mut self,
        module: &Module<'c>,
        realloc: FunctionValue<'c>,
        alloc: &str,
        dealloc: &str,
    ) -> Option<()> {
        let context = module.get_context();
        let parameters = realloc.get_params();
        let [old, old_size, _, _] = parameters.as_slice() else {
            return None;
        };
        let pointer = old.get_type().into_pointer_type();
        let size = old_size.get_type().into_int_type();
        let alloc_type = pointer.fn_type(&[size.into(), size.into()], false);
        let dealloc_type = context
            .void_type()
            .fn_type(&[pointer.into(), size.into(), size.into()], false);
        let mut declared = |symbol: &str, name, ty| {
            let found = module.get_function(symbol);
            found.unwrap_or_else(|| {
                let function = module.add_function(symbol, ty, None);
                self.mark(module, function, KNOWN_AS, name);
                function
            })
        };
        let alloc = declared(alloc, ALLOC, alloc_type);
        let dealloc = declared(dealloc, DEALLOC, dealloc_type);

        let stand_in =
            module.add_function("irad.realloc", realloc.get_type(), Some(Linkage::Internal));
        stand_in.add_attribute(
            AttributeLoc::Function,
            context.create_enum_attribute(Attribute::get_named_enum_kind_id("alwaysinline"), 0),
        );
        realloc.replace_all_uses_with(stand_in);
        for (index, name) in ["old", "old_size", "align", "new_size"].iter().enumerate() {
            stand_in.get_nth_param(index as u32)?.set_name(name);
        }
        let [old, old_size, align, new_size] = [0, 1, 2, 3].map(|n| stand_in.get_nth_param(n));
        let builder = context.create_builder();
        let [start, copy, done] =
            ["start", "copy", "done"].map(|name| context.append_basic_block(stand_in, name));
        builder.position_at_end(start);
        let grown = builder
            .build_call(alloc, &[new_size?.into(), align?.into()], "grown")
            .ok()?
            .try_as_basic_value()
            .basic()?;
        let failed = builder
            .build_is_null(grown.into_pointer_value(), "failed")
            .ok()?;
        builder.build_conditional_branch(failed, done, copy).ok()?;
        builder.position_at_end(copy);
        let (before, after) = (old_size?.into_int_value(), new_size?.into_int_value());
        let shrinks = builder
            .build_int_compare(IntPredicate::ULT, after, before, "shrinks")
            .ok()?;
        let kept = builder
            .build_select(shrinks, after, before, "kept")
            .ok()?
            .into_int_value();
        builder
            .build_memcpy(
                grown.into_pointer_value(),
                1,
                old?.into_pointer_value(),
                1,
                kept,
            )
            .ok()?;
        builder
            .build_call(dealloc, &[old?.into(), old_size?.into(), align?.into()], "")
            .ok()?;
        builder.build_unconditional_branch(done).ok()?;
        builder.position_at_end(done);
        builder.build_return(Some(&grown)).ok()?;
        Some(())
    }

    /// Annotations a function that no derivative flows through.
    pub(crate) fn inactive<'c>(&mut self, module: &Module<'c>, function: FunctionValue<'c>) {
        self.mark(module, function, INACTIVE, "");
    }

    /// Annotates a function without a body of which nothing is known but that no derivative flows through it.
    /// Enzyme asks whether it frees memory.
    pub(crate) fn inactive_external<'c>(
        &mut self,
        module: &Module<'c>,
        function: FunctionValue<'c>,
    ) {
        self.add(module, function, "nofree");
        self.mark(module, function, INACTIVE, "");
    }

    /// Says that what allocates frees nothing. Enzyme knows that by the plain names only, where it makes functions that free
    /// nothing. Said before Enzyme runs and no earlier, LLVM prepares the function as it would.
    pub(crate) fn free_nothing(&mut self, module: &Module<'_>) {
        for function in module.get_functions() {
            let entry = entry_point(&name(function));
            if entry.is_some_and(|entry| entry == ALLOC || entry == ALLOC_ZEROED) {
                self.add(module, function, "nofree");
            }
        }
    }

    /// Annotates a function that no derivative flows through, and keeps it as it is. Enzyme does not look into it.
    pub(crate) fn closed<'c>(&mut self, module: &Module<'c>, function: FunctionValue<'c>) {
        if function.count_basic_blocks() > 0 {
            self.add(module, function, "noinline");
        }
        self.mark(module, function, UNTYPED, "");
        self.mark(module, function, FREES_ITSELF, "");
        self.inactive_external(module, function);
    }

    /// Annotates a function of which Enzyme knows what it computes, and keeps its body where it is.
    pub(crate) fn known<'c>(
        &mut self,
        module: &Module<'c>,
        function: FunctionValue<'c>,
        name: &str,
    ) {
        self.add(module, function, "noinline");
        self.mark(module, function, KNOWN_AS, name);
    }

    /// Gives a function an attribute that it does not have.
    fn add<'c>(&mut self, module: &Module<'c>, function: FunctionValue<'c>, name: &'static str) {
        let kind = Attribute::get_named_enum_kind_id(name);
        if function
            .get_enum_attribute(AttributeLoc::Function, kind)
            .is_none()
        {
            let attribute = module.get_context().create_enum_attribute(kind, 0);
            function.add_attribute(AttributeLoc::Function, attribute);
            let symbol = function.get_name().to_string_lossy().into_owned();
            self.added.push((symbol, name));
        }
    }

    /// True when growing an allocation was spelt out.
    pub(crate) fn grows(&self) -> bool {
        self.grows
    }

    /// Takes everything back, and gives what Enzyme wrote the symbols that rustc uses.
    pub(crate) fn restore(&self, module: &Module<'_>) {
        for (symbol, key) in &self.marked {
            if let Some(function) = module.get_function(symbol) {
                function.remove_string_attribute(AttributeLoc::Function, key);
            }
        }
        for (symbol, name) in &self.added {
            if let Some(function) = module.get_function(symbol) {
                let kind = Attribute::get_named_enum_kind_id(name);
                function.remove_enum_attribute(AttributeLoc::Function, kind);
            }
        }
        let (Some(symbol), false) = (&self.dealloc, self.had_plain_dealloc) else {
            return;
        };
        let Some(plain) = module.get_function(DEALLOC) else {
            return;
        };
        match module.get_function(symbol) {
            Some(mangled) => {
                plain.replace_all_uses_with(mangled);
                llvm_shim::erase(plain);
            }
            None => plain.as_global_value().set_name(symbol),
        }
    }
}

pub(crate) const ALLOC: &str = enzyme::RUST_ALLOC;
pub(crate) const ALLOC_ZEROED: &str = "__rust_alloc_zeroed";
const REALLOC: &str = "__rust_realloc";

/// The plain name of an allocator's entry point, whatever mangling its symbol has.
pub(crate) fn entry_point(symbol: &str) -> Option<String> {
    if !symbol.contains("__rust_") {
        return None;
    }
    let path = format!("{:#}", rustc_demangle::demangle(symbol));
    let name = path.rsplit("::").next()?;
    let is_entry = path == name || path.starts_with("__rustc::");
    (is_entry && name.starts_with("__rust_")).then(|| name.to_owned())
}

/// The symbol of another entry point, mangled as `symbol` of `entry` is.
fn sibling(symbol: &str, entry: &str, name: &str) -> String {
    if symbol == entry {
        return name.to_owned();
    }
    // Both manglings write an identifier behind its length; v0 parts them by an underscore.
    for between in ["_", ""] {
        let written = format!("{}{between}{entry}", entry.len());
        if symbol.contains(&written) {
            return symbol.replace(&written, &format!("{}{between}{name}", name.len()));
        }
    }
    name.to_owned()
}

/// The symbol of an entry point, mangled as the module's others are; the plain name where it has none.
pub(crate) fn allocator_symbol(module: &Module<'_>, entry: &str) -> String {
    let symbols = module.get_functions().map(name);
    let known = symbols.filter_map(|symbol| entry_point(&symbol).map(|known| (symbol, known)));
    let mut written = known.map(|(symbol, known)| sibling(&symbol, &known, entry));
    written.next().unwrap_or_else(|| entry.to_owned())
}

fn is_used(function: FunctionValue<'_>) -> bool {
    let pointer = function.as_global_value().as_pointer_value();
    pointer.get_first_use().is_some()
}

#[cfg(test)]
mod tests {
    use super::{entry_point, sibling};

    const V0: &str = "_RNvCsfLfy6EI15iL_7___rustc12___rust_alloc";
    const LEGACY: &str = "_ZN7__rustc12__rust_alloc17h0123456789abcdefE";

    #[test]
    fn entry_points_are_known_in_both_manglings() {
        assert_eq!(entry_point(V0).as_deref(), Some("__rust_alloc"));
        assert_eq!(entry_point(LEGACY).as_deref(), Some("__rust_alloc"));
        assert_eq!(entry_point("__rust_alloc").as_deref(), Some("__rust_alloc"));
        assert_eq!(
            entry_point("_ZN4mine12__rust_alloc17h0123456789abcdefE"),
            None
        );
        assert_eq!(entry_point("malloc"), None);
    }

    #[test]
    fn one_symbol_leads_to_another() {
        assert_eq!(
            sibling(V0, "__rust_alloc", "__rust_dealloc"),
            "_RNvCsfLfy6EI15iL_7___rustc14___rust_dealloc"
        );
        assert_eq!(
            sibling("__rust_alloc", "__rust_alloc", "__rust_dealloc"),
            "__rust_dealloc"
        );
        // The hash of a legacy symbol is another one for each item, so this names nothing real.
        assert!(sibling(LEGACY, "__rust_alloc", "__rust_dealloc").contains("14__rust_dealloc"));
    }
}
