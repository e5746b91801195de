//! Loads the driver of a batch and compares each derivative with the reference, each in a process of its own.

// It calls code that was compiled at run time, and what it calls may crash.
#![allow(unsafe_code)]

use std::ffi::{CString, c_char, c_int, c_void};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::FromRawFd;
use std::path::Path;

use crate::dual::{self, Met, Number, OPERATIONS, Operations};
use crate::parameter::{Parameter, Shape};
use crate::points::{Point, points};
use crate::task::{Comparison, Task};

/// `Given` in `runtime/driver.rs`.
#[repr(C)]
struct Given {
    numbers: *mut Number,
    len: usize,
    integer: usize,
}

/// `Argument` in `runtime/driver.rs`.
#[repr(C)]
struct Argument {
    numbers: *mut f64,
    shadow: *mut f64,
    len: usize,
    integer: usize,
}

type Reference = unsafe extern "C" fn(*const Given, *mut Number) -> u32;
type Derivative = unsafe extern "C" fn(*const Argument, f64, *mut f64) -> u32;
type Init = unsafe extern "C" fn(&Operations);

/// A loaded driver. It stays loaded until the process ends.
struct Library(*mut c_void);

impl Library {
    fn open(path: &Path) -> Result<Library, String> {
        let name = CString::new(path.to_string_lossy().as_bytes()).map_err(|e| e.to_string())?;
        // SAFETY: the name ends in a zero. The library is one that we have just built.
        let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_LOCAL) };
        if handle.is_null() {
            return Err(format!("{} does not load", path.display()));
        }
        Ok(Library(handle))
    }

    fn symbol(&self, name: &str) -> Result<*mut c_void, String> {
        let c_name = CString::new(name).map_err(|e| e.to_string())?;
        // SAFETY: the handle is open, the name ends in a zero.
        let found = unsafe { libc::dlsym(self.0, c_name.as_ptr()) };
        if found.is_null() {
            return Err(format!("there is no {name}"));
        }
        Ok(found)
    }
}

/// Compares everything in a batch. Prints each comparison as a line of JSON.
pub fn run(library: &Path, tasks: &[Task]) -> Result<(), String> {
    let library = Library::open(library)?;
    let init = library.symbol("truth_init")?;
    // SAFETY: `truth_init` in `runtime/number.rs` has this type.
    let init: Init = unsafe { std::mem::transmute(init) };
    // SAFETY: it keeps a copy.
    unsafe { init(&OPERATIONS) };
    for task in tasks {
        for mode in &task.modes {
            let comparison = guarded(&library, task, mode)?;
            let line = serde_json::to_string(&comparison).map_err(|e| e.to_string())?;
            println!("{line}");
        }
    }
    Ok(())
}

