//! `irad diff`: before and after.

use std::path::PathBuf;
use std::thread;

use clap::ValueEnum;
use trace::{Mode, Pipeline, Point, Request, Task, Trace, Watch};

use crate::ad_args::AdArgs;
use crate::engine;
use crate::input::{self, Input, Module};
use crate::output::Global;
use crate::report::Failure;
use crate::requests;
use crate::view::{Format, Side, View, show_each};

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
    pub slicing: Slicing,
    #[command(flatten)]
    pub view: View,
}

/// How much of a module the engine is given.
#[derive(clap::Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Differentiation")]
pub struct Slicing {
    /// Give LLVM only what the function needs of the module, as is done from 4 MiB on and where the
    /// file is cut off.
    #[arg(long = "slice", conflicts_with_all = ["no_slice", "whole_program"])]
    pub always: bool,
    /// Give LLVM the whole module, however large it is.
    #[arg(long)]
    pub no_slice: bool,
}

impl Slicing {
    /// Cuts a module to what the functions of these symbols need, where that is wanted.
    ///
    /// What cannot be cut is not silently taken whole: nobody would know why it takes so long.
    pub fn cut(self, module: &mut Module, symbols: &[&str], ad: &AdArgs) -> Result<(), Failure> {
        let wants_whole = self.no_slice || ad.whole_program;
        if !self.always && (wants_whole || !module.is_worth_cutting()) {
            return Ok(());
        }
        module
            .cut_to(symbols)
            .map_err(|failure| failure.help("--no-slice has all of the module read"))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeName {
    /// Tangents.
    Forward,
    /// Gradients.
    Reverse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PointName {
    /// As rustc emitted it.
    Input,
    /// After the prepare pipeline.
    Prepared,
    /// The clone that Enzyme simplified for itself.
    Preprocessed,
    /// What Enzyme generated, untouched.
    Derivative,
    /// After the cleanup pipeline.
    Final,
}

impl From<ModeName> for Mode {
    fn from(mode: ModeName) -> Self {
        match mode {
            ModeName::Forward => Mode::Forward,
            ModeName::Reverse => Mode::Reverse,
        }
    }
}

impl From<PointName> for Point {
    fn from(point: PointName) -> Self {
        match point {
            PointName::Input => Point::Input,
            PointName::Prepared => Point::Prepared,
            PointName::Preprocessed => Point::Preprocessed,
            PointName::Derivative => Point::Derivative,
            PointName::Final => Point::Final,
        }
    }
}

impl Args {
    /// True when JSON is wanted.
    pub fn wants_json(&self) -> bool {
        self.view.wants_json()
    }
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    // Loading syntaxes takes about as long as the engine does; both at once cost one.
    thread::scope(|scope| {
        let highlighter = scope.spawn(|| {
            if args.view.wants_json() || args.view.format == Format::Patch {
                Ok(None)
            } else {
                global.highlighter()
            }
        });
        let found = sides(args, global);
        let highlighter = highlighter
            .join()
            .expect("loading a theme does not panic")?;
        let (pairs, trace) = found?;
        show_each(
            &pairs,
            trace.as_ref(),
            &args.view,
            highlighter.as_ref(),
            global,
        )
    })
}

/// What is compared, and the run that it comes from.
type Sides = (Vec<(Side, Side)>, Option<Trace>);

fn sides(args: &Args, global: &Global) -> Result<Sides, Failure> {
    let wanted = args.function.as_deref();
    let mut module = match input::load_any(&args.file, args.module, wanted, global)? {
        Input::Module(module) => *module,
        Input::Trace(trace, file) => {
            args.ad.warn_unused("a saved trace is what it was", global);
            return saved_sides(args, *trace, &file);
        }
    };
    global.warn(&module.warnings);
    let wanted = function_name(wanted)?;
    let name = module.resolve(wanted)?;
    let mode = match (&args.other, &args.against) {
        (None, None) => requests::mode(&module, &name.symbol, args.mode.map(Mode::from))?,
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
        let mut second = input::load(other, args.module, Some(wanted), global)?;
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
    let request = Request {
        source: module.origin.clone(),
        task: Task::Differentiate {
            function: name.symbol,
            ad: args.ad.resolve(mode, &module)?,
            watch: Watch::Points,
        },
        llvm_options: Vec::new(),
        limits: global.limits(),
    };
    let trace = engine::ask(&request, &module)?.trace;
    let pairs = between(&trace, args.before.into(), args.after.into(), &module.short)?;
    Ok((pairs, Some(trace)))
}

/// Both sides at two points. Where a split derivative has two functions at one of them, each of them
/// has a pair of its own: with itself at the other point, or with the one function there.
fn between(
    trace: &Trace,
    before: Point,
    after: Point,
    file: &str,
) -> Result<Vec<(Side, Side)>, Failure> {
    let before = sides_at(trace, before, file)?;
    let after = sides_at(trace, after, file)?;
    let symbols: Vec<String> = match (before.len(), after.len()) {
        (2.., _) => &before,
        _ => &after,
    }
    .iter()
    .map(|side| side.symbol.clone())
    .collect();
    let half = |sides: &[Side], symbol: &str| {
        sides
            .iter()
            .find(|side| side.symbol == symbol)
            .or(sides.last())
            .cloned()
    };
    Ok(symbols
        .iter()
        .filter_map(|symbol| Some((half(&before, symbol)?, half(&after, symbol)?)))
        .collect())
}

/// The name that `--fn` gave; IR always needs one.
pub fn function_name(name: Option<&str>) -> Result<&str, Failure> {
    name.ok_or_else(|| {
        Failure::usage("usage", "which function? --fn is missing")
            .help("--fn NAME takes a symbol, a path or the end of one; irad list shows them")
    })
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

/// A saved run is of one function and mode; asking it for another is a mistake.
pub fn check_saved(
    trace: &Trace,
    file: &str,
    function: Option<&str>,
    mode: Option<Mode>,
) -> Result<(), Failure> {
    let (symbol, saved_mode) = match &trace.request.task {
        Task::Differentiate { function, ad, .. } => (function, Some(ad.mode)),
        Task::Run { function, .. } => (function, None),
        _ => {
            return Err(Failure::usage(
                "trace",
                format!("{file} holds no function's run"),
            ));
        }
    };
    let path = ir_load::demangle(symbol);
    if let Some(wanted) = function
        && symbol != "*"
        && wanted != symbol
        && wanted != path
        && !path.ends_with(&format!("::{wanted}"))
    {
        return Err(Failure::usage(
            "trace",
            format!("{file} is a run of {path}, not of {wanted}"),
        )
        .help("leave --fn away, or name the IR file"));
    }
    if let Some(wanted) = mode
        && saved_mode != Some(wanted)
    {
        let was = saved_mode.map_or_else(
            || "without differentiation".to_owned(),
            |mode| format!("in {mode} mode"),
        );
        return Err(Failure::usage(
            "trace",
            format!("{file} is a run {was}, not in {wanted} mode"),
        )
        .help("leave --mode away, or name the IR file"));
    }
    Ok(())
}

/// A function as it stands in its file, printed by LLVM.
fn as_it_is(module: &Module, symbol: &str, global: &Global) -> Result<Side, Failure> {
    let request = Request {
        source: module.origin.clone(),
        task: Task::Run {
            function: symbol.to_owned(),
            pipeline: Pipeline::None,
            whole_program: false,
            watch: Watch::Points,
        },
        llvm_options: Vec::new(),
        limits: global.limits(),
    };
    let trace = engine::ask(&request, module)?.trace;
    at_point(&trace, Point::Input, &module.short)
}

/// What a trace holds of one point. Of a split derivative it is the half that takes the tape.
pub fn at_point(trace: &Trace, point: Point, file: &str) -> Result<Side, Failure> {
    let mut sides = sides_at(trace, point, file)?;
    Ok(sides.pop().expect("a point that was reached has a text"))
}

/// What a trace holds of one point: one function, or both halves of a split derivative, the augmented
/// primal first.
pub fn sides_at(trace: &Trace, point: Point, file: &str) -> Result<Vec<Side>, Failure> {
    let found = trace.at(point);
    if found.is_empty() {
        let reached: Vec<String> = trace.points.iter().map(|p| p.point.to_string()).collect();
        let failure = Failure::usage("point", format!("this run has no point {point}"));
        let failure = if point == Point::Preprocessed {
            failure.note("Enzyme's pass, which a module with __enzyme_autodiff calls goes through, throws its simplified clone away")
        } else {
            failure
        };
        return Err(failure.help(format!("points of this run: {}", reached.join(", "))));
    }
    let sides = found.into_iter().map(|(found, text)| Side {
        file: file.to_owned(),
        symbol: found.function.clone(),
        point: point.to_string(),
        text,
    });
    Ok(sides.collect())
}
