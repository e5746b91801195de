//! A run that was made up: four steps of one function.

mod run;

use trace::Trace;

/// The states of the function.
pub const TEXTS: [&str; 5] = [
    "define double @f(double %a) {\n  %x = fmul double %a, %a\n  %y = fadd double %x, 1.0\n  %z = fsub double %y, %y\n  ret double %y\n}\n",
    // The dead line goes.
    "define double @f(double %a) {\n  %x = fmul double %a, %a\n  %y = fadd double %x, 1.0\n  ret double %y\n}\n",
    // One line is new.
    "define double @f(double %a) {\n  %x = fmul double %a, %a\n  %w = fneg double %x\n  %y = fadd double %x, 1.0\n  ret double %y\n}\n",
    // An attribute.
    "define noundef double @f(double %a) {\n  %x = fmul double %a, %a\n  %w = fneg double %x\n  %y = fadd double %x, 1.0\n  ret double %y\n}\n",
    // One line says something else.
    "define noundef double @f(double %a) {\n  %x = fmul double %a, %a\n  %w = fneg double %x\n  %y = fadd double %x, 2.0\n  ret double %y\n}\n",
];

/// The run.
pub fn trace() -> Trace {
    let passes = ["DCEPass", "SROAPass", "InferAttrsPass", "GVNPass"].map(str::to_owned);
    run::run(
        TEXTS.map(str::to_owned),
        passes.into_iter().zip((1..).map(Some)),
    )
}
