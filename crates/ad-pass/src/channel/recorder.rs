//! Writes down what happens, each text once, in the order in which it happens.

use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::rc::Rc;

use inkwell::module::Module;
use inkwell::values::FunctionValue;
use llvm_shim::Printer;
use rustc_hash::{FxHashMap, FxHasher};
use trace::{
    Checked, Diagnosis, Differentiated, Emitted, Event, Explained, Located, Point, PointText,
    Profile, Remark, RemarkKind, Severity, Signature, Step, Text, TextId, TextRoles, Toolchain,
    Values,
};

use crate::channel::fault;
use crate::channel::printed::Printed;

/// A shared writer of events. LLVM's and Enzyme's handlers hold one as well, so it is never kept
/// borrowed over a call into either.
#[derive(Clone)]
pub struct Recorder(Rc<RefCell<Inner>>);

/// What Enzyme says of a line of a function.
#[derive(Clone, Debug)]
pub(crate) struct LocatedRemark {
    /// The function's symbol, or that of what Enzyme makes of it.
    pub(crate) function: String,
    /// In its source, or its number where it was numbered.
    pub(crate) line: usize,
    /// What is said.
    pub(crate) kind: RemarkKind,
}

struct Inner {
    out: Box<dyn Write>,
    /// Only says where it is, and why it cannot go on.
    is_hushed: bool,
    /// By hash and length of the text: the texts themselves are in front, and would fill memory
    /// here.
    texts: FxHashMap<(u64, usize), TextId>,
    definitions: FxHashMap<String, u32>,
    stage: String,
    /// What is printed besides, once somebody wants it told.
    printed: Option<Printed>,
    /// Remarks with the places that they are about, once somebody wants them.
    located: Option<Vec<LocatedRemark>>,
}

/// Prints functions of one module for a recorder.
pub(crate) struct FunctionPrinter {
    inner: Printer,
    /// What the recorder calls each of the printer's metadata definitions.
    ids: Vec<u32>,
}

impl FunctionPrinter {
    /// A printer for `module`, which must outlive it.
    pub(crate) fn new(module: &Module<'_>) -> Self {
        FunctionPrinter {
            inner: Printer::new(module),
            ids: Vec::new(),
        }
    }
}

impl Recorder {
    /// A recorder that writes frames to `out`.
    pub fn new(out: impl Write + 'static) -> Self {
        Recorder(Rc::new(RefCell::new(Inner {
            out: Box::new(out),
            is_hushed: false,
            texts: FxHashMap::default(),
            definitions: FxHashMap::default(),
            stage: String::new(),
            printed: None,
            located: None,
        })))
    }

    /// From now on what LLVM and Enzyme print is a remark, in the order in which they do.
    pub(crate) fn tell_printed(&self) {
        self.0.borrow_mut().printed = Printed::from_now_on();
    }

    /// From now on nothing is said but that a stage begins and how it ends: what goes on is only a
    /// means to something else.
    pub(crate) fn hushed(&self) -> Recorder {
        self.0.borrow_mut().is_hushed = true;
        self.clone()
    }

    /// Says that all of the derivative is told.
    pub(crate) fn derived(&self) {
        let mut inner = self.0.borrow_mut();
        inner.send(Event::Derived);
        // Whoever shows it does so while it is checked.
        inner.flush();
    }

    pub(crate) fn checked(&self, checked: Checked) {
        let mut inner = self.0.borrow_mut();
        inner.is_hushed = false;
        inner.send(Event::Checked(checked));
    }

    pub(crate) fn found(&self, located: Located) {
        self.0.borrow_mut().send(Event::Located(Box::new(located)));
    }

    pub(crate) fn values(&self, values: Values) {
        self.0.borrow_mut().send(Event::Values(Box::new(values)));
    }

    pub(crate) fn profile(&self, profile: Profile) {
        let mut inner = self.0.borrow_mut();
        inner.send(Event::Profile(Box::new(profile)));
    }

    pub(crate) fn toolchain(&self, toolchain: Toolchain) {
        self.0.borrow_mut().send(Event::Toolchain(toolchain));
    }

    /// Says that a stage begins.
    pub(crate) fn stage(&self, stage: &str) {
        llvm_shim::set_place(stage);
        let mut inner = self.0.borrow_mut();
        inner.tell_printed();
        stage.clone_into(&mut inner.stage);
        inner.send(Event::Stage(stage.to_owned()));
        // A crash is told by its stage, also where nobody else gets a turn before the process has ended.
        inner.flush();
        if let Some(fault) = fault::asked(stage) {
            fault::commit(&fault, &mut inner.out);
            // Not borrowed any more: what hears of an end writes to it.
            drop(inner);
            llvm_shim::misbehave(&fault);
        }
    }

    pub(crate) fn signature(&self, signature: Signature) {
        self.0.borrow_mut().send(Event::Signature(signature));
    }

    pub(crate) fn emitted(&self, emitted: Emitted) {
        self.0.borrow_mut().send(Event::Emitted(emitted));
    }

    pub(crate) fn differentiated(&self, names: Differentiated) {
        self.0.borrow_mut().send(Event::Differentiated(names));
    }

