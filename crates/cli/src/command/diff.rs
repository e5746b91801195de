//! `irad diff`: before and after.

use std::path::{Path, PathBuf};

use diff_view::Diff;
use ir_load::demangle;
use session::ask::{accepted, ask};
use session::calls::calls;
use session::load::{self, Input};
use session::mode;
use session::module::Module;
use session::nightly::made::made;
use session::request;
use session::shell;
use session::sides::{Side, at_point, between, check_saved, with_symbols_of};
use session::verdict::{ask_and_check, hear_and_check, never};
use trace::{Mode, Pipeline, Point, Task, Trace, Watch};

use crate::args::ad::AdArgs;
use crate::args::checking::CheckingArgs;
use crate::args::function::FunctionArgs;
use crate::args::function::function_name;
use crate::args::mode::ModeName;
use crate::args::point::PointName;
use crate::args::slicing::SlicingArgs;
use crate::failure::Failure;
use crate::output::Global;
use crate::view::{ColourBy, Format, View, align, show_each};

/// Shows one function before and after differentiation, two functions of a module, or the same
/// function of two files.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad diff model.ll --fn loss --mode reverse
  irad diff model.ll --fn loss --mode forward --before preprocessed --after derivative
  irad diff model.ll --fn loss --against backward
  irad diff old.ll new.ll --fn loss --exit-code
  irad diff old.ll new.ll --fn loss --mode reverse
  irad diff model.ll --fn loss --mode reverse --against-mode forward
  irad diff model.ll --fn loss --mode reverse --format html > loss.html
  irad diff nightly.ll --fn df")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input; or a saved trace.
    pub file: PathBuf,
    /// A second file: compare the function in both.
    #[arg(value_name = "OTHER")]
    pub other: Option<PathBuf>,
    #[command(flatten)]
    pub function: FunctionArgs,
    /// Differentiate it. A function that calls Enzyme itself (nightly's `#[autodiff_…]`) needs none.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// Compare with another function of the same module.
    #[arg(long, value_name = "NAME")]
    pub against: Option<String>,
    /// Compare with the derivative in this mode.
    #[arg(long, value_enum, value_name = "MODE")]
    pub against_mode: Option<ModeName>,
    /// Compare the derivative that the compiler made, which stands in this module after Enzyme, with irad's of the
    /// same request. A dump holds both modules: `irad diff dump.txt df --compiler dump.txt`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["against", "against_mode", "mode"])]
    pub compiler: Option<PathBuf>,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    /// The point on the left: `prepared`, or of two functions the same as on the right.
    #[arg(long, value_enum, value_name = "POINT")]
    pub before: Option<PointName>,
    /// The point on the right: `final`, or of two functions the input, if neither is differentiated.
    #[arg(long, value_enum, value_name = "POINT")]
    pub after: Option<PointName>,
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
    /// The two points of one run.
    fn points(&self) -> (Point, Point) {
        (
            self.before.unwrap_or(PointName::Prepared).into(),
            self.after.unwrap_or(PointName::Final).into(),
        )
    }

    /// What of a run is to be told.
    fn watch(&self) -> Watch {
        match self.view.colour.colour_by {
            // Of the halves of a split derivative roles are told with their texts, and nothing else is explained.
            ColourBy::Roles if self.ad.options.split => Watch::StepsAndRoles,
            ColourBy::Roles => Watch::Roles,
            _ => Watch::Points,
        }
    }

    /// The second file and the function. A word that names no file is the function.
    fn words(&self) -> (Option<&Path>, Option<&str>) {
        let other = self.other.as_deref();
        match (other, self.function.given()) {
            (Some(path), None) if !path.is_file() && path != Path::new("-") => {
                match path.to_str() {
                    Some(word) => (None, Some(word)),
                    None => (other, None),
                }
            }
            (other, function) => (other, function),
        }
    }

    /// True when JSON is wanted.
    pub fn wants_json(&self) -> bool {
        self.view.wants_json()
    }
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let global = &global.drawn(args.view.form())?;
    let is_text = !args.view.wants_json() && args.view.format != Format::Patch;
    // A wrong name is said before the engine is asked for anything.
    let theme = match is_text {
        true => global.theme()?,
        false => None,
    };
    let Sides {
        pairs,
        diff,
        trace,
        other,
    } = sides(args, global)?;
    let (trace, other) = (trace.as_ref(), other.as_ref());
    let theme = theme.as_ref();
    show_each(
        &pairs,
        diff.as_ref(),
        trace,
        other,
        &args.view,
        theme,
        global,
    )
}

/// What is compared, and the runs that it comes from.
struct Sides {
    pairs: Vec<(Side, Side)>,
    /// The one pair that there is, aligned while something else was waited for.
    diff: Option<Diff>,
    trace: Option<Trace>,
    /// That of the right side, if it is another.
    other: Option<Trace>,
}

