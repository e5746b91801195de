//! Runs a pipeline as one stage and writes down its steps.

use inkwell::module::Module;
use inkwell::targets::TargetMachine;
use inkwell::values::FunctionValue;
use llvm_shim::{Fingerprint, Fingerprints, Repair, Tuning};
use rustc_hash::FxHashMap;
use trace::{
    Diagnosis, Help, Kind, Named, Pipeline, SourceLine, Step, StepNote, TextId, Unit, UnitKind,
    Watch, enzyme,
};

use crate::channel::numbered::Numbered;
use crate::channel::recorder::{FunctionPrinter, Recorder};

/// What one stage runs, and what of it is written down.
pub(crate) struct Stage<'a> {
    pub(crate) name: &'a str,
    pub(crate) pipeline: &'a Pipeline,
    /// What of irad's own runs around it.
    pub(crate) repair: Repair,
    pub(crate) watch: Watch,
    /// Symbols of the watched functions; [`ALL`] for every one.
    pub(crate) functions: &'a [&'a str],
    /// Symbols of the functions that passes come to first, with all that they reach. Where there are none,
    /// the order is that of the module.
    pub(crate) first: &'a [&'a str],
    /// The watched functions whose instructions are numbered.
    pub(crate) numbered: &'a [Numbered],
}

/// The function that leads passes to those. It is gone when they have run.
const LEAD: &str = "irad.lead";

/// Stands for every function with a body.
pub(crate) const ALL: &str = "*";

/// Runs the stage. Without a pipeline and repairs it does nothing.
pub(crate) fn run(
    module: &Module<'_>,
    machine: Option<&TargetMachine>,
    stage: &Stage<'_>,
    recorder: &Recorder,
) -> Result<(), Diagnosis> {
    let pipeline = match stage.pipeline {
        Pipeline::None | Pipeline::Given if stage.repair == Repair::None => return Ok(()),
        Pipeline::None | Pipeline::Given => llvm_shim::Pipeline::Text(""),
        Pipeline::O2 => llvm_shim::Pipeline::Default(2, Tuning::READABLE),
        Pipeline::O3 => llvm_shim::Pipeline::Default(3, Tuning::FULL),
        // After Enzyme nightly runs the link-time pipeline once more, with everything on.
        Pipeline::Rustc if stage.name == "cleanup" => {
            let tuning = Tuning {
                merge_functions: true,
                ..Tuning::FULL
            };
            llvm_shim::Pipeline::AtLinkTime(3, tuning)
        }
        Pipeline::Rustc => llvm_shim::Pipeline::BeforeAndAtLinkTime(3, Tuning::READABLE),
        Pipeline::Text(text) => llvm_shim::Pipeline::Text(text),
    };
    recorder.stage(stage.name);
    if !stage.first.is_empty() {
        let first = stage.first.iter();
        let first: Vec<_> = first.filter_map(|name| module.get_function(name)).collect();
        llvm_shim::lead(module, &first, LEAD);
    }
    let run = |observer: Option<&mut dyn FnMut(&llvm_shim::Pass<'_>)>| {
        let repair = stage.repair;
        llvm_shim::run_repaired(module, machine, pipeline, repair, Some(ENROLL), observer)
    };
    let result = match stage.watch {
        Watch::Points | Watch::Roles | Watch::Values | Watch::Counts => run(None),
        Watch::Steps | Watch::StepsAndRoles => {
            let mut watcher = Watcher::new(module, stage, recorder);
            run(Some(&mut |pass| watcher.take(pass)))
        }
    };
    if let Some(lead) = module.get_function(LEAD) {
        llvm_shim::erase(lead);
    }
    result.map_err(|error| refused(&error.to_string(), stage.name, stage.pipeline))
}

