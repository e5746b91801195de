//! `irad passes`: every rewrite between source and derivative.

mod blame;
mod timeline;

use std::mem::ManuallyDrop;
use std::path::PathBuf;

use diff_view::{Paint, Show, Theme, Tone, hunks, layout};
use regex::Regex;
use serde_json::{Value, json};
use trace::{Mode, Pipeline, Point, Task, Trace, Watch};

use crate::args::ad::AdArgs;
use crate::args::function::function_name;
use crate::args::mode::ModeName;
use crate::args::slicing::SlicingArgs;
use crate::exit;
use crate::failure::Failure;
use crate::heading;
use crate::output::{Canvas, Global, print_json, write_file};
use crate::view::{self, Format, Shown, View, renamer};
use crate::words::load::name_failure;
use session::engine;
use session::hear::hear;
use session::history::{Ahead, History, Known, State, StepError};
use session::load::{self, Input};
use session::mode;
use session::module::Module;
use session::remedy;
use session::request;
use session::sides::Side;
use session::sides::check_saved;

/// Shows what each pass did to one function: the timeline of the steps that changed it, or one or
/// several steps as diffs.
///
/// A step is named by what it is, `stage/pass/unit/number`; any of these parts, in their order, will
/// do where they are unique: `--step sroa`, `--step cleanup/GVNPass/2`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  irad passes model.ll --fn loss --mode reverse
  irad passes model.ll --fn loss --mode reverse --step enzyme/derivative
  irad passes model.ll --fn loss --passes 'default<O2>' --grep fmul
  irad passes model.ll --fn loss --mode reverse --save loss.trace
  irad passes loss.trace --blame")]
pub struct Args {
    /// LLVM IR: `.ll`, `.bc`, or `-` for standard input; or a saved trace.
    pub file: PathBuf,
    /// The function: a symbol, a demangled path, or a unique end of one; with --passes also `*`, for
    /// every one.
    #[arg(long = "fn", value_name = "NAME")]
    pub function: Option<String>,
    /// Differentiate it. A function that calls Enzyme itself (nightly's `#[autodiff_…]`) needs none.
    #[arg(long, value_enum, value_name = "MODE")]
    pub mode: Option<ModeName>,
    /// Run this pipeline (`o2`, `o3`, or LLVM's syntax), without differentiation.
    #[arg(long, value_name = "PIPELINE", conflicts_with = "mode")]
    pub passes: Option<Pipeline>,
    /// Which module of a dump that holds several, from 1.
    #[arg(long, value_name = "N")]
    pub module: Option<usize>,
    /// Show one step as a diff.
    #[arg(long, value_name = "ID", group = "what")]
    pub step: Option<String>,
    /// Show every step that changed the function as a diff, in turn.
    #[arg(long, group = "what")]
    pub all: bool,
    /// Show the function from after this step or at this point …
    #[arg(long, value_name = "ID")]
    pub from: Option<String>,
    /// … to after this one.
    #[arg(long, value_name = "ID")]
    pub to: Option<String>,
    /// Show the final function, each line with the step that made it.
    #[arg(long, group = "what")]
    pub blame: bool,
    /// Run a second pipeline instead of --passes (or --cleanup, with --mode), and show the first
    /// step at which the two part.
    #[arg(long, value_name = "PIPELINE", group = "what")]
    pub vs: Option<Pipeline>,
    /// Show the steps whose diff touches a line that matches.
    #[arg(long, value_name = "REGEX", group = "what")]
    pub grep: Option<Regex>,
    /// List the steps that changed nothing, too.
    #[arg(long)]
    pub every: bool,
    /// Save the trace, for this command and `irad diff` to read.
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    #[command(flatten)]
    pub ad: AdArgs,
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

    /// True when nothing more special is asked for.
    fn shows_timeline(&self) -> bool {
        let one = [&self.step, &self.from, &self.to]
            .iter()
            .any(|id| id.is_some());
        !one && !self.all && !self.blame && self.vs.is_none() && self.grep.is_none()
    }
}

