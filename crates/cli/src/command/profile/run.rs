//! `irad profile`: from the arguments to the exit code.

use std::thread;

use trace::{AdOptions, Check, Machine, Measure, Mode, Pipeline, Point, Request, Times, Trace};

use super::args::{Args, Sweep};
use super::found::{Growth, Run, Size, Timing, median};
use super::{document, folded, paint, tally};
use crate::exit;
use crate::failure::Failure;
use crate::heading;
use crate::input;
use crate::output::{Global, print_json};
use crate::view::listing;
use session::hear::hear;
use session::module::Module;
use session::verdict::beside;
use session::{mode, remedy, request};

/// Runs it.
pub fn run(args: &Args, global: &Global) -> Result<u8, Failure> {
    let run = run_of(args, global)?;
    if args.folded {
        heading::say_verdict(&run.trace, global);
        global.print(&folded::folded(&run.profile, &run.explained))?;
    } else if args.json {
        print_json("profile", document::document(&run))?;
    } else {
        let theme = global.theme()?;
        let mut canvas = global.canvas(theme.as_ref());
        paint::paint(&run, args, global.width().max(40), &mut canvas)?;
        global.print(&canvas.finish())?;
    }
    Ok(exit::DONE)
}

/// A function whose derivative is profiled.
struct Subject<'a> {
    module: &'a Module,
    symbol: &'a str,
    ad: AdOptions,
    check: Check,
    limits: trace::Limits,
}

fn run_of(args: &Args, global: &Global) -> Result<Run, Failure> {
    let (mut module, name) =
        input::function(&args.file, args.module, args.function.name()?, global)?;
    let mode = mode::chosen(&module, &name.symbol, args.mode.map(Mode::from))?;
    let ad = args.ad.resolve(mode, &module)?;
    if ad.split {
        return Err(Failure::usage(
            "usage",
            "irad profile measures one function, and --split makes two",
        )
        .help("leave --split out: the one function does what the two do"));
    }
    let manual = args.manual.resolve(&module)?;
    let mut kept = vec![name.symbol.as_str()];
    kept.extend(manual.as_ref().map(|manual| manual.function.as_str()));
    args.slicing.cut(&mut module, &kept, &args.ad)?;
    let mut check = Check {
        points: 1,
        cross: false,
        unguarded: args.guard.unguarded,
        manual,
        ..args.checking.inputs.check()?
    };
    check.inputs.truncate(1);
    let subject = Subject {
        module: &module,
        symbol: &name.symbol,
        ad,
        check,
        limits: global.limits(),
    };
    let checking = args.checking.checking()?;
    let request = subject.request(Measure::Counts, &subject.check);
    let heard = beside(
        &request,
        &module,
        checking.as_ref(),
        || subject.ask(&request),
        |heard| heard.as_mut().ok(),
    );
    let mut trace = heard?;
    let (Some(profile), Some(explained)) = (trace.profile.take(), trace.explained.take()) else {
        unreachable!("they were asked for");
    };
    // Nothing else runs meanwhile.
    let times = match args.no_times || args.folded {
        true => Timing::NotAsked,
        false => subject
            .times(&subject.check)?
            .map_or(Timing::FreesInputs, Timing::Measured),
    };
    let machine = match args.machine {
        true => subject.machine(&subject.check)?,
        false => None,
    };
    let primal = listing(&trace, Point::Preprocessed, explained.primal.len())?;
    let growth = args.sweep.as_ref();
    Ok(Run {
        growth: growth
            .map(|sweep| subject.growth(sweep, !args.no_times))
            .transpose()?,
        users: tally::users(&primal, explained.primal.len()),
        trace,
        profile,
        explained,
        times,
        machine,
        manual: args.manual.manual.clone(),
    })
}

impl Subject<'_> {
    fn request(&self, measure: Measure, check: &Check) -> Request {
        let mut ad = self.ad.clone();
        // As `irad emit` does.
        if measure != Measure::Counts && ad.cleanup == Pipeline::O2 {
            ad.cleanup = Pipeline::O3;
        }
        let (module, symbol) = (self.module, self.symbol);
        request::profile(module, symbol, ad, check.clone(), measure, self.limits)
    }

    fn ask(&self, request: &Request) -> Result<Trace, Failure> {
        let (answer, ending) = hear(request, self.module, &mut |_| {})?;
        let trace = answer.trace;
        if let Some(diagnosis) = &trace.failure {
            let signature = trace.signature.as_ref();
            let refused = remedy::refused(diagnosis, request, self.module, signature);
            return Err(Failure::from(&refused));
        }
        match ending {
            Some(ended) => Err(ended.into()),
            None => Ok(trace),
        }
    }

    fn times(&self, check: &Check) -> Result<Option<Times>, Failure> {
        let trace = self.ask(&self.request(Measure::Times, check))?;
        Ok(trace.profile.and_then(|profile| profile.times))
    }

    fn machine(&self, check: &Check) -> Result<Option<Machine>, Failure> {
        let trace = self.ask(&self.request(Measure::Machine, check))?;
        Ok(trace.profile.and_then(|profile| profile.machine))
    }

    fn growth(&self, sweep: &Sweep, with_times: bool) -> Result<Growth, Failure> {
        let checks: Vec<Check> = sweep.sizes.iter().map(|&n| self.sized(sweep, n)).collect();
        // Counts are the same whatever else runs.
        let counted: Vec<Result<Trace, Failure>> = thread::scope(|scope| {
            let all: Vec<_> = checks
                .iter()
                .map(|check| scope.spawn(|| self.ask(&self.request(Measure::Counts, check))))
                .collect();
            let joined = all.into_iter().map(|one| one.join());
            joined.map(|one| one.expect("it does not panic")).collect()
        });
        let mut points = Vec::new();
        for (check, trace) in checks.iter().zip(counted) {
            let profile = trace?.profile.expect("it was asked for");
            let (primal, derivative) = (profile.primal.total(), profile.derivative.total());
            let time = match with_times {
                true => self
                    .times(check)?
                    .map(|times| median(&times.derivative, times.calls)),
                false => None,
            };
            points.push(Size {
                primal_operations: primal.operations,
                operations: derivative.operations,
                instructions: derivative.instructions,
                tape: profile.derivative.tape(),
                primal_peak: profile.primal.heap.peak,
                peak: profile.derivative.heap.peak,
                time,
            });
        }
        Ok(Growth {
            sweep: sweep.clone(),
            points,
        })
    }

    /// The inputs, with so many elements in the parameters that grow.
    fn sized(&self, sweep: &Sweep, elements: u64) -> Check {
        let mut check = self.check.clone();
        check
            .lengths
            .retain(|(name, _)| !sweep.names.contains(name));
        let sizes = sweep.names.iter().map(|name| (name.clone(), elements));
        check.lengths.extend(sizes);
        check
    }
}