fn sides(args: &Args, global: &Global) -> Result<Sides, Failure> {
    let (other, wanted) = args.words();
    let mut module = match load::load_any(&args.file, args.module, wanted, global.limits())? {
        Input::Module(module) => *module,
        Input::Trace(trace, file) => {
            args.ad.warn_unused("a saved trace is what it was", global);
            if args.against.is_some() || args.against_mode.is_some() || args.compiler.is_some() {
                let title = format!("{file} is a saved trace, which holds one run");
                return Err(Failure::usage("trace", title)
                    .help("save the other one, too: irad diff old.trace new.trace"));
            }
            return match other {
                Some(other) => two_saved(args, (*trace, &file), other, global),
                None => saved_sides(args, *trace, &file),
            };
        }
    };
    if let (Some(other), Some(_)) = (other, &args.against) {
        return Err(both_to_compare_with(other, "--against"));
    }
    global.warn(&module.warnings());
    let wanted = function_name(wanted)?;
    let name = module.resolve(wanted)?;
    let given = args.mode.map(Mode::from);
    if (other.is_some() && args.compiler.is_none())
        || args.against.is_some()
        || args.against_mode.is_some()
    {
        return two_runs(args, module, &name.symbol, other, global);
    }
    if let Some(after) = &args.compiler {
        if let Some(other) = other {
            return Err(both_to_compare_with(other, "--compiler"));
        }
        return compilers(args, module, &name.symbol, after, global);
    }
    let mode = mode::chosen(&module, &name.symbol, given)?;
    args.slicing.cut(&mut module, &[&name.symbol], &args.ad)?;
    let request = request::differentiate(
        &module,
        &name.symbol,
        args.ad.resolve(mode, &module)?,
        args.watch(),
        global.limits(),
    );
    let checking = args.checking.checking()?;
    let (before, after) = args.points();
    // While the derivative is checked, there is time to align it.
    let mut early = None;
    let mut meanwhile = |trace: &Trace| {
        if trace.is_derived
            && early.is_none()
            && let Ok(pairs) = between(trace, before, after, &module.short)
        {
            let diff = match pairs.as_slice() {
                [(before, after)] => Some(align(before, after, true)),
                _ => None,
            };
            early = Some((pairs, diff));
        }
    };
    let checking = checking.as_ref();
    let heard = hear_and_check(&request, &module, checking, &mut meanwhile, &never())?;
    let trace = accepted(heard, &request, &module)?.trace;
    let (pairs, diff) = match early {
        Some(early) => early,
        None => (between(&trace, before, after, &module.short)?, None),
    };
    Ok(Sides {
        pairs,
        diff,
        trace: Some(trace),
        other: None,
    })
}

fn both_to_compare_with(other: &Path, flag: &str) -> Failure {
    let title = format!(
        "{} and {flag} are both what to compare with",
        other.display()
    );
    Failure::usage("usage", title).help("leave one of them away")
}

/// A function against another one, the same one of another file, or the same one in the other mode.
fn two_runs(
    args: &Args,
    mut module: Module,
    symbol: &str,
    other: Option<&Path>,
    global: &Global,
) -> Result<Sides, Failure> {
    let mut second = match other {
        Some(other) => load::load(other, args.module, args.words().1, global.limits())?,
        None => {
            module.need_text()?;
            module.again()
        }
    };
    if other.is_some() {
        global.warn(&second.warnings());
        // Two files of one name are told apart by their folders.
        if module.short == second.short {
            module.short.clone_from(&module.origin);
            second.short.clone_from(&second.origin);
        }
    }
    let second_symbol = match (&args.against, other) {
        (Some(against), _) => second.resolve(against)?.symbol,
        (None, Some(_)) => second.resolve(function_name(args.words().1)?)?.symbol,
        (None, None) => symbol.to_owned(),
    };
    let left = args.before.or(args.after).map(Point::from);
    let right = args.after.or(args.before).map(Point::from);
    let is_differentiated = args.mode.is_some()
        || args.against_mode.is_some()
        || [left, right]
            .iter()
            .any(|point| point.is_some_and(|point| point != Point::Input));
    if !is_differentiated {
        args.ad.warn_unused("nothing is differentiated", global);
    }
    let given = args.mode.map(Mode::from);
    let run = |module: Module, symbol: &str, given: Option<Mode>, point: Option<Point>| {
        let point = point.unwrap_or(match is_differentiated {
            true => Point::Final,
            false => Point::Input,
        });
        one_run(
            args,
            module,
            symbol,
            is_differentiated,
            given,
            point,
            global,
        )
    };
    let (before, trace) = run(module, symbol, given, left)?;
    let given = args.against_mode.map(Mode::from).or(given);
    let is_another_file = other.is_some();
    let (mut after, other) = run(second, &second_symbol, given, right)?;
    // A patch is of what the files say.
    if is_another_file && args.view.format != Format::Patch {
        after.text = with_symbols_of(&after.text, &before.text);
    }
    Ok(Sides {
        pairs: vec![(before, after)],
        diff: None,
        trace,
        other,
    })
}

