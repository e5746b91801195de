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
            definitions: trace.definitions[self.definitions..].to_vec(),
            texts: trace.texts[self.texts..].to_vec(),
            points: trace.points[self.points..].to_vec(),
            steps: trace.steps[self.steps..].to_vec(),
            remarks: trace.remarks[self.remarks..].to_vec(),
            roles: trace.roles[self.roles..].to_vec(),
            // It is told once, at the end.
            explained: trace.explained.clone(),
        };
        *self = Taken {
            definitions: trace.definitions.len(),
            texts: trace.texts.len(),
            points: trace.points.len(),
            steps: trace.steps.len(),
            remarks: trace.remarks.len(),
            roles: trace.roles.len(),
        };
        growth
    }
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