/// One comparison in a child process.
fn guarded(library: &Library, task: &Task, mode: &str) -> Result<Comparison, String> {
    io::stdout().flush().map_err(|error| error.to_string())?;
    let mut ends: [c_int; 2] = [0; 2];
    // SAFETY: two descriptors fit in there.
    if unsafe { libc::pipe(ends.as_mut_ptr()) } != 0 {
        return Err("no pipe".to_owned());
    }
    // SAFETY: this process has one thread.
    let child = unsafe { libc::fork() };
    if child < 0 {
        return Err("no process".to_owned());
    }
    if child == 0 {
        // SAFETY: the descriptors are ours. What the function prints goes nowhere.
        let mut writer = unsafe {
            libc::close(ends[0]);
            let nowhere = libc::open(c"/dev/null".as_ptr(), libc::O_WRONLY);
            libc::dup2(nowhere, 1);
            libc::dup2(nowhere, 2);
            // Limits of processor time and memory; the machine may be busy with something else.
            let seconds = libc::rlimit {
                rlim_cur: 10,
                rlim_max: 12,
            };
            libc::setrlimit(libc::RLIMIT_CPU, &raw const seconds);
            let bytes = libc::rlimit {
                rlim_cur: 4 << 30,
                rlim_max: 4 << 30,
            };
            libc::setrlimit(libc::RLIMIT_AS, &raw const bytes);
            libc::alarm(300);
            File::from_raw_fd(ends[1])
        };
        let ended = compare(library, task, mode, &mut |comparison| {
            if let Ok(line) = serde_json::to_string(comparison) {
                _ = writeln!(writer, "{line}");
            }
        });
        // SAFETY: ends the child at once, without what the parent would do at its end.
        unsafe { libc::_exit(c_int::from(ended.is_err())) };
    }
    // SAFETY: the descriptors are ours.
    let mut reader = unsafe {
        libc::close(ends[1]);
        File::from_raw_fd(ends[0])
    };
    let mut text = String::new();
    _ = reader.read_to_string(&mut text);
    let mut status: c_int = 0;
    // SAFETY: `child` is our child.
    unsafe { libc::waitpid(child, &raw mut status, 0) };
    let mut comparison: Comparison = text
        .lines()
        .rev()
        .find_map(|line| serde_json::from_str(line).ok())
        .unwrap_or_default();
    comparison.at = task.at;
    comparison.mode = mode.to_owned();
    if libc::WIFSIGNALED(status) {
        comparison.crash = Some(signal_name(libc::WTERMSIG(status)));
    } else if libc::WEXITSTATUS(status) != 0 {
        comparison.crash = Some(format!("exit {}", libc::WEXITSTATUS(status)));
    }
    Ok(comparison)
}

/// What is said of a comparison that took too long.
pub const TIME: &str = "time";

fn signal_name(signal: c_int) -> String {
    match signal {
        libc::SIGSEGV => "SIGSEGV".to_owned(),
        libc::SIGABRT => "SIGABRT".to_owned(),
        libc::SIGALRM | libc::SIGXCPU => TIME.to_owned(),
        libc::SIGBUS => "SIGBUS".to_owned(),
        libc::SIGFPE => "SIGFPE".to_owned(),
        libc::SIGILL => "SIGILL".to_owned(),
        other => format!("signal {other}"),
    }
}

/// The outputs of a run of the reference along one input: what it returns, and what it leaves in memory.
struct Along {
    outputs: Vec<Number>,
    met: Met,
}

/// Runs the reference with one input varying. Nothing if it panics.
fn reference(function: Reference, task: &Task, point: &Point, along: usize) -> Option<Along> {
    let mut at = 0;
    let mut numbers: Vec<Vec<Number>> = point
        .iter()
        .map(|values| {
            let number = |&value: &f64| {
                let tangent = if at == along { 1.0 } else { 0.0 };
                at += 1;
                Number {
                    value,
                    tangent,
                    magnitude: tangent,
                    varies: 1,
                }
            };
            values.floats.iter().map(number).collect()
        })
        .collect();
    let given: Vec<Given> = numbers
        .iter_mut()
        .zip(point)
        .map(|(numbers, values)| Given {
            numbers: numbers.as_mut_ptr(),
            len: numbers.len(),
            integer: values.integer,
        })
        .collect();
    let mut result = Number {
        value: 0.0,
        tangent: 0.0,
        magnitude: 0.0,
        varies: 0,
    };
    _ = dual::take_met();
    // SAFETY: the driver's wrapper of this function takes as many parameters, and numbers of each.
    let panicked = unsafe { function(given.as_ptr(), &raw mut result) };
    let met = dual::take_met();
    if panicked != 0 {
        return None;
    }
    let mut outputs = vec![result];
    for (parameter, numbers) in task.parameters.iter().zip(&numbers) {
        if parameter.shape.is_output() {
            outputs.extend(numbers);
        }
    }
    Some(Along { outputs, met })
}