/// A run, whole or as far as it got.
struct Run {
    trace: Trace,
    file: String,
    failure: Option<Failure>,
    /// Differences that were worked out while the engine ran.
    known: Known,
}

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    if args.view.format == Format::Patch {
        let is_one = args.step.is_some() || args.from.is_some() || args.to.is_some();
        if !is_one {
            return Err(Failure::usage("usage", "a patch is of one diff")
                .help("name a step (--step), or two (--from, --to)"));
        }
    }
    let wanted = args.function.as_deref();
    engine::warm_up(false);
    let (mut run, module) = match load::load_any(&args.file, args.module, wanted, global.limits())?
    {
        Input::Module(mut module) => {
            global.warn(&module.warnings());
            let symbol = symbol(args, &module)?;
            if mode(args, &module, &symbol)?.is_none() {
                args.ad.warn_unused("nothing is differentiated", global);
            }
            if symbol != EVERY {
                args.slicing.cut(&mut module, &[&symbol], &args.ad)?;
            }
            let run = run_of(args, &module, None, global)?;
            (run, Some(module))
        }
        Input::Trace(trace, file) => {
            check_saved(&trace, &file, wanted, args.mode.map(Mode::from))?;
            args.ad.warn_unused("a saved trace is what it was", global);
            let run = Run {
                trace: *trace,
                file,
                failure: None,
                known: Known::new(),
            };
            (run, None)
        }
    };
    if let Some(path) = &args.save {
        write_file(path, run.trace.to_json().as_ref(), &[&args.file])?;
    }
    let followed = match followed(&run, wanted)? {
        Followed::All if args.wants_json() => {
            let document = timeline::document_all(&run.trace);
            return one_document(document, run.failure.as_ref());
        }
        Followed::All => {
            let mut canvas = global.canvas(None);
            timeline::paint_all(&run.trace, global.width().max(40), &mut canvas);
            global.print(&canvas.finish())?;
            return run.failure.map_or(Ok(exit::DONE), Err);
        }
        Followed::One(symbol) => Some(symbol),
        Followed::Chain => None,
    };
    let known = std::mem::take(&mut run.known);
    let Some(history) = History::of(&run.trace, followed.as_deref(), known) else {
        return Err(run.failure.unwrap_or_else(|| {
            Failure::usage("trace", format!("{} holds no function's run", run.file))
        }));
    };
    // Never dropped: the process ends soon, and the system frees faster.
    let history = ManuallyDrop::new(history);
    if let Some(failure) = run.failure.take_if(|_| args.wants_json()) {
        // One document holds both what was seen and why it ended; of a part of it there is none.
        return match args.shows_timeline() {
            true => one_document(timeline::document(&history), Some(&failure)),
            false => Err(failure),
        };
    }
    let augmented = ManuallyDrop::new(History::of_augmented(&run.trace));
    let view = Viewer {
        args,
        run: &run,
        history: &history,
        augmented: augmented.as_ref(),
        global,
    };
    let code = match &args.vs {
        Some(pipeline) => {
            let Some(module) = &module else {
                return Err(Failure::usage(
                    "usage",
                    "--vs runs a second pipeline, and a saved trace holds no IR to run it on",
                )
                .help("name the IR file"));
            };
            let other = run_of(args, module, Some(pipeline), global)?;
            view.against(other)?
        }
        None => view.show()?,
    };
    // What was seen before the engine's end is shown first; why it ended comes last.
    match run.failure {
        Some(failure) => Err(failure),
        None => Ok(code),
    }
}

/// A timeline, with the reason why it ends early, as the one document that is printed.
fn one_document(mut document: Value, failure: Option<&Failure>) -> Result<u8, Failure> {
    document["error"] = failure.map_or(Value::Null, Failure::error);
    print_json("passes", document)?;
    Ok(failure.map_or(exit::DONE, |failure| failure.code))
}

/// Which of a trace's functions the output is about.
enum Followed {
    /// The only one, from primal to derivative.
    Chain,
    /// One of many.
    One(String),
    /// All of them.
    All,
}

fn followed(run: &Run, wanted: Option<&str>) -> Result<Followed, Failure> {
    let Task::Run { function, .. } = &run.trace.request.task else {
        return Ok(Followed::Chain);
    };
    if function != EVERY {
        return Ok(Followed::Chain);
    }
    let Some(wanted) = wanted.filter(|&wanted| wanted != EVERY) else {
        return Ok(Followed::All);
    };
    let mut declared = String::new();
    let inputs = run
        .trace
        .points
        .iter()
        .filter(|point| point.point == Point::Input);
    for point in inputs {
        declared.push_str(&format!("define void @\"{}\"() {{\n}}\n", point.function));
    }
    let index = ir_load::Index::of(declared.as_bytes());
    match ir_load::resolve(&index, wanted) {
        Ok(name) => Ok(Followed::One(name.symbol)),
        Err(error) => Err(name_failure(&error, &run.file)),
    }
}

