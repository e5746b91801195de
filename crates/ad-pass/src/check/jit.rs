//! Compiles a module's functions in this process and calls them.
#![allow(unsafe_code, reason = "calls code that was compiled at run time")]

use std::cell::Cell;
use std::fs;
use std::mem::ManuallyDrop;
use std::ops::Range;

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::execution_engine::ExecutionEngine;
use inkwell::module::Module;
use inkwell::support::{load_visible_symbols, search_for_address_of_symbol};
use inkwell::targets::{TargetData, TargetMachine};
use inkwell::types::{BasicTypeEnum, FloatType};
use inkwell::values::{
    AnyValue, AnyValueEnum, BasicMetadataValueEnum, BasicValueEnum, FunctionValue,
};
use inkwell::{AddressSpace, OptimizationLevel};
use llvm_shim::{Block, CountedInstruction, Stop};
use trace::{Diagnosis, Help, Kind, Problem};

use super::clock::Timing;
use super::compared_with::{ComparedWith, compared_with};
use super::heap;
use super::panic::{self, Ended};
use super::standard;
use super::variables;
use crate::types::contents::{float_bits, float_name};

/// Functions that can be called.
pub(super) struct Code<'c> {
    // The engine process ends soon; to take the code apart first is a waste of time.
    jit: ManuallyDrop<ExecutionEngine<'c>>,
    entries: Vec<usize>,
    /// What stops a call.
    stops: Vec<Stopper>,
    /// How long a call may take, in milliseconds; 0 for as long as it likes.
    limit: Cell<u32>,
    /// The fewest bits of a float that it computes with somewhere, up to 64.
    bits: u32,
}

/// Something that compiled code calls and does not return from.
struct Stopper {
    symbol: String,
    /// It would return, if it had a body anywhere.
    is_missing: bool,
}

/// Compiles `functions` and what they reach. The module is changed, and good for nothing else after.
pub(super) fn compile<'c>(
    module: &Module<'c>,
    functions: &[FunctionValue<'c>],
    level: OptimizationLevel,
) -> Result<Code<'c>, Diagnosis> {
    let closed = close(module, functions, Calls::One)?;
    finish(module, closed, level)
}

/// Code that computes tangents beside its numbers, and what is known of it.
pub(super) struct Instrumented<'c> {
    pub(super) code: Code<'c>,
    /// Its blocks, in the order of their counters.
    pub(super) blocks: Vec<Block>,
    /// What it compares with.
    pub(super) compared: ComparedWith,
}

/// Compiles `functions` and what they reach, with a tangent beside each number.
pub(super) fn compile_with_tangents<'c>(
    module: &Module<'c>,
    functions: &[FunctionValue<'c>],
) -> Result<Instrumented<'c>, Diagnosis> {
    let closed = close(module, functions, Calls::One)?;
    let compared = compared_with(module);
    // Registers instead of memory where that is possible: a tangent in memory costs a call. Blocks stay.
    llvm_shim::forgo_zero_tests(module);
    let passes = llvm_shim::Pipeline::Text("function(sroa<preserve-cfg>)");
    llvm_shim::run(module, None, passes, None, None)
        .map_err(|error| Diagnosis::new(Kind::Unresolved, error.to_string()))?;
    let blocks = llvm_shim::instrument(module, None);
    Ok(Instrumented {
        code: finish(module, closed, OptimizationLevel::None)?,
        blocks,
        compared,
    })
}

/// Code that another thread compiled, in a context that nobody else has.
pub(super) struct Moved<'c>(Instrumented<'c>);

// SAFETY: what holds it is made and moved before anything else knows of it: of its engine there is one reference, and of
// its context there is no user but that engine.
unsafe impl Send for Moved<'_> {}

impl<'c> Moved<'c> {
    pub(super) fn new(code: Instrumented<'c>) -> Self {
        Moved(code)
    }

    pub(super) fn into_inner(self) -> Instrumented<'c> {
        self.0
    }
}

