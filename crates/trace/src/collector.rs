//! Adds up an engine's events to a trace.

use crate::event::Event;
use crate::request::Request;
use crate::toolchain::Toolchain;
use crate::trace::{TRACE_VERSION, Trace};

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
                is_derived: false,
                steps: Vec::new(),
                checked: None,
                located: None,
                values: None,
                profile: None,
                verdict: None,
                explained: None,
                roles: Vec::new(),
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
            Event::Derived => trace.is_derived = true,
            Event::Checked(checked) => trace.checked = Some(checked),
            Event::Located(located) => trace.located = Some(*located),
            Event::Values(values) => trace.values = Some(*values),
            Event::Profile(profile) => trace.profile = Some(*profile),
            Event::Explained(explained) => trace.explained = Some(*explained),
            Event::Roles(roles) => trace.roles.push(roles),
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
