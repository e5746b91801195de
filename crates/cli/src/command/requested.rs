//! Every derivative that a module asks Enzyme for, checked, as a table.

use std::path::Path;

use diff_view::{Paint, Tone};
use ir_load::demangle;
use serde_json::{Value, json};
use session::answered::of_answer;
use session::calls::{Call, calls};
use session::hear::hear;
use session::load;
use session::module::Module;
use session::request;
use session::resolve::resolved;
use trace::{Activity, AdOptions, Check, Doubt, Mode, Pipeline, RemarkKind, Verdict, Watch};
use unicode_width::UnicodeWidthStr;

use crate::exit;
use crate::failure::Failure;
use crate::output::{Global, print_json};
use crate::verdict;

/// One request, and what came of it.
struct Row {
    unit: String,
    call: Call,
    verdict: Verdict,
    kinds: Vec<Kind>,
}

/// What is wrong with a derivative that a compiler makes, where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The call to Enzyme passes no adjoint of the result.
    SeedUnused,
    /// Floats are moved as integers: told as floats, they are right.
    MovedAsIntegers,
    /// Something else that irad's own preparation puts right.
    Repaired,
}

impl Kind {
    /// A word for programs.
    fn word(self) -> &'static str {
        match self {
            Kind::SeedUnused => "seed_unused",
            Kind::MovedAsIntegers => "moved_as_integers",
            Kind::Repaired => "repaired",
        }
    }

    /// What it is, and what to write instead.
    fn words(self) -> &'static str {
        match self {
            Kind::SeedUnused => {
                "the compiler passes no seed on, and Enzyme takes 1: call it with 1.0 and shadows of zeros, and multiply by the seed"
            }
            Kind::MovedAsIntegers => {
                "floats are moved as integers: move them as floats in a function that knows their type (let t = x[i]; x[i] = x[j]; x[j] = t;). Told so, Enzyme gets it right"
            }
            Kind::Repaired => {
                "a fault of Enzyme's that irad takes care of: irad emit makes a derivative that is right"
            }
        }
    }
}

/// Checks every request of these modules, each with the name of its crate, and as it is differentiated.
pub fn run(
    modules: &[(String, Module, AdOptions)],
    is_json: bool,
    global: &Global,
) -> Result<u8, Failure> {
    let mut rows: Vec<Row> = Vec::new();
    for (unit, module, ad) in modules {
        for call in calls(module.index()) {
            // A function that several programs have is in each of them the same.
            // What cargo built in two ways has two symbols.
            let name = demangle(&call.derivative);
            if rows
                .iter()
                .any(|row| demangle(&row.call.derivative) == name && row.call.asked == call.asked)
            {
                continue;
            }
            let (verdict, kinds) = checked(module, &call, ad, global)?;
            rows.push(Row {
                unit: unit.clone(),
                call,
                verdict,
                kinds,
            });
        }
    }
    let is_wrong = rows.iter().any(|row| row.verdict.is_wrong());
    let is_open = rows.iter().any(|row| !row.verdict.is_right());
    if is_json {
        print_json(
            "requested",
            json!({ "derivatives": rows.iter().map(document).collect::<Vec<Value>>() }),
        )?;
    } else {
        global.print(&table(&rows, global))?;
    }
    Ok(match (is_wrong, is_open) {
        (true, _) => exit::DIFFERS,
        (false, true) => exit::UNDECIDED,
        (false, false) => exit::DONE,
    })
}

/// The options that are the compiler's.
pub fn of_compiler() -> AdOptions {
    AdOptions {
        prepare: Pipeline::Given,
        cleanup: Pipeline::None,
        ..AdOptions::new(Mode::Reverse)
    }
}