/// Compiles `function`, whose instructions are numbered, with a tangent beside each number; and has it tell of each
/// what it computes.
pub(super) fn compile_that_tells<'c>(
    module: &Module<'c>,
    function: FunctionValue<'c>,
) -> Result<Code<'c>, Diagnosis> {
    let closed = close(module, &[function], Calls::One)?;
    llvm_shim::instrument(module, Some(function));
    finish(module, closed, OptimizationLevel::None)
}

/// Code that counts what it does.
pub(super) struct Counting<'c> {
    pub(super) code: Code<'c>,
    /// Its instructions, in their order.
    pub(super) instructions: Vec<CountedInstruction>,
}

/// Compiles `function` and what it reaches, and has all of it count what it does.
pub(super) fn compile_counting<'c>(
    module: &Module<'c>,
    function: FunctionValue<'c>,
) -> Result<Counting<'c>, Diagnosis> {
    let closed = close(module, &[function], Calls::One)?;
    let instructions = llvm_shim::count(module);
    Ok(Counting {
        code: finish(module, closed, OptimizationLevel::None)?,
        instructions,
    })
}

/// Compiles `function` and what it reaches as fast code with the allocator of this process, whose calls a [`Clock`](super::clock::Clock)
/// times.
pub(super) fn compile_timed<'c>(
    module: &Module<'c>,
    function: FunctionValue<'c>,
) -> Result<Code<'c>, Diagnosis> {
    let closed = close(module, &[function], Calls::Timed)?;
    let jit = llvm_shim::small_code(module, OptimizationLevel::Aggressive)
        .map_err(|error| Diagnosis::new(Kind::Unresolved, error.to_string()))?;
    finish_with(jit, module, closed, heap::connect_fast)
}

/// How often an entry calls its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Calls {
    One,
    /// As often as a [`Clock`](super::clock::Clock) says, which is told how long that took.
    Timed,
}

/// A module that holds what its entries reach and no more.
struct Closed {
    entries: Vec<String>,
    stops: Vec<Stopper>,
    bits: u32,
}

fn close<'c>(
    module: &Module<'c>,
    functions: &[FunctionValue<'c>],
    calls: Calls,
) -> Result<Closed, Diagnosis> {
    runs_here(module)?;
    llvm_shim::embody(module);
    variables::share(module);
    let entries: Vec<String> = functions
        .iter()
        .enumerate()
        .map(|(at, function)| {
            let entry = format!("irad.entry.{at}");
            wrap(module, *function, &entry, calls);
            entry
        })
        .collect();
    let stops = stub(module, &entries, calls)?;
    connected(module)?;
    if calls == Calls::One {
        variables::begin_anew(module, &entries);
    }
    let bits = narrowest(module)?;
    Ok(Closed {
        entries,
        stops,
        bits,
    })
}

fn finish<'c>(
    module: &Module<'c>,
    closed: Closed,
    level: OptimizationLevel,
) -> Result<Code<'c>, Diagnosis> {
    let jit = module
        .create_jit_execution_engine(level)
        .map_err(|error| Diagnosis::new(Kind::Unresolved, error.to_string()))?;
    finish_with(ManuallyDrop::new(jit), module, closed, heap::connect)
}

fn finish_with<'c>(
    jit: ManuallyDrop<ExecutionEngine<'c>>,
    module: &Module<'c>,
    closed: Closed,
    connect: impl FnOnce(&ExecutionEngine<'c>, &Module<'c>),
) -> Result<Code<'c>, Diagnosis> {
    connect(&jit, module);
    for (symbol, value) in left_out(module) {
        if let Some(address) = standard::address(&symbol) {
            jit.add_global_mapping(&value, address);
        }
    }
    if let Some(stop) = module.get_function(STOP) {
        jit.add_global_mapping(&stop, llvm_shim::stop_address());
    }
    let entries = closed
        .entries
        .iter()
        .map(|entry| jit.get_function_address(entry))
        .collect::<Result<_, _>>()
        .map_err(|error| Diagnosis::new(Kind::Unresolved, error.to_string()))?;
    Ok(Code {
        jit,
        entries,
        stops: closed.stops,
        limit: Cell::new(0),
        bits: closed.bits,
    })
}

