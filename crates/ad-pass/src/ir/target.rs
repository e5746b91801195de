//! The targets that LLVM writes code for.

use inkwell::OptimizationLevel;
use inkwell::module::Module;
use inkwell::targets::{
    CodeModel, InitializationConfig, RelocMode, Target, TargetMachine, TargetTriple,
};
use trace::{Diagnosis, Emission, Help, Kind, Problem};

/// A target machine for the module's triple, which tells passes what instructions cost. None when
/// this LLVM has no such target; passes then use generic costs.
pub(crate) fn target_machine(module: &Module<'_>) -> Option<TargetMachine> {
    let triple = triple(module);
    initialise_targets(&triple);
    let target = Target::from_triple(&triple).ok()?;
    target.create_target_machine(
        &triple,
        "",
        "",
        OptimizationLevel::Default,
        RelocMode::Default,
        CodeModel::Default,
    )
}

/// Stands for the processor that irad runs on.
pub(crate) const NATIVE: &str = "native";

/// A target machine that writes code as rustc's own does: to be loaded anywhere.
pub(crate) fn code_generator(
    module: &Module<'_>,
    emission: &Emission,
) -> Result<TargetMachine, Diagnosis> {
    let triple = triple(module);
    initialise_targets(&triple);
    let unknown = |why: Option<String>| {
        let triple = triple.as_str().to_string_lossy().into_owned();
        Diagnosis::new(Kind::Emit, Problem::NoTarget { triple, why })
    };
    let target = Target::from_triple(&triple).map_err(|error| unknown(Some(error.to_string())))?;
    let machine = target
        .create_target_machine(
            &triple,
            "",
            "",
            codegen_level(emission.level),
            RelocMode::PIC,
            CodeModel::Default,
        )
        .ok_or_else(|| unknown(None))?;
    if let Some(cpu) = &emission.cpu {
        knows(&machine, cpu)?;
    }
    Ok(machine)
}

/// LLVM takes a processor that it does not know for the simplest one.
fn knows(machine: &TargetMachine, cpu: &str) -> Result<(), Diagnosis> {
    let known = llvm_shim::processors(machine);
    if cpu == NATIVE || known.iter().any(|name| name == cpu) {
        return Ok(());
    }
    let triple = machine.get_triple();
    let triple = triple.as_str().to_string_lossy();
    let mut ranked: Vec<(f64, &String)> = known
        .iter()
        .map(|name| (strsim::jaro_winkler(cpu, name), name))
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let closest = ranked
        .iter()
        .take(3)
        .map(|(_, name)| (*name).clone())
        .collect();
    Err(Diagnosis::new(
        Kind::Option,
        Problem::NoProcessor {
            cpu: cpu.to_owned(),
            triple: triple.into_owned(),
        },
    )
    .with_help(Help::Processors(closest)))
}

/// LLVM's word for how hard the code generator tries.
pub(crate) fn codegen_level(level: u8) -> OptimizationLevel {
    match level {
        0 => OptimizationLevel::None,
        1 => OptimizationLevel::Less,
        2 => OptimizationLevel::Default,
        _ => OptimizationLevel::Aggressive,
    }
}

fn triple(module: &Module<'_>) -> TargetTriple {
    match module.get_triple() {
        triple if triple.as_str().to_bytes().is_empty() => TargetMachine::get_default_triple(),
        triple => triple,
    }
}

/// The native target alone is a good deal faster to set up than all of them.
fn initialise_targets(triple: &TargetTriple) {
    let config = InitializationConfig {
        asm_parser: true,
        asm_printer: true,
        base: true,
        disassembler: false,
        info: true,
        machine_code: true,
    };
    let native = TargetMachine::get_default_triple();
    let arch = |triple: &TargetTriple| {
        triple
            .as_str()
            .to_string_lossy()
            .split('-')
            .next()
            .map(str::to_owned)
    };
    if arch(&native) != arch(triple) || Target::initialize_native(&config).is_err() {
        Target::initialize_all(&config);
    }
}
