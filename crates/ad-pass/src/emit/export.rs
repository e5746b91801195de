//! Writes a derivative as code of its own, which links beside the object that rustc makes.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::module::Module;
use inkwell::targets::{FileType, TargetMachine};
use inkwell::values::{BasicValue, FunctionValue};
use llvm_shim::Isolated;
use trace::{
    AllocatorEntry, AllocatorSymbol, Diagnosis, Emission, Emitted, Help, Kind, OutputKind,
    Pipeline, Problem, RemarkKind, Severity, Watch, enzyme,
};

use crate::channel::recorder::Recorder;
use crate::differentiate::derive::derive;
use crate::differentiate::derived::Derived;
use crate::emit::wrapper;
use crate::ir::lookup::find;
use crate::ir::target::{NATIVE, code_generator};
use crate::options::Options;
use crate::pipeline::{self, Stage};
use crate::transform::allocator::{ALLOC, ALLOC_ZEROED, DEALLOC};
use crate::transform::library;

/// Differentiates a function, exports the derivative under its new name and nothing else, and gives
/// back what that is and the code.
pub(crate) fn emit(
    module: &Module<'_>,
    options: &Options,
    emission: &Emission,
    recorder: &Recorder,
) -> Result<(Emitted, Vec<u8>), Diagnosis> {
    is_free(module, &emission.symbol)?;
    let is_unnamed = library::has_unnamed_allocator(module);
    let machine = code_generator(module, emission)?;
    let cleanup = options.ad.cleanup.clone();
    let mut options = options.clone();
    // What is emitted is cleaned up as a whole, with the wrapper.
    options.ad.cleanup = Pipeline::None;
    let Derived {
        names, signature, ..
    } = derive(module, &options, recorder)?;

    recorder.stage("export");
    let primal = find(module, &names.primal)?;
    let derivative = find(module, &names.derivative)?;
    let (exported, mut interface) =
        wrapper::wrap(module, &signature, primal, derivative, &emission.symbol)?;
    let isolated = llvm_shim::isolate(module, exported);
    tell(&isolated, recorder);
    if let Some(cpu) = &emission.cpu {
        aim(module, cpu);
    }
    for pipeline in [
        Pipeline::Text("globaldce".to_owned()),
        cleanup,
        Pipeline::Text("globaldce,strip-dead-prototypes".to_owned()),
    ] {
        llvm_shim::drop_personalities(module);
        let stage = Stage {
            name: "cleanup",
            pipeline: &pipeline,
            repair: llvm_shim::Repair::None,
            watch: Watch::Points,
            functions: &[],
            first: &[],
            numbered: &[],
        };
        pipeline::run(module, Some(&machine), &stage, recorder)?;
    }

    recorder.stage("emit");
    let allocator = match is_unnamed {
        true => name_allocator(module, &emission.symbol),
        false => Vec::new(),
    };
    let needs = needs(module);
    complete(&needs, &isolated)?;
    module.verify().map_err(|message| {
        Diagnosis::new(
            Kind::Emit,
            Problem::Invalid {
                words: message.to_string().trim().to_owned(),
            },
        )
    })?;
    let exported = find(module, &emission.symbol)?;
    interface.panics = options.ad.panics;
    interface.unwinds = !has(exported, "nounwind");
    // Where the input lay is no part of what comes out.
    module.set_name(&emission.symbol);
    let bytes = write(module, &machine, emission.kind)?;
    let emitted = Emitted {
        variables: isolated
            .defined_elsewhere
            .into_iter()
            .filter(|name| needs.contains(name))
            .collect(),
        interface,
        needs,
        allocator,
    };
    Ok((emitted, bytes))
}

/// Gives the allocator symbols of this derivative's own, which whoever uses it defines.
fn name_allocator(module: &Module<'_>, symbol: &str) -> Vec<AllocatorSymbol> {
    let entries = [
        (ALLOC, AllocatorEntry::Alloc),
        (ALLOC_ZEROED, AllocatorEntry::AllocZeroed),
        (DEALLOC, AllocatorEntry::Dealloc),
    ];
    entries
        .into_iter()
        .filter_map(|(plain, entry)| {
            let function = module.get_function(plain)?;
            let symbol = format!("{symbol}_{}", entry.name());
            function.as_global_value().set_name(&symbol);
            Some(AllocatorSymbol { symbol, entry })
        })
        .collect()
}

