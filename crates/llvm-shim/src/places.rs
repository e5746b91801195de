//! The source locations that a function's instructions had before they were numbered by such.
#![allow(unsafe_code, reason = "reads and sets locations by LLVM's C API")]

use std::cell::RefCell;
use std::collections::HashMap;

use inkwell::llvm_sys::core::{
    LLVMGetFirstBasicBlock, LLVMGetFirstInstruction, LLVMGetNextBasicBlock, LLVMGetNextInstruction,
    LLVMGetTypeContext, LLVMGlobalEraseMetadata, LLVMTypeOf,
};
use inkwell::llvm_sys::debuginfo::{
    LLVMDIBuilderCreateDebugLocation, LLVMDILocationGetColumn, LLVMDILocationGetInlinedAt,
    LLVMDILocationGetLine, LLVMDILocationGetScope, LLVMGetSubprogram, LLVMInstructionGetDebugLoc,
    LLVMInstructionSetDebugLoc, LLVMSetSubprogram,
};
use inkwell::llvm_sys::prelude::{LLVMContextRef, LLVMMetadataRef, LLVMValueRef};
use inkwell::values::{AsValueRef, FunctionValue};

use crate::roles::{SourceLine, number};

/// The locations that a function's instructions had before they were numbered, by their numbers. Metadata lives as
/// long as its context, and so these may be used as long as the module lives.
#[derive(Clone, Debug)]
pub struct Places {
    /// None where there was none.
    had: Vec<LLVMMetadataRef>,
    /// What numbered locations are in: the function's debug info.
    scope: LLVMMetadataRef,
    /// The function had that of its own, and was not given it to be numbered.
    has_scope: bool,
}

thread_local! {
    /// What a numbered location stands for now, for whoever asks where an instruction comes from.
    static CURRENT: RefCell<Option<Places>> = const { RefCell::new(None) };
}

/// `LLVMContext::MD_dbg`, which LLVM promises not to change.
const DEBUG: u32 = 0;

impl Places {
    /// Numbers a function, and keeps the locations that its instructions had. Where they were numbers, as Enzyme copies
    /// them to a derivative, those that `before` has for these. Gives back their lines, too.
    pub fn number(
        function: FunctionValue<'_>,
        before: Option<&Places>,
    ) -> (Vec<Option<SourceLine>>, Self) {
        let had_scope = !subprogram(function).is_null();
        let context = context(function);
        let mut found = HashMap::new();
        let had = instructions(function)
            .into_iter()
            .map(|instruction| {
                let location = location(instruction);
                match before {
                    Some(before) => before.real(context, location, &mut found),
                    None => location,
                }
            })
            .collect();
        let lines = number(function);
        let places = Places {
            had,
            scope: subprogram(function),
            has_scope: had_scope && before.is_none_or(|before| before.has_scope),
        };
        (lines, places)
    }

    /// From now on whoever asks where an instruction comes from is not told numbers.
    pub fn are_meant(&self) {
        CURRENT.set(Some(self.clone()));
    }

    /// From now on numbers are told again.
    pub fn are_meant_no_more() {
        CURRENT.set(None);
    }

    /// Does something while the instructions have the locations that they would have if nothing was numbered.
    pub fn as_they_were<T>(&self, function: FunctionValue<'_>, work: impl FnOnce() -> T) -> T {
        let context = context(function);
        let mut found = HashMap::new();
        let numbered: Vec<(LLVMValueRef, LLVMMetadataRef)> = instructions(function)
            .into_iter()
            .map(|instruction| (instruction, location(instruction)))
            .collect();
        for &(instruction, location) in &numbered {
            let real = self.real(context, location, &mut found);
            if real != location {
                set_location(instruction, real);
            }
        }
        let scope = subprogram(function);
        let hides_scope = !self.has_scope && !scope.is_null();
        if hides_scope {
            // SAFETY: a live function.
            unsafe { LLVMGlobalEraseMetadata(function.as_value_ref(), DEBUG) };
        }
        let result = work();
        if hides_scope {
            // SAFETY: a live function, and the subprogram that it had.
            unsafe { LLVMSetSubprogram(function.as_value_ref(), scope) };
        }
        for (instruction, location) in numbered {
            set_location(instruction, location);
        }
        result
    }