/// What a module declares and this process does not have.
fn left_out<'c>(module: &Module<'c>) -> Vec<(String, AnyValueEnum<'c>)> {
    let functions = module
        .get_functions()
        .filter(|function| function.count_basic_blocks() == 0)
        .map(|function| {
            let symbol = function.get_name().to_string_lossy().into_owned();
            (symbol, function.as_any_value_enum())
        });
    let variables = module
        .get_globals()
        .filter(|global| global.get_initializer().is_none())
        .map(|global| {
            let symbol = global.get_name().to_string_lossy().into_owned();
            (symbol, global.as_any_value_enum())
        });
    functions
        .chain(variables)
        .filter(|(symbol, _)| {
            !symbol.starts_with("llvm.")
                && !heap::serves(symbol)
                && search_for_address_of_symbol(symbol).is_none()
        })
        .collect()
}

impl Code<'_> {
    /// From now on a call may take so many milliseconds; 0 for as long as it likes.
    pub(super) fn limit(&self, milliseconds: u32) {
        self.limit.set(milliseconds);
    }

    /// Calls one of the functions that were compiled. Each of `arguments` points to the value of a
    /// parameter, and the last to where the result goes, if there is one.
    pub(super) fn call(&self, which: usize, arguments: &mut [*mut u8]) -> Result<(), Ended> {
        // SAFETY: the address is that of a function that `wrap` made, which loads its parameters from
        // what it is handed; the caller hands it one block for each. That the function itself keeps
        // to its memory is the user's word; where it does not, the process is the engine's own.
        let end =
            unsafe { llvm_shim::call_guarded(self.entries[which], arguments, self.limit.get()) };
        end.map_err(|stop| match stop {
            Stop::Signal(signal) => Ended::Signal(signal),
            Stop::Endless => Ended::Signal(SIGALRM),
            Stop::Called { id, words } => {
                match usize::try_from(id).ok().and_then(|id| self.stops.get(id)) {
                    Some(stopper) if stopper.is_missing => Ended::Missing(stopper.symbol.clone()),
                    Some(stopper) => {
                        let (message, place) = panic::words(&stopper.symbol, words);
                        Ended::Panic { message, place }
                    }
                    None => Ended::Signal(0),
                }
            }
        })
    }

    /// Where the code lies in memory, if the system tells.
    pub(super) fn range(&self) -> Option<Range<usize>> {
        let entry = *self.entries.first()?;
        let maps = fs::read_to_string("/proc/self/maps").ok()?;
        maps.lines().find_map(|line| {
            let (start, end) = line.split(' ').next()?.split_once('-')?;
            let address = |text| usize::from_str_radix(text, 16).ok();
            let range = address(start)?..address(end)?;
            range.contains(&entry).then_some(range)
        })
    }

    /// The fewest bits of a number on the way, up to 64.
    pub(super) fn bits(&self) -> u32 {
        self.bits
    }

    /// How large types are here.
    pub(super) fn layout(&self) -> &TargetData {
        self.jit.get_target_data()
    }
}

fn runs_here(module: &Module<'_>) -> Result<(), Diagnosis> {
    let here = TargetMachine::get_default_triple();
    let here = here.as_str().to_string_lossy();
    let triple = module.get_triple();
    let there = triple.as_str().to_string_lossy();
    let architecture = |triple: &str| triple.split('-').next().unwrap_or_default().to_owned();
    if there.is_empty() || architecture(&there) == architecture(&here) {
        return Ok(());
    }
    Err(Diagnosis::new(
        Kind::Unresolved,
        Problem::OtherMachine {
            there: there.into_owned(),
            here: here.into_owned(),
        },
    )
    .with_help(Help::OtherMachine))
}

