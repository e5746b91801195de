//! How it looks on a terminal.

use diff_view::{Paint, Tone};
use trace::{AdRole, Cost, Machine, Mode, Ran, Times};

use super::args::Args;
use super::found::{Growth, Run, Size, Timing, median, quantile};
use super::growth::law;
use super::numbers::{counted, duration, grouped, times};
use super::tally;
use crate::failure::Failure;
use crate::heading;
use crate::output::Canvas;

/// Columns of the words before each paragraph.
const LABEL: usize = 13;
/// What reverse mode costs at most, in operations of the primal: Griewank and Walther, Evaluating Derivatives (2008),
/// section 4.5.
const CHEAP: f64 = 5.0;

/// Paints all that was measured.
pub(super) fn paint(
    run: &Run,
    args: &Args,
    width: usize,
    canvas: &mut Canvas,
) -> Result<(), Failure> {
    heading::paint(&run.trace, width, canvas);
    let mut painter = Painter { run, width, canvas };
    painter.inputs();
    painter.canvas.newline();
    painter.totals();
    painter.canvas.newline();
    painter.summary();
    painter.canvas.newline();
    painter.functions(args.lines);
    match args.ir {
        true => painter.ir(args)?,
        false => painter.lines(args),
    }
    if let Some(growth) = &run.growth {
        painter.canvas.newline();
        painter.growth(growth);
    }
    for note in &run.profile.notes {
        painter.field("note", &note.to_string(), Tone::Warning);
    }
    Ok(())
}

pub(super) struct Painter<'a> {
    pub(super) run: &'a Run,
    pub(super) width: usize,
    pub(super) canvas: &'a mut Canvas,
}

/// What is counted, from the left.
const COLUMNS: [(&str, fn(&Cost) -> u64); 5] = [
    ("instructions", |cost| cost.instructions),
    ("operations", |cost| cost.operations),
    ("loaded", |cost| cost.loaded),
    ("stored", |cost| cost.stored),
    ("calls", |cost| cost.calls),
];