    /// The location that stands behind a number, or behind code that was inlined where the number is.
    fn real(
        &self,
        context: LLVMContextRef,
        location: LLVMMetadataRef,
        found: &mut HashMap<LLVMMetadataRef, LLVMMetadataRef>,
    ) -> LLVMMetadataRef {
        if location.is_null() {
            return location;
        }
        if let Some(&known) = found.get(&location) {
            return known;
        }
        // SAFETY: a location of a live instruction.
        let (line, column, scope, inlined_at) = unsafe {
            (
                LLVMDILocationGetLine(location),
                LLVMDILocationGetColumn(location),
                LLVMDILocationGetScope(location),
                LLVMDILocationGetInlinedAt(location),
            )
        };
        let real = if inlined_at.is_null() {
            let numbered = (line as usize)
                .checked_sub(1)
                .and_then(|at| self.had.get(at));
            match numbered {
                Some(&had) => had,
                // What passes have put together is at no line.
                None if self.has_scope => location,
                None => std::ptr::null_mut(),
            }
        } else {
            let outer = self.real(context, inlined_at, found);
            match outer.is_null() {
                true => outer,
                // SAFETY: the scope and the outer location are live metadata of this context.
                false => unsafe {
                    LLVMDIBuilderCreateDebugLocation(context, line, column, scope, outer)
                },
            }
        };
        found.insert(location, real);
        real
    }
}

/// Does something while an instruction has the location that it would have if nothing was numbered.
pub(crate) fn as_it_was<T>(instruction: LLVMValueRef, work: impl FnOnce() -> T) -> T {
    CURRENT.with_borrow(|current| {
        let numbered = location(instruction);
        match current {
            Some(places) if places.scope == outermost(numbered) => {
                // SAFETY: a live instruction has a type, and that has a context.
                let context = unsafe { LLVMGetTypeContext(LLVMTypeOf(instruction)) };
                set_location(
                    instruction,
                    places.real(context, numbered, &mut HashMap::new()),
                );
                let result = work();
                set_location(instruction, numbered);
                result
            }
            _ => work(),
        }
    })
}

/// The scope of the code that everything was inlined into; none without a location.
fn outermost(mut location: LLVMMetadataRef) -> LLVMMetadataRef {
    if location.is_null() {
        return location;
    }
    // SAFETY: a location of a live instruction.
    unsafe {
        loop {
            let outer = LLVMDILocationGetInlinedAt(location);
            if outer.is_null() {
                return LLVMDILocationGetScope(location);
            }
            location = outer;
        }
    }
}

fn context(function: FunctionValue<'_>) -> LLVMContextRef {
    // SAFETY: a live function has a type, and that has a context.
    unsafe { LLVMGetTypeContext(LLVMTypeOf(function.as_value_ref())) }
}

fn subprogram(function: FunctionValue<'_>) -> LLVMMetadataRef {
    // SAFETY: a live function.
    unsafe { LLVMGetSubprogram(function.as_value_ref()) }
}

fn location(instruction: LLVMValueRef) -> LLVMMetadataRef {
    // SAFETY: a live instruction.
    unsafe { LLVMInstructionGetDebugLoc(instruction) }
}

fn set_location(instruction: LLVMValueRef, location: LLVMMetadataRef) {
    // SAFETY: a live instruction; none is a location, too.
    unsafe { LLVMInstructionSetDebugLoc(instruction, location) }
}

/// The instructions of a function, in their order.
fn instructions(function: FunctionValue<'_>) -> Vec<LLVMValueRef> {
    let mut found = Vec::new();
    // SAFETY: a live function; its blocks and instructions are walked and not changed.
    unsafe {
        let mut block = LLVMGetFirstBasicBlock(function.as_value_ref());
        while !block.is_null() {
            let mut instruction = LLVMGetFirstInstruction(block);
            while !instruction.is_null() {
                found.push(instruction);
                instruction = LLVMGetNextInstruction(instruction);
            }
            block = LLVMGetNextBasicBlock(block);
        }
    }
    found
}
