//! What an engine reports while it works, and the trace that the reports add up to.

use serde::{Deserialize, Serialize};

use crate::request::{one, yes};
use crate::{Activity, Checked, Diagnosis, Emitted, Explained, Mode, Point, Request};

/// The version of the trace format that this crate writes, and the newest that it reads.
pub const TRACE_VERSION: u32 = 1;

/// Index of a text in [`Trace::texts`]. Equal texts have equal ids.
pub type TextId = usize;

/// One report of a working engine. `Failed` or `Done` is the last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// What the engine is made of; always the first.
    Toolchain(Toolchain),
    /// Work on a stage has begun.
    Stage(String),
    /// What was chosen for each parameter.
    Signature(Signature),
    /// A metadata definition that texts refer to by its position among all definitions.
    Definition(String),
    /// A text that later events refer to by its position among all texts.
    Text(Text),
    /// A named point was reached.
    Point(PointText),
    /// A pass has run.
    Step(Step),
    /// LLVM or Enzyme said something that is no error.
    Remark(Remark),
    /// The derivative exists.
    Differentiated(Differentiated),
    /// What a check has found so far; the last one counts.
    Checked(Checked),
    /// What each instruction is there for.
    Explained(Box<Explained>),
    /// What the next frame exports and needs.
    Emitted(Emitted),
    /// The next frame holds the module's bytes.
    Module,
    /// The request cannot be fulfilled.
    Failed(Diagnosis),
    /// The request is fulfilled.
    Done,
}

/// Everything that is known about one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The format's version.
    pub irad_trace: u32,
    /// What the engine was made of.
    pub toolchain: Toolchain,
    /// What was asked.
    pub request: Request,
    /// What was chosen for each parameter.
    pub signature: Option<Signature>,
    /// The functions that took part.
    pub differentiated: Option<Differentiated>,
    /// What was emitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emitted: Option<Emitted>,
    /// The named points that were reached.
    pub points: Vec<PointText>,
    /// Every pass that ran while steps were watched.
    pub steps: Vec<Step>,
    /// What a check found, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<Checked>,
    /// What each instruction is there for, if that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explained: Option<Explained>,
    /// What LLVM and Enzyme said on the way.
    pub remarks: Vec<Remark>,
    /// Function texts, each stored once.
    pub texts: Vec<Text>,
    /// The metadata definitions that texts refer to, a line each, each stored once.
    pub definitions: Vec<String>,
    /// Why the run ended early, if it did.
    pub failure: Option<Diagnosis>,
}

impl Trace {
    /// The text at a named point, if the run got that far. Where a split derivative has two, it is
    /// that of the half that takes the tape.
    pub fn point(&self, point: Point) -> Option<(&PointText, String)> {
        self.at(point).pop()
    }

    /// The texts at a named point: one, or those of both halves of a split derivative, the augmented
    /// primal first.
    pub fn at(&self, point: Point) -> Vec<(&PointText, String)> {
        let found = self.points.iter().filter(|found| found.point == point);
        found
            .filter_map(|found| Some((found, self.text(found.text)?)))
            .collect()
    }

    /// A whole text: the function, followed by the metadata definitions that it refers to.
    pub fn text(&self, id: TextId) -> Option<String> {
        let text = self.texts.get(id)?;
        let mut whole = text.body.clone();
        for &definition in &text.metadata {
            whole.push_str(self.definitions.get(definition as usize)?);
            whole.push('\n');
        }
        Some(whole)
    }
}

/// The text of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The function as LLVM prints it, with attribute groups written out in place.
    pub body: String,
    /// Positions in [`Trace::definitions`] of the metadata that it refers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metadata: Vec<u32>,
}

/// Versions of what took part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toolchain {
    /// irad's own.
    pub irad: String,
    /// The LLVM that the engine runs.
    pub llvm: String,
    /// The Enzyme that is linked into the engine.
    pub enzyme: String,
    /// Who made the input, from its `!llvm.ident`.
    pub producer: Option<String>,
}

/// The primal's parameters with what each is to the derivative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The primal's symbol.
    pub function: String,
    /// Forward or reverse.
    pub mode: Mode,
    /// The parameters as Rust has them: a slice is one.
    pub parameters: Vec<Parameter>,
    /// The return value; `None` when there is none.
    pub returns: Option<Parameter>,
    /// Position of the IR parameter that says where the result is written, where that is too large to
    /// be returned in registers. It is none of the parameters then, but the return value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_at: Option<usize>,
    /// True when irad chose activities that nobody stated.
    pub assumed: bool,
    /// How many directions a forward derivative follows at once.
    #[serde(default = "one")]
    pub width: u32,
    /// Whether the derivative returns what the primal returns, if that returns anything.
    #[serde(default = "yes")]
    pub primal_returned: bool,
    /// Whether the derivative is two functions, with a tape between them.
    #[serde(default)]
    pub split: bool,
}

/// One parameter as Rust has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name; empty for the return value.
    pub name: String,
    /// Position of its first IR parameter.
    pub first: usize,
    /// How many IR parameters it takes.
    pub count: usize,
    /// Its type, as far as the IR shows it.
    pub ty: String,
    /// What it is to the derivative.
    pub activity: Activity,
    /// What each of its IR parameters is to the derivative: of a slice the length is constant, of a
    /// pair each may be something else. Empty for a value that is returned.
    #[serde(default)]
    pub parts: Vec<Activity>,
    /// Why that was chosen, or why nothing else could be.
    pub reason: String,
    /// Where the type is known from.
    #[serde(default)]
    pub source: TypeSource,
}