/// A pipeline that LLVM does not understand, with the closest names to the word it stumbled over.
pub(crate) fn refused(message: &str, stage: &str, pipeline: &Pipeline) -> Diagnosis {
    let mut diagnosis = Diagnosis::new(Kind::Pipeline, message.trim());
    diagnosis.instruction = Some(SourceLine::alone(stage, pipeline.to_string()));
    let Some(word) = message.split('\'').nth(1) else {
        return diagnosis;
    };
    let wanted = word.split(['<', '(']).next().unwrap_or(word);
    let mut names: Vec<String> = llvm_shim::pass_names()
        .iter()
        .map(|name| name.split(['<', '(']).next().unwrap_or(name).to_owned())
        .chain(["enzyme", enzyme::PASS_TYPES, enzyme::PASS_ACTIVITIES].map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    let mut ranked: Vec<(f64, String)> = names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(wanted, &name), name))
        .filter(|(score, _)| *score > 0.75)
        .collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let closest: Vec<String> = ranked.into_iter().take(3).map(|(_, name)| name).collect();
    if !closest.is_empty() {
        diagnosis.help.push(Help::DidYouMean(closest));
    }
    diagnosis
}

/// Enzyme's passes are part of every pipeline's vocabulary.
pub(crate) const ENROLL: llvm_shim::Enroll = enzyme_sys::registerEnzymeAndPassPipeline;

/// Prints the watched functions after each pass that may have touched them.
struct Watcher<'a, 'c> {
    module: &'a Module<'c>,
    stage: &'a Stage<'a>,
    recorder: &'a Recorder,
    printer: FunctionPrinter,
    fingerprints: Fingerprints,
    /// What each function was when it was last looked at.
    seen: FxHashMap<String, (Option<Fingerprint>, TextId)>,
    references: FxHashMap<String, Vec<(String, String)>>,
    counts: FxHashMap<(String, String), u32>,
    /// Every function is watched; what each refers to is then watched for itself.
    all: bool,
}

impl<'a, 'c> Watcher<'a, 'c> {
    fn new(module: &'a Module<'c>, stage: &'a Stage<'a>, recorder: &'a Recorder) -> Self {
        let mut watcher = Watcher {
            module,
            stage,
            recorder,
            printer: FunctionPrinter::new(module),
            fingerprints: Fingerprints::in_place(),
            seen: FxHashMap::default(),
            references: FxHashMap::default(),
            counts: FxHashMap::default(),
            all: stage.functions == [ALL],
        };
        for name in watcher.watched() {
            if let Some(function) = module.get_function(&name) {
                if !watcher.all {
                    let seen = llvm_shim::references(function);
                    watcher.references.insert(name.clone(), seen);
                }
                watcher.changed(&name, function);
            }
        }
        watcher
    }

    fn take(&mut self, pass: &llvm_shim::Pass<'_>) {
        if pass.functions.as_slice() == [LEAD] {
            return;
        }
        let key = (pass.class_name.to_owned(), pass.unit_name.to_owned());
        let nth = self.counts.entry(key).or_default();
        *nth += 1;
        let nth = *nth;
        let (changed, notes) = if pass.preserved_all {
            (Vec::new(), Vec::new())
        } else {
            self.compare(pass)
        };
        self.recorder.step(Step {
            stage: self.stage.name.to_owned(),
            pass: pass.class_name.to_owned(),
            pipeline_name: pass.pipeline_name.to_owned(),
            unit: Unit {
                kind: match pass.unit_kind {
                    llvm_shim::UnitKind::Module => UnitKind::Module,
                    llvm_shim::UnitKind::Scc => UnitKind::Scc,
                    llvm_shim::UnitKind::Function => UnitKind::Function,
                    llvm_shim::UnitKind::Loop => UnitKind::Loop,
                },
                name: pass.unit_name.to_owned(),
                functions: pass.functions.clone(),
            },
            nth,
            nanos: pass.nanos,
            preserved_all: pass.preserved_all,
            invalidated: pass.invalidated,
            changed,
            notes,
        });
    }