/// How far comparisons must be from a tie, and how far derivatives may differ.
struct Tolerance {
    /// Larger ones may be infinite where the derivative is computed.
    largest: f64,
    gap: f64,
    relative: f64,
    /// Of the terms that were added up.
    rounding: f64,
    /// By which inputs are changed to see how much that matters.
    nudge: f64,
}

const DOUBLE: Tolerance = Tolerance {
    largest: f64::MAX,
    gap: 1e-9,
    relative: 1e-7,
    rounding: 1e-11,
    nudge: 1e-12,
};
const SINGLE: Tolerance = Tolerance {
    largest: 1e38,
    gap: 1e-4,
    relative: 2e-3,
    rounding: 1e-4,
    nudge: 1e-6,
};

/// The derivatives of all outputs along all inputs.
struct Jacobian {
    /// By input.
    along: Vec<Vec<Number>>,
    values: Vec<f64>,
}

enum Why {
    Kink,
    Infinite,
    Panic,
}

fn jacobian(
    function: Reference,
    task: &Task,
    point: &Point,
    tolerance: &Tolerance,
) -> Result<Jacobian, Why> {
    let inputs: usize = point.iter().map(|values| values.floats.len()).sum();
    let mut along = Vec::new();
    let mut values = Vec::new();
    for input in 0..inputs.max(1) {
        let run = reference(function, task, point, input).ok_or(Why::Panic)?;
        let is_finite = |one: &Number| one.value.is_finite() && one.tangent.is_finite();
        if run.met.largest > tolerance.largest || !run.outputs.iter().all(is_finite) {
            return Err(Why::Infinite);
        }
        if run.met.gap < tolerance.gap {
            return Err(Why::Kink);
        }
        values = run.outputs.iter().map(|one| one.value).collect();
        along.push(run.outputs);
    }
    along.truncate(inputs);
    Ok(Jacobian { along, values })
}

/// How far to the side of a zero its neighbours are.
const BESIDE: f64 = 1e-7;
/// How far their derivatives may be apart.
const APART: f64 = 1e-4;

/// The derivatives at a point with a single zero, where the function takes a path for zero: its neighbours to both
/// sides say what they are, if they agree. Single precision is too rough for that.
fn beside_zero(
    function: Reference,
    task: &Task,
    point: &Point,
    tolerance: &Tolerance,
) -> Option<Jacobian> {
    let floats = || point.iter().flat_map(|values| &values.floats);
    let mut sorted: Vec<f64> = floats().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let has_ties = sorted.windows(2).any(|pair| pair[0] == pair[1]);
    if task.single || has_ties || !sorted.contains(&0.0) {
        return None;
    }
    let side = |by: f64| {
        let mut point = point.clone();
        let floats = point.iter_mut().flat_map(|values| &mut values.floats);
        for float in floats.filter(|float| **float == 0.0) {
            *float = by;
        }
        jacobian(function, task, &point, tolerance).ok()
    };
    let (above, below) = (side(BESIDE)?, side(-BESIDE)?);
    let anywhere = Tolerance {
        gap: 0.0,
        ..*tolerance
    };
    let mut here = jacobian(function, task, point, &anywhere).ok()?;
    let is_near = |a: f64, b: f64, size: f64| (a - b).abs() <= APART * (1.0 + size);
    let values = here.values.iter().zip(&above.values).zip(&below.values);
    let mut values = values.map(|((here, above), below)| (*here, *above, *below));
    if !values.all(|(here, a, b)| is_near(a, b, a.abs()) && is_near(here, a, a.abs())) {
        return None;
    }
    let sides = above
        .along
        .iter()
        .flatten()
        .zip(below.along.iter().flatten());
    for (here, (above, below)) in here.along.iter_mut().flatten().zip(sides) {
        let size = above.magnitude + below.magnitude;
        if !is_near(above.tangent, below.tangent, size) {
            return None;
        }
        here.tangent = above.tangent;
        // As rough as the two are.
        here.magnitude = (1.0 + size) * APART / tolerance.rounding;
    }
    Some(here)
}