/// Where a type is known from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TypeSource {
    /// Somebody stated the signature.
    Stated,
    /// An `enzyme_type` attribute of the IR parameter.
    Attributes,
    /// The module's debug info has it.
    DebugInfo,
    /// The IR's own types and the uses in the function.
    #[default]
    Uses,
}

/// The functions that one differentiation connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differentiated {
    /// The function that was differentiated.
    pub primal: String,
    /// The function that Enzyme generated. In split mode, the one that takes the tape.
    pub derivative: String,
    /// In split mode, the function that runs the primal and gives the tape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augmented: Option<String>,
}

/// The text of one function at one point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointText {
    /// Which point.
    pub point: Point,
    /// The symbol of the function that is shown there.
    pub function: String,
    /// Its text.
    pub text: TextId,
}

/// A pass that ran on one IR unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The stage that it belongs to: `prepare`, `enzyme`, `cleanup` or `run`.
    pub stage: String,
    /// The pass's class, as LLVM names it (`SROAPass`).
    pub pass: String,
    /// The pass's name in pipelines (`sroa`), empty if it has none.
    pub pipeline_name: String,
    /// What it ran on.
    pub unit: Unit,
    /// The how manieth time that this pass ran on this unit in this stage, from 1.
    pub nth: u32,
    /// Wall-clock time in nanoseconds, printing left out.
    pub nanos: u64,
    /// True when the pass said that every analysis is still valid.
    pub preserved_all: bool,
    /// True when the pass deleted or replaced its unit.
    pub invalidated: bool,
    /// The watched functions that it changed.
    pub changed: Vec<Named>,
    /// What else it changed that the watched functions refer to.
    pub notes: Vec<String>,
}

impl Step {
    /// The step's name: what it is, not where it stands.
    pub fn id(&self) -> String {
        format!(
            "{}/{}/{}/{}",
            self.stage, self.pass, self.unit.name, self.nth
        )
    }
}

/// A watched function with the text that a step left it with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The function's symbol.
    pub function: String,
    /// Its text after the step.
    pub text: TextId,
}

/// What a pass ran on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Unit {
    /// Its kind.
    pub kind: UnitKind,
    /// Its name: a function's symbol, a loop's function and header, `module`.
    pub name: String,
    /// The functions in it; empty for a module, where it means all.
    pub functions: Vec<String>,
}

/// The kinds of IR unit that passes run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// A whole module.
    Module,
    /// Functions that call each other.
    Scc,
    /// One function.
    Function,
    /// One loop.
    Loop,
}

/// Something that LLVM or Enzyme said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The stage in which it was said.
    pub stage: String,
    /// How much it matters.
    pub severity: Severity,
    /// The words.
    pub message: String,
}

/// How much a remark matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The result may not be what was meant.
    Warning,
    /// A decision that was made.
    Remark,
    /// A side note.
    Note,
}

/// Adds up an engine's events to a trace.
#[derive(Debug)]
pub struct Collector {
    trace: Trace,
    stage: Option<String>,
    done: bool,
}

impl Collector {
    /// An empty trace of `request`.
    pub fn new(request: Request) -> Self {
        Collector {
            trace: Trace {
                irad_trace: TRACE_VERSION,
                toolchain: Toolchain::default(),
                request,
                signature: None,
                differentiated: None,
                emitted: None,
                points: Vec::new(),
                steps: Vec::new(),
                checked: None,
                explained: None,
                remarks: Vec::new(),
                texts: Vec::new(),
                definitions: Vec::new(),
                failure: None,
            },
            stage: None,
            done: false,
        }
    }

    /// Takes one event in.
    pub fn take(&mut self, event: Event) {
        let trace = &mut self.trace;
        match event {
            Event::Toolchain(toolchain) => trace.toolchain = toolchain,
            Event::Stage(stage) => self.stage = Some(stage),
            Event::Signature(signature) => trace.signature = Some(signature),
            Event::Definition(line) => trace.definitions.push(line),
            Event::Text(text) => trace.texts.push(text),
            Event::Point(point) => trace.points.push(point),
            Event::Step(step) => trace.steps.push(step),
            Event::Remark(remark) => trace.remarks.push(remark),
            Event::Differentiated(names) => trace.differentiated = Some(names),
            Event::Checked(checked) => trace.checked = Some(checked),
            Event::Explained(explained) => trace.explained = Some(*explained),
            Event::Emitted(emitted) => trace.emitted = Some(emitted),
            Event::Module => {}
            Event::Failed(diagnosis) => trace.failure = Some(diagnosis),
            Event::Done => self.done = true,
        }
    }

    /// The trace as far as it goes.
    pub fn so_far(&self) -> &Trace {
        &self.trace
    }

    /// The stage that the engine was last heard to begin.
    pub fn stage(&self) -> Option<&str> {
        self.stage.as_deref()
    }

    /// True when the engine said its last word.
    pub fn is_complete(&self) -> bool {
        self.done || self.trace.failure.is_some()
    }

    /// The trace as far as it goes.
    pub fn finish(self) -> Trace {
        self.trace
    }
}