    /// Prints a function and gives the id of its text, which is sent when it is new.
    pub(crate) fn text(
        &self,
        printer: &mut FunctionPrinter,
        function: FunctionValue<'_>,
    ) -> TextId {
        let printed = printer.inner.parts_of(function);
        let mut inner = self.0.borrow_mut();
        for line in &printer.inner.definitions()[printer.ids.len()..] {
            printer.ids.push(inner.definition(line));
        }
        let metadata = printed.metadata.iter().map(|&id| printer.ids[id as usize]);
        let text = Text {
            metadata: metadata.collect(),
            body: printed.body,
        };
        let key = (hash(&text), text.body.len());
        if let Some(&id) = inner.texts.get(&key) {
            return id;
        }
        let id = inner.texts.len();
        inner.send(Event::Text(text));
        inner.texts.insert(key, id);
        id
    }

    /// Says that a point is reached, and what the function is there.
    pub(crate) fn point(
        &self,
        point: Point,
        printer: &mut FunctionPrinter,
        function: FunctionValue<'_>,
    ) {
        let text = self.text(printer, function);
        self.reached(point, &function.get_name().to_string_lossy(), text);
    }

    pub(crate) fn reached(&self, point: Point, function: &str, text: TextId) {
        self.0.borrow_mut().send(Event::Point(PointText {
            point,
            function: function.to_owned(),
            text,
        }));
    }

    pub(crate) fn step(&self, step: Step) {
        self.0.borrow_mut().send(Event::Step(step));
    }

    pub(crate) fn remark(&self, severity: Severity, kind: RemarkKind) {
        let mut inner = self.0.borrow_mut();
        let stage = inner.stage.clone();
        inner.send(Event::Remark(Remark {
            stage,
            severity,
            kind,
            checked: false,
        }));
    }

    /// From now on remarks are kept with their places.
    pub(crate) fn locate_remarks(&self) {
        self.0.borrow_mut().located = Some(Vec::new());
    }

    /// A remark about a place, as `file:line:column`, in a function.
    pub(crate) fn located(&self, function: &str, place: &str, kind: RemarkKind) {
        if let Some(located) = &mut self.0.borrow_mut().located {
            let line = place.rsplit(':').nth(1).and_then(|line| line.parse().ok());
            located.extend(line.map(|line| LocatedRemark {
                function: function.to_owned(),
                line,
                kind,
            }));
        }
    }

    /// The remarks that were kept, which are kept no longer.
    pub(crate) fn located_remarks(&self) -> Vec<LocatedRemark> {
        self.0.borrow_mut().located.take().unwrap_or_default()
    }

    pub(crate) fn explained(&self, explained: Explained) {
        self.0
            .borrow_mut()
            .send(Event::Explained(Box::new(explained)));
    }

    pub(crate) fn roles(&self, roles: TextRoles) {
        self.0.borrow_mut().send(Event::Roles(roles));
    }

    pub(crate) fn module(&self, bytes: &[u8]) {
        let mut inner = self.0.borrow_mut();
        inner.send(Event::Module);
        // A front that is gone has nobody left to tell; the process ends by itself.
        let _ = trace::write_frame(&mut inner.out, bytes);
    }

    /// Returns when everything is with the system.
    pub(crate) fn flush(&self) {
        self.0.borrow_mut().flush();
    }

    /// The last word of a request that failed.
    pub(crate) fn failed(&self, diagnosis: Diagnosis) {
        let mut inner = self.0.borrow_mut();
        inner.send(Event::Failed(diagnosis));
        inner.flush();
    }

    /// The last word of a request that is fulfilled.
    pub(crate) fn done(&self) {
        let mut inner = self.0.borrow_mut();
        inner.send(Event::Done);
        inner.flush();
    }
}

fn hash(text: &Text) -> u64 {
    let mut hasher = FxHasher::default();
    text.body.hash(&mut hasher);
    text.metadata.hash(&mut hasher);
    hasher.finish()
}

impl Inner {
    /// The id of a metadata definition, which is sent when it is new.
    fn definition(&mut self, line: &str) -> u32 {
        if let Some(&id) = self.definitions.get(line) {
            return id;
        }
        let id = u32::try_from(self.definitions.len()).expect("fewer than four billion nodes");
        self.send(Event::Definition(line.to_owned()));
        self.definitions.insert(line.to_owned(), id);
        id
    }

    fn send(&mut self, event: Event) {
        // Between two passes nobody could tell where it was said, and there are thousands of events.
        if matches!(
            event,
            Event::Remark(_) | Event::Point(_) | Event::Derived | Event::Failed(_) | Event::Done
        ) {
            self.tell_printed();
        }
        self.write(event);
    }

    /// Sends what was printed since this was done last.
    fn tell_printed(&mut self) {
        let lines = self.printed.as_mut().map_or_else(Vec::new, Printed::lines);
        for text in lines {
            let stage = self.stage.clone();
            let name = String::new();
            self.write(Event::Remark(Remark {
                stage,
                severity: Severity::Remark,
                kind: RemarkKind::Said { name, text },
                checked: false,
            }));
        }
    }

    fn write(&mut self, event: Event) {
        if self.is_hushed && !matches!(event, Event::Stage(_) | Event::Failed(_) | Event::Done) {
            return;
        }
        // As above: without a reader the work is for nobody, and the pipe's end stops us.
        let _ = trace::write_event(&mut self.out, event);
    }

    fn flush(&mut self) {
        let _ = self.out.flush();
    }
}