/// What a derivative gave at a point, in the order of the inputs or of the outputs.
struct Found {
    code: u32,
    value: f64,
    tangent: f64,
    numbers: Vec<Vec<f64>>,
    shadow: Vec<Vec<f64>>,
}

fn call(function: Derivative, point: &Point, mut shadow: Vec<Vec<f64>>, seed: f64) -> Found {
    let mut numbers: Vec<Vec<f64>> = point.iter().map(|values| values.floats.clone()).collect();
    let arguments: Vec<Argument> = numbers
        .iter_mut()
        .zip(&mut shadow)
        .zip(point)
        .map(|((numbers, shadow), values)| Argument {
            numbers: numbers.as_mut_ptr(),
            shadow: shadow.as_mut_ptr(),
            len: numbers.len(),
            integer: values.integer,
        })
        .collect();
    let mut out = [f64::NAN; 2];
    // SAFETY: the driver's wrapper of this derivative takes as many parameters, and numbers of each.
    let code = unsafe { function(arguments.as_ptr(), seed, out.as_mut_ptr()) };
    Found {
        code,
        value: out[0],
        tangent: out[1],
        numbers,
        shadow,
    }
}

/// A number that a derivative gave, and what it should be.
struct Pair {
    place: String,
    found: f64,
    wanted: f64,
    /// What the rounding errors of the wanted number are relative to.
    magnitude: f64,
}

fn compare(
    library: &Library,
    task: &Task,
    mode: &str,
    tell: &mut dyn FnMut(&Comparison),
) -> Result<(), String> {
    let at = task.at;
    // SAFETY: the driver's source says so (`driver.rs`).
    let reference: Reference =
        unsafe { std::mem::transmute(library.symbol(&format!("reference_{at}"))?) };
    // SAFETY: as above.
    let derivative: Derivative =
        unsafe { std::mem::transmute(library.symbol(&format!("derivative_{at}_{mode}"))?) };
    let tolerance = if task.single { &SINGLE } else { &DOUBLE };
    let mut comparison = Comparison::default();
    for mut point in points(&task.parameters, &task.literals, task.seed, task.points) {
        if task.single {
            for float in point.iter_mut().flat_map(|values| &mut values.floats) {
                *float = f64::from(*float as f32);
            }
        }
        let exact = jacobian(reference, task, &point, tolerance);
        let exact = match exact {
            Err(Why::Kink) => beside_zero(reference, task, &point, tolerance).ok_or(Why::Kink),
            found => found,
        };
        let exact = match exact {
            Ok(exact) => exact,
            Err(Why::Kink) => {
                comparison.kinks += 1;
                continue;
            }
            Err(Why::Infinite) => {
                comparison.infinite += 1;
                continue;
            }
            Err(Why::Panic) => {
                comparison.panics += 1;
                continue;
            }
        };
        comparison
            .worst
            .get_or_insert_with(|| describe(task, &point));
        tell(&comparison);
        if comparison.wrong == 0 {
            comparison.worst = None;
        }
        comparison.compared += 1;
        let wrong = if mode == "reverse" {
            reverse(derivative, task, &point, &exact)
        } else {
            forward(derivative, task, &point, &exact)
        };
        let is_zero = exact.along.iter().flatten().all(|one| one.tangent == 0.0);
        comparison.varies |= !is_zero;
        let pairs = match wrong {
            Ok(pairs) => pairs,
            Err(reason) => {
                comparison.wrong += 1;
                let point = describe(task, &point);
                comparison
                    .worst
                    .get_or_insert(format!("{reason} at {point}"));
                continue;
            }
        };
        let suspects: Vec<&Pair> = pairs
            .iter()
            .filter(|pair| !agrees(pair, tolerance, 0.0))
            .collect();
        if suspects.is_empty() {
            continue;
        }
        // Where the function is ill-conditioned, rounding alone may explain it.
        let nudged = nudged(&point, tolerance.nudge);
        let Ok(moved) = jacobian(reference, task, &nudged, tolerance) else {
            comparison.kinks += 1;
            comparison.compared -= 1;
            continue;
        };
        let moved = spread(&exact, &moved);
        if let Some(pair) = suspects.iter().find(|pair| !agrees(pair, tolerance, moved)) {
            comparison.wrong += 1;
            comparison.worst.get_or_insert_with(|| {
                format!(
                    "{}: {:?} for {:?} at {}",
                    pair.place,
                    pair.found,
                    pair.wanted,
                    describe(task, &point)
                )
            });
        }
    }
    tell(&comparison);
    Ok(())
}