/// The fewest bits of a float that the module computes with, up to 64. Floats that neither the code generator nor dual
/// numbers know here are refused.
fn narrowest(module: &Module<'_>) -> Result<u32, Diagnosis> {
    let mut bits = 64;
    let instructions = module
        .get_functions()
        .flat_map(|function| function.get_basic_blocks())
        .flat_map(|block| block.get_instructions());
    for instruction in instructions {
        let Some(float) = BasicTypeEnum::try_from(instruction.get_type())
            .ok()
            .and_then(float_of)
        else {
            continue;
        };
        match float_name(float) {
            ty @ ("bf16" | "ppc_f128") => {
                let ty = ty.to_owned();
                return Err(Diagnosis::new(
                    Kind::Unresolved,
                    Problem::OtherFloats { ty },
                ));
            }
            name => bits = float_bits(name).map_or(bits, |of| bits.min(of)),
        }
    }
    Ok(bits)
}

/// The float that a value is, or that its lanes are.
fn float_of(ty: BasicTypeEnum<'_>) -> Option<FloatType<'_>> {
    match ty {
        BasicTypeEnum::FloatType(float) => Some(float),
        BasicTypeEnum::VectorType(vector) => float_of(vector.get_element_type()),
        _ => None,
    }
}

/// The signal of a run that takes too long.
pub(super) const SIGALRM: i32 = 14;

/// What compiled code calls instead of what never returns.
const STOP: &str = "irad.stop";

/// Replaces what never returns, such as Rust's panics, and what has no body in this process, by a call
/// that ends the run, and deletes all that the entries do not reach. Gives what was replaced.
fn stub(module: &Module<'_>, entries: &[String], calls: Calls) -> Result<Vec<Stopper>, Diagnosis> {
    load_visible_symbols();
    let mut stops = Vec::new();
    let functions: Vec<FunctionValue<'_>> = module.get_functions().collect();
    for function in functions {
        let symbol = function.get_name().to_string_lossy().into_owned();
        if never_returns(function, &symbol) {
            stop_at(module, function, stops.len());
            stops.push(Stopper {
                symbol,
                is_missing: false,
            });
        }
    }
    // A panic takes what it says with it.
    drop_the_rest(module, entries)?;
    let missing: Vec<FunctionValue<'_>> = module
        .get_functions()
        .filter(|function| function.count_basic_blocks() == 0)
        .collect();
    for function in missing {
        let symbol = function.get_name().to_string_lossy().into_owned();
        if symbol != STOP
            && !symbol.starts_with("llvm.")
            && !heap::serves(&symbol)
            && search_for_address_of_symbol(&symbol).is_none()
            // What is timed has another heap than the library.
            && (calls == Calls::Timed || standard::address(&symbol).is_none())
        {
            stop_at(module, function, stops.len());
            stops.push(Stopper {
                symbol,
                is_missing: true,
            });
        }
    }
    drop_the_rest(module, entries)?;
    Ok(stops)
}

fn never_returns(function: FunctionValue<'_>, symbol: &str) -> bool {
    let has_body = function.count_basic_blocks() > 0;
    let noreturn = Attribute::get_named_enum_kind_id("noreturn");
    let is_std = || {
        let path = format!("{:#}", rustc_demangle::demangle(symbol));
        ["core::", "alloc::", "std::"]
            .iter()
            .any(|root| path.starts_with(root) || path.starts_with(&format!("<{root}")))
    };
    symbol == "llvm.trap"
        || (symbol == "rust_eh_personality" && !has_body)
        || (function
            .get_enum_attribute(AttributeLoc::Function, noreturn)
            .is_some()
            && (!has_body || is_std()))
}

/// Has every use of `function` call [`STOP`] with a number and its first arguments instead.
fn stop_at<'c>(module: &Module<'c>, function: FunctionValue<'c>, id: usize) {
    let context = module.get_context();
    let builder = context.create_builder();
    let word = context.i64_type();
    let stop = module.get_function(STOP).unwrap_or_else(|| {
        let ty = context.void_type().fn_type(&[word.into(); 5], false);
        module.add_function(STOP, ty, None)
    });
    let stub = module.add_function(&format!("irad.stop.{id}"), function.get_type(), None);
    stub.set_call_conventions(function.get_call_conventions());
    builder.position_at_end(context.append_basic_block(stub, ""));
    let mut words = vec![BasicMetadataValueEnum::from(
        word.const_int(id as u64, false),
    )];
    for parameter in stub.get_param_iter().take(4) {
        let value = match parameter {
            BasicValueEnum::IntValue(int) if int.get_type().get_bit_width() <= 64 => builder
                .build_int_z_extend_or_bit_cast(int, word, "")
                .expect("an integer"),
            BasicValueEnum::PointerValue(at) => {
                builder.build_ptr_to_int(at, word, "").expect("a pointer")
            }
            _ => word.const_zero(),
        };
        words.push(value.into());
    }
    words.resize(5, word.const_zero().into());
    builder.build_call(stop, &words, "").expect("five words");
    builder.build_unreachable().expect("a block");
    function.replace_all_uses_with(stub);
}