impl Painter<'_> {
    fn field(&mut self, label: &str, words: &str, tone: Tone) {
        self.canvas.text(&format!("{label:<LABEL$}"), tone.style());
        self.canvas
            .paragraph(words, LABEL, self.width, tone.style());
    }

    fn inputs(&mut self) {
        let inputs = heading::inputs(&self.run.trace, &self.run.profile.inputs);
        if !inputs.is_empty() {
            self.field("inputs", &inputs.join("; "), Tone::Muted);
        }
    }

    /// How many columns of numbers there is room for.
    fn columns(&self) -> usize {
        self.width
            .saturating_sub(LABEL)
            .div_euclid(14)
            .clamp(2, COLUMNS.len())
    }

    fn row(&mut self, label: &str, cells: impl Iterator<Item = String>, tone: Tone) {
        let mut text = format!("{label:<LABEL$}");
        for cell in cells.take(self.columns()) {
            text.push_str(&format!("{cell:>14}"));
        }
        self.canvas.line(&text, tone.style());
    }

    fn totals(&mut self) {
        let profile = &self.run.profile;
        let (primal, derivative) = (profile.primal.total(), profile.derivative.total());
        let names = COLUMNS.iter().map(|(name, _)| (*name).to_owned());
        self.row("", names, Tone::Muted);
        let row = |cost: Cost| COLUMNS.iter().map(move |(_, of)| grouped(of(&cost)));
        self.row("primal", row(primal), Tone::Plain);
        self.row("derivative", row(derivative), Tone::Title);
        let over = COLUMNS.iter().map(|(_, of)| {
            let times = times(of(&derivative), of(&primal));
            times.map_or("-".to_owned(), |times| format!("{times:.2} ×"))
        });
        self.row("  over primal", over, Tone::Muted);
        for (role, cost) in tally::by_role(&profile.derivative) {
            if cost != Cost::default() {
                let label = format!("  {}", name(role));
                self.row(&label, row(cost), tone(role));
            }
        }
    }

    fn summary(&mut self) {
        let profile = &self.run.profile;
        let mode = self.run.trace.signature.as_ref().map(|found| found.mode);
        if mode == Some(Mode::Reverse) {
            let tape = profile.derivative.tape();
            let words = match tape {
                0 => "nothing is kept for the reverse sweep".to_owned(),
                _ => format!("{} kept for the reverse sweep", counted(tape, "byte")),
            };
            self.field("tape", &words, Tone::Plain);
        }
        let heap = |heap: trace::Heap| match heap.blocks {
            0 => "no allocation".to_owned(),
            blocks => format!(
                "{} of {}, {} at a time",
                counted(blocks, "allocation"),
                counted(heap.bytes, "byte"),
                grouped(heap.peak)
            ),
        };
        let (primal, derivative) = (heap(profile.primal.heap), heap(profile.derivative.heap));
        let words = match primal == derivative {
            true => format!("{primal} in either"),
            false => format!("primal: {primal}; derivative: {derivative}"),
        };
        self.field("heap", &words, Tone::Plain);
        let words = match &self.run.times {
            Timing::NotAsked => None,
            Timing::FreesInputs => Some(
                "not measured: the function frees memory that it is given, which can be done once"
                    .to_owned(),
            ),
            Timing::Measured(times) => Some(time_in_words(times)),
        };
        if let Some(words) = words {
            self.field("time", &words, Tone::Plain);
        }
        if let Some(machine) = &self.run.machine {
            self.field("machine", &machine_in_words(machine), Tone::Plain);
        }
        if let (Timing::Measured(times), Some(manual)) = (&self.run.times, &self.run.manual)
            && !times.by_hand.is_empty()
        {
            let words = by_hand_in_words(times, manual);
            self.field("by hand", &words, Tone::Plain);
        }
        if mode == Some(Mode::Reverse) {
            let (primal, derivative) = (profile.primal.total(), profile.derivative.total());
            let (words, tone) = match times(derivative.operations, primal.operations) {
                None => (
                    "the primal has no floating-point operation".to_owned(),
                    Tone::Muted,
                ),
                Some(ratio) => (
                    format!(
                        "{ratio:.2} times the primal's operations; reverse mode should cost at most about {CHEAP:.0} (Griewank and Walther)"
                    ),
                    if ratio > CHEAP {
                        Tone::Warning
                    } else {
                        Tone::Muted
                    },
                ),
            };
            self.field("reference", &words, tone);
        }
    }

    /// The instructions of the primal and of the derivative.
    pub(super) fn whole(&self) -> (u64, u64) {
        let profile = &self.run.profile;
        let (primal, derivative) = (profile.primal.total(), profile.derivative.total());
        (primal.instructions, derivative.instructions)
    }

    fn growth(&mut self, growth: &Growth) {
        let names = growth.sweep.names.join(", ");
        let title = format!("n: elements of {names}");
        self.canvas.line(&title, Tone::Title.style());
        let fields: [(&str, &str, fn(&Size) -> u64); 6] = [
            ("primal", " operations", |size| size.primal_operations),
            ("derivative", " operations", |size| size.operations),
            ("derivative", " instructions", |size| size.instructions),
            ("tape", " bytes", |size| size.tape),
            ("primal heap", " bytes", |size| size.primal_peak),
            ("heap", " bytes", |size| size.peak),
        ];
        let sizes = &growth.sweep.sizes;
        for (label, unit, of) in fields {
            let numbers: Vec<u64> = growth.points.iter().map(of).collect();
            if numbers.iter().all(|number| *number == 0) {
                continue;
            }
            let words = law(sizes, &numbers).map_or("no law".to_owned(), |law| law.words(unit));
            self.field(label, &words, Tone::Plain);
            let most = numbers.iter().copied().max().unwrap_or(1).max(1);
            for (size, number) in sizes.iter().zip(&numbers) {
                let room = self.width.saturating_sub(LABEL + 30).clamp(10, 60);
                let bar = bar(*number as f64 / most as f64, room);
                let words = format!("{:>LABEL$} {:>14}  {bar}", grouped(*size), grouped(*number));
                self.canvas.line(&words, Tone::Muted.style());
            }
        }
        let timed: Option<Vec<f64>> = growth.points.iter().map(|size| size.time).collect();
        if let Some(timed) = timed {
            let words: Vec<String> = timed.iter().map(|time| duration(*time)).collect();
            self.field("time", &words.join(", "), Tone::Plain);
        }
        let power = |of: fn(&Size) -> u64| {
            let numbers: Vec<u64> = growth.points.iter().map(of).collect();
            law(sizes, &numbers).map(|law| law.power)
        };
        let own = power(|size| size.primal_peak).unwrap_or(0.0).max(1.0);
        if let Some(tape) = power(|size| size.tape)
            && tape > own + 0.1
        {
            let words = "the tape grows faster than the memory that the primal itself needs";
            self.field("warning", words, Tone::Warning);
        }
    }
}