/// The name must not be one that the module, and so perhaps rustc's object, has already.
fn is_free(module: &Module<'_>, symbol: &str) -> Result<(), Diagnosis> {
    if module.get_function(symbol).is_none() && module.get_global(symbol).is_none() {
        return Ok(());
    }
    Err(Diagnosis::new(
        Kind::Symbol,
        Problem::SymbolTaken {
            symbol: symbol.to_owned(),
        },
    )
    .with_help(Help::AnotherName))
}

/// Has every function compiled for a processor. Functions name theirs, and that counts more than what
/// the code generator is told.
fn aim(module: &Module<'_>, cpu: &str) {
    let context = module.get_context();
    let (name, features) = match cpu {
        NATIVE => (
            TargetMachine::get_host_cpu_name().to_string(),
            Some(TargetMachine::get_host_cpu_features().to_string()),
        ),
        cpu => (cpu.to_owned(), None),
    };
    let functions = module.get_functions();
    for function in functions.filter(|function| function.count_basic_blocks() > 0) {
        let set = |key: &str, value: &str| {
            let attribute = context.create_string_attribute(key, value);
            function.add_attribute(AttributeLoc::Function, attribute);
        };
        set("target-cpu", &name);
        function.remove_string_attribute(AttributeLoc::Function, "tune-cpu");
        if let Some(features) = &features {
            set("target-features", features);
        }
    }
}

fn tell(isolated: &Isolated, recorder: &Recorder) {
    for name in &isolated.weak {
        recorder.remark(
            Severity::Warning,
            RemarkKind::Replaceable {
                function: name.clone(),
            },
        );
    }
    if isolated.assembly {
        recorder.remark(Severity::Note, RemarkKind::ModuleAssembly);
    }
}

/// Symbols that are used here and defined elsewhere.
fn needs(module: &Module<'_>) -> Vec<String> {
    let functions = module
        .get_functions()
        .filter(|function| function.count_basic_blocks() == 0)
        .map(|function| function.as_global_value());
    let variables = module
        .get_globals()
        .filter(|variable| variable.get_initializer().is_none());
    functions
        .chain(variables)
        .filter(|value| value.as_pointer_value().get_first_use().is_some())
        .map(|value| value.get_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("llvm."))
        .collect()
}

/// Refuses what could not be linked, or would not mean what the primal means.
fn complete(needs: &[String], isolated: &Isolated) -> Result<(), Diagnosis> {
    if let Some(name) = isolated.local.iter().find(|name| needs.contains(name)) {
        return Err(Diagnosis::new(
            Kind::Emit,
            Problem::LocalVariable {
                variable: name.clone(),
            },
        )
        .with_help(Help::ShareStatic));
    }
    let made_for_enzyme = |name: &&String| {
        name.starts_with(enzyme::RESERVED)
            || name.starts_with(enzyme::MARKER)
            || name.starts_with("irad.")
    };
    if let Some(name) = needs.iter().find(made_for_enzyme) {
        return Err(Diagnosis::new(
            Kind::Emit,
            Problem::Undefined {
                symbol: name.clone(),
            },
        ));
    }
    Ok(())
}

fn write(
    module: &Module<'_>,
    machine: &TargetMachine,
    kind: OutputKind,
) -> Result<Vec<u8>, Diagnosis> {
    let generate = |kind| {
        let buffer = machine
            .write_to_memory_buffer(module, kind)
            .map_err(|error| {
                Diagnosis::new(
                    Kind::Emit,
                    Problem::NoCode {
                        words: error.to_string().trim_end().to_owned(),
                    },
                )
            })?;
        Ok(buffer.as_slice().to_vec())
    };
    match kind {
        OutputKind::Text => Ok(module.print_to_string().to_bytes().to_vec()),
        OutputKind::Bitcode => Ok(llvm_shim::write_bitcode(module)),
        OutputKind::Object => generate(FileType::Object),
        // It ends with a NUL that is no part of the text.
        OutputKind::Assembly => generate(FileType::Assembly).map(|mut text| {
            while text.last() == Some(&0) {
                text.pop();
            }
            text
        }),
    }
}

fn has(function: FunctionValue<'_>, name: &str) -> bool {
    let kind = Attribute::get_named_enum_kind_id(name);
    let found = function.get_enum_attribute(AttributeLoc::Function, kind);
    found.is_some()
}
