//! A diff says "renaming and nothing else" exactly when LLVM, after stripping names, has equal
//! functions; so no attribute, flag or metadata change is ever lost.
//!
//! The other opinion is made without `diff-view`: the module is cloned, the function's names are
//! dropped with LLVM's own means, LLVM prints the clone, and attribute groups and metadata are
//! written out in the order in which they first appear.

mod hearing;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::thread;

use ad_pass::{Options, Recorder};
use diff_view::{Show, diff};
use inkwell::context::Context;
use inkwell::module::Module;
use inkwell::values::{AnyValue, BasicValueEnum};
use llvm_shim::{Pipeline, Printer, Tuning};
use trace::{AdOptions, Mode, Watch};

/// The function after one pass, as irad's engine prints it and as the other opinion has it.
struct State {
    printed: String,
    opinion: String,
}

/// Each function is a test.
macro_rules! rows {
    ($($name:ident => $fixture:literal, $function:literal;)+) => {
        $(
            #[test]
            fn $name() {
                renaming_is_said_exactly_when_llvm_has_equal_functions($fixture, $function);
            }
        )+
    };
}

rows! {
    array_rosenbrock => "array.ll", "rosenbrock";
    bitcode_softplus => "bitcode.bc", "_ZN7bitcode8softplus";
    branch_huber => "branch.ll", "huber";
    closure_mean_decay => "closure.ll", "mean_decay";
    debuginfo_predict => "debuginfo.ll", "predict";
    debuginfo_loss => "debuginfo.ll", "loss";
    dot_dot => "dot.ll", "dot";
    helpers_loss => "helpers.ll", "helpers::loss";
    iterators_distance => "iterators.ll", "distance";
    matmul_matmul => "matmul.ll", "matmul";
    model_loss => "model.ll", "loss";
    newton_square_root => "newton.ll", "square_root";
    params_energy => "params.ll", "energy";
    recursion_horner => "recursion.ll", "horner";
    scale_scale => "scale.ll", "scale";
    single_squared_norm => "single.ll", "squared_norm";
    softmax_cross_entropy => "softmax.ll", "cross_entropy";
}

fn renaming_is_said_exactly_when_llvm_has_equal_functions(
    fixture: &'static str,
    function: &'static str,
) {
    // Enzyme needs more stack than a test's thread has.
    let worker = thread::Builder::new().stack_size(ad_pass::STACK);
    let compare_both = move || {
        compare(fixture, function, false);
        compare(fixture, function, true);
    };
    let ended = worker.spawn(compare_both).unwrap().join();
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

fn compare(fixture: &str, function: &str, is_derivative: bool) {
    let mut equal = 0;
    let mut different = 0;
    let states = states(fixture, function, is_derivative);
    assert!(states.len() >= 8, "{fixture} has {} states", states.len());
    for (a, b) in pairs(states.len()) {
        let (a, b) = (&states[a], &states[b]);
        let only_renaming = !diff(&a.printed, &b.printed, None).differs(Show::All);
        let is_equal = a.opinion == b.opinion;
        assert_eq!(
            only_renaming, is_equal,
            "{fixture}\n{}\n--- against\n{}\n--- LLVM's view\n{}\n--- against\n{}",
            a.printed, b.printed, a.opinion, b.opinion
        );
        if is_equal {
            equal += 1;
        } else {
            different += 1;
        }
    }
    // Both cases were really met.
    assert!(
        equal >= states.len() / 2 && different > 30,
        "{equal} equal, {different} different"
    );
}

/// Neighbours, and others drawn with a fixed seed.
fn pairs(count: usize) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = (1..count).map(|at| (at - 1, at)).collect();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..80 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let draw = |bits: u64| usize::try_from(bits % count as u64).unwrap();
        pairs.push((draw(seed), draw(seed >> 32)));
    }
    pairs
}

/// The states that `default<O2>` takes a function, or its derivative, through, each also with its
/// names dropped.
fn states(fixture: &str, function: &str, is_derivative: bool) -> Vec<State> {
    let path = format!("{}/../../fixtures/{fixture}", env!("CARGO_MANIFEST_DIR"));
    let bytes = fs::read(path).unwrap();
    let context = Context::create();
    let module = ad_pass::load(&context, &bytes, fixture).unwrap();
    let mut symbol = symbol(&module, function);
    if is_derivative {
        let options = Options {
            stands_alone: false,
            function: symbol,
            ad: AdOptions {
                cleanup: trace::Pipeline::None,
                ..AdOptions::new(Mode::Reverse)
            },
            watch: Watch::Points,
        };
        let recorder = Recorder::new(hearing::Refusals);
        let names = ad_pass::differentiate(&module, &options, &recorder).unwrap();
        symbol = names.derivative;
    }
    let states = RefCell::new(Vec::new());
    let mut printer = Printer::new(&module);
    let mut last = String::new();
    let mut look = |_: &llvm_shim::Pass<'_>| {
        let Some(watched) = module.get_function(&symbol) else {
            return;
        };
        let printed = printer.print(watched);
        if printed == last {
            return;
        }
        last.clone_from(&printed);
        let clone = module.clone();
        drop_names(&clone, &symbol);
        let opinion = opinion(&clone, &symbol);
        let nameless = Printer::new(&clone).print(clone.get_function(&symbol).unwrap());
        let mut states = states.borrow_mut();
        states.push(State {
            printed,
            opinion: opinion.clone(),
        });
        states.push(State {
            printed: nameless,
            opinion,
        });
    };
    llvm_shim::run(
        &module,
        None,
        Pipeline::Default(2, Tuning::FULL),
        None,
        Some(&mut look),
    )
    .unwrap();
    states.into_inner()
}