/// Adds a function that takes an array of addresses, loads the arguments of `function` from there and
/// stores what it returns at the last one: so that no ABI stands between.
fn wrap<'c>(module: &Module<'c>, function: FunctionValue<'c>, entry: &str, calls: Calls) {
    let context = module.get_context();
    let pointer = context.ptr_type(AddressSpace::default());
    let ty = context.void_type().fn_type(&[pointer.into()], false);
    let entry = module.add_function(entry, ty, None);
    let builder = context.create_builder();
    builder.position_at_end(context.append_basic_block(entry, ""));
    let list = entry
        .get_first_param()
        .expect("one parameter")
        .into_pointer_value();
    let address = |at: usize| {
        let index = context.i64_type().const_int(at as u64, false);
        // SAFETY: the caller hands over as many addresses as there are parameters, and one more.
        let slot = unsafe { builder.build_gep(pointer, list, &[index], "") }.expect("a pointer");
        builder
            .build_load(pointer, slot, "")
            .expect("a pointer")
            .into_pointer_value()
    };
    let parameters = function.get_params();
    let arguments: Vec<BasicMetadataValueEnum<'_>> = parameters
        .iter()
        .enumerate()
        .map(|(at, parameter)| {
            let from = address(at);
            let value = builder.build_load(parameter.get_type(), from, "");
            value.expect("a pointer").into()
        })
        .collect();
    let timing = (calls == Calls::Timed).then(|| Timing::begin(&context, &builder, entry));
    let call = builder
        .build_call(function, &arguments, "")
        .expect("its own parameters");
    call.set_call_convention(function.get_call_conventions());
    // How a parameter is passed is said at both ends of a call.
    for at in 0..parameters.len() {
        let place = AttributeLoc::Param(u32::try_from(at).expect("few parameters"));
        for attribute in function.attributes(place) {
            call.add_attribute(place, attribute);
        }
    }
    if let Some(result) = call.try_as_basic_value().basic() {
        let out = address(parameters.len());
        builder.build_store(out, result).expect("a pointer");
    }
    if let Some(timing) = timing {
        timing.end(&context, &builder, entry);
    }
    builder.build_return(None).expect("a block");
}

/// Deletes all that the entries do not reach.
fn drop_the_rest(module: &Module<'_>, entries: &[String]) -> Result<(), Diagnosis> {
    let kept: Vec<String> = entries
        .iter()
        .map(|entry| format!("preserve-gv={entry}"))
        .collect();
    let passes = format!("internalize<{}>,globaldce", kept.join(";"));
    llvm_shim::unlist(module);
    llvm_shim::run(module, None, llvm_shim::Pipeline::Text(&passes), None, None)
        .map_err(|error| Diagnosis::new(Kind::Unresolved, error.to_string()))
}

/// Every variable that is left without a value is to be had in this process.
fn connected(module: &Module<'_>) -> Result<(), Diagnosis> {
    let missing: Vec<String> = module
        .get_globals()
        .filter(|global| global.is_declaration())
        .map(|global| global.get_name().to_string_lossy().into_owned())
        .filter(|name| {
            !name.starts_with("llvm.")
                && search_for_address_of_symbol(name).is_none()
                && standard::address(name).is_none()
        })
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(panic::unresolved(&missing.join(", "))),
    }
}
