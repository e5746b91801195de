//! Writes down what happens, each text once, in the order in which it happens.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::Write;
use std::rc::Rc;

use trace::{
    Diagnosis, Differentiated, Event, Point, PointText, Remark, Severity, Signature, Step, TextId,
    Toolchain,
};

/// A shared writer of events. LLVM's and Enzyme's handlers hold one as well, so it is never kept
/// borrowed over a call into either.
#[derive(Clone)]
pub struct Recorder(Rc<RefCell<Inner>>);

struct Inner {
    out: Box<dyn Write>,
    texts: HashMap<String, TextId>,
    stage: String,
}

impl Recorder {
    /// A recorder that writes frames to `out`.
    pub fn new(out: impl Write + 'static) -> Self {
        Recorder(Rc::new(RefCell::new(Inner {
            out: Box::new(out),
            texts: HashMap::new(),
            stage: String::new(),
        })))
    }

    pub(crate) fn toolchain(&self, toolchain: Toolchain) {
        self.0.borrow_mut().send(&Event::Toolchain(toolchain));
    }

    /// Says that a stage begins, and lets the front know at once.
    pub(crate) fn stage(&self, stage: &str) {
        pass_watch::set_place(stage);
        let mut inner = self.0.borrow_mut();
        stage.clone_into(&mut inner.stage);
        inner.send(&Event::Stage(stage.to_owned()));
        inner.flush();
    }

    pub(crate) fn signature(&self, signature: Signature) {
        self.0.borrow_mut().send(&Event::Signature(signature));
    }

    pub(crate) fn differentiated(&self, names: Differentiated) {
        self.0.borrow_mut().send(&Event::Differentiated(names));
    }

    /// The id of a text, which is sent when it is new.
    pub(crate) fn text(&self, text: String) -> TextId {
        let mut inner = self.0.borrow_mut();
        if let Some(&id) = inner.texts.get(&text) {
            return id;
        }
        let id = inner.texts.len();
        inner.send(&Event::Text(text.clone()));
        inner.texts.insert(text, id);
        id
    }

    pub(crate) fn point(&self, point: Point, function: &str, text: String) {
        let text = self.text(text);
        self.reached(point, function, text);
    }

    pub(crate) fn reached(&self, point: Point, function: &str, text: TextId) {
        self.0.borrow_mut().send(&Event::Point(PointText {
            point,
            function: function.to_owned(),
            text,
        }));
    }

    pub(crate) fn step(&self, step: Step) {
        let mut inner = self.0.borrow_mut();
        inner.send(&Event::Step(step));
        // What was seen before a crash must be in front by then.
        inner.flush();
    }

    pub(crate) fn remark(&self, severity: Severity, message: &str) {
        let mut inner = self.0.borrow_mut();
        let stage = inner.stage.clone();
        inner.send(&Event::Remark(Remark {
            stage,
            severity,
            message: message.to_owned(),
        }));
    }

    pub(crate) fn module(&self, bytes: &[u8]) {
        let mut inner = self.0.borrow_mut();
        inner.send(&Event::Module);
        // A front that is gone has nobody left to tell; the process ends by itself.
        let _ = trace::write_frame(&mut inner.out, bytes);
    }

    /// The last word of a request that failed.
    pub(crate) fn failed(&self, diagnosis: Diagnosis) {
        let mut inner = self.0.borrow_mut();
        inner.send(&Event::Failed(diagnosis));
        inner.flush();
    }

    /// The last word of a request that is fulfilled.
    pub(crate) fn done(&self) {
        let mut inner = self.0.borrow_mut();
        inner.send(&Event::Done);
        inner.flush();
    }
}

impl Inner {
    fn send(&mut self, event: &Event) {
        // As above: without a reader the work is for nobody, and the pipe's end stops us.
        let _ = trace::write_json(&mut self.out, event);
    }

    fn flush(&mut self) {
        let _ = self.out.flush();
    }
}
