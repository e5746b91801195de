//! One Rust parameter: which IR parameters it takes, and what lies behind it.

use trace::{Activity, Concrete, Mode, RustType, TypeSource};

use crate::types::places::Places;
use crate::types::ty::{Ty, mixed};

/// One Rust parameter.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) name: String,
    /// Position of its first IR parameter.
    pub(crate) first: usize,
    /// How many IR parameters it takes.
    pub(crate) count: usize,
    pub(crate) ty: Ty,
    /// Its type in Rust, where that is known.
    pub(crate) known: Option<RustType>,
    pub(crate) source: TypeSource,
    /// What attributes say lies where, by IR parameter.
    pub(crate) stated: Vec<(usize, Places)>,
}

impl Shape {
    /// The type in Rust's words.
    pub(crate) fn text(&self) -> String {
        match &self.known {
            Some(known) => known.to_string(),
            None => self.ty.text(),
        }
    }

    /// True if it is passed by value in Rust, and in memory that a pointer leads to in the IR.
    pub(crate) fn is_behind_pointer(&self) -> bool {
        let Some(known) = &self.known else {
            return false;
        };
        let is_pointer = || match known {
            RustType::Pointer { .. } | RustType::Slice { .. } | RustType::Tail { .. } => true,
            known => matches!(known.leaves().as_deref(), Some([RustType::Pointer { .. }])),
        };
        self.count == 1
            && matches!(self.ty, Ty::Pointer { .. } | Ty::Result { .. })
            && !is_pointer()
    }

    /// True when a derivative may flow through the memory that it leads to.
    pub(crate) fn may_reach_floats(&self) -> Option<bool> {
        if let Some(known) = self.known.as_ref().and_then(RustType::reaches_float) {
            return Some(known);
        }
        // What an attribute says of memory; of the pointer itself it says nothing new.
        let stated: Vec<&Places> = self.stated.iter().map(|(_, places)| places).collect();
        let behind = |wanted: fn(&Concrete) -> bool| {
            stated
                .iter()
                .flat_map(|places| places.iter())
                .any(|(place, concrete)| place.len() > 1 && wanted(concrete))
        };
        if behind(|concrete| matches!(concrete, Concrete::Float(_))) {
            Some(true)
        } else if behind(|concrete| *concrete == Concrete::Integer)
            && !behind(|concrete| *concrete == Concrete::Pointer)
        {
            Some(false)
        } else {
            None
        }
    }

    /// Bytes from one element of a slice to the next, where that is known.
    pub(crate) fn stride(&self) -> Option<u64> {
        let Ty::Slice(contents) = &self.ty else {
            return None;
        };
        match &self.known {
            Some(RustType::Slice { of, .. }) => of.bytes().filter(|&bytes| bytes > 0),
            _ => match (contents.floats.first(), mixed(contents)) {
                (Some(&"f32"), false) => Some(4),
                (Some(&"f64"), false) => Some(8),
                _ => None,
            },
        }
    }

    /// What each of its IR parameters is when the whole is of that activity.
    pub(crate) fn parts(&self, activity: Activity, mode: Mode) -> Vec<Activity> {
        match &self.ty {
            Ty::Slice(_) => vec![activity, Activity::Const],
            Ty::Object => vec![Activity::Const; 2],
            Ty::Pair(parts) => {
                let leaves = self.known.as_ref().and_then(RustType::leaves);
                let each = parts.iter().enumerate().map(|(at, part)| {
                    let known = leaves
                        .as_ref()
                        .and_then(|leaves| leaves.get(at)?.reaches_float());
                    match (part, mode) {
                        _ if activity == Activity::Const => Activity::Const,
                        (Ty::Float(_), Mode::Reverse) => Activity::Active,
                        (Ty::Float(_), Mode::Forward) => activity,
                        (Ty::Pointer { contents, .. }, _)
                            if known.unwrap_or_else(|| contents.may_hold_floats()) =>
                        {
                            activity
                        }
                        _ => Activity::Const,
                    }
                });
                each.collect()
            }
            _ => vec![activity; self.count],
        }
    }

    /// What Enzyme is told of its IR parameters: what lies where, by their positions.
    pub(crate) fn places(&self) -> Vec<(usize, Places)> {
        let mut out = Vec::new();
        match (&self.ty, &self.known) {
            // By value in Rust, behind a pointer in the IR.
            (Ty::Pointer { .. }, Some(known)) if self.is_behind_pointer() => {
                out.push((self.first, known.pointee()));
            }
            (Ty::Result { .. }, Some(known)) => out.push((self.first, known.pointee())),
            (Ty::Pair(parts), known) => {
                let leaves = known.as_ref().and_then(RustType::leaves);
                for (at, part) in parts.iter().enumerate() {
                    let places = match leaves.as_ref().and_then(|leaves| leaves.get(at)) {
                        Some(leaf) => leaf.value(),
                        // The discriminant of an enum comes first.
                        None if at == 0 && matches!(part, Ty::Integer(_)) => {
                            vec![(vec![-1], Concrete::Integer)]
                        }
                        None => Vec::new(),
                    };
                    out.push((self.first + at, places));
                }
            }
            (_, Some(known)) => out.push((self.first, known.value())),
            (_, None) => {}
        }
        if matches!(self.ty, Ty::Slice(_)) {
            out.push((self.first + 1, vec![(vec![-1], Concrete::Integer)]));
        }
        for (at, places) in &self.stated {
            out.retain(|(index, _)| index != at);
            out.push((*at, places.clone()));
        }
        out.retain(|(_, places)| !places.is_empty());
        out
    }
}
