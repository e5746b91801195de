//! Compiles a module at run time as it is compiled for a program: with calls and constants nearby.
#![allow(unsafe_code, reason = "calls into LLVM's C API")]

use std::ffi::CStr;
use std::mem::{ManuallyDrop, MaybeUninit, size_of};
use std::ptr;
use std::rc::Rc;

use inkwell::OptimizationLevel;
use inkwell::execution_engine::ExecutionEngine;
use inkwell::llvm_sys::core::LLVMDisposeMessage;
use inkwell::llvm_sys::execution_engine::{
    LLVMCreateMCJITCompilerForModule, LLVMInitializeMCJITCompilerOptions, LLVMLinkInMCJIT,
    LLVMMCJITCompilerOptions,
};
use inkwell::llvm_sys::target_machine::LLVMCodeModel;
use inkwell::module::Module;
use inkwell::targets::{InitializationConfig, Target};

use crate::error::Error;

/// An engine for a module, which compiles it when a function's address is asked for. LLVM's own choice for code that is
/// made at run time can reach all memory, and takes other instructions for it than `irad emit` writes. The engine is
/// never dropped: the module is not its own.
pub fn small_code<'c>(
    module: &Module<'c>,
    level: OptimizationLevel,
) -> Result<ManuallyDrop<ExecutionEngine<'c>>, Error> {
    Target::initialize_native(&InitializationConfig::default()).map_err(Error::Options)?;
    let size = size_of::<LLVMMCJITCompilerOptions>();
    let mut options = MaybeUninit::<LLVMMCJITCompilerOptions>::uninit();
    let (mut engine, mut words) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: all are places of this function; LLVM initialises the options, and the words if it fails.
    unsafe {
        LLVMLinkInMCJIT();
        LLVMInitializeMCJITCompilerOptions(options.as_mut_ptr(), size);
        let options = options.assume_init_mut();
        options.OptLevel = level as u32;
        options.CodeModel = LLVMCodeModel::LLVMCodeModelSmall;
        let failed = LLVMCreateMCJITCompilerForModule(
            &raw mut engine,
            module.as_mut_ptr(),
            options,
            size,
            &raw mut words,
        );
        if failed != 0 {
            let said = CStr::from_ptr(words).to_string_lossy().into_owned();
            LLVMDisposeMessage(words);
            return Err(Error::Options(said));
        }
        let engine = ExecutionEngine::new(Rc::new(engine), true);
        Ok(ManuallyDrop::new(engine))
    }
}
