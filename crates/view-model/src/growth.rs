//! What a trace has grown by, so that a trace can be filled elsewhere while the engine works.

use trace::{
    Differentiated, Explained, PointText, Remark, Signature, Step, Text, TextRoles, Toolchain,
    Trace,
};

/// What a trace has grown by.
#[derive(Clone, Debug, Default)]
pub struct Growth {
    toolchain: Toolchain,
    signature: Option<Signature>,
    differentiated: Option<Differentiated>,
    definitions: Vec<String>,
    texts: Vec<Text>,
    points: Vec<PointText>,
    steps: Vec<Step>,
    remarks: Vec<Remark>,
    roles: Vec<TextRoles>,
    explained: Option<Explained>,
}

/// How much of a trace was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    definitions: usize,
    texts: usize,
    points: usize,
    steps: usize,
    remarks: usize,
    roles: usize,
}

impl Taken {
    /// What a trace has grown by since the last time.
    pub fn growth(&mut self, trace: &Trace) -> Growth {
        let growth = Growth {
            toolchain: trace.toolchain.clone(),
            signature: trace.signature.clone(),
            differentiated: trace.differentiated.clone(),
            definitions: rest(&trace.definitions, self.definitions),
            texts: rest(&trace.texts, self.texts),
            points: rest(&trace.points, self.points),
            steps: rest(&trace.steps, self.steps),
            remarks: rest(&trace.remarks, self.remarks),
            roles: rest(&trace.roles, self.roles),
            // It is told once, at the end.
            explained: trace.explained.clone(),
        };
        *self = Taken {
            definitions: self.definitions.max(trace.definitions.len()),
            texts: self.texts.max(trace.texts.len()),
            points: self.points.max(trace.points.len()),
            steps: self.steps.max(trace.steps.len()),
            remarks: self.remarks.max(trace.remarks.len()),
            roles: self.roles.max(trace.roles.len()),
        };
        growth
    }
}

/// What comes behind so many; nothing where a request that is made again has not come so far yet.
fn rest<T: Clone>(all: &[T], from: usize) -> Vec<T> {
    all.get(from..).unwrap_or_default().to_vec()
}

impl Growth {
    /// Adds it to the copy.
    pub fn grow(self, trace: &mut Trace) {
        trace.toolchain = self.toolchain;
        trace.signature = self.signature;
        trace.differentiated = self.differentiated;
        trace.definitions.extend(self.definitions);
        trace.texts.extend(self.texts);
        trace.points.extend(self.points);
        trace.steps.extend(self.steps);
        trace.remarks.extend(self.remarks);
        trace.roles.extend(self.roles);
        if self.explained.is_some() {
            trace.explained = self.explained;
        }
    }
}
