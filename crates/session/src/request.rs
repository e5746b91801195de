//! Requests to an engine, built in one place.

use trace::{
    AdOptions, Check, Emission, Iteration, Limits, Measure, Pipeline, Request, Task, Watch,
};

use crate::module::Module;

/// A request about a module, without options for LLVM.
pub fn request(module: &Module, task: Task, limits: Limits) -> Request {
    Request {
        source: module.origin.clone(),
        task,
        llvm_options: Vec::new(),
        limits,
    }
}

/// To differentiate the function of this symbol.
pub fn differentiate(
    module: &Module,
    symbol: &str,
    ad: AdOptions,
    watch: Watch,
    limits: Limits,
) -> Request {
    let task = Task::Differentiate {
        function: symbol.to_owned(),
        ad,
        watch,
        then_check: None,
    };
    request(module, task, limits)
}

/// To differentiate a function, run it and its derivative, and compare.
pub fn check(
    module: &Module,
    symbol: &str,
    ad: AdOptions,
    check: Check,
    limits: Limits,
) -> Request {
    let task = Task::Check {
        function: symbol.to_owned(),
        ad,
        check,
    };
    request(module, task, limits)
}

/// To find the value at which the derivative of a function goes wrong.
pub fn locate(
    module: &Module,
    symbol: &str,
    ad: AdOptions,
    check: Check,
    limits: Limits,
) -> Request {
    let task = Task::Locate {
        function: symbol.to_owned(),
        ad,
        check,
    };
    request(module, task, limits)
}

/// To run a function and its derivative at one point, and tell the numbers on the way.
pub fn values(
    module: &Module,
    symbol: &str,
    ad: AdOptions,
    check: Check,
    iteration: Iteration,
    limits: Limits,
) -> Request {
    let task = Task::Values {
        function: symbol.to_owned(),
        ad,
        check,
        iteration,
    };
    request(module, task, limits)
}

/// To measure what running a function and its derivative at one point takes.
pub fn profile(
    module: &Module,
    symbol: &str,
    ad: AdOptions,
    check: Check,
    measure: Measure,
    limits: Limits,
) -> Request {
    let task = Task::Profile {
        function: symbol.to_owned(),
        ad,
        check,
        measure,
    };
    request(module, task, limits)
}

/// To give the derivative of a function back as code.
pub fn emit(
    module: &Module,
    symbol: &str,
    ad: AdOptions,
    emission: Emission,
    limits: Limits,
) -> Request {
    let task = Task::Emit {
        function: symbol.to_owned(),
        ad,
        emission,
    };
    request(module, task, limits)
}

/// To prepare a function and add a call of Enzyme's pass on it.
pub fn case(module: &Module, symbol: &str, ad: AdOptions, limits: Limits) -> Request {
    let task = Task::Case {
        function: symbol.to_owned(),
        ad,
    };
    request(module, task, limits)
}

/// To print a function as it stands in its file.
pub fn as_it_is(module: &Module, symbol: &str, limits: Limits) -> Request {
    let task = Task::Run {
        function: symbol.to_owned(),
        pipeline: Pipeline::None,
        whole_program: false,
        watch: Watch::Points,
    };
    request(module, task, limits)
}

/// To run a pipeline over a whole module, with options for LLVM's own parser, and give it back.
pub fn optimise(
    source: String,
    passes: String,
    bitcode: bool,
    llvm_options: Vec<String>,
    limits: Limits,
) -> Request {
    Request {
        source,
        task: Task::Optimise { passes, bitcode },
        llvm_options,
        limits,
    }
}