fn agrees(pair: &Pair, tolerance: &Tolerance, moved: f64) -> bool {
    // Near the largest of all floats what is allowed is not a number.
    if pair.found == pair.wanted {
        return true;
    }
    let allowed = tolerance.relative * pair.wanted.abs()
        + tolerance.rounding * pair.magnitude
        + 100.0 * moved * pair.wanted.abs().max(pair.magnitude)
        + 1e-100;
    (pair.found - pair.wanted).abs() <= allowed
}

/// Every input moved by a little, up and down in turn.
fn nudged(point: &Point, by: f64) -> Point {
    let mut point = point.clone();
    for (at, float) in point
        .iter_mut()
        .flat_map(|values| &mut values.floats)
        .enumerate()
    {
        *float *= 1.0 + if at % 2 == 0 { by } else { -by };
    }
    point
}

/// The largest relative change of a derivative or a value.
fn spread(a: &Jacobian, b: &Jacobian) -> f64 {
    let tangents = a.along.iter().flatten().zip(b.along.iter().flatten());
    let change = |a: f64, b: f64, scale: f64| (a - b).abs() / scale.max(f64::MIN_POSITIVE);
    tangents
        .map(|(a, b)| change(a.tangent, b.tangent, a.magnitude.max(b.magnitude)))
        .fold(0.0, f64::max)
}

/// Where in the parameters a number is.
fn places(task: &Task, point: &Point) -> Vec<(usize, usize, String)> {
    let mut places = Vec::new();
    for (of, (parameter, values)) in task.parameters.iter().zip(point).enumerate() {
        for at in 0..values.floats.len() {
            places.push((of, at, format!("{}[{at}]", parameter.name)));
        }
    }
    places
}

fn describe(task: &Task, point: &Point) -> String {
    let mut parts = Vec::new();
    for (parameter, values) in task.parameters.iter().zip(point) {
        let mut part = format!("{} =", parameter.name);
        if !values.floats.is_empty() || !parameter.shape.has_integer() {
            part += &format!(" {:?}", values.floats);
        }
        if parameter.shape.has_integer() {
            part += &format!(" #{}", values.integer);
        }
        parts.push(part);
    }
    parts.join(", ")
}

/// The values of the outputs.
fn values(found: &Found, task: &Task, exact: &Jacobian) -> Vec<Pair> {
    let mut pairs = vec![Pair {
        place: "the value".to_owned(),
        found: found.value,
        wanted: exact.values[0],
        magnitude: 1.0,
    }];
    let left = task.parameters.iter().zip(&found.numbers);
    let left = left.filter(|(parameter, _)| parameter.shape.is_output());
    for ((place, found), wanted) in left
        .flat_map(|(parameter, numbers)| numbers.iter().map(|one| (&parameter.name, *one)))
        .zip(&exact.values[1..])
    {
        pairs.push(Pair {
            place: format!("what is left in {place}"),
            found,
            wanted: *wanted,
            magnitude: 1.0,
        });
    }
    // The sizes of what was added up to a value are not known.
    for pair in &mut pairs {
        pair.magnitude = pair.wanted.abs().max(1.0) * 1e3;
    }
    pairs
}