/// Checks one request, and finds out which kind of fault it is if it is wrong.
fn checked(
    module: &Module,
    call: &Call,
    ad: &AdOptions,
    global: &Global,
) -> Result<(Verdict, Vec<Kind>), Failure> {
    let mut part = module.again();
    part.cut_to(&[&call.derivative])?;
    let limits = global.limits();
    let check = |ad: &AdOptions| -> Result<(Verdict, bool), Failure> {
        let ad = resolved(ad, call.mode, &part)?;
        let check = Check {
            cross: false,
            ..Check::default()
        };
        let request = request::check(&part, &call.derivative, ad, check, limits);
        let (answer, ended) = hear(&request, &part, &mut |_| {})?;
        let is_moved = answer.trace.remarks.iter().any(|remark| {
            matches!(
                remark.kind,
                RemarkKind::Doubt(Doubt::FloatsAsIntegers { .. })
            )
        });
        Ok((of_answer(&answer.trace, ended, limits.seconds), is_moved))
    };
    let mut kinds = Vec::new();
    let asked = &call.asked;
    if call.mode == Mode::Reverse
        && asked.returns == Activity::Active
        && !asked.seeded
        && gives(module, call)
    {
        kinds.push(Kind::SeedUnused);
    }
    let (verdict, is_moved) = check(ad)?;
    if verdict.is_wrong() && ad.is_faithful() {
        // The same settings, and irad's own preparation, which tells Enzyme what is moved.
        let repaired = AdOptions {
            prepare: Pipeline::None,
            faithful: false,
            enzyme: ad
                .enzyme_settings()
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            ..ad.clone()
        };
        if check(&repaired)?.0.is_right() {
            kinds.push(match is_moved {
                true => Kind::MovedAsIntegers,
                false => Kind::Repaired,
            });
        }
    }
    Ok((verdict, kinds))
}

/// True when the primal gives a result.
fn gives(module: &Module, call: &Call) -> bool {
    let index = module.index();
    let primal = index.get(&call.primal);
    primal.is_none_or(|primal| !index.function_type(&primal).starts_with("void"))
}

fn table(rows: &[Row], global: &Global) -> String {
    let mut canvas = global.canvas(None);
    let names: Vec<String> = rows
        .iter()
        .map(|row| demangle(&row.call.derivative).into_owned())
        .collect();
    let width = names.iter().map(|name| name.width()).max().unwrap_or(0);
    for (row, name) in rows.iter().zip(&names) {
        let tone = match row.verdict.is_doubtful() {
            true => Tone::Warning,
            false => Tone::Plain,
        };
        let gap = " ".repeat(width - name.width());
        canvas.text(
            &format!("{name}{gap}  {:<7}  ", row.call.mode.to_string()),
            Tone::Plain.style(),
        );
        let words = format!("{} {}", row.verdict.label(), row.verdict);
        canvas.paragraph(&words, width + 11, global.width(), tone.style());
        for kind in &row.kinds {
            canvas.paragraph(
                &format!("  {}", kind.words()),
                2,
                global.width(),
                Tone::Warning.style(),
            );
        }
    }
    if rows.is_empty() {
        canvas.line("nobody asks for a derivative here", Tone::Muted.style());
    }
    canvas.finish()
}

fn document(row: &Row) -> Value {
    json!({
        "crate": row.unit,
        "derivative": demangle(&row.call.derivative),
        "primal": demangle(&row.call.primal),
        "mode": row.call.mode,
        "verdict": verdict::json(Some(&row.verdict)),
        "kinds": row.kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>(),
    })
}

/// Says which requests of a module Enzyme refuses or does not survive, and why.
pub fn refused(file: &Path, global: &Global) -> Result<(), Failure> {
    let module = load::load(file, None, None, global.limits())?;
    let mut canvas = global.stderr_canvas();
    for call in calls(module.index()) {
        let mut part = module.again();
        part.cut_to(&[&call.derivative])?;
        let ad = resolved(&of_compiler(), call.mode, &part)?;
        let request =
            request::differentiate(&part, &call.derivative, ad, Watch::Points, global.limits());
        let (answer, ended) = hear(&request, &part, &mut |_| {})?;
        let why = match (&answer.trace.failure, ended) {
            (Some(diagnosis), _) => Failure::from(&session::refusal::Refusal::of(
                diagnosis.clone(),
                &part.origin,
                part.text(),
            )),
            (None, Some(ended)) => Failure::from(ended),
            (None, None) => continue,
        };
        let name = demangle(&call.derivative);
        canvas.line(
            &format!("irad: rustc could not make {name}: {}", why.title),
            Tone::Warning.style(),
        );
        for line in why.details_in_lines() {
            canvas.line(&format!("  {line}"), Tone::Plain.style());
        }
    }
    crate::output::say(&canvas.finish());
    Ok(())
}