fn symbol(module: &Module<'_>, wanted: &str) -> String {
    module
        .get_functions()
        .filter(|function| function.count_basic_blocks() > 0)
        .map(|function| function.get_name().to_string_lossy().into_owned())
        .find(|symbol| {
            symbol.starts_with(wanted)
                || ir_load::demangle(symbol).ends_with(&format!("::{wanted}"))
                || ir_load::demangle(symbol) == wanted
        })
        .unwrap()
}

fn drop_names(module: &Module<'_>, symbol: &str) {
    let function = module.get_function(symbol).unwrap();
    for parameter in function.get_params() {
        match parameter {
            BasicValueEnum::ArrayValue(v) => v.set_name(""),
            BasicValueEnum::IntValue(v) => v.set_name(""),
            BasicValueEnum::FloatValue(v) => v.set_name(""),
            BasicValueEnum::PointerValue(v) => v.set_name(""),
            BasicValueEnum::StructValue(v) => v.set_name(""),
            BasicValueEnum::VectorValue(v) => v.set_name(""),
            BasicValueEnum::ScalableVectorValue(v) => v.set_name(""),
        }
    }
    for block in function.get_basic_blocks() {
        block.set_name("");
        let mut next = block.get_first_instruction();
        while let Some(instruction) = next {
            if let Ok(value) = BasicValueEnum::try_from(instruction.as_any_value_enum()) {
                value.set_name("");
            }
            next = instruction.get_next_instruction();
        }
    }
}

/// The function as LLVM prints it, `; preds` left out, every attribute group and metadata number
/// replaced by a number of its own by first appearance, followed by what they stand for.
fn opinion(module: &Module<'_>, symbol: &str) -> String {
    let whole = module.print_to_string().to_string();
    let mut definitions: HashMap<String, String> = HashMap::new();
    for line in whole.lines() {
        if line.starts_with('!') || line.starts_with("attributes #") {
            let (name, body) = line.split_once(" = ").unwrap();
            let name = name.trim_start_matches("attributes ").to_owned();
            definitions.insert(name, body.to_owned());
        }
    }
    let function = module.get_function(symbol).unwrap();
    let text = function.print_to_string().to_string();
    let body: String = text
        .lines()
        .filter(|line| !line.starts_with(';'))
        .map(|line| format!("{}\n", line.split("; preds").next().unwrap().trim_end()))
        .collect();
    let mut names: Vec<String> = Vec::new();
    let mut out = renumber(&body, &mut names);
    let mut done = 0;
    while done < names.len() {
        let name = names[done].clone();
        let body = definitions.get(&name).cloned().unwrap_or_default();
        // Debug info beyond these is the whole program's.
        let is_boundary = [
            "!DIFile",
            "!DICompileUnit",
            "!DISubprogram",
            "!DINamespace",
            "Type(",
        ]
        .iter()
        .any(|kind| body.contains(kind));
        let body = if is_boundary {
            let mut aside = Vec::new();
            let marked = renumber(&body, &mut aside);
            aside
                .iter()
                .fold(marked, |text, _| text)
                .split('<')
                .map(|part| part.split_once('>').map_or(part, |(_, rest)| rest))
                .collect()
        } else {
            renumber(&body, &mut names)
        };
        out.push_str(&format!("<{done}> = {body}\n"));
        done += 1;
    }
    out
}

/// Replaces `!12` and `#3` outside of strings by `<n>`, `n` being their place in `names`.
fn renumber(text: &str, names: &mut Vec<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut quoted = false;
    while let Some(c) = rest.chars().next() {
        let digits = rest[1.min(rest.len())..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        if !quoted && (c == '!' || c == '#') && digits > 0 {
            let name = &rest[..=digits];
            let at = names.iter().position(|n| n == name).unwrap_or_else(|| {
                names.push(name.to_owned());
                names.len() - 1
            });
            out.push_str(&format!("<{at}>"));
            rest = &rest[1 + digits..];
            continue;
        }
        quoted ^= c == '"';
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}