fn ended_well(found: &Found) -> Result<(), String> {
    match found.code {
        0 => Ok(()),
        1 => Err("panics".to_owned()),
        _ => Err("writes outside of its memory".to_owned()),
    }
}

fn reverse(
    function: Derivative,
    task: &Task,
    point: &Point,
    exact: &Jacobian,
) -> Result<Vec<Pair>, String> {
    let seed = 1.25;
    let weight = |at: usize| 0.5 + 0.25 * (at % 3) as f64;
    let mut weights = vec![seed];
    let shadow: Vec<Vec<f64>> = task
        .parameters
        .iter()
        .zip(point)
        .map(|(parameter, values)| {
            let one = |at| {
                if parameter.shape.is_output() {
                    weights.push(weight(at));
                    weight(at)
                } else {
                    before(parameter)
                }
            };
            (0..values.floats.len()).map(one).collect()
        })
        .collect();
    let found = call(function, point, shadow, seed);
    ended_well(&found)?;
    let mut pairs = values(&found, task, exact);
    for (input, (of, at, place)) in places(task, point).into_iter().enumerate() {
        let base = if task.parameters[of].shape.is_output() {
            0.0
        } else {
            before(&task.parameters[of])
        };
        let terms = exact.along[input].iter().zip(&weights);
        let (mut wanted, mut magnitude) = (base, base);
        for (one, weight) in terms {
            wanted += one.tangent * weight;
            magnitude += one.magnitude * weight;
        }
        pairs.push(Pair {
            place: format!("d {place}"),
            found: found.shadow[of][at] - base,
            wanted: wanted - base,
            magnitude,
        });
    }
    Ok(pairs)
}

/// What is in the shadow of a parameter that is only read: adjoints are added to that. A value that is passed in memory
/// is the function's own, which may change it, so its shadow has to be zero.
fn before(parameter: &Parameter) -> f64 {
    if parameter.shape == Shape::ModelValue {
        0.0
    } else {
        0.125
    }
}

fn forward(
    function: Derivative,
    task: &Task,
    point: &Point,
    exact: &Jacobian,
) -> Result<Vec<Pair>, String> {
    let places = places(task, point);
    let mut pairs = Vec::new();
    // Each input by itself, and all of them at once.
    for input in 0..=places.len() {
        let mut shadow: Vec<Vec<f64>> = point
            .iter()
            .map(|values| vec![0.0; values.floats.len()])
            .collect();
        let direction: Vec<f64> = (0..places.len())
            .map(|at| match input {
                _ if input == places.len() => 0.5 - 0.3 * (at % 4) as f64,
                _ => f64::from(u8::from(at == input)),
            })
            .collect();
        for ((of, at, _), by) in places.iter().zip(&direction) {
            shadow[*of][*at] = *by;
        }
        let found = call(function, point, shadow, 1.0);
        ended_well(&found)?;
        if input == 0 {
            pairs.extend(values(&found, task, exact));
        }
        let mut tangents = vec![("the tangent".to_owned(), found.tangent)];
        for (parameter, shadow) in task.parameters.iter().zip(&found.shadow) {
            if parameter.shape.is_output() {
                let place = format!("the tangent of {}", parameter.name);
                tangents.extend(shadow.iter().map(|one| (place.clone(), *one)));
            }
        }
        let name = places.get(input).map_or("all inputs", |one| one.2.as_str());
        for (output, (place, found)) in tangents.into_iter().enumerate() {
            let (mut wanted, mut magnitude) = (0.0, 0.0);
            for (along, by) in exact.along.iter().zip(&direction) {
                wanted += along[output].tangent * by;
                magnitude += along[output].magnitude * by.abs();
            }
            pairs.push(Pair {
                place: format!("{place} along {name}"),
                found,
                wanted,
                magnitude,
            });
        }
    }
    Ok(pairs)
}

// `dlopen` and its like take characters of C's.
const _: () = assert!(size_of::<c_char>() == 1);