fn time_in_words(times: &Times) -> String {
    let calls = times.calls;
    let (primal, derivative) = (
        median(&times.primal, calls),
        median(&times.derivative, calls),
    );
    // A clock is read before and after, which takes this long.
    const SHORT: f64 = 1_000.0;
    if times.calls == 1 && primal < SHORT {
        return format!(
            "{} over {}: too short to be measured; give it more elements with --len",
            duration(derivative),
            duration(primal)
        );
    }
    let ratio = Ratio::of(&times.derivative, times.primal.iter().copied());
    let spread =
        quantile(&times.derivative, calls, 0.75) - quantile(&times.derivative, calls, 0.25);
    format!(
        "{} over {}: {}, in the middle half of {} runs ({} between the quarters)",
        duration(derivative),
        duration(primal),
        ratio.words(),
        times.primal.len(),
        duration(spread)
    )
}

/// Machine instructions of both.
fn machine_in_words(machine: &Machine) -> String {
    let side = |ran: Option<Ran>| match ran {
        None => "not counted: more than a million instructions, or no x86-64".to_owned(),
        Some(Ran { own, others: 0 }) => counted(own, "instruction"),
        Some(Ran { own, others }) => format!(
            "{}, and {} in libraries",
            counted(own, "instruction"),
            grouped(others)
        ),
    };
    let (primal, derivative) = (side(machine.primal), side(machine.derivative));
    let ratio = match (machine.primal, machine.derivative) {
        (Some(primal), Some(derivative)) => {
            let all = |ran: Ran| ran.own + ran.others;
            let ratio = all(derivative) as f64 / all(primal).max(1) as f64;
            format!(": {ratio:.2} times")
        }
        _ => String::new(),
    };
    format!("derivative: {derivative}; primal: {primal}{ratio}")
}

/// A derivative beside the primal and the backward function that somebody wrote, which do the same together.
fn by_hand_in_words(times: &Times, manual: &str) -> String {
    let by_hand = median(&times.by_hand, times.calls);
    let both = times.primal.iter().zip(&times.by_hand);
    let ratio = Ratio::of(
        &times.derivative,
        both.map(|(primal, by_hand)| primal + by_hand),
    );
    format!(
        "{manual} takes {} after the primal; the derivative takes {} of both together",
        duration(by_hand),
        ratio.words()
    )
}

/// The middle half of how many times as long one of two takes that were measured in turn.
pub(super) struct Ratio {
    pub(super) low: f64,
    pub(super) median: f64,
    pub(super) high: f64,
}

impl Ratio {
    pub(super) fn of(all: &[u64], over: impl Iterator<Item = u64>) -> Self {
        let mut ratios: Vec<f64> = all
            .iter()
            .zip(over)
            .map(|(one, over)| *one as f64 / over.max(1) as f64)
            .collect();
        ratios.sort_by(f64::total_cmp);
        let at = |part: f64| ratios[(part * (ratios.len() - 1) as f64).round() as usize];
        Ratio {
            low: at(0.25),
            median: at(0.5),
            high: at(0.75),
        }
    }

    fn words(&self) -> String {
        format!(
            "{:.2} times, {:.2} to {:.2}",
            self.median, self.low, self.high
        )
    }
}

pub(super) fn name(role: Option<AdRole>) -> &'static str {
    role.map_or("called", AdRole::name)
}

pub(super) fn tone(role: Option<AdRole>) -> Tone {
    match role {
        Some(AdRole::Primal) => Tone::Plain,
        Some(AdRole::Shadow) => Tone::Hunk,
        Some(AdRole::Adjoint | AdRole::Tangent) => Tone::Derivative,
        Some(AdRole::Cache) => Tone::Removed,
        Some(AdRole::Recompute) => Tone::Warning,
        Some(AdRole::Control) | None => Tone::Muted,
    }
}

/// A bar of a share of the room.
fn bar(part: f64, room: usize) -> String {
    let filled = (part * room as f64).round() as usize;
    "#".repeat(filled.max(usize::from(part > 0.0)))
}
