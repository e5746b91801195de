//! `irad diff`: before and after.

use std::path::PathBuf;

use session::ask::ask;
use session::load::{self, Input};
use session::mode;
use session::module::Module;
use session::request;
use session::sides::{Side, at_point, between, check_saved};
use session::verdict::ask_and_check;
use trace::{Mode, Point, Task, Trace, Watch};

use crate::args::ad::AdArgs;
use crate::args::checking::CheckingArgs;
use crate::args::function::function_name;
use crate::args::mode::ModeName;
use crate::args::point::PointName;
use crate::args::slicing::SlicingArgs;
use crate::failure::Failure;
use crate::output::Global;
use crate::view::{Format, View, show_each};

/// Shows one function before and after differentiation, two functions of a module, or the same
/// function of two files.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad diff model.ll --fn loss --mode reverse
  irad diff model.ll --fn loss --mode forward --before preprocessed --after derivative
  irad diff model.ll --fn loss --against backward
  irad diff old.ll new.ll --fn loss --exit-code
  irad diff nightly.ll --fn df")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input; or a saved trace.
    pub file: PathBuf,
    /// A second file: compare the function in both.
    pub other: Option<PathBuf>,
    /// The function: a symbol, a demangled path, or a unique end of one.
    #[arg(long = "fn", value_name = "NAME")]
    pub function: Option<String>,
    /// Differentiate it. A function that calls Enzyme itself (nightly's `#[autodiff_…]`) needs none.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// Compare with another function of the same module.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["mode", "other"])]
    pub against: Option<String>,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    /// The point on the left.
    #[arg(long, value_enum, value_name = "POINT", default_value_t = PointName::Prepared)]
    pub before: PointName,
    /// The point on the right.
    #[arg(long, value_enum, value_name = "POINT", default_value_t = PointName::Final)]
    pub after: PointName,
    #[command(flatten)]
    pub ad: AdArgs,
    #[command(flatten)]
    pub checking: CheckingArgs,
    #[command(flatten)]
    pub slicing: SlicingArgs,
    #[command(flatten)]
    pub view: View,
}

impl Args {
    /// True when JSON is wanted.
    pub fn wants_json(&self) -> bool {
        self.view.wants_json()
    }
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let is_text = !args.view.wants_json() && args.view.format == Format::Text;
    // A wrong name is said before the engine is asked for anything.
    let theme = match is_text {
        true => global.theme()?,
        false => None,
    };
    let (pairs, trace) = sides(args, global)?;
    show_each(&pairs, trace.as_ref(), &args.view, theme.as_ref(), global)
}

/// What is compared, and the run that it comes from.
type Sides = (Vec<(Side, Side)>, Option<Trace>);

fn sides(args: &Args, global: &Global) -> Result<Sides, Failure> {
    let wanted = args.function.as_deref();
    let mut module = match load::load_any(&args.file, args.module, wanted, global.limits())? {
        Input::Module(module) => *module,
        Input::Trace(trace, file) => {
            args.ad.warn_unused("a saved trace is what it was", global);
            return saved_sides(args, *trace, &file);
        }
    };
    global.warn(&module.warnings());
    let wanted = function_name(wanted)?;
    let name = module.resolve(wanted)?;
    let mode = match (&args.other, &args.against) {
        (None, None) => mode::mode(&module, &name.symbol, args.mode.map(Mode::from))?,
        _ => args.mode.map(Mode::from),
    };
    if mode.is_none() {
        args.ad.warn_unused("nothing is differentiated", global);
    }
    if let Some(other) = &args.other {
        if args.mode.is_some() {
            return Err(Failure::usage(
                "usage",
                "--mode differentiates a function of one file, but two are given",
            )
            .help("leave one file away, or --mode"));
        }
        let mut second = load::load(other, args.module, Some(wanted), global.limits())?;
        let second_name = second.resolve(wanted)?;
        args.slicing.cut(&mut module, &[&name.symbol], &args.ad)?;
        args.slicing
            .cut(&mut second, &[&second_name.symbol], &args.ad)?;
        let before = as_it_is(&module, &name.symbol, global)?;
        let after = as_it_is(&second, &second_name.symbol, global)?;
        return Ok((vec![(before, after)], None));
    }
    if let Some(against) = &args.against {
        let other = module.resolve(against)?;
        args.slicing
            .cut(&mut module, &[&name.symbol, &other.symbol], &args.ad)?;
        let before = as_it_is(&module, &name.symbol, global)?;
        let after = as_it_is(&module, &other.symbol, global)?;
        return Ok((vec![(before, after)], None));
    }
    let Some(mode) = mode else {
        return Err(Failure::usage("usage", "there is nothing to compare with")
            .help("--mode reverse (or forward) differentiates the function")
            .help("--against NAME compares it with another function of the module")
            .help("a second FILE compares it with the function of that name there"));
    };
    args.slicing.cut(&mut module, &[&name.symbol], &args.ad)?;
    let request = request::differentiate(
        &module,
        &name.symbol,
        args.ad.resolve(mode, &module)?,
        Watch::Points,
        global.limits(),
    );
    let checking = args.checking.checking()?;
    let trace = ask_and_check(&request, &module, checking.as_ref())?.trace;
    let pairs = between(&trace, args.before.into(), args.after.into(), &module.short)?;
    Ok((pairs, Some(trace)))
}

/// Both sides from a run that was saved.
fn saved_sides(args: &Args, trace: Trace, file: &str) -> Result<Sides, Failure> {
    check_saved(
        &trace,
        file,
        args.function.as_deref(),
        args.mode.map(Mode::from),
    )?;
    if let Task::Run { function, .. } = &trace.request.task
        && function == "*"
    {
        return Err(
            Failure::usage("trace", format!("{file} is a run of every function")).help(format!(
                "irad passes {file} --fn NAME --from input shows one of them"
            )),
        );
    }
    let mut before = Point::from(args.before);
    // A run without differentiation has no prepared point, and begins at its input.
    if matches!(trace.request.task, Task::Run { .. }) && before == Point::Prepared {
        before = Point::Input;
    }
    let pairs = between(&trace, before, args.after.into(), file)?;
    Ok((pairs, Some(trace)))
}

/// A function as it stands in its file, printed by LLVM.
fn as_it_is(module: &Module, symbol: &str, global: &Global) -> Result<Side, Failure> {
    let request = request::as_it_is(module, symbol, global.limits());
    let trace = ask(&request, module)?.trace;
    Ok(at_point(&trace, Point::Input, &module.short)?)
}