/// The derivative that the compiler made against irad's of the same request.
fn compilers(
    args: &Args,
    module: Module,
    symbol: &str,
    after: &Path,
    global: &Global,
) -> Result<Sides, Failure> {
    let requests = calls(module.index());
    let call = requests.iter().find(|call| call.derivative == symbol);
    let call = call.ok_or_else(|| {
        let names = requests.iter().map(|call| demangle(&call.derivative));
        Failure::usage(
            "request",
            format!(
                "{} is no derivative that the compiler was asked for",
                demangle(symbol)
            ),
        )
        .help(format!(
            "those of this module: {}",
            names.collect::<Vec<_>>().join(", ")
        ))
    })?;
    let mut theirs = load::last(after, global.limits())?;
    let made = made(call, theirs.index()).ok_or_else(|| {
        Failure::usage(
            "request",
            format!(
                "{} does not hold what Enzyme made of {}",
                theirs.origin,
                demangle(symbol)
            ),
        )
        .help("-Zautodiff=Enable,PrintModAfter prints the module after Enzyme")
    })?;
    args.slicing.cut(&mut theirs, &[&made], &args.ad)?;
    let left = as_it_is(&theirs, &made, global)?;
    // Where irad runs nothing afterwards either, both stand as Enzyme made them.
    let default = match args.ad.options.cleanup {
        Pipeline::None => Point::Derivative,
        _ => Point::Final,
    };
    let point = args.after.map_or(default, Point::from);
    let (right, trace) = one_run(args, module, symbol, true, None, point, global)?;
    Ok(Sides {
        pairs: vec![(left, right)],
        diff: None,
        trace,
        other: None,
    })
}

/// One side of two: a function as it is, or at a point of a run of its own.
fn one_run(
    args: &Args,
    mut module: Module,
    symbol: &str,
    is_differentiated: bool,
    given: Option<Mode>,
    point: Point,
    global: &Global,
) -> Result<(Side, Option<Trace>), Failure> {
    if !is_differentiated {
        args.slicing.cut(&mut module, &[symbol], &args.ad)?;
        return Ok((as_it_is(&module, symbol, global)?, None));
    }
    let mode = mode::chosen(&module, symbol, given)?;
    args.slicing.cut(&mut module, &[symbol], &args.ad)?;
    let ad = args.ad.resolve(mode, &module)?;
    let request = request::differentiate(&module, symbol, ad, args.watch(), global.limits());
    let checking = args.checking.checking()?;
    let trace = ask_and_check(&request, &module, checking.as_ref())?.trace;
    Ok((at_point(&trace, point, &module.short)?, Some(trace)))
}

/// A saved run against another one, which another LLVM may have made.
fn two_saved(
    args: &Args,
    (trace, file): (Trace, &str),
    other: &Path,
    global: &Global,
) -> Result<Sides, Failure> {
    let (second, name) = match load::load_any(other, args.module, None, global.limits())? {
        Input::Trace(second, name) => (*second, name),
        Input::Module(module) => {
            let title = format!("{file} is a saved trace, and {} is none", module.short);
            return Err(Failure::usage("trace", title).help(format!(
                "irad passes {} --fn NAME --mode MODE --save new.trace saves a run of it",
                shell::quoted(&module.short)
            )));
        }
    };
    let (mut file, mut name) = (file.to_owned(), name);
    if file == name {
        (file, name) = (args.file.display().to_string(), other.display().to_string());
    }
    let file = file.as_str();
    for (trace, file) in [(&trace, file), (&second, name.as_str())] {
        one_function(args, trace, file)?;
    }
    let at = |trace: &Trace, file: &str, point: Option<Point>| {
        at_point(trace, point.unwrap_or(Point::Final), file)
    };
    let left = args.before.or(args.after).map(Point::from);
    let right = args.after.or(args.before).map(Point::from);
    let pair = (at(&trace, file, left)?, at(&second, &name, right)?);
    Ok(Sides {
        pairs: vec![pair],
        diff: None,
        trace: Some(trace),
        other: Some(second),
    })
}

/// Both sides from a run that was saved.
fn saved_sides(args: &Args, trace: Trace, file: &str) -> Result<Sides, Failure> {
    one_function(args, &trace, file)?;
    let (mut before, after) = args.points();
    // A run without differentiation has no prepared point, and begins at its input.
    if matches!(trace.request.task, Task::Run { .. }) && before == Point::Prepared {
        before = Point::Input;
    }
    let pairs = between(&trace, before, after, file)?;
    Ok(Sides {
        pairs,
        diff: None,
        trace: Some(trace),
        other: None,
    })
}

/// A saved run is of the function that is asked for, and of one alone.
fn one_function(args: &Args, trace: &Trace, file: &str) -> Result<(), Failure> {
    check_saved(trace, file, args.words().1, args.mode.map(Mode::from))?;
    if let Task::Run { function, .. } = &trace.request.task
        && function == "*"
    {
        return Err(
            Failure::usage("trace", format!("{file} is a run of every function")).help(format!(
                "irad passes {file} --fn NAME --from input shows one of them"
            )),
        );
    }
    Ok(())
}

/// A function as it stands in its file, printed by LLVM.
fn as_it_is(module: &Module, symbol: &str, global: &Global) -> Result<Side, Failure> {
    let request = request::as_it_is(module, symbol, global.limits());
    let trace = ask(&request, module)?.trace;
    Ok(at_point(&trace, Point::Input, &module.short)?)
}