/// Stands for every function.
const EVERY: &str = "*";

/// The symbol that `--fn` means, or [`EVERY`].
fn symbol(args: &Args, module: &Module) -> Result<String, Failure> {
    Ok(match function_name(args.function.as_deref())? {
        EVERY if args.passes.is_some() => EVERY.to_owned(),
        name => module.resolve(name)?.symbol,
    })
}

/// The mode, given or asked for by the function's own call to Enzyme.
fn mode(args: &Args, module: &Module, symbol: &str) -> Result<Option<Mode>, Failure> {
    if args.passes.is_some() {
        return Ok(None);
    }
    Ok(mode::mode(module, symbol, args.mode.map(Mode::from))?)
}

fn run_of(
    args: &Args,
    module: &Module,
    instead: Option<&Pipeline>,
    global: &Global,
) -> Result<Run, Failure> {
    let function = symbol(args, module)?;
    let watches_all = function == EVERY;
    let task = match (mode(args, module, &function)?, &args.passes) {
        (Some(mode), _) => Task::Differentiate {
            function,
            ad: {
                let mut ad = args.ad.resolve(mode, module)?;
                ad.cleanup = instead.unwrap_or(&ad.cleanup).clone();
                ad
            },
            watch: Watch::Steps,
        },
        (None, Some(passes)) => Task::Run {
            function,
            pipeline: instead.unwrap_or(passes).clone(),
            whole_program: args.ad.options.whole_program,
            watch: Watch::Steps,
        },
        (None, None) => {
            return Err(Failure::usage("usage", "there is nothing to run")
                .help("--mode reverse (or forward) differentiates the function")
                .help("--passes 'default<O2>' runs a pipeline without differentiation"));
        }
    };
    let request = request::request(module, task, global.limits());
    // Of every function there is no one to look at until one is asked for.
    let mut ahead = (!watches_all).then(Ahead::new);
    let (answer, ended) = hear(&request, module, &mut |trace| {
        if let Some(ahead) = &mut ahead {
            ahead.look(trace);
        }
    })?;
    let failure = match (&answer.trace.failure, ended) {
        (Some(diagnosis), _) => {
            let signature = answer.trace.signature.as_ref();
            let refusal = remedy::refused(diagnosis, &request, module, signature);
            Some(Failure::from(&refusal))
        }
        (None, ended) => ended.map(Failure::from),
    };
    Ok(Run {
        trace: answer.trace,
        file: module.short.clone(),
        failure,
        known: ahead.map(Ahead::finish).unwrap_or_default(),
    })
}

/// Everything that the forms of output need.
struct Viewer<'a> {
    args: &'a Args,
    run: &'a Run,
    history: &'a History<'a>,
    /// The way to the other half, where the derivative was split.
    augmented: Option<&'a History<'a>>,
    global: &'a Global,
}