    fn watched(&self) -> Vec<String> {
        if self.all {
            let functions = self.module.get_functions();
            return functions
                .filter(|function| function.count_basic_blocks() > 0)
                .map(|function| function.get_name().to_string_lossy().into_owned())
                .collect();
        }
        self.stage
            .functions
            .iter()
            .map(|&name| name.to_owned())
            .collect()
    }

    fn compare(&mut self, pass: &llvm_shim::Pass<'_>) -> (Vec<Named>, Vec<StepNote>) {
        let mut changed = Vec::new();
        let mut notes = Vec::new();
        let is_module = pass.unit_kind == llvm_shim::UnitKind::Module;
        let candidates = if self.all && !is_module {
            let mut names = pass.functions.clone();
            names.sort();
            names.dedup();
            names
        } else {
            self.watched()
        };
        for name in candidates {
            let touchable = is_module || pass.functions.contains(&name);
            let wide = self.sees(pass, &name, touchable);
            if !touchable && !wide {
                continue;
            }
            let function = self.module.get_function(&name);
            let Some(function) = function.filter(|function| function.count_basic_blocks() > 0)
            else {
                if self.seen.remove(&name).is_some() {
                    notes.push(StepNote::Deleted { function: name });
                }
                continue;
            };
            if touchable && let Some(text) = self.changed(&name, function) {
                changed.push(Named {
                    function: name.clone(),
                    text,
                });
            }
            if wide {
                let now = llvm_shim::references(function);
                let before = self.references.insert(name, now.clone());
                notes.extend(differing(&before.unwrap_or_default(), &now));
            }
        }
        (changed, notes)
    }

    /// The function's text, when it has changed. A function with the same fingerprint as before is not printed:
    /// that takes longer than most passes do. Builds with assertions print it to compare the texts.
    fn changed(&mut self, name: &str, function: FunctionValue<'_>) -> Option<TextId> {
        let fingerprint = self.fingerprints.of(function);
        let before = self.seen.get(name).copied();
        if let Some((old, text)) = before
            && old == fingerprint
            && fingerprint.is_some()
        {
            debug_assert_eq!(
                self.text(name, function),
                text,
                "{name} has changed, and its fingerprint has not",
            );
            return None;
        }
        let text = self.text(name, function);
        self.seen.insert(name.to_owned(), (fingerprint, text));
        before.is_none_or(|(_, old)| old != text).then_some(text)
    }

    fn text(&mut self, name: &str, function: FunctionValue<'_>) -> TextId {
        match Numbered::of(self.stage.numbered, name) {
            Some(own) => own.text(self.recorder, &mut self.printer, function),
            None => self.recorder.text(&mut self.printer, function),
        }
    }

    /// True when a pass may change what the function refers to. Function passes stay within their
    /// function; what a pass over callees changes may be seen from here.
    fn sees(&self, pass: &llvm_shim::Pass<'_>, name: &str, touchable: bool) -> bool {
        if self.all {
            return false;
        }
        match pass.unit_kind {
            llvm_shim::UnitKind::Module => true,
            llvm_shim::UnitKind::Scc => {
                touchable
                    || self.references.get(name).is_some_and(|seen| {
                        pass.functions
                            .iter()
                            .any(|function| seen.iter().any(|(name, _)| name == function))
                    })
            }
            _ => false,
        }
    }
}

/// Says which names both lists hold that look different to a caller now. What LLVM knows of its own
/// intrinsics is no change: it fills that in as soon as a module has declared one.
fn differing(before: &[(String, String)], now: &[(String, String)]) -> Option<StepNote> {
    let names: Vec<String> = now
        .iter()
        .filter(|(name, _)| !name.starts_with("llvm."))
        .filter(|(name, seen)| {
            before
                .iter()
                .any(|(old_name, old_seen)| old_name == name && old_seen != seen)
        })
        .map(|(name, _)| name.clone())
        .collect();
    (!names.is_empty()).then_some(StepNote::ChangedReferences { names })
}