impl Viewer<'_> {
    fn show(&self) -> Result<u8, Failure> {
        let args = self.args;
        if args.from.is_some() || args.to.is_some() {
            return self.in_either(|history| {
                let from = match &args.from {
                    Some(id) => history.find(id)?,
                    None => 0,
                };
                let to = match &args.to {
                    Some(id) => history.find(id)?,
                    None => history.states.len() - 1,
                };
                Ok((from, to))
            });
        }
        if let Some(id) = &args.step {
            return self.in_either(|history| match history.find(id)? {
                0 => Err(StepError::Input),
                at => Ok((at - 1, at)),
            });
        }
        if args.blame {
            return self.blame();
        }
        let mut matching = match &args.grep {
            Some(pattern) => grep(self.history, pattern),
            None if args.all => (1..self.history.states.len()).collect(),
            None => return self.timeline(),
        };
        let mut steps: Vec<(&History<'_>, usize)> =
            matching.drain(..).map(|at| (self.history, at)).collect();
        // The way up to Enzyme is the same for both halves.
        if let (Some(augmented), Some(names)) = (self.augmented, &self.run.trace.differentiated) {
            let matching = match &args.grep {
                Some(pattern) => grep(augmented, pattern),
                None => (1..augmented.states.len()).collect(),
            };
            let own = matching
                .into_iter()
                .filter(|&at| Some(augmented.states[at].function) == names.augmented.as_deref());
            steps.extend(own.map(|at| (augmented, at)));
        }
        self.several(&steps)
    }

    fn timeline(&self) -> Result<u8, Failure> {
        if self.args.wants_json() {
            let mut document = timeline::document(self.history);
            if let Some(augmented) = self.augmented {
                document["augmented"] = timeline::document(augmented);
            }
            return one_document(document, None);
        }
        let mut canvas = self.global.canvas(None);
        let width = self.global.width().max(40);
        if self.run.trace.signature.is_none() {
            canvas.line(
                &ir_load::demangle(self.history.states[0].function),
                Tone::Title.style(),
            );
        }
        heading::paint(&self.run.trace, width, &mut canvas);
        if let Some(augmented) = self.augmented {
            self.title(augmented, &mut canvas);
            timeline::paint(augmented, self.args.every, width, &mut canvas);
            canvas.line("", Tone::Plain.style());
            self.title(self.history, &mut canvas);
        }
        timeline::paint(self.history, self.args.every, width, &mut canvas);
        self.global.print(&canvas.finish())?;
        Ok(exit::DONE)
    }

    /// Which half of a split derivative follows.
    fn title(&self, history: &History<'_>, canvas: &mut Canvas) {
        let last = history.states.last().expect("there is always the input");
        canvas.line(
            &format!("to {}", ir_load::demangle(last.function)),
            Tone::Hunk.style(),
        );
    }

    /// Shows the difference of two states on the way to the derivative, or to the augmented primal where
    /// that has the step in question.
    fn in_either(
        &self,
        find: impl Fn(&History<'_>) -> Result<(usize, usize), StepError>,
    ) -> Result<u8, Failure> {
        let error = match find(self.history) {
            Ok((from, to)) => return self.between(from, to),
            Err(error) => error,
        };
        let is_elsewhere = matches!(error, StepError::Unknown { .. } | StepError::Input);
        match self.augmented.filter(|_| is_elsewhere) {
            Some(history) => match find(history) {
                Ok((from, to)) => Viewer { history, ..*self }.between(from, to),
                Err(_) => Err(error.into()),
            },
            None => Err(error.into()),
        }
    }

    fn side(&self, state: &State<'_>) -> Side {
        Side {
            file: self.run.file.clone(),
            symbol: state.function.to_owned(),
            point: state.id.clone(),
            text: state.text.clone(),
        }
    }

    fn between(&self, from: usize, to: usize) -> Result<u8, Failure> {
        let theme = self.theme()?;
        let shown = Shown {
            before: &self.side(&self.history.states[from]),
            after: &self.side(&self.history.states[to]),
            trace: Some(&self.run.trace),
        };
        view::show(&shown, &self.args.view, theme.as_ref(), self.global)
    }

    fn blame(&self) -> Result<u8, Failure> {
        if self.args.wants_json() {
            let mut document = blame::document(self.history);
            if let Some(augmented) = self.augmented {
                document["augmented"] = blame::document(augmented);
            }
            print_json("blame", document)?;
            return Ok(exit::DONE);
        }
        let theme = self.theme()?;
        let mut canvas = self.global.canvas(theme.as_ref());
        for history in self.augmented.into_iter().chain([self.history]) {
            let last = history.states.last().expect("there is always the input");
            let rename = renamer(self.args.view.raw_names, &[&last.text]);
            let options = layout::Options {
                width: self.global.width().max(40),
                rename: &rename,
                show: Show::All,
            };
            blame::paint(history, &options, &mut canvas);
        }
        self.global.print(&canvas.finish())?;
        Ok(exit::DONE)
    }

    /// Each step as a diff, in turn.
    fn several(&self, steps: &[(&History<'_>, usize)]) -> Result<u8, Failure> {
        let show = Show::from(self.args.view.show);
        if self.args.wants_json() {
            let documents: Vec<_> = steps
                .iter()
                .filter_map(|&(history, at)| {
                    let (state, before) = (&history.states[at], &history.states[at - 1]);
                    let diff = state.diff.as_ref()?;
                    let shown = Shown {
                        before: &self.side(before),
                        after: &self.side(state),
                        trace: None,
                    };
                    let found = hunks(diff, self.args.view.context, show);
                    Some(view::document(&shown, diff, &found))
                })
                .collect();
            print_json("steps", json!({ "steps": documents }))?;
            return Ok(exit::DONE);
        }
        let theme = self.theme()?;
        let mut canvas = self.global.canvas(theme.as_ref());
        for &(history, at) in steps {
            let (state, before) = (&history.states[at], &history.states[at - 1]);
            let Some(diff) = &state.diff else { continue };
            let shown = Shown {
                before: &self.side(before),
                after: &self.side(state),
                trace: None,
            };
            view::text(&shown, &self.args.view, diff, self.global, &mut canvas);
            canvas.newline();
        }
        if steps.is_empty() {
            canvas.line("no step", Tone::Muted.style());
        }
        self.global.print(&canvas.finish())?;
        Ok(exit::DONE)
    }

    /// The first step at which this run and another part.
    fn against(&self, mut other: Run) -> Result<u8, Failure> {
        let known = std::mem::take(&mut other.known);
        let Some(theirs) = History::of(&other.trace, None, known) else {
            return Err(other.failure.unwrap_or_else(|| {
                Failure::usage("trace", "the second pipeline's run shows no function")
            }));
        };
        let ours = &self.history.states;
        let agree = ours
            .iter()
            .zip(&theirs.states)
            .take_while(|(a, b)| !diff_view::diff(&a.text, &b.text, None).differs(Show::All))
            .count();
        if agree == ours.len() && agree == theirs.states.len() {
            if self.args.wants_json() {
                print_json("parting", json!({ "parts": false, "agreed": agree - 1 }))?;
            } else {
                self.global.print(&format!(
                    "the two pipelines never part: {} steps, the same function after each\n",
                    agree - 1
                ))?;
            }
            return Ok(exit::DONE);
        }
        // Where one has ended, its last state stands against what the other went on to.
        let (a, b) = (
            &ours[agree.min(ours.len() - 1)],
            &theirs.states[agree.min(theirs.states.len() - 1)],
        );
        let mut before = self.side(a);
        let mut after = Side {
            file: self.run.file.clone(),
            symbol: b.function.to_owned(),
            point: b.id.clone(),
            text: b.text.clone(),
        };
        if agree >= ours.len() {
            before.point = format!("the end, after {}", before.point);
        }
        if agree >= theirs.states.len() {
            after.point = format!("the end, after {}", after.point);
        }
        if !self.args.wants_json() && self.args.view.format == Format::Text {
            let last = &ours[agree.saturating_sub(1)].id;
            let mut canvas = self.global.canvas(None);
            canvas.line(
                &format!(
                    "the two pipelines part after {agree} equal states, the last of them {last}"
                ),
                Tone::Title.style(),
            );
            self.global.print(&canvas.finish())?;
        }
        let theme = self.theme()?;
        let shown = Shown {
            before: &before,
            after: &after,
            trace: None,
        };
        let code = view::show(&shown, &self.args.view, theme.as_ref(), self.global)?;
        match other.failure {
            Some(failure) => Err(failure),
            None => Ok(code),
        }
    }

    fn theme(&self) -> Result<Option<Theme>, Failure> {
        if self.args.wants_json() || self.args.view.format == Format::Patch {
            return Ok(None);
        }
        self.global.theme()
    }
}

/// The states whose step added, removed or changed a line that matches.
fn grep(history: &History<'_>, pattern: &Regex) -> Vec<usize> {
    let touches = |state: &State<'_>| {
        let Some(diff) = &state.diff else {
            return false;
        };
        diff.pairs.iter().any(|pair| {
            let is_difference = !matches!(
                pair.kind,
                diff_view::PairKind::Same | diff_view::PairKind::Renamed
            );
            let matches = |line: Option<usize>, lines: &[diff_view::Line]| {
                line.is_some_and(|line| pattern.is_match(&lines[line].text))
            };
            is_difference
                && (matches(pair.before, &diff.before.lines)
                    || matches(pair.after, &diff.after.lines))
        })
    };
    (1..history.states.len())
        .filter(|&at| touches(&history.states[at]))
        .collect()
}
